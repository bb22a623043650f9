"""Precision and recall of the k best predictions, where each sample may have several labels.

labels: int64 (..., number of labels), or (...,) for one label each; negative labels stand for none.
predictions: float (..., classes); "top_k" functions take the classes themselves, best first.
"""

from minitf.graph.dtypes import float64, int64
from minitf.graph.sparse import SparseTensorValue
from minitf.metrics.accumulating import metric_variable, publish, safe_ratio
from minitf.ops.arithmetic import minimum, multiply
from minitf.ops.array import expand_dims
from minitf.ops.casting import cast
from minitf.ops.comparison import equal, greater_equal
from minitf.ops.constant import convert_to_tensor
from minitf.ops.cumulative import cumsum
from minitf.ops.division import div, div_no_nan
from minitf.ops.logic import logical_and, logical_not
from minitf.ops.ordering import top_k
from minitf.ops.reductions import reduce_any, reduce_sum
from minitf.ops.sparse_tensor import SparseTensor, as_sparse
from minitf.ops.variable_scope import variable_scope
from minitf.ops.variables import assign_add
from minitf.ops.weighting import broadcast_weights


def _labels_for(labels, ranked):
    """Labels as (..., number of labels), dense, where `ranked` is (..., k)."""
    if isinstance(labels, SparseTensorValue):
        labels = as_sparse(labels)
    if isinstance(labels, SparseTensor):
        from minitf.ops.sparse import sparse_tensor_to_dense

        labels = sparse_tensor_to_dense(labels, default_value=-1)
    labels = cast(convert_to_tensor(labels), int64)
    return expand_dims(labels, -1) if labels.shape.ndims == ranked.shape.ndims - 1 else labels


def _agree(labels, ranked):
    """(..., k, labels): whether a ranked class is that label."""
    pairs = equal(expand_dims(ranked, -1), expand_dims(labels, -2))
    return logical_and(pairs, expand_dims(greater_equal(labels, 0), -2))


def _count(name, found, weights):
    """(variable, update): the weighted number of `found` (..., n)."""
    number = reduce_sum(cast(found, float64), -1)
    if weights is not None:
        number = multiply(number, broadcast_weights(cast(weights, float64), number))
    variable = metric_variable([], float64, name)
    return variable, assign_add(variable, reduce_sum(number))


def _best(predictions, k):
    return cast(top_k(predictions, k)[1], int64)


def _name(kind, k, class_id):
    name = f"{kind}_at_{k}" if k is not None else f"{kind}_at_k"
    return name if class_id is None else f"{name}_class{class_id}"


def precision_at_top_k(
    labels,
    predictions_idx,
    k=None,
    class_id=None,
    weights=None,
    metrics_collections=None,
    updates_collections=None,
    name=None,
):
    """tf.metrics.precision_at_top_k: which part of the ranked classes (..., k) are labels; float64.

    With `class_id`, only predictions of that class count.
    """
    with variable_scope(name, _name("precision", k, class_id), (predictions_idx, labels, weights)):
        ranked = cast(convert_to_tensor(predictions_idx), int64)
        right = reduce_any(_agree(_labels_for(labels, ranked), ranked), -1)
        wrong = logical_not(right)
        if class_id is not None:
            chosen = equal(ranked, class_id)
            right, wrong = logical_and(right, chosen), logical_and(wrong, chosen)
        return _ratio(("true_positive", right), ("false_positive", wrong), weights, metrics_collections,
                      updates_collections)  # fmt: skip


def _ratio(hits, misses, weights, metrics_collections, updates_collections):
    (a, new_a), (b, new_b) = (_count(n, found, weights) for n, found in (hits, misses))
    value, update_op = div(a, a + b, name="value"), div(new_a, new_a + new_b, name="update_op")
    return publish(value, update_op, metrics_collections, updates_collections)


def precision_at_k(
    labels,
    predictions,
    k,
    class_id=None,
    weights=None,
    metrics_collections=None,
    updates_collections=None,
    name=None,
):
    """tf.metrics.precision_at_k: which part of the k classes with the largest predictions are labels;
    float64.
    """
    return precision_at_top_k(labels, _best(predictions, k), k, class_id, weights, metrics_collections,
                              updates_collections, name or _name("precision", k, class_id))  # fmt: skip


def recall_at_top_k(
    labels,
    predictions_idx,
    k=None,
    class_id=None,
    weights=None,
    metrics_collections=None,
    updates_collections=None,
    name=None,
):
    """tf.metrics.recall_at_top_k: which part of the labels is among the ranked classes (..., k);
    float64.
    """
    with variable_scope(name, _name("recall", k, class_id), (predictions_idx, labels, weights)):
        ranked = cast(convert_to_tensor(predictions_idx), int64)
        labels = _labels_for(labels, ranked)
        found = reduce_any(_agree(labels, ranked), -2)
        wanted = greater_equal(labels, 0) if class_id is None else equal(labels, class_id)
        hits, missed = logical_and(found, wanted), logical_and(logical_not(found), wanted)
        return _ratio(("true_positive", hits), ("false_negative", missed), weights, metrics_collections,
                      updates_collections)  # fmt: skip


def recall_at_k(
    labels,
    predictions,
    k,
    class_id=None,
    weights=None,
    metrics_collections=None,
    updates_collections=None,
    name=None,
):
    """tf.metrics.recall_at_k: which part of the labels is among the k classes with the largest
    predictions.
    """
    return recall_at_top_k(labels, _best(predictions, k), k, class_id, weights, metrics_collections,
                           updates_collections, name or _name("recall", k, class_id))  # fmt: skip


def average_precision_at_k(
    labels, predictions, k, weights=None, metrics_collections=None, updates_collections=None, name=None
):
    """tf.metrics.average_precision_at_k: the mean over the samples of the precision at each right answer.

    For one sample: the sum, over the ranks i <= k that are right, of the part of right ones up to i,
    divided by the smaller of k and the number of labels.
    """
    with variable_scope(name, _name("average_precision", k, None), (predictions, labels, weights)):
        ranked = _best(predictions, k)
        labels = _labels_for(labels, ranked)
        right = cast(reduce_any(_agree(labels, ranked), -1), float64)
        ranks = cumsum(right * 0 + 1, -1)
        precision = div(cumsum(right, -1), ranks)
        wanted = minimum(reduce_sum(cast(greater_equal(labels, 0), float64), -1), float(k))
        average = div_no_nan(reduce_sum(precision * right, -1), wanted)
        number = average * 0 + 1
        if weights is not None:
            weights = broadcast_weights(cast(weights, float64), average)
            average, number = multiply(average, weights), multiply(number, weights)
        total, count = metric_variable([], float64, "total"), metric_variable([], float64, "max")
        new_total, new_count = assign_add(total, reduce_sum(average)), assign_add(count, reduce_sum(number))
        value = safe_ratio(total, count, "value")
        update_op = safe_ratio(new_total, new_count, "update_op")
        return publish(value, update_op, metrics_collections, updates_collections)


sparse_precision_at_k = precision_at_k
sparse_average_precision_at_k = average_precision_at_k
