"""Numba kernels: arrays in, arrays out.  A kernel knows no graph.

Reading order:

* `processors.py`   which processor machine code is made for
* `functions.py`    `@kernel` and what else Numba compiles, declared without Numba
* `identity.py`     what makes old code stale: a hash of all its source
* `bundle.py`       compiled kernels that come with the package
* `objects.py`      compiled kernels on the disk, loaded without Numba
* `file_locks.py`   one process at a time compiles a kernel; the others load what it made
* `compile.py`      a kernel becomes machine code, under the calling convention of the machine
* `atomics.py`      machine instructions by which threads agree
* `threads.py`      the pool of worker threads, and how a kernel becomes parallel
* `machine.py`      `Launch` and `Stretch`: the loop that runs instructions
* `feeding.py`      what a run is fed goes from Python's objects into the machine; large arrays are not copied
* `chunks.py`       several launches over the same elements, chunk by chunk
* `scalar_math.py`  exp, tanh, log ... of one number, written so that they vectorise
* `angles.py`       sine and cosine
* `inverse_angles.py`  their inverses
* `special_functions.py`  the gamma function's family, Bessel functions
* `elementwise.py`  one scalar function becomes every loop of an elementwise op
* `reduction.py`    one combining function becomes the loops of a reduction
* `segments.py`     the same over groups of rows
* `ordering.py`     the first largest element, the k largest
* `searching.py`    binary search
* `hashing.py`      distinct numbers
* `copying.py`      moving elements: strided copies and fills
* `transposing.py`  exchanging axes
* `gathering.py`    rows by index: gather and scatter
* `shelves.py`      lists of rows that a loop reads and writes
* `nonzero.py`      where an array is not 0: `tf.where`
* `encoding.py`     one_hot
* `spacing.py`      numbers at equal distances
* `reversing.py`    sequences backwards
* `mirroring.py`    mirrored borders folded back
* `resizing.py`     pictures of another size
* `tiled_gemm.py`   matrix products in plain Numba
* `blas.py`         matrix products by OpenBLAS, or by the above
* `panels.py`       many products with one matrix
* `contraction.py`  sums of products over labelled axes
* `sparse.py`       a sparse matrix times a dense one
* `philox.py`       random words as a function of a counter
* `random.py`       distributions made from them
* `rejection.py`    gamma and Poisson numbers
* `updates.py`      the loops of optimizers
* `softmax.py`      softmax, and the losses that contain one
* `windows.py`      where a sliding window lies
* `columns.py`      windows written out as a matrix (im2col)
* `phases.py`       lines laid out so that each tap of a window sees one run
* `partial_sums.py`  sums that several threads make together
* `winograd.py`     convolutions with fewer multiplications
* `dilated.py`      dilated convolutions as ordinary ones
* `convolution.py`  convolutions of pictures; chooses between matrix products and Winograd's way
* `convolution3d.py`  convolutions of volumes
* `depthwise.py`    convolutions that keep the channels apart
* `pooling.py`      maximum and average of windows
* `quarters.py`     maximum of 2 x 2 windows side by side
* `normalization.py`  batch normalization, local response
* `lstm.py`         layers of long short-term memory cells
* `candidates.py`   classes drawn for losses with sampled classes
* `cuda/`           the same for a GPU
"""
