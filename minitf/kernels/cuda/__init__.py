"""CUDA kernels: what `minitf/kernels` does for the CPU, for a GPU.

Reading order:

* `toolkit.py`      `@kernel`, `cuda`, the registry: what a kernel is written with
* `cases.py`        examples of launches, on which every kernel is proven
* `intrinsics.py`   128-bit loads and stores, arithmetic that is not fused
* `simulator/`      runs a kernel's source on the CPU, and says what it does wrong
* `compiling.py`    from a kernel to LLVM IR and machine code, without a GPU
* `lowered.py`      runs that LLVM IR on the CPU
"""
