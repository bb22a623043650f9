"""Means over many batches: of values, of errors, of correct answers."""

from minitf.graph.collections import GraphKeys
from minitf.graph.dtypes import float32
from minitf.graph.graph import add_to_collections, control_dependencies
from minitf.ops.arithmetic import abs as absolute
from minitf.ops.arithmetic import maximum, multiply, squared_difference, subtract
from minitf.ops.array import ones_like, size, zeros, zeros_like
from minitf.ops.casting import cast
from minitf.ops.comparison import equal, less
from minitf.ops.constant import convert_to_tensor
from minitf.ops.division import div, div_no_nan
from minitf.ops.powers import sqrt
from minitf.ops.reductions import reduce_sum
from minitf.ops.selection import where
from minitf.ops.variable_scope import variable_scope
from minitf.ops.variables import Variable, assign_add
from minitf.ops.weighting import broadcast_weights, matched_shapes


def metric_variable(shape, dtype, name):
    """A local variable of zeros in which a metric gathers."""
    return Variable(
        lambda: zeros(shape, dtype),
        trainable=False,
        collections=[GraphKeys.LOCAL_VARIABLES, GraphKeys.METRIC_VARIABLES],
        name=name,
    )


def as_float(x):
    x = convert_to_tensor(x)
    return x if x.dtype.base_dtype is float32 else cast(x, float32)


def publish(value, update_op, metrics_collections, updates_collections):
    """(value, update_op), added to the collections that were named."""
    if metrics_collections:
        add_to_collections(metrics_collections, value)
    if updates_collections:
        add_to_collections(updates_collections, update_op)
    return value, update_op


def safe_ratio(total, count, name):
    """total / count, 0 where nothing was counted."""
    return div_no_nan(total, maximum(count, 0), name=name)


def mean(values, weights=None, metrics_collections=None, updates_collections=None, name=None):
    """tf.metrics.mean: the weighted mean of all values of all batches.

    weights broadcast to `values`.  Returns (mean so far, update_op).
    """
    with variable_scope(name, "mean", (values, weights)):
        values = as_float(values)
        total, count = metric_variable([], float32, "total"), metric_variable([], float32, "count")
        if weights is None:
            number = cast(size(values), float32)
        else:
            values, _, weights = matched_shapes(values, values, weights)
            weights = broadcast_weights(as_float(weights), values)
            values = multiply(values, weights)
            number = reduce_sum(weights)
        new_total = assign_add(total, reduce_sum(values))
        with control_dependencies([values]):
            new_count = assign_add(count, number)
        value = safe_ratio(total, count, "value")
        update_op = safe_ratio(new_total, new_count, "update_op")
        return publish(value, update_op, metrics_collections, updates_collections)


def mean_tensor(values, weights=None, metrics_collections=None, updates_collections=None, name=None):
    """tf.metrics.mean_tensor: the mean of each element over the batches."""
    with variable_scope(name, "mean", (values, weights)):
        values = as_float(values)
        total = metric_variable(values.shape, float32, "total_tensor")
        count = metric_variable(values.shape, float32, "count_tensor")
        number = ones_like(values)
        if weights is not None:
            values, _, weights = matched_shapes(values, values, weights)
            weights = broadcast_weights(as_float(weights), values)
            values, number = multiply(values, weights), multiply(number, weights)
        new_total = assign_add(total, values)
        with control_dependencies([values]):
            new_count = assign_add(count, number)
        value = safe_ratio(total, count, "value")
        return publish(
            value, safe_ratio(new_total, new_count, "update_op"), metrics_collections, updates_collections
        )


def accuracy(
    labels, predictions, weights=None, metrics_collections=None, updates_collections=None, name=None
):
    """tf.metrics.accuracy: how often predictions equal labels."""
    predictions, labels, weights = matched_shapes(predictions, labels, weights)
    predictions.shape.assert_is_compatible_with(labels.shape)
    if labels.dtype.base_dtype is not predictions.dtype.base_dtype:
        predictions = cast(predictions, labels.dtype.base_dtype)
    is_correct = cast(equal(predictions, labels), float32)
    return mean(is_correct, weights, metrics_collections, updates_collections, name or "accuracy")


def _pair(labels, predictions, weights):
    predictions, labels, weights = matched_shapes(as_float(predictions), as_float(labels), weights)
    predictions.shape.assert_is_compatible_with(labels.shape)
    return predictions, labels, weights


def mean_absolute_error(
    labels, predictions, weights=None, metrics_collections=None, updates_collections=None, name=None
):
    """tf.metrics.mean_absolute_error: the mean of |predictions - labels|."""
    predictions, labels, weights = _pair(labels, predictions, weights)
    errors = absolute(predictions - labels)
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_absolute_error")


def mean_squared_error(
    labels, predictions, weights=None, metrics_collections=None, updates_collections=None, name=None
):
    """tf.metrics.mean_squared_error: the mean of (predictions - labels)**2."""
    predictions, labels, weights = _pair(labels, predictions, weights)
    errors = squared_difference(labels, predictions)
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_squared_error")


def root_mean_squared_error(
    labels, predictions, weights=None, metrics_collections=None, updates_collections=None, name=None
):
    """tf.metrics.root_mean_squared_error: the root of the mean squared error."""
    name = name or "root_mean_squared_error"
    squares, update_op = mean_squared_error(labels, predictions, weights, None, None, name)
    return publish(sqrt(squares), sqrt(update_op), metrics_collections, updates_collections)


def mean_relative_error(
    labels,
    predictions,
    normalizer,
    weights=None,
    metrics_collections=None,
    updates_collections=None,
    name=None,
):
    """tf.metrics.mean_relative_error: the mean of |predictions - labels| / normalizer, 0 where that is
    0.
    """
    predictions, labels, weights = _pair(labels, predictions, weights)
    normalizer = as_float(normalizer)
    predictions.shape.assert_is_compatible_with(normalizer.shape)
    ratio = div(absolute(labels - predictions), normalizer)
    errors = where(equal(normalizer, 0.0), zeros_like(labels), ratio)
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_relative_error")


def mean_cosine_distance(
    labels, predictions, dim, weights=None, metrics_collections=None, updates_collections=None, name=None
):
    """tf.metrics.mean_cosine_distance: 1 - the mean cosine of the angles, for vectors along `dim` of
    length 1.
    """
    predictions, labels, weights = _pair(labels, predictions, weights)
    products = reduce_sum(multiply(predictions, labels), axis=[dim], keepdims=True)
    cosine, update_op = mean(products, weights, None, None, name or "mean_cosine_distance")
    return publish(subtract(1.0, cosine), subtract(1.0, update_op), metrics_collections, updates_collections)


def percentage_below(
    values, threshold, weights=None, metrics_collections=None, updates_collections=None, name=None
):
    """tf.metrics.percentage_below: which part of the values is below `threshold`."""
    is_below = cast(less(values, threshold), float32)
    return mean(
        is_below, weights, metrics_collections, updates_collections, name or "percentage_below_threshold"
    )
