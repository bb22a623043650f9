"""Rows gathered into groups: `out[ids[i]] = combine(out[ids[i]], x[i])`."""

import functools

import numpy as np

from minitf.kernels.compile import inline, kernel_from_source
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
