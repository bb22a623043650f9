"""What every optimizer owes its user, without a judge."""

import numpy as np
import pytest

import minitf as tf

OPTIMIZERS = [
    tf.train.GradientDescentOptimizer(0.3),
    tf.train.MomentumOptimizer(0.1, 0.8),
    tf.train.AdagradOptimizer(0.5),
    tf.train.AdadeltaOptimizer(1.0, 0.9, epsilon=1e-2),
    tf.train.RMSPropOptimizer(0.05),
    tf.train.AdamOptimizer(0.1),
    tf.train.FtrlOptimizer(1.0),
    tf.train.ProximalGradientDescentOptimizer(0.3),
    tf.train.ProximalAdagradOptimizer(0.5),
]


@pytest.fixture(autouse=True)
def empty_graph():
    tf.reset_default_graph()


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o.get_name())
def test_finds_the_minimum(optimizer):
    x = tf.Variable([3.0, -2.0])
    step = optimizer.minimize(tf.reduce_sum(tf.square(x - [1.0, 0.5])))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(200):
            session.run(step)
        np.testing.assert_allclose(session.run(x), [1.0, 0.5], atol=0.1)


def test_rows_without_gradient_are_not_touched():
    table = tf.Variable(np.ones((4, 2), np.float32))
    step = tf.train.AdagradOptimizer(0.5).minimize(tf.reduce_sum(tf.gather(table, [1, 1])))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        changed = (session.run(table) != 1).any(1)
        assert changed.tolist() == [False, True, False, False]


def test_an_index_out_of_range_is_an_error():
    table = tf.Variable(np.ones((4, 2), np.float32))
    rows = tf.IndexedSlices(tf.ones([1, 2]), tf.placeholder_with_default([7], [1]))
    step = tf.train.AdagradOptimizer(0.5).apply_gradients([(rows, table)])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(step)


def test_an_average_taken_after_the_step_sees_the_step():
    x = tf.Variable(1.0)
    average = tf.train.ExponentialMovingAverage(0.5)
    with tf.control_dependencies([x.assign_add(1.0)]):
        update = average.apply([x])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(update)
        assert session.run(average.average(x)) == 1.5
        stepped = session.start(update)
        stepped.result()
        assert session.run(average.average(x)) == 2.25


def test_a_graph_keeps_its_optimizers_variables_apart():
    optimizer = tf.train.AdamOptimizer()
    for _ in range(2):
        with tf.Graph().as_default():
            x = tf.Variable(1.0, name="x")
            optimizer.minimize(tf.square(x))
            assert [v.name for v in optimizer.variables()] == [
                "beta1_power:0", "beta2_power:0", "x/Adam:0", "x/Adam_1:0",
            ]  # fmt: skip
