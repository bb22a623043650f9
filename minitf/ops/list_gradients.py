"""Lists of gradients: what the gradients of a `TensorArray`'s operations are made of.

An element that no gradient reached is None, and stands for zeros.
"""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.op import Op

FLOW = (TensorShape([]), dtypes.variant)


class ListOp(Op, abstract=True):
    """An op on lists; `numpy` returns the list of its outputs."""

    foldable = False

    @classmethod
    def evaluate(cls, op, arrays):
        return cls.numpy(op, *arrays)


class ListZerosLike(ListOp):
    """A list of zeros (None) as long as the input."""

    inputs = {"input": "variant"}

    def infer(op, input):
        return [FLOW]

    def numpy(op, input):
        return [(None,) * len(input)]

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
        return [tuple(np.array(value) if i == int(index) else None for i in range(len(like)))]

    def gradient(op, dflow):
        return [None, None, ListItemLike.apply(dflow, *op.inputs[1:])]


class ListScatter(ListOp):
    """A list as long as `like`, with the rows of `value` added at `indices` and zeros elsewhere."""

    inputs = {"like": "variant", "indices": "int32", "value": "T"}
    types = {"T": ()}

    def infer(op, like, indices, value):
        return [FLOW]

    def numpy(op, like, indices, value):
        items = [None] * len(like)
        for i, row in zip(indices, value, strict=True):
            items[i] = np.array(row) if items[i] is None else items[i] + row
        return [tuple(items)]

    def gradient(op, dflow):
        return [None, None, ListRowsLike.apply(dflow, *op.inputs[1:])]


class ListDrop(ListOp):
    """The list with zero at `index`."""

    inputs = {"input": "variant", "index": "int32"}

    def infer(op, input, index):
        return [FLOW]

    def numpy(op, input, index):
        return [tuple(None if i == int(index) else v for i, v in enumerate(input))]

    def gradient(op, dflow):
        return [ListDrop.apply(dflow, op.inputs[1]), None]


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

    def gradient(op, dy):
        return [ListPlace.apply(op.inputs[0], op.inputs[1], dy), None, None]


class ListRowsLike(ListOp):
    """Elements `indices`, stacked; zeros in the shape of the row of `like` where there is none."""

    inputs = {"input": "variant", "indices": "int32", "like": "T"}
    types = {"T": ()}

    def infer(op, input, indices, like):
        return [(like.shape, like.dtype)]

    def numpy(op, input, indices, like):
        out = np.zeros_like(like)
        for row, i in enumerate(indices):
            if i < len(input) and input[i] is not None:
                out[row] = input[i]
        return [out]

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
        from minitf.ops.tensor_array import TensorArraySplitV3

        return [TensorArraySplitV3.apply(op.inputs[0], dy, op.inputs[2]), None, None]
