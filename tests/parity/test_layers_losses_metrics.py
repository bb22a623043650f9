"""tf.losses and tf.metrics against TensorFlow; tf.layers against the same network by hand."""

import numpy as np
import pytest

import minitf
from tests.parity.compare import check, check_error, compare_values, judge
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


def gathered(tf, name, arrays, steps, **arguments):
    """What a metric's update returns in the last of several steps, and its value then."""
    with tf.Graph().as_default():
        holders, feeds = inputs(tf, arrays)
        if "weights" in arguments:
            arguments["weights"] = tf.constant(arguments["weights"])
        value, update = getattr(tf.metrics, name)(*holders, **arguments)
        with tf.Session() as session:
            session.run(tf.local_variables_initializer())
            for _ in range(steps):
                updated = session.run(update, feeds)
            return [updated, session.run(value, feeds)]


def check_metric(name, arrays, steps=3, **arguments):
    found, expected = (gathered(tf, name, arrays, steps, **arguments) for tf in (minitf, judge()))
    compare_values(found, expected)


ANSWERS = np.array([True, False, True, True, False, True])
SURE = np.array([0.9, 0.2, 0.4, 0.7, 0.6, 0.8], np.float32)
CLASSES, GUESSES = np.array([0, 1, 2, 2, 1, 0]), np.array([0, 2, 2, 2, 1, 1])
METRICS = {
    "mean": ([normal(3, 4)], {}),
    "mean_tensor": ([normal(3, 4)], {}),
    "accuracy": ([CLASSES, GUESSES], {}),
    "mean_absolute_error": ([LABELS, PREDICTIONS], {}),
    "mean_squared_error": ([LABELS, PREDICTIONS], {}),
    "root_mean_squared_error": ([LABELS, PREDICTIONS], {}),
    "mean_relative_error": ([LABELS, PREDICTIONS], {"normalizer": LABELS}),
    "mean_cosine_distance": ([LABELS, PREDICTIONS], {"dim": 1}),
    "percentage_below": ([LABELS], {"threshold": 0.1}),
    "true_positives": ([ANSWERS, SURE > 0.5], {}),
    "false_positives": ([ANSWERS, SURE > 0.5], {}),
    "true_negatives": ([ANSWERS, SURE > 0.5], {}),
    "false_negatives": ([ANSWERS, SURE > 0.5], {}),
    "precision": ([ANSWERS, SURE > 0.5], {}),
    "recall": ([ANSWERS, SURE > 0.5], {}),
    "true_positives_at_thresholds": ([ANSWERS, SURE], {"thresholds": [0.3, 0.65]}),
    "false_negatives_at_thresholds": ([ANSWERS, SURE], {"thresholds": [0.3, 0.65]}),
    "precision_at_thresholds": ([ANSWERS, SURE], {"thresholds": [0.3, 0.65]}),
    "recall_at_thresholds": ([ANSWERS, SURE], {"thresholds": [0.3, 0.65]}),
    "auc": ([ANSWERS, SURE], {}),
    "sensitivity_at_specificity": ([ANSWERS, SURE], {"specificity": 0.7}),
    "specificity_at_sensitivity": ([ANSWERS, SURE], {"sensitivity": 0.7}),
    "mean_iou": ([CLASSES, GUESSES], {"num_classes": 3}),
    "mean_per_class_accuracy": ([CLASSES, GUESSES], {"num_classes": 3}),
    "precision_at_k": ([CLASSES.reshape(6, 1), normal(6, 4)], {"k": 2}),
    "recall_at_k": ([CLASSES.reshape(6, 1), normal(6, 4)], {"k": 2}),
    "average_precision_at_k": ([np.stack([CLASSES, CLASSES + 1], 1), normal(6, 4)], {"k": 3}),
}


@pytest.mark.parametrize("name", METRICS)
def test_metric(name):
    arrays, arguments = METRICS[name]
    check_metric(name, arrays, **arguments)


@pytest.mark.parametrize("name", ["mean", "accuracy", "mean_squared_error", "precision", "auc", "mean_iou"])
def test_metric_weighted(name):
    arrays, arguments = METRICS[name]
    weights = np.linspace(0, 2, arrays[0].size).astype(np.float32).reshape(arrays[0].shape)
    check_metric(name, arrays, weights=weights, **arguments)


@pytest.mark.parametrize("method", ["trapezoidal", "careful_interpolation", "minoring", "majoring"])
def test_area_under_precision_and_recall(method):
    check_metric("auc", [ANSWERS, SURE], curve="PR", summation_method=method)


@pytest.mark.parametrize("name", ["mean", "accuracy", "mean_squared_error", "root_mean_squared_error"])
def test_metric_names(name):
    arrays, _ = METRICS[name]

    def program(tf):
        holders, feeds = inputs(tf, arrays)
        return list(getattr(tf.metrics, name)(*holders)), feeds

    check_names(program)


def test_metric_variables_are_local():
    import minitf as tf

    tf.reset_default_graph()
    tf.metrics.mean([1.0])
    assert [v.name for v in tf.local_variables()] == ["mean/total:0", "mean/count:0"]
    assert tf.get_collection(tf.GraphKeys.METRIC_VARIABLES) == tf.local_variables()
    assert not tf.global_variables()
