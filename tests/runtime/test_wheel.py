"""Loops over TensorArrays that the machine turns by itself give what stepping through them gives."""

import numpy as np
import pytest

import minitf as tf
from minitf.runtime import wheel
from tests.runtime.stepped import both_ways

ROWS = np.random.RandomState(0).randn(7, 4, 3)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


LOOPS = {
    "map_fn": lambda x: tf.map_fn(lambda r: tf.tanh(r * 2.0) + 1.0, x),
    "scan": lambda x: tf.scan(lambda a, r: a * 0.5 + tf.tanh(r), x),
    "scan, reverse": lambda x: tf.scan(lambda a, r: a * 0.5 + r, x, reverse=True),
    "foldl": lambda x: tf.foldl(lambda a, r: a + tf.tanh(r), x),
    "foldr": lambda x: tf.foldr(lambda a, r: a * r, x),
    "numbers": lambda x: tf.map_fn(lambda v: v * v, tf.reduce_sum(x, [1, 2])),
}


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
@pytest.mark.parametrize("name", LOOPS)
def test_loops_over_rows_and_their_gradients(name, dtype, wheels):
    x = tf.placeholder(dtype, [None, 4, 3])
    y = LOOPS[name](x)
    (slope,) = tf.gradients(tf.reduce_sum(y * y), x)
    for count in (7, 3):
        both_ways([y, slope], {x: ROWS[:count]})
    assert wheels and all(wheels)


@pytest.mark.parametrize("name", ["map_fn", "scan", "foldl"])
def test_gradients_of_gradients(name):
    x = tf.placeholder(tf.float64, [5, 4, 3])
    y = LOOPS[name](x)
    (slope,) = tf.gradients(tf.reduce_sum(y * y), x)
    both_ways(tf.gradients(tf.reduce_sum(slope * slope), x), {x: ROWS[:5]})


def test_values_and_gradients(wheels):
    x = tf.placeholder(tf.float64, [None, 4, 3])
    y = tf.scan(lambda a, r: a + r, x)
    (slope,) = tf.gradients(y, x)
    found = both_ways([y, slope], {x: ROWS})
    np.testing.assert_allclose(found[0], np.cumsum(ROWS, 0), 1e-12)
    np.testing.assert_array_equal(found[1][:, 0, 0], [7, 6, 5, 4, 3, 2, 1])
    assert all(wheels)


def test_a_recurrent_network_trains(wheels):
    x = tf.placeholder(tf.float32, [4, 7, 3])
    y, state = tf.nn.dynamic_rnn(
        tf.nn.rnn_cell.BasicLSTMCell(5), x, dtype=tf.float32, sequence_length=tf.constant([7, 2, 5, 1])
    )
    slopes = tf.gradients(tf.reduce_sum(y * y) + tf.reduce_sum(state.c), [*tf.trainable_variables(), x])
    both_ways([y, *slopes], {x: ROWS.transpose(1, 0, 2)})
    assert wheels and all(wheels)


def test_many_turns_are_saved_in_pieces(wheels, monkeypatch):
    monkeypatch.setattr(wheel, "_ENOUGH", 256)
    x = tf.placeholder(tf.float64, [])
    _, y = tf.while_loop(lambda i, y: i < 100, lambda i, y: (i + 1, tf.sin(y) * x), [tf.constant(0), x])
    (slope,) = tf.gradients(y, x)
    value, expected = 1.3, 1.0
    for _ in range(100):
        value, expected = np.sin(value) * 1.3, np.cos(value) * expected * 1.3 + np.sin(value)
    np.testing.assert_allclose(both_ways([y, slope], {x: 1.3}), [value, expected], 1e-12)
    assert all(wheels)


def ones(size=5):
    return tf.TensorArray(tf.float32, size, element_shape=[2], clear_after_read=False).unstack(tf.ones([size, 2]))


def turned(body, *values, turns=5):
    """The lists after `turns` turns of body(i, *lists), stacked."""
    found = tf.while_loop(lambda i, *_: i < turns, lambda i, *v: (i + 1, *body(i, *v)), (tf.constant(0), *values))
    return [v.stack() if isinstance(v, tf.TensorArray) else v for v in found[1:]]


def empty(size=5, **kept):
    return tf.TensorArray(tf.float32, size, clear_after_read=False, **kept)


def number(i):
    return tf.cast(tf.fill([2], i), tf.float32)


ERRORS = {
    "written behind the end": (lambda: turned(lambda i, a: [a.write(i + 2, number(i))], empty()), "write to index 5"),
    "written before the start": (
        lambda: turned(lambda i, a: [a.write(i - 1, number(i))], empty()), "write to index -1"),
    "read behind the end": (
        lambda: turned(lambda i, a: [a.write(i, SOURCE[0].read(i + 1))], empty()), "read from index 5"),
    "read before it is written": (
        lambda: turned(lambda i, a: [a.write(i, a.read(i + 2))], empty(7).write(2, number(1)), turns=2), "index 3"),
    "read as it was before": (
        lambda: turned(lambda i, a: [a.write(i, number(i)).write(i + 1, a.read(i))], empty(element_shape=[2])),
        "read from TensorArray index 0"),
    "written twice": (lambda: turned(lambda i, a: [a.write(i // 2, number(i))], empty()), "already been written"),
    "of changing shape": (
        lambda: turned(lambda i, a: [a.write(i, tf.ones([i + 1]))], empty(infer_shape=False)), "inconsistent shapes"),
}  # fmt: skip
SOURCE = []


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_those_of_a_stepped_run(name, wheels):
    SOURCE[:] = [ones()]
    make, words = ERRORS[name]
    fetches, messages = make(), []
    with tf.Session() as sess:
        for run in (sess.run, sess.run, lambda f: sess.start(f).result()):
            with pytest.raises(tf.errors.InvalidArgumentError, match=words) as error:
                run(fetches)
            messages.append(str(error.value))
    assert len(set(messages)) == 1
    assert wheels and all(wheels) == (name not in ("of changing shape", "read as it was before"))


def test_a_list_is_a_value(wheels):
    start = ones()
    (after,) = turned(lambda i, x: [x + start.read(i)], number(0))
    filled = turned(lambda i, a: [a.write(i, number(i))], empty())
    found = both_ways([*filled, after, start.stack()])
    assert found[0][:, 0].tolist() == [0, 1, 2, 3, 4] and found[1].tolist() == [5, 5]
    assert found[2].tolist() == [[1, 1]] * 5
    assert wheels and all(wheels)


def test_two_loops_go_on_with_the_same_list(wheels):
    _, start = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a.write(i, number(i))), (0, empty()))
    goes_on = [
        tf.while_loop(lambda i, a: i < 5, lambda i, a, n=n: (i + 1, a.write(i, number(n * i))), (3, start))[1]
        for n in (1, 10)
    ]
    found = both_ways([a.stack() for a in goes_on])
    assert [f[:, 0].tolist() for f in found] == [[0, 1, 2, 3, 4], [0, 1, 2, 30, 40]] and all(wheels)


def test_a_list_that_is_read_as_it_was_before(wheels):
    def body(i, a):
        before, after = a, a.write(i + 1, a.read(i) * 2.0)
        return [tf.cond(tf.constant(True), lambda: after, lambda: before)]

    def again(i, a, total):
        after = a.write(i + 1, number(i))
        return [after, total + a.read(i) + after.read(i + 1)]

    start = empty(6).write(0, number(1))
    assert both_ways(turned(body, start))[0][:, 0].tolist() == [1, 2, 4, 8, 16, 32]
    assert both_ways(turned(again, start, number(0)))[1].tolist() == [1 + 0 + 1 + 2 + 3 + 0 + 1 + 2 + 3 + 4] * 2
    assert not all(wheels)


def test_lists_that_change_hands(wheels):
    def swap(i, a, b):
        return [b, a.write(i, number(i))]

    def share(i, a, b):
        written = a.write(i, number(i))
        return [written, written]

    first = tf.while_loop(lambda i, *_: i < 4, lambda i, a, b: (i + 1, *swap(i, a, b)), (0, empty(4), empty(4)))
    found = both_ways([first[1].read(0), first[1].read(2), first[2].read(1), first[2].read(3)])
    assert [v[0] for v in found] == [0, 2, 1, 3]
    shared = both_ways(turned(share, empty(), empty()))
    assert shared[0].tolist() == shared[1].tolist() and shared[0][:, 1].tolist() == [0, 1, 2, 3, 4]
    assert not any(wheels)


def test_lists_that_grow(wheels):
    found = both_ways(turned(lambda i, a: [a.write(i, number(i))], empty(0, dynamic_size=True)))
    assert found[0][:, 0].tolist() == [0, 1, 2, 3, 4] and not any(wheels)


def test_strings_and_lists_in_lists_are_left_to_python(wheels):
    words = tf.map_fn(lambda w: tf.string_join([w, "!"]), tf.constant(["a", "b", "c"]))
    assert both_ways([words])[0].tolist() == [b"a!", b"b!", b"c!"] and not any(wheels)


def test_the_size_of_a_list_is_known_in_the_loop(wheels):
    _, found = tf.while_loop(
        lambda i, a: i < a.size(), lambda i, a: (i + 1, a.write(i, tf.cast(a.size() - i, tf.float32))), (0, empty(5))
    )
    assert both_ways([found.stack()])[0].tolist() == [5, 4, 3, 2, 1] and all(wheels)
