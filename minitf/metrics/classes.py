"""Figures of each class, averaged over the classes."""

from minitf.graph.dtypes import float32, float64, int64
from minitf.metrics.accumulating import as_float, metric_variable, publish, safe_ratio
from minitf.ops.arithmetic import maximum, multiply
from minitf.ops.array import ones, reshape, size
from minitf.ops.casting import cast
from minitf.ops.comparison import equal, greater, not_equal
from minitf.ops.constant import convert_to_tensor
from minitf.ops.diagonals import tensor_diag_part as diag_part
from minitf.ops.division import div, div_no_nan
from minitf.ops.histograms import confusion_matrix
from minitf.ops.reductions import reduce_mean, reduce_sum
from minitf.ops.scattering import scatter_add
from minitf.ops.selection import where
from minitf.ops.variable_scope import variable_scope
from minitf.ops.variables import assign_add
from minitf.ops.weighting import matched_shapes


def _flat(x):
    return x if x is None or x.shape.ndims == 1 else reshape(x, [-1])


def mean_iou(
    labels,
    predictions,
    num_classes,
    weights=None,
    metrics_collections=None,
    updates_collections=None,
    name=None,
):
    """tf.metrics.mean_iou: the mean over the classes of intersection / union of labels and predictions.

    Classes that never occur don't count.  Returns (mean so far, the updated confusion matrix).
    """
    with variable_scope(name, "mean_iou", (predictions, labels, weights)):
        predictions, labels = convert_to_tensor(predictions), convert_to_tensor(labels)
        predictions.shape.assert_is_compatible_with(labels.shape)
        total = metric_variable([num_classes, num_classes], float64, "total_confusion_matrix")
        labels, predictions = cast(_flat(labels), int64), cast(_flat(predictions), int64)
        weights = None if weights is None else _flat(convert_to_tensor(weights))
        now = confusion_matrix(labels, predictions, num_classes, weights=weights, dtype=float64)
        update_op = assign_add(total, now)
        value = _mean_overlap(convert_to_tensor(total), "mean_iou")
        return publish(value, update_op, metrics_collections, updates_collections)


def _mean_overlap(matrix, name):
    row_sums, column_sums = cast(reduce_sum(matrix, 0), float32), cast(reduce_sum(matrix, 1), float32)
    both = cast(diag_part(matrix), float32)
    either = row_sums + column_sums - both
    count = reduce_sum(cast(not_equal(either, 0), float32))
    overlap = div(both, where(greater(either, 0), either, either + 1.0))
    return where(greater(count, 0), div_no_nan(reduce_sum(overlap), count), 0.0, name=name)


def mean_per_class_accuracy(
    labels,
    predictions,
    num_classes,
    weights=None,
    metrics_collections=None,
    updates_collections=None,
    name=None,
):
    """tf.metrics.mean_per_class_accuracy: the accuracy on each class, averaged over the classes.

    Returns (mean so far, the updated accuracy of each class).
    """
    with variable_scope(name, "mean_accuracy", (predictions, labels, weights)):
        labels = cast(convert_to_tensor(labels), int64)
        predictions, labels, weights = matched_shapes(predictions, labels, weights)
        predictions.shape.assert_is_compatible_with(labels.shape)
        total, count = (metric_variable([num_classes], float32, n) for n in ("total", "count"))
        labels, predictions, weights = _flat(labels), _flat(predictions), _flat(weights)
        number = ones([size(labels)], float32)
        if predictions.dtype.base_dtype is not labels.dtype.base_dtype:
            predictions = cast(predictions, labels.dtype.base_dtype)
        is_correct = cast(equal(predictions, labels), float32)
        if weights is not None:
            weights = as_float(weights)
            is_correct, number = multiply(is_correct, weights), multiply(number, weights)
        new_total = scatter_add(total, labels, number)
        new_count = scatter_add(count, labels, is_correct)
        value = reduce_mean(div_no_nan(count, maximum(total, 0)), name="mean_accuracy")
        update_op = safe_ratio(new_count, new_total, "update_op")
        return publish(value, update_op, metrics_collections, updates_collections)
