"""Sums and maxima of sparse tensors along axes; softmax of their rows."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.array import reshape
from minitf.ops.examples import array, example, normal
from minitf.ops.gathering import gather_nd
from minitf.ops.op import FLOATS, NUMBERS, REALS, Op
from minitf.ops.reductions import reduced_axes, reduced_shape
from minitf.ops.sparse import OTHER_PLACES, SIZES, sparse_specs
from minitf.ops.sparse_scaling import SparseDenseCwiseAdd
from minitf.ops.sparse_tensor import SparseTensor, as_sparse


def _fold(ufunc, indices, values, shape, axes):
    """(distinct places without the reduced axes, one folded value for each)."""
    kept = [d for d in range(len(shape)) if d not in axes]
    if not len(values):
        return indices[:, kept], values, kept
    if not kept:
        return np.zeros((1, 0), np.int64), ufunc.reduce(values, keepdims=True), kept
    distinct, where = np.unique(indices[:, kept], axis=0, return_inverse=True)
    where = where.reshape(-1)
    out = np.empty(len(distinct), values.dtype)
    out[where[::-1]] = values[::-1]  # the first entry of each group starts its fold
    first = np.zeros(len(values), bool)
    first[np.unique(where, return_index=True)[1]] = True
    ufunc.at(out, where[~first], values[~first])
    return distinct, out, kept


class SparseReduceSum(Op):
    """The sum of a sparse tensor along `reduction_axes`, as a dense tensor."""

    inputs = {"input_indices": "int64", "input_values": "T", "input_shape": "int64", "reduction_axes": "int32"}
    types = {"T": NUMBERS}
    attrs = {"keep_dims": False}
    static = (2, 3)
    fold = np.add
    examples = [
        example(OTHER_PLACES, normal(3), SIZES, array([1])),
        example(OTHER_PLACES, normal(3), SIZES, array([0]), keep_dims=True),
        example(OTHER_PLACES, normal(3), SIZES, array([0, 1])),
    ]

    def infer(op, input_indices, input_values, input_shape, reduction_axes):
        if input_shape.value is None or reduction_axes.value is None:
            return [(TensorShape(None), input_values.dtype)]
        return [(TensorShape(_result_shape(op, input_shape.value, reduction_axes.value)), input_values.dtype)]

    def numpy(op, input_indices, input_values, input_shape, reduction_axes):
        axes = _axes(reduction_axes, len(input_shape))
        places, folded, kept = _fold(op.definition.fold, input_indices, input_values, input_shape, axes)
        out = np.zeros([int(input_shape[d]) for d in kept], input_values.dtype)
        if len(folded):
            out[tuple(places.T)] = folded if kept else folded[0]
        return out.reshape(_result_shape(op, input_shape, reduction_axes))

    def gradient(op, dy):
        from minitf.ops.casting import cast

        indices, _, shape, axes = op.inputs
        kept = reduced_shape(cast(shape, dtypes.int32), axes)
        scale = shape // cast(kept, dtypes.int64)
        return [None, gather_nd(reshape(dy, kept), indices // scale), None, None]


def _axes(values, rank):
    return reduced_axes(values, rank) if np.size(values) else set(range(rank))


def _result_shape(op, shape, axes):
    axes, keep = _axes(axes, len(shape)), op.attrs["keep_dims"]
    return [1 if d in axes else int(s) for d, s in enumerate(shape) if keep or d not in axes]


class SparseReduceMax(SparseReduceSum):
    """The maximum of the entries of a sparse tensor along `reduction_axes`, 0 where there are none."""

    types = {"T": REALS}
    fold = np.maximum
    gradient = None


class SparseReduceSumSparse(Op):
    """The sum of a sparse tensor along `reduction_axes`, as a sparse tensor."""

    inputs = SparseReduceSum.inputs
    types = {"T": NUMBERS}
    attrs = {"keep_dims": False}
    foldable = False
    fold = np.add
    examples = SparseReduceSum.examples
    gradient = None

    def infer(op, input_indices, input_values, input_shape, reduction_axes):
        return sparse_specs(None, input_values.dtype)

    def numpy(op, input_indices, input_values, input_shape, reduction_axes):
        axes = _axes(reduction_axes, len(input_shape))
        places, folded, kept = _fold(op.definition.fold, input_indices, input_values, input_shape, axes)
        if op.attrs["keep_dims"]:
            wide = np.zeros((len(places), len(input_shape)), np.int64)
            wide[:, kept] = places
            places = wide
        return [places, folded, np.array(_result_shape(op, input_shape, reduction_axes), np.int64)]


class SparseReduceMaxSparse(SparseReduceSumSparse):
    """The maximum of the entries of a sparse tensor along `reduction_axes`, as a sparse tensor."""

    types = {"T": REALS}
    fold = np.maximum


def _reduce(definition, sp_input, axis, keepdims, reduction_axes, keep_dims):
    sp_input = as_sparse(sp_input)
    axis = reduction_axes if axis is None else axis
    axes = all_axes_of(sp_input) if axis is None else axis
    keep = bool(keep_dims if keepdims is None else keepdims)
    return definition.apply(sp_input.indices, sp_input.values, sp_input.dense_shape, axes, keep_dims=keep)


def all_axes_of(sp_input):
    """The numbers of all axes of a sparse tensor."""
    from minitf.ops.constant import constant

    rank = sp_input.dense_shape.shape.num_elements()
    if rank is not None:
        return constant(np.arange(rank, dtype=np.int32))
    from minitf.ops.array import size
    from minitf.ops.ranges import range as range_of

    return range_of(0, size(sp_input.dense_shape))


def sparse_reduce_sum(sp_input, axis=None, keepdims=None, reduction_axes=None, keep_dims=None):
    """tf.sparse_reduce_sum: the sum of a SparseTensor along `axis` (all axes by default), dense."""
    return _reduce(SparseReduceSum, sp_input, axis, keepdims, reduction_axes, keep_dims)


def sparse_reduce_max(sp_input, axis=None, keepdims=None, reduction_axes=None, keep_dims=None):
    """tf.sparse_reduce_max: the maximum of the entries along `axis`, dense; 0 where there are none."""
    return _reduce(SparseReduceMax, sp_input, axis, keepdims, reduction_axes, keep_dims)


def sparse_reduce_sum_sparse(sp_input, axis=None, keepdims=None, reduction_axes=None, keep_dims=None):
    """tf.sparse_reduce_sum_sparse: `sparse_reduce_sum` as a SparseTensor."""
    return SparseTensor(*_reduce(SparseReduceSumSparse, sp_input, axis, keepdims, reduction_axes, keep_dims))


def sparse_reduce_max_sparse(sp_input, axis=None, keepdims=None, reduction_axes=None, keep_dims=None):
    """tf.sparse_reduce_max_sparse: `sparse_reduce_max` as a SparseTensor."""
    return SparseTensor(*_reduce(SparseReduceMaxSparse, sp_input, axis, keepdims, reduction_axes, keep_dims))


class SparseSoftmax(Op):
    """exp(x) / sum exp(x) over the entries of each row (the last axis); missing entries do not count."""

    inputs = {"sp_indices": "int64", "sp_values": "T", "sp_shape": "int64"}
    types = {"T": FLOATS}
    examples = [example(array([[0, 1], [0, 2], [2, 1]], np.int64), normal(3), SIZES)]

    def infer(op, sp_indices, sp_values, sp_shape):
        sp_indices.shape.with_rank(2)
        return [(sp_values.shape, sp_values.dtype)]

    def numpy(op, sp_indices, sp_values, sp_shape):
        _, row = np.unique(sp_indices[:, :-1], axis=0, return_inverse=True)
        row = row.reshape(-1)
        largest = np.full(len(row), -np.inf, sp_values.dtype)
        np.maximum.at(largest, row, sp_values)
        powers = np.exp(sp_values - largest[row])
        total = np.zeros_like(largest)
        np.add.at(total, row, powers)
        return powers / total[row]

    def gradient(op, dy):
        """y (dy - sum of y dy over the row)"""
        indices, _, shape = op.inputs
        y = op.outputs[0]
        total = -sparse_reduce_sum(SparseTensor(indices, y * dy, shape), [-1], keepdims=True)
        return [None, SparseDenseCwiseAdd.apply(indices, dy, shape, total) * y, None]


def sparse_softmax(sp_input, name=None):
    """tf.sparse_softmax: softmax over the entries of each row of a SparseTensor (rank 2 or more)."""
    with name_scope(name, "SparseSoftmax", [sp_input.indices, sp_input.values]):
        values = SparseSoftmax.apply(sp_input.indices, sp_input.values, sp_input.dense_shape)
        return SparseTensor(sp_input.indices, values, sp_input.dense_shape)


