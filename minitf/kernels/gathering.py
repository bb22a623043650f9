"""Rows by index: reading them (gather) and writing them (scatter).

Rows are moved as words of the same width (see `copying.py`); only `scatter` computes with them, and is
made for each way of combining.  Kernels stop with status 1 at an index that is out of range.
"""

import functools

import numpy as np

from minitf.kernels.compile import kernel_from_source
from minitf.kernels.copying import words
from minitf.kernels.functions import inline, kernel
from minitf.kernels.machine import Launch

_GRAIN = 16384  # elements


@kernel(status=True)
def take_rows(begin, end, x, indices, out):
    """out[b, o, i] = x[b, o, indices[b, i]]

    x is (batch, outer, rows, width), indices (batch, n), out (batch, outer, n, width); a range is one of indices.
    """
    n = indices.shape[1]
    b, i = begin // n, begin % n
    for _ in range(begin, end):
        row = indices[b, i]
        if row < 0 or row >= x.shape[2]:
            return 1
        for o in range(x.shape[1]):
            source, target = x[b, o, row], out[b, o, i]
            for j in range(target.size):
                target[j] = source[j]
        i += 1
        if i == n:
            b, i = b + 1, 0
    return 0


@kernel(status=True)
def take_places(x, sizes, indices, out):
    """out[b, i] = x[b, row]  where row is the place that the multi-index indices[b, i] has in `sizes`

    x is (batch, rows, width), indices (batch, n, depth), out (batch, n, width).
    """
    batch, n, depth = indices.shape
    for b in range(batch):
        for i in range(n):
            row = 0
            for d in range(depth):
                k = indices[b, i, d]
                if k < 0 or k >= sizes[d]:
                    return 1
                row = row * sizes[d] + k
            for j in range(out.shape[2]):
                out[b, i, j] = x[b, row, j]
    return 0


_SCATTER = """\
def scatter(sizes, indices, updates, out):
    # {origin}
    n, depth = indices.shape
    for i in range(n):
        for d in range(depth):
            if indices[i, d] < 0 or indices[i, d] >= sizes[d]:
                return 1
    for i in range(n):
        row = 0
        for d in range(depth):
            row = row * sizes[d] + indices[i, d]
        for j in range(out.shape[1]):
            out[row, j] = combine(out[row, j], updates[i, j])
    return 0
"""


@functools.cache
def scatter_kernel(combine):
    """The kernel out[row] = combine(out[row], updates[i]), one i after the other, row = indices[i] in `sizes`."""
    origin = f"{combine.__module__}.{combine.__qualname__}"
    scope = {"combine": inline(combine)}
    made = kernel_from_source(_SCATTER.format(origin=origin), "scatter", scope, combine.__module__)
    made.status = True
    return made


def gather_launch(x, indices, axis, batch_dims, out):
    """out = the slices `indices` of x along `axis`; the first `batch_dims` axes of both go together."""
    batch, outer = _size(x.shape[:batch_dims]), _size(x.shape[batch_dims:axis])
    width = _size(x.shape[axis + 1 :])
    n = indices.size // batch
    source = words(x).reshape(batch, outer, x.shape[axis], width)
    target = words(out).reshape(batch, outer, n, width)
    grain = _GRAIN // max(1, outer * width)
    return Launch(take_rows, source, indices.reshape(batch, n), target, units=batch * n, grain=grain)


def gather_nd_launch(x, indices, batch_dims, out):
    """out[..., i] = x[indices[..., i]] where the last axis of `indices` is a multi-index."""
    batch, depth = _size(x.shape[:batch_dims]), indices.shape[-1]
    sizes = np.array(x.shape[batch_dims : batch_dims + depth], np.int64)
    n, rows = indices.size // (batch * depth), _size(sizes)
    width = x.size // (batch * rows)
    source, target = words(x).reshape(batch, rows, width), words(out).reshape(batch, n, width)
    return Launch(take_places, source, sizes, indices.reshape(batch, n, depth), target)


def scatter_launch(combine, indices, updates, out):
    """out[indices[i]] = combine(out[indices[i]], updates[i]); the last axis of `indices` is a multi-index."""
    depth = indices.shape[-1]
    sizes = np.array(out.shape[:depth], np.int64)
    n, rows = indices.size // depth, _size(sizes)
    width = out.size // rows
    return Launch(scatter_kernel(combine), sizes, indices.reshape(n, depth), updates.reshape(n, width),
                  out.reshape(rows, width))  # fmt: skip


def _size(sizes):
    return int(np.prod(sizes, dtype=np.int64))
