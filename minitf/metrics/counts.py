"""Right and wrong answers to yes-or-no questions, counted; precision and recall."""

from minitf.graph.dtypes import bool as bool_type
from minitf.graph.dtypes import float32
from minitf.metrics.accumulating import as_float, metric_variable, publish
from minitf.ops.arithmetic import add, multiply
from minitf.ops.array import identity
from minitf.ops.casting import cast
from minitf.ops.comparison import equal, greater
from minitf.ops.constant import convert_to_tensor
from minitf.ops.division import div
from minitf.ops.logic import logical_and
from minitf.ops.reductions import reduce_sum
from minitf.ops.selection import where
from minitf.ops.variable_scope import variable_scope
from minitf.ops.variables import assign_add
from minitf.ops.weighting import broadcast_weights, matched_shapes


def _bools(labels, predictions, weights):
    predictions, labels = (
        x if x.dtype.base_dtype is bool_type else cast(x, bool_type)
        for x in (convert_to_tensor(predictions), convert_to_tensor(labels))
    )
    predictions, labels, weights = matched_shapes(predictions, labels, weights)
    predictions.shape.assert_is_compatible_with(labels.shape)
    return predictions, labels, weights


def _counted(name, label, prediction):
    """The metric that counts samples with these label and prediction."""

    def function(
        labels, predictions, weights=None, metrics_collections=None, updates_collections=None, name=None
    ):
        with variable_scope(name, function.__name__, (predictions, labels, weights)):
            predictions, labels, weights = _bools(labels, predictions, weights)
            found = logical_and(equal(labels, label), equal(predictions, prediction))
            count = metric_variable([], float32, "count")
            found = as_float(found)
            if weights is not None:
                found = multiply(found, broadcast_weights(as_float(weights), found))
            value = identity(count)
            update_op = assign_add(count, reduce_sum(found))
            return publish(value, update_op, metrics_collections, updates_collections)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"tf.metrics.{name}: the weight of the samples whose label is {label} and whose prediction is {prediction}.\n\n"
        f"Labels and predictions are cast to bool.  Returns (count so far, update_op)."
    )
    return function


true_positives = _counted("true_positives", True, True)
false_positives = _counted("false_positives", False, True)
false_negatives = _counted("false_negatives", True, False)
true_negatives = _counted("true_negatives", False, False)


def _share(right, wrong, name):
    """right / (right + wrong), 0 where there is none."""
    return where(greater(add(right, wrong), 0), div(right, add(right, wrong)), 0.0, name=name)


def precision(
    labels, predictions, weights=None, metrics_collections=None, updates_collections=None, name=None
):
    """tf.metrics.precision: which part of the samples that were predicted True is True."""
    return _ratio("precision", false_positives, labels, predictions, weights, metrics_collections,
                  updates_collections, name)  # fmt: skip


def recall(labels, predictions, weights=None, metrics_collections=None, updates_collections=None, name=None):
    """tf.metrics.recall: which part of the samples that are True was predicted True."""
    return _ratio("recall", false_negatives, labels, predictions, weights, metrics_collections,
                  updates_collections, name)  # fmt: skip


def _ratio(default_name, wrong, labels, predictions, weights, metrics_collections, updates_collections, name):
    with variable_scope(name, default_name, (predictions, labels, weights)):
        predictions, labels, weights = _bools(labels, predictions, weights)
        hits, hits_update = true_positives(labels, predictions, weights)
        misses, misses_update = wrong(labels, predictions, weights)
        value = _share(hits, misses, "value")
        update_op = _share(hits_update, misses_update, "update_op")
        return publish(value, update_op, metrics_collections, updates_collections)
