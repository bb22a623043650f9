"""The same work in minitf, TensorFlow's graph mode, PyTorch, JAX and NumPy.

    python -m benchmarks [--only W4] [--engines minitf,tensorflow] [--seconds 0.3] [--rounds 7] [--cpu]

Each engine has a process of its own, and they take turns in random order, so that a neighbour on the
machine disturbs all of them alike.  The table goes to `benchmarks/results.md`.

Reading order:

* `workloads.py`      what is measured: names, sizes, and the data that all engines get
* `on_graphs.py`      the workloads as TensorFlow 1 programs: minitf and TensorFlow run the same lines
* `on_torch.py`       as PyTorch programs
* `on_jax.py`         as JAX programs
* `on_numpy.py`       as NumPy programs, where that makes sense
* `first_step.py`     W10: a fresh process up to its first training step
* `worker.py`         the process of one engine
* `driver.py`         lets the workers take turns, and collects
* `table.py`          what was collected, as Markdown
* `__main__.py`       the command
* `checkpoints.py`    a command of its own: saving, restoring, events
* `on_gpu.py`         a command of its own: CUDA kernels beside cuBLAS and PyTorch, where there is a GPU
* `graph_view.py`     a command of its own: a large graph in a browser, beside TensorBoard and Netron
* `neighbours.py`     what two busy neighbours do to one thread and to several
* `growth.py`         how speed and memory grow: `python -m benchmarks.growth` writes `docs/performance.md`
"""
