"""Masks: chosen by a mask (boolean_mask), made of lengths (sequence_mask)."""

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.graph.sparse import IndexedSlices
from minitf.ops.array import expand_dims, reshape, shape_of, squeeze
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.gathering import gather
from minitf.ops.op import constant_value


def boolean_mask(tensor, mask, name="boolean_mask", axis=None):
    """tf.boolean_mask: the elements (or slices) of `tensor` where `mask` is True, in one axis.

    `mask` has the shape of some axes of `tensor` that begin at `axis` (default 0).
    Raises ValueError where it has not, or is a scalar.
    """
    from minitf.ops.joining import concat
    from minitf.ops.reductions import reduce_prod
    from minitf.ops.selection import where

    with name_scope(name, values=[tensor, mask]):
        tensor = convert_to_tensor(tensor, name="tensor")
        mask = convert_to_tensor(mask, name="mask")
        ndims, axis = _mask_rank(mask), _mask_axis(axis)
        tensor.shape[axis : axis + ndims].assert_is_compatible_with(mask.shape)
        count = reduce_prod(shape_of(tensor)[axis : axis + ndims], [0])
        sizes = concat([shape_of(tensor)[:axis], [count], shape_of(tensor)[axis + ndims :]], 0)
        static = tensor.shape[axis : axis + ndims].num_elements()
        flat = reshape(tensor, sizes)
        flat.set_shape(tensor.shape[:axis].concatenate([static]).concatenate(tensor.shape[axis + ndims :]))
        chosen = squeeze(where(reshape(mask, [-1])), axis=[1])
        return gather(flat, chosen, axis=axis)


def _mask_rank(mask):
    ndims = mask.shape.ndims
    if ndims == 0:
        raise ValueError("mask cannot be scalar.")
    if ndims is None:
        raise ValueError("Number of mask dimensions must be specified, even if some dimensions are None.  "
                         "E.g. shape=[None] is ok, but shape=None is not.")  # fmt: skip
    return ndims


def _mask_axis(axis):
    if axis is None:
        return 0
    value = constant_value(axis) if isinstance(axis, Tensor) else axis
    if value is None:
        raise ValueError("axis of boolean_mask must be known when the graph is built")
    return int(value)


def sequence_mask(lengths, maxlen=None, dtype=dtypes.bool, name=None):
    """tf.sequence_mask: row i begins with lengths[i] times True, and False follows up to `maxlen`.

    lengths: (...) -> (..., maxlen), where `maxlen` is the longest by default.
    Raises ValueError where `maxlen` is not a scalar.
    """
    from minitf.ops.arithmetic import maximum
    from minitf.ops.casting import cast
    from minitf.ops.comparison import less
    from minitf.ops.ranges import Range
    from minitf.ops.reductions import all_axes, reduce_max

    with name_scope(name, "SequenceMask", [lengths, maxlen]):
        lengths = convert_to_tensor(lengths)
        if maxlen is None:
            maxlen = reduce_max(lengths, all_axes(lengths))
            maxlen = maximum(constant(0, maxlen.dtype), maxlen)
        else:
            maxlen = convert_to_tensor(maxlen)
        if maxlen.shape.ndims not in (None, 0):
            raise ValueError("maxlen must be scalar for sequence_mask")
        places = Range.apply(constant(0, maxlen.dtype), maxlen, constant(1, maxlen.dtype), name="Range")
        column = cast_always(expand_dims(lengths, -1), maxlen.dtype)
        mask = less(places, column)
        wanted = dtypes.as_dtype(dtype).base_dtype
        return mask if wanted is dtypes.bool else cast(mask, wanted)


def cast_always(x, dtype):
    """A Cast even to the dtype that `x` has, as TensorFlow makes it here."""
    from minitf.ops.casting import Cast

    return Cast.apply(x, DstT=dtype)


def sparse_mask(a, mask_indices, name=None):
    """tf.sparse_mask: the IndexedSlices `a` without the rows that `mask_indices` name."""
    from minitf.ops.uniqueness import listdiff

    with name_scope(name, "sparse_mask", [a, mask_indices]) as scope:
        kept, places = listdiff(a.indices, mask_indices)
        return IndexedSlices(gather(a.values, places, name=scope), kept, a.dense_shape)
