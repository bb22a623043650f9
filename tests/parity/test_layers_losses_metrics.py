"""tf.losses and tf.metrics against TensorFlow; tf.layers against the same network by hand."""

import numpy as np
import pytest

from tests.parity.compare import check, check_error
from tests.parity.test_nn import check_names, inputs, normal, probabilities

LABELS, PREDICTIONS = np.abs(normal(3, 4)) / 4, probabilities(3, 4)
LOSSES = {
    "absolute_difference": (LABELS, PREDICTIONS),
    "mean_squared_error": (LABELS, PREDICTIONS),
    "huber_loss": (LABELS * 5, PREDICTIONS),
    "log_loss": (LABELS, PREDICTIONS),
    "hinge_loss": (np.eye(3, 4, dtype=np.float32), PREDICTIONS),
    "sigmoid_cross_entropy": (np.eye(3, 4, dtype=np.float32), normal(3, 4)),
    "softmax_cross_entropy": (np.eye(3, 4, dtype=np.float32), normal(3, 4)),
    "sparse_softmax_cross_entropy": (np.array([1, 0, 3]), normal(3, 4)),
    "mean_pairwise_squared_error": (LABELS, PREDICTIONS),
}


def loss_program(name, weights=None, **arguments):
    def program(tf):
        (labels, predictions), feeds = inputs(tf, LOSSES[name])
        given = {} if weights is None else {"weights": weights}
        loss = getattr(tf.losses, name)(labels, predictions, **given, **arguments)
        return [loss, tf.gradients(loss, predictions)[0], tf.losses.get_total_loss()], feeds

    return program


@pytest.mark.parametrize("name", LOSSES)
def test_loss(name):
    check(loss_program(name))
    if "hinge" not in name:
        check_names(loss_program(name), gradients=False)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("weights", [0.5, 0.0, [[1.0], [0.0], [2.0]]])
def test_loss_weighted(name, weights):
    if name in ("softmax_cross_entropy", "sparse_softmax_cross_entropy") and isinstance(weights, list):
        weights = [w[0] for w in weights]
    check(loss_program(name, weights))


@pytest.mark.parametrize(
    "reduction",
    ["NONE", "SUM", "MEAN", "SUM_OVER_BATCH_SIZE", "SUM_BY_NONZERO_WEIGHTS", "SUM_OVER_NONZERO_WEIGHTS"],
)
def test_reductions(reduction):
    def program(tf):
        (labels, predictions), feeds = inputs(tf, (LABELS, PREDICTIONS))
        how = getattr(tf.losses.Reduction, reduction)
        loss = tf.losses.mean_squared_error(
            labels, predictions, [[1.0], [0.0], [2.0]], scope="m", reduction=how
        )
        return [loss, tf.gradients(loss, predictions)[0]], feeds

    check(program)
    check_names(program, gradients=False)


@pytest.mark.parametrize("name", ["sigmoid_cross_entropy", "softmax_cross_entropy"])
def test_label_smoothing(name):
    check(loss_program(name, label_smoothing=0.2))
    check_names(loss_program(name, label_smoothing=0.2), gradients=False)


def test_cosine_distance():
    def program(tf):
        (labels, predictions), feeds = inputs(tf, (LABELS, PREDICTIONS))
        return tf.losses.cosine_distance(labels, predictions, axis=1), feeds

    check(program)
    check_names(program)


def test_unknown_batch():
    def program(tf):
        x, y = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.float32, [None, 4])
        w = tf.placeholder(tf.float32, [None, 1])
        loss = tf.losses.mean_squared_error(x, y, w)
        return [loss, *tf.gradients(loss, [y])], {x: LABELS, y: PREDICTIONS, w: [[1.0], [0.0], [2.0]]}

    check(program)


@pytest.mark.parametrize(
    "program",
    [
        lambda tf: tf.losses.mean_squared_error(normal(3, 4), normal(3, 5)),
        lambda tf: tf.losses.mean_squared_error(None, normal(3, 5)),
        lambda tf: tf.losses.mean_squared_error(normal(3, 4), normal(3, 4), weights=[1.0, 2.0, 3.0]),
        lambda tf: tf.losses.mean_squared_error(normal(3, 4), normal(3, 4), reduction="other"),
        lambda tf: tf.losses.get_total_loss(),
    ],
)
def test_losses_refuse(program):
    check_error(lambda tf: (program(tf), {}))
