"""Values and norms held within limits."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.graph.shape import broadcast
from minitf.graph.sparse import IndexedSlices
from minitf.kernels import elementwise
from minitf.ops.arithmetic import maximum, minimum
from minitf.ops.array import identity, ones_like, rank, size, zeros_like
from minitf.ops.casting import cast
from minitf.ops.comparison import greater, less
from minitf.ops.constant import constant, convert_to_tensor, convert_to_tensor_or_indexed_slices
from minitf.ops.examples import Argument, example, normal
from minitf.ops.logic import logical_or
from minitf.ops.op import NUMBERS, Op
from minitf.ops.powers import rsqrt, sqrt
from minitf.ops.selection import where


def _clip(t, low, high):
    t = high if t > high else t
    return low if t < low else t


def _limit(value):
    return Argument((), lambda g: np.asarray(value))


class ClipByValue(Op):
    """t, moved to the nearer limit where it lies outside; limits of t's shape, or scalars"""

    joins = True
    inputs = {"t": "T", "clip_value_min": "T", "clip_value_max": "T"}
    types = {"T": NUMBERS}
    examples = [example(normal(3, 4), _limit(-0.5), _limit(0.7))]

    def infer(op, t, low, high):
        return [(broadcast(broadcast(t.shape, low.shape), high.shape), t.dtype)]

    def cpu(op, t, low, high, out):
        return [elementwise.launch(_clip, [t, low, high], out)]

    def numpy(op, t, low, high):
        return np.maximum(np.minimum(t, high), low)

    def gradient(op, dy):
        from minitf.ops.reductions import reduce_sum

        t, low, high = op.inputs
        nothing = zeros_like(dy)
        below, above = less(t, low), greater(t, high)
        return [
            where(logical_or(below, above), nothing, dy),
            reduce_sum(where(below, dy, nothing)),
            reduce_sum(where(above, dy, nothing)),
        ]


def clip_by_value(t, clip_value_min, clip_value_max, name=None):
    """tf.clip_by_value: t (tensor or IndexedSlices), moved to the nearer limit where it lies outside.

    The limits are scalars, or tensors that broadcast to the shape of t.  Raises ValueError where they
    would make the result larger than t.
    """
    with name_scope(name, "clip_by_value", [t, clip_value_min, clip_value_max]) as scope:
        values = _values_of(t)
        below = minimum(values, clip_value_max)
        values.shape.merge_with(below.shape)
        clipped = maximum(below, clip_value_min, name=scope)
        values.shape.merge_with(clipped.shape)
        return _as(t, clipped)


def _values_of(t):
    return t.values if isinstance(t, IndexedSlices) else convert_to_tensor(t, name="t")


def _as(t, values):
    """`values` in the form of `t`: a tensor, or the rows that `t` holds."""
    return IndexedSlices(values, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else values


def clip_by_norm(t, clip_norm, axes=None, name=None):
    """tf.clip_by_norm: t (tensor or IndexedSlices) scaled down so that its 2-norm is at most `clip_norm`.

    With `axes` the norm is that of each slice along them.
    """
    from minitf.ops.reductions import reduce_sum

    with name_scope(name, "clip_by_norm", [t, clip_norm]) as scope:
        values = _values_of(t)
        squares = reduce_sum(values * values, axes, keepdims=True)
        positive = greater(squares, 0)
        safe = where(positive, squares, ones_like(squares))
        norm = where(positive, sqrt(safe), squares)
        scaled = values * clip_norm
        values.shape.merge_with(scaled.shape)
        return _as(t, identity(scaled / maximum(norm, clip_norm), name=scope))


def clip_by_average_norm(t, clip_norm, name=None):
    """tf.clip_by_average_norm: t scaled down so that its 2-norm per element is at most `clip_norm`."""
    from minitf.ops.ranges import range as range_of
    from minitf.ops.reductions import reduce_sum

    with name_scope(name, "clip_by_average_norm", [t, clip_norm]) as scope:
        t = convert_to_tensor(t, name="t")
        count = cast(size(t), dtypes.float32)
        inverse = rsqrt(reduce_sum(t * t, range_of(rank(t))))
        return identity(t * clip_norm * minimum(inverse * count, constant(1.0) / clip_norm), name=scope)


def global_norm(t_list, name=None):
    """tf.global_norm: the 2-norm of a list of tensors (or IndexedSlices, or None) taken as one vector.

    Raises TypeError where `t_list` is no sequence.
    """
    from minitf.ops.joining import stack
    from minitf.ops.reductions import reduce_sum
    from minitf.ops.statistics import l2_loss

    t_list = _listed(t_list)
    with name_scope(name, "global_norm", t_list):
        halves = [l2_loss(_values_of(t)) for t in t_list if t is not None]
        total = reduce_sum(stack(halves))
        return sqrt(total * constant(2.0, total.dtype.base_dtype), name="global_norm")


def _listed(t_list):
    if isinstance(t_list, (str, Tensor)) or not isinstance(t_list, (list, tuple)):
        raise TypeError("t_list should be a sequence")
    return list(t_list)


def clip_by_global_norm(t_list, clip_norm, use_norm=None, name=None):
    """tf.clip_by_global_norm: all of `t_list` scaled by one factor so that their common 2-norm is at most `clip_norm`.

    Returns (clipped list, the norm); None stays None.  Where the norm is not finite, so are the results.
    Raises TypeError where `t_list` is no sequence.
    """
    t_list = _listed(t_list)
    norm = global_norm(t_list, name) if use_norm is None else convert_to_tensor(use_norm)
    with name_scope(name, "clip_by_global_norm", [*t_list, clip_norm]) as scope:
        dtype = norm.dtype.base_dtype
        factor = clip_norm * minimum(1.0 / norm, constant(1.0, dtype) / clip_norm)
        factor = factor + (norm - norm)  # NaN where the norm is infinite: the clipped values must show it
        clipped = []
        for i, t in enumerate(t_list):
            if t is None:
                clipped.append(None)
                continue
            t = convert_to_tensor_or_indexed_slices(t)
            clipped.append(_as(t, identity(_values_of(t) * factor, name=f"{scope}_{i}")))
    return clipped, norm
