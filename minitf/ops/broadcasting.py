"""Gradients of broadcasting: what was repeated on the way in is summed on the way back."""

import numpy as np

from minitf.graph.operation import Tensor
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
            found = _axes_of_values(s0.value, s1.value)
            return [(TensorShape([len(axes)]), s0.dtype) for axes in found]
        return [(TensorShape([None]), s0.dtype)] * 2

    def numpy(op, s0, s1):
        return [np.array(axes, s0.dtype) for axes in _axes_of_values(s0, s1)]

    gradient = None


def _axes_of_values(s0, s1):
    """(axes of s0, axes of s1) that are 1; none where the shapes are the same."""
    rank = max(len(s0), len(s1))
    a, b = (_padded([int(d) for d in s], rank) for s in (s0, s1))
    if a == b:
        return [], []
    return tuple([d for d in range(rank) if own[d] == 1] for own in (a, b))


def _padded(sizes, rank):
    return [1] * (rank - len(sizes)) + list(sizes)


def broadcast_gradient_args(s0, s1, name=None):
    """The two lists of axes, as tensors: for shapes that only a run knows."""
    return BroadcastGradientArgs.apply(s0, s1, name=name)


def same_known_shape(*tensors):
    """True where all are tensors of one fully known shape: then nothing was broadcast."""
    return all(isinstance(t, Tensor) and t.shape.is_fully_defined() for t in tensors) and all(
        t.shape.sizes == tensors[0].shape.sizes for t in tensors
    )


def sum_to_inputs(x, y, dx, dy):
    """The gradients `dx` and `dy` of a broadcasting op, summed down to the shapes of its inputs x and y.

    Either gradient may be None.  Where the known sizes decide which axes were broadcast, these are constants.
    """
    sx, sy = shape_of(x), shape_of(y)
    known = _known_axes(x.shape.sizes, y.shape.sizes)
    if known is None:
        rx, ry = broadcast_gradient_args(sx, sy)
        return [_sum_to(dx, rx, sx), _sum_to(dy, ry, sy)]
    rx, ry = known
    if rx or x.shape.ndims < y.shape.ndims:
        dx = _sum_to(dx, np.array(rx, np.int32), sx)
    if ry or y.shape.ndims < x.shape.ndims:
        dy = _sum_to(dy, np.array(ry, np.int32), sy)
    return [dx, dy]


def summers(x, y):
    """Two functions that sum a gradient down to the shape of x and of y, on axes that the run finds."""
    sx, sy = shape_of(x), shape_of(y)
    rx, ry = broadcast_gradient_args(sx, sy)
    return (lambda dx: _sum_to(dx, rx, sx)), (lambda dy: _sum_to(dy, ry, sy))


def _sum_to(gradient, axes, shape):
    from minitf.ops.reductions import reduce_sum

    return None if gradient is None else reshape(reduce_sum(gradient, axes, keepdims=True), shape)


def _known_axes(a, b):
    """(axes to sum for a, for b) where the known sizes decide, else None."""
    if a is None or b is None:
        return None
    rank = max(len(a), len(b))
    axes = ([], [])
    for d, (p, q) in enumerate(zip(_padded(a, rank), _padded(b, rank), strict=True)):
        if p == 1 and q != 1:
            axes[0].append(d)
        elif q == 1 and p != 1:
            axes[1].append(d)
        elif p is None or q is None:
            return None
    return axes
