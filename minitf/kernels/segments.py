"""Rows gathered into groups: `out[ids[i]] = combine(out[ids[i]], x[i])`.

Where ids are sorted the rows of a group are neighbours, and the length of a run is the size of a group.
"""

import functools
import math

import numpy as np

from minitf.kernels.compile import kernel_from_source
from minitf.kernels.functions import inline, kernel
from minitf.kernels.machine import Launch

_SOURCE = """\
def segments(x, ids, start, out):
    # {origin}
    for s in range(out.shape[0]):
        for k in range(out.shape[1]):
            out[s, k] = start[0]
    for i in range(ids.size):
        s = ids[i]
        if s >= out.shape[0]:
            return 1
        if s >= 0:
            for k in range(x.shape[1]):
                out[s, k] = combine(out[s, k], x[i, k])
    return 0
"""


@functools.cache
def _loop(combine):
    """The kernel segments(x (n, width), ids (n,), start (1,), out (groups, width)); 1 for an id too large."""
    source = _SOURCE.format(origin=f"{combine.__module__}.{combine.__qualname__}")
    found = kernel_from_source(source, "segments", {"combine": inline(combine)}, combine.__module__)
    found.status = True
    return found


def launch(combine, start, x, ids, out):
    """The launch that combines the rows of `x` with the same number in `ids`; negative ids are left out."""
    width = out.size // out.shape[0]
    start = np.array([start], x.dtype)
    return Launch(_loop(combine), x.reshape(ids.size, width), ids.reshape(-1), start, out.reshape(-1, width))


_SORTED = """\
def sorted_segments(x, ids, empty, out):
    # {origin}
    last = -1
    for i in range(ids.size):
        s = ids[i]
        if s < max(last, 0) or s >= out.shape[0]:
            return 1
        if s == last:
            for k in range(out.shape[1]):
                out[s, k] = combine(out[s, k], x[i, k])
        else:
            for k in range(out.shape[1]):
                out[s, k] = x[i, k]
        for skipped in range(last + 1, s):
            for k in range(out.shape[1]):
                out[skipped, k] = empty[0]
        last = s
    for skipped in range(last + 1, out.shape[0]):
        for k in range(out.shape[1]):
            out[skipped, k] = empty[0]
    return 0
"""


@functools.cache
def _sorted_loop(combine):
    """The kernel sorted_segments(x (n, width), ids (n,), empty (1,), out (groups, width)); 1 for ids not sorted."""
    source = _SORTED.format(origin=f"{combine.__module__}.{combine.__qualname__}")
    found = kernel_from_source(source, "sorted_segments", {"combine": inline(combine)}, combine.__module__)
    found.status = True
    return found


@kernel
def divide_by_counts(ids, out):
    """out[s] /= how often s occurs in `ids`, sorted"""
    i = 0
    while i < ids.size:
        first, s = i, ids[i]
        while i < ids.size and ids[i] == s:
            i += 1
        count = out.dtype.type(i - first)
        for k in range(out.shape[1]):
            out[s, k] = out[s, k] / count


@inline
def _scale(count, root):
    """1 / count ** root, for a root of 0, 1/2 or 1."""
    return 1.0 if root == 0.0 else 1.0 / count if root == 1.0 else 1.0 / np.sqrt(count)


@kernel(status=True)
def sparse_segments(x, indices, ids, root, out):
    """out[s] = sum of x[indices[i]] with ids[i] = s, over count ** root; ids are sorted

    Status 1 for an index out of range, 2 for ids that are not sorted or too large.
    """
    for s in range(out.shape[0]):
        out[s] = 0
    i = last = 0
    while i < ids.size:
        first, s = i, ids[i]
        if s < last or s >= out.shape[0]:
            return 2
        while i < ids.size and ids[i] == s:
            row = indices[i]
            if row < 0 or row >= x.shape[0]:
                return 1
            for k in range(out.shape[1]):
                out[s, k] += x[row, k]
            i += 1
        if root != 0.0:
            scale = out.dtype.type(_scale(i - first, root))
            for k in range(out.shape[1]):
                out[s, k] *= scale
        last = s
    return 0


@kernel(status=True)
def sparse_segments_gradient(grad, indices, ids, root, out):
    """out[indices[i]] += grad[ids[i]] / count ** root: the transpose of `sparse_segments`."""
    for row in range(out.shape[0]):
        out[row] = 0
    i = last = 0
    while i < ids.size:
        first, s = i, ids[i]
        if s < last or s >= grad.shape[0]:
            return 2
        while i < ids.size and ids[i] == s:
            i += 1
        scale = out.dtype.type(_scale(i - first, root))
        for j in range(first, i):
            row = indices[j]
            if row < 0 or row >= out.shape[0]:
                return 1
            for k in range(out.shape[1]):
                out[row, k] += grad[s, k] * scale
        last = s
    return 0


def _rows(x):
    """A matrix: one row for each element of the first axis."""
    return x.reshape(len(x), math.prod(x.shape[1:]))


def sorted_launches(combine, empty, x, ids, out):
    """Launches that combine the rows of `x` with the same number in `ids`, sorted; groups without rows are `empty`."""
    return [Launch(_sorted_loop(combine), _rows(x), ids, np.array([empty], x.dtype), _rows(out))]


def count_launch(ids, out):
    """The launch that makes the sums `out` means."""
    return Launch(divide_by_counts, ids, _rows(out))


def sparse_launch(kernel, x, indices, ids, root, out):
    """The launch of `sparse_segments` or its gradient."""
    return Launch(kernel, _rows(x), indices, ids, float(root), _rows(out))
