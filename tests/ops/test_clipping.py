"""Clipping: what is not finite shows, rows stay rows."""

import numpy as np
import pytest

import minitf as tf


@pytest.fixture(autouse=True)
def graph():
    tf.reset_default_graph()


def run(fetches):
    with tf.Session() as session:
        return session.run(fetches)


def test_clip_by_norm_of_zeros_has_a_finite_gradient():
    x = tf.constant([0.0, 0.0])
    y = tf.clip_by_norm(x, 1.0)
    value, gradient = run([y, tf.gradients(y, x)[0]])
    assert value.tolist() == [0, 0]
    assert np.isfinite(gradient).all()


def test_clip_by_global_norm_of_an_infinite_norm_gives_nan():
    (clipped,), norm = tf.clip_by_global_norm([tf.constant([np.inf, 1.0])], 1.0)
    value, norm = run([clipped, norm])
    assert norm == np.inf
    assert np.isnan(value).all()


def test_indexed_slices_stay_indexed_slices():
    rows = tf.IndexedSlices(tf.constant([[3.0, 4.0]]), tf.constant([1]), tf.constant([3, 2]))
    (clipped, none), norm = tf.clip_by_global_norm([rows, None], 1.0)
    assert isinstance(clipped, tf.IndexedSlices)
    assert none is None
    values, norm = run([clipped.values, norm])
    assert norm == 5
    np.testing.assert_allclose(values, [[0.6, 0.8]], 1e-6)
