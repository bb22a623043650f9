"""What is special about reductions: accuracy, order of additions, dtypes, NaN in whatever place."""

import numpy as np
import pytest

import minitf as tf


def run(make, *arrays):
    tf.reset_default_graph()
    inputs = [tf.placeholder(tf.as_dtype(a.dtype), a.shape) for a in arrays]
    with tf.Session() as session:
        return session.run(make(*inputs), dict(zip(inputs, arrays, strict=True)))


@pytest.mark.parametrize("shape", [(1, 3_000_000), (3_000_000, 1), (1_000_000, 2), (1000, 3000)])
@pytest.mark.parametrize("axis", [0, 1, None])
def test_long_sums_are_accurate(shape, axis):
    x = np.full(shape, 0.1, np.float32)
    exact = x.astype(np.float64).sum(axis)
    np.testing.assert_allclose(run(lambda t: tf.reduce_sum(t, axis), x), exact, 5e-6)
    np.testing.assert_allclose(run(lambda t: tf.reduce_mean(t, axis), x), x.astype(np.float64).mean(axis), 5e-6)


@pytest.mark.parametrize("length", [1, 2, 63, 64, 65, 127, 128, 129, 8191, 8192, 8193, 20001])
def test_every_length_of_row(length):
    x = np.random.default_rng(length).integers(-9, 9, (3, length)).astype(np.float64)
    found = run(lambda t: [tf.reduce_sum(t, 1), tf.reduce_max(t, 1), tf.argmax(t, 1), tf.argmin(t, 1)], x)
    for value, expected in zip(found, (x.sum(1), x.max(1), x.argmax(1), x.argmin(1)), strict=True):
        np.testing.assert_array_equal(value, expected)


@pytest.mark.parametrize("place", [0, 63, 64, 100, 8192, 8199])
def test_a_nan_anywhere_reaches_the_maximum(place):
    x = np.zeros((1, 8200), np.float32)
    x[0, place] = np.nan
    assert np.isnan(run(lambda t: [tf.reduce_max(t, 1), tf.reduce_min(t, 1), tf.reduce_sum(t, 1)], x)).all()


def test_whole_numbers_wrap():
    x = np.full(3, 2**30, np.int32)
    assert run(tf.reduce_sum, x) == np.int32(3 * 2**30 - 2**32)
    assert run(tf.reduce_prod, x).dtype == np.int32


def test_axes_that_are_no_neighbours():
    x = np.random.default_rng(0).standard_normal((3, 4, 5, 6))
    for axes in ([0, 2], [1, 3], [0, 3], [0, 1, 3]):
        np.testing.assert_allclose(run(lambda t, a=axes: tf.reduce_sum(t, a), x), x.sum(tuple(axes)), 1e-12)


def test_argmax_takes_the_first_of_equals_and_passes_over_nan():
    x = np.array([[1, 3, 3], [np.nan, 2, 2], [np.nan] * 3, [-np.inf] * 3], np.float32)
    assert run(lambda t: tf.argmax(t, 1), x).tolist() == [1, 1, 0, 0]
    assert run(lambda t: tf.argmin(t, 1), x).tolist() == [0, 1, 0, 0]


def test_top_k_of_equal_elements():
    x = np.array([[2, 5, 5, 1, 5]], np.int32)
    values, indices = run(lambda t: tf.nn.top_k(t, 4), x)
    assert values.tolist() == [[5, 5, 5, 2]]
    assert indices.tolist() == [[1, 2, 4, 0]]


def test_gradient_of_a_product_with_a_zero():
    x = np.array([2.0, 0.0, 3.0])
    assert run(lambda t: tf.gradients(tf.reduce_prod(t), t)[0], x).tolist() == [0, 6, 0]


def test_gradient_of_a_maximum_is_shared():
    x = np.array([3.0, 1.0, 3.0])
    assert run(lambda t: tf.gradients(tf.reduce_max(t), t)[0], x).tolist() == [0.5, 0, 0.5]
