"""Slices: `x[1:, ::-2]` as a tensor, and assignment to such a part of a variable.

An index expression becomes three integer vectors (begin, end, strides) and five bit masks, one bit
per item of the expression; `_index` turns them back into Python's own index, which NumPy understands.
"""

import builtins

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.graph.shape import Dimension, TensorShape
from minitf.kernels import copying
from minitf.ops.array import rank, reshape, shape_of
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import INDICES, Op, constant_value

_MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")

newaxis = None  # in an index expression: a new axis of size 1


class Slice(Op):
    """The block of `size` elements from `begin` on; a size of -1 is all that remains."""

    inputs = {"input": "T", "begin": "Index", "size": "Index"}
    types = {"T": (), "Index": INDICES}
    static = (1, 2)
    examples = [
        example(normal(4, 5), array([1, 0]), array([2, -1])),
        example(normal(3, 4, 2), array([0, 1, 1]), array([3, 2, 1])),
    ]

    def infer(op, input, begin, size):
        for vector in (begin, size):
            vector.shape.with_rank(1)
            if vector.shape.sizes and vector.shape.sizes[0] is not None:
                input.shape.with_rank(vector.shape.sizes[0])
        if size.value is None:
            return [(_partly_known(size, input.shape), input.dtype)]
        known = input.shape.with_rank(len(size.value)).sizes
        first = [None] * len(known) if begin.value is None else begin.value
        return [(TensorShape(_block_sizes(known, first, size.value)), input.dtype)]

    def cpu(op, input, begin, size, out):
        return [copying.view_launch(input[(*_block(input.shape, begin, size), ...)], out, input, out)]

    def numpy(op, input, begin, size):
        return input[(*_block(input.shape, begin, size), ...)].copy()

    def gradient(op, dy):
        from minitf.ops.joining import concat, stack
        from minitf.ops.padding import pad

        input, begin, _ = op.inputs
        count, size = rank(input), shape_of(op.outputs[0])
        column = stack([count, 1])
        before = reshape(begin, column)
        after = reshape(shape_of(input) - size - begin, column)
        return [pad(dy, concat([before, after], 1)), None, None]


def _partly_known(size, whole):
    """The shape of a block whose `size` is known in part; an element of -1 counts as unknown."""
    found = size.sizes() or TensorShape(None)
    return found if whole.ndims is None else found.merge_with(TensorShape([None] * whole.ndims))


def _block_sizes(sizes, begin, wanted):
    out = []
    for d, (n, b, w) in enumerate(zip(sizes, begin, wanted, strict=True)):
        if w < -1:
            raise ValueError(f"Expected size[{d}] >= -1, but got {w}")
        out.append(int(w) if w != -1 else None if None in (n, b) else max(n - int(b), 0))
    return out


def _block(sizes, begin, wanted):
    lengths = _block_sizes(sizes, begin, wanted)
    for d, (n, b, length) in enumerate(zip(sizes, begin, lengths, strict=True)):
        if not (0 <= b <= n and b + length <= n):
            raise ValueError(f"Expected begin[{d}] in [0, {n}] and size[{d}] in [0, {n - b}], but got {b} and {length}")
    return [builtins.slice(int(b), int(b) + n) for b, n in zip(begin, lengths, strict=True)]


def slice(input_, begin, size, name=None):
    """tf.slice: the block of `size` elements (-1: all that remain) that starts at `begin`.

    Raises ValueError (InvalidArgumentError at run time) where it does not lie inside `input_`.
    """
    return Slice.apply(input_, begin, size, name=name)


class StridedSlice(Op):
    """x[begin:end:strides] for every axis; bits of the masks mark what is not a plain range.

    begin_mask, end_mask: from or up to the very end; ellipsis_mask: `...`; new_axis_mask: a new axis of
    size 1; shrink_axis_mask: one element, and the axis is gone.
    """

    inputs = {"input": "T", "begin": "Index", "end": "Index", "strides": "Index"}
    types = {"T": (), "Index": INDICES}
    attrs = dict.fromkeys(_MASKS, 0)
    static = (1, 2, 3)
    examples = [
        example(normal(4, 5), array([1, 0]), array([3, 0]), array([1, -2]), begin_mask=2, end_mask=2),
        example(normal(4, 5), array([1]), array([2]), array([1]), shrink_axis_mask=1),
        example(normal(2, 3, 4), array([0, 0, 1]), array([0, 0, 2]), array([1, 1, 1]),
                ellipsis_mask=1, new_axis_mask=2, shrink_axis_mask=4),
    ]  # fmt: skip

    def infer(op, input, begin, end, strides):
        return [(_sliced_shape(op, input.shape, begin, end, strides), input.dtype)]

    def cpu(op, input, begin, end, strides, out):
        view = input[_index(begin, end, strides, op.attrs)]
        return [copying.view_launch(view, out, input, out)]

    def numpy(op, input, begin, end, strides):
        return input[_index(begin, end, strides, op.attrs)].copy()

    def gradient(op, dy):
        input, *bounds = op.inputs
        vectors = [_value_if_known(v) for v in (shape_of(input, out_type=bounds[0].dtype), *bounds)]
        dx = StridedSliceGrad.apply(*vectors, dy, **_masks(op))
        return [dx, None, None, None]


class StridedSliceGrad(Op):
    """Zeros of `shape`, with `dy` at the places that the same slice would take."""

    inputs = {"shape": "Index", "begin": "Index", "end": "Index", "strides": "Index", "dy": "T"}
    types = {"T": (), "Index": INDICES}
    attrs = dict.fromkeys(_MASKS, 0)
    static = (0, 1, 2, 3)
    examples = [
        example(array([4, 5]), array([1, 0]), array([3, 0]), array([1, -2]), normal(2, 3), begin_mask=2, end_mask=2),
        example(array([4, 5]), array([1]), array([2]), array([1]), normal(5), shrink_axis_mask=1),
    ]

    def infer(op, shape, begin, end, strides, dy):
        return [(shape.sizes(), dy.dtype)]

    def cpu(op, shape, begin, end, strides, dy, out):
        view = out[_index(begin, end, strides, op.attrs)]
        return [copying.fill_launch(0, out), copying.view_launch(dy, view, dy, out)]

    def numpy(op, shape, begin, end, strides, dy):
        out = np.zeros([int(n) for n in shape], dy.dtype)
        out[_index(begin, end, strides, op.attrs)] = dy
        return out

    def gradient(op, dy):
        _, begin, end, strides, _ = op.inputs
        return [None, None, None, None, StridedSlice.apply(dy, begin, end, strides, **_masks(op))]


class StridedSliceAssign(Op):
    """ref[begin:end:strides] = value, broadcast to that part; the output is the variable."""

    inputs = {"ref": "T", "begin": "Index", "end": "Index", "strides": "Index", "value": "T"}
    types = {"T": (), "Index": INDICES}
    attrs = dict.fromkeys(_MASKS, 0)
    static = (1, 2, 3)
    reference = (0,)
    examples = [
        example(normal(4, 5), array([1, 0]), array([3, 0]), array([1, -2]), normal(2, 3), begin_mask=2, end_mask=2),
        example(normal(4, 5), array([1]), array([2]), array([1]), normal(), shrink_axis_mask=1),
    ]

    def infer(op, ref, begin, end, strides, value):
        part = _sliced_shape(op, ref.shape, begin, end, strides)
        if part.is_fully_defined() and value.shape.is_fully_defined():
            np.broadcast_to(np.int8(0), value.shape.sizes)
            if np.broadcast_shapes(part.sizes, value.shape.sizes) != part.sizes:
                raise ValueError(f"A value of shape {value.shape} can't be assigned to a part of shape {part}")
        return [(ref.shape, ref.dtype._as_ref)]

    def cpu(op, ref, begin, end, strides, value):
        view = ref[_index(begin, end, strides, op.attrs)]
        return [copying.view_launch(np.broadcast_to(value, view.shape), view, value, ref)]

    def numpy(op, ref, begin, end, strides, value):
        out = ref.copy()
        out[_index(begin, end, strides, op.attrs)] = value
        return out

    gradient = None


def _value_if_known(vector):
    value = constant_value(vector)
    return vector if value is None else value


def _masks(op):
    return {name: op.attrs[name] for name in _MASKS}


def _index(begin, end, strides, attrs):
    """Python's index for the part that vectors and masks describe; it always gives a view."""
    items = []
    for i in range(len(begin)):
        if attrs["ellipsis_mask"] >> i & 1:
            items.append(Ellipsis)
        elif attrs["new_axis_mask"] >> i & 1:
            items.append(None)
        elif attrs["shrink_axis_mask"] >> i & 1:
            items.append(int(begin[i]))
        else:
            first = None if attrs["begin_mask"] >> i & 1 else int(begin[i])
            last = None if attrs["end_mask"] >> i & 1 else int(end[i])
            items.append(builtins.slice(first, last, int(strides[i])))
    return tuple(items) if Ellipsis in items else (*items, Ellipsis)


def _sliced_shape(op, shape, begin, end, strides):
    """The shape of a strided slice, as far as it is known.  Raises ValueError where it can't be taken."""
    attrs, count = op.attrs, begin.shape.sizes[0] if begin.shape.ndims == 1 else None
    if bin(attrs["ellipsis_mask"]).count("1") > 1:
        raise ValueError("Multiple ellipses in slice spec not allowed")
    if strides.value is not None and (np.asarray(strides.value) == 0).any():
        raise ValueError(f"strides[{int(np.argmin(np.abs(strides.value)))}] must be non-zero")
    if shape.ndims is None or count is None or strides.value is None:
        return TensorShape(None)
    known = begin.value is not None and end.value is not None
    ones = [0] * count
    items = _index(begin.value if known else ones, end.value if known else ones, strides.value, attrs)
    sizes, out, taken = shape.sizes, [], sum(i is not None and i is not Ellipsis for i in items)
    if taken > len(sizes):
        raise ValueError(f"Index out of range using input dim {len(sizes)}; input has only {len(sizes)} dims")
    d = 0
    for item in items:
        if item is None:
            out.append(1)
        elif item is Ellipsis:
            out.extend(sizes[d : d + len(sizes) - taken])
            d += len(sizes) - taken
        else:
            if isinstance(item, int):
                _check_inside(item, sizes[d], d, known)
            else:
                out.append(_range_length(item, sizes[d], known))
            d += 1
    return TensorShape(out)


def _check_inside(i, size, d, known):
    if known and size is not None and not -size <= i < size:
        raise ValueError(f"slice index {i} of dimension {d} out of bounds.")


def _range_length(item, size, known):
    if size is None or (not known and (item.start is not None or item.stop is not None)):
        return None
    return len(range(*item.indices(size)))


# -- from Python's index expressions -----------------------------------------------------------------------


def strided_slice(input_, begin, end, strides=None, begin_mask=0, end_mask=0, ellipsis_mask=0,
                  new_axis_mask=0, shrink_axis_mask=0, var=None, name=None):  # fmt: skip
    """tf.strided_slice: `input_[begin:end:strides]` for every axis; the masks are those of `StridedSlice`.

    With a variable `var`, the result has a method `assign(value)` that writes that part of it.
    """
    from minitf.ops.array import ones_like

    if strides is None:
        strides = ones_like(begin)
    masks = dict(zip(_MASKS, (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask), strict=True))
    result = StridedSlice.apply(input_, begin, end, strides, name=name, **masks)

    def assign(value, name=None):
        if var is None:
            raise ValueError("Sliced assignment is only supported for variables")
        name = name or result.op.name + "/_assign"
        ref = var._ref() if hasattr(var, "_ref") else var
        return StridedSliceAssign.apply(ref, begin, end, strides, value, name=name, **masks)

    result.assign = assign
    return result


def _get_item(tensor, key, var=None):
    """`tensor[key]` for integers, ranges, `...`, `tf.newaxis`, integer tensors, and boolean masks.

    Raises TypeError for any other index, ValueError for one out of range.
    """
    if _is_mask(key):
        from minitf.ops.masking import boolean_mask

        return boolean_mask(tensor, key)
    items = list(key) if isinstance(key, (list, tuple)) else [key]
    begin, end, strides, masks = [], [], [], dict.fromkeys(_MASKS, 0)
    for i, item in enumerate(items):
        first, last, step, marks = _bounds(item)
        begin.append(first)
        end.append(last)
        strides.append(step)
        for mask in marks:
            masks[mask] |= 1 << i
    with name_scope(None, "strided_slice", [tensor, *begin, *end, *strides]) as scope:
        packed = _packed(begin, end, strides)
        return strided_slice(tensor, *packed, var=var, name=scope, **masks)


def _is_mask(key):
    if isinstance(key, (bool, np.bool_)):
        return True
    return isinstance(key, (Tensor, np.ndarray)) and dtypes.as_dtype(key.dtype).base_dtype.is_bool


def _bounds(item):
    """(begin, end, stride, names of the masks to set) of one item of an index expression."""
    if isinstance(item, builtins.slice):
        return _range_bounds(item)
    if item is Ellipsis:
        return 0, 0, 1, ["ellipsis_mask"]
    if item is None:
        return 0, 0, 1, ["new_axis_mask"]
    item = _checked_index(item)
    step = constant(1, dtypes.int64) if isinstance(item, Tensor) and item.dtype is dtypes.int64 else 1
    return item, item + 1, step, ["shrink_axis_mask"]


def _range_bounds(item):
    given = [None if v is None else _checked_index(v) for v in (item.start, item.stop, item.step)]
    dtype = next((v.dtype for v in given if isinstance(v, Tensor)), None)
    values = [
        v if v is not None else default if dtype is None else constant(default, dtype)
        for v, default in zip(given, (0, 0, 1), strict=True)
    ]
    return *values, [mask for mask, v in zip(("begin_mask", "end_mask"), given, strict=False) if v is None]


def _checked_index(value):
    if isinstance(value, Dimension):
        value = value.value
    if hasattr(value, "_as_tensor") or isinstance(value, Tensor):
        tensor = convert_to_tensor(value)
        if tensor.dtype.name in INDICES and tensor.shape.ndims in (None, 0):
            return tensor
    elif not isinstance(value, (bool, np.bool_)) and hasattr(value, "__index__") and np.ndim(value) == 0:
        return value.__index__()
    raise TypeError(
        "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors "
        f"are valid indices, got {value!r}"
    )


def _packed(begin, end, strides):
    """The three vectors as tensors named stack, stack_1, stack_2, of one dtype."""
    from minitf.ops.casting import cast
    from minitf.ops.joining import stack

    if not begin:
        return [constant(np.zeros(0, np.int32), name="stack") for _ in range(3)]
    packed = [stack(values) for values in (begin, end, strides)]
    if all(p.dtype is packed[0].dtype for p in packed):
        return packed
    return [p if p.dtype is dtypes.int64 else cast(p, dtypes.int64) for p in packed]


Tensor.operators["__getitem__"] = _get_item
