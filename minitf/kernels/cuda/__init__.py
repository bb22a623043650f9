"""CUDA kernels: what `minitf/kernels` does for the CPU, for a GPU.  A file has the name of its CPU twin.

Reading order:

* `toolkit.py`      `@kernel`, `cuda`, the registry: what a kernel is written with
* `cases.py`        examples of launches, on which every kernel is proven
* `intrinsics.py`   128-bit loads and stores, arithmetic that is not fused, short division
* `launching.py`    `Launch`: a kernel, a grid, a block, arguments
* `scalars.py`      the CPU's scalar functions as a GPU understands them
* `elementwise.py`  one scalar function becomes every kernel of an elementwise op
* `reduction.py`    one combining function folds rows, columns or everything
* `matmul.py`       matrix products in three rungs: naive, shared memory, registers
* `convolution.py`  convolutions and their gradients, as matrix products without the matrix
* `depthwise.py`    convolutions that keep the channels apart
* `pooling.py`      maximum and average of windows
* `normalization.py`  batch normalization
* `softmax.py`      softmax and the losses that contain one: a warp for each row
* `transposing.py`  exchanging axes through shared memory
* `copying.py`      moving elements inside the GPU's memory: strided copies and fills
* `gathering.py`    rows by index: gather, scatter, segments, one_hot
* `ordering.py`     first largest element, k largest, running results
* `random.py`       the CPU's random numbers, made by many threads
* `updates.py`      the loops of optimizers
* `twins.py`        each launch function of the CPU's, and the one that launches the GPU's kernel
* `redirecting.py`  how an op's description for the CPU is read for a GPU, by these twins
* `arrays.py`       arrays in a device's memory, and the pool they come from
* `cublas.py`       large matrix products by NVIDIA's library, where it is installed
* `dlpack.py`       how another library is told where an array lies
* `devices.py`      what runs launches and copies to and from the host: a GPU, or the CPU pretending to be one

Proof without a GPU:

* `simulator/`      runs a kernel's source on the CPU, and says what it does wrong
* `compiling.py`    from a kernel to LLVM IR and machine code, without a GPU
* `lowered.py`      runs that LLVM IR on the CPU
* `machine_code.py` the instructions that a GPU will run, read from a listing
* `requirements.py` what they must be
* `estimates.py`    occupancy and roofline: how fast it can be, on paper
"""
