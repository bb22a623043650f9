"""Queues, the threads that fill them, and input pipelines made of them."""

import threading
import time

import numpy as np
import pytest

import minitf as tf


@pytest.fixture
def session():
    tf.reset_default_graph()
    with tf.Session() as session:
        yield session


def in_thread(function, *args):
    """Call in a thread; the list gets the result or the exception."""
    found = []

    def body():
        try:
            found.append(function(*args))
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    return thread, found


def test_a_dequeue_waits_for_an_enqueue(session):
    queue = tf.FIFOQueue(2, tf.int32, [[]])
    taken, put = queue.dequeue(), queue.enqueue(7)
    thread, found = in_thread(session.run, taken)
    time.sleep(0.05)
    assert not found
    session.run(put)
    thread.join(10)
    assert found == [7]


def test_a_full_queue_blocks_until_there_is_room(session):
    queue = tf.FIFOQueue(2, tf.int32, [[]])
    taken, size = queue.dequeue(), queue.size()
    thread, found = in_thread(session.run, queue.enqueue_many([[1, 2, 3]]))
    while session.run(size) < 2:
        time.sleep(0.01)
    assert not found
    assert session.run(taken) == 1
    thread.join(10)
    assert session.run(size) == 2


def test_closing(session):
    queue = tf.FIFOQueue(5, tf.int32, [[]])
    session.run(queue.enqueue_many([[1, 2, 3]]))
    session.run(queue.close())
    assert session.run(queue.is_closed())
    with pytest.raises(tf.errors.CancelledError):
        session.run(queue.enqueue(4))
    with pytest.raises(tf.errors.OutOfRangeError):
        session.run(queue.dequeue_many(4))
    assert session.run(queue.size()) == 3  # what was taken in vain went back
    assert session.run(queue.dequeue_up_to(4)).tolist() == [1, 2, 3]
    with pytest.raises(tf.errors.OutOfRangeError):
        session.run(queue.dequeue())


@pytest.mark.parametrize("waiting", ["dequeue", "enqueue"])
def test_closing_the_session_frees_who_waits(waiting):
    tf.reset_default_graph()
    queue, session = tf.FIFOQueue(1, tf.int32, [[]]), tf.Session()
    operation = queue.dequeue() if waiting == "dequeue" else queue.enqueue_many([[1, 2]])
    thread, found = in_thread(session.run, operation)
    time.sleep(0.05)
    session.close()
    thread.join(10)
    assert isinstance(found[0], tf.errors.CancelledError)


def test_cancelling_pending_enqueues(session):
    queue = tf.FIFOQueue(1, tf.int32, [[]])
    cancel, size = queue.close(cancel_pending_enqueues=True), queue.size()
    thread, found = in_thread(session.run, queue.enqueue_many([[1, 2]]))
    while session.run(size) < 1:
        time.sleep(0.01)
    session.run(cancel)
    thread.join(10)
    assert isinstance(found[0], tf.errors.CancelledError)


def test_a_limit_of_time(session):
    taken = tf.FIFOQueue(1, tf.int32, [[]]).dequeue()
    with pytest.raises(tf.errors.DeadlineExceededError):
        session.run(taken, options=tf.RunOptions(timeout_in_ms=20))


def test_padding(session):
    queue = tf.PaddingFIFOQueue(5, [tf.float32, tf.string], [[None], []])
    for n in (1, 3):
        session.run(queue.enqueue((np.ones(n), str(n))))
    numbers, names = session.run(queue.dequeue_many(2))
    assert numbers.tolist() == [[1, 0, 0], [1, 1, 1]] and names.tolist() == [b"1", b"3"]


def test_priority(session):
    queue = tf.PriorityQueue(9, tf.string, [[]])
    session.run(queue.enqueue_many(([3, 1, 2, 1], ["c", "a", "b", "d"])))
    assert session.run(queue.dequeue_many(4))[1].tolist() == [b"a", b"d", b"b", b"c"]


def test_random_order_keeps_some_until_closed(session):
    queue = tf.RandomShuffleQueue(99, 5, tf.int32, [[]], seed=1)
    session.run(queue.enqueue_many([range(10)]))
    found = session.run(queue.dequeue_many(5)).tolist()
    with pytest.raises(tf.errors.DeadlineExceededError):
        session.run(queue.dequeue(), options=tf.RunOptions(timeout_in_ms=20))
    session.run(queue.close())
    found += session.run(queue.dequeue_many(5)).tolist()
    assert sorted(found) == list(range(10)) != found


def test_names(session):
    queue = tf.FIFOQueue(5, [tf.int32, tf.string], [[], []], names=["i", "s"])
    session.run(queue.enqueue({"i": 1, "s": "x"}))
    assert session.run(queue.dequeue()) == {"i": 1, "s": b"x"}
    with pytest.raises(ValueError):
        queue.enqueue({"i": 1})
    with pytest.raises(ValueError):
        queue.enqueue((1, "x"))


def test_wrong_shape(session):
    queue = tf.FIFOQueue(5, tf.int32, [[2]])
    with pytest.raises(ValueError):
        queue.enqueue([1, 2, 3])
    value = tf.placeholder(tf.int32)
    with pytest.raises(tf.errors.InvalidArgumentError):
        session.run(queue.enqueue(value), {value: [1, 2, 3]})


def run_to_the_end(session, fetch):
    session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(session, coord)
    found = []
    try:
        while not coord.should_stop():
            found.append(session.run(fetch))
    except tf.errors.OutOfRangeError:
        pass
    finally:
        coord.request_stop()
        coord.join(threads, stop_grace_period_secs=10)
    assert not any(t.is_alive() for t in threads)
    return found


def test_batches_of_epochs(session):
    number = tf.train.range_input_producer(5, num_epochs=2, shuffle=False).dequeue()
    batch = tf.train.batch([number], 4, allow_smaller_final_batch=True)
    assert [b.tolist() for b in run_to_the_end(session, batch)] == [[0, 1, 2, 3], [4, 0, 1, 2], [3, 4]]


def test_shuffled_batches_hold_matching_rows(session):
    rows = tf.train.slice_input_producer([np.arange(30), np.arange(30) * 10], num_epochs=1)
    batch = tf.train.shuffle_batch(rows, 5, capacity=20, min_after_dequeue=8, num_threads=2)
    found = run_to_the_end(session, batch)
    firsts = np.concatenate([a for a, _ in found])
    assert sorted(firsts) == list(range(30))
    assert all((b == a * 10).all() for a, b in found)


def test_dynamic_padding(session):
    n = tf.train.range_input_producer(4, num_epochs=1, shuffle=False).dequeue()
    batch = tf.train.batch([tf.fill([n], 1)], 2, dynamic_pad=True)
    assert [b.shape for b in run_to_the_end(session, batch)] == [(2, 1), (2, 3)]


def test_lines_of_files(session, tmp_path):
    for name in "ab":
        (tmp_path / name).write_text(f"{name}1\n{name}2")
    files = tf.train.string_input_producer([str(tmp_path / n) for n in "ab"], num_epochs=1, shuffle=False)
    key, value = tf.TextLineReader().read(files)
    found = run_to_the_end(session, [key, value])
    assert [v for _, v in found] == [b"a1", b"a2", b"b1", b"b2"]
    assert found[1][0] == f"{tmp_path}/a:2".encode()


def test_no_files():
    with pytest.raises(ValueError):
        tf.train.string_input_producer([])


def test_an_error_in_a_thread_reaches_join(session):
    queue = tf.FIFOQueue(5, tf.float32, [[2]])
    value = tf.placeholder_with_default(tf.constant([1.0, 2.0, 3.0]), None)
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [queue.enqueue(value)]))
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(session, coord)
    with pytest.raises(tf.errors.InvalidArgumentError):
        coord.join(threads, stop_grace_period_secs=10)
