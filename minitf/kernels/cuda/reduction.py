"""Reductions: one combining function folds rows, columns or everything.

Any reduction is brought to three axes (outer, reduced, inner), as on the CPU (`minitf/kernels/reduction.py`).

    fold_rows      inner = 1, long rows.  A block of 256 threads takes a part of a row:
                       each thread folds every 256th element            # neighbours read neighbours
                       32 threads of a warp fold theirs by shuffles      # 16, 8, 4, 2, 1: a tree in registers
                       8 warps meet in shared memory, the first one folds these
    fold_short     inner = 1, short rows: a warp for each row, shuffles only
    fold_columns   32 neighbouring columns x 8 rows of threads: each thread folds every 8th row of its column,
                   then the 8 meet in shared memory
    fold_shared    fold_rows without shuffles, for types that have none (booleans, short integers); also the one
                   to read first: halves of shared memory are folded onto each other

A long row (or column) is cut into parts, one block each; a second launch folds the parts' results.  No atomic
additions: who folds with whom depends on the shape only, so that the same data give the same bits.
(Harris, "Optimizing parallel reduction in CUDA", NVIDIA 2007.)
"""


import numpy as np

from minitf.kernels.copying import view_launch as cpu_view_launch
from minitf.kernels.cuda import copying
from minitf.kernels.cuda.cases import empty, exactly, normal
from minitf.kernels.cuda.elementwise import launch as elementwise_launch
from minitf.kernels.cuda.intrinsics import quotient
from minitf.kernels.cuda.launching import BLOCK, Launch, number
from minitf.kernels.cuda.scalars import translated
from minitf.kernels.cuda.toolkit import cuda, device, kernel, rebuild, uint32
from minitf.kernels.reduction import as_three_axes as cpu_three_axes

WARP, WARPS = 32, BLOCK // 32
_ROW_TILE = 8  # rows of threads in fold_columns, and rows of a block in fold_short
_PART = 8192  # elements of a row that one block folds; rows of a column, by _ROW_TILE threads
_COLUMN_PART = 1024
_SHORT = 512  # rows up to this length are folded by one warp
ALL = 0xFFFFFFFF  # every lane of a warp takes part
combine = None  # the function that folds, fixed by `specialise`


@device
def fold_warp(total):
    """The fold of a warp's 32 numbers, in its lane 0: lane i takes from lane i + 16, then i + 8, ..."""
    total = combine(total, cuda.shfl_down_sync(ALL, total, 16))
    total = combine(total, cuda.shfl_down_sync(ALL, total, 8))
    total = combine(total, cuda.shfl_down_sync(ALL, total, 4))
    total = combine(total, cuda.shfl_down_sync(ALL, total, 2))
    return combine(total, cuda.shfl_down_sync(ALL, total, 1))


@device
def fold_block(total, start, warps):
    """The fold of a block's 256 numbers, in its thread 0; `warps` is shared memory for one number a warp."""
    thread = uint32(cuda.threadIdx.x)
    lane, warp = uint32(thread & uint32(31)), uint32(thread >> uint32(5))
    total = fold_warp(total)
    if lane == 0:
        warps[warp] = total
    cuda.syncthreads()
    total = warps[lane] if lane < uint32(WARPS) else start
    return fold_warp(total)


@kernel(threads=BLOCK, registers=40)
def fold_rows(x, start, out):
    """out[i, p] = the fold of part p of row i; x (rows, n), out (rows, parts); grid (rows, parts)."""
    row, part = uint32(cuda.blockIdx.x), uint32(cuda.blockIdx.y)
    n, parts = uint32(x.shape[1]), uint32(out.shape[1])
    length = quotient(uint32(n + parts - uint32(1)), parts)
    j = uint32(part * length + uint32(cuda.threadIdx.x))
    end = min(uint32(part * length + length), n)
    warps = cuda.shared.array(WARPS, x.dtype)
    total = start
    while j < end:
        total = combine(total, x[row, j])
        j = uint32(j + uint32(BLOCK))
    total = fold_block(total, start, warps)
    if cuda.threadIdx.x == 0:
        out[row, part] = total


@kernel(threads=WARP * _ROW_TILE, registers=40)
def fold_short(x, start, out):
    """out[i] = the fold of row i of x (rows, n); block (32, 8), a warp for each row."""
    row = uint32(cuda.blockIdx.x * uint32(_ROW_TILE) + cuda.threadIdx.y)
    n = uint32(x.shape[1])
    total = start
    if row < uint32(x.shape[0]):
        j = uint32(cuda.threadIdx.x)
        while j < n:
            total = combine(total, x[row, j])
            j = uint32(j + uint32(WARP))
    total = fold_warp(total)
    if cuda.threadIdx.x == 0 and row < uint32(x.shape[0]):
        out[row] = total


@kernel(threads=BLOCK, registers=40)
def fold_shared(x, start, out):
    """`fold_rows` by shared memory alone."""
    row, part, thread = uint32(cuda.blockIdx.x), uint32(cuda.blockIdx.y), uint32(cuda.threadIdx.x)
    n, parts = uint32(x.shape[1]), uint32(out.shape[1])
    length = quotient(uint32(n + parts - uint32(1)), parts)
    j = uint32(part * length + thread)
    end = min(uint32(part * length + length), n)
    totals = cuda.shared.array(BLOCK, x.dtype)
    total = start
    while j < end:
        total = combine(total, x[row, j])
        j = uint32(j + uint32(BLOCK))
    totals[thread] = total
    cuda.syncthreads()
    half = uint32(BLOCK // 2)
    while half > 0:
        if thread < half:
            totals[thread] = combine(totals[thread], totals[uint32(thread + half)])
        cuda.syncthreads()
        half = uint32(half >> uint32(1))
    if thread == 0:
        out[row, part] = totals[0]


@kernel(threads=WARP * _ROW_TILE, registers=48)
def fold_columns(x, start, out):
    """out[i, p, k] = the fold of part p of x[i, :, k]; x (outer, n, inner), out (outer, parts, inner).

    Block (32, 8), grid (tiles of 32 columns, outer, parts).
    """
    outer, part = uint32(cuda.blockIdx.y), uint32(cuda.blockIdx.z)
    lane, line = uint32(cuda.threadIdx.x), uint32(cuda.threadIdx.y)
    k = uint32(cuda.blockIdx.x * uint32(WARP) + lane)
    n, inner, parts = uint32(x.shape[1]), uint32(x.shape[2]), uint32(out.shape[1])
    length = quotient(uint32(n + parts - uint32(1)), parts)
    totals = cuda.shared.array((_ROW_TILE, WARP), x.dtype)
    total = start
    if k < inner:
        j = uint32(part * length + line)
        end = min(uint32(part * length + length), n)
        while j < end:
            total = combine(total, x[outer, j, k])
            j = uint32(j + uint32(_ROW_TILE))
    totals[line, lane] = total
    cuda.syncthreads()
    if line == 0 and k < inner:
        for other in range(1, _ROW_TILE):
            total = combine(total, totals[other, lane])
        out[outer, part, k] = total


def _view_launch(value, rebuilt):
    return copying.view_launch if value is cpu_view_launch else NotImplemented


as_three_axes = rebuild(cpu_three_axes, _view_launch)  # it may first have to move axes


def launches(function, start, x, axes, out, lanes=None):
    """Launches that reduce `x` over `axes` (a set of ints) by the CPU's `function` into `out`."""
    outer, reduced, inner, before, x = as_three_axes(x, axes)
    if reduced == 1:
        return [*before, copying.copy_launch(x, out)]
    meaning = translated(function, x.dtype)
    start = number(start, x.dtype)
    if inner == 1:
        rows = x.reshape(outer, reduced)
        return [*before, *_fold_rows(meaning, start, rows, out.reshape(outer, 1))]
    columns = x.reshape(outer, reduced, inner)
    return [*before, *_fold_columns(meaning, start, columns, out.reshape(outer, 1, inner))]


def _fold_rows(meaning, start, x, out):
    rows, n = x.shape
    has_shuffles = x.dtype.itemsize >= 4
    if n <= _SHORT and has_shuffles:
        short = fold_short.specialise(combine=meaning)
        return [Launch(short, -(-rows // _ROW_TILE), (WARP, _ROW_TILE), x, start, out.reshape(rows))]
    fold = (fold_rows if has_shuffles else fold_shared).specialise(combine=meaning)
    parts = min(-(-n // _PART), 1024)
    if parts == 1:
        return [Launch(fold, (rows, 1), BLOCK, x, start, out)]
    folded = np.empty((rows, parts), x.dtype)
    return [Launch(fold, (rows, parts), BLOCK, x, start, folded), *_fold_rows(meaning, start, folded, out)]


def _fold_columns(meaning, start, x, out):
    outer, n, inner = x.shape
    fold = fold_columns.specialise(combine=meaning)
    tiles = -(-inner // WARP)
    parts = min(-(-n // _COLUMN_PART), 1024)
    if outer > 65535:
        raise ValueError(f"a reduction over the middle axis of {x.shape} has more outer rows than a grid")
    if parts == 1:
        return [Launch(fold, (tiles, outer, 1), (WARP, _ROW_TILE), x, start, out)]
    folded = np.empty((outer, parts, inner), x.dtype)
    first = Launch(fold, (tiles, outer, parts), (WARP, _ROW_TILE), x, start, folded)
    return [first, Launch(fold, (tiles, outer, 1), (WARP, _ROW_TILE), folded, start, out)]


def fold_parts(parts, out):
    """Launches for out = the sum of `parts` (n, ...) over its first axis."""
    columns = parts.reshape(1, len(parts), -1)
    return _fold_columns(translated(_sum), number(0, parts.dtype), columns, out.reshape(1, 1, -1))


def _sum(total, x):
    return total + x


def _quotient(x, y):
    return x / y


def _whole_quotient(x, y):
    return x // y if (x < 0) == (y < 0) else -(-x // y)


def mean_launch(terms, out):
    """The launch that divides sums by the number of their terms, in place."""
    divide = _quotient if out.dtype.kind == "f" else _whole_quotient
    return elementwise_launch(divide, [out, np.array([terms], out.dtype)], out)


# -- how these kernels are tried ---------------------------------------------------------------------------------


def _maximum(total, x):
    return x if x > total or x != x else total


def _any(total, x):
    return total | x


def _parts(x, parts, axis):
    """`x` cut along `axis` into `parts`, as the kernels cut it."""
    length = -(-x.shape[axis] // parts)
    return [x.take(range(p * length, min((p + 1) * length, x.shape[axis])), axis) for p in range(parts)]


def _examples():
    total, largest = translated(_sum), translated(_maximum)
    zero, least = np.float32(0), np.float32(-np.inf)

    def parts_folded(x, start, out):
        out[...] = np.stack([p.sum(1) if start == 0 else p.max(1) for p in _parts(x, out.shape[1], 1)], 1)

    fold_rows.reference = fold_shared.reference = fold_columns.reference = parts_folded
    fold_short.equals(lambda x, start, out: np.copyto(out, x.sum(1) if start == 0 else x.max(1)))
    fold_rows.specialise(combine=total).example((2, 3), BLOCK, normal(2, 1000), zero, empty(2, 3))
    fold_rows.specialise(combine=largest).example((3, 1), BLOCK, normal(3, 5), least, empty(3, 1))
    fold_short.specialise(combine=total).example(2, (WARP, _ROW_TILE), normal(11, 37), zero, empty(11))
    fold_short.specialise(combine=largest).example(1, (WARP, _ROW_TILE), normal(3, 40), least, empty(3))
    fold_columns.specialise(combine=total).example((2, 2, 2), (WARP, _ROW_TILE), normal(2, 45, 39), zero,
                                                   empty(2, 2, 39))  # fmt: skip
    fold_columns.specialise(combine=largest).example((1, 1, 1), (WARP, _ROW_TILE), normal(1, 9, 7), least,
                                                     empty(1, 1, 7))  # fmt: skip
    some = fold_shared.specialise(combine=translated(_any, bool))
    values = np.zeros((2, 300), bool)
    values[1, 299] = True
    some.equals(lambda x, start, out: np.copyto(out, x.any(1, keepdims=True)))
    some.example((2, 1), BLOCK, exactly(values, "bool"), np.bool_(False), empty(2, 1, dtype="bool"))


_examples()
