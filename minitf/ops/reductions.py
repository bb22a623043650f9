"""Reductions: fold the elements along some axes into one."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.kernels import reduction
from minitf.ops.array import rank as rank_of
from minitf.ops.array import reshape, shape_of, size
from minitf.ops.constant import constant
from minitf.ops.examples import array, booleans, distinct, example, normal
from minitf.ops.numeric import widen
from minitf.ops.op import INDICES, NUMBERS, REALS, Op, constant_value


class Reduction(Op, abstract=True):
    """Fold `combine` over the axes `reduction_indices`, starting from `start(dtype)`."""

    lanes = reduction.LANES
    inputs = {"input": "T", "reduction_indices": "Tidx"}
    types = {"T": NUMBERS, "Tidx": INDICES}
    attrs = {"keep_dims": False}
    static = (1,)
    examples = [
        example(normal(3, 4, 2), array([1])),
        example(normal(3, 4, 2), array([0, 2]), keep_dims=True),
        example(normal(3, 4), array([0, 1])),
        example(normal(3, 4), array(-1)),
        example(normal(3, 200), array(1)),
        example(normal(3, 4), array([], np.int32)),
    ]

    def infer(op, input, reduction_indices):
        keep = op.attrs["keep_dims"]
        rank = input.shape.ndims
        if rank is None or reduction_indices.value is None:
            return [(_unknown_result(input.shape, reduction_indices.shape, keep), input.dtype)]
        axes = reduced_axes(reduction_indices.value, rank)
        sizes = [1 if d in axes else s for d, s in enumerate(input.shape.sizes) if keep or d not in axes]
        return [(TensorShape(sizes), input.dtype)]

    def cpu(op, input, reduction_indices, out):
        definition = op.definition
        axes = reduced_axes(reduction_indices, input.ndim)
        start = definition.start(input.dtype)
        return reduction.launches(definition.combine, start, input, axes, out, definition.lanes)

    @classmethod
    def evaluate(cls, op, arrays):
        return super().evaluate(op, [widen(arrays[0]), arrays[1]])

    def numpy(op, input, reduction_indices):
        axes = tuple(sorted(reduced_axes(reduction_indices, input.ndim)))
        return op.definition.fold(input, axis=axes, keepdims=op.attrs["keep_dims"])


def reduced_axes(indices, rank):
    """The set of axes that `indices` name.  Raises ValueError for one out of range."""
    axes = [int(i) for i in np.asarray(indices).reshape(-1)]
    for a in axes:
        if not -rank <= a < rank:
            raise ValueError(f"Invalid reduction dimension {a} for input with {rank} dimensions.")
    return {a % rank for a in axes}


def _unknown_result(shape, indices_shape, keep):
    """What is known of the result's shape where the axes are not known."""
    if keep:
        return TensorShape(None if shape.ndims is None else [None] * shape.ndims)
    return TensorShape(None)


class Sum(Reduction):
    """The sum of the elements."""

    fold = staticmethod(np.sum)
    start = staticmethod(lambda dtype: 0)

    def combine(total, x):
        return total + x

    def gradient(op, dy):
        return [_spread(op, dy), None]


class Mean(Reduction):
    """The mean of the elements; NaN over no elements."""

    start = staticmethod(lambda dtype: 0)

    def combine(total, x):
        return total + x

    def cpu(op, input, reduction_indices, out):
        sums = Sum.cpu(op, input, reduction_indices, out)
        return [*sums, reduction.mean_launch(input.size // out.size, out)]

    @staticmethod
    def fold(input, axis, keepdims):
        with np.errstate(all="ignore"):
            total = np.sum(input, axis=axis, keepdims=keepdims)
            count = int(np.prod([input.shape[a] for a in axis]))
            if total.dtype.kind not in "iu":
                return total / np.asarray(count, total.dtype)
            total = total.astype(input.dtype)  # wraps as the kernel's sum does
            return np.trunc(total / np.float64(max(count, 1))).astype(input.dtype)

    def gradient(op, dy):
        from minitf.ops.casting import cast
        from minitf.ops.division import truediv

        x, y = op.inputs[0], op.outputs[0]
        spread = _spread(op, dy)
        sizes, out_sizes = x.shape.num_elements(), y.shape.num_elements()
        if sizes is not None and out_sizes:
            factor = constant(sizes // out_sizes, dtype=spread.dtype.base_dtype)
        else:
            factor = cast(_reduced_count(shape_of(x), op.inputs[1]), spread.dtype.base_dtype)
        return [truediv(spread, factor), None]


def _reduced_count(shape, axes):
    """How many elements were folded into one: the product of the reduced sizes."""
    from minitf.ops.gathering import gather

    rank = size(shape)
    return reduce_prod(gather(shape, (axes + rank) % rank))


def _spread(op, dy):
    """`dy`, the gradient of a sum, repeated to the shape of what was summed."""
    from minitf.ops.arithmetic import maximum
    from minitf.ops.division import floordiv
    from minitf.ops.tiling import broadcast_to, tile

    x, axes = op.inputs
    sizes, known = x.shape.sizes, constant_value(axes)
    if sizes is not None and known is not None:
        if len(reduced_axes(known, len(sizes))) == len(sizes):
            kept = reshape(dy, [1] * len(sizes))
            return tile(kept, constant(sizes, dtypes.int32) if None not in sizes else shape_of(x))
        if None not in sizes:
            kept_shape = [1 if d in reduced_axes(known, len(sizes)) else s for d, s in enumerate(sizes)]
            repeats = constant_value(floordiv(np.array(sizes, np.int32), maximum(kept_shape, 1)))
            return tile(reshape(dy, kept_shape), repeats)
    shape = shape_of(x)
    return broadcast_to(dy if op.attrs["keep_dims"] else reshape(dy, reduced_shape(shape, axes)), shape)


def reduced_shape(shape, axes):
    """The shape of a reduction with `keep_dims`: `shape` (a tensor) with 1 at `axes`; a list where known."""
    from minitf.ops.array import ones
    from minitf.ops.partitioning import dynamic_stitch
    from minitf.ops.ranges import range as range_of

    known, known_axes = constant_value(shape), constant_value(axes)
    if known is not None and known_axes is not None:
        reduced = reduced_axes(known_axes, known.size)
        return [1 if d in reduced else int(s) for d, s in enumerate(known)]
    rank = size(shape)
    places = (axes + rank) % rank
    places_shape = shape_of(places)
    return dynamic_stitch([range_of(rank), places], [shape, ones(places_shape, dtypes.int32)])


class Extreme(Reduction, abstract=True):
    """Max and Min: the gradient is shared evenly among the elements that are the extreme one."""

    lanes = 16  # each keeps a comparison's result, too
    types = {"T": REALS, "Tidx": INDICES}
    examples = [
        example(distinct(3, 4, 2), array([1])),
        example(distinct(3, 4, 2), array([0, 2]), keep_dims=True),
        example(distinct(3, 4), array([0, 1])),
        example(distinct(2, 150), array(1)),
        example(distinct(3, 4), array(-1)),
    ]

    def gradient(op, dy):
        from minitf.ops.casting import cast
        from minitf.ops.comparison import equal

        x, axes = op.inputs
        kept = reduced_shape(shape_of(x), axes)
        extreme, dy = reshape(op.outputs[0], kept), reshape(dy, kept)
        chosen = cast(equal(extreme, x), dy.dtype.base_dtype)
        ties = reshape(reduce_sum(chosen, axes), kept)
        return [chosen / ties * dy, None]


def lowest(dtype):
    """The number that every number of `dtype` is above, or equal to."""
    if dtype.kind == "b":
        return False
    return -np.inf if dtype.kind in "fV" else np.iinfo(dtype).min


def highest(dtype):
    """The number that every number of `dtype` is below, or equal to."""
    if dtype.kind == "b":
        return True
    return np.inf if dtype.kind in "fV" else np.iinfo(dtype).max


class Max(Extreme):
    """The largest of the elements; NaN where one is NaN, the lowest number where there are none."""

    @staticmethod
    def fold(input, axis, keepdims):
        return np.max(input, axis=axis, keepdims=keepdims, initial=Max.start(input.dtype))

    start = staticmethod(lowest)

    def combine(total, x):
        larger = x if x > total else total
        return x if x != x else larger


class Min(Extreme):
    """The smallest of the elements; NaN where one is NaN, the highest number where there are none."""

    @staticmethod
    def fold(input, axis, keepdims):
        return np.min(input, axis=axis, keepdims=keepdims, initial=Min.start(input.dtype))

    start = staticmethod(highest)

    def combine(total, x):
        smaller = x if x < total else total
        return x if x != x else smaller


class Prod(Reduction):
    """The product of the elements."""

    examples = Reduction.examples
    fold = staticmethod(np.prod)
    start = staticmethod(lambda dtype: 1)

    def combine(total, x):
        return total * x

    def gradient(op, dy):
        """dy times the product of the *other* elements, by two running products: right where one is 0."""
        from minitf.ops.cumulative import cumprod
        from minitf.ops.gathering import gather
        from minitf.ops.joining import concat
        from minitf.ops.ranges import range as range_of
        from minitf.ops.tiling import broadcast_to
        from minitf.ops.transposing import transpose
        from minitf.ops.uniqueness import invert_permutation, setdiff1d

        x = op.inputs[0]
        shape = shape_of(x)
        axes = reshape(op.inputs[1], [-1])
        spread = broadcast_to(reshape(dy, reduced_shape(shape, axes)), shape)
        rank = rank_of(x)
        reduced = (axes + rank) % rank
        others, _ = setdiff1d(range_of(rank), reduced)
        order = concat([reduced, others], 0)
        count, rest = reduce_prod(gather(shape, reduced)), reduce_prod(gather(shape, others))
        front = transpose(x, order)
        front_shape = shape_of(front)
        columns = reshape(front, [count, rest])  # (reduced, kept)
        left = cumprod(columns, axis=0, exclusive=True)
        right = cumprod(columns, axis=0, exclusive=True, reverse=True)
        product = transpose(reshape(left * right, front_shape), invert_permutation(order))
        return [reshape(spread * product, shape), None]


class Logical(Reduction, abstract=True):
    """Any and All: of truth values."""

    inputs = {"input": "bool", "reduction_indices": "Tidx"}
    types = {"Tidx": INDICES}
    gradient = None
    examples = [
        example(booleans(3, 4, 2), array([1])),
        example(booleans(3, 4), array([0, 1]), keep_dims=True),
    ]


class Any(Logical):
    """True where one of the elements is."""

    fold = staticmethod(np.any)
    start = staticmethod(lambda dtype: False)

    def combine(total, x):
        return total | x


class All(Logical):
    """True where all of the elements are."""

    fold = staticmethod(np.all)
    start = staticmethod(lambda dtype: True)

    def combine(total, x):
        return total & x

def kept(axis, reduction_indices, keepdims, keep_dims):
    """(axis, keepdims) of a call in the new or the old words.  Raises ValueError where both are used."""
    if axis is not None and reduction_indices is not None:
        raise ValueError("Cannot specify both 'axis' and 'reduction_indices'.")
    if keepdims is not None and keep_dims is not None:
        raise ValueError("Cannot specify both 'keep_dims' and 'keepdims'.")
    return reduction_indices if axis is None else axis, bool(keep_dims if keepdims is None else keepdims)


def _reduce(definition, input_tensor, axis, keepdims, name, reduction_indices, keep_dims):
    axis, keep = kept(axis, reduction_indices, keepdims, keep_dims)
    axes = all_axes(input_tensor) if axis is None else axis
    out = definition.apply(input_tensor, axes, keep_dims=keep, name=name)
    if axis is None and not keep:
        out.set_shape([])
    return out


def all_axes(input):
    """The numbers of all axes of a tensor: a constant where the rank is known and not 0."""
    if isinstance(input, Tensor) and input.shape.ndims:
        return constant(np.arange(input.shape.ndims, dtype=np.int32))
    from minitf.ops.ranges import range as range_of

    return range_of(0, rank_of(input))


def reduce_sum(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """tf.reduce_sum: the sum along `axis`, an axis or several (all by default).

    `keepdims` keeps them as axes of size 1.  Raises ValueError for an axis that the input has not.
    """
    return _reduce(Sum, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_mean(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """tf.reduce_mean: the mean (truncated for whole numbers) along `axis`; see `reduce_sum`."""
    return _reduce(Mean, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_max(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """tf.reduce_max: the largest element along `axis`; see `reduce_sum`."""
    return _reduce(Max, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_min(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """tf.reduce_min: the smallest element along `axis`; see `reduce_sum`."""
    return _reduce(Min, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_prod(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """tf.reduce_prod: the product along `axis`; see `reduce_sum`."""
    return _reduce(Prod, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_any(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """tf.reduce_any: whether one element is true, of bools along `axis`; see `reduce_sum`."""
    return _reduce(Any, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_all(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None, keep_dims=None):
    """tf.reduce_all: whether all elements are true, of bools along `axis`; see `reduce_sum`."""
    return _reduce(All, input_tensor, axis, keepdims, name, reduction_indices, keep_dims)
