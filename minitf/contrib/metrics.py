"""tf.contrib.metrics: `tf.metrics` under its first names, which take the predictions before the labels."""

import functools
import inspect

from minitf.graph import dtypes
from minitf.metrics import accumulating, classes, counts, curves, ranking
from minitf.ops.casting import cast
from minitf.ops.comparison import equal
from minitf.ops.histograms import confusion_matrix as confusion_matrix
from minitf.ops.reductions import reduce_mean
from minitf.ops.sets import set_difference as set_difference
from minitf.ops.sets import set_intersection as set_intersection
from minitf.ops.sets import set_size as set_size
from minitf.ops.sets import set_union as set_union


def _predictions_first(metric):
    """`metric(labels, predictions, ...)` as `streaming_metric(predictions, labels, ...)`."""
    assert list(inspect.signature(metric).parameters)[:2] == ["labels", "predictions"]

    @functools.wraps(metric)
    def streaming(predictions, labels, *arguments, **named):
        return metric(labels, predictions, *arguments, **named)

    streaming.__name__ = streaming.__qualname__ = f"streaming_{metric.__name__}"
    return streaming


streaming_accuracy = _predictions_first(accumulating.accuracy)
streaming_mean_absolute_error = _predictions_first(accumulating.mean_absolute_error)
streaming_mean_squared_error = _predictions_first(accumulating.mean_squared_error)
streaming_root_mean_squared_error = _predictions_first(accumulating.root_mean_squared_error)
streaming_mean_relative_error = _predictions_first(accumulating.mean_relative_error)
streaming_mean_cosine_distance = _predictions_first(accumulating.mean_cosine_distance)
streaming_mean_iou = _predictions_first(classes.mean_iou)
streaming_precision = _predictions_first(counts.precision)
streaming_recall = _predictions_first(counts.recall)
streaming_true_positives = _predictions_first(counts.true_positives)
streaming_true_negatives = _predictions_first(counts.true_negatives)
streaming_false_positives = _predictions_first(counts.false_positives)
streaming_false_negatives = _predictions_first(counts.false_negatives)
streaming_auc = _predictions_first(curves.auc)
streaming_precision_at_thresholds = _predictions_first(curves.precision_at_thresholds)
streaming_recall_at_thresholds = _predictions_first(curves.recall_at_thresholds)
streaming_sensitivity_at_specificity = _predictions_first(curves.sensitivity_at_specificity)
streaming_specificity_at_sensitivity = _predictions_first(curves.specificity_at_sensitivity)
streaming_sparse_recall_at_k = _predictions_first(ranking.recall_at_k)
streaming_sparse_precision_at_k = _predictions_first(ranking.precision_at_k)
streaming_sparse_average_precision_at_k = _predictions_first(ranking.average_precision_at_k)

streaming_mean = accumulating.mean
streaming_mean_tensor = accumulating.mean_tensor
streaming_percentage_less = accumulating.percentage_below


def accuracy(predictions, labels, weights=None, name=None):
    """The share of `predictions` that equal `labels` (same shape and dtype): a float32 scalar of this batch alone.

    Raises ValueError where the dtypes differ.
    """
    if predictions.dtype.base_dtype != labels.dtype.base_dtype:
        raise ValueError(f"Dtypes of predictions and labels should match: {predictions.dtype}, {labels.dtype}")
    correct = cast(equal(predictions, labels), dtypes.float32)
    if weights is None:
        return reduce_mean(correct, name=name)
    weights = cast(weights, dtypes.float32)
    return reduce_mean(correct * weights, name=name) / reduce_mean(weights)


def aggregate_metrics(*value_update_tuples):
    """([value, ...], [update_op, ...]) of several metrics.  Raises ValueError without metrics."""
    if not value_update_tuples:
        raise ValueError("Expected at least one value_tensor/update_op pair")
    values, updates = zip(*value_update_tuples, strict=True)
    return list(values), list(updates)


def aggregate_metric_map(names_to_tuples):
    """({name: value}, {name: update_op}) of {name: (value, update_op)}."""
    values = {name: value for name, (value, _) in names_to_tuples.items()}
    return values, {name: update for name, (_, update) in names_to_tuples.items()}
