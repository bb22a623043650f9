"""Matrix products, in three rungs.

    out[z] = A[z] @ B[z],  A (rows, inner) or stored transposed, B (inner, columns) or stored transposed

1.  `naive`      one thread for each element of `out`; it reads a row of A and a column of B from global memory.
                 Each element of A is read `columns` times: the kernel waits for memory.
2.  `tiled`      a block of 16 x 16 threads brings 16 x 16 tiles of A and B into shared memory and multiplies them
                 there: each element comes from global memory once for 16 uses.

                     for each tile along the inner axis:
                         every thread loads one element of each tile;  barrier
                         total += row of the A tile * column of the B tile;  barrier

3.  `registers`  now shared memory is the narrow place: two loads for one multiplication.  A thread therefore
                 computes 8 x 8 elements: 16 loads from shared memory serve 64 multiplications.  Block tiles are
                 128 x 128 with 8 inner indices; loads and stores move 128 bits.

                     for each slab of 8 inner indices:
                         the 256 threads load 128 x 8 of A (stored k-major) and 8 x 128 of B;  barrier
                         for k in the slab:
                             a = 8 numbers of A's slab, b = 8 numbers of B's
                             acc[i, j] += a[i] * b[j]                  # 64 FMAs
                         barrier

                 A thread's 8 columns are two groups of 4, 64 apart, so that the 128-bit reads of neighbouring
                 threads fall into different banks of shared memory.

A tile that hangs over the edge reads zeros and does not write.  (Volkov and Demmel, "Benchmarking GPUs to tune dense
linear algebra", SC 2008; the rungs follow Boehm, "How to optimize a CUDA matmul kernel", 2022.)
"""

import math

import numpy as np

from minitf.kernels.cuda.cases import empty, exactly, normal
from minitf.kernels.cuda.intrinsics import load4, store4
from minitf.kernels.cuda.launching import Launch
from minitf.kernels.cuda.toolkit import cuda, device, float32, kernel, uint32

TILE = 16
BM, BN, BK = 128, 128, 8  # rows and columns of a block's tile, inner indices of a slab
THREADS = 256
TRANSPOSE_A = TRANSPOSE_B = False  # fixed by `specialise`, and so is what follows
VECTOR_A = VECTOR_B = VECTOR_OUT = True  # whether rows of these begin at multiples of 16 bytes


@kernel(threads=TILE * TILE, registers=48)
def naive(which_a, which_b, a, b, out):
    """out[z, i, j] = sum over k of A[which_a[z], i, k] * B[which_b[z], k, j], one thread each."""
    j = uint32(cuda.blockIdx.x * uint32(TILE) + cuda.threadIdx.x)
    i = uint32(cuda.blockIdx.y * uint32(TILE) + cuda.threadIdx.y)
    z = uint32(cuda.blockIdx.z)
    if i < uint32(out.shape[1]) and j < uint32(out.shape[2]):
        p, q = which_a[z], which_b[z]
        total = out.dtype.type(0)
        for k in range(a.shape[1] if TRANSPOSE_A else a.shape[2]):
            x = a[p, k, i] if TRANSPOSE_A else a[p, i, k]
            y = b[q, j, k] if TRANSPOSE_B else b[q, k, j]
            total += x * y
        out[z, i, j] = total


@device
def element_a(a, p, i, k):
    """A[p, i, k], 0 outside."""
    if TRANSPOSE_A:
        inside = i < uint32(a.shape[2]) and k < uint32(a.shape[1])
        return a[p, k, i] if inside else a.dtype.type(0)
    inside = i < uint32(a.shape[1]) and k < uint32(a.shape[2])
    return a[p, i, k] if inside else a.dtype.type(0)


@device
def element_b(b, q, k, j):
    """B[q, k, j], 0 outside."""
    if TRANSPOSE_B:
        inside = j < uint32(b.shape[1]) and k < uint32(b.shape[2])
        return b[q, j, k] if inside else b.dtype.type(0)
    inside = j < uint32(b.shape[2]) and k < uint32(b.shape[1])
    return b[q, k, j] if inside else b.dtype.type(0)


@kernel(threads=TILE * TILE, registers=48)
def tiled(which_a, which_b, a, b, out):
    """The same with tiles in shared memory; block (16, 16), grid (column tiles, row tiles, batch)."""
    tile_a = cuda.shared.array((TILE, TILE), a.dtype)
    tile_b = cuda.shared.array((TILE, TILE), b.dtype)
    x, y, z = uint32(cuda.threadIdx.x), uint32(cuda.threadIdx.y), uint32(cuda.blockIdx.z)
    i = uint32(cuda.blockIdx.y * uint32(TILE) + y)
    j = uint32(cuda.blockIdx.x * uint32(TILE) + x)
    p, q = which_a[z], which_b[z]
    inner = uint32(a.shape[1] if TRANSPOSE_A else a.shape[2])
    total = out.dtype.type(0)
    first = uint32(0)
    while first < inner:
        tile_a[y, x] = element_a(a, p, i, uint32(first + x))
        tile_b[y, x] = element_b(b, q, uint32(first + y), j)
        cuda.syncthreads()
        for k in range(TILE):
            total += tile_a[y, k] * tile_b[k, x]
        cuda.syncthreads()
        first = uint32(first + uint32(TILE))
    if i < uint32(out.shape[1]) and j < uint32(out.shape[2]):
        out[z, i, j] = total


@device
def four_along(x, z, row, column, vector):
    """Elements (row, column) ... (row, column + 3) of matrix z of x, 0 outside."""
    rows, columns = uint32(x.shape[1]), uint32(x.shape[2])
    at = uint32(uint32(z * rows + row) * columns + column)
    zero = float32(0)
    if vector:
        if row < rows and column < columns:
            return load4(x, at)
        return zero, zero, zero, zero
    inside = row < rows
    return (
        x[z, row, column] if inside and column < columns else zero,
        x[z, row, uint32(column + 1)] if inside and uint32(column + 1) < columns else zero,
        x[z, row, uint32(column + 2)] if inside and uint32(column + 2) < columns else zero,
        x[z, row, uint32(column + 3)] if inside and uint32(column + 3) < columns else zero,
    )


@device
def across(slab, thread, x, z, first, k, vector):
    """Fill slab[k, 0..127] from 8 columns of 128 rows of x: each thread brings 4 neighbours in k, turned around."""
    line, group = uint32(thread >> uint32(1)), uint32(uint32(thread & uint32(1)) * uint32(4))
    v = four_along(x, z, uint32(first + line), uint32(k + group), vector)
    slab[group, line] = v[0]
    slab[uint32(group + 1), line] = v[1]
    slab[uint32(group + 2), line] = v[2]
    slab[uint32(group + 3), line] = v[3]


@device
def along(slab, thread, x, z, k, first, vector):
    """Fill slab[k, 0..127] from 128 columns of 8 rows of x: each thread brings 4 neighbours of a row."""
    line, group = uint32(thread >> uint32(5)), uint32(uint32(thread & uint32(31)) * uint32(4))
    v = four_along(x, z, uint32(k + line), uint32(first + group), vector)
    store4(slab, uint32(line * uint32(BM) + group), v)


@device
def write4(out, z, i, j, a, b, c, d):
    """Four neighbours of row i of matrix z, as far as they are inside."""
    rows, columns = uint32(out.shape[1]), uint32(out.shape[2])
    if i < rows:
        if VECTOR_OUT:
            if j < columns:
                store4(out, uint32(uint32(z * rows + i) * columns + j), (a, b, c, d))
        else:
            if j < columns:
                out[z, i, j] = a
            if uint32(j + 1) < columns:
                out[z, i, uint32(j + 1)] = b
            if uint32(j + 2) < columns:
                out[z, i, uint32(j + 2)] = c
            if uint32(j + 3) < columns:
                out[z, i, uint32(j + 3)] = d


@kernel(threads=THREADS, registers=128, vectorised=True, fused_share=0.75)
def registers(which_a, which_b, a, b, out):
    """The same for float32, 8 x 8 elements a thread; block 256, grid (column tiles, row tiles, batch)."""
    slab_a = cuda.shared.array((BK, BM), float32, alignment=16)
    slab_b = cuda.shared.array((BK, BN), float32, alignment=16)
    acc = cuda.local.array((8, 8), float32)
    thread, z = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.z)
    x, y = uint32(uint32(thread & uint32(15)) * uint32(4)), uint32(uint32(thread >> uint32(4)) * uint32(4))
    first_i, first_j = uint32(cuda.blockIdx.y * uint32(BM)), uint32(cuda.blockIdx.x * uint32(BN))
    p, q = uint32(which_a[z]), uint32(which_b[z])
    inner = uint32(a.shape[1] if TRANSPOSE_A else a.shape[2])
    for i in range(8):
        for j in range(8):
            acc[i, j] = float32(0)
    first = uint32(0)
    while first < inner:
        if TRANSPOSE_A:
            along(slab_a, thread, a, p, first, first_i, VECTOR_A)
        else:
            across(slab_a, thread, a, p, first_i, first, VECTOR_A)
        if TRANSPOSE_B:
            across(slab_b, thread, b, q, first_j, first, VECTOR_B)
        else:
            along(slab_b, thread, b, q, first, first_j, VECTOR_B)
        cuda.syncthreads()
        for k in range(BK):
            a0, a1 = load4(slab_a, uint32(k * BM + y)), load4(slab_a, uint32(k * BM + 64 + y))
            b0, b1 = load4(slab_b, uint32(k * BN + x)), load4(slab_b, uint32(k * BN + 64 + x))
            for i in range(4):
                for j in range(4):
                    acc[i, j] += a0[i] * b0[j]
                    acc[i, 4 + j] += a0[i] * b1[j]
                    acc[4 + i, j] += a1[i] * b0[j]
                    acc[4 + i, 4 + j] += a1[i] * b1[j]
        cuda.syncthreads()
        first = uint32(first + uint32(BK))
    for i in range(8):
        row = uint32(first_i + y + uint32(i if i < 4 else 60 + i))
        column = uint32(first_j + x)
        write4(out, z, row, column, acc[i, 0], acc[i, 1], acc[i, 2], acc[i, 3])
        write4(out, z, row, uint32(column + 64), acc[i, 4], acc[i, 5], acc[i, 6], acc[i, 7])


def launch(a, b, transpose_a, transpose_b, out):
    """The launch for out = A @ B; leading dimensions broadcast, as for the CPU's `gemm_launch`."""
    if a.ndim > 2 and b.ndim == 2 and not transpose_a:  # one b for all: the batch is nothing but more rows
        a, out = a.reshape(-1, a.shape[-1]), out.reshape(-1, out.shape[-1])
    which = (_which(x.shape[:-2], out.shape[:-2]) for x in (a, b))
    a, b, out = (x.reshape(-1, *x.shape[-2:]) for x in (a, b, out))
    meanings = {"TRANSPOSE_A": bool(transpose_a), "TRANSPOSE_B": bool(transpose_b)}
    chosen, tile, block = tiled, TILE, (TILE, TILE)
    if out.dtype == np.float32 and min(out.shape[1:]) >= 64:
        chosen, tile, block = registers, BM, THREADS
        rows = {"VECTOR_A": a, "VECTOR_B": b, "VECTOR_OUT": out}
        meanings.update((name, x.shape[-1] % 4 == 0) for name, x in rows.items())
    batch, rows, columns = out.shape
    grid = (-(-columns // tile), -(-rows // tile), batch)
    launch = Launch(chosen.specialise(**meanings), grid, block, *which, a, b, out)
    if batch == 1 and out.dtype == np.float32:
        launch.product = bool(transpose_a), bool(transpose_b)
    return launch


def _which(batch, out_batch):
    """Which matrix of a stack of shape `batch` each matrix of the result uses."""
    numbers = np.arange(math.prod(batch), dtype=np.uint32).reshape(batch)
    return np.ascontiguousarray(np.broadcast_to(numbers, out_batch)).reshape(-1)


# -- how these kernels are tried ---------------------------------------------------------------------------------


def _reference(transpose_a, transpose_b):
    def product(which_a, which_b, a, b, out):
        left = a.swapaxes(1, 2) if transpose_a else a
        right = b.swapaxes(1, 2) if transpose_b else b
        out[...] = left[which_a] @ right[which_b]

    return product


def _examples():
    stack, one = (exactly(x, "uint32") for x in ([0, 1], [0]))
    for template in (naive, tiled):
        for turned in (False, True):
            special = template.specialise(TRANSPOSE_A=turned, TRANSPOSE_B=turned)
            special.equals(_reference(turned, turned))
            a, b = ((2, 18, 19), (1, 21, 18)) if turned else ((2, 19, 18), (1, 18, 21))
            zeros = exactly([0, 0], "uint32")
            special.example((2, 2, 2), (TILE, TILE), stack, zeros, normal(*a), normal(*b), empty(2, 19, 21))
    for turned_a, turned_b in ((False, False), (True, False), (False, True)):
        special = registers.specialise(TRANSPOSE_A=turned_a, TRANSPOSE_B=turned_b, VECTOR_A=True, VECTOR_B=True,
                                       VECTOR_OUT=True)  # fmt: skip
        special.equals(_reference(turned_a, turned_b))
        a, b = (1, 12, 132) if turned_a else (1, 132, 12), (1, 136, 12) if turned_b else (1, 12, 136)
        special.example((2, 2, 1), THREADS, one, one, normal(*a), normal(*b), empty(1, 132, 136))
    ragged = registers.specialise(TRANSPOSE_A=False, TRANSPOSE_B=False, VECTOR_A=False, VECTOR_B=False,
                                  VECTOR_OUT=False)  # fmt: skip
    ragged.vectorised = False
    ragged.equals(_reference(False, False))
    ragged.example((1, 2, 1), THREADS, one, one, normal(1, 131, 9), normal(1, 9, 67), empty(1, 131, 67))


_examples()
