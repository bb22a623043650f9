"""Kernels that are wrong on purpose.  The line that must be named in the report is marked `# here`."""

import inspect

from minitf.kernels.cuda.intrinsics import load4
from minitf.kernels.cuda.toolkit import cuda, float32, kernel, uint32

TILE = 16


def marked_line(kernel):
    """The number of the line marked `# here` in the kernel's source."""
    lines, first = inspect.getsourcelines(kernel.py_func)
    return next(first + n for n, line in enumerate(lines) if line.rstrip().endswith("# here"))


# -- wrong answers: the simulator ------------------------------------------------------------------------------


@kernel
def missing_barrier(x):
    shared = cuda.shared.array(64, float32)
    i = cuda.threadIdx.x
    shared[i] = x[i]  # here
    x[i] = shared[63 - i]


@kernel
def missing_second_barrier(a, b, c):
    tile_a = cuda.shared.array((TILE, TILE), float32)
    tile_b = cuda.shared.array((TILE, TILE), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    total = float32(0)
    for k in range(0, a.shape[1], TILE):
        tile_a[y, x] = a[y, k + x]  # here
        tile_b[y, x] = b[k + y, x]
        cuda.syncthreads()
        for j in range(TILE):
            total += tile_a[y, j] * tile_b[j, x]
    c[y, x] = total


@kernel
def some_reach_the_barrier(x):
    i = cuda.threadIdx.x
    if i < 32:
        cuda.syncthreads()  # here
    x[i] = float32(1)


@kernel
def two_barriers(x):
    if cuda.threadIdx.x < 32:
        cuda.syncthreads()  # here
    else:
        cuda.syncthreads()
    x[cuda.threadIdx.x] = float32(1)


@kernel
def negative_index(x):
    i = cuda.grid(1)
    x[i] = x[i - 1]  # here


@kernel
def out_of_bounds(x):
    i = cuda.grid(1)
    x[i + 1] = float32(1)  # here


@kernel
def race_in_a_block(x):
    if x[cuda.grid(1)] > float32(0):
        x[0] += float32(1)  # here


@kernel
def race_between_blocks(x):
    if cuda.threadIdx.x == 0:
        x[cuda.blockIdx.x // 2] = float32(cuda.blockIdx.x)  # here


@kernel
def atomic_and_plain(x):
    if cuda.threadIdx.x == 0:
        x[1] = x[0]
    else:
        cuda.atomic.add(x, 0, float32(1))  # here


@kernel
def nobody_has_written(x):
    shared = cuda.shared.array(64, float32)
    i = cuda.threadIdx.x
    if i < 32:
        shared[i] = x[i]
    cuda.syncthreads()
    x[i] = shared[i]  # here


@kernel
def lanes_stay_away(x):
    i = cuda.threadIdx.x
    if i < 16:
        x[i] = cuda.shfl_xor_sync(0xFFFFFFFF, x[i], 1)  # here


@kernel
def lane_without_a_value(x):
    i = cuda.threadIdx.x
    if i < 16:
        x[i] = cuda.shfl_down_sync(0xFFFF, x[i], 8)  # here


@kernel
def misaligned(x):
    first, _, _, _ = load4(x, cuda.threadIdx.x)  # here
    x[cuda.threadIdx.x] = first


# -- slow: the simulator ---------------------------------------------------------------------------------------


@kernel
def uncoalesced(square, out):
    i = cuda.threadIdx.x
    total = float32(0)
    for k in range(square.shape[1]):
        total += square[i, k]  # here
    out[i] = total


@kernel
def bank_conflict(square, out):
    tile = cuda.shared.array((32, 32), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    tile[y, x] = square[y, x]
    cuda.syncthreads()
    out[y, x] = tile[x, y]  # here


@kernel
def idle_lanes(x):
    i = cuda.threadIdx.x
    if i % 32 < 8:
        x[i] = float32(1)  # here


# -- wrong types: the lowered code -----------------------------------------------------------------------------


@kernel
def unsigned_difference(x):
    i = uint32(cuda.threadIdx.x)
    if uint32(i) - uint32(5) < 3:  # here: -5 < 3 in Python, but 2**64 - 5 on the GPU
        x[i] = float32(1)


# -- slow: the machine code ------------------------------------------------------------------------------------


@kernel
def float64_literal(x):
    i = cuda.grid(1)
    if i < x.size:
        x[i] = 0.1 * x[i] + 1.0  # here


@kernel
def stack(x):
    local = cuda.local.array(64, float32)
    i = cuda.grid(1)
    for k in range(64):
        local[k] = x[i * 64 + k]  # here
    total = float32(0)
    for k in range(64):
        total += local[(k * i) % 64]
    x[i] = total


@kernel(registers=32)  # here
def many_registers(x):
    i = cuda.grid(1)
    local = cuda.local.array(48, float32)
    for k in range(48):
        local[k] = x[i + k * 1024]
    for step in range(x.shape[0] >> 10):
        scale = x[step]
        for k in range(48):
            local[k] = local[k] * scale + local[(k + 7) % 48]
    for k in range(48):
        x[i + k * 1024] = local[k]


@kernel(vectorised=True)
def not_vectorised(x):
    i = cuda.grid(1) * 4
    if i + 3 < x.size:
        for k in range(4):
            x[i + k] = x[i + k] + float32(1)  # here


@kernel(fused_share=0.75)
def little_arithmetic(x):
    i = cuda.grid(1)
    total = float32(0)
    for k in range(x.shape[0]):
        total += x[k] * x[i]  # here
    x[i] = total
