"""Linear algebra: solve, factor, invert; norms.  LAPACK does the work, by way of `numpy.linalg`.

All operations take stacks of matrices: (..., rows, columns).  The gradients are those of Giles, *An
extended collection of matrix derivative results for forward and reverse mode algorithmic
differentiation* (2008), unless an operation names another source.  `factorization.py` goes on.
"""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.array import reshape, shape_of, squeeze
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.diagonals import eye, matrix_band_part, matrix_diag_part
from minitf.ops.examples import example, normal
from minitf.ops.matmul import matmul
from minitf.ops.op import COMPLEX, FLOATS, Op
from minitf.ops.transposing import matrix_transpose

SOLVABLE = ("float32", "float64", *COMPLEX)


def matrix_shape(spec):
    """The shape of a stack of matrices.  Raises ValueError where there are less than two axes."""
    if spec.shape.ndims is not None and spec.shape.ndims < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {spec.shape.ndims}")
    return spec.shape


def square_shape(spec):
    """The shape of a stack of square matrices.  Raises ValueError where they are not square."""
    shape = matrix_shape(spec)
    if shape.ndims is not None:
        rows, columns = shape.sizes[-2:]
        if None not in (rows, columns) and rows != columns:
            raise ValueError(f"Dimensions must be equal, but are {rows} and {columns}: matrices must be square")
    return shape


def solved(function, *arrays, message="Input matrix is not invertible."):
    """`function(*arrays)` of `numpy.linalg`.  Raises ValueError with the message where the matrices do not allow it."""
    try:
        return function(*arrays)
    except np.linalg.LinAlgError:
        raise ValueError(message) from None


def _turned(x):
    return np.conj(np.swapaxes(x, -1, -2))


def adjoint(matrix, name=None):
    """tf.linalg.adjoint: the conjugate transpose of every matrix."""
    with name_scope(name, "adjoint", [matrix]):
        return matrix_transpose(convert_to_tensor(matrix, name="matrix"), conjugate=True)


class MatrixInverse(Op):
    """The inverse of the matrix, or with `adjoint` of its conjugate transpose."""

    inputs = {"input": "T"}
    types = {"T": SOLVABLE}
    attrs = {"adjoint": False}
    examples = [
        example(normal(3, 3), dtypes=("float32", "float64")),
        example(normal(2, 3, 3), adjoint=True, dtypes=("float64",)),
    ]

    def infer(op, input):
        return [(square_shape(input), input.dtype)]

    def numpy(op, input):
        inverse = solved(np.linalg.inv, input, message="Input is not invertible.")
        return _turned(inverse) if op.attrs["adjoint"] else inverse

    def gradient(op, dy):
        inverse = op.outputs[0]
        if op.attrs["adjoint"]:
            return [-matmul(inverse, matmul(dy, inverse, adjoint_a=True))]
        return [-matmul(inverse, matmul(dy, inverse, adjoint_b=True), adjoint_a=True)]


class MatrixDeterminant(Op):
    """The determinant."""

    inputs = {"input": "T"}
    types = {"T": SOLVABLE}
    examples = [example(normal(2, 3, 3), dtypes=("float32", "float64"))]

    def infer(op, input):
        return [(square_shape(input)[:-2], input.dtype)]

    def numpy(op, input):
        return np.linalg.det(input)

    def gradient(op, dy):
        inverse = matrix_inverse(op.inputs[0], adjoint=True)
        return [_per_matrix(dy * op.outputs[0]) * inverse]


class LogMatrixDeterminant(Op):
    """(sign of the determinant, logarithm of its absolute value)"""

    inputs = {"input": "T"}
    types = {"T": SOLVABLE}
    examples = [example(normal(2, 3, 3), dtypes=("float32", "float64"))]

    def infer(op, input):
        return [(square_shape(input)[:-2], input.dtype)] * 2

    def numpy(op, input):
        return list(np.linalg.slogdet(input))

    def gradient(op, d_sign, d_log):
        return [_per_matrix(d_log) * matrix_inverse(op.inputs[0], adjoint=True)]


def _per_matrix(x):
    """One number per matrix, in a shape that broadcasts against the matrices."""
    from minitf.ops.joining import concat

    return reshape(x, concat([shape_of(x), [1, 1]], 0))


class MatrixSolve(Op):
    """output with matrix output = rhs, or with `adjoint` matrix^H output = rhs."""

    inputs = {"matrix": "T", "rhs": "T"}
    types = {"T": SOLVABLE}
    attrs = {"adjoint": False}
    examples = [
        example(normal(3, 3), normal(3, 2), dtypes=("float32", "float64")),
        example(normal(2, 3, 3), normal(2, 3, 1), adjoint=True, dtypes=("float64",)),
    ]

    def infer(op, matrix, rhs):
        return [(_solution_shape(square_shape(matrix), rhs), rhs.dtype)]

    def numpy(op, matrix, rhs):
        return solved(np.linalg.solve, _turned(matrix) if op.attrs["adjoint"] else matrix, rhs)

    def gradient(op, dy):
        matrix, turned = op.inputs[0], op.attrs["adjoint"]
        d_rhs = matrix_solve(matrix, dy, adjoint=not turned)
        pair = (op.outputs[0], d_rhs) if turned else (d_rhs, op.outputs[0])
        return [-matmul(*pair, adjoint_b=True), d_rhs]


def _solution_shape(matrix, rhs):
    shape = rhs.shape.with_rank_at_least(2)
    if matrix.ndims is None or shape.ndims is None:
        return TensorShape(None)
    rows, given = matrix.sizes[-1], shape.sizes[-2]
    if None not in (rows, given) and rows != given:
        raise ValueError(f"Dimensions must be equal, but are {rows} and {given}: matrix {matrix}, rhs {shape}")
    return shape


class MatrixTriangularSolve(Op):
    """output with matrix output = rhs; only the lower (or upper) triangle of the matrix is read."""

    inputs = {"matrix": "T", "rhs": "T"}
    types = {"T": SOLVABLE}
    attrs = {"lower": True, "adjoint": False}
    examples = [
        example(normal(3, 3), normal(3, 2), dtypes=("float32", "float64")),
        example(normal(2, 3, 3), normal(2, 3, 1), adjoint=True, lower=False, dtypes=("float64",)),
    ]

    def infer(op, matrix, rhs):
        return [(_solution_shape(square_shape(matrix), rhs), rhs.dtype)]

    def numpy(op, matrix, rhs):
        triangle = np.tril(matrix) if op.attrs["lower"] else np.triu(matrix)
        if not np.diagonal(triangle, axis1=-2, axis2=-1).all():
            raise ValueError("Input matrix is not invertible.")
        return np.linalg.solve(_turned(triangle) if op.attrs["adjoint"] else triangle, rhs)

    def gradient(op, dy):
        matrix, lower, turned = op.inputs[0], op.attrs["lower"], op.attrs["adjoint"]
        d_rhs = matrix_triangular_solve(matrix, dy, lower=lower, adjoint=not turned)
        pair = (op.outputs[0], d_rhs) if turned else (d_rhs, op.outputs[0])
        d_matrix = -matmul(*pair, adjoint_b=True)
        return [matrix_band_part(d_matrix, -1, 0) if lower else matrix_band_part(d_matrix, 0, -1), d_rhs]


class Cross(Op):
    """The cross product of vectors of three numbers in the last axis."""

    inputs = {"a": "T", "b": "T"}
    types = {"T": (*FLOATS, "int8", "int16", "int32", "int64", "uint8", "uint16")}
    examples = [example(normal(2, 3), normal(2, 3))]

    def infer(op, a, b):
        shape = a.shape.merge_with(b.shape).with_rank_at_least(1)
        if shape.ndims is not None and shape.sizes[-1] not in (None, 3):
            raise ValueError(f"Dimension must be 3 but is {shape.sizes[-1]}")
        return [(shape, a.dtype)]

    def numpy(op, a, b):
        return np.cross(a, b)

    def gradient(op, dy):
        a, b = op.inputs
        return [cross(b, dy), cross(dy, a)]


def matrix_inverse(input, adjoint=False, name=None):
    """tf.matrix_inverse: the inverse of every matrix.  Raises InvalidArgumentError for a singular one."""
    return MatrixInverse.apply(input, adjoint=adjoint, name=name)


def matrix_determinant(input, name=None):
    """tf.matrix_determinant: the determinant of every square matrix."""
    return MatrixDeterminant.apply(input, name=name)


def slogdet(input, name=None):
    """tf.linalg.slogdet: sign of the determinant and logarithm of its absolute value."""
    return LogMatrixDeterminant.apply(input, name=name)


def matrix_solve(matrix, rhs, adjoint=False, name=None):
    """tf.matrix_solve: x with matrix x = rhs; rhs is (..., n, k).  Raises InvalidArgumentError if singular."""
    return MatrixSolve.apply(matrix, rhs, adjoint=adjoint, name=name)


def matrix_triangular_solve(matrix, rhs, lower=True, adjoint=False, name=None):
    """tf.matrix_triangular_solve: x with matrix x = rhs for a triangular matrix."""
    with name_scope(name, "triangular_solve", [matrix, rhs]):
        return MatrixTriangularSolve.apply(matrix, rhs, lower=lower, adjoint=adjoint)


def cross(a, b, name=None):
    """tf.cross: the cross product of vectors of three numbers."""
    return Cross.apply(a, b, name=name)


def matvec(a, b, transpose_a=False, adjoint_a=False, a_is_sparse=False, b_is_sparse=False, name=None):
    """tf.linalg.matvec: every matrix of `a` times the vector in the last axis of `b`."""
    from minitf.ops.array import expand_dims

    with name_scope(name, "MatVec", [a, b]) as scope:
        b = convert_to_tensor(b, name="b")
        column = matmul(a, expand_dims(b, axis=-1), transpose_a, False, adjoint_a, False, a_is_sparse, b_is_sparse)
        return squeeze(column, axis=-1, name=scope)


def norm(tensor, ord="euclidean", axis=None, keepdims=None, name=None, keep_dims=None):
    """tf.norm: the norm of vectors (`axis` a number, or None for all elements) or matrices (two axes).

    `ord`: "euclidean" (also "fro"), a positive number p, or infinity; for matrices also 1, 2, infinity.
    Raises ValueError for another one.
    """
    keepdims = bool(keep_dims if keepdims is None else keepdims)
    axis = tuple(int(a) for a in axis) if isinstance(axis, (list, tuple)) else axis
    is_matrix = isinstance(axis, tuple)
    if is_matrix and (len(axis) != 2 or axis[0] == axis[1]):
        raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis}")
    allowed = ["euclidean", "fro", 1, 2, np.inf] if is_matrix else ["euclidean", 1, 2, np.inf]
    if ord not in allowed and (is_matrix or isinstance(ord, str) or not ord > 0):
        kind = "matrix" if is_matrix else "vector"
        raise ValueError(f"'ord' must be a supported {kind} norm in {allowed}, got {ord}")
    with name_scope(name, "norm", [tensor]):
        tensor = convert_to_tensor(tensor)
        result = _norm(tensor, ord, axis, is_matrix)
        return result if keepdims else squeeze(result, axis)


def _norm(tensor, ord, axis, is_matrix):
    from minitf.ops.arithmetic import abs
    from minitf.ops.powers import pow, sqrt
    from minitf.ops.reductions import reduce_max, reduce_sum

    if ord in ("euclidean", "fro", 2) and not (is_matrix and ord == 2):
        squares = tensor * (tensor if not tensor.dtype.is_complex else _conjugate(tensor))
        return sqrt(reduce_sum(squares, axis, keepdims=True))
    if is_matrix and ord == 2:
        return _largest_singular_value(tensor, axis)
    size = abs(tensor)
    if is_matrix:
        first, last = (axis[0], axis[1]) if ord == 1 else (axis[1], axis[0])
        return reduce_max(reduce_sum(size, first, keepdims=True), last, keepdims=True)
    if ord == 1:
        return reduce_sum(size, axis, keepdims=True)
    if ord == np.inf:
        return reduce_max(size, axis, keepdims=True)
    return pow(reduce_sum(pow(size, ord), axis, keepdims=True), 1.0 / ord)


def _conjugate(x):
    from minitf.ops.complex_numbers import conj

    return conj(x)


def _largest_singular_value(tensor, axis):
    from minitf.ops.array import expand_dims
    from minitf.ops.factorization import svd
    from minitf.ops.reductions import reduce_max
    from minitf.ops.transposing import transpose

    ndims = tensor.shape.ndims
    axes = [a % ndims for a in axis]
    order = [d for d in range(ndims) if d not in axes] + axes
    largest = reduce_max(svd(transpose(tensor, order), compute_uv=False), -1, keepdims=True)
    return transpose(expand_dims(largest, -1), [int(p) for p in np.argsort(order)])


def normalize(tensor, ord="euclidean", axis=None, name=None):
    """tf.linalg.normalize: (tensor / norm, norm)."""
    with name_scope(name, "normalize", [tensor]):
        tensor = convert_to_tensor(tensor)
        length = norm(tensor, ord, axis, keepdims=True)
        return tensor / length, length


def logdet(matrix, name=None):
    """tf.linalg.logdet: the logarithm of the determinant of a positive definite matrix, by Cholesky."""
    from minitf.ops.complex_numbers import real
    from minitf.ops.exponentials import log
    from minitf.ops.factorization import cholesky
    from minitf.ops.reductions import reduce_sum

    with name_scope(name, "logdet", [matrix]):
        root = matrix_diag_part(cholesky(matrix))
        return 2.0 * reduce_sum(log(real(root) if root.dtype.is_complex else root), axis=[-1])


def matrix_solve_ls(matrix, rhs, l2_regularizer=0.0, fast=True, name=None):
    """tf.matrix_solve_ls: x that minimises |matrix x - rhs|^2 + l2_regularizer |x|^2.

    matrix: (..., m, n), rhs: (..., m, k) -> (..., n, k).  `fast` solves the normal equations by
    Cholesky; else a complete orthogonal decomposition is used, which takes any rank.
    """
    from minitf.ops.factorization import MatrixSolveLs, cholesky, cholesky_solve

    if not fast:
        return MatrixSolveLs.apply(matrix, rhs, constant(l2_regularizer, dtypes.float64, name="l2_regularizer"),
                                   fast=False, name=name)  # fmt: skip
    with name_scope(name, "matrix_solve_ls", [matrix, rhs, l2_regularizer]):
        matrix = convert_to_tensor(matrix)
        rows, columns = matrix.shape.with_rank_at_least(2).sizes[-2:]
        if rows is None or columns is None:
            raise ValueError(f"matrix_solve_ls needs matrices of known size, got {matrix.shape}")
        tall = rows >= columns
        gram = matmul(matrix, matrix, adjoint_a=tall, adjoint_b=not tall)
        if not isinstance(l2_regularizer, (int, float)) or l2_regularizer != 0:
            gram = gram + l2_regularizer * eye(min(rows, columns), dtype=matrix.dtype)
        factor = cholesky(gram)
        if tall:
            return cholesky_solve(factor, matmul(matrix, rhs, adjoint_a=True))
        return matmul(matrix, cholesky_solve(factor, rhs), adjoint_a=True)
