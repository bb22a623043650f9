"""Gradients of several workers, averaged before a step: workers are threads of one process."""

import threading

import numpy as np
import pytest

import minitf as tf


def model(needed, workers, rate=0.5, **how):
    x = tf.placeholder(tf.float32, [2], name="x")
    w = tf.get_variable("w", initializer=[1.0, 2.0])
    table = tf.get_variable("table", [3, 1], initializer=tf.zeros_initializer())
    step = tf.train.get_or_create_global_step()
    loss = tf.reduce_sum(w * x) + tf.reduce_sum(tf.gather(table, [0, 2]))
    inner = tf.train.GradientDescentOptimizer(rate)
    optimizer = tf.train.SyncReplicasOptimizer(inner, needed, total_num_replicas=workers, **how)
    return x, w, table, step, optimizer, optimizer.minimize(loss, global_step=step)


def test_one_worker_steps_as_without():
    with tf.Graph().as_default():
        x, w, table, step, optimizer, train = model(1, 1)
        with tf.train.MonitoredTrainingSession(hooks=[optimizer.make_session_run_hook(True, num_tokens=0)]) as session:
            for _ in range(5):
                session.run(train, {x: [1.0, 0.0]})
            found = session.run([w, table, step])
    assert found[2] == 5
    np.testing.assert_allclose(found[0], [1 - 0.5 * 5, 2])
    np.testing.assert_allclose(found[1][:, 0], [-0.5 * 5, 0, -0.5 * 5])


def test_two_workers_share_steps():
    with tf.Graph().as_default():
        x, w, _, step, optimizer, train = model(2, 2)
        with tf.train.MonitoredTrainingSession(hooks=[optimizer.make_session_run_hook(True, num_tokens=0)]) as session:

            def work(value):
                for _ in range(3):
                    session.run(train, {x: [value, value]})

            workers = [threading.Thread(target=work, args=(v,)) for v in (1.0, 3.0)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join(30)
            assert not any(worker.is_alive() for worker in workers)
            found = session.run([w, step])
    assert found[1] == 3  # each step took both workers' gradients
    np.testing.assert_allclose(found[0], [1 - 3 * 0.5 * 2, 2 - 3 * 0.5 * 2])


def test_what_it_refuses():
    with tf.Graph().as_default():
        optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(1.0), 3, total_num_replicas=1)
        for early in (optimizer.get_chief_queue_runner, optimizer.get_init_tokens_op):
            with pytest.raises(ValueError, match="after apply_gradients"):
                early()
        v = tf.Variable(1.0)
        with pytest.raises(ValueError, match="Global step is required"):
            optimizer.apply_gradients([(tf.constant(1.0), v)])
        with pytest.raises(ValueError, match="at least one variable"):
            optimizer.apply_gradients([], tf.train.get_or_create_global_step())
        optimizer.apply_gradients([(tf.constant(1.0), v)], tf.train.get_or_create_global_step())
        with pytest.raises(ValueError, match="Too few tokens"):
            optimizer.get_init_tokens_op(1)
