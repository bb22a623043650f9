"""Loops that the machine turns by itself give what stepping through them gives."""

import numpy as np
import pytest

import minitf as tf
from tests.runtime.stepped import both_ways


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


@pytest.mark.parametrize("count", [0, 1, 2, 3, 100, 1000])
def test_a_loop_of_any_number_of_turns(count, wheels):
    limit, x = tf.placeholder(tf.int32, []), tf.placeholder(tf.float32, [3, 3])
    i, y, same = tf.while_loop(
        lambda i, y, same: i < limit, lambda i, y, same: (i + 1, tf.tanh(tf.matmul(y, x)) + same, same),
        [tf.constant(0), tf.ones([3, 3]), tf.constant(0.5)],
    )  # fmt: skip
    found = both_ways([i, y, same], {limit: count, x: np.eye(3, dtype=np.float32) / 2})
    assert found[0] == count and found[2] == 0.5
    assert wheels == ([True, True] if count else [])


def test_variables_that_take_each_others_place(wheels):
    i, a, b = tf.while_loop(
        lambda i, a, b: i < 25, lambda i, a, b: (i + 1, b, a + b), [tf.constant(0), tf.constant(0), tf.constant(1)]
    )
    assert [int(v) for v in both_ways([i, a, b])] == [25, 75025, 121393]  # Fibonacci
    assert wheels and not any(wheels)


def test_a_variable_that_grows(wheels):
    i, x = tf.while_loop(
        lambda i, x: i < 6, lambda i, x: (i + 1, tf.concat([x, x[:1] + 1.0], 0)), [tf.constant(0), tf.zeros([1])],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
    )  # fmt: skip
    assert both_ways([i, x])[1].tolist() == [0, 1, 1, 1, 1, 1, 1]
    assert not any(wheels)


def test_a_loop_that_calls_python():
    seen = []

    def body(i):
        return tf.reshape(tf.py_func(lambda i: seen.append(int(i)) or i + np.int32(1), [i], tf.int32), [])

    loop = tf.while_loop(lambda i: i < 4, body, [tf.constant(0)])
    assert both_ways([loop]) == [4] and seen[:4] == [0, 1, 2, 3]


def test_a_loop_that_writes_a_variable(wheels):
    v = tf.Variable(0.0)
    loop = tf.while_loop(lambda i: i < 5, lambda i: i + tf.cast(tf.assign_add(v, 2.0) > 0, tf.int32), [tf.constant(0)])
    with tf.Session() as sess:
        for turn in range(1, 4):
            sess.run(v.initializer) if turn == 1 else None
            assert sess.run(loop) == 5 and sess.run(v) == 10 * turn
    assert any(wheels)


def test_an_error_in_a_later_turn(wheels):
    table, count = tf.constant([1.0, 2.0, 4.0, 8.0]), tf.placeholder(tf.int32, [])
    loop = tf.while_loop(
        lambda i, total: i < count, lambda i, total: (i + 1, total + tf.gather(table, i)), [tf.constant(0), 0.0]
    )
    with tf.Session() as sess:
        assert sess.run(loop, {count: 4})[1] == 15
        with pytest.raises(tf.errors.InvalidArgumentError, match="Gather"):
            sess.run(loop, {count: 9})
        assert sess.run(loop, {count: 3})[1] == 7
    assert all(wheels)


def test_gradients_through_many_turns(wheels):
    x = tf.placeholder(tf.float64, [])
    _, y = tf.while_loop(lambda i, y: i < 50, lambda i, y: (i + 1, tf.sin(y) * x), [tf.constant(0), x])
    (gradient,) = tf.gradients(y, x)
    found = both_ways([y, gradient], {x: 1.3})
    value, slope = 1.3, 1.0
    for _ in range(50):
        value, slope = np.sin(value) * 1.3, np.cos(value) * slope * 1.3 + np.sin(value)
    np.testing.assert_allclose(found, [value, slope], 1e-12)
    assert any(wheels)


def test_loops_inside_loops():
    def outer(i, total):
        _, inner = tf.while_loop(lambda j, t: j < i, lambda j, t: (j + 1, t + j), [tf.constant(0), total])
        return i + 1, inner

    found = both_ways(list(tf.while_loop(lambda i, t: i < 20, outer, [tf.constant(0), tf.constant(0)])))
    assert found[1] == sum(j for i in range(20) for j in range(i))
