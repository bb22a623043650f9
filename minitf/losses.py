"""tf.losses: what training makes small.

Each function computes one loss for every element (or example), weighs, reduces to a number, and adds it
to the collection LOSSES, where `get_total_loss` finds it.
"""

from minitf.graph.collections import GraphKeys
from minitf.graph.dtypes import float32
from minitf.graph.graph import add_to_collection, control_dependencies, get_collection, name_scope
from minitf.ops.aggregation import add_n
from minitf.ops.arithmetic import abs as absolute
from minitf.ops.arithmetic import (
    add,
    maximum,
    minimum,
    multiply,
    negative,
    square,
    squared_difference,
    subtract,
)
from minitf.ops.array import ones_like, rank, shape_of, size, squeeze, stop_gradient, zeros_like
from minitf.ops.casting import cast
from minitf.ops.comparison import equal, greater
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.cross_entropy import (
    softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits,
)
from minitf.ops.division import div_no_nan
from minitf.ops.exponentials import log
from minitf.ops.logistic import sigmoid_cross_entropy_with_logits
from minitf.ops.ranges import range as range_of
from minitf.ops.rectifiers import relu
from minitf.ops.reductions import reduce_sum
from minitf.ops.selection import where
from minitf.ops.weighting import assert_broadcastable, broadcast_weights


class Reduction:
    """How the weighted losses of a batch become one number."""

    NONE = "none"  # they don't
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"  # over the number of elements
    MEAN = "weighted_mean"  # over the sum of the weights
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"  # over the number of weights that are not 0
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls):
        return (cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_OVER_NONZERO_WEIGHTS,
                cls.SUM_BY_NONZERO_WEIGHTS)  # fmt: skip

    @classmethod
    def validate(cls, key):
        """Raises ValueError where `key` is no reduction."""
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key {key}.")


def add_loss(loss, loss_collection=GraphKeys.LOSSES):
    """tf.losses.add_loss: count `loss` among the losses of this graph."""
    if loss_collection:
        add_to_collection(loss_collection, loss)


def get_losses(scope=None, loss_collection=GraphKeys.LOSSES):
    """tf.losses.get_losses: the losses so far whose names begin with `scope`."""
    return get_collection(loss_collection, scope)


def get_regularization_losses(scope=None):
    """tf.losses.get_regularization_losses: what regularizers of variables and layers added."""
    return get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(scope=None, name="total_regularization_loss"):
    """tf.losses.get_regularization_loss: their sum; 0 where there are none."""
    losses = get_regularization_losses(scope)
    return add_n(losses, name=name) if losses else constant(0.0)


def get_total_loss(add_regularization_losses=True, name="total_loss", scope=None):
    """tf.losses.get_total_loss: the sum of all losses, with those of regularizers.

    Raises ValueError where there is none.
    """
    losses = get_losses(scope=scope)
    if add_regularization_losses:
        losses = losses + get_regularization_losses(scope=scope)
    return add_n(losses, name=name)


def compute_weighted_loss(
    losses,
    weights=1.0,
    scope=None,
    loss_collection=GraphKeys.LOSSES,
    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS,
):
    """tf.losses.compute_weighted_loss: losses * weights, reduced to a number (or not: Reduction.NONE).

    weights: a number or a tensor that broadcasts to `losses`.  Raises ValueError where they don't fit.
    """
    Reduction.validate(reduction)
    fits = assert_broadcastable
    with (
        name_scope(scope, "weighted_loss", [losses, weights]),
        control_dependencies((fits(weights, losses),)),
    ):
        losses = convert_to_tensor(losses)
        dtype = losses.dtype.base_dtype
        losses = _cast(losses, float32)
        weights = _cast(weights, float32)
        loss = multiply(losses, weights)
        loss = loss if reduction == Reduction.NONE else _reduced(loss, losses, weights, reduction)
        loss = _cast(loss, dtype)
        add_loss(loss, loss_collection)
        return loss


def _cast(x, dtype):
    return x if hasattr(x, "dtype") and x.dtype.base_dtype is dtype else cast(x, dtype)


def _reduced(loss, losses, weights, reduction):
    total = reduce_sum(loss)
    if reduction == Reduction.MEAN:
        return _mean(total, reduce_sum(ones_like(losses) * weights))
    if reduction in (Reduction.SUM_BY_NONZERO_WEIGHTS, Reduction.SUM_OVER_NONZERO_WEIGHTS):
        return _mean(total, _num_present(losses, weights))
    if reduction == Reduction.SUM_OVER_BATCH_SIZE:
        return _mean(total, _num_elements(losses))
    return total


def _mean(losses, count):
    return div_no_nan(reduce_sum(losses, range_of(rank(losses))), count, name="value")


def _num_elements(losses):
    with name_scope(None, "num_elements", [losses]) as scope:
        return cast(size(losses, name=scope), losses.dtype.base_dtype)


def _num_present(losses, weights, per_batch=False):
    """How many elements have a weight that is not 0: in all, or in each example, then (batch, 1, ...)."""
    if isinstance(weights, float) and weights != 0.0 and not per_batch:
        return size(losses)
    with name_scope(None, "num_present", [losses, weights]) as scope:
        weights = cast(weights, float32) if not hasattr(weights, "dtype") else weights
        present = where(equal(weights, 0.0), zeros_like(weights), ones_like(weights))
        present = broadcast_weights(present, losses)
        if per_batch:
            return reduce_sum(present, range_of(1, rank(present)), keepdims=True, name=scope)
        return reduce_sum(present, name=scope)


def _pair(first, second):
    """Both as float32 tensors of one shape.  Raises ValueError where the shapes differ."""
    first, second = (_cast(convert_to_tensor(x), float32) for x in (first, second))
    first.shape.assert_is_compatible_with(second.shape)
    return first, second


def _check_given(**values):
    for name, value in values.items():
        if value is None:
            raise ValueError(f"{name} must not be None.")


def absolute_difference(
    labels,
    predictions,
    weights=1.0,
    scope=None,
    loss_collection=GraphKeys.LOSSES,
    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS,
):
    """tf.losses.absolute_difference: |predictions - labels|."""
    _check_given(labels=labels, predictions=predictions)
    with name_scope(scope, "absolute_difference", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        losses = absolute(subtract(predictions, labels))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


def cosine_distance(
    labels,
    predictions,
    axis=None,
    weights=1.0,
    scope=None,
    loss_collection=GraphKeys.LOSSES,
    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS,
    dim=None,
):
    """tf.losses.cosine_distance: 1 - the cosine of the angle, for vectors along `axis` of length 1."""
    axis = dim if axis is None else axis
    _check_given(axis=axis, labels=labels, predictions=predictions)
    with name_scope(scope, "cosine_distance_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        losses = 1 - reduce_sum(multiply(predictions, labels), axis=(axis,), keepdims=True)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


def hinge_loss(
    labels,
    logits,
    weights=1.0,
    scope=None,
    loss_collection=GraphKeys.LOSSES,
    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS,
):
    """tf.losses.hinge_loss: max(0, 1 - logits * t) with t = 1 for labels of 1 and -1 for labels of 0."""
    _check_given(labels=labels, logits=logits)
    with name_scope(scope, "hinge_loss", [logits, labels, weights]) as scope:
        logits, labels = _pair(logits, labels)
        ones = ones_like(labels)
        losses = relu(subtract(ones, multiply(subtract(2 * labels, ones), logits)))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


def huber_loss(
    labels,
    predictions,
    weights=1.0,
    delta=1.0,
    scope=None,
    loss_collection=GraphKeys.LOSSES,
    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS,
):
    """tf.losses.huber_loss: x**2 / 2 of small differences x, delta * |x| - delta**2 / 2 of those above
    delta.

    Source: Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35 (1964).
    """
    _check_given(labels=labels, predictions=predictions)
    with name_scope(scope, "huber_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        error = absolute(subtract(predictions, labels))
        quadratic = minimum(error, delta)
        linear = subtract(error, quadratic)
        half = convert_to_tensor(0.5, dtype=quadratic.dtype)
        losses = add(multiply(half, multiply(quadratic, quadratic)), multiply(delta, linear))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


def log_loss(
    labels,
    predictions,
    weights=1.0,
    epsilon=1e-7,
    scope=None,
    loss_collection=GraphKeys.LOSSES,
    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS,
):
    """tf.losses.log_loss: - labels * log(predictions) - (1 - labels) * log(1 - predictions), kept finite
    by epsilon.
    """
    _check_given(labels=labels, predictions=predictions)
    with name_scope(scope, "log_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        missed = negative(multiply(labels, log(predictions + epsilon)))
        losses = missed - multiply((1 - labels), log(1 - predictions + epsilon))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


def mean_pairwise_squared_error(
    labels, predictions, weights=1.0, scope=None, loss_collection=GraphKeys.LOSSES
):
    """tf.losses.mean_pairwise_squared_error: how far the differences between elements of an example are
    off.

    labels, predictions: (batch, ...); weights: a number or one for each example.
    """
    _check_given(labels=labels, predictions=predictions)
    with name_scope(scope, "mean_pairwise_squared_error", [predictions, labels, weights]):
        weights = cast(weights, float32)
        with control_dependencies((assert_broadcastable(weights, labels),)):
            predictions, labels = _pair(predictions, labels)
            differences = subtract(predictions, labels)
            axes = range_of(1, rank(differences))
            squares = reduce_sum(square(differences), axes, keepdims=True)
            count = _num_present(differences, weights, per_batch=True)
            first = 2.0 * div_no_nan(squares, maximum(count - 1, 0), name="value")
            total = reduce_sum(differences, axes, keepdims=True)
            second = 2.0 * div_no_nan(square(total), maximum(multiply(count, count - 1), 0), name="value")
            weighted = multiply(first - second, weights)
            loss = reduce_sum(weighted)
            mean = where(greater(reduce_sum(count), 0), loss, zeros_like(loss), name="value")
            add_loss(mean, loss_collection)
            return mean


def mean_squared_error(
    labels,
    predictions,
    weights=1.0,
    scope=None,
    loss_collection=GraphKeys.LOSSES,
    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS,
):
    """tf.losses.mean_squared_error: (predictions - labels)**2."""
    _check_given(labels=labels, predictions=predictions)
    with name_scope(scope, "mean_squared_error", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        losses = squared_difference(predictions, labels)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


def sigmoid_cross_entropy(
    multi_class_labels,
    logits,
    weights=1.0,
    label_smoothing=0,
    scope=None,
    loss_collection=GraphKeys.LOSSES,
    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS,
):
    """tf.losses.sigmoid_cross_entropy: `tf.nn.sigmoid_cross_entropy_with_logits`, each class a yes or no.

    label_smoothing: draws labels towards 1/2, by this part of the way.
    """
    _check_given(multi_class_labels=multi_class_labels, logits=logits)
    with name_scope(scope, "sigmoid_cross_entropy_loss", [logits, multi_class_labels, weights]) as scope:
        logits = convert_to_tensor(logits)
        labels = _cast(convert_to_tensor(multi_class_labels), logits.dtype.base_dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


def softmax_cross_entropy(
    onehot_labels,
    logits,
    weights=1.0,
    label_smoothing=0,
    scope=None,
    loss_collection=GraphKeys.LOSSES,
    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS,
):
    """tf.losses.softmax_cross_entropy: `tf.nn.softmax_cross_entropy_with_logits_v2` for each example.

    onehot_labels, logits: (batch, classes); label_smoothing: this part of each label is spread over all
    classes.
    """
    _check_given(onehot_labels=onehot_labels, logits=logits)
    with name_scope(scope, "softmax_cross_entropy_loss", [logits, onehot_labels, weights]) as scope:
        logits = convert_to_tensor(logits)
        labels = _cast(convert_to_tensor(onehot_labels), logits.dtype.base_dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            classes = cast(shape_of(labels)[1], logits.dtype.base_dtype)
            share = label_smoothing / classes
            labels = labels * (1.0 - label_smoothing) + share
        labels = stop_gradient(labels, name="labels_stop_gradient")
        losses = softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


def sparse_softmax_cross_entropy(
    labels,
    logits,
    weights=1.0,
    scope=None,
    loss_collection=GraphKeys.LOSSES,
    reduction=Reduction.SUM_BY_NONZERO_WEIGHTS,
):
    """tf.losses.sparse_softmax_cross_entropy: labels are the numbers of the classes; logits (...,
    classes).
    """
    _check_given(labels=labels, logits=logits)
    with name_scope(scope, "sparse_softmax_cross_entropy_loss", [logits, labels, weights]) as scope:
        labels, logits, weights = _without_ones(labels, logits, weights)
        losses = sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction=reduction)


def _without_ones(labels, logits, weights):
    """Labels and weights without a last axis of size 1 that the losses will not have."""
    labels, logits, weights = (convert_to_tensor(x) for x in (labels, logits, weights))
    wanted = None if logits.shape.ndims is None else logits.shape.ndims - 1
    ranks = labels.shape.ndims, weights.shape.ndims
    if wanted is not None and ranks[0] == wanted + 1 and labels.shape.sizes[-1] in (1, None):
        labels = squeeze(labels, [-1])
    if wanted is not None and ranks[1] == wanted + 1 and weights.shape.sizes[-1] in (1, None):
        weights = squeeze(weights, [-1])
    return labels, logits, weights
