"""Exchanging two axes through shared memory.

Reading rows and writing columns (or the other way round) makes every thread of a warp touch another line of memory:
32 transactions instead of one.  So a block reads a tile of 32 x 32 by rows into shared memory and writes it by rows
of the result:

    tile[y, x] = x[b, i + y, j + x];  barrier;  out[b, j + y, i + x] = tile[x, y]

The tile has a column that is never used: without it, the 32 elements of a tile's column would all lie in one bank
of shared memory, and be read one after the other.  (Ruetsch and Micikevicius, "Optimizing matrix transpose in
CUDA", NVIDIA 2009.)
"""

from minitf.kernels.cuda.cases import empty, normal
from minitf.kernels.cuda.launching import Launch
from minitf.kernels.cuda.toolkit import cuda, kernel, uint32

TILE, LINES = 32, 8  # a thread moves TILE / LINES elements of a tile
WIDTH = TILE + 1  # no two elements of a column lie in one bank


@kernel(threads=TILE * LINES, registers=40)
def exchange(x, out):
    """out[b, j, i] = x[b, i, j]; block (32, 8), grid (tiles of j, tiles of i, batch)."""
    tile = cuda.shared.array((TILE, WIDTH), x.dtype)
    lane, line, b = uint32(cuda.threadIdx.x), uint32(cuda.threadIdx.y), uint32(cuda.blockIdx.z)
    rows, columns = uint32(x.shape[1]), uint32(x.shape[2])
    first_i, first_j = uint32(cuda.blockIdx.y * uint32(TILE)), uint32(cuda.blockIdx.x * uint32(TILE))
    j = uint32(first_j + lane)
    for step in range(0, TILE, LINES):
        y = uint32(line + uint32(step))
        i = uint32(first_i + y)
        if i < rows and j < columns:
            tile[y, lane] = x[b, i, j]
    cuda.syncthreads()
    i = uint32(first_i + lane)
    for step in range(0, TILE, LINES):
        y = uint32(line + uint32(step))
        j = uint32(first_j + y)
        if i < rows and j < columns:
            out[b, j, i] = tile[lane, y]


@exchange.equals
def _(x, out):
    out[...] = x.swapaxes(1, 2)


exchange.example((2, 2, 2), (TILE, LINES), normal(2, 37, 45), empty(2, 45, 37))


def launches(x, out):
    """The launch that exchanges rows and columns of `x` (batch, rows, columns); None for too large a batch."""
    batch, rows, columns = x.shape
    tiles = -(-rows // TILE)
    if batch > 65535 or tiles > 65535:
        return None
    return [Launch(exchange, (-(-columns // TILE), tiles, batch), (TILE, LINES), x, out)]
