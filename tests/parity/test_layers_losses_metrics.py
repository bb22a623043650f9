"""tf.losses and tf.metrics against TensorFlow; tf.layers against the same network by hand."""

import numpy as np
import pytest

import minitf
from tests.parity.compare import check, check_error, compare_values, judge
from tests.parity.test_nn import check_names, inputs, normal, probabilities, waves

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


def initial(array):
    """An initializer that gives exactly this array."""
    return lambda shape, dtype=None, partition_info=None: minitf.constant(array)


def compare_layer(layer, by_hand, x):
    """`layer(tf, x)` on minitf against `by_hand(tf, x)` on TensorFlow: values and the gradient."""
    results = []
    for tf, function in ((minitf, layer), (judge(), by_hand)):
        with tf.Graph().as_default():
            (holder,), feeds = inputs(tf, [x])
            y = function(tf, holder)
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                results.append(session.run([y, tf.gradients(y * waves(y.shape.as_list()), holder)[0]], feeds))
    compare_values(*results, rtol=1e-4)


KERNEL, BIAS = normal(3, 3, 3, 4), normal(4)
PICTURES = normal(2, 6, 5, 3)


def test_conv2d_layer():
    compare_layer(
        lambda tf, x: tf.layers.conv2d(
            x,
            4,
            3,
            2,
            "same",
            activation=tf.nn.relu,
            kernel_initializer=initial(KERNEL),
            bias_initializer=initial(BIAS),
        ),
        lambda tf, x: tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, KERNEL, 2, "SAME"), BIAS)),
        PICTURES,
    )


def test_conv2d_layer_dilated():
    compare_layer(
        lambda tf, x: tf.layers.conv2d(
            x, 4, 3, dilation_rate=2, use_bias=False, kernel_initializer=initial(KERNEL)
        ),
        lambda tf, x: tf.nn.convolution(x, KERNEL, "VALID", dilation_rate=[2, 2]),
        PICTURES,
    )


def test_conv1d_layer():
    kernel = normal(3, 3, 4)
    compare_layer(
        lambda tf, x: tf.layers.conv1d(x, 4, 3, 1, "same", kernel_initializer=initial(kernel)),
        lambda tf, x: tf.nn.conv1d(x, kernel, 1, "SAME"),
        normal(2, 6, 3),
    )


def test_conv2d_transpose_layer():
    kernel = normal(3, 3, 4, 3)
    compare_layer(
        lambda tf, x: tf.layers.conv2d_transpose(x, 4, 3, 2, "same", kernel_initializer=initial(kernel)),
        lambda tf, x: tf.nn.conv2d_transpose(x, kernel, [2, 12, 10, 4], [1, 2, 2, 1]),
        PICTURES,
    )


def test_separable_conv2d_layer():
    depthwise, pointwise = normal(3, 3, 3, 2), normal(1, 1, 6, 4)
    compare_layer(
        lambda tf, x: tf.layers.separable_conv2d(
            x,
            4,
            3,
            depth_multiplier=2,
            depthwise_initializer=initial(depthwise),
            pointwise_initializer=initial(pointwise),
        ),
        lambda tf, x: tf.nn.separable_conv2d(x, depthwise, pointwise, [1, 1, 1, 1], "VALID"),
        PICTURES,
    )


@pytest.mark.parametrize("kind", ["max", "average"])
def test_pooling_layers(kind):
    pool = {"max": "max_pool", "average": "avg_pool"}[kind]
    compare_layer(
        lambda tf, x: getattr(tf.layers, f"{kind}_pooling2d")(x, 2, 2, "same"),
        lambda tf, x: getattr(tf.nn, pool)(x, 2, 2, "SAME"),
        PICTURES,
    )
    compare_layer(
        lambda tf, x: getattr(tf.layers, f"{kind}_pooling1d")(x, 3, 2),
        lambda tf, x: getattr(tf.nn, f"{pool}1d")(x, 3, 2, "VALID"),
        normal(2, 7, 3),
    )


@pytest.mark.parametrize("shape", [(5, 3), (2, 4, 3)])
def test_dense_layer(shape):
    kernel = normal(3, 4)
    compare_layer(
        lambda tf, x: tf.layers.dense(x, 4, tf.nn.tanh, kernel_initializer=initial(kernel)),
        lambda tf, x: tf.tanh(tf.tensordot(x, tf.constant(kernel), [[len(shape) - 1], [0]])),
        normal(*shape),
    )


def test_flatten_layer():
    compare_layer(lambda tf, x: tf.layers.flatten(x), lambda tf, x: tf.reshape(x, [2, -1]), PICTURES)


@pytest.mark.parametrize("shape", [(6, 3), (2, 6, 5, 3)])
def test_batch_normalization_layer(shape):
    def by_hand(tf, x):
        mean, variance = tf.nn.moments(x, list(range(len(shape) - 1)))
        return tf.nn.batch_normalization(x, mean, variance, None, None, 1e-3)

    compare_layer(lambda tf, x: tf.layers.batch_normalization(x, training=True), by_hand, normal(*shape))


def test_moving_averages():
    tf = minitf
    x = normal(8, 3) + 2
    with tf.Graph().as_default():
        training = tf.placeholder(tf.bool)
        y = tf.layers.batch_normalization(tf.constant(x), training=training, momentum=0.5)
        updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
        mean, variance = [v for v in tf.global_variables() if "moving" in v.name]
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            before = session.run(y, {training: False})
            session.run(updates, {training: True})
            np.testing.assert_allclose(before, x / np.sqrt(1 + 1e-3), rtol=1e-5)
            np.testing.assert_allclose(session.run(mean), x.mean(0) / 2, rtol=1e-5)
            np.testing.assert_allclose(session.run(variance), 0.5 + x.var(0) / 2, rtol=1e-5)
            session.run(updates, {training: False})
            np.testing.assert_allclose(session.run(mean), x.mean(0) / 2, rtol=1e-5)


@pytest.mark.parametrize("name", ["relu", "softmax", "linear"])
def test_an_activation_may_be_given_by_name(name):
    tf = minitf
    with tf.Graph().as_default():
        wanted = {"relu": "Relu", "softmax": "Softmax", "linear": "BiasAdd"}[name]
        assert tf.layers.dense(tf.zeros([2, 3]), 4, name).op.type == wanted
        assert tf.layers.Conv1D(4, 1, activation=name).activation is tf.layers.Dense(4, name).activation
        with pytest.raises(ValueError, match=r"Unknown activation 'rellu'.*'relu'"):
            tf.layers.dense(tf.zeros([2, 3]), 4, "rellu")


def test_names_and_reuse():
    tf = minitf
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 3])
        a = tf.layers.dense(x, 4, activation=tf.nn.relu)
        b = tf.layers.dense(x, 4)
        c = tf.layers.dense(x, 4, name="fc")
        d = tf.layers.dense(x, 4, name="fc", reuse=True)
        with tf.variable_scope("outer"):
            e = tf.layers.dense(x, 4)
        layer = tf.layers.Dense(4, name="fc")
        f = layer(x)
        names = [t.op.name for t in (a, b, c, d, e, f)]
        assert names == [
            "dense/Relu", "dense_1/BiasAdd", "fc/BiasAdd", "fc_1/BiasAdd", "outer/dense/BiasAdd", "fc_2/BiasAdd",
        ]  # fmt: skip
        assert [v.op.name for v in tf.global_variables()] == [
            f"{scope}/{name}"
            for scope in ("dense", "dense_1", "fc", "outer/dense", "fc_1")
            for name in ("kernel", "bias")
        ]
        assert "dense/MatMul" in [op.name for op in graph.get_operations()]
        with pytest.raises(ValueError, match="fc/kernel"):
            tf.layers.dense(x, 4, name="fc")
        assert layer.kernel is layer.trainable_variables[0] and layer.scope_name == "fc_1"


def test_regularizers():
    tf = minitf
    with tf.Graph().as_default():
        x = tf.constant(normal(5, 3))
        tf.layers.dense(
            x,
            4,
            kernel_regularizer=tf.nn.l2_loss,
            activity_regularizer=lambda y: tf.reduce_sum(y * y),
            name="fc",
        )
        losses = tf.losses.get_regularization_losses()
        assert [loss.op.name for loss in losses] == [
            "fc/kernel/Regularizer/L2Loss",
            "fc/ActivityRegularizer/truediv",
        ]
        tf.layers.dense(x, 4, kernel_regularizer=tf.nn.l2_loss, name="fc", reuse=True)
        assert len(tf.losses.get_regularization_losses()) == 2


def test_untrainable():
    tf = minitf
    with tf.Graph().as_default():
        tf.layers.conv2d(tf.constant(PICTURES), 4, 3, trainable=False)
        assert not tf.trainable_variables() and len(tf.global_variables()) == 2


@pytest.mark.parametrize(
    "call",
    [
        lambda tf: tf.layers.dense(tf.placeholder(tf.float32, [2, None]), 4),
        lambda tf: tf.layers.dense(tf.placeholder(tf.float32, [2]), 4),
        lambda tf: tf.layers.conv2d(tf.placeholder(tf.float32, [2, 3]), 4, 3),
        lambda tf: tf.layers.conv2d(tf.constant(PICTURES), 4, (3, 3, 3)),
        lambda tf: tf.layers.conv2d(tf.constant(PICTURES), 4, 3, padding="other"),
        lambda tf: tf.layers.conv2d(tf.constant(PICTURES), 4, 3, data_format="NHWC"),
    ],
)
def test_layers_refuse(call):
    with minitf.Graph().as_default(), pytest.raises(ValueError):
        call(minitf)
