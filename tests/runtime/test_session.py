"""Sessions: fetches, feeds, pruning, plans kept, threads, closing, errors."""

import collections
import threading

import numpy as np
import pytest

import minitf as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def test_fetch_structures():
    a, b = tf.constant(1.0, name="a"), tf.constant([2, 3], name="b")
    pair = collections.namedtuple("pair", "first second")
    ordered = collections.OrderedDict([("z", a), ("y", [b])])
    with tf.Session() as sess:
        assert sess.run(a) == 1.0 and isinstance(sess.run(a), np.float32)
        assert sess.run([]) == []
        assert sess.run("a:0") == 1.0 and sess.run("a") is None
        found = sess.run({"x": a, "y": (b, [a, a.op])})
        assert found["x"] == 1.0 and found["y"][1] == [1.0, None] and found["y"][0].tolist() == [2, 3]
        assert sess.run(pair(a, b)).second.tolist() == [2, 3]
        assert list(sess.run(ordered)) == ["z", "y"] and type(sess.run(ordered)) is collections.OrderedDict


def test_bad_fetches(graph):
    with tf.Graph().as_default():
        foreign = tf.constant(1)
    a = tf.constant(1)
    with tf.Session(graph=graph) as sess:
        for wrong in (None, 3, [a, None]):
            with pytest.raises(TypeError):
                sess.run(wrong)
        for wrong in ("nothing", foreign):
            with pytest.raises(ValueError):
                sess.run(wrong)


def test_any_tensor_can_be_fed_and_what_it_needed_does_not_run():
    p = tf.placeholder(tf.float32, name="p")
    middle = p * 2.0
    out = middle + 1.0
    with tf.Session() as sess:
        assert sess.run(out, {middle: 10.0}) == 11.0
        assert sess.run(out, {"p:0": 1}) == 3.0
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)must feed a value.*'p'.*test_session.py"):
            sess.run(out)


def test_what_is_no_feed_dict_is_named_at_the_first_run_and_after_it():
    p = tf.placeholder(tf.float32, [2], name="p")
    out = p * 2.0
    with tf.Session() as sess:
        for _ in range(3):
            for wrong in (p, np.ones(2), [p]):
                with pytest.raises(TypeError, match=f"must be a dictionary.*got {type(wrong).__name__}"):
                    sess.run(out, wrong)
            assert sess.run(out, {p: [1, 2]}).tolist() == [2, 4]


def test_bad_feeds():
    p = tf.placeholder(tf.float32, [None, 2], name="p")
    i = tf.placeholder(tf.int32, [])
    with tf.Session() as sess:
        for feeds, error in (
            ({p: [[1.0, 2.0, 3.0]]}, ValueError),
            ({p: [["a", "b"]]}, ValueError),
            ({p: [[1.0], [2.0, 3.0]]}, ValueError),
            ({p: tf.constant([[1.0, 2.0]])}, TypeError),
            ({"unknown:0": 1.0}, TypeError),
            ({3.0: 1.0}, TypeError),
            ([p], TypeError),
        ):
            with pytest.raises(error):
                sess.run(p, feeds)
        with pytest.raises(TypeError, match="int64"):
            sess.run(i, {i: 2**40})


def test_shapes_may_change_from_run_to_run():
    p = tf.placeholder(tf.float32, [None])
    out = tf.reduce_sum(p * p)
    with tf.Session() as sess:
        for n in [*range(1, 50), 3, 0, 1000]:
            assert sess.run(out, {p: np.ones(n)}) == n


def test_results_belong_to_the_caller():
    p = tf.placeholder(tf.float32, [2])
    out = p + 1.0
    v = tf.Variable([1.0, 2.0])
    with tf.Session() as sess:
        sess.run(v.initializer)
        first, value = sess.run([out, v], {p: [1, 2]})
        first[:] = value[:] = 0
        assert sess.run(out, {p: [1, 2]}).tolist() == [2, 3] and sess.run(v).tolist() == [1, 2]
        fed = np.array([5, 6], np.float32)
        kept = sess.run(out, {p: fed})
        sess.run(out, {p: [0, 0]})
        assert kept.tolist() == [6, 7] and fed.tolist() == [5, 6]


def test_memory_of_dead_values_is_used_again():
    p = tf.placeholder(tf.float32, [100000])
    x = p
    for _ in range(40):
        x = x * 1.5 - 0.25
    with tf.Session() as sess:
        sess.run(x, {p: np.ones(100000)})
        (programs,) = sess._idle.values()
        memory = next(iter(programs[0]._first.values())).memory
        assert memory.size <= 3 * 400064


def test_a_long_chain_gives_the_same_numbers_stepped_and_at_once():
    p = tf.placeholder(tf.float32, [50])
    values = [p]
    for i in range(30):
        values.append(values[-1] * values[i // 2] + 0.5)
    feeds = {p: np.linspace(-1, 1, 50)}
    with tf.Session() as sess:
        whole = sess.run(values[-1], feeds)
        assert np.array_equal(sess.start(values[-1], feeds).result(), whole)


def test_uninitialized_variable_names_itself():
    v = tf.Variable(1.0, name="weights")
    with tf.Session() as sess, pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value weights"):
        sess.run(v + 1.0)


def test_variables_live_in_their_session():
    v = tf.Variable(1.0)
    up = tf.assign_add(v, 1.0)
    one, two = tf.Session(), tf.Session()
    for sess in (one, two):
        sess.run(v.initializer)
    assert [one.run(up), one.run(up), two.run(up)] == [2.0, 3.0, 2.0]


def test_reads_and_writes_follow_control_dependencies():
    v = tf.Variable(1.0)
    before = tf.identity(v)
    with tf.control_dependencies([before]):
        up = tf.assign_add(v, 10.0)
    with tf.control_dependencies([up]):
        after = v.read_value()
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run([before, after]) == [1.0, 11.0]


def test_make_callable():
    p = tf.placeholder(tf.float32)
    with tf.Session() as sess:
        double = sess.make_callable(p * 2.0, [p])
        assert double(4.0) == 8.0
        with pytest.raises(TypeError):
            double()


def test_default_sessions():
    a = tf.constant(3.0)
    with pytest.raises(ValueError, match="No default session"):
        a.eval()
    with tf.Session() as sess:
        assert a.eval() == 3.0 and tf.get_default_session() is sess
        a.op.run()
    sess = tf.InteractiveSession()
    assert a.eval() == 3.0
    sess.close()
    assert tf.get_default_session() is None
    with tf.Graph().as_default(), tf.Session(), pytest.raises(ValueError, match="different"):
        a.eval()


def test_closed_session_refuses():
    sess = tf.Session()
    sess.close()
    with pytest.raises(RuntimeError, match="closed"):
        sess.run(tf.constant(1))


def test_wrong_config():
    with pytest.raises(TypeError):
        tf.Session(config=3)
    tf.Session(config=tf.ConfigProto(allow_soft_placement=True)).close()


def test_more_memory_than_there_is():
    p = tf.placeholder(tf.float32, [None, 1])
    wide = p * tf.ones([1, 2**20])
    with tf.Session() as sess, pytest.raises(tf.errors.ResourceExhaustedError, match=r"test_session\.py"):
        sess.run(wide[0, 0] + 1.0, {p: np.ones([2**25, 1])})


def test_graph_may_grow_after_runs():
    x = tf.constant(1.0)
    with tf.Session() as sess:
        assert sess.run(x) == 1.0
        y = x + 1.0
        assert sess.run(y) == 2.0


def test_many_threads_run_one_session():
    p = tf.placeholder(tf.float32, [None])
    out = tf.reduce_sum(p * 2.0 + 1.0)
    wrong = []
    with tf.Session() as sess:

        def work(n):
            for _ in range(200):
                if sess.run(out, {p: np.ones(n)}) != 3 * n:
                    wrong.append(n)

        threads = [threading.Thread(target=work, args=(n,)) for n in (1, 2, 3, 3, 3)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    assert not wrong


def test_trace_records_each_operation():
    x = tf.constant([1.0, 2.0], name="x")
    y = tf.multiply(x, x, name="y")
    metadata = tf.RunMetadata()
    with tf.Session() as sess:
        sess.run(y, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=metadata)
    nodes = metadata.step_stats.dev_stats[0].node_stats
    assert [n.node_name for n in nodes] == ["x", "y"] and all(n.op_end_rel_micros >= 1 for n in nodes)
