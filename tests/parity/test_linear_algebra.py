"""Linear algebra, contractions and Fourier transforms, against TensorFlow."""

import numpy as np
import pytest

from tests.parity.compare import check, check_error
from tests.parity.test_shapes import gradient, run

generator = np.random.default_rng(3)
M = generator.standard_normal((3, 3)).astype(np.float32) + 2 * np.eye(3, dtype=np.float32)
STACK = generator.standard_normal((2, 3, 3)) + 2 * np.eye(3)
TALL = generator.standard_normal((4, 3))
DEFINITE = (STACK @ STACK.swapaxes(-1, -2)) + np.eye(3)
A = generator.standard_normal((2, 3, 4)).astype(np.float32)
B = generator.standard_normal((4, 3, 5)).astype(np.float32)

SQUARE = {
    "matrix_inverse": lambda tf, x: tf.matrix_inverse(x),
    "matrix_inverse_adjoint": lambda tf, x: tf.matrix_inverse(x, adjoint=True),
    "matrix_determinant": lambda tf, x: tf.matrix_determinant(x),
    "slogdet": lambda tf, x: tf.linalg.slogdet(x)[1],
    "matrix_solve": lambda tf, x: tf.matrix_solve(x, tf.ones_like(x)),
    "matrix_solve_adjoint": lambda tf, x: tf.matrix_solve(x, tf.ones_like(x), adjoint=True),
    "triangular_solve": lambda tf, x: tf.matrix_triangular_solve(x, tf.ones_like(x)),
    "triangular_solve_upper": lambda tf, x: tf.matrix_triangular_solve(x, tf.ones_like(x), lower=False, adjoint=True),
    "adjoint": lambda tf, x: tf.linalg.adjoint(x),
    "trace": lambda tf, x: tf.trace(x),
    "qr": lambda tf, x: tf.qr(x)[1],
    "svd_values": lambda tf, x: tf.svd(x, compute_uv=False),
    "svd_product": lambda tf, x: (lambda s, u, v: tf.matmul(u * s[..., None, :], v, adjoint_b=True))(*tf.svd(x)),
    "norm_2": lambda tf, x: tf.norm(x, ord=2, axis=[-2, -1]),
    "norm_1": lambda tf, x: tf.norm(x, ord=1, axis=[-2, -1]),
    "norm_inf": lambda tf, x: tf.norm(x, ord=np.inf, axis=[-2, -1]),
    "norm_fro": lambda tf, x: tf.norm(x, ord="fro", axis=[-2, -1], keepdims=True),
    "cross": lambda tf, x: tf.cross(x, x[..., ::-1]),
    "matvec": lambda tf, x: tf.linalg.matvec(x, x[..., 0]),
    "pinv": lambda tf, x: tf.linalg.pinv(x),
}
OTHER_GRAPH = {"norm_2", "pinv", "svd_product", "qr", "svd_values", "matvec"}


@pytest.mark.parametrize("name", SQUARE)
@pytest.mark.parametrize("x", [M, STACK], ids=["matrix", "stack"])
def test_values_of_square_matrices(name, x):
    run(SQUARE[name], x, names=name not in OTHER_GRAPH, rtol=2e-4 if x is M else 1e-9)


@pytest.mark.parametrize("name", [n for n in SQUARE if n not in ("norm_1", "norm_inf")])
@pytest.mark.parametrize("x", [M, STACK], ids=["matrix", "stack"])
def test_gradients_of_square_matrices(name, x):
    gradient(SQUARE[name], x, names=False, rtol=2e-3 if x is M else 1e-8)


SYMMETRIC = {
    "cholesky": lambda tf, x: tf.cholesky(x),
    "cholesky_solve": lambda tf, x: tf.cholesky_solve(tf.cholesky(x), tf.ones_like(x)),
    "logdet": lambda tf, x: tf.linalg.logdet(x),
    "eigenvalues": lambda tf, x: tf.self_adjoint_eigvals(x),
    "eig": lambda tf, x: tf.self_adjoint_eig(x)[0],
    "projectors": lambda tf, x: tf.square(tf.self_adjoint_eig(x)[1]),
}


@pytest.mark.parametrize("name", SYMMETRIC)
def test_values_of_symmetric_matrices(name):
    run(SYMMETRIC[name], DEFINITE, rtol=1e-9)


@pytest.mark.parametrize("name", SYMMETRIC)
def test_gradients_of_symmetric_matrices(name):
    gradient(SYMMETRIC[name], DEFINITE, names=name == "cholesky", rtol=1e-7)


@pytest.mark.parametrize("x", [TALL, TALL.T.copy()], ids=["tall", "wide"])
@pytest.mark.parametrize("options", [{}, {"l2_regularizer": 0.5}, {"fast": False}])
def test_least_squares(x, options):
    run(lambda tf, x: tf.matrix_solve_ls(x, x[:, :2] * 2 + 1, **options), x, names=False, rtol=1e-8)


@pytest.mark.parametrize("full", [False, True])
def test_shapes_of_factors(full):
    run(lambda tf, x: [tf.abs(t) for t in tf.qr(x, full_matrices=full)], TALL, rtol=1e-9)
    run(lambda tf, x: [tf.shape(t) for t in tf.svd(x, full_matrices=full)], TALL)


VECTORS = {
    "euclidean": {}, "one": {"ord": 1, "axis": 1}, "infinity": {"ord": np.inf}, "three": {"ord": 3, "axis": 0},
    "axis": {"axis": -1, "keepdims": True}, "matrix": {"axis": (0, 1)},
}  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_norms(name):
    run(lambda tf, x: tf.norm(x, **VECTORS[name]), A[0])
    gradient(lambda tf, x: tf.norm(x, **VECTORS[name]), A[0], names=False)


@pytest.mark.parametrize("axes", [1, 0, [[1], [1]], [[1, 2], [1, 0]], [[0, 1], [2, 1]], [[-1], [0]]])
@pytest.mark.parametrize("known", [True, False])
def test_tensordot(axes, known):
    def program(tf):
        x, y = (tf.placeholder(tf.float32, a.shape if known else [None] * 3, name="x") for a in (A, right))
        z = tf.tensordot(x, y, axes)
        return [z, *tf.gradients(z * z, [x, y])], {x: A, y: right}

    right = B if axes != [[0, 1], [2, 1]] else B[:, :, :2].copy()
    check(program, names=False, rtol=1e-4)


@pytest.mark.parametrize("axes", [1, [[1, 2], [1, 0]], [[-1], [0]]])
def test_graph_of_tensordot(axes):
    run(lambda tf, x, y: tf.tensordot(x, y, axes), A, B)


EQUATIONS = [
    ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ij->ji", (2, 3)), ("ij->", (2, 3)), ("ii->i", (3, 3)),
    ("ii", (3, 3)), ("i,j->ij", (2,), (3,)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)), ("ijk,k->ij", (2, 3, 4), (4,)),
    ("...ij,...jk->...ik", (2, 3, 4), (2, 4, 5)), ("bhqd,bhkd->bhqk", (2, 2, 3, 4), (2, 2, 5, 4)),
    ("ij,ij->", (2, 3), (2, 3)),
    ("ab,bc,cd->ad", (2, 3), (3, 4), (4, 5)), ("abc,cd->abd", (2, 3, 4), (4, 5)), ("ij,kj->ki", (2, 3), (4, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("equation", "shapes"), [(e, s) for e, *s in EQUATIONS])
def test_einsum(equation, shapes):
    arrays = [np.random.default_rng(i).standard_normal(s).astype(np.float32) for i, s in enumerate(shapes)]

    def program(tf):
        made = [tf.placeholder(tf.float32, a.shape, name="x") for a in arrays]
        z = tf.einsum(equation, *made)
        return [z, *tf.gradients(z * z, made)], dict(zip(made, arrays, strict=True))

    check(program, rtol=1e-4)


TRANSFORMS = ["fft", "ifft", "fft2d", "ifft2d", "fft3d", "ifft3d"]


@pytest.mark.parametrize("name", TRANSFORMS)
def test_complex_transforms(name):
    def program(tf):
        x = tf.placeholder(tf.float32, A.shape)
        y = getattr(tf, name)(tf.complex(x, x * x))
        return [y, *tf.gradients(tf.square(tf.abs(y)), x)], {x: A}

    check(program, names=False, rtol=1e-4)


@pytest.mark.parametrize("axes", ["", "2d", "3d"])
@pytest.mark.parametrize("length", [None, 3, 6])
def test_real_transforms(axes, length):
    def program(tf):
        x = tf.placeholder(tf.float32, A.shape)
        lengths = None if length is None else [length] * {"": 1, "2d": 2, "3d": 3}[axes]
        y = getattr(tf.spectral, "rfft" + axes)(x, lengths)
        z = getattr(tf.spectral, "irfft" + axes)(y, lengths)
        return [y, z], {x: A}

    check(program, names=False, rtol=1e-4)


@pytest.mark.parametrize("length", [None, [6]])
def test_gradients_of_real_transforms(length):
    def program(tf):
        x = tf.placeholder(tf.float32, [2, 4])
        y = tf.spectral.rfft(x, length)
        z = tf.spectral.irfft(y * y, length)
        return [*tf.gradients(tf.square(tf.abs(y)), x), *tf.gradients(z * z, x)], {x: A[0, :2]}

    check(program, names=False, rtol=1e-4)


def test_fftshift():
    run(lambda tf, x: [tf.signal.fftshift(x), tf.signal.ifftshift(x, axes=[1, 2])], A, names=False)


ERRORS = {
    "singular": lambda tf: tf.matrix_inverse(np.zeros((2, 2))),
    "not_square": lambda tf: tf.matrix_inverse(np.zeros((2, 3))),
    "singular_solve": lambda tf: tf.matrix_solve(np.zeros((2, 2)), np.ones((2, 1))),
    "solve_rows": lambda tf: tf.matrix_solve(np.eye(2), np.ones((3, 1))),
    "cross": lambda tf: tf.cross([1.0, 2.0], [1.0, 2.0]),
    "norm_axis": lambda tf: tf.norm(np.eye(2), axis=[0, 0]),
    "norm_ord": lambda tf: tf.norm(np.eye(2), ord=-1),
    "tensordot": lambda tf: tf.tensordot(np.eye(2), np.eye(3), 1),
    "tensordot_axes": lambda tf: tf.tensordot(np.eye(2), np.eye(2), [[0, 1], [0]]),
    "einsum_sizes": lambda tf: tf.einsum("ij,jk->ik", np.eye(2), np.eye(3)),
    "einsum_rank": lambda tf: tf.einsum("ijk->i", np.eye(2)),
    "einsum_count": lambda tf: tf.einsum("ij,jk->ik", np.eye(2)),
    "matmul": lambda tf: tf.matmul(np.eye(2), np.eye(3)),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    check_error(lambda tf: (ERRORS[name](tf), {}))
