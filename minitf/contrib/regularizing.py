"""Penalties on weights: functions that make a loss of a tensor."""

import numbers

from minitf.graph.collections import GraphKeys
from minitf.graph.graph import add_to_collection, get_collection, name_scope
from minitf.ops.aggregation import add_n
from minitf.ops.arithmetic import multiply
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.reductions import reduce_sum
from minitf.ops.statistics import l2_loss


def _regularizer(scale, scope, default, penalty):
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if isinstance(scale, numbers.Real):
        if scale < 0.0:
            raise ValueError(f"Setting a scale less than 0 on a regularizer: {scale}")
        if scale == 0.0:
            return lambda _: None

    def regularize(weights, name=None):
        with name_scope(scope or name, default, [weights]) as opened:
            factor = convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return multiply(factor, penalty(weights), name=opened)

    return regularize


def _sum_of_absolutes(weights):
    from minitf.ops.arithmetic import abs as absolute

    return reduce_sum(absolute(weights))


def l1_regularizer(scale, scope=None):
    """tf.contrib.layers.l1_regularizer: scale * sum |w|.  Raises ValueError for a negative or whole `scale`."""
    return _regularizer(scale, scope, "l1_regularizer", _sum_of_absolutes)


def l2_regularizer(scale, scope=None):
    """tf.contrib.layers.l2_regularizer: scale * sum w^2 / 2."""
    return _regularizer(scale, scope, "l2_regularizer", l2_loss)


def l1_l2_regularizer(scale_l1=1.0, scale_l2=1.0, scope=None):
    """tf.contrib.layers.l1_l2_regularizer: the sum of both penalties."""
    scope = scope or "l1_l2_regularizer"
    if scale_l1 == 0.0:
        return l2_regularizer(scale_l2, scope)
    if scale_l2 == 0.0:
        return l1_regularizer(scale_l1, scope)
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope)


def sum_regularizer(regularizer_list, scope=None):
    """tf.contrib.layers.sum_regularizer: the sum of several penalties."""
    wanted = [r for r in regularizer_list if r is not None]
    if not wanted:
        return None

    def regularize(weights):
        with name_scope(scope, "sum_regularizer", [weights]) as opened:
            found = [r(weights) for r in wanted]
            found = [f for f in found if f is not None]
            return add_n(found, name=opened) if found else None

    return regularize


def apply_regularization(regularizer, weights_list=None):
    """tf.contrib.layers.apply_regularization: a penalty on all weights (by default the collection WEIGHTS), summed."""
    weights_list = weights_list or get_collection(GraphKeys.WEIGHTS)
    if not weights_list:
        raise ValueError("No weights to regularize.")
    with name_scope("get_regularization_penalty", values=list(weights_list)) as scope:
        found = [regularizer(w) for w in weights_list]
        penalties = [p if p is not None else constant(0.0) for p in found]
        for p in penalties:
            if p.shape.ndims != 0:
                raise ValueError(
                    f"regularizer must return a scalar Tensor instead of a Tensor with rank {p.shape.ndims}."
                )
        total = add_n(penalties, name=scope)
    add_to_collection(GraphKeys.REGULARIZATION_LOSSES, total)
    return total
