"""Slices: what Python's index expressions become, and parts of variables."""

import numpy as np
import pytest

import minitf as tf

A = np.arange(60, dtype=np.float32).reshape(3, 4, 5)

KEYS = [
    1, -1, slice(1, None), slice(None, None, -2), (0, 1, 2), (Ellipsis, 2), (None, 1),
    (slice(2, 0, -1), Ellipsis, None),
    (slice(-2, None), slice(None, 100)), (slice(3, 1), 0), (), (Ellipsis,),
]  # fmt: skip


@pytest.fixture(autouse=True)
def graph():
    tf.reset_default_graph()


@pytest.mark.parametrize("key", KEYS, ids=str)
@pytest.mark.parametrize("known", [True, False])
def test_index_as_numpy(key, known):
    x = tf.placeholder(tf.float32, A.shape if known else [None] * 3)
    y = x[key]
    found = tf.Session().run(y, {x: A})
    assert np.array_equal(found, A[key])
    assert y.shape.is_compatible_with(A[key].shape)
    assert y.shape.is_fully_defined() or not known


def test_tensors_as_bounds():
    x, i = tf.placeholder(tf.float32, [None, 4, 5]), tf.placeholder(tf.int32, [])
    with tf.Session() as session:
        for value in (0, 1, 2):
            found = session.run([x[i], x[i:], x[: i + 1, i]], {x: A, i: value})
            for f, e in zip(found, [A[value], A[value:], A[: value + 1, value]], strict=True):
                assert np.array_equal(f, e)


def test_index_out_of_range_at_run_time():
    x, i = tf.placeholder(tf.float32, [3]), tf.placeholder(tf.int32, [])
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.Session().run(x[i], {x: [1, 2, 3], i: 3})


def test_assignment_to_a_part_keeps_the_rest():
    v = tf.Variable(A)
    part = v[1:, ::2, 0]
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(part.assign([[7.0, 8.0], [9.0, 10.0]]))
        expected = A.copy()
        expected[1:, ::2, 0] = [[7, 8], [9, 10]]
        assert np.array_equal(session.run(v), expected)
        assert np.array_equal(session.run(part), expected[1:, ::2, 0])


def test_only_variables_are_assigned_to():
    with pytest.raises(ValueError, match="only supported for variables"):
        tf.constant([1.0, 2.0])[0].assign(3.0)


def test_assignment_of_a_wrong_shape():
    v = tf.Variable(A)
    with pytest.raises(ValueError):
        v[0].assign(np.zeros((3, 5)))
