"""Joining and taking apart: concat, stack, unstack, split."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.kernels.copying import view_launch
from minitf.ops.array import expand_dims, rank, shape_n, shape_of, squeeze
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import INDICES, Op


class ConcatV2(Op):
    """The inputs one behind the other along `axis`; all other sizes are equal."""

    inputs = {"*values": "T", "axis": "Tidx"}
    types = {"T": (), "Tidx": INDICES}
    examples = [
        example([normal(2, 3), normal(2, 1)], array(1)),
        example([normal(2, 3), normal(4, 3), normal(1, 3)], array(-2)),
        example([normal(2, 1, 2), normal(2, 2, 2)], array(1)),
    ]

    def infer(op, *inputs):
        *values, axis = inputs
        if axis.shape.ndims not in (None, 0):
            raise ValueError(f"Shape must be rank 0 but is rank {axis.shape.ndims}")
        shapes = [v.shape for v in values]
        ndims = next((s.ndims for s in shapes if s.ndims is not None), None)
        if ndims is None:
            return [(TensorShape(None), op.attrs["T"])]
        if axis.value is None:
            for s in shapes:
                s.with_rank(ndims)
            return [(TensorShape([None] * ndims), op.attrs["T"])]
        return [(_joined_shape(shapes, int(axis.value), ndims), op.attrs["T"])]

    def cpu(op, *arrays):
        *values, axis, out = arrays
        axis = joined_axis(values[0], out)
        return [view_launch(v, part, v, out) for v, part in zip(values, _parts(values, axis, out), strict=True)]

    def numpy(op, *inputs):
        *values, axis = inputs
        return np.concatenate(values, int(axis))

    def gradient(op, dy):
        from minitf.ops.slicing import slice

        *values, axis = op.inputs
        if len(values) == 1:
            return [dy, None]
        dy = convert_to_tensor(dy)
        axis = axis % rank(values[0])
        sizes = _shapes_of(values)
        if len(sizes) > 16:
            lengths = squeeze(slice(stack(sizes, axis=1), stack([axis, 0]), [1, -1]))
            return [*split(dy, lengths, axis, num=len(values)), None]
        offsets = concat_offset(axis, sizes)
        return [*(slice(dy, begin, size) for begin, size in zip(offsets, sizes, strict=True)), None]


def _joined_shape(shapes, axis, ndims):
    if not -ndims <= axis < ndims:
        raise ValueError(f"Concatenation axis {axis} is not in the range [{-ndims}, {ndims}).")
    axis %= ndims
    rest, length = TensorShape([None] * ndims), 0
    for s in shapes:
        sizes = list(s.with_rank(ndims).sizes)
        length = None if length is None or sizes[axis] is None else length + sizes[axis]
        sizes[axis] = None
        rest = _merged(rest, sizes)
    sizes = list(rest.sizes)
    sizes[axis] = length
    return TensorShape(sizes)


def _merged(known, sizes):
    for d, (p, q) in enumerate(zip(known.sizes, sizes, strict=True)):
        if None not in (p, q) and p != q:
            raise ValueError(f"Dimension {d} in both shapes must be equal, but are {p} and {q}. "
                             f"Shapes are {known} and {TensorShape(sizes)}.")  # fmt: skip
    return known.merge_with(sizes)


def joined_axis(part, whole):
    """The axis along which `part` was joined with other arrays, none of them empty, into `whole`."""
    return next((d for d in range(part.ndim) if part.shape[d] != whole.shape[d]), 0)


def _parts(values, axis, out):
    """Views of `out`, one behind the other along `axis`, of the lengths of `values`."""
    ends = np.cumsum([v.shape[axis] for v in values])
    return np.split(out, ends[:-1], axis)


def _shapes_of(values):
    """The shapes as constants where all are known, else measured by one ShapeN."""
    shapes = []
    for v in values:
        shapes.append(shape_of(v))
        if shapes[-1].op.type != "Const":
            return shape_n(values)
    return shapes


class ConcatOffset(Op):
    """Where each of the arrays that were joined along `concat_dim` begins in the whole."""

    inputs = {"concat_dim": "int32", "*shape": "shape_type"}
    types = {"shape_type": INDICES}
    examples = [example(array(1), [array([2, 3]), array([2, 4]), array([2, 1])])]

    def infer(op, concat_dim, *shapes):
        return [(s.shape, s.dtype) for s in shapes]

    def numpy(op, concat_dim, *shapes):
        axis = int(concat_dim)
        if not -len(shapes[0]) <= axis < len(shapes[0]):
            raise ValueError(f"Concat dim is out of range: {axis} vs. {len(shapes[0])}")
        offsets, start = [], 0
        for s in shapes:
            offset = np.zeros_like(s)
            offset[axis] = start
            offsets.append(offset)
            start += s[axis]
        return offsets

    gradient = None


def concat_offset(concat_dim, shape, name=None):
    return ConcatOffset.make(concat_dim, shape, name=name).outputs


def concat(values, axis, name="concat"):
    """tf.concat: `values` one behind the other along `axis`.

    Raises ValueError where the other sizes differ or `axis` is out of range.
    """
    if not isinstance(values, (list, tuple)):
        values = [values]
    if len(values) > 1:
        return ConcatV2.apply(values, axis, name=name)
    from minitf.ops.array import identity

    with name_scope(name, "concat") as scope:
        axis = convert_to_tensor(axis, dtypes.int32, name="concat_dim")
        if axis.shape.ndims not in (None, 0):
            raise ValueError(f"Shape must be rank 0 but is rank {axis.shape.ndims}: the axis of concat")
        return identity(values[0], name=name or scope)


class Pack(Op):
    """Inputs of one shape as the elements of a new axis."""

    inputs = {"*values": "T"}
    types = {"T": ()}
    attrs = {"axis": 0}
    examples = [example([normal(2, 3), normal(2, 3)]), example([normal(3), normal(3)], axis=-1)]

    def infer(op, *values):
        shape = values[0].shape
        for v in values[1:]:
            shape = shape.merge_with(v.shape)
        if shape.ndims is None:
            return [(shape, op.attrs["T"])]
        axis = _checked_axis(op.attrs["axis"], shape.ndims + 1)
        return [(TensorShape([*shape.sizes[:axis], len(values), *shape.sizes[axis:]]), op.attrs["T"])]

    def cpu(op, *arrays):
        *values, out = arrays
        rows = np.moveaxis(out, op.attrs["axis"], 0)
        return [view_launch(v, rows[i, ...], v, out) for i, v in enumerate(values)]

    def numpy(op, *values):
        return np.stack(values, op.attrs["axis"])

    def gradient(op, dy):
        return unstack(dy, num=len(op.inputs), axis=op.attrs["axis"])


class Unpack(Op):
    """The elements of one axis as that many outputs."""

    inputs = {"value": "T"}
    types = {"T": ()}
    attrs = {"axis": 0}
    default_name = "unstack"
    examples = [example(normal(2, 3), num=2), example(normal(2, 3), num=3, axis=-1)]

    def infer(op, value):
        num = op.attrs["num"]
        if value.shape.ndims is None:
            return [(TensorShape(None), value.dtype)] * num
        sizes = list(value.shape.with_rank_at_least(1).sizes)
        length = sizes.pop(_checked_axis(op.attrs["axis"], len(sizes)))
        if length not in (None, num):
            raise ValueError(f"Dimension must be {num} but is {length}")
        return [(TensorShape(sizes), value.dtype)] * num

    def cpu(op, value, *outs):
        rows = np.moveaxis(value, op.attrs["axis"], 0)
        return [view_launch(rows[i, ...], out, value, out) for i, out in enumerate(outs)]

    def numpy(op, value):
        return [np.array(row) for row in np.moveaxis(value, op.attrs["axis"], 0)]

    def gradient(op, *dys):
        return [stack(dys, axis=op.attrs["axis"])]


def _checked_axis(axis, ndims):
    if not -ndims <= axis < ndims:
        raise ValueError(f"Argument `axis` = {axis} not in range [{-ndims}, {ndims})")
    return axis % ndims


def stack(values, axis=0, name="stack"):
    """tf.stack: tensors of one shape as the elements of a new axis.

    Raises ValueError where the shapes differ or `axis` is out of range.
    """
    if isinstance(values, Tensor):
        if axis == 0:
            return values
        values = unstack(values)
    if axis == 0 and not all(isinstance(v, Tensor) for v in values):
        return convert_to_tensor(values, name=name)
    if axis != 0:
        first = convert_to_tensor(values[0], name=name)
        if first.shape.ndims is not None:
            _checked_axis(axis, first.shape.ndims + 1)
    return Pack.apply(values, axis=int(axis), name=name)


def unstack(value, num=None, axis=0, name="unstack"):
    """tf.unstack: the list of the elements of `axis`; `num` says how many where the shape does not.

    Raises ValueError where their number can't be inferred, or is not `num`.
    """
    if num is None:
        value = convert_to_tensor(value)
        if value.shape.ndims is not None:
            num = value.shape.sizes[_checked_axis(axis, value.shape.ndims)]
        if num is None:
            raise ValueError(f"Cannot infer argument `num` from shape {value.shape}")
    return Unpack.make(value, num=int(num), axis=int(axis), name=name).outputs


class ParallelConcat(Op):
    """Inputs of shape (1, ...) one behind the other along the first axis."""

    inputs = {"*values": "T"}
    types = {"T": ()}
    examples = [example([normal(1, 3), normal(1, 3)], shape=TensorShape([2, 3]), gradient=False)]

    def infer(op, *values):
        for v in values:
            v.shape.assert_is_compatible_with([1, *op.attrs["shape"].sizes[1:]])
        return [(op.attrs["shape"], op.attrs["T"])]

    def numpy(op, *values):
        return np.concatenate(values)

    def gradient(op, dy):
        return split(dy, len(op.inputs), axis=0)


def parallel_stack(values, name="parallel_stack"):
    """tf.parallel_stack: `stack` along the first axis for tensors of a fully known shape."""
    with name_scope(name):
        first = convert_to_tensor(values[0])
        shape = TensorShape([len(values)]).concatenate(first.shape)
        rows = [expand_dims(v, 0) for v in (first, *values[1:])]
        return ParallelConcat.apply(rows, shape=shape)


class Split(Op):
    """`num_split` equal parts along the axis `split_dim`."""

    inputs = {"split_dim": "int32", "value": "T"}
    types = {"T": ()}
    static = (0,)
    default_name = "split"
    examples = [example(array(0), normal(4, 3), num_split=2), example(array(-1), normal(2, 3), num_split=3)]

    def infer(op, split_dim, value):
        num, ndims = op.attrs["num_split"], value.shape.ndims
        if ndims is None or split_dim.value is None:
            return [(TensorShape(None if ndims is None else [None] * ndims), value.dtype)] * num
        sizes = list(value.shape.sizes)
        axis = _split_axis(split_dim.value, ndims)
        if sizes[axis] is not None:
            if sizes[axis] % num:
                raise ValueError(
                    f"Dimension size must be evenly divisible by {num} but is {sizes[axis]}. "
                    "Number of ways to split should evenly divide the split dimension"
                )
            sizes[axis] //= num
        return [(TensorShape(sizes), value.dtype)] * num

    def cpu(op, split_dim, value, *outs):
        return _split_launches(value, int(split_dim), outs)

    def numpy(op, split_dim, value):
        return [np.array(part) for part in np.split(value, op.attrs["num_split"], int(split_dim))]

    def gradient(op, *dys):
        return [None, concat(dys, op.inputs[0])]


class SplitV(Op):
    """Parts of the lengths `size_splits` along the axis `split_dim`; one length may be -1: what remains."""

    inputs = {"value": "T", "size_splits": "Tlen", "split_dim": "int32"}
    types = {"T": (), "Tlen": INDICES}
    static = (1, 2)
    default_name = "split"
    examples = [
        example(normal(4, 3), array([1, 3]), array(0), num_split=2),
        example(normal(2, 5), array([1, -1, 2]), array(1), num_split=3),
    ]

    def infer(op, value, size_splits, split_dim):
        num, ndims = op.attrs["num_split"], value.shape.ndims
        if size_splits.shape.ndims == 1 and size_splits.shape.sizes[0] not in (None, num):
            raise ValueError(f"Length of `size_splits` must be {num} but is {size_splits.shape.sizes[0]}")
        if ndims is None or split_dim.value is None:
            return [(TensorShape(None if ndims is None else [None] * ndims), value.dtype)] * num
        sizes = list(value.shape.sizes)
        axis = _split_axis(split_dim.value, ndims)
        lengths = [None] * num
        if size_splits.value is not None:
            lengths = _split_lengths(size_splits.value, sizes[axis])
        return [(TensorShape([*sizes[:axis], n, *sizes[axis + 1 :]]), value.dtype) for n in lengths]

    def cpu(op, value, size_splits, split_dim, *outs):
        return _split_launches(value, int(split_dim), outs)

    def numpy(op, value, size_splits, split_dim):
        axis = _split_axis(split_dim, value.ndim)
        ends = np.cumsum(_split_lengths(size_splits, value.shape[axis]))
        return [np.array(part) for part in np.split(value, ends[:-1], axis)]

    def gradient(op, *dys):
        return [concat(dys, op.inputs[2]), None, None]


def _split_axis(axis, ndims):
    if not -ndims <= int(axis) < ndims:
        raise ValueError(f"-input rank(-{ndims}) <= split_dim < input rank ({ndims}), but got {int(axis)}")
    return int(axis) % ndims


def _split_lengths(wanted, total):
    """The lengths with -1 filled in; None where `total` is not known."""
    lengths = [int(n) for n in wanted]
    if lengths.count(-1) > 1 or any(n < -1 for n in lengths):
        raise ValueError(f"Only one size may be -1, and none below it: {lengths}")
    known = sum(n for n in lengths if n != -1)
    if -1 not in lengths:
        if total not in (None, known):
            raise ValueError(f"Determined shape must either match input shape along split_dim exactly if fully "
                             f"specified: sizes {lengths} against {total}")  # fmt: skip
        return lengths
    if total is not None and known > total:
        raise ValueError(f"The sizes {lengths} exceed the length {total} that is split")
    rest = None if total is None else total - known
    return [rest if n == -1 else n for n in lengths]


def _split_launches(value, axis, outs):
    parts = _parts(outs, axis, value)
    return [view_launch(part, out, value, out) for part, out in zip(parts, outs, strict=True)]


def split(value, num_or_size_splits, axis=0, num=None, name="split"):
    """tf.split: `num_or_size_splits` equal parts along `axis`, or parts of the lengths it lists.

    Returns a list.  Raises ValueError where the lengths do not add up.
    """
    if isinstance(num_or_size_splits, (int, np.integer)):
        return Split.make(axis, value, num_split=int(num_or_size_splits), name=name).outputs
    lengths = convert_to_tensor(num_or_size_splits)
    if lengths.shape.ndims == 0 and lengths.dtype.is_integer:
        raise ValueError("Rank-0 tensors are not supported as the num_or_size_splits argument to split.")
    if num is None:
        num = lengths.shape.sizes[0] if lengths.shape.ndims == 1 else None
    if num is None:
        raise ValueError(f"Cannot infer argument `num` from shape {lengths.shape}")
    return SplitV.make(value, lengths, axis, num_split=int(num), name=name).outputs
