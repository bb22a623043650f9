"""Arithmetic of sparse tensors, and the way from sparse to dense.

A sparse tensor is three tensors: indices int64 (n, rank), values (n,), dense_shape int64 (rank,).
"""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import copying
from minitf.kernels.machine import Launch
from minitf.kernels.sparse import sparse_times_dense
from minitf.ops.array import zeros
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.gathering import gather, gather_nd
from minitf.ops.op import INDICES, NUMBERS, REALS, Op
from minitf.ops.reductions import reduce_sum
from minitf.ops.sparse_tensor import SparseTensor, as_sparse

PLACES = array([[0, 1], [2, 0]], np.int64)
OTHER_PLACES = array([[0, 1], [1, 3], [2, 1]], np.int64)
SIZES = array([3, 4], np.int64)
SPARSE = {"indices": "int64", "values": "T", "shape": "int64"}


def sparse_specs(rank, dtype, count=None):
    """What `infer` says of a sparse result: its indices, values and shape."""
    return [(TensorShape([count, rank]), dtypes.int64), (TensorShape([count]), dtype),
            (TensorShape([rank]), dtypes.int64)]  # fmt: skip


def known_sizes(spec):
    """The shape that an integer vector holds, as far as it is known."""
    sizes = spec.sizes()
    return TensorShape([None] * (spec.shape.num_elements() or 0) or None) if sizes is None else sizes


def densify(indices, values, shape, start=0):
    """A sparse tensor as an array; entries at one place add up."""
    out = np.full([int(d) for d in shape], start, values.dtype)
    np.add.at(out, tuple(indices.T), values)
    return out


class SparseToDense(Op):
    """`sparse_values` at `sparse_indices` of a tensor of shape `output_shape`, `default_value` elsewhere."""

    inputs = {"sparse_indices": "Tindices", "output_shape": "Tindices", "sparse_values": "T", "default_value": "T"}
    types = {"T": (), "Tindices": INDICES}
    attrs = {"validate_indices": True}
    static = (1,)
    examples = [example(PLACES, SIZES, normal(2), normal())]

    def infer(op, sparse_indices, output_shape, sparse_values, default_value):
        if output_shape.shape.ndims not in (None, 1):
            raise ValueError(f"Shape must be rank 1 but is rank {output_shape.shape.ndims}")
        return [(output_shape.sizes(), sparse_values.dtype)]

    def numpy(op, sparse_indices, output_shape, sparse_values, default_value):
        sizes = [int(d) for d in output_shape]
        places = sparse_indices.reshape(-1, 1) if sparse_indices.ndim < 2 else sparse_indices
        check_places(places, sizes, op.attrs["validate_indices"])
        if sparse_values.shape not in ((), (len(places),)):
            given = str(list(sparse_values.shape)).replace(" ", "")
            raise ValueError(f"sparse_values has incorrect shape {given}, should be [] or [{len(places)}]")
        if default_value.ndim:
            raise ValueError("default_value should be a scalar.")
        out = np.full(sizes, default_value, sparse_values.dtype)
        out[tuple(places.T)] = sparse_values
        return out

    def gradient(op, dy):
        values = gather_nd(dy, op.inputs[0])
        return [None, None, values, reduce_sum(dy) - reduce_sum(values)]


def check_places(places, sizes, ordered):
    """Raise ValueError where places lie outside, or where they are not in order and distinct."""
    if places.shape[1] != len(sizes):
        raise ValueError(f"indices have {places.shape[1]} columns, but the shape {sizes} has rank {len(sizes)}")
    if ((places < 0) | (places >= np.array(sizes))).any():
        bad = int(np.flatnonzero(((places < 0) | (places >= np.array(sizes))).any(1))[0])
        raise ValueError(f"indices[{bad}] = {places[bad].tolist()} is out of bounds: need 0 <= index < {sizes}")
    if ordered and len(places) > 1:
        steps = np.diff(np.ravel_multi_index(tuple(places.T), sizes))
        if (steps <= 0).any():
            i = int(np.flatnonzero(steps <= 0)[0]) + 1
            kind = "repeated" if steps[i - 1] == 0 else "out of order"
            raise ValueError(f"indices[{i}] = {places[i].tolist()} is {kind}")


def sparse_to_dense(sparse_indices, output_shape, sparse_values, default_value=0, validate_indices=True, name=None):
    """tf.sparse_to_dense: `sparse_values` (a vector or a scalar) at `sparse_indices` (n, rank), else the default.

    Raises InvalidArgumentError for indices outside or, with `validate_indices`, out of order.
    """
    return SparseToDense.apply(sparse_indices, output_shape, sparse_values, default_value,
                               validate_indices=validate_indices, name=name)  # fmt: skip


def sparse_tensor_to_dense(sp_input, default_value=None, validate_indices=True, name=None):
    """tf.sparse_tensor_to_dense: a SparseTensor as a tensor, `default_value` (0, '' ...) where it has no entry."""
    sp_input = as_sparse(sp_input)
    if default_value is None:
        default_value = zeros([], dtype=sp_input.dtype)
    return sparse_to_dense(sp_input.indices, sp_input.dense_shape, sp_input.values, default_value,
                           validate_indices=validate_indices, name=name)  # fmt: skip


class SparseTensorDenseMatMul(Op):
    """The product A B of a sparse matrix A and a dense matrix B, either of them transposed if asked for."""

    inputs = {"a_indices": "Tindices", "a_values": "T", "a_shape": "int64", "b": "T"}
    types = {"T": ("float32", "float64", "int32", "complex64", "complex128", "bfloat16"), "Tindices": INDICES}
    attrs = {"adjoint_a": False, "adjoint_b": False}
    static = (2,)
    examples = [
        example(PLACES, normal(2), SIZES, normal(4, 2)),
        example(PLACES, normal(2), SIZES, normal(2, 3), adjoint_a=True, adjoint_b=True),
    ]

    def infer(op, a_indices, a_values, a_shape, b):
        a_indices.shape.with_rank(2)
        sizes, columns = known_sizes(a_shape).with_rank(2), b.shape.with_rank(2)
        rows, inner = sizes[::-1] if op.attrs["adjoint_a"] else sizes
        inner_b, width = columns[::-1] if op.attrs["adjoint_b"] else columns
        inner.assert_is_compatible_with(inner_b)
        return [(TensorShape([rows, width]), b.dtype)]

    def cpu(op, a_indices, a_values, a_shape, b, out):
        before = []
        if b.dtype.kind == "c":
            return None
        if op.attrs["adjoint_b"]:
            turned = np.empty(b.shape[::-1], b.dtype)
            before, b = [copying.view_launch(b.T, turned, b, turned)], turned
        return [*before, Launch(sparse_times_dense, a_indices, a_values, b, int(op.attrs["adjoint_a"]), out)]

    def explain(op, a_indices, a_values, a_shape, b):
        return errors.InvalidArgumentError(None, op, f"an index of the sparse matrix lies outside {a_shape.tolist()}")

    def numpy(op, a_indices, a_values, a_shape, b):
        check_places(a_indices, a_shape.tolist(), False)
        a = densify(a_indices, a_values, a_shape)
        a = a.conj().T if op.attrs["adjoint_a"] else a
        return (a @ (b.conj().T if op.attrs["adjoint_b"] else b)).astype(b.dtype)

    def gradient(op, dy):
        """dB = A' dY; the gradient of entry (i, j) of A is the product of row i of dY and row j of B."""
        from minitf.ops.complex_numbers import conj
        from minitf.ops.transposing import transpose

        indices, values, shape, b = op.inputs
        adjoint_a, adjoint_b = op.attrs["adjoint_a"], op.attrs["adjoint_b"]
        values = conj(values) if values.dtype.is_complex else values
        db = SparseTensorDenseMatMul.apply(indices, values, shape, dy, adjoint_a=not adjoint_a)
        rows, columns = indices[:, 0], indices[:, 1]
        parts_dy = gather(dy, columns if adjoint_a else rows)
        parts_b = gather(transpose(b) if adjoint_b else b, rows if adjoint_a else columns)
        return [None, reduce_sum(parts_dy * parts_b, 1), None, transpose(db) if adjoint_b else db]


def sparse_tensor_dense_matmul(sp_a, b, adjoint_a=False, adjoint_b=False, name=None):
    """tf.sparse_tensor_dense_matmul: the product of the sparse matrix `sp_a` and the dense matrix `b`.

    `adjoint_a`, `adjoint_b` transpose (and conjugate) them first.
    """
    sp_a = as_sparse(sp_a)
    with name_scope(name, "SparseTensorDenseMatMul", [sp_a.indices, sp_a.values, b]):
        b = convert_to_tensor(b, name="b")
        return SparseTensorDenseMatMul.apply(sp_a.indices, sp_a.values, sp_a.dense_shape, b, adjoint_a=adjoint_a,
                                             adjoint_b=adjoint_b)  # fmt: skip


class SparseAdd(Op):
    """The sum of two sparse tensors of one shape; sums of two entries below `thresh` in magnitude are left out."""

    inputs = {"a_indices": "int64", "a_values": "T", "a_shape": "int64",
              "b_indices": "int64", "b_values": "T", "b_shape": "int64", "thresh": "Treal"}  # fmt: skip
    types = {"T": NUMBERS, "Treal": REALS}
    foldable = False
    examples = [
        example(PLACES, normal(2), SIZES, OTHER_PLACES, normal(3), SIZES, array(0.0, np.float32), dtypes=["float32"])
    ]

    def infer(op, a_indices, a_values, a_shape, b_indices, b_values, b_shape, thresh):
        rank = a_indices.shape.with_rank(2)[1].value
        return sparse_specs(rank, a_values.dtype)

    def numpy(op, a_indices, a_values, a_shape, b_indices, b_values, b_shape, thresh):
        if not np.array_equal(a_shape, b_shape):
            raise ValueError(f"Operands' shapes do not match: got {a_shape.tolist()} and {b_shape.tolist()}")
        places = np.concatenate([a_indices, b_indices])
        distinct, where, counts = np.unique(places, axis=0, return_inverse=True, return_counts=True)
        total = np.zeros(len(distinct), a_values.dtype)
        np.add.at(total, where.reshape(-1), np.concatenate([a_values, b_values]))
        kept = (counts == 1) | (np.abs(total) >= thresh)
        return [distinct[kept], total[kept], a_shape]

    def gradient(op, d_indices, d_values, d_shape):
        a, b = SparseAddGrad.apply(d_values, op.inputs[0], op.inputs[3], op.outputs[0])
        return [None, a, None, None, b, None, None]


class SparseAddGrad(Op):
    """For each entry of a and of b the gradient of the entry of the sum at the same place, or 0."""

    inputs = {"backprop_val_grad": "T", "a_indices": "int64", "b_indices": "int64", "sum_indices": "int64"}
    types = {"T": NUMBERS}
    examples = [example(normal(2), PLACES, OTHER_PLACES, PLACES, gradient=False)]

    def infer(op, backprop_val_grad, a_indices, b_indices, sum_indices):
        return [(TensorShape([x.shape[0]]), backprop_val_grad.dtype) for x in (a_indices, b_indices)]

    def numpy(op, backprop_val_grad, a_indices, b_indices, sum_indices):
        found = dict(zip(map(tuple, sum_indices.tolist()), backprop_val_grad, strict=True))
        return [np.array([found.get(tuple(i), 0) for i in x.tolist()], backprop_val_grad.dtype)
                for x in (a_indices, b_indices)]  # fmt: skip


class SparseTensorDenseAdd(Op):
    """A sparse plus a dense tensor of the same shape: a dense tensor."""

    inputs = {"a_indices": "Tindices", "a_values": "T", "a_shape": "Tindices", "b": "T"}
    types = {"T": NUMBERS, "Tindices": INDICES}
    examples = [example(PLACES, normal(2), SIZES, normal(3, 4))]

    def infer(op, a_indices, a_values, a_shape, b):
        return [(b.shape, b.dtype)]

    def numpy(op, a_indices, a_values, a_shape, b):
        if tuple(a_shape) != b.shape:
            raise ValueError(f"Operands' shapes do not match: {a_shape.tolist()} and {list(b.shape)}")
        check_places(a_indices, a_shape.tolist(), False)
        out = b.copy()
        np.add.at(out, tuple(a_indices.T), a_values)
        return out

    def gradient(op, dy):
        return [None, gather_nd(dy, op.inputs[0]), None, dy]


def sparse_add(a, b, threshold=None, thresh=None):
    """tf.sparse_add: a + b; sparse where both are SparseTensors, else dense.

    Where both have an entry and the sum is smaller than `threshold` in magnitude, a sparse result has none.
    Raises TypeError for two tensors.
    """
    threshold = threshold if thresh is None else thresh
    a_sparse, b_sparse = (isinstance(x, SparseTensor) or hasattr(x, "dense_shape") for x in (a, b))
    if not (a_sparse or b_sparse):
        raise TypeError("At least one input should be SparseTensor; do you mean to use tf.add()?")
    if a_sparse and b_sparse:
        a, b = as_sparse(a), as_sparse(b)
        threshold = convert_to_tensor(0 if threshold is None else threshold, dtype=a.dtype.real_dtype, name="threshold")
        return SparseTensor(*SparseAdd.apply(a.indices, a.values, a.dense_shape, b.indices, b.values, b.dense_shape,
                                             threshold))  # fmt: skip
    sparse, dense = (as_sparse(a), b) if a_sparse else (as_sparse(b), a)
    return SparseTensorDenseAdd.apply(sparse.indices, sparse.values, sparse.dense_shape, dense)


class SparseSparseMaximum(Op):
    """The larger of two sparse tensors of one shape, a missing entry counted as 0."""

    inputs = SparseAdd.inputs.copy()
    inputs.pop("thresh")
    types = {"T": REALS}
    foldable = False
    choose = np.maximum
    examples = [example(PLACES, normal(2), SIZES, OTHER_PLACES, normal(3), SIZES)]
    gradient = None

    def infer(op, a_indices, a_values, a_shape, b_indices, b_values, b_shape):
        return sparse_specs(a_indices.shape.with_rank(2)[1].value, a_values.dtype)[:2]

    def numpy(op, a_indices, a_values, a_shape, b_indices, b_values, b_shape):
        if not np.array_equal(a_shape, b_shape):
            raise ValueError(f"Operands' shapes do not match: got {a_shape.tolist()} and {b_shape.tolist()}")
        distinct, where = np.unique(np.concatenate([a_indices, b_indices]), axis=0, return_inverse=True)
        where = where.reshape(-1)
        both = np.zeros((2, len(distinct)), a_values.dtype)
        both[0, where[: len(a_indices)]] = a_values
        both[1, where[len(a_indices) :]] = b_values
        return [distinct, op.definition.choose(*both)]


class SparseSparseMinimum(SparseSparseMaximum):
    """The smaller of two sparse tensors of one shape, a missing entry counted as 0."""

    choose = np.minimum


def sparse_maximum(sp_a, sp_b, name=None):
    """tf.sparse_maximum: the larger of two SparseTensors, element by element; sparse."""
    return _of_two(SparseSparseMaximum, "SparseSparseMaximum", sp_a, sp_b, name)


def sparse_minimum(sp_a, sp_b, name=None):
    """tf.sparse_minimum: the smaller of two SparseTensors, element by element; sparse."""
    return _of_two(SparseSparseMinimum, "SparseSparseMinimum", sp_a, sp_b, name)


def _of_two(definition, default_name, a, b, name):
    with name_scope(name, default_name, [a.indices, a.values, b.indices, b.values]) as scope:
        parts = definition.apply(a.indices, a.values, a.dense_shape, b.indices, b.values, b.dense_shape, name=scope)
    return SparseTensor(*parts, a.dense_shape)


