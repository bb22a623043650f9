"""map_fn, scan, foldl, foldr and TensorArray, against TensorFlow."""

import numpy as np
import pytest

from tests.parity.compare import check

ROWS = np.arange(12, dtype=np.float32).reshape(4, 3) / 7 - 0.5


# -- functions over rows --------------------------------------------------------------------------------------------


def map_simple(tf, x):
    return tf.map_fn(lambda r: tf.reduce_sum(r * r), x)


def map_structure(tf, x):
    return tf.map_fn(
        lambda p: (p[0] + p[1], tf.reduce_max(p[0])), (x, x * 2.0), dtype=(tf.float32, tf.float32)
    )[0]


def fold_left(tf, x):
    return tf.foldl(lambda a, r: a * r + 1.0, x)


def fold_left_start(tf, x):
    return tf.foldl(lambda a, r: a * r + 1.0, x, initializer=tf.ones([3]))


def fold_right(tf, x):
    return tf.foldr(lambda a, r: tf.sin(a) + r, x)


def scan_simple(tf, x):
    return tf.scan(lambda a, r: a * r + 1.0, x)


def scan_start(tf, x):
    return tf.scan(lambda a, r: tf.sin(a + r), x, initializer=tf.zeros([3]))


def scan_reverse(tf, x):
    return tf.scan(lambda a, r: tf.sin(a + r), x, reverse=True)


def scan_structure(tf, x):
    return tf.scan(lambda a, r: (a[0] + r, a[1] * r), x, initializer=(tf.zeros([3]), tf.ones([3])))[1]


@pytest.mark.parametrize("shape", [[4, 3], [None, 3]], ids=["known", "unknown"])
@pytest.mark.parametrize(
    "function",
    [map_simple, map_structure, fold_left, fold_left_start, fold_right, scan_simple, scan_start, scan_reverse,
     scan_structure],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_functional(function, shape):
    def program(tf):
        x = tf.placeholder(tf.float32, shape)
        y = function(tf, x)
        return [y, tf.gradients(y * y, x)], {x: ROWS}

    check(program)


def test_map_to_other_dtype():
    check(
        lambda tf: (
            tf.map_fn(lambda i: tf.cast(i, tf.float32) * 1.5, tf.constant([1, 2, 3]), dtype=tf.float32),
            {},
        )
    )


# -- TensorArray ----------------------------------------------------------------------------------------------------


def array_stack(tf):
    ta = tf.TensorArray(tf.float32, 3)
    return [ta.write(0, 1.0).write(1, 2.0).write(2, 3.0).stack(), ta.size()], {}


def array_dynamic(tf):
    ta = tf.TensorArray(tf.float32, 0, dynamic_size=True)
    ta = ta.write(0, [1.0, 2.0]).write(1, [3.0, 4.0])
    return [ta.stack(), ta.size()], {}


def array_gather_scatter(tf):
    x = tf.constant(ROWS)
    ta = tf.TensorArray(tf.float32, 5).scatter([0, 4, 2, 1], x)
    y = ta.gather([4, 1, 0])
    return [y, ta.read(2), tf.gradients(y * y, x)], {}


def array_concat_split(tf):
    x = tf.constant(ROWS)
    ta = tf.TensorArray(tf.float32, 2, infer_shape=False).split(x, [1, 3])
    y = ta.concat()
    return [y, tf.gradients(y * y, x)], {}


def array_unstack_read(tf):
    x = tf.constant(ROWS)
    ta = tf.TensorArray(tf.float32, 4, clear_after_read=False).unstack(x)
    y = ta.read(1) * ta.read(1) + ta.read(3)
    return [y, tf.gradients(y, x)], {}


@pytest.mark.parametrize(
    "program",
    [array_stack, array_dynamic, array_gather_scatter, array_concat_split, array_unstack_read],
    ids=lambda p: p.__name__,
)
def test_tensor_array(program):
    check(program)
