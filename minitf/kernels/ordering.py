"""Where the largest and smallest elements are."""

import functools
import math

import numpy as np

from minitf.kernels.compile import kernel_from_source
from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch

BLOCK = 64  # elements of a row that are held against the best so far at once

_ROWS = """\
def first_in_rows(x, start, out):
    # the first j with the largest (smallest) x[i, j]: a block is searched only where one beats the best
    for i in range(x.shape[0]):
        best, place = start[0], 0
        for begin in range(0, x.shape[1], BLOCK):
            block = x[i, begin : min(begin + BLOCK, x.shape[1])]
            hits = 0
            for k in range(block.size):
                hits += block[k] {beats} best
            if hits > 0:
                for k in range(block.size):
                    if block[k] {beats} best:
                        best, place = block[k], begin + k
        out[i] = place
"""

_COLUMNS = """\
def first_in_columns(x, start, best, out):
    # the first j with the largest (smallest) x[i, j, k]
    for i in range(x.shape[0]):
        for k in range(x.shape[2]):
            best[k] = start[0]
            out[i, k] = 0
        for j in range(x.shape[1]):
            for k in range(x.shape[2]):
                if x[i, j, k] {beats} best[k]:
                    best[k] = x[i, j, k]
                    out[i, k] = j
"""


@functools.cache
def _first(beats):
    """The kernels first_in_rows(x (outer, n), start (1,), out (outer,)) and first_in_columns for '>' or '<'."""
    return tuple(
        kernel_from_source(source.format(beats=beats), name, {"BLOCK": BLOCK}, __name__)
        for source, name in ((_ROWS, "first_in_rows"), (_COLUMNS, "first_in_columns"))
    )


def first_launch(beats, start, x, axis, out):
    """The launch that writes where along `axis` the first element stands that `beats` ('>', '<') all others.

    `start` is beaten by every number; NaN beats and is beaten by none.
    """
    start = np.array([start], x.dtype)
    outer, inner = math.prod(x.shape[:axis]), math.prod(x.shape[axis + 1 :])
    rows, columns = _first(beats)
    if inner == 1:
        return Launch(rows, x.reshape(outer, x.shape[axis]), start, out.reshape(outer))
    best = np.empty(inner, x.dtype)
    return Launch(columns, x.reshape(outer, x.shape[axis], inner), start, best, out.reshape(outer, inner))


@kernel
def top_k(x, values, indices):
    """The k largest elements of each row of x (rows, n), largest first, and their columns.

    Of equal elements the first comes first; NaN counts as the largest.  Each element is inserted into
    the list of the k best so far, which it seldom enters: k log(n / k) times in a row of random order.
    """
    k = values.shape[1]
    for i in range(x.shape[0]):
        held = 0
        for j in range(x.shape[1]):
            v = x[i, j]
            place = held
            while place > 0:
                w = values[i, place - 1]
                if not (v > w or (v != v and w == w)):
                    break
                place -= 1
            if place < k:
                for p in range(min(held, k - 1), place, -1):
                    values[i, p] = values[i, p - 1]
                    indices[i, p] = indices[i, p - 1]
                values[i, place] = v
                indices[i, place] = j
                held = min(held + 1, k)


def top_k_launch(x, values, indices):
    """The launch of `top_k` along the last axis."""
    k = values.shape[-1]
    return Launch(top_k, x.reshape(-1, x.shape[-1]), values.reshape(-1, k), indices.reshape(-1, k))
