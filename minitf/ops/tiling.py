"""Repeating: tile, repeat and broadcast_to; the shapes that broadcasting gives."""

import numpy as np

from minitf.graph import shape as shapes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import copying
from minitf.ops.array import expand_dims, reshape, shape_of, size
from minitf.ops.broadcasting import broadcast_gradient_args
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import INDICES, Op, constant_value


class Tile(Op):
    """The input repeated `multiples[d]` times along axis d."""

    inputs = {"input": "T", "multiples": "Tmultiples"}
    types = {"T": (), "Tmultiples": INDICES}
    static = (1,)
    examples = [example(normal(2, 3), array([2, 1])), example(normal(2, 1, 2), array([2, 3, 2]))]

    def infer(op, input, multiples):
        ndims = multiples.shape.with_rank(1).sizes[0] if multiples.shape.ndims is not None else None
        if ndims is not None:
            input.shape.with_rank(ndims)
        if input.shape.ndims is not None:
            multiples.shape.merge_with([input.shape.ndims])
        if multiples.value is None or input.shape.ndims is None:
            ndims = input.shape.ndims if ndims is None else ndims
            return [(TensorShape(None if ndims is None else [None] * ndims), input.dtype)]
        if (multiples.value < 0).any():
            raise ValueError(f"Expected multiples >= 0, but got {multiples.value.tolist()}")
        return [(TensorShape([None if n is None else n * int(m) for n, m in
                              zip(input.shape.sizes, multiples.value, strict=True)]), input.dtype)]  # fmt: skip

    def cpu(op, input, multiples, out):
        sizes = [n for m, d in zip(multiples, input.shape, strict=True) for n in (int(m), d)]
        repeated = np.broadcast_to(input.reshape([n for d in input.shape for n in (1, d)]), sizes)
        return [copying.view_launch(repeated, out.reshape(sizes), input, out)]

    def numpy(op, input, multiples):
        return np.tile(input, [int(m) for m in multiples])

    def gradient(op, dy):
        from minitf.ops.joining import stack
        from minitf.ops.ranges import Range
        from minitf.ops.reductions import reduce_sum
        from minitf.ops.transposing import transpose

        input, multiples = op.inputs
        sizes = shape_of(input, out_type=multiples.dtype)
        split = reshape(transpose(stack([multiples, sizes])), [-1])
        axes = Range.apply(0, size(split), 2)
        return [reduce_sum(reshape(dy, split), axes), None]


def tile(input, multiples, name=None):
    """tf.tile: `input` repeated `multiples[d]` times along axis d."""
    return Tile.apply(input, multiples, name=name)


class BroadcastTo(Op):
    """The input repeated along axes of size 1 until it has shape `shape`."""

    inputs = {"input": "T", "shape": "Tidx"}
    types = {"T": (), "Tidx": INDICES}
    static = (1,)
    examples = [example(normal(3, 1), array([2, 3, 4]))]

    def infer(op, input, shape):
        wanted = shape.sizes()
        known = wanted is not None and wanted.is_fully_defined() and input.shape.is_fully_defined()
        if known and shapes.broadcast(wanted, input.shape) != wanted:
            raise ValueError(f"Incompatible shapes: {input.shape} can't be broadcast to {wanted}")
        return [(wanted, input.dtype)]

    def cpu(op, input, shape, out):
        return [copying.view_launch(np.broadcast_to(input, out.shape), out, input, out)]

    def numpy(op, input, shape):
        return np.broadcast_to(input, [int(d) for d in shape]).copy()

    def gradient(op, dy):
        from minitf.ops.reductions import reduce_sum

        input, shape = op.inputs
        own, known = shape_of(input, out_type=shape.dtype), constant_value(shape)
        axes = broadcast_gradient_args(shape if known is None else constant(known), own)[1]
        return [reshape(reduce_sum(dy, axes, keepdims=True), own), None]


def broadcast_to(input, shape, name=None):
    """tf.broadcast_to: `input` repeated to `shape`, by the rules of broadcasting."""
    return BroadcastTo.apply(input, shape, name=name)


class BroadcastArgs(Op):
    """The shape to which two shapes broadcast."""

    inputs = {"s0": "T", "s1": "T"}
    types = {"T": INDICES}
    examples = [example(array([2, 1]), array([3]))]

    def infer(op, s0, s1):
        lengths = [s.shape.with_rank(1).sizes[0] for s in (s0, s1)]
        return [(TensorShape([None if None in lengths else max(lengths)]), s0.dtype)]

    def numpy(op, s0, s1):
        return np.array(np.broadcast_shapes(tuple(map(int, s0)), tuple(map(int, s1))), s0.dtype)

    gradient = None


def broadcast_dynamic_shape(shape_x, shape_y):
    """tf.broadcast_dynamic_shape: the shape of an elementwise result, from two shapes as tensors."""
    return BroadcastArgs.apply(shape_x, shape_y)


def broadcast_static_shape(shape_x, shape_y):
    """tf.broadcast_static_shape: the same of two TensorShapes.  Raises ValueError where they do not fit."""
    return shapes.broadcast(shape_x, shape_y)


def repeat(input, repeats, axis=None, name=None):
    """tf.repeat: element i of `axis` (or of the flat input) `repeats[i]` times; `repeats` may be one number."""
    from minitf.ops.casting import cast
    from minitf.ops.joining import concat, stack
    from minitf.ops.masking import boolean_mask, sequence_mask
    from minitf.ops.reductions import reduce_max

    with name_scope(name, "Repeat", [input, repeats]):
        input = convert_to_tensor(input, name="input")
        if axis is None:
            input, axis = reshape(input, [-1]), 0
        axis %= input.shape.ndims
        repeats = cast(convert_to_tensor(repeats, name="repeats"), "int32")
        dims = shape_of(input)
        repeats = broadcast_to(reshape(repeats, [-1]), dims[axis : axis + 1])
        longest = reduce_max(repeats)
        copies = [1] * (input.shape.ndims + 1)
        multiples = stack([longest if d == axis + 1 else c for d, c in enumerate(copies)])
        spread = tile(expand_dims(input, axis + 1), multiples)
        kept = boolean_mask(spread, sequence_mask(repeats, longest), axis=axis)
        return reshape(kept, concat([dims[:axis], [-1], dims[axis + 1 :]], 0))


def meshgrid(*args, **kwargs):
    """tf.meshgrid: for vectors x, y, ... one tensor each, their values repeated over the grid of all of them.

    `indexing="xy"` (the default) gives the first two axes in the order of a picture: (len(y), len(x), ...);
    "ij" gives (len(x), len(y), ...).  Raises ValueError for another one.
    """
    from minitf.ops.array import ones
    from minitf.ops.joining import stack

    indexing, name = kwargs.pop("indexing", "xy"), kwargs.pop("name", "meshgrid")
    if kwargs:
        raise TypeError(f"'{next(iter(kwargs))}' is an invalid keyword argument for this function")
    if indexing not in ("xy", "ij"):
        raise ValueError(f"Argument `indexing` parameter must be either 'xy' or 'ij', got '{indexing}'")
    with name_scope(name, "meshgrid", args):
        count = len(args)
        spread = [reshape(stack(x), _only_axis(i, count)) for i, x in enumerate(args)]
        sizes = [size(x) for x in args]
        dtype = convert_to_tensor(args[0]).dtype.base_dtype
        if indexing == "xy" and count > 1:
            spread[:2] = [reshape(spread[i], _only_axis(1 - i, count)) for i in (0, 1)]
            sizes[:2] = sizes[1::-1]
        whole = ones(sizes, dtype)
        return [x * whole for x in spread]


def _only_axis(axis, count):
    return [-1 if d == axis else 1 for d in range(count)]
