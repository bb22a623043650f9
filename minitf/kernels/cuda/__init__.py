"""CUDA kernels: what `minitf/kernels` does for the CPU, for a GPU.

Reading order:

* `toolkit.py`      `@kernel`, `cuda`, the registry: what a kernel is written with
* `cases.py`        examples of launches, on which every kernel is proven
* `intrinsics.py`   128-bit loads and stores, arithmetic that is not fused
"""
