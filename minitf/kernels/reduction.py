"""Reductions: one combining function becomes the loops that reduce rows or columns.

Any reduction is brought to three axes (outer, reduced, inner).  With inner = 1 each row folds into
one number; otherwise whole rows are combined into a row of the output, element by element.

The order of the additions is fixed and shallow: LANES running results side by side, which are vector
instructions whatever `combine` is, then blocks joined in pairs.  So the rounding error of a sum grows
with the logarithm of the number of blocks, and the same data give the same bits on every machine.
(Higham, *Accuracy and Stability of Numerical Algorithms*, 2002, section 4.2.)
"""

import functools
import math

import numpy as np

from minitf.kernels.compile import inline, kernel, kernel_from_source
from minitf.kernels.copying import view_launch
from minitf.kernels.machine import Launch

# The loops index slices from 0: an index that might be negative (Python's x[-1]) keeps LLVM from vectorising.
LANES = 64  # running results of a row
BLOCK = 8192  # elements of a row that the lanes take before they are joined
TILE = 1024  # columns that are reduced together: they stay in the first cache
DEPTH = 128  # rows that one running result takes, and tiles that the next one takes

_ROWS = """\
def fold_rows(x, start, lanes, parts, out):
    # {origin}
    n = x.shape[1]
    for i in range(x.shape[0]):
        count = 0
        for begin in range(0, n, BLOCK):
            end = min(begin + BLOCK, n)
            total = start[0]
            if end - begin >= LANES:
                part = x[i, begin : begin + LANES]
                for k in range(LANES):
                    lanes[k] = part[k]
                begin += LANES
                while begin + LANES <= end:
                    part = x[i, begin : begin + LANES]
                    for k in range(LANES):
                        lanes[k] = combine(lanes[k], part[k])
                    begin += LANES
                half = LANES // 2
                while half > 0:
                    for k in range(half):
                        lanes[k] = combine(lanes[k], lanes[half + k])
                    half //= 2
                total = lanes[0]
            for j in range(begin, end):
                total = combine(total, x[i, j])
            parts[count] = total
            count += 1
        while count > 1:
            for k in range(count // 2):
                parts[k] = combine(parts[2 * k], parts[2 * k + 1])
            if count % 2 == 1:
                parts[count // 2] = parts[count - 1]
            count = (count + 1) // 2
        out[i] = parts[0]
"""

_COLUMNS = """\
def fold_columns(x, start, tile, tiles, out):
    # {origin}
    n = x.shape[1]
    for i in range(x.shape[0]):
        for left in range(0, x.shape[2], TILE):
            width = min(TILE, x.shape[2] - left)
            total = out[i, left : left + width]
            for k in range(width):
                total[k] = start[0]
            for far in range(0, n, DEPTH * DEPTH):
                for k in range(width):
                    tiles[k] = start[0]
                for top in range(far, min(far + DEPTH * DEPTH, n), DEPTH):
                    row = x[i, top, left : left + width]
                    for k in range(width):
                        tile[k] = row[k]
                    for j in range(top + 1, min(top + DEPTH, n)):
                        row = x[i, j, left : left + width]
                        for k in range(width):
                            tile[k] = combine(tile[k], row[k])
                    for k in range(width):
                        tiles[k] = combine(tiles[k], tile[k])
                for k in range(width):
                    total[k] = combine(total[k], tiles[k])
"""


@functools.cache
def loops(combine):
    """The kernels fold_rows(x (outer, n), start (1,), lanes, parts, out (outer,)) and fold_columns."""
    origin = f"{combine.__module__}.{combine.__qualname__}"
    scope = {"combine": inline(combine), "LANES": LANES, "BLOCK": BLOCK, "TILE": TILE, "DEPTH": DEPTH}
    return tuple(
        kernel_from_source(source.format(origin=origin), name, scope, combine.__module__)
        for source, name in ((_ROWS, "fold_rows"), (_COLUMNS, "fold_columns"))
    )


def launches(combine, start, x, axes, out):
    """Launches that reduce `x` over `axes` (a set of ints) into `out`, starting from the number `start`."""
    outer, reduced, inner, before, x = as_three_axes(x, axes)
    start = np.array([start], out.dtype)
    rows, columns = loops(combine)
    if inner == 1:
        lanes, parts = np.empty(LANES, x.dtype), np.empty(reduced // BLOCK + 1, x.dtype)
        return [*before, Launch(rows, x.reshape(outer, reduced), start, lanes, parts, out.reshape(outer))]
    tile, tiles = (np.empty(min(TILE, inner), x.dtype) for _ in range(2))
    x, out = x.reshape(outer, reduced, inner), out.reshape(outer, inner)
    return [*before, Launch(columns, x, start, tile, tiles, out)]


@kernel
def divide(count, out):
    """out[i] /= count, rounded towards zero for whole numbers"""
    for i in range(out.size):
        out[i] = out[i] / count[0]


def mean_launch(count, out):
    """The launch that divides sums by the number of their terms, in place."""
    return Launch(divide, np.array([count], out.dtype), out.reshape(-1))


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
