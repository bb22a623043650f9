"""Cells of tf.contrib.rnn against their formulas."""

import numpy as np
import pytest

import minitf as tf

X = np.random.RandomState(0).randn(2, 3, 4).astype(np.float32)  # (batch, time, features)


def run(cell):
    """The outputs of a cell along X, and the values of its variables by their last names."""
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.set_random_seed(1)
        outputs, _ = tf.nn.dynamic_rnn(cell, tf.constant(X), dtype=tf.float32)
        sess.run(tf.global_variables_initializer())
        names = {"/".join(v.op.name.split("/")[2:]): v for v in tf.global_variables()}
        return sess.run([outputs, names])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_ugrnn():
    """state = g * state + (1 - g) * tanh(c)."""
    outputs, found = run(tf.contrib.rnn.UGRNNCell(3, forget_bias=0.5))
    state = np.zeros((2, 3), np.float32)
    for t in range(3):
        gate, new = np.split(np.hstack([X[:, t], state]) @ found["kernel"] + found["bias"], 2, axis=1)
        gate = sigmoid(gate + 0.5)
        state = gate * state + (1 - gate) * np.tanh(new)
        np.testing.assert_allclose(outputs[:, t], state, rtol=1e-5, atol=1e-6)


def test_layer_norm_lstm():
    """The first step: gates normalized over the units, then an LSTM."""
    outputs, found = run(tf.contrib.rnn.LayerNormBasicLSTMCell(5))

    def normalized(x):
        return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-12)

    first = np.hstack([X[:, 0], np.zeros((2, 5))]) @ found["kernel"]
    i, j, _, o = (normalized(part) for part in np.split(first, 4, axis=1))
    state = normalized(sigmoid(i) * np.tanh(j))
    np.testing.assert_allclose(outputs[:, 0], np.tanh(state) * sigmoid(o), rtol=1e-4, atol=1e-5)
    assert {"input/gamma", "state/beta"} <= set(found)
    assert "bias" not in found


def test_highway():
    """The first step: carry * input + (1 - carry) * output."""
    outputs, found = run(tf.contrib.rnn.HighwayWrapper(tf.contrib.rnn.BasicRNNCell(4), carry_bias_init=2.0))
    carry = sigmoid(X[:, 0] @ found["carry/kernel"] + 2)
    inner = np.tanh(np.hstack([X[:, 0], np.zeros((2, 4))]) @ found["basic_rnn_cell/kernel"])
    np.testing.assert_allclose(outputs[:, 0], carry * X[:, 0] + (1 - carry) * inner, rtol=1e-5, atol=1e-6)


def test_convolutional_lstm():
    """With kernels of one point, each point of the image is an LSTM of its own."""
    image = np.random.RandomState(1).randn(2, 3, 4, 2).astype(np.float32)
    cell = tf.contrib.rnn.ConvLSTMCell(2, [3, 4, 2], 3, [1, 1], skip_connection=True)
    with tf.Graph().as_default(), tf.Session() as sess:
        output, (c, h) = cell(tf.constant(image), cell.zero_state(2, tf.float32))
        sess.run(tf.global_variables_initializer())
        kernel, biases = tf.global_variables()
        output, c, h, kernel, biases = sess.run([output, c, h, kernel, biases])
    gates = np.concatenate([image, np.zeros_like(h)], -1) @ kernel[0, 0] + biases
    i, new, _, o = np.split(gates, 4, axis=-1)
    np.testing.assert_allclose(c, sigmoid(i) * np.tanh(new), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(h, np.tanh(c) * sigmoid(o), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(output, np.concatenate([h, image], -1))
    with pytest.raises(ValueError, match="conv_ndims"):
        tf.contrib.rnn.ConvLSTMCell(3, [3, 4, 2], 3, [1, 1])


def test_stack_of_both_ways():
    """A layer reads what the one before wrote in both directions."""
    rnn = tf.contrib.rnn
    with tf.Graph().as_default():
        cells = [[rnn.GRUCell(3), rnn.GRUCell(2)] for _ in range(2)]
        outputs, forward, backward = rnn.stack_bidirectional_dynamic_rnn(*cells, tf.constant(X), dtype=tf.float32)
        assert outputs.shape.as_list() == [2, 3, 4]
        assert [len(forward), len(backward)] == [2, 2]
        kernels = [v.shape.as_list() for v in tf.trainable_variables() if "gates/kernel" in v.name]
        assert kernels == [[7, 6], [7, 6], [8, 4], [8, 4]]
        with pytest.raises(ValueError, match="same depth"):
            rnn.stack_bidirectional_dynamic_rnn(cells[0], [], tf.constant(X))
