"""The short way through a run gives what the general way gives, and steps aside where it must."""

import collections

import numpy as np
import pytest

import minitf as tf
from minitf.runtime.straight import StraightRun


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


@pytest.fixture
def ways(monkeypatch):
    """How the runs went: True for each that took the short way, False for each that was turned away."""
    taken, original = [], StraightRun.given

    def given(self, feed_dict):
        found = original(self, feed_dict)
        taken.append(found is not None)
        return found

    monkeypatch.setattr(StraightRun, "given", given)
    return taken


def test_the_second_run_goes_the_short_way(ways):
    p, q = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.float32, [])
    out, op = p * q, tf.no_op()
    with tf.Session() as sess:
        for n in range(3):
            found, nothing = sess.run([out, op], {p: np.full(4, n, np.float32), q: 2.0})
            assert nothing is None and found.tolist() == [2 * n] * 4
        assert sess.run((out, out), {p: np.ones(2, np.float32), q: 1})[1].tolist() == [1, 1]
        assert sess.run(q * 1.0, {q: 5.0}) == 5 and isinstance(sess.run(q + 1.0, {q: 5.0}), np.float32)
    assert ways == [True, True]


def test_fetched_arrays_belong_to_the_caller():
    p = tf.placeholder(tf.float32, [3])
    out = p + 1.0
    with tf.Session() as sess:
        fed = np.zeros(3, np.float32)
        found = [sess.run(out, {p: fed + n}) for n in range(4)]
        found[2][:] = 99
        assert [f[0] for f in found] == [1, 2, 99, 4] and sess.run(out, {p: fed})[0] == 1


def test_other_shapes_types_and_layouts_are_still_served(ways):
    p = tf.placeholder(tf.float32, [None, None])
    out = tf.reduce_sum(p, 1)
    with tf.Session() as sess:
        wide, tall = np.ones((2, 3), np.float32), np.ones((4, 3), np.float32)
        for value in (wide, wide, tall, np.ones((4, 3)), [[1, 2]], np.ones((3, 4), np.float32).T, tall):
            np.testing.assert_array_equal(sess.run(out, {p: value}), np.sum(value, 1))
        with pytest.raises(ValueError, match="shape"):
            sess.run(out, {p: np.ones(3, np.float32)})
    assert True in ways and False in ways


def test_arrays_of_other_numbers_go_the_short_way(ways):
    x = tf.placeholder(tf.float32, [None, 2])
    y = tf.reduce_sum(x * 2.0)
    memory = np.arange(12.0).reshape(4, 3)
    with tf.Session() as session:
        for _ in range(3):
            assert session.run(y, {x: memory[:2, :2]}) == 16
            assert session.run(y, {x: memory[:2, 1:].astype(np.int64)}) == 24
    assert ways == [True] * 5  # all but the first run


def test_what_always_goes_the_general_way_makes_one_short_way():
    x = tf.placeholder(tf.float32, [None])
    with tf.Session() as session:
        fetch, made = x + 1.0, set()
        for _ in range(4):
            assert list(session.run(fetch, {x: [1.0, 2.0]})) == [2, 3]
            (idle,) = session._idle.values()
            made.add(idle[0].straight)
    assert len(made) == 1


def test_numbers_are_checked_as_on_the_general_way():
    i, b = tf.placeholder(tf.int32, []), tf.placeholder(tf.bool, [])
    out = tf.where(b, i + 1, i)
    with tf.Session() as sess:
        for _ in range(3):
            assert sess.run(out, {i: 3, b: True}) == 4
            assert sess.run(out, {i: np.int32(3), b: False}) == 3
            with pytest.raises(TypeError, match="int64"):
                sess.run(out, {i: 2**40, b: True})


def test_a_replaced_variable_is_seen(ways):
    v = tf.Variable(np.zeros(3, np.float32), validate_shape=False)
    new = tf.placeholder(tf.float32)
    read, assign = v + 0.0, tf.assign(v, new, validate_shape=False)
    with tf.Session() as sess:
        sess.run(v.initializer)
        for n in (3, 3, 5, 5, 2):
            sess.run(assign, {new: np.full(n, n)})
            assert sess.run(read).tolist() == [n] * n
            assert sess.run(read).tolist() == [n] * n
    assert True in ways


def test_an_abandoned_step_is_undone_before_the_next_short_run(ways):
    v = tf.Variable(1.0)
    step = tf.assign_add(v, 1.0)
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert [sess.run(step) for _ in range(3)] == [2, 3, 4]
        run = sess.start(step)
        run.continue_to(step.op.name)
        assert run.value(step) == 5
        run.abandon()
        assert [sess.run(step) for _ in range(3)] == [5, 6, 7]


def test_a_kernel_that_gives_up_raises_the_error_of_its_operation(ways):
    params, i = tf.constant([1.0, 2.0]), tf.placeholder(tf.int32, [])
    out = tf.gather(params, i)
    with tf.Session() as sess:
        assert [sess.run(out, {i: np.int32(n)}) for n in (0, 1, 0)] == [1, 2, 1]
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)Gather.*test_straight.py"):
            sess.run(out, {i: np.int32(7)})
        assert sess.run(out, {i: np.int32(1)}) == 2
    assert ways.count(True) == 3


def test_a_closed_session_stays_closed():
    out = tf.constant(1.0) + 1.0
    sess = tf.Session()
    assert sess.run(out) == sess.run(out) == 2
    sess.close()
    with pytest.raises(RuntimeError, match="closed"):
        sess.run(out)


def test_a_session_of_one_thread_divides_nothing():
    x = tf.placeholder(tf.float32, [1 << 20])
    out = tf.tanh(x)
    with tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=1)) as sess:
        sess.run(out, {x: np.ones(1 << 20, np.float32)})
        ((program,),) = sess._idle.values()
        assert [s.stretch.instructions()[2] for s in program._first.values()] == [1]


def test_fetches_that_look_alike_are_not_mistaken_for_each_other():
    p = tf.placeholder(tf.float32, [])
    a, b = p + 1.0, p * 3.0
    pair = collections.namedtuple("pair", "a b")
    with tf.Session() as sess:
        for _ in range(2):
            assert sess.run(a, {p: 1.0}) == 2
            assert sess.run((a, p), {p: 1.0}) == (2, 1)
            assert sess.run([a], {p: 1.0}) == [2] and sess.run((a,), {p: 1.0}) == (2,)
            assert sess.run((a, b), {p: 1.0}) == (2, 3)
            found = sess.run(pair(a, b), {p: 1.0})
            assert type(found) is pair and found == (2, 3)
            with pytest.raises(TypeError, match="None"):
                sess.run((a, None), {p: 1.0})


def test_a_value_fed_for_a_variable_is_what_this_run_reads():
    v = tf.Variable(np.ones(40000, np.float32))
    twice, more, fed = v * 2.0, tf.assign_add(v, v), np.full(40000, 5, np.float32)
    with tf.Session() as sess:
        sess.run(v.initializer)
        for _ in range(3):
            assert sess.run(twice, {v: fed})[-1] == 10 and sess.run(twice)[-1] == 2
            assert sess.run(v, {v: fed})[-1] == 5 and sess.run(v)[-1] == 1
            with pytest.raises(tf.errors.InvalidArgumentError, match="was fed a value"):
                sess.run(more, {v: fed})
        assert sess.run(v)[-1] == 1
