"""Reductions: one combining function becomes the loops that reduce rows or columns.

Any reduction is brought to three axes (outer, reduced, inner).  With inner = 1 each row folds into
one number; otherwise whole rows are combined into a row of the output, element by element.
"""

import functools

import numpy as np

from minitf.kernels.compile import inline, kernel_from_source
from minitf.kernels.copying import view_launch
from minitf.kernels.machine import Launch

_SOURCE = """\
def reduce(x, start, out):
    # {origin}
    for i in range(x.shape[0]):
        if x.shape[2] == 1:
            total = start[0]
            for j in range(x.shape[1]):
                total = combine(total, x[i, j, 0])
            out[i, 0] = total
        else:
            for k in range(x.shape[2]):
                out[i, k] = start[0]
            for j in range(x.shape[1]):
                for k in range(x.shape[2]):
                    out[i, k] = combine(out[i, k], x[i, j, k])
"""


@functools.cache
def loop(combine, fastmath=False):
    """The kernel reduce(x (outer, n, inner), start (1,), out (outer, inner))."""
    source = _SOURCE.format(origin=f"{combine.__module__}.{combine.__qualname__}")
    flags = {"reassoc", "nsz", "contract"} if fastmath else False
    return kernel_from_source(source, "reduce", {"combine": inline(combine)}, combine.__module__, flags)


def launches(combine, start, x, axes, out, fastmath=False):
    """Launches that reduce `x` over `axes` (a set of ints) into `out`, starting from the number `start`."""
    outer, reduced, inner, before, x = as_three_axes(x, axes)
    start = np.array([start], out.dtype)
    shape = (outer, reduced, inner)
    return [*before, Launch(loop(combine, fastmath), x.reshape(shape), start, out.reshape(outer, inner))]


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
