"""What is special about arithmetic: many dtypes, wrapped integers, strings, operators on the left."""

import numpy as np
import pytest

import minitf as tf

NUMBERS = [
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]


@pytest.fixture(autouse=True)
def graph():
    tf.reset_default_graph()


def run(fetches, feeds=None):
    with tf.Session() as session:
        return session.run(fetches, feeds)


@pytest.mark.parametrize("dtype", NUMBERS)
def test_every_dtype(dtype):
    x, y = np.array([5, 7, 9], dtype), np.array([2, 3, 4], dtype)
    p, q = tf.placeholder(dtype, [3]), tf.placeholder(dtype, [3])
    found = run([p + q, p - q, p * q, tf.square(p), tf.add_n([p, q, p])], {p: x, q: y})
    for f, e in zip(found, [x + y, x - y, x * y, x * x, x + y + x], strict=True):
        assert f.dtype == e.dtype
        assert f.tolist() == e.tolist()


def test_integers_wrap_around():
    p = tf.placeholder(tf.int32, [1])
    assert run([p + p, p * p], {p: [2**31 - 1]})[0].tolist() == [-2]


def test_maximum_and_minimum_keep_nan():
    p, q = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.float32, [2])
    for found in run([tf.maximum(p, q), tf.minimum(p, q)], {p: [np.nan, 1], q: [1, np.nan]}):
        assert np.isnan(found).all()


def test_numpy_on_the_left_leaves_the_operator_to_the_tensor():
    p = tf.placeholder(tf.float32, [2])
    for made in (np.ones(2) + p, np.float32(2) * p, np.ones(2) - p, np.ones(2) / p):
        assert isinstance(made, tf.Tensor)
        assert made.dtype is tf.float32


def test_sparse_tensors_are_mapped():
    sparse = tf.SparseTensor([[0, 1]], [-4.0], [2, 2])
    for function, expected in ((tf.abs, 4.0), (tf.negative, 4.0), (tf.square, 16.0), (tf.sign, -1.0)):
        mapped = function(sparse)
        assert isinstance(mapped, tf.SparseTensor)
        assert run(mapped.values).tolist() == [expected]


def test_division_by_zero_of_integers_stops_the_run():
    p = tf.placeholder(tf.int32, [2])
    for made in (6 // p, 6 % p, tf.truncatediv(6, p), tf.truncatemod(6, p)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="division by zero"):
            run(made, {p: [1, 0]})


def test_a_broadcast_scalar_and_a_column_do_not_mistake_each_others_kernels():
    p = tf.placeholder(tf.float32, [2, 3])
    row = tf.constant([1.0, 2, 3])
    found = run([1 - p, p / row, p * row, p + row], {p: np.ones((2, 3))})
    assert found[0].tolist() == [[0, 0, 0]] * 2
    np.testing.assert_allclose(found[1][0], [1, 0.5, 1 / 3], 1e-6)
    assert found[2].tolist() == [[1, 2, 3]] * 2
    assert found[3].tolist() == [[2, 3, 4]] * 2


def test_whoever_mixes_int_and_float_is_told_of_the_cast():
    with pytest.raises(TypeError, match=r"float32 that does not match type int32.*tf\.cast\(tensor, tf\.int32\)"):
        tf.constant(1) + tf.constant(2.5)
    with pytest.raises(TypeError, match=r"type string[^;]*$"):
        tf.constant(1.0) + "one"
