"""`tf.Variable`: writing, reading in an order, initializing one variable by another, collections."""

import numpy as np
import pytest

from tests.parity.compare import check, check_error, compare_values


def assignments(tf):
    v = tf.Variable([1.0, 2.0], name="v")
    a = v.assign([3.0, 4.0])
    with tf.control_dependencies([a]):
        b = tf.assign_add(v, [1.0, 1.0])
    with tf.control_dependencies([b]):
        c = v.assign_sub([0.5, 0.5], name="less")
    with tf.control_dependencies([c]):
        return [v.read_value(), v + 1.0]


def written_values(tf):
    v = tf.Variable(2.0)
    return v.assign(5.0)


def read_after_write(tf):
    v = tf.Variable([1.0, 2.0])
    with tf.control_dependencies([v.assign_add([1.0, 1.0])]):
        return [tf.identity(v), v.read_value(), v * 2.0, tf.reshape(v, [2, 1])]


def open_shape(tf):
    v = tf.Variable([1.0], validate_shape=False)
    with tf.control_dependencies([tf.assign(v, [1.0, 2.0, 3.0], validate_shape=False)]):
        return v.read_value()


def from_another(tf):
    rng = tf.Variable(tf.random_normal([3], seed=1), name="a")
    copy = tf.Variable(rng.initialized_value() * 2.0, name="b")
    direct = tf.Variable(rng * 3.0, name="c")
    return [rng, copy, direct]


def counted(tf):
    v = tf.Variable(0, trainable=False)
    return [v.count_up_to(10)]


def operators(tf):
    v, w = tf.Variable([4.0, 9.0]), tf.Variable([2.0, 2.0])
    return [v + w, v - 1.0, 2.0 * v, v / w, -v, v**w, v > w, abs(v - 10.0), v[0], v[::-1], v // w, v % w]


PROGRAMS = [assignments, written_values, read_after_write, open_shape, from_another, counted, operators]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
@pytest.mark.parametrize("steps", [1, 3])
def test_values(program, steps):
    check(lambda tf: (program(tf), {}), steps=steps, graph_seed=3)


def test_uninitialized_variables_are_reported(tf1, mtf):
    found = []
    for tf in (tf1, mtf):
        with tf.Graph().as_default(), tf.Session() as session:
            v, w = tf.Variable(1.0, name="v"), tf.get_local_variable("w", [2])
            report = tf.report_uninitialized_variables()
            is_there = tf.is_variable_initialized(v)
            names = [session.run(report).tolist(), session.run(is_there)]
            session.run(tf.global_variables_initializer())
            names += [session.run(report).tolist(), session.run(is_there)]
            session.run(tf.variables_initializer([w]))
            found.append([*names, session.run(report).tolist()])
    assert found[0] == found[1]


def test_loading(tf1, mtf):
    for tf in (tf1, mtf):
        with tf.Graph().as_default(), tf.Session() as session:
            v = tf.Variable([1.0, 2.0])
            session.run(v.initializer)
            v.load([5.0, 6.0], session)
            np.testing.assert_array_equal(v.eval(), [5.0, 6.0])
            assert v.initial_value.eval().tolist() == [1.0, 2.0]


def test_properties(tf1, mtf):
    found = []
    for tf in (tf1, mtf):
        with tf.Graph().as_default():
            with tf.name_scope("n"):
                v = tf.Variable(np.zeros((2, 3), np.float64), trainable=False, name="v")
            found.append(
                [v.name, v.op.name, v.dtype.base_dtype.name, v.shape.as_list(), v.get_shape().as_list(), v.trainable,
                 v.initializer.name, v.value().name, v.initial_value.name, v.op.type, v.device]
            )  # fmt: skip
    assert found[0] == found[1]


def test_whole_run_sees_one_old_value(tf1, mtf):
    """What does not wait for the write reads the value from before it."""
    found = []
    for tf in (tf1, mtf):
        with tf.Graph().as_default(), tf.Session() as session:
            v = tf.Variable(1.0)
            before = v * 10.0
            with tf.control_dependencies([before]):
                write = v.assign_add(1.0)
            with tf.control_dependencies([write]):
                after = v * 10.0
            session.run(tf.global_variables_initializer())
            found.append([session.run([before, after]) for _ in range(3)])
    compare_values(found[1], found[0])


ERRORS = {
    "uninitialized": lambda tf: tf.Session().run(tf.Variable(1.0)),
    "wrong shape": lambda tf: tf.Variable([1.0, 2.0]).assign([1.0, 2.0, 3.0]),
    "wrong dtype": lambda tf: tf.Variable([1.0, 2.0]).assign(tf.constant([1, 2])),
    "no session": lambda tf: tf.Variable(1.0).load(2.0),
}


@pytest.mark.parametrize("label", ERRORS)
def test_errors(label):
    check_error(lambda tf: (ERRORS[label](tf), {}))
