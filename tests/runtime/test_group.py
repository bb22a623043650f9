"""Groups: which neighbours are joined, and that joining changes no bit of any result."""

import numpy as np
import pytest

import minitf as tf
from minitf.kernels.chunks import CHUNK, run_chunks
from minitf.runtime import program

SHAPE = (37, 131)  # more than two chunks, no multiple of one
SIZE = SHAPE[0] * SHAPE[1]
assert SIZE > 2 * CHUNK


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def launches_of(session):
    """The launches of the session's only grouped program."""
    (programs,) = [p for key, p in session._idle.items() if p and p[0].plan.ops]
    (first,) = programs[0]._first.values()
    return first.stretch.launches if first.stretch is not None else []


def joined(session):
    return [len(launch.parts) for launch in launches_of(session) if launch.kernel is run_chunks]


def numbers(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def test_a_chain_is_one_launch_and_its_inner_values_have_no_memory():
    x = tf.placeholder(tf.float32, SHAPE)
    y = tf.sqrt(tf.abs(tf.tanh(x) * x - x))
    with tf.Session() as sess:
        found = sess.run(y, {x: numbers(*SHAPE)})
        assert joined(sess) == [5] and len(launches_of(sess)) == 1
        segment = next(iter(next(iter(sess._idle.values()))[0]._first.values()))
        assert segment.memory.size == segment.memory.bound < 4 * SIZE + 64  # what is fetched
    a = numbers(*SHAPE).astype(np.float64)
    np.testing.assert_allclose(found, np.sqrt(np.abs(np.tanh(a) * a - a)), 1e-3, 1e-5)


def test_a_value_that_others_need_is_kept():
    x = tf.placeholder(tf.float32, SHAPE)
    middle = tf.tanh(x)
    total = tf.reduce_sum(middle)
    outer = tf.exp(middle) * 2.0
    with tf.Session() as sess:
        found = sess.run([middle, total, outer], {x: numbers(*SHAPE)})
    np.testing.assert_allclose(found[0], np.tanh(numbers(*SHAPE)), 1e-6)
    np.testing.assert_allclose(found[1], found[0].sum(), 1e-4)
    np.testing.assert_allclose(found[2], np.exp(found[0]) * 2, 1e-6)


def test_what_is_not_joined():
    small = tf.placeholder(tf.float32, [CHUNK])
    large = tf.placeholder(tf.float32, SHAPE)
    for fetch, feed in (
        (tf.abs(tf.tanh(small)), small),  # one chunk: it is in the cache anyway
        (tf.abs(tf.transpose(tf.tanh(large))), large),  # not pointwise
        (tf.tanh(large), large),  # alone
    ):
        with tf.Session() as sess:
            sess.run(fetch, {feed: np.ones(feed.shape.as_list(), np.float32)})
            assert joined(sess) == []


def test_groups_of_different_sizes_follow_each_other():
    x, y = tf.placeholder(tf.float32, SHAPE), tf.placeholder(tf.float32, [2 * SIZE])
    with tf.Session() as sess:
        feeds = {x: numbers(*SHAPE), y: numbers(2 * SIZE)}
        a, b = sess.run([tf.exp(tf.tanh(x)), tf.tanh(tf.exp(y))], feeds)
        assert len(joined(sess)) == 2
    np.testing.assert_allclose(a, np.exp(np.tanh(feeds[x])), 1e-6)
    np.testing.assert_allclose(b, np.tanh(np.exp(feeds[y])), 1e-6)


def random_graph(seed):
    """(fetches, feeds): about 25 operations, most of them pointwise, some of which are fetched."""
    generator = np.random.default_rng(seed)
    pick = lambda items: items[generator.integers(len(items))]  # noqa: E731
    x, row, column = (tf.placeholder(tf.float32, s) for s in (SHAPE, SHAPE[1:], (SHAPE[0], 1)))
    variable = tf.Variable(numbers(*SHAPE))
    values = [x, variable, tf.constant(numbers(*SHAPE))]
    makers = [
        lambda: tf.tanh(pick(values)),
        lambda: tf.exp(-tf.abs(pick(values))),
        lambda: pick(values) + pick(values),
        lambda: pick(values) * pick([row, column, 0.5, pick(values)]),
        lambda: tf.nn.bias_add(pick(values), row),
        lambda: tf.maximum(pick(values), pick(values)),
        lambda: tf.add_n([pick(values) for _ in range(5)]),
        lambda: tf.cast(tf.cast(pick(values), tf.float64) * 2.0, tf.float32),
        lambda: tf.where(pick(values) > 0.0, pick(values), pick(values)),
        lambda: tf.reshape(tf.tanh(tf.reshape(pick(values), [-1])), SHAPE),
        lambda: pick(values) - tf.reduce_mean(pick(values), pick([0, 1]), keepdims=True),
        lambda: tf.transpose(tf.tanh(tf.transpose(pick(values)))),
    ]
    for _ in range(25):
        values.append(pick(makers)())
    fetches = [values[i] for i in generator.integers(3, len(values), 3)]
    step = tf.assign_sub(variable, 0.1 * values[-1])
    feeds = {x: numbers(*SHAPE), row: numbers(*SHAPE[1:]), column: numbers(SHAPE[0], 1)}
    return [*fetches, step], feeds


PICTURES, POOLED = (4, 8, 32, 20), (4, 4, 16, 20)


def random_network(seed):
    """(fetches, feeds): about 20 operations on pictures: biases, activations, 2 x 2 maxima and their gradients."""
    generator = np.random.default_rng(seed)
    pick = lambda items: items[generator.integers(len(items))]  # noqa: E731
    x, y, bias = (tf.placeholder(tf.float32, s) for s in (PICTURES, POOLED, PICTURES[-1:]))
    large, small = [x, tf.constant(numbers(*PICTURES))], [y, tf.constant(numbers(*POOLED))]
    pool = lambda value: tf.nn.max_pool(value, [1, 2, 2, 1], [1, 2, 2, 1], pick(["SAME", "VALID"]))  # noqa: E731

    def gradient():
        value = pick(large)
        return tf.gradients(pool(tf.nn.relu(tf.nn.bias_add(value, bias))), value, pick(small))[0]

    makers = [
        lambda: large.append(tf.nn.relu(tf.nn.bias_add(pick(large), bias))),
        lambda: large.append(gradient()),
        lambda: large.append(pick(large) * pick([bias, 0.5, pick(large)])),
        lambda: small.append(pool(tf.nn.relu(tf.nn.bias_add(pick(large), bias)))),
        lambda: small.append(pool(pick(large))),
        lambda: small.append(tf.nn.relu(pick(small) - pick([bias, pick(small)]))),
    ]
    for _ in range(12):
        pick(makers)()
    fetches = [values[i] for values in (large, small) for i in generator.integers(0, len(values), 2)]
    feeds = {x: numbers(*PICTURES), y: numbers(*POOLED), bias: numbers(*PICTURES[-1:])}
    return [tf.identity(f) for f in (*fetches, large[-1], small[-1])], feeds


@pytest.mark.parametrize("make", [random_graph, random_network])
@pytest.mark.parametrize("seed", range(12))
def test_grouped_ungrouped_and_stepped_runs_are_equal_bit_for_bit(seed, make, monkeypatch):
    fetches, feeds = make(seed)

    def results(run, threads=0):
        with tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=threads)) as sess:
            sess.run(tf.global_variables_initializer())
            return [a for _ in range(2) for a in run(sess)]

    grouped = results(lambda sess: sess.run(fetches, feeds))
    stepped = results(lambda sess: sess.start(fetches, feeds).result())
    alone = results(lambda sess: sess.run(fetches, feeds), threads=1)
    with monkeypatch.context() as patch:
        patch.setattr(program, "CHUNK", 1 << 60)
        ungrouped = results(lambda sess: sess.run(fetches, feeds))
    for found in (stepped, ungrouped, alone):
        for a, b in zip(grouped, found, strict=True):
            np.testing.assert_array_equal(a, b)


def test_maxima_and_their_gradients_join():
    x, bias = tf.placeholder(tf.float32, PICTURES), tf.constant(numbers(PICTURES[-1]))
    active = tf.nn.relu(tf.nn.bias_add(x, bias))
    y = tf.nn.max_pool(active, 2, 2, "SAME")
    (dx,) = tf.gradients(y, x, tf.constant(numbers(*POOLED)))
    with tf.Session() as sess:
        sess.run([y, dx], {x: numbers(*PICTURES)})
        assert joined(sess) == [5]
    with tf.Session() as sess:
        sess.run(y, {x: numbers(*PICTURES)})
        segment = next(iter(next(iter(sess._idle.values()))[0]._first.values()))
        assert joined(sess) == [3] and segment.memory.size < np.prod(POOLED) * 4 + 64  # no large array


def test_what_repeats_a_value_of_the_group_does_not_join():
    x, v, w = (tf.placeholder(tf.float32, s) for s in (PICTURES, [np.prod(POOLED)], [4, np.prod(POOLED)]))
    fetches = [tf.nn.max_pool(tf.tanh(x), 2, 2, "SAME"), w + tf.tanh(v)]
    feeds = {t: numbers(*t.shape.as_list()) for t in (x, v, w)}
    with tf.Session() as sess:
        found = sess.run(fetches, feeds)
        assert joined(sess) == [3]
    np.testing.assert_allclose(found[1], feeds[w] + np.tanh(feeds[v]), 1e-5, 1e-6)


def test_results_do_not_depend_on_the_number_of_threads():
    x = tf.placeholder(tf.float32, [300, 1000])
    y = tf.tanh(x) * 3.0
    fetches = [tf.reduce_sum(y), tf.reduce_sum(y, 0), tf.reduce_sum(y, 1), tf.reduce_max(y, 1), tf.nn.softmax(y)]
    feeds = {x: numbers(300, 1000)}
    one = tf.Session(config=tf.ConfigProto(intra_op_parallelism_threads=1)).run(fetches, feeds)
    found = tf.Session().run(fetches, feeds)
    for a, b in zip(one, found, strict=True):
        np.testing.assert_array_equal(a, b)
