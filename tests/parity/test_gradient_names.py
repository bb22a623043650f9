"""Gradient graphs have TensorFlow's operations, names included, in TensorFlow's order."""

import numpy as np
import pytest

from tests.parity.compare import check

IMAGE = np.random.default_rng(0).standard_normal((2, 6, 6, 2)).astype(np.float32)
MATRIX = np.random.default_rng(1).standard_normal((4, 3)).astype(np.float32)


def dense_net(tf, x):
    w = tf.Variable(tf.ones([3, 5]), name="w")
    b = tf.Variable(tf.zeros([5]), name="b")
    h = tf.nn.relu(tf.matmul(x, w) + b)
    return tf.gradients(tf.reduce_sum(h), [w, b, x])


def two_layers(tf, x):
    w1, w2 = tf.Variable(tf.ones([3, 5])), tf.Variable(tf.ones([5, 2]))
    y = tf.matmul(tf.nn.sigmoid(tf.matmul(x, w1)), w2)
    return tf.gradients(tf.reduce_mean(tf.square(y)), [w1, w2])


def bias_add(tf, x):
    b = tf.Variable(tf.zeros([3]))
    return tf.gradients(tf.nn.tanh(tf.nn.bias_add(x, b)), [x, b])


def softmax_loss(tf, x):
    labels = tf.constant(np.eye(4, 3, dtype=np.float32))
    w = tf.Variable(tf.ones([3, 3]))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=tf.matmul(x, w)))
    return tf.gradients(loss, w)


def sparse_softmax_loss(tf, x):
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0, 1, 2, 0], logits=x)
    return tf.gradients(tf.reduce_mean(loss), x)


def softmax(tf, x):
    return tf.gradients(tf.nn.softmax(x)[:, 0], x)


def log_loss(tf, x):
    p = tf.nn.softmax(x)
    return tf.gradients(-tf.reduce_sum(p * tf.log(p), axis=1), x)


def same_shapes(tf, x):
    return tf.gradients(x * x + x - 2.0 * x, x)


def broadcast_vector(tf, x):
    v = tf.constant([1.0, 2.0, 3.0])
    return tf.gradients([x * v, x + v, x - v, x / v], [x, v])


def broadcast_column(tf, x):
    c = tf.constant([[1.0], [2.0], [3.0], [4.0]])
    return tf.gradients(x * c, [x, c])


def mean_all(tf, x):
    return tf.gradients(tf.reduce_mean(x), x)


def mean_axis(tf, x):
    return tf.gradients(tf.reduce_mean(x * x, axis=1), x)


def sum_keepdims(tf, x):
    return tf.gradients(tf.reduce_sum(x, axis=0, keepdims=True) * 2.0, x)


def maximum_of_rows(tf, x):
    return tf.gradients(tf.reduce_max(x, axis=1), x)


def minimum_and_maximum(tf, x):
    return tf.gradients(tf.minimum(tf.maximum(x, 0.1), 0.5), x)


def gathered(tf, x):
    return tf.gradients(tf.gather(x, [0, 2, 2]), x)[0].values


def concatenated(tf, x):
    y = tf.ones([2, 3]) * 2.0
    return tf.gradients(tf.concat([x, y], 0), [x, y])


def sliced(tf, x):
    return tf.gradients(x[1:, ::2], x)


def sliced_with_slice(tf, x):
    return tf.gradients(tf.slice(x, [1, 0], [2, 2]), x)


def reshaped(tf, x):
    return tf.gradients(tf.reshape(x, [3, 4]), x)


def transposed(tf, x):
    return tf.gradients(tf.transpose(x), x)


def chain(tf, x):
    return tf.gradients(tf.sigmoid(tf.tanh(tf.exp(tf.negative(x)))), x)


def shared_input(tf, x):
    a = tf.exp(x)
    return tf.gradients(a * a + tf.sin(a) + a, x)


def several_ys(tf, x):
    a = tf.exp(x)
    return tf.gradients([a, tf.sin(a)], [x, a])


def with_grad_ys(tf, x):
    return tf.gradients(x * 2.0, x, grad_ys=tf.ones([4, 3]))


def with_stop(tf, x):
    a = tf.exp(x)
    return tf.gradients(a * x, x, stop_gradients=a)


def gated(tf, x):
    y = tf.constant([1.0, 2.0, 3.0])
    return tf.gradients(x * y, [x, y], gate_gradients=True)


def second(tf, x):
    return tf.gradients(tf.gradients(tf.exp(x) * x, x), x)


def power(tf, x):
    return tf.gradients(tf.pow(tf.abs(x), 2.0), x)


def roots(tf, x):
    return tf.gradients(tf.sqrt(tf.square(x) + 1.0), x)


def logarithm(tf, x):
    return tf.gradients(tf.log(tf.abs(x) + 1.0), x)


def stacked(tf, x):
    return tf.gradients(tf.stack([x, x * 2.0], 1), x)


def unstacked(tf, x):
    a, b, c = tf.unstack(x, axis=1)
    return tf.gradients(a * b + c, x)


def split(tf, x):
    a, b = tf.split(x, 2, axis=0)
    return tf.gradients(a * b, x)


def tiled(tf, x):
    return tf.gradients(tf.tile(x, [2, 1]), x)


def padded(tf, x):
    return tf.gradients(tf.pad(x, [[1, 1], [0, 2]]), x)


def expanded(tf, x):
    return tf.gradients(tf.squeeze(tf.expand_dims(x, 1)), x)


def cast(tf, x):
    return tf.gradients(tf.cast(x, tf.float64) * 2.0, x)


def selected(tf, x):
    return tf.gradients(tf.where(x > 0.0, x, tf.zeros_like(x)), x)


def l2_loss(tf, x):
    return tf.gradients(tf.nn.l2_loss(x) * 0.1, x)


def added_n(tf, x):
    return tf.gradients(tf.add_n([x, x * 2.0, x]), x)


def norm(tf, x):
    return tf.gradients(tf.nn.l2_normalize(x, 1), x)


def scoped(tf, x):
    with tf.name_scope("model"):
        y = tf.exp(x)
    with tf.name_scope("train"):
        return tf.gradients(y, x, name="g")


def colocated(tf, x):
    return tf.gradients(tf.exp(x) * x, x, colocate_gradients_with_ops=True)


def identity_chain(tf, x):
    return tf.gradients(tf.identity(tf.stop_gradient(x) * x), x)


PROGRAMS = [v for v in list(globals().values()) if getattr(v, "__module__", None) == __name__]


@pytest.mark.parametrize("shape", [[4, 3], [None, 3]], ids=["known", "batch"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_names(program, shape):
    def whole(tf):
        x = tf.placeholder(tf.float32, shape, name="x")
        return program(tf, x), {x: MATRIX}

    check(whole, names=True)


def conv_net(tf, x):
    f = tf.Variable(tf.ones([3, 3, 2, 4]))
    h = tf.nn.relu(tf.nn.conv2d(x, f, [1, 1, 1, 1], "SAME"))
    h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    return tf.gradients(tf.reduce_mean(h), [f, x])


def average_pool(tf, x):
    return tf.gradients(tf.nn.avg_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"), x)


def channel_bias(tf, x):
    b = tf.Variable(tf.zeros([2]))
    return tf.gradients(tf.nn.bias_add(x, b), [x, b])


@pytest.mark.parametrize("program", [conv_net, average_pool, channel_bias], ids=lambda p: p.__name__)
def test_names_of_images(program):
    def whole(tf):
        x = tf.placeholder(tf.float32, IMAGE.shape, name="x")
        return program(tf, x), {x: IMAGE}

    check(whole, names=True)
