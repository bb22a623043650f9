"""Borders that mirror what lies inside, folded back onto it: the gradient of a mirrored padding."""

import math

import numpy as np

from minitf.kernels.copying import copy_launch
from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch

_GRAIN = 16384  # elements


@kernel
def fold(begin, end, before, skip, x, out):
    """The borders of x (outer, before + n + after, inner) added to the elements of out (outer, n, inner) they mirror.

    `skip` is 1 where the element at the border is its own mirror, and 0 where it is repeated; a range is one of outer.
    """
    n = out.shape[1]
    after = x.shape[1] - n - before
    for o in range(begin, end):
        for i in range(n):
            target, source = out[o, i], x[o, before + i]
            for k in range(target.size):
                target[k] = source[k]
        for i in range(before):
            target, source = out[o, skip + i], x[o, before - 1 - i]
            for k in range(target.size):
                target[k] += source[k]
        for i in range(after):
            target, source = out[o, n - 1 - skip - i], x[o, before + n + i]
            for k in range(target.size):
                target[k] += source[k]


def fold_launches(x, paddings, skip, out):
    """Launches that fold the borders of x, `paddings[d]` = (before, after) along axis d, one axis after the other."""
    axes = [d for d, borders in enumerate(paddings) if any(borders)]
    launches = []
    for d in axes:
        before, after = map(int, paddings[d])
        sizes = (*x.shape[:d], x.shape[d] - before - after, *x.shape[d + 1 :])
        made = out if d == axes[-1] else np.empty(sizes, out.dtype)
        outer, inner = math.prod(sizes[:d]), math.prod(sizes[d + 1 :])
        arrays = x.reshape(outer, -1, inner), made.reshape(outer, -1, inner)
        grain = _GRAIN * outer // made.size
        launches.append(Launch(fold, before, skip, *arrays, units=outer, grain=grain))
        x = made
    return launches or [copy_launch(x, out)]
