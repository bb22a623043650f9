"""Exchanging axes.  Two axes change places in tiles that fit the cache; other orders are a strided copy."""

import numpy as np

from minitf.kernels.compile import kernel
from minitf.kernels.copying import view_launch, words
from minitf.kernels.machine import Launch

_GRAIN = 8192  # elements
_TILE = 32  # rows and columns moved at a time: both sides of a tile stay in the first-level cache


@kernel
def exchange(begin, end, x, tile, out):
    """out[b, j, i] = x[b, i, j]

    for each tile of i and j: for j: for i: copy.  x is (batch, rows, columns); a range is one of strips:
    tiles of j with all i.
    """
    rows, columns = x.shape[1:]
    strips = (columns + tile - 1) // tile
    for strip in range(begin, end):
        b, first_j = strip // strips, strip % strips * tile
        last_j = min(first_j + tile, columns)
        for first_i in range(0, rows, tile):
            last_i = min(first_i + tile, rows)
            for j in range(first_j, last_j):
                for i in range(first_i, last_i):
                    out[b, j, i] = x[b, i, j]


def transpose_launches(x, axes, out):
    """Launches for out = x with its axes in the order `axes`."""
    shape = _as_exchange(x.shape, axes)
    if shape is None:
        return [view_launch(x.transpose(axes), out, x, out)]
    batch, rows, columns = shape
    source, target = words(x).reshape(batch, rows, columns), words(out).reshape(batch, columns, rows)
    strips, grain = batch * -(-columns // _TILE), _GRAIN // max(1, rows * min(columns, _TILE))
    return [Launch(exchange, source, _TILE, target, units=strips, grain=grain)]


def _as_exchange(shape, axes):
    """(batch, rows, columns) where the order keeps leading axes and swaps two groups behind them, else None."""
    moved = [a for a in axes if shape[a] != 1]
    kept = 0
    order = sorted(moved)
    while kept < len(moved) and moved[kept] == order[kept]:
        kept += 1
    rest = moved[kept:]
    if not rest:
        return None
    turn = rest.index(min(rest))
    if rest[turn:] + rest[:turn] != sorted(rest):
        return None
    groups = (moved[:kept], rest[:turn], rest[turn:])
    batch, columns, rows = (int(np.prod([shape[a] for a in group])) for group in groups)
    return batch, rows, columns
