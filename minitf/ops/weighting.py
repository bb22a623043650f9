"""Weights of the elements of a loss or a metric, and their broadcasting.

Weights are a scalar, or have the rank of the values, each size being that of the values or 1.
"""

from minitf.graph.graph import control_dependencies, name_scope
from minitf.ops.arithmetic import multiply
from minitf.ops.array import identity, ones_like, rank, shape_of
from minitf.ops.comparison import equal, greater
from minitf.ops.constant import convert_to_tensor
from minitf.ops.control_flow import cond, no_op
from minitf.ops.logic import logical_and, logical_or
from minitf.ops.reductions import reduce_all


def assert_broadcastable(weights, values):
    """An operation that fails unless `weights` fit `values`.

    Raises ValueError where the known shapes say that they don't; where they are not known, the operation
    raises InvalidArgumentError in the run.
    """
    with name_scope(None, "assert_broadcastable", [weights, values]):
        weights = convert_to_tensor(weights, name="weights")
        values = convert_to_tensor(values, name="values")
        weights_shape = shape_of(weights, name="weights/shape")
        weights_rank, values_rank = weights.shape.ndims, values.shape.ndims
        ranks = [rank(weights, name="weights/rank")]
        values_shape = shape_of(values, name="values/shape")
        ranks.append(rank(values, name="values/rank"))
        if weights_rank == 0:
            return no_op("static_scalar_check_success")
        if weights_rank is None or values_rank is None:
            return _assert_in_the_run(weights_shape, values_shape, *ranks)
        if weights_rank != values_rank:
            raise ValueError(
                f"weights can not be broadcast to values: ranks differ. values.rank={values_rank}, "
                f"weights.rank={weights_rank}. values.shape={values.shape}. weights.shape={weights.shape}."
            )
        for w, v in zip(weights.shape.sizes, values.shape.sizes, strict=True):
            if w not in (1, None, v) and v is not None:
                raise ValueError(
                    f"weights can not be broadcast to values: a size differs. values.shape={values.shape}. "
                    f"weights.shape={weights.shape}."
                )
        return no_op("static_dims_check_success")


def _assert_in_the_run(weights_shape, values_shape, weights_rank, values_rank):
    from minitf.ops.checking import assert_that as assert_

    same_rank = equal(weights_rank, values_rank)
    fits = cond(
        same_rank,
        lambda: reduce_all(logical_or(equal(weights_shape, 1), equal(weights_shape, values_shape))),
        lambda: equal(weights_rank, 0),
    )
    data = ["weights can not be broadcast to values.", "weights.shape=", weights_shape, "values.shape=", values_shape]
    return assert_(fits, data)


def broadcast_weights(weights, values):
    """`weights` in the shape of `values`."""
    with name_scope(None, "broadcast_weights", [weights, values]) as scope:
        values = convert_to_tensor(values, name="values")
        weights = convert_to_tensor(weights, dtype=values.dtype.base_dtype, name="weights")
        if (
            values.shape.is_fully_defined()
            and weights.shape.is_fully_defined()
            and values.shape == weights.shape
        ):
            return weights
        with control_dependencies((assert_broadcastable(weights, values),)):
            return multiply(weights, ones_like(values), name=scope)


def matched_shapes(predictions, labels, weights=None):
    """(predictions, labels, weights) without a last axis of size 1 that only one of them has."""
    from minitf.ops.array import squeeze

    predictions, labels = convert_to_tensor(predictions), convert_to_tensor(labels)
    if predictions.shape.ndims is not None and labels.shape.ndims is not None:
        difference = predictions.shape.ndims - labels.shape.ndims
        if difference == 1 and predictions.shape.sizes[-1] in (1, None):
            predictions = squeeze(predictions, [-1])
        elif difference == -1 and labels.shape.sizes[-1] in (1, None):
            labels = squeeze(labels, [-1])
    if weights is None:
        return predictions, labels, None
    return predictions, labels, _in_rank_of(convert_to_tensor(weights), predictions)


def _in_rank_of(weights, predictions):
    """Weights with a last axis of size 1 more or less, where that gives them the rank of the predictions."""
    from minitf.ops.array import expand_dims, squeeze

    if weights.shape.ndims == 0:
        return weights
    if weights.shape.ndims is not None and predictions.shape.ndims is not None:
        difference = weights.shape.ndims - predictions.shape.ndims
        if difference == 1 and weights.shape.sizes[-1] in (1, None):
            return squeeze(weights, [-1])
        return expand_dims(weights, [-1]) if difference == -1 else weights
    weights_rank = rank(weights)
    difference = weights_rank - rank(predictions)
    return cond(
        logical_and(equal(difference, -1), greater(weights_rank, 0)),
        lambda: expand_dims(weights, [-1]),
        lambda: cond(equal(difference, 1), lambda: squeeze(weights, [-1]), lambda: identity(weights)),
    )


def compute_average_loss(per_example_loss, sample_weight=None, global_batch_size=None):
    """tf.nn.compute_average_loss: the weighted sum of the losses / global_batch_size (the number of
    losses).
    """
    from minitf.ops.array import size
    from minitf.ops.casting import cast
    from minitf.ops.division import realdiv
    from minitf.ops.reductions import reduce_sum

    losses = convert_to_tensor(per_example_loss)
    if sample_weight is not None:
        losses = multiply(losses, cast(sample_weight, losses.dtype.base_dtype))
    count = size(losses) if global_batch_size is None else global_batch_size
    return realdiv(reduce_sum(losses), cast(count, losses.dtype.base_dtype))


def scale_regularization_loss(regularization_loss):
    """tf.nn.scale_regularization_loss: the sum of the losses, for one replica."""
    from minitf.ops.reductions import reduce_sum

    return reduce_sum(regularization_loss)
