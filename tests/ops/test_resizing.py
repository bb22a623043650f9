"""Resizing: gradients against the transposed map, and values that are easy to see."""

import numpy as np
import pytest

import minitf as tf

FUNCTIONS = ["resize_bilinear", "resize_bicubic", "resize_nearest_neighbor"]


@pytest.fixture(autouse=True)
def graph():
    tf.reset_default_graph()


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("options", [{}, {"align_corners": True}, {"half_pixel_centers": True}])
def test_gradient_is_the_transposed_map(function, options):
    """A resize is linear: <dy, R x> = <R' dy, x>."""
    generator = np.random.default_rng(0)
    x = tf.placeholder(tf.float32, [2, 4, 5, 3])
    y = getattr(tf.image, function)(x, [7, 3], **options)
    value, weight = (generator.standard_normal(t.shape.as_list()).astype(np.float32) for t in (x, y))
    found, back = tf.Session().run([y, tf.gradients(y, x, [tf.constant(weight)])[0]], {x: value})
    assert abs((found * weight).sum() - (back * value).sum()) < 1e-3


def test_bilinear_between_two_pixels():
    y = tf.image.resize_bilinear(np.array([0.0, 4.0], np.float32).reshape(1, 1, 2, 1), [1, 4])
    assert tf.Session().run(y).ravel().tolist() == [0, 2, 4, 4]


def test_the_dtype_of_the_nearest_pixel_stays():
    picture = np.arange(4, dtype=np.uint8).reshape(1, 2, 2, 1)
    y = tf.image.resize_nearest_neighbor(picture, [4, 2])
    assert y.dtype is tf.uint8
    assert tf.Session().run(y)[0, :, :, 0].tolist() == [[0, 1], [0, 1], [2, 3], [2, 3]]
