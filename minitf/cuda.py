"""minitf.cuda: looking at CUDA kernels, with or without a GPU.

* `simulate(kernel, grid, block, *args)` runs a kernel on the CPU and tells what it does wrong.
* `kernel` and `cuda` are what a kernel is written with.
"""

from minitf.kernels.cuda.simulator import KernelError as KernelError
from minitf.kernels.cuda.simulator import Report as Report
from minitf.kernels.cuda.simulator import simulate as simulate
from minitf.kernels.cuda.toolkit import cuda as cuda
from minitf.kernels.cuda.toolkit import kernel as kernel
