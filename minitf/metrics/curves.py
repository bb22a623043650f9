"""Right and wrong answers at many thresholds, and the areas under the curves they draw."""

from minitf.graph.dtypes import bool as bool_type
from minitf.graph.dtypes import float32, int64
from minitf.metrics.accumulating import as_float, metric_variable, publish
from minitf.ops.arithmetic import abs as absolute
from minitf.ops.arithmetic import maximum, minimum, multiply
from minitf.ops.array import ones_like, reshape
from minitf.ops.casting import cast
from minitf.ops.comparison import equal, greater
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.division import div, div_no_nan
from minitf.ops.exponentials import log
from minitf.ops.logic import logical_and, logical_not
from minitf.ops.ordering import argmax, argmin
from minitf.ops.reductions import reduce_min, reduce_sum
from minitf.ops.selection import where
from minitf.ops.variable_scope import variable_scope
from minitf.ops.variables import assign_add
from minitf.ops.weighting import broadcast_weights, matched_shapes

_EPSILON = 1e-7
_KINDS = {"tp": "true_positives", "fn": "false_negatives", "tn": "true_negatives", "fp": "false_positives"}


def _counts(labels, predictions, thresholds, weights, kinds):
    """({kind: variable}, {kind: update}) of vectors with one count for each threshold."""
    labels = convert_to_tensor(labels)
    labels = labels if labels.dtype.base_dtype is bool_type else cast(labels, bool_type)
    predictions, labels, weights = matched_shapes(as_float(predictions), labels, weights)
    predictions.shape.assert_is_compatible_with(labels.shape)
    rows = reshape(predictions, [1, -1])
    is_label, is_above = (
        reshape(labels, [1, -1]),
        greater(rows, reshape(constant(list(thresholds), float32), [-1, 1])),
    )
    shares = None
    if weights is not None:
        shares = reshape(broadcast_weights(as_float(weights), predictions), [1, -1])
    answers = {
        "tp": lambda: logical_and(is_label, is_above),
        "fn": lambda: logical_and(is_label, logical_not(is_above)),
        "tn": lambda: logical_and(logical_not(is_label), logical_not(is_above)),
        "fp": lambda: logical_and(logical_not(is_label), is_above),
    }
    values, updates = {}, {}
    for kind in kinds:
        values[kind] = metric_variable([len(thresholds)], float32, _KINDS[kind])
        found = cast(answers[kind](), float32)
        found = found if shares is None else multiply(found, shares)
        updates[kind] = assign_add(values[kind], reduce_sum(found, 1))
    return values, updates


def _at_thresholds(name, kind):
    def function(
        labels,
        predictions,
        thresholds,
        weights=None,
        metrics_collections=None,
        updates_collections=None,
        name=None,
    ):
        with variable_scope(name, _KINDS[kind], (predictions, labels, weights)):
            values, updates = _counts(labels, predictions, thresholds, weights, [kind])
            return publish(
                convert_to_tensor(values[kind]), updates[kind], metrics_collections, updates_collections
            )

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"tf.metrics.{name}: {_KINDS[kind].replace('_', ' ')} where a prediction above a threshold says True.\n\n"
        "predictions: between 0 and 1.  Returns (counts, one a threshold; update_op)."
    )
    return function


true_positives_at_thresholds = _at_thresholds("true_positives_at_thresholds", "tp")
false_positives_at_thresholds = _at_thresholds("false_positives_at_thresholds", "fp")
false_negatives_at_thresholds = _at_thresholds("false_negatives_at_thresholds", "fn")
true_negatives_at_thresholds = _at_thresholds("true_negatives_at_thresholds", "tn")


def precision_at_thresholds(
    labels,
    predictions,
    thresholds,
    weights=None,
    metrics_collections=None,
    updates_collections=None,
    name=None,
):
    """tf.metrics.precision_at_thresholds: tp / (tp + fp) for each threshold."""
    with variable_scope(name, "precision_at_thresholds", (predictions, labels, weights)):
        values, updates = _counts(labels, predictions, thresholds, weights, ("tp", "fp"))
        results = [div(c["tp"], _EPSILON + c["tp"] + c["fp"], name=n) for c, n in _named(values, updates)]
        return publish(*results, metrics_collections, updates_collections)


def recall_at_thresholds(
    labels,
    predictions,
    thresholds,
    weights=None,
    metrics_collections=None,
    updates_collections=None,
    name=None,
):
    """tf.metrics.recall_at_thresholds: tp / (tp + fn) for each threshold."""
    with variable_scope(name, "recall_at_thresholds", (predictions, labels, weights)):
        values, updates = _counts(labels, predictions, thresholds, weights, ("tp", "fn"))
        results = [div(c["tp"], _EPSILON + c["tp"] + c["fn"], name=n) for c, n in _named(values, updates)]
        return publish(*results, metrics_collections, updates_collections)


def _named(values, updates):
    return (values, "value"), (updates, "update_op")


def _even_thresholds(count):
    """`count` thresholds from just below 0 to just above 1."""
    return [-_EPSILON, *((i + 1) / (count - 1) for i in range(count - 2)), 1.0 + _EPSILON]


def auc(
    labels,
    predictions,
    weights=None,
    num_thresholds=200,
    metrics_collections=None,
    updates_collections=None,
    curve="ROC",
    name=None,
    summation_method="trapezoidal",
    thresholds=None,
):
    """tf.metrics.auc: the area under the curve of true against false positive rate ("ROC"), or of precision
    against recall ("PR"), drawn through `num_thresholds` points.

    predictions: between 0 and 1.  summation_method: "trapezoidal", "careful_interpolation" (for "PR"),
    "minoring" or "majoring".  Raises ValueError for another curve or method.

    Source: Davis and Goadrich, "The relationship between precision-recall and ROC curves", ICML 2006.
    """
    if curve not in ("ROC", "PR"):
        raise ValueError(f"curve must be either ROC or PR, {curve} unknown")
    methods = ("trapezoidal", "careful_interpolation", "minoring", "majoring")
    if summation_method not in methods:
        raise ValueError(f"Invalid summation_method: {summation_method}")
    if thresholds is not None:
        thresholds = [-_EPSILON, *sorted(thresholds), 1.0 + _EPSILON]
    with variable_scope(name, "auc", (labels, predictions, weights)):
        thresholds = thresholds or _even_thresholds(num_thresholds)
        values, updates = _counts(labels, predictions, thresholds, weights, _KINDS)
        areas = [_area(c, curve, summation_method, n) for c, n in _named(values, updates)]
        return publish(*areas, metrics_collections, updates_collections)


def _area(counts, curve, method, name):
    tp, fn, tn, fp = (counts[k] + 0.0 for k in ("tp", "fn", "tn", "fp"))
    if curve == "PR" and method == "careful_interpolation":
        return _interpolated_area(tp, fp, fn, name)
    recall = div(tp + _EPSILON, tp + fn + _EPSILON)
    if curve == "ROC":
        x, y = div(fp, fp + tn + _EPSILON), recall
    else:
        x, y = recall, div(tp + _EPSILON, tp + fp + _EPSILON)
    left, right = y[:-1], y[1:]
    height = {"minoring": minimum, "majoring": maximum}.get(method, lambda a, b: (a + b) / 2.0)(left, right)
    return reduce_sum(multiply(x[:-1] - x[1:], height), name=name)


def _interpolated_area(tp, fp, fn, name):
    """The area under precision against recall, true positives being interpolated, not precision."""
    steps = tp[:-1] - tp[1:]
    positives = tp + fp
    slope = div_no_nan(steps, maximum(positives[:-1] - positives[1:], 0))
    intercept = tp[1:] - multiply(slope, positives[1:])
    both = logical_and(positives[:-1] > 0, positives[1:] > 0)
    ratio = where(both, div_no_nan(positives[:-1], maximum(positives[1:], 0)), ones_like(positives[1:]))
    parts = div_no_nan(slope * (steps + intercept * log(ratio)), maximum(tp[1:] + fn[1:], 0))
    return reduce_sum(parts, name=name)


def sensitivity_at_specificity(
    labels,
    predictions,
    specificity,
    weights=None,
    num_thresholds=200,
    metrics_collections=None,
    updates_collections=None,
    name=None,
):
    """tf.metrics.sensitivity_at_specificity: tp / (tp + fn) where tn / (tn + fp) is nearest to
    `specificity`.

    Raises ValueError for a specificity out of [0, 1].
    """
    if not 0 <= specificity <= 1:
        raise ValueError("`specificity` must be in the range [0, 1].")

    def compute(c, n):
        found = div(c["tn"], c["tn"] + c["fp"] + _EPSILON)
        at = cast(argmin(absolute(found - specificity), 0), int64)
        hits, missed = (convert_to_tensor(c[k])[at] for k in ("tp", "fn"))
        return div(hits, hits + missed + _EPSILON, name=n)

    return _at_operating_point("sensitivity_at_specificity", compute, labels, predictions, weights,
                               num_thresholds, metrics_collections, updates_collections, name)  # fmt: skip


def specificity_at_sensitivity(
    labels,
    predictions,
    sensitivity,
    weights=None,
    num_thresholds=200,
    metrics_collections=None,
    updates_collections=None,
    name=None,
):
    """tf.metrics.specificity_at_sensitivity: tn / (tn + fp) where tp / (tp + fn) is nearest to
    `sensitivity`.

    Raises ValueError for a sensitivity out of [0, 1].
    """
    if not 0 <= sensitivity <= 1:
        raise ValueError("`sensitivity` must be in the range [0, 1].")

    def compute(c, n):
        distance = absolute(div(c["tp"], c["tp"] + c["fn"] + _EPSILON) - sensitivity)
        nearest = cast(equal(distance, reduce_min(distance)), int64)
        weighted = nearest * constant(list(range(1, num_thresholds + 1)), int64)
        at = argmax(weighted, 0)
        right, wrong = (convert_to_tensor(c[k])[at] for k in ("tn", "fp"))
        return div(right, right + wrong + _EPSILON, name=n)

    return _at_operating_point("specificity_at_sensitivity", compute, labels, predictions, weights,
                               num_thresholds, metrics_collections, updates_collections, name)  # fmt: skip


def _at_operating_point(
    default_name, compute, labels, predictions, weights, num_thresholds, metrics_collections,
    updates_collections, name,
):  # fmt: skip
    with variable_scope(name, default_name, (predictions, labels, weights)):
        thresholds = _even_thresholds(num_thresholds)
        values, updates = _counts(labels, predictions, thresholds, weights, _KINDS)
        results = [compute(c, n) for c, n in _named(values, updates)]
        return publish(*results, metrics_collections, updates_collections)
