"""tf.nn against TensorFlow: values, gradients and names."""

import numpy as np
import pytest

import minitf
from tests.parity.compare import check, check_error, execute, judge


def inputs(tf, arrays, known=True):
    """Placeholders for arrays, and the feeds."""
    holders = [tf.placeholder(a.dtype, a.shape if known else [None] * a.ndim) for a in arrays]
    return holders, dict(zip(holders, arrays, strict=True))


def normal(*shape, dtype="float32"):
    return np.asarray(np.random.default_rng(sum(shape)).standard_normal(shape), dtype)


def probabilities(*shape):
    p = np.abs(normal(*shape)) + 0.1
    return p / p.sum(-1, keepdims=True)


def waves(shape):
    """Numbers that no input is made of."""
    return np.cos(np.arange(np.prod(shape, dtype=int)), dtype=np.float32).reshape(shape)


def with_gradients(function, *arrays, known=True, second=False):
    """A program: the outputs of `function(tf, *tensors)`, and the gradients of the first output."""

    def program(tf):
        tensors, feeds = inputs(tf, arrays, known)
        out = function(tf, *tensors)
        outs = list(out) if isinstance(out, (list, tuple)) else [out]
        floats = [t for t in tensors if t.dtype.is_floating]
        known_sizes = known and outs[0].shape.is_fully_defined()
        weights = waves(outs[0].shape.as_list()) if known_sizes else outs[0]
        gradients = tf.gradients(outs[0] * weights, floats)
        fetches = outs + [g for g in gradients if g is not None]
        if second:
            total = tf.add_n([tf.reduce_sum(g * g) for g in gradients if g is not None])
            fetches += [g for g in tf.gradients(total, floats) if g is not None]
        return fetches, feeds

    return program


def check_names(program, gradients=True):
    """Names and types of all operations, but for those that TensorFlow 2 renamed."""
    renamed = ("grad_ys", "/Fill", "ones_like") if gradients else ("gradients/", "ones_like", "total_loss")
    found, expected = (
        [(name, kind) for name, kind in execute(tf, program)[1] if not any(r in name for r in renamed)]
        for tf in (minitf, judge())
    )
    assert found == expected


LOGITS = {
    "softmax": (lambda tf, x: tf.nn.softmax(x), normal(3, 4)),
    "softmax of three axes": (lambda tf, x: tf.nn.softmax(x), normal(2, 3, 20)),
    "softmax along axis 0": (lambda tf, x: tf.nn.softmax(x, axis=0), normal(3, 4)),
    "softmax along axis 1 of 3": (lambda tf, x: tf.nn.softmax(x, 1), normal(2, 3, 4)),
    "log_softmax": (lambda tf, x: tf.nn.log_softmax(x), normal(3, 4)),
    "log_softmax, dim": (lambda tf, x: tf.nn.log_softmax(x, dim=0), normal(3, 4)),
    "cross entropy": (
        lambda tf, x, y: tf.nn.softmax_cross_entropy_with_logits(logits=x, labels=y),
        normal(3, 4),
        probabilities(3, 4),
    ),
    "cross entropy v2": (
        lambda tf, x, y: tf.nn.softmax_cross_entropy_with_logits_v2(y, x),
        normal(3, 4),
        probabilities(3, 4),
    ),
    "cross entropy v2 of three axes": (
        lambda tf, x, y: tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x),
        normal(2, 3, 4),
        probabilities(2, 3, 4),
    ),
    "cross entropy v2 along axis 1": (
        lambda tf, x, y: tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x, axis=1),
        normal(2, 3, 4),
        probabilities(2, 3, 4),
    ),
    "sparse cross entropy": (
        lambda tf, x, y: tf.nn.sparse_softmax_cross_entropy_with_logits(logits=x, labels=y, name="loss"),
        normal(3, 4),
        np.array([0, 3, 1]),
    ),
    "sigmoid cross entropy": (
        lambda tf, x, y: tf.nn.sigmoid_cross_entropy_with_logits(logits=x, labels=y),
        normal(3, 4),
        probabilities(3, 4),
    ),
    "weighted cross entropy": (
        lambda tf, x, y: tf.nn.weighted_cross_entropy_with_logits(logits=x, labels=y, pos_weight=2.0),
        normal(3, 4),
        probabilities(3, 4),
    ),
    "l2_loss": (lambda tf, x: tf.nn.l2_loss(x), normal(3, 4)),
    "log_poisson_loss": (
        lambda tf, x, y: tf.nn.log_poisson_loss(y, x, compute_full_loss=True),
        normal(3, 4),
        np.abs(normal(3, 4)) * 3,
    ),
    "bias_add": (lambda tf, x, b: tf.nn.bias_add(x, b), normal(2, 3, 4), normal(4)),
    "bias_add, NCHW": (
        lambda tf, x, b: tf.nn.bias_add(x, b, data_format="NCHW"),
        normal(2, 3, 4, 5),
        normal(3),
    ),
    "xw_plus_b": (
        lambda tf, x, w, b: tf.nn.xw_plus_b(x, w, b),
        normal(2, 3),
        normal(3, 4),
        normal(4),
    ),
    "relu_layer": (
        lambda tf, x, w, b: tf.nn.relu_layer(x, w, b),
        normal(2, 3),
        normal(3, 4),
        normal(4),
    ),
}


@pytest.mark.parametrize("case", LOGITS)
def test_losses_and_names(case):
    function, *arrays = LOGITS[case]
    check(with_gradients(function, *arrays), rtol=1e-4)
    if "axis" not in case and "dim" not in case:
        check_names(with_gradients(function, *arrays))


@pytest.mark.parametrize("case", LOGITS)
def test_losses_of_unknown_shapes(case):
    function, *arrays = LOGITS[case]
    if "axes" not in case and "axis" not in case:
        check(with_gradients(function, *arrays, known=False), rtol=1e-4)


@pytest.mark.parametrize(
    "case", ["softmax", "log_softmax", "cross entropy", "sparse cross entropy", "bias_add"]
)
def test_losses_twice(case):
    function, *arrays = LOGITS[case]
    check(with_gradients(function, *arrays, second=True), rtol=1e-4)


def test_sparse_cross_entropy_of_pictures():
    check(
        with_gradients(
            lambda tf, x, y: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x),
            normal(2, 3, 4),
            np.array([[0, 3, 1], [2, 2, 0]]),
        )
    )


def test_label_out_of_range():
    def program(tf):
        (x,), feeds = inputs(tf, [normal(3, 4)])
        return tf.nn.sparse_softmax_cross_entropy_with_logits(logits=x, labels=[0, 4, 1]), feeds

    check_error(program)


@pytest.mark.parametrize(
    "program",
    [
        lambda tf: tf.nn.softmax_cross_entropy_with_logits(labels=normal(3, 4)),
        lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(normal(3, 4), [0, 1, 2]),
        lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(logits=normal(3, 4), labels=[0, 1]),
        lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(logits=normal(3, 4), labels=[[0, 1]]),
        lambda tf: tf.nn.sigmoid_cross_entropy_with_logits(logits=normal(3, 4), labels=normal(4, 3)),
        lambda tf: tf.nn.softmax(normal(3, 4), axis=5),
        lambda tf: tf.nn.bias_add(normal(3, 4), normal(3)),
        lambda tf: tf.nn.conv2d(normal(1, 4, 4, 3), normal(2, 2, 2, 1), [1, 1, 1, 1], "SAME"),
        lambda tf: tf.nn.conv2d(normal(1, 2, 2, 3), normal(3, 3, 3, 1), [1, 1, 1, 1], "VALID"),
        lambda tf: tf.nn.conv2d(normal(1, 2, 2, 3), normal(3, 3, 3, 1), [1, 1, 1, 1], "WRONG"),
    ],
)
def test_refused(program):
    check_error(lambda tf: (program(tf), {}))


CONVOLUTIONS = {
    "conv2d": (
        lambda tf, x, f: tf.nn.conv2d(x, f, [1, 1, 1, 1], "SAME"),
        normal(2, 6, 5, 3),
        normal(3, 3, 3, 4),
    ),
    "conv2d, strides": (
        lambda tf, x, f: tf.nn.conv2d(x, f, strides=[1, 2, 2, 1], padding="VALID", name="c"),
        normal(2, 7, 6, 3),
        normal(3, 2, 3, 4),
    ),
    "conv2d, one stride": (
        lambda tf, x, f: tf.nn.conv2d(x, f, 2, "SAME"),
        normal(2, 6, 5, 3),
        normal(3, 3, 3, 4),
    ),
    "conv2d, explicit": (
        lambda tf, x, f: tf.nn.conv2d(x, f, 1, [[0, 0], [1, 2], [0, 1], [0, 0]]),
        normal(2, 6, 5, 3),
        normal(3, 3, 3, 4),
    ),
    "conv1d": (lambda tf, x, f: tf.nn.conv1d(x, f, 2, "SAME"), normal(2, 6, 3), normal(3, 3, 4)),
    "conv3d": (
        lambda tf, x, f: tf.nn.conv3d(x, f, [1, 1, 2, 1, 1], "SAME"),
        normal(1, 3, 4, 3, 2),
        normal(2, 2, 3, 2, 3),
    ),
    "convolution": (lambda tf, x, f: tf.nn.convolution(x, f, "SAME"), normal(2, 6, 5, 3), normal(3, 3, 3, 4)),
    "convolution in 1-D": (
        lambda tf, x, f: tf.nn.convolution(x, f, "VALID"),
        normal(2, 6, 3),
        normal(3, 3, 4),
    ),
    "convolution, dilated": (
        lambda tf, x, f: tf.nn.convolution(x, f, "SAME", dilation_rate=[2, 2]),
        normal(2, 6, 5, 3),
        normal(3, 3, 3, 4),
    ),
    "convolution in 1-D, dilated": (
        lambda tf, x, f: tf.nn.convolution(x, f, "VALID", dilation_rate=[2]),
        normal(2, 8, 3),
        normal(3, 3, 4),
    ),
    "atrous_conv2d": (
        lambda tf, x, f: tf.nn.atrous_conv2d(x, f, 2, "SAME"),
        normal(2, 6, 5, 3),
        normal(3, 3, 3, 4),
    ),
    "conv2d_transpose": (
        lambda tf, x, f: tf.nn.conv2d_transpose(x, f, [2, 6, 8, 3], [1, 2, 2, 1]),
        normal(2, 3, 4, 4),
        normal(3, 3, 3, 4),
    ),
    "conv1d_transpose": (
        lambda tf, x, f: tf.nn.conv1d_transpose(x, f, [2, 6, 3], 2),
        normal(2, 3, 4),
        normal(3, 3, 4),
    ),
    "conv3d_transpose": (
        lambda tf, x, f: tf.nn.conv3d_transpose(x, f, [1, 4, 4, 4, 2], [1, 2, 2, 2, 1]),
        normal(1, 2, 2, 2, 3),
        normal(2, 2, 2, 2, 3),
    ),
}


@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_convolutions(case):
    function, *arrays = CONVOLUTIONS[case]
    check(with_gradients(function, *arrays), rtol=1e-4)
    if "dilated" not in case and "atrous" not in case:
        check_names(with_gradients(function, *arrays))


@pytest.mark.parametrize("case", ["conv2d", "conv1d", "conv3d", "convolution, dilated"])
def test_convolutions_of_unknown_shapes(case):
    function, *arrays = CONVOLUTIONS[case]

    def program(tf):
        x = tf.placeholder("float32", [None] * arrays[0].ndim)
        f = tf.placeholder("float32", arrays[1].shape)
        x.set_shape([None] * (arrays[0].ndim - 1) + [arrays[0].shape[-1]])
        y = function(tf, x, f)
        return [y, *tf.gradients(y, [x, f])], {x: arrays[0], f: arrays[1]}

    check(program, rtol=1e-4)


def test_conv2d_twice():
    function, *arrays = CONVOLUTIONS["conv2d, strides"]
    check(with_gradients(function, *arrays, second=True), rtol=1e-4)
