"""Lists of gradients: what the gradients of a `TensorArray`'s operations are made of.

An element that no gradient reached is None, and stands for zeros.
"""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.list_nodes import write_list, write_rows_shape, write_size
from minitf.ops.op import Op
from minitf.ops.rows import Rows, in_order

MOST_PLACES = 1 << 24
FLOW = (TensorShape([]), dtypes.variant)


class ListOp(Op, abstract=True):
    """An op on lists; `numpy` returns the list of its outputs."""

    foldable = False

    @classmethod
    def evaluate(cls, op, arrays):
        return cls.numpy(op, *arrays)

    @classmethod
    def explain(cls, op, *arrays):
        try:
            cls.numpy(op, *arrays)
        except errors.OpError as error:
            return error
        return super().explain(op, *arrays)


class ListZerosLike(ListOp):
    """A list of zeros (None) as long as the input."""

    inputs = {"input": "variant"}

    def infer(op, input):
        return [FLOW]

    def numpy(op, input):
        return [(None,) * len(input)]

    def write(op, nodes):
        nodes.replace(op, "ZerosLike", op.inputs, T=dtypes.variant)

    gradient = None


class ListShorten(ListOp):
    """The list without its last element."""

    inputs = {"input": "variant"}

    def infer(op, input):
        return [FLOW]

    def numpy(op, input):
        return [input[:-1]]

    gradient = None


class ListResize(ListOp):
    """The list with `size` places: the first ones of it, or with empty ones behind it."""

    inputs = {"input": "variant", "size": "int32"}

    def infer(op, input, size):
        return [FLOW]

    def numpy(op, input, size):
        if not 0 <= size <= MOST_PLACES:
            raise errors.InvalidArgumentError(None, op, f"A list can't have {size} places")
        return [(*input[: int(size)], *[None] * (int(size) - len(input)))]

    gradient = None


class ListAdd(ListOp):
    """Two lists of gradients, added element by element."""

    inputs = {"x": "variant", "y": "variant"}

    def infer(op, x, y):
        return [FLOW]

    def numpy(op, x, y):
        size = max(len(x), len(y))
        x, y = (tuple(v) + (None,) * (size - len(v)) for v in (x, y))
        return [_sum_of_lists(x, y)]

    def write(op, nodes):
        nodes.replace(op, "AddN", op.inputs, N=2, T=dtypes.variant)

    def gradient(op, dz):
        return [dz, dz]


def _sum_of_lists(x, y):
    """Element by element; an element may be a list itself, and None stands for zeros."""
    if x is None or y is None:
        return y if x is None else x
    return tuple(map(_sum_of_lists, x, y)) if isinstance(x, tuple) else np.asarray(x + y)


class ListDense(ListOp):
    """The list with zeros, in the shape of the elements of `like`, where it has no element."""

    inputs = {"input": "variant", "like": "variant"}

    def infer(op, input, like):
        return [FLOW]

    def numpy(op, input, like):
        if isinstance(input, Rows) and input.whole() and len(input) == len(like):
            return [input]
        return [tuple(_zeros_like(b) if a is None else a for a, b in zip(input, like, strict=True))]

    def gradient(op, dflow):
        return [dflow, None]


def _zeros_like(value):
    return (None,) * len(value) if isinstance(value, tuple) else np.zeros_like(value)


class ListPlace(ListOp):
    """A list as long as `like`, with `value` at `index` and zeros elsewhere."""

    inputs = {"like": "variant", "index": "int32", "value": "T"}
    types = {"T": ()}

    def infer(op, like, index, value):
        return [FLOW]

    def numpy(op, like, index, value):
        value = value if isinstance(value, tuple) else np.array(value)
        return [tuple(value if i == int(index) else None for i in range(len(like)))]

    def write(op, nodes):
        like, index, value = op.inputs
        dtype = value.dtype.base_dtype
        items = write_list(nodes, op, "list", write_size(nodes, op, like), dtype)
        nodes.replace(op, "TensorListSetItem", [items, index, value], element_dtype=dtype)

    def gradient(op, dflow):
        return [None, None, ListItemLike.apply(dflow, *op.inputs[1:])]


class ListScatter(ListOp):
    """A list as long as `like`, with the rows of `value` added at `indices` and zeros elsewhere."""

    inputs = {"like": "variant", "indices": "int32", "value": "T"}
    types = {"T": ()}

    def infer(op, like, indices, value):
        return [FLOW]

    def numpy(op, like, indices, value):
        if in_order(indices, len(like)) and len(value) == len(like):
            return [Rows(np.array(value))]
        items = [None] * len(like)
        for i, row in zip(indices, value, strict=True):
            items[i] = np.array(row) if items[i] is None else items[i] + row
        return [tuple(items)]

    def write(op, nodes):
        like, indices, value = op.inputs
        dtype, size = value.dtype.base_dtype, write_size(nodes, op, like)
        if indices.op.type == "Range":  # no place twice
            items = write_list(nodes, op, "list", size, dtype)
            nodes.replace(
                op, "TensorListScatterIntoExistingList", [items, value, indices], element_dtype=dtype
            )
            return
        kinds = {"T": dtype, "Tindices": dtypes.int32, "Tnumsegments": dtypes.int32}
        rows = nodes.node(op, "UnsortedSegmentSum", [value, indices, size], "rows", **kinds).output()
        shape = nodes.shape(op, "list_shape", None)
        nodes.replace(op, "TensorListFromTensor", [rows, shape], element_dtype=dtype, shape_type=dtypes.int32)

    def gradient(op, dflow):
        return [None, None, ListRowsLike.apply(dflow, *op.inputs[1:])]


class ListDrop(ListOp):
    """The list with zero at `index`, where it holds tensors like `like`."""

    inputs = {"input": "variant", "index": "int32", "like": "T"}
    types = {"T": ()}

    def infer(op, input, index, like):
        return [FLOW]

    def numpy(op, input, index, like):
        return [tuple(None if i == int(index) else v for i, v in enumerate(input))]

    def write(op, nodes):
        items, index, like = op.inputs
        dtype = like.dtype.base_dtype
        zeros = nodes.node(op, "ZerosLike", [like], "zeros", T=dtype).output()
        nodes.replace(op, "TensorListSetItem", [items, index, zeros], element_dtype=dtype)

    def gradient(op, dflow):
        return [ListDrop.apply(dflow, *op.inputs[1:]), None, None]


class ListItemLike(ListOp):
    """Element `index`; zeros in the shape of `like` where there is none."""

    inputs = {"input": "variant", "index": "int32", "like": "T"}
    types = {"T": ()}

    def infer(op, input, index, like):
        return [(like.shape, like.dtype)]

    def numpy(op, input, index, like):
        i = int(index)
        found = input[i] if i < len(input) else None
        return [np.zeros_like(like) if found is None else found]

    def write(op, nodes):
        items, index, like = op.inputs
        dtype = like.dtype.base_dtype
        shape = nodes.node(op, "Shape", [like], "shape", T=dtype, out_type=dtypes.int32).output()
        nodes.replace(op, "TensorListGetItem", [items, index, shape], element_dtype=dtype)

    def gradient(op, dy):
        return [ListPlace.apply(op.inputs[0], op.inputs[1], dy), None, None]


class ListRowsLike(ListOp):
    """Elements `indices`, stacked; zeros in the shape of the row of `like` where there is none."""

    inputs = {"input": "variant", "indices": "int32", "like": "T"}
    types = {"T": ()}

    def infer(op, input, indices, like):
        return [(like.shape, like.dtype)]

    def numpy(op, input, indices, like):
        if isinstance(input, Rows) and input.whole() and in_order(indices, len(input)):
            return [input.block.copy()]
        out = np.zeros_like(like)
        for row, i in enumerate(indices):
            if i < len(input) and input[i] is not None:
                out[row] = input[i]
        return [out]

    def write(op, nodes):
        items, indices, like = op.inputs
        shape = write_rows_shape(nodes, op, like)
        nodes.replace(op, "TensorListGather", [items, indices, shape], element_dtype=like.dtype.base_dtype)

    def gradient(op, dy):
        return [ListScatter.apply(op.inputs[0], op.inputs[1], dy), None, None]


class ListConcatLike(ListOp):
    """Elements joined along their first axis, with zeros in the shape of `like` for those that are none."""

    inputs = {"input": "variant", "like": "T", "lengths": "int64"}
    types = {"T": ()}

    def infer(op, input, like, lengths):
        return [(like.shape, like.dtype)]

    def numpy(op, input, like, lengths):
        out, start = np.zeros_like(like), 0
        for part, length in zip(input, lengths, strict=True):
            if part is not None:
                out[start : start + length] = part
            start += length
        return [out]

    def gradient(op, dy):
        from minitf.ops.lists import TensorArraySplitV3

        return [TensorArraySplitV3.apply(op.inputs[0], dy, op.inputs[2]), None, None]
