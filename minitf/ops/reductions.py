"""Reductions: fold the elements along some axes into one."""

import numpy as np

from minitf.graph.shape import TensorShape
from minitf.kernels import reduction
from minitf.ops.array import expand_dims, shape_of
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import INDICES, NUMBERS, Op, constant_value


class Reduction(Op):
    """Fold `combine` over the axes `reduction_indices`, starting from `start(dtype)`."""

    inputs = {"input": "T", "reduction_indices": "Tidx"}
    types = {"T": NUMBERS, "Tidx": INDICES}
    attrs = {"keep_dims": False}
    static = (1,)
    fastmath = True
    examples = [
        example(normal(3, 4, 2), array([1])),
        example(normal(3, 4, 2), array([0, 2]), keep_dims=True),
        example(normal(3, 4), array([0, 1])),
        example(normal(3, 4), array(-1)),
        example(normal(3, 4), array([], np.int32)),
    ]

    def infer(op, input, reduction_indices):
        keep = op.attrs["keep_dims"]
        rank = input.shape.ndims
        if rank is None or reduction_indices.value is None:
            return [(TensorShape([None] * rank if keep and rank is not None else None), input.dtype)]
        axes = reduced_axes(reduction_indices.value, rank)
        sizes = [1 if d in axes else s for d, s in enumerate(input.shape.sizes) if keep or d not in axes]
        return [(TensorShape(sizes), input.dtype)]

    def cpu(op, input, reduction_indices, out):
        definition = op.definition
        axes = reduced_axes(reduction_indices, input.ndim)
        start = definition.start(input.dtype)
        return reduction.launches(definition.combine, start, input, axes, out, definition.fastmath)

    def numpy(op, input, reduction_indices):
        axes = tuple(sorted(reduced_axes(reduction_indices, input.ndim)))
        return op.definition.ufunc(input, axis=axes, keepdims=op.attrs["keep_dims"])


def reduced_axes(indices, rank):
    """The set of axes that `indices` name.  Raises ValueError for one out of range."""
    axes = [int(i) for i in np.asarray(indices).reshape(-1)]
    for a in axes:
        if not -rank <= a < rank:
            raise ValueError(f"Invalid reduction dimension {a} for input with {rank} dimensions.")
    return {a % rank for a in axes}


class Sum(Reduction):
    """The sum of the elements."""

    ufunc = staticmethod(np.sum)
    start = staticmethod(lambda dtype: 0)

    def combine(total, x):
        return total + x

    def gradient(op, dy):
        from minitf.ops.tiling import broadcast_to

        input, axes = op.inputs
        rank, known = input.shape.ndims, constant_value(axes)
        if rank is None or known is None:
            raise NotImplementedError("sum over axes that are not known")
        kept = dy
        for axis in sorted(reduced_axes(known, rank)) if not op.attrs["keep_dims"] else ():
            kept = expand_dims(kept, axis)
        return [broadcast_to(kept, shape_of(input)), None]


def _axes_argument(axis, input):
    """The axes as a tensor: all of them, as a constant, where the rank is known."""
    if axis is not None:
        return axis
    rank = input.shape.ndims
    if rank is not None:
        return constant(np.arange(rank, dtype=np.int32))
    from minitf.ops.ranges import range as range_of
    from minitf.ops.array import rank as rank_of

    return range_of(0, rank_of(input))


def reduce_sum(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """tf.reduce_sum: the sum along `axis` (all axes by default)."""
    input_tensor = convert_to_tensor(input_tensor)
    axis = reduction_indices if axis is None else axis
    keep = bool(keep_dims if keepdims is None else keepdims)
    return Sum.apply(input_tensor, _axes_argument(axis, input_tensor), keep_dims=keep, name=name)


