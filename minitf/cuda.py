"""minitf.cuda: looking at CUDA kernels, with or without a GPU.

* `simulate(kernel, grid, block, *args)` runs a kernel on the CPU and tells what it does wrong, in a `Report`.
* `kernel` and `cuda` are what a kernel is written with.

The simulator is loaded when it is first asked for.
"""

import importlib

HOMES = {
    "simulator": ["Access", "Finding", "KernelError", "Report", "simulate"],
    "toolkit": ["cuda", "kernel"],
}


def __getattr__(name):
    for home, names in HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"minitf.kernels.cuda.{home}"), name)
    raise AttributeError(f"module 'minitf.cuda' has no attribute {name!r}")


def __dir__():
    return sorted(name for names in HOMES.values() for name in names)
