"""Exchanging axes.  Two axes change places in tiles that fit the cache; other orders are a strided copy."""

import numpy as np

from minitf.kernels.copying import view_launch, words
from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch
from minitf.kernels.threads import scratch

_GRAIN = 8192  # elements
TILE = 32  # rows and columns moved at a time: both sides of a tile stay in the first-level cache


@kernel
def exchange(begin, end, worker, x, tiles, out):
    """out[b, j, i] = x[b, i, j]

    for each tile of i and j: read it row by row, write it column by column.  x is (batch, rows, columns); a range
    is one of strips: tiles of j with all i.  In between, a tile stands in a row of `tiles`, turned: where the
    rows of x lie a power of two apart, all its columns would fall on the same few places of the cache.
    """
    rows, columns = x.shape[1:]
    strips = (columns + TILE - 1) // TILE
    tile = tiles[worker]
    for strip in range(begin, end):
        b, first_j = strip // strips, strip % strips * TILE
        width = min(TILE, columns - first_j)
        for first_i in range(0, rows, TILE):
            height = min(TILE, rows - first_i)
            for i in range(height):
                line = x[b, first_i + i, first_j : first_j + width]
                for j in range(width):
                    tile[j * (TILE + 1) + i] = line[j]
            for j in range(width):
                line = out[b, first_j + j, first_i : first_i + height]
                turned = tile[j * (TILE + 1) : j * (TILE + 1) + height]
                for i in range(height):
                    line[i] = turned[i]


def transpose_launches(x, axes, out):
    """Launches for out = x with its axes in the order `axes`."""
    shape = _as_exchange(x.shape, axes)
    if shape is None:
        return [view_launch(x.transpose(axes), out, x, out)]
    batch, rows, columns = shape
    source, target = words(x).reshape(batch, rows, columns), words(out).reshape(batch, columns, rows)
    strips, grain = batch * -(-columns // TILE), _GRAIN // max(1, rows * min(columns, TILE))
    tiles = scratch(TILE * (TILE + 1), source.dtype)
    return [Launch(exchange, source, tiles, target, units=strips, grain=grain)]


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
