"""Feeding by machine code: it takes what it is made for, declines the rest, and leaves no trace."""

import gc
import threading
import time
import weakref

import numpy as np
import pytest

import minitf as tf
from minitf.kernels import elementwise, feeding
from minitf.kernels.machine import Stretch


def _twice(x):
    return x + x


def made(home, keep=()):
    """(a feeding of `home` under the key "key" with out = 2 home, out)"""
    out = np.zeros_like(home)
    stretch = Stretch([elementwise.launch(_twice, [home], out)])
    return feeding.Feeding(stretch, ("key",), [home], [out, *keep]), out


def test_the_layout_is_understood_here():
    assert feeding.understood()


@pytest.mark.parametrize("shape", [(), (3, 4), (50, 300)], ids=["number", "copied", "pointed"])
def test_what_is_expected_is_taken_and_nothing_is_left_behind(shape):
    home = np.zeros(shape, np.float32)
    fed, out = made(home)
    value = np.random.default_rng(0).random(shape, np.float32)
    given = {"key": value if shape else float(value)}
    assert fed.run(given) == -1
    np.testing.assert_array_equal(out, 2 * value)
    large = home.nbytes >= feeding.LARGE
    assert (home.sum() == 0) == large  # a large one stays where it is
    home[...] = 1
    fed._stretch.run()
    assert (out == 2).all()


def test_all_else_is_declined():
    home = np.zeros((3, 4), np.float32)
    fed, out = made(home)
    fitting = np.ones((3, 4), np.float32)
    for given in (
        None, {}, {"other": fitting}, {"key": fitting, "other": fitting}, [("key", fitting)],
        {"key": np.ones((3, 4))}, {"key": np.ones((4, 3), np.float32)}, {"key": np.ones(12, np.float32)},
        {"key": np.ones((4, 3), np.float32).T}, {"key": fitting[::-1]}, {"key": 1.0}, {"key": None}, {"key": [1.0]},
        {"key": np.float32(1)}, {"key": fitting.view(np.matrix)},
    ):  # fmt: skip
        assert fed.run(given) == feeding.DECLINED, given
    assert not home.any() and not out.any()
    number, _ = made(np.zeros((), np.float64))
    assert [number.run({"key": v}) for v in (1, True, np.float64(1), np.ones(()))] == [feeding.DECLINED] * 4


def test_a_home_that_is_looked_at_afterwards_is_copied_into():
    home = np.zeros((100, 300), np.float32)
    fed, _ = made(home, keep=[home.reshape(-1)])
    assert fed.run({"key": np.ones_like(home)}) == -1 and home.all()


@pytest.fixture(params=["machine code", "Python"])
def session(request, monkeypatch):
    if request.param == "Python":
        monkeypatch.setattr(feeding, "understood", lambda: False)
    with tf.Graph().as_default(), tf.Session() as made:
        yield made


def test_a_session_gives_the_same_either_way(session):
    x, scale = tf.placeholder(tf.float32, [None, 300]), tf.placeholder(tf.float32, [])
    chain = tf.sqrt(tf.abs(tf.reshape(x, [-1]) * scale - 1.0))  # a group of operations, chunk by chunk
    fetches = [tf.reduce_sum(chain), tf.matmul(x, x, transpose_a=True), tf.reshape(x, [-1, 3])]
    random = np.random.default_rng(0)
    for n in (200, 200, 7, 200, 7):
        value = random.random((n, 300), np.float32)
        total, product, same = session.run(fetches, {x: value, scale: 2.0})
        np.testing.assert_allclose(total, np.sqrt(np.abs(value * 2 - 1)).sum(), rtol=1e-5)
        np.testing.assert_allclose(product, value.T @ value, rtol=1e-5)
        np.testing.assert_array_equal(same.reshape(value.shape), value)
        gc.collect()


def test_other_feeds_in_between_find_their_own_way(session):
    x = tf.placeholder(tf.float32, [None, 200])
    middle = x * 2.0
    out = middle + 1.0
    for n in range(4):
        value = np.full((60, 200), n, np.float32)
        assert (session.run(out, {x: value}) == 2 * n + 1).all()
        assert (session.run(out, {middle: value}) == n + 1).all()
        assert (session.run(out, {x: value.astype(np.float64)}) == 2 * n + 1).all()
        assert (session.run(out, {x: np.asfortranarray(value)}) == 2 * n + 1).all()


def test_an_error_tells_what_was_fed(session):
    params, i = tf.constant([1.0, 2.0]), tf.placeholder(tf.int32, [None])
    out = tf.gather(params, i)
    good, bad = np.zeros(10_000, np.int32), np.zeros(10_000, np.int32)
    bad[-1] = 77
    for _ in range(3):
        assert session.run(out, {i: good}).sum() == 10_000
        with pytest.raises(tf.errors.InvalidArgumentError, match="77"):
            session.run(out, {i: bad})


def test_an_array_that_is_read_in_place_lives_until_the_end_of_the_run():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 1500])
        product = tf.reduce_sum(tf.matmul(tf.matmul(x, x), x))
        session.run(product, {x: np.ones((1500, 1500), np.float32)})
        session.run(product, {x: np.ones((1500, 1500), np.float32)})
        for _ in range(20):
            feed = {x: np.ones((1500, 1500), np.float32)}
            alive = weakref.ref(feed[x])
            thread = threading.Thread(target=session.run, args=(product, feed))
            thread.start()
            time.sleep(0.01)
            feed.clear()
            kept = alive() is not None
            in_the_run = thread.is_alive()
            thread.join()
            if in_the_run:
                assert kept
                break
        assert alive() is None
