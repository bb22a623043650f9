"""`use_locking=True`: what several threads write at the same time is not lost."""

import threading

import numpy as np
import pytest

import minitf as tf


def run_together(session, operations, times):
    """Run each operation in a thread of its own, `times` times, all at once."""
    begin = threading.Barrier(len(operations))

    def work(operation):
        begin.wait()
        for _ in range(times):
            session.run(operation)

    threads = [threading.Thread(target=work, args=(o,)) for o in operations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_twenty_threads_that_add_lose_nothing():
    total = tf.Variable(tf.zeros([300, 300]))
    adds = [tf.assign_add(total, tf.ones([300, 300]), use_locking=True) for _ in range(20)]
    with tf.Session() as session:
        session.run(total.initializer)
        run_together(session, [a.op for a in adds], 10)
        assert np.array_equal(session.run(total), np.full((300, 300), 200.0, np.float32))


def test_halves_are_written_by_numpy_and_lose_nothing():
    total = tf.Variable(tf.zeros([200, 200], tf.float16))
    adds = [tf.assign_add(total, tf.ones([200, 200], tf.float16), use_locking=True) for _ in range(8)]
    with tf.Session() as session:
        session.run(total.initializer)
        run_together(session, [a.op for a in adds], 10)
        assert np.array_equal(session.run(total), np.full((200, 200), 80, np.float16))


def test_a_stretch_that_writes_with_a_lock_runs_alone():
    total = tf.Variable(tf.zeros([300, 300]))
    adds = [tf.assign(total, tf.reverse(tf.reverse(total, [0]), [0]) + 1, use_locking=True).op for _ in range(8)]
    with tf.Session() as session:
        session.run(total.initializer)
        run_together(session, adds, 20)
        assert (session.run(total) == 160).all()


def test_one_program_in_many_threads_loses_nothing():
    total = tf.Variable(tf.zeros([100, 100]))
    add = total.assign_add(tf.ones([100, 100]), use_locking=True).op
    with tf.Session() as session:
        session.run(total.initializer)
        session.run(add)
        run_together(session, [add] * 8, 25)
        assert np.array_equal(session.run(total), np.full((100, 100), 201.0, np.float32))


@pytest.mark.parametrize(
    "optimizer",
    [tf.train.GradientDescentOptimizer(1.0, use_locking=True), tf.train.MomentumOptimizer(1.0, 0.0, use_locking=True)],
    ids=["sgd", "momentum"],
)
def test_optimizers_lock(optimizer):
    w = tf.Variable(tf.zeros([200, 200]))
    rows = tf.gather(w, [0, 1])
    dense, sparse = optimizer.minimize(-tf.reduce_sum(w)), optimizer.minimize(-tf.reduce_sum(rows))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        run_together(session, [dense] * 4 + [sparse] * 2, 10)
        found = session.run(w)
    assert (found[:2] == 60).all() and (found[2:] == 40).all()


def test_a_loop_that_writes_lets_others_write_between_its_turns():
    total = tf.Variable(np.zeros([50, 50], np.float32))

    def turn(i):
        with tf.control_dependencies([tf.assign_add(total, tf.ones([50, 50]), use_locking=True)]):
            return i + 1

    loop = tf.while_loop(lambda i: i < 50, turn, [0])
    with tf.Session() as session:
        session.run(total.initializer)
        run_together(session, [loop] * 4, 2)
        assert (session.run(total) == 400).all()
