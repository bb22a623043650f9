"""Scatters: updates that meet, places out of range, and what becomes of the variable."""

import numpy as np
import pytest

import minitf as tf


@pytest.fixture(autouse=True)
def graph():
    tf.reset_default_graph()


def started(*variables):
    session = tf.Session()
    session.run([v.initializer for v in variables])
    return session


def test_updates_of_one_row_are_applied_in_order():
    v = tf.Variable(np.ones((3, 2), np.float32))
    step = tf.scatter_mul(v, [1, 1, 1], [[2.0, 3.0]] * 3)
    assert np.array_equal(started(v).run(step), [[1, 1], [8, 27], [1, 1]])


def test_a_failed_scatter_changes_nothing():
    v = tf.Variable([1.0, 2.0, 3.0])
    index = tf.placeholder(tf.int32, [2])
    step = tf.scatter_add(v, index, [10.0, 10.0])
    session = started(v)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = \[3\]"):
        session.run(step, {index: [0, 3]})
    assert np.array_equal(session.run(v), [1, 2, 3])


def test_whole_numbers_are_divided_towards_zero():
    v = tf.Variable([-7, 7, 9])
    assert started(v).run(tf.scatter_div(v, [0, 1], [2, 2])).tolist() == [-3, 3, 9]


def test_one_number_for_all_rows():
    v = tf.Variable(np.zeros((3, 2), np.float32))
    assert started(v).run(tf.scatter_update(v, [0, 2], 5.0)).tolist() == [[5, 5], [0, 0], [5, 5]]


def test_strings():
    v = tf.Variable(["a", "b", "c"])
    assert started(v).run(tf.scatter_update(v, [1], ["x"])).tolist() == [b"a", b"x", b"c"]


def test_many_rows_in_a_large_table():
    table = np.random.default_rng(0).standard_normal((1000, 16)).astype(np.float32)
    rows = np.random.default_rng(1).integers(0, 1000, 5000).astype(np.int32)
    updates = np.random.default_rng(2).standard_normal((5000, 16)).astype(np.float32)
    v = tf.Variable(table)
    expected = table.copy()
    np.add.at(expected, rows, updates)
    np.testing.assert_allclose(started(v).run(tf.scatter_add(v, rows, updates)), expected, 1e-4, 1e-4)


def test_batch_scatter_update():
    v = tf.Variable(np.zeros((2, 3, 2), np.float32))
    step = tf.batch_scatter_update(v, [[2], [0]], np.ones((2, 1, 2), np.float32))
    expected = np.zeros((2, 3, 2))
    expected[0, 2] = expected[1, 0] = 1
    assert np.array_equal(started(v).run(step), expected)
