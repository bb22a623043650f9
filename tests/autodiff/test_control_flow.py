"""Gradients of cond and while_loop of the first, second and third order, against differences.

TensorFlow 1 refuses the second derivative of a loop; here it is a gradient like any other.
"""

import pytest

import minitf as tf


def cond(x):
    c = tf.constant(3.0, tf.float64)
    return tf.cond(x < c, lambda: x * x * x * c, lambda: x * x)


def nested_cond(x):
    return tf.cond(x < 3.0, lambda: tf.cond(x < 1.0, lambda: x**3.0, lambda: tf.exp(x) * x), lambda: x * x)


def power(x):
    return tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * x), [0, x])[1]


def repeated_square(x):
    return tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * a), [0, x])[1]


def cond_in_loop(x):
    def body(i, a):
        return i + 1, tf.cond(a < 2.0, lambda: a * a * x, lambda: a + x * x)

    return tf.while_loop(lambda i, a: i < 3, body, [0, x])[1]


def loop_in_loop(x):
    def body(i, a):
        b = tf.while_loop(lambda j, b: j < 2, lambda j, b: (j + 1, b * x * a), [0, x])[1]
        return i + 1, a + b

    return tf.while_loop(lambda i, a: i < 2, body, [0, x])[1]


def loop_in_cond(x):
    return tf.cond(x < 3.0, lambda: power(x), lambda: x)


def written_array(x):
    def body(i, rows, a):
        return i + 1, rows.write(i, a * x), a * x

    rows = tf.while_loop(lambda i, *_: i < 3, body, [0, tf.TensorArray(tf.float64, 3), x])[1].stack()
    return tf.reduce_sum(rows * rows)


def read_array(x):
    rows = tf.TensorArray(tf.float64, 3).unstack(tf.stack([x, x * x, tf.sin(x)]))
    body = lambda i, a: (i + 1, a * rows.read(i) + x)  # noqa: E731
    return tf.while_loop(lambda i, a: i < 3, body, [0, x])[1]


@pytest.mark.parametrize("value", [0.7, 1.4, 4.0])
@pytest.mark.parametrize(
    "function",
    [cond, nested_cond, power, repeated_square, cond_in_loop, loop_in_loop, loop_in_cond, written_array, read_array],
    ids=lambda f: f.__name__,
)
def test_gradients_of_any_order(function, value):
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float64, [])
        y = function(x)
        for _ in range(3):
            dy = tf.gradients(y, x)[0]
            h = 1e-5 * value
            up, down = (session.run(y, {x: value + s * h}) for s in (1, -1))
            exact = session.run(dy, {x: value})
            assert abs(exact - (up - down) / (2 * h)) < 1e-5 * max(1, abs(exact))
            assert session.start(dy, {x: value}).result() == exact
            y = dy
