"""Linear algebra: what is refused at run time."""

import numpy as np
import pytest

import minitf as tf


@pytest.fixture(autouse=True)
def graph():
    tf.reset_default_graph()


@pytest.mark.parametrize(
    "make",
    [
        lambda: tf.matrix_inverse(np.zeros((2, 2))),
        lambda: tf.cholesky(-np.eye(2)),
        lambda: tf.matrix_triangular_solve(np.zeros((2, 2)), np.ones((2, 1))),
    ],
)
def test_matrices_without_a_solution(make):
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.Session().run(make())


def test_second_derivative_of_the_logarithm_of_a_determinant():
    """d2 log det(X) / dX2 is minus the product of two inverses."""
    x = tf.placeholder(tf.float64, [2, 2])
    value = np.array([[2.0, 0.5], [0.5, 1.0]])
    (first,) = tf.gradients(tf.linalg.logdet(x), x)
    (second,) = tf.gradients(first[0, 0], x)
    inverse = np.linalg.inv(value)
    found = tf.Session().run(second, {x: value})
    np.testing.assert_allclose(found + found.T, -2 * np.outer(inverse[0], inverse[0]), 1e-9, 1e-12)


def test_least_squares_needs_known_sizes():
    with pytest.raises(ValueError, match="known size"):
        tf.matrix_solve_ls(tf.placeholder(tf.float32, [None, None]), np.zeros((2, 1), np.float32))
