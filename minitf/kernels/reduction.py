"""Reductions: one combining function becomes the loops that reduce rows or columns.

Any reduction is brought to three axes (outer, reduced, inner).  With inner = 1 each row folds into
one number; otherwise whole rows are combined into a row of the output, element by element.

The order of the additions is fixed and shallow: each loop folds blocks of BLOCK elements or DEPTH rows,
which different threads may do, and is launched again on what the blocks gave until one block is left.
Inside a block of a row, up to LANES running results stand side by side: vector instructions, whatever `combine`
is.  So the rounding error of a sum grows with the logarithm of its length, and the same data give the
same bits on every machine.  (Higham, *Accuracy and Stability of Numerical Algorithms*, 2002, section 4.2.)
"""

import functools
import math

import numpy as np

from minitf.kernels.atomics import prefetch
from minitf.kernels.compile import kernel_from_source
from minitf.kernels.copying import copy_launch, view_launch
from minitf.kernels.functions import inline, kernel
from minitf.kernels.machine import Launch
from minitf.kernels.threads import scratch

# The loops index slices from 0: an index that might be negative (Python's x[-1]) keeps LLVM from vectorising.
LANES, FEW = 32, 4  # running results of a long row, and of a short one
AHEAD = 8192  # bytes: what a row needs soon is asked for now (sums from memory took 1.3 times as long without)
BLOCK = 16384  # elements of a row that are folded in one go
DEPTH = 128  # rows that are folded in one go
TILE = 2048  # columns that are reduced together: they stay in the first cache
GRAIN = 32768  # elements

_ROWS = """\
def fold_rows(begin, end, worker, x, start, lanes, out):
    # {origin}
    lanes, blocks = lanes[worker], out.shape[1]
    for unit in range(begin, end):
        i, block = unit // blocks, unit % blocks
        row = x[i, block * BLOCK : min(x.shape[1], (block + 1) * BLOCK)]
        total, at = start[0], 0
        if row.size >= {long}:
{side_by_side_long}
        elif row.size >= {short}:
{side_by_side_short}
        for j in range(at, row.size):
            total = combine(total, row[j])
        out[i, block] = total
"""

# Constants, and not variables, let LLVM keep the running results in vector registers.
_SIDE_BY_SIDE = """\
            for k in range({width}):
                lanes[k] = {first_four}
            at = {four}
            while at + {four} <= row.size:
                part = row[at : at + {four}]
                ahead = part.ctypes.data + AHEAD
                {prefetches}
                for k in range({width}):
                    lanes[k] = combine(lanes[k], {four_of_part})
                at += {four}
            while at + {width} <= row.size:
                part = row[at : at + {width}]
                for k in range({width}):
                    lanes[k] = combine(lanes[k], part[k])
                at += {width}
            half = {width} // 2
            while half > 0:
                for k in range(half):
                    lanes[k] = combine(lanes[k], lanes[half + k])
                half //= 2
            total = lanes[0]"""


def _side_by_side(width):
    def four(name):
        a, b, c, d = (f"{name}[{i * width} + k]" for i in range(4))
        return f"combine(combine({a}, {b}), combine({c}, {d}))"

    prefetches = "; ".join(f"prefetch(ahead + {line})" for line in range(0, 16 * width, 64))
    return _SIDE_BY_SIDE.format(
        width=width, four=4 * width, first_four=four("row"), four_of_part=four("part"), prefetches=prefetches
    )


def _rows_source(origin, lanes):
    return _ROWS.format(
        origin=origin, long=4 * lanes, short=4 * FEW,
        side_by_side_long=_side_by_side(lanes), side_by_side_short=_side_by_side(FEW),
    )  # fmt: skip


_COLUMNS = """\
def fold_columns(begin, end, x, start, out):
    # {origin}
    blocks, tiles = out.shape[1], (x.shape[2] + TILE - 1) // TILE
    for unit in range(begin, end):
        i, block, tile = unit // (blocks * tiles), unit // tiles % blocks, unit % tiles
        left, right = tile * TILE, min(x.shape[2], (tile + 1) * TILE)
        j, bottom = block * DEPTH, min(x.shape[1], (block + 1) * DEPTH)
        total = out[i, block, left:right]
        for k in range(total.size):
            total[k] = start[0]
        while j + 4 <= bottom:
            a, b = x[i, j, left:right], x[i, j + 1, left:right]
            c, d = x[i, j + 2, left:right], x[i, j + 3, left:right]
            for k in range(total.size):
                total[k] = combine(total[k], combine(combine(a[k], b[k]), combine(c[k], d[k])))
            j += 4
        while j < bottom:
            a = x[i, j, left:right]
            for k in range(total.size):
                total[k] = combine(total[k], a[k])
            j += 1
"""


@functools.cache
def loops(combine, lanes=LANES):
    """The kernels fold_rows(x (outer, n), start (1,), lanes, out (outer, blocks)) and fold_columns."""
    origin = f"{combine.__module__}.{combine.__qualname__}"
    sizes = {"AHEAD": AHEAD, "BLOCK": BLOCK, "TILE": TILE, "DEPTH": DEPTH}
    scope = {"combine": inline(combine), "prefetch": prefetch, **sizes}
    sources = {"fold_rows": _rows_source(origin, lanes), "fold_columns": _COLUMNS.format(origin=origin)}
    return tuple(kernel_from_source(text, name, scope, combine.__module__) for name, text in sources.items())


def launches(combine, start, x, axes, out, lanes=LANES):
    """Launches that reduce `x` over `axes` (a set of ints) into `out`, starting from the number `start`.

    `lanes` is how many running results a row has: as many as LLVM keeps in registers, which depends on `combine`.
    """
    outer, reduced, inner, before, x = as_three_axes(x, axes)
    if reduced == 1:  # as in the gradients of operations that might have broadcast, but did not
        return [*before, copy_launch(x, out)]
    start = np.array([start], out.dtype)
    rows, columns = loops(combine, lanes)
    if inner == 1:
        made = functools.partial(_row_launch, rows, start, scratch(LANES, x.dtype))
        return before + _by_blocks(made, BLOCK, x.reshape(outer, reduced, 1), out)
    made = functools.partial(_column_launch, columns, start)
    return before + _by_blocks(made, DEPTH, x.reshape(outer, reduced, inner), out)


def _by_blocks(made, size, x, out):
    """Launches that fold blocks of `size` rows of x (outer, n, inner) until one is left, in `out`."""
    outer, n, inner = x.shape
    blocks = max(1, -(-n // size))
    if blocks == 1:
        return [made(x, out.reshape(outer, 1, inner))]
    parts = np.empty((outer, blocks, inner), out.dtype)
    return [made(x, parts), *_by_blocks(made, size, parts, out)]


def _row_launch(kernel, start, lanes, x, out):
    grain = GRAIN // max(1, min(x.shape[1], BLOCK))
    return Launch(kernel, x[..., 0], start, lanes, out[..., 0], units=out.size, grain=grain)


def _column_launch(kernel, start, x, out):
    tiles = -(-x.shape[2] // TILE)
    grain = GRAIN // max(1, min(x.shape[1], DEPTH) * min(x.shape[2], TILE))
    return Launch(kernel, x, start, out, units=out.shape[0] * out.shape[1] * tiles, grain=grain)


@kernel
def divide(begin, end, count, out):
    """out[i] /= count, rounded towards zero for whole numbers"""
    out = out[begin:end]
    for i in range(out.size):
        out[i] = out[i] / count[0]


def mean_launch(count, out):
    """The launch that divides sums by the number of their terms, in place."""
    return Launch(divide, np.array([count], out.dtype), out.reshape(-1), units=out.size, grain=GRAIN)


def as_three_axes(x, axes):
    """(outer, reduced, inner, launches that must run before, array to read).

    Where the reduced axes are not neighbours, a launch first moves them to the end.
    """
    order = [d for d in range(x.ndim) if x.shape[d] != 1]
    flags = [d in axes for d in order]
    runs = [f for i, f in enumerate(flags) if i == 0 or flags[i - 1] != f]
    if runs.count(True) <= 1:
        first = flags.index(True) if True in flags else len(flags)
        last = first + flags.count(True)
        sizes = [x.shape[d] for d in order]
        return *(int(np.prod(s)) for s in (sizes[:first], sizes[first:last], sizes[last:])), [], x
    kept = [d for d in range(x.ndim) if d not in axes]
    moved = x.transpose(kept + sorted(axes))
    scratch = np.empty(moved.shape, x.dtype)
    outer = int(np.prod([x.shape[d] for d in kept]))
    return outer, x.size // max(outer, 1), 1, [view_launch(moved, scratch, x, scratch)], scratch


_SCAN = """\
def scan(x, start, exclusive, reverse, out):
    # {origin}
    n = x.shape[1]
    for i in range(x.shape[0]):
        for step in range(n):
            j = n - 1 - step if reverse else step
            before = j + 1 if reverse else j - 1
            for k in range(x.shape[2]):
                if step == 0:
                    out[i, j, k] = start[0] if exclusive else x[i, j, k]
                elif exclusive:
                    out[i, j, k] = combine(out[i, before, k], x[i, before, k])
                else:
                    out[i, j, k] = combine(out[i, before, k], x[i, j, k])
"""


@functools.cache
def _scan(combine):
    source = _SCAN.format(origin=f"{combine.__module__}.{combine.__qualname__}")
    return kernel_from_source(source, "scan", {"combine": inline(combine)}, combine.__module__)


def scan_launch(combine, start, x, axis, exclusive, reverse, out):
    """The launch that writes the running results of `combine` along `axis` of x."""
    shape = (math.prod(x.shape[:axis]), x.shape[axis], math.prod(x.shape[axis + 1 :]))
    start = np.array([start], x.dtype)
    return Launch(_scan(combine), x.reshape(shape), start, int(exclusive), int(reverse), out.reshape(shape))
