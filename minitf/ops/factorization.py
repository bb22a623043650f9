"""Matrices taken apart: Cholesky, QR, eigenvalues, singular values."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.array import expand_dims, shape_of, zeros_like
from minitf.ops.constant import convert_to_tensor
from minitf.ops.diagonals import eye, matrix_band_part, matrix_diag, matrix_diag_part, matrix_set_diag
from minitf.ops.examples import Argument, array, distinct, example, normal
from minitf.ops.linear_algebra import (
    SOLVABLE,
    MatrixTriangularSolve,
    adjoint,
    matrix_shape,
    matrix_triangular_solve,
    solved,
    square_shape,
)
from minitf.ops.matmul import matmul
from minitf.ops.op import Op


def _definite(n):
    def draw(generator):
        a = generator.standard_normal((n, n))
        return a @ a.T + n * np.eye(n)

    return Argument((n, n), draw)


class Cholesky(Op):
    """The lower triangle L with L L^H = input, a positive definite matrix.

    Gradient: Murray, *Differentiation of the Cholesky decomposition* (2016).
    """

    inputs = {"input": "T"}
    types = {"T": SOLVABLE}
    examples = [example(_definite(3), gradient=False, dtypes=("float32", "float64"))]

    def infer(op, input):
        return [(square_shape(input), input.dtype)]

    def numpy(op, input):
        return solved(np.linalg.cholesky, input, message="Cholesky decomposition was not successful. The input might "
                      "not be valid.")  # fmt: skip

    def gradient(op, dy):
        root = op.outputs[0]
        size, batch = shape_of(root)[-1], shape_of(root)[:-2]
        inverse = matrix_triangular_solve(root, eye(size, batch_shape=batch, dtype=root.dtype))
        middle = matmul(root, dy, adjoint_a=True)
        middle = matrix_set_diag(middle, 0.5 * matrix_diag_part(middle))
        middle = matrix_band_part(middle, -1, 0)
        dx = matmul(matmul(inverse, middle, adjoint_a=True), inverse)
        return [(dx + adjoint(dx)) * 0.5]


def cholesky(input, name=None):
    """tf.cholesky: the lower triangular root of positive definite matrices.

    Only the lower triangle is read.  Raises InvalidArgumentError at run time where there is no root.
    """
    return Cholesky.apply(input, name=name)


def cholesky_solve(chol, rhs, name=None):
    """tf.cholesky_solve: x with A x = rhs, given `chol`, the Cholesky root of A."""
    with name_scope(name, "cholesky_solve", [chol, rhs]):
        y = MatrixTriangularSolve.apply(chol, rhs, adjoint=False, lower=True)
        return MatrixTriangularSolve.apply(chol, y, adjoint=True, lower=True)


class Qr(Op):
    """q, r with q r = input, orthonormal columns in q and an upper triangle r.

    Gradient: Walter and Lehmann, *Algorithmic differentiation of linear algebra functions* (2013).
    """

    inputs = {"input": "T"}
    types = {"T": SOLVABLE}
    attrs = {"full_matrices": False}
    examples = [
        example(normal(4, 3), dtypes=("float32", "float64")),
        example(normal(2, 3, 3), dtypes=("float64",)),
        example(normal(3, 4), gradient=False, dtypes=("float64",)),
    ]

    def infer(op, input):
        shape = matrix_shape(input)
        if shape.ndims is None:
            return [(shape, input.dtype)] * 2
        rows, columns = shape.sizes[-2:]
        least = None if None in (rows, columns) else min(rows, columns)
        inner = rows if op.attrs["full_matrices"] else least
        batch = shape[:-2]
        return [(batch.concatenate([rows, inner]), input.dtype), (batch.concatenate([inner, columns]), input.dtype)]

    def numpy(op, input):
        return list(np.linalg.qr(input, "complete" if op.attrs["full_matrices"] else "reduced"))

    def gradient(op, dq, dr):
        q, r = op.outputs
        rows, columns = op.inputs[0].shape.sizes[-2:]
        if op.attrs["full_matrices"] or None in (rows, columns) or rows < columns:
            raise NotImplementedError("QrGrad needs at least as many rows as columns, and full_matrices=False")
        q_dq, r_dr = matmul(q, dq, adjoint_a=True), matmul(r, dr, adjoint_b=True)
        lower = matrix_band_part(q_dq - adjoint(q_dq) + r_dr - adjoint(r_dr), -1, 0)
        inside = matmul(q, dr + _times_inverse(lower, r))
        return [inside + _times_inverse(dq - matmul(q, q_dq), r)]


def _times_inverse(x, r):
    """x R^-H for an upper triangle R."""
    return adjoint(matrix_triangular_solve(r, adjoint(x), lower=False, adjoint=False))


def qr(input, full_matrices=False, name=None):
    """tf.qr: (q, r) with q r = input.  `full_matrices` makes q square."""
    return tuple(Qr.apply(input, full_matrices=full_matrices, name=name))


class SelfAdjointEigV2(Op):
    """Eigenvalues in ascending order and, in columns, eigenvectors; only the lower triangle is read."""

    inputs = {"input": "T"}
    types = {"T": SOLVABLE}
    attrs = {"compute_v": True}
    examples = [example(_definite(3), gradient=False, dtypes=("float32", "float64"))]

    def infer(op, input):
        shape = square_shape(input)
        vectors = shape if op.attrs["compute_v"] else TensorShape([0])
        values = shape[:-1] if shape.ndims is not None else shape
        return [(values, input.dtype), (vectors, input.dtype)]

    def numpy(op, input):
        if op.attrs["compute_v"]:
            return list(np.linalg.eigh(input))
        return [np.linalg.eigvalsh(input), np.zeros(0, input.dtype)]

    def gradient(op, d_values, d_vectors):
        if not op.attrs["compute_v"]:
            _, v = SelfAdjointEigV2.apply(op.inputs[0])
            dx = matmul(v, matmul(matrix_diag(d_values), v, adjoint_b=True))
        else:
            values, v = op.outputs
            gaps = expand_dims(values, -2) - expand_dims(values, -1)
            factors = matrix_set_diag(_safe_reciprocal(gaps), zeros_like(values))
            middle = matrix_diag(d_values) + factors * matmul(v, d_vectors, adjoint_a=True)
            dx = matmul(v, matmul(middle, v, adjoint_b=True))
        dx = matrix_band_part(dx + adjoint(dx), -1, 0)
        return [matrix_set_diag(dx, 0.5 * matrix_diag_part(dx))]


def _safe_reciprocal(x):
    """1 / x, and 0 where x is 0: equal eigenvalues have no derivative of their own."""
    return x / (x * x + 1e-20)


def self_adjoint_eig(tensor, name=None):
    """tf.self_adjoint_eig: (eigenvalues ascending, eigenvectors in columns) of symmetric matrices."""
    return tuple(SelfAdjointEigV2.apply(tensor, compute_v=True, name=name))


def self_adjoint_eigvals(tensor, name=None):
    """tf.self_adjoint_eigvals: the eigenvalues only."""
    return SelfAdjointEigV2.apply(tensor, compute_v=False, name=name)[0]


class Svd(Op):
    """s, u, v with input = u diag(s) v^H, s descending.

    Gradient: Townsend, *Differentiating the singular value decomposition* (2016).
    """

    inputs = {"input": "T"}
    types = {"T": SOLVABLE}
    attrs = {"compute_uv": True, "full_matrices": False}
    examples = [
        example(distinct(4, 3), dtypes=("float64",)),
        example(normal(2, 3, 4), dtypes=("float64",)),
        example(normal(3, 3), compute_uv=False, gradient=False, dtypes=("float32", "float64")),
    ]

    def infer(op, input):
        shape = matrix_shape(input)
        if shape.ndims is None:
            return [(shape, input.dtype)] * 3
        rows, columns = shape.sizes[-2:]
        least = None if None in (rows, columns) else min(rows, columns)
        batch = shape[:-2]
        if not op.attrs["compute_uv"]:
            return [(batch.concatenate([least]), input.dtype)] + [(TensorShape([0]), input.dtype)] * 2
        inner = (rows, columns) if op.attrs["full_matrices"] else (least, least)
        return [
            (batch.concatenate([least]), input.dtype),
            (batch.concatenate([rows, inner[0]]), input.dtype),
            (batch.concatenate([columns, inner[1]]), input.dtype),
        ]

    def numpy(op, input):
        if not op.attrs["compute_uv"]:
            return [np.linalg.svd(input, compute_uv=False), *[np.zeros(0, input.dtype)] * 2]
        u, s, vh = np.linalg.svd(input, op.attrs["full_matrices"])
        return [s, u, np.conj(np.swapaxes(vh, -1, -2))]

    def gradient(op, ds, du, dv):
        if not op.attrs["compute_uv"]:
            s, u, v = Svd.apply(op.inputs[0], compute_uv=True, full_matrices=False)
            return [matmul(u, matmul(matrix_diag(ds), v, adjoint_b=True))]
        if op.attrs["full_matrices"]:
            raise NotImplementedError("The gradient of svd needs full_matrices=False")
        s, u, v = op.outputs
        squares = s * s
        gaps = expand_dims(squares, -2) - expand_dims(squares, -1)
        factors = matrix_set_diag(_safe_reciprocal(gaps), zeros_like(s))
        u_du, v_dv = matmul(u, du, adjoint_a=True), matmul(v, dv, adjoint_a=True)
        row, column = expand_dims(s, -2), expand_dims(s, -1)
        middle = factors * (u_du - adjoint(u_du)) * row + column * (factors * (v_dv - adjoint(v_dv))) + matrix_diag(ds)
        outside_u = (du - matmul(u, u_du)) / row
        outside_v = adjoint(dv - matmul(v, v_dv)) / column
        return [matmul(matmul(u, middle) + outside_u, v, adjoint_b=True) + matmul(u, outside_v)]


def svd(tensor, full_matrices=False, compute_uv=True, name=None):
    """tf.svd: (s, u, v) with tensor = u diag(s) v^H; only s where `compute_uv` is False."""
    s, u, v = Svd.apply(tensor, compute_uv=compute_uv, full_matrices=full_matrices, name=name)
    if not compute_uv:
        return s
    from minitf.ops.casting import cast

    real_type = {"complex64": dtypes.float32, "complex128": dtypes.float64}.get(s.dtype.name)
    return (s if real_type is None else cast(s, real_type)), u, v


class MatrixSolveLs(Op):
    """The least-squares solution of matrix output = rhs, for any rank."""

    inputs = {"matrix": "T", "rhs": "T", "l2_regularizer": "float64"}
    types = {"T": SOLVABLE}
    attrs = {"fast": True}
    examples = [
        example(normal(4, 3), normal(4, 2), array(0.0), gradient=False, fast=False, dtypes=("float32", "float64"))
    ]

    def infer(op, matrix, rhs, l2_regularizer):
        m, b = matrix.shape.with_rank_at_least(2), rhs.shape.with_rank_at_least(2)
        if m.ndims is None or b.ndims is None:
            return [(TensorShape(None), rhs.dtype)]
        m[-2].assert_is_compatible_with(b[-2])
        return [(m[:-2].concatenate([m.sizes[-1], b.sizes[-1]]), rhs.dtype)]

    def numpy(op, matrix, rhs, l2_regularizer):
        out = np.zeros((*matrix.shape[:-2], matrix.shape[-1], rhs.shape[-1]), rhs.dtype)
        if matrix.size and rhs.size:
            for i in np.ndindex(*matrix.shape[:-2]):
                out[i] = np.linalg.lstsq(matrix[i], rhs[i], rcond=None)[0]
        return out


def pinv(a, rcond=None, validate_args=False, name=None):
    """tf.linalg.pinv: the Moore-Penrose inverse, by singular values; those below rcond * largest count as 0."""
    from minitf.ops.comparison import greater
    from minitf.ops.reductions import reduce_max
    from minitf.ops.selection import where

    with name_scope(name, "pinv", [a]):
        a = convert_to_tensor(a, name="a")
        if rcond is None:
            rcond = 10.0 * max(a.shape.sizes[-2:]) * np.finfo(a.dtype.as_numpy_dtype).eps
        s, u, v = svd(a)
        kept = greater(s, rcond * reduce_max(s, -1, keepdims=True))
        inverse = where(kept, 1.0 / where(kept, s, zeros_like(s) + 1.0), zeros_like(s))
        return matmul(v * expand_dims(inverse, -2), u, adjoint_b=True)


def matrix_rank(a, tol=None, validate_args=False, name=None):
    """tf.linalg.matrix_rank: how many singular values exceed `tol`."""
    from minitf.ops.casting import cast
    from minitf.ops.comparison import greater
    from minitf.ops.reductions import reduce_max, reduce_sum

    with name_scope(name, "matrix_rank", [a]):
        a = convert_to_tensor(a, name="a")
        s = svd(a, compute_uv=False)
        if tol is None:
            tol = max(a.shape.sizes[-2:]) * np.finfo(a.dtype.as_numpy_dtype).eps * reduce_max(s, -1, keepdims=True)
        return reduce_sum(cast(greater(s, tol), dtypes.int32), axis=-1)


_PADE = [64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
         670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1]  # fmt: skip
_LARGEST_NORM = 5.371920351148152  # up to here the approximant of degree 13 is exact to float64's rounding


def expm(input, name=None):
    """tf.linalg.expm: the exponential of every square matrix.

    Scaling and squaring with a Pade approximant of degree 13 (Higham, *The scaling and squaring method for
    the matrix exponential revisited*, 2005): exp(X) = exp(X / 2^s)^(2^s).
    """
    from minitf.ops.arithmetic import abs
    from minitf.ops.casting import cast
    from minitf.ops.exponentials import log
    from minitf.ops.linear_algebra import matrix_solve
    from minitf.ops.loops import while_loop
    from minitf.ops.powers import pow
    from minitf.ops.reductions import reduce_max, reduce_sum
    from minitf.ops.rounding import ceil

    with name_scope(name, "matrix_exponential", [input]):
        x = convert_to_tensor(input, name="input")
        real = x.dtype.real_dtype
        largest = reduce_max(reduce_sum(abs(x), axis=-2))
        squarings = ceil(log(largest / _LARGEST_NORM + 1e-30) / np.log(2.0).astype(real.as_numpy_dtype))
        squarings = reduce_max([squarings, squarings * 0])
        x = x / cast(pow(squarings * 0 + 2, squarings), x.dtype)
        odd, even = _pade_13(x)
        result = matrix_solve(even - odd, even + odd)
        count = cast(squarings, dtypes.int32)
        return while_loop(lambda i, y: i < count, lambda i, y: (i + 1, matmul(y, y)), (0 * count, result))[1]


def _pade_13(x):
    """(odd part, even part) of the numerator of the approximant; the denominator is even - odd."""
    unit = eye(x.shape.sizes[-1], dtype=x.dtype)
    square = matmul(x, x)
    powers = [unit, square, matmul(square, square)]
    powers.append(matmul(powers[2], square))

    def combined(first):
        low = sum(float(_PADE[first + 2 * i]) * p for i, p in enumerate(powers))
        high = sum(float(_PADE[first + 6 + 2 * i]) * p for i, p in enumerate(powers) if i and first + 6 + 2 * i < 14)
        return low + matmul(powers[3], high)

    return matmul(x, combined(1)), combined(0)
