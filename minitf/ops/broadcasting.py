"""Gradients of broadcasting: what was repeated on the way in is summed on the way back."""

import numpy as np

from minitf.graph.shape import TensorShape
from minitf.ops.array import reshape, shape_of
from minitf.ops.examples import array, example
from minitf.ops.op import INDICES, Op


class BroadcastGradientArgs(Op):
    """For shapes s0 and s1: the axes over which the gradient of each input is summed."""

    inputs = {"s0": "T", "s1": "T"}
    types = {"T": INDICES}
    examples = [example(array([2, 3]), array([3])), example(array([2, 1, 3]), array([4, 1]))]

    def infer(op, s0, s1):
        if s0.value is not None and s1.value is not None:
            found = _axes(s0.value, s1.value)
            return [(TensorShape([len(axes)]), s0.dtype) for axes in found]
        return [(TensorShape([None]), s0.dtype)] * 2

    def numpy(op, s0, s1):
        return [np.array(axes, s0.dtype) for axes in _axes(s0, s1)]

    gradient = None


def _axes(s0, s1):
    rank = max(len(s0), len(s1))
    a = [1] * (rank - len(s0)) + [int(d) for d in s0]
    b = [1] * (rank - len(s1)) + [int(d) for d in s1]
    if all(p == q for p, q in zip(a, b, strict=True)):
        return [], []
    return tuple([d for d in range(rank) if own[d] == 1] for own in (a, b))


def broadcast_gradient_args(s0, s1, name=None):
    return BroadcastGradientArgs.apply(s0, s1, name=name)


def sum_to_inputs(op, x, y, dx, dy):
    """The gradients `dx` and `dy` of a broadcasting op, summed down to the shapes of its inputs.

    Where the known sizes decide which axes were broadcast, these are constants.
    """
    if x.shape == y.shape and x.shape.is_fully_defined():
        return [dx, dy]
    from minitf.ops.reductions import reduce_sum

    sx, sy = shape_of(x), shape_of(y)
    known = _known_axes(x.shape.sizes, y.shape.sizes)
    if known is None:
        rx, ry = broadcast_gradient_args(sx, sy)
    else:
        rx, ry = known
        dx, sx = (dx, None) if not rx else (dx, sx)
        dy, sy = (dy, None) if not ry else (dy, sy)
    return [
        d if d is None or s is None else reshape(reduce_sum(d, r), s) for d, r, s in ((dx, rx, sx), (dy, ry, sy))
    ]


def _known_axes(a, b):
    """(axes to sum for a, for b) where the known sizes decide, else None."""
    if a is None or b is None:
        return None
    rank = max(len(a), len(b))
    a = [1] * (rank - len(a)) + list(a)
    b = [1] * (rank - len(b)) + list(b)
    axes = ([], [])
    for d, (p, q) in enumerate(zip(a, b, strict=True)):
        if p == q and p is not None:
            continue
        if p != 1 and q != 1:
            return None
        axes[0 if p == 1 else 1].append(d)
    return axes
