"""Sets: the rows (the last axis) of tensors, with the operations of sets."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example
from minitf.ops.op import Op
from minitf.ops.sparse import sparse_specs
from minitf.ops.sparse_tensor import SparseTensor
from minitf.ops.strings import filled

_MEMBERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "string")
_A, _B = array([[1, 2, 2], [3, 4, 5]]), array([[2, 9], [5, 3]])
_OPERATIONS = {
    "a-b": lambda a, b: a - b,
    "b-a": lambda a, b: b - a,
    "intersection": lambda a, b: a & b,
    "union": lambda a, b: a | b,
}


def _dense_sets(x):
    return {i: set(x[i].tolist()) for i in np.ndindex(*x.shape[:-1])}, x.shape[:-1]


def _sparse_sets(indices, values, shape):
    found = {}
    for place, value in zip(indices.tolist(), values.tolist(), strict=True):
        found.setdefault(tuple(place[:-1]), set()).add(value)
    return found, tuple(int(d) for d in shape[:-1])


def _combine(op, a, b):
    """The sparse result of the op's set operation, group by group."""
    (sets_a, shape_a), (sets_b, shape_b) = a, b
    if shape_a != shape_b:
        raise ValueError(f"Mismatched group shapes {list(shape_a)} and {list(shape_b)}")
    operation = _OPERATIONS[op.attrs["set_operation"].lower()]
    groups = sorted(sets_a.keys() | sets_b.keys())
    rows = [(g, sorted(operation(sets_a.get(g, set()), sets_b.get(g, set())))) for g in groups]
    places = [(*g, i) for g, row in rows for i in range(len(row))]
    values = [v for _, row in rows for v in row]
    shape = [*shape_a, max((len(row) for _, row in rows), default=0)]
    return [np.array(places, np.int64).reshape(-1, len(shape)), filled(values, (len(values),), op.attrs["T"]), shape]


class DenseToDenseSetOperation(Op):
    """A set operation on the rows of two tensors, as a sparse tensor."""

    inputs = {"set1": "T", "set2": "T"}
    types = {"T": _MEMBERS}
    attrs = {"validate_indices": True}
    foldable = False
    examples = [example(_A, _B, set_operation=name) for name in _OPERATIONS]
    gradient = None

    def infer(op, set1, set2):
        rank = set1.shape.ndims if set1.shape.ndims is not None else set2.shape.ndims
        return sparse_specs(rank, set1.dtype)

    def numpy(op, set1, set2):
        return _combine(op, _dense_sets(set1), _dense_sets(set2))


class DenseToSparseSetOperation(DenseToDenseSetOperation):
    """A set operation on the rows of a dense and a sparse tensor, as a sparse tensor."""

    inputs = {"set1": "T", "set2_indices": "int64", "set2_values": "T", "set2_shape": "int64"}
    examples = [
        example(_A, array([[0, 0], [1, 0]], np.int64), array([2, 7]), array([2, 4], np.int64), set_operation="union")
    ]

    def infer(op, set1, set2_indices, set2_values, set2_shape):
        return sparse_specs(set1.shape.ndims, set1.dtype)

    def numpy(op, set1, *set2):
        return _combine(op, _dense_sets(set1), _sparse_sets(*set2))


class SparseToSparseSetOperation(DenseToDenseSetOperation):
    """A set operation on the rows of two sparse tensors, as a sparse tensor."""

    inputs = {"set1_indices": "int64", "set1_values": "T", "set1_shape": "int64",
              "set2_indices": "int64", "set2_values": "T", "set2_shape": "int64"}  # fmt: skip
    _SET = (array([[0, 0], [1, 0]], np.int64), array([2, 7]), array([2, 4], np.int64))
    examples = [example(*_SET, *_SET, set_operation="intersection")]

    def infer(op, set1_indices, set1_values, *rest):
        return sparse_specs(set1_indices.shape.with_rank(2)[1].value, set1_values.dtype)

    def numpy(op, *inputs):
        return _combine(op, _sparse_sets(*inputs[:3]), _sparse_sets(*inputs[3:]))


class SetSize(Op):
    """The number of distinct elements in each row of a sparse tensor."""

    inputs = {"set_indices": "int64", "set_values": "T", "set_shape": "int64"}
    types = {"T": _MEMBERS}
    attrs = {"validate_indices": True}
    foldable = False
    examples = [example(array([[0, 0], [0, 1], [2, 0]], np.int64), array([1, 1, 2]), array([3, 2], np.int64))]
    gradient = None

    def infer(op, set_indices, set_values, set_shape):
        return [(TensorShape(None), dtypes.int32)]

    def numpy(op, set_indices, set_values, set_shape):
        found, shape = _sparse_sets(set_indices, set_values, set_shape)
        out = np.zeros(shape, np.int32)
        for group, members in found.items():
            out[group] = len(members)
        return out


def set_size(a, validate_indices=True):
    """tf.sets.set_size: the number of distinct elements in each row (the last axis) of a SparseTensor."""
    if not isinstance(a, SparseTensor):
        raise TypeError("Expected `SparseTensor`, got a dense tensor.")
    return SetSize.apply(a.indices, a.values, a.dense_shape, validate_indices=validate_indices)


def _operation(a, b, name, validate_indices):
    a, b = (x if isinstance(x, SparseTensor) else convert_to_tensor(x, name=n) for x, n in ((a, "a"), (b, "b")))
    flipped = {"a-b": "b-a", "b-a": "a-b"}
    if isinstance(a, SparseTensor) and not isinstance(b, SparseTensor):
        a, b, name = b, a, flipped.get(name, name)
    attrs = {"set_operation": name, "validate_indices": validate_indices}
    if isinstance(a, SparseTensor):
        out = SparseToSparseSetOperation.apply(*_parts(a), *_parts(b), **attrs)
    elif isinstance(b, SparseTensor):
        out = DenseToSparseSetOperation.apply(a, *_parts(b), **attrs)
    else:
        out = DenseToDenseSetOperation.apply(a, b, **attrs)
    return SparseTensor(*out)


def _parts(x):
    return x.indices, x.values, x.dense_shape


def set_intersection(a, b, validate_indices=True):
    """tf.sets.set_intersection: the elements that the rows of `a` and `b` share, as a SparseTensor.

    A row is along the last axis; the other axes of both must be the same.
    """
    return _operation(a, b, "intersection", validate_indices)


def set_difference(a, b, aminusb=True, validate_indices=True):
    """tf.sets.set_difference: the elements of a's rows that are not in b's, or the reverse; a SparseTensor."""
    return _operation(a, b, "a-b" if aminusb else "b-a", validate_indices)


def set_union(a, b, validate_indices=True):
    """tf.sets.set_union: the elements that the rows of `a` or `b` hold, as a SparseTensor."""
    return _operation(a, b, "union", validate_indices)
