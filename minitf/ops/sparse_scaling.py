"""A sparse tensor times, divided by, or with the sum of a dense one; what Python's operators on it become."""

import numpy as np

from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import example, normal, positive
from minitf.ops.gathering import gather_nd
from minitf.ops.op import NUMBERS, Op
from minitf.ops.sparse import PLACES, SIZES
from minitf.ops.sparse_tensor import SparseTensor


class Scaling(Op, abstract=True):
    """values[e] o dense[place of e], where `dense` is broadcast to the sparse tensor's shape."""

    inputs = {"sp_indices": "int64", "sp_values": "T", "sp_shape": "int64", "dense": "T"}
    types = {"T": NUMBERS}
    examples = [example(PLACES, normal(2), SIZES, positive(3, 4)), example(PLACES, normal(2), SIZES, positive(4))]

    def infer(op, sp_indices, sp_values, sp_shape, dense):
        return [(TensorShape([sp_indices.shape[0]]).merge_with(sp_values.shape), sp_values.dtype)]

    def numpy(op, sp_indices, sp_values, sp_shape, dense):
        sizes = [int(d) for d in sp_shape]
        if dense.ndim > len(sizes) or np.broadcast_shapes(dense.shape, sizes) != tuple(sizes):
            raise ValueError(f"Sparse shape {sizes} and dense shape {list(dense.shape)}: the dense side can be "
                             "broadcast, not the sparse one")  # fmt: skip
        return op.definition.combine(sp_values, np.broadcast_to(dense, sizes)[tuple(sp_indices.T)])


def _dense_at_places(op):
    """The elements of the dense input that the entries met, and their indices in it."""
    from minitf.ops.array import ones, reshape, shape_of, size
    from minitf.ops.casting import cast
    from minitf.ops.joining import concat

    indices, _, shape, dense = op.inputs
    missing = reshape(size(shape) - size(shape_of(dense)), [1])
    padded = concat([ones(missing, shape.dtype), cast(shape_of(dense), shape.dtype)], 0)
    places = (indices // (shape // padded))[:, missing[0] :]
    return gather_nd(dense, places), places


def _scatter(op, places, values):
    from minitf.ops.array import shape_of
    from minitf.ops.casting import cast
    from minitf.ops.scattering import scatter_nd

    return scatter_nd(places, values, cast(shape_of(op.inputs[3]), places.dtype))


class SparseDenseCwiseMul(Scaling):
    """values[e] * dense[place of e]"""

    @staticmethod
    def combine(a, b):
        return a * b

    def gradient(op, dy):
        dense, places = _dense_at_places(op)
        return [None, dy * dense, None, _scatter(op, places, dy * op.inputs[1])]


class SparseDenseCwiseDiv(Scaling):
    """values[e] / dense[place of e]"""

    @staticmethod
    def combine(a, b):
        return np.trunc(a / b) if a.dtype.kind in "iu" else a / b

    def gradient(op, dy):
        dense, places = _dense_at_places(op)
        d_dense = -dy * op.inputs[1] / (dense * dense)
        return [None, dy / dense, None, _scatter(op, places, d_dense)]


class SparseDenseCwiseAdd(Scaling):
    """values[e] + dense[place of e]"""

    @staticmethod
    def combine(a, b):
        return a + b

    def gradient(op, dy):
        _, places = _dense_at_places(op)
        return [None, dy, None, _scatter(op, places, dy)]


def _method(definition, name):
    """The method behind `sparse * dense`: a SparseTensor with the same places."""

    def method(sparse, dense):
        with name_scope(None, name, [sparse.indices, sparse.values, sparse.dense_shape, dense]) as scope:
            dense = convert_to_tensor(dense, dtype=sparse.dtype.base_dtype, name="y")
            values = definition.apply(sparse.indices, sparse.values, sparse.dense_shape, dense, name=scope)
            return SparseTensor(sparse.indices, values, sparse.dense_shape)

    return method


SparseTensor.__mul__ = _method(SparseDenseCwiseMul, "mul")
SparseTensor.__truediv__ = _method(SparseDenseCwiseDiv, "truediv")
SparseTensor.__div__ = _method(SparseDenseCwiseDiv, "div")
