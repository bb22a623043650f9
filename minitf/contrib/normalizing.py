"""Batch normalization, layer normalization and dropout, with variables of their own.

Sources: S. Ioffe, C. Szegedy, "Batch Normalization" (2015); J. Ba et al., "Layer Normalization" (2016).
"""

from minitf.contrib.arg_scopes import add_arg_scope
from minitf.contrib.dense import collect, variable_collections
from minitf.contrib.framework import model_variable
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import add_to_collections, control_dependencies, name_scope
from minitf.ops.array import identity, reshape, stop_gradient
from minitf.ops.constant import convert_to_tensor
from minitf.ops.control_flow import cond, smart_constant_value
from minitf.ops.dropout import dropout as dropout_of
from minitf.ops.initializing import Ones, Zeros
from minitf.ops.moments import batch_normalization, moments, weighted_moments
from minitf.ops.variable_scope import variable_scope
from minitf.ops.variables import assign_sub


@add_arg_scope
def batch_norm(inputs, decay=0.999, center=True, scale=False, epsilon=0.001, activation_fn=None,
               param_initializers=None, param_regularizers=None, updates_collections=GraphKeys.UPDATE_OPS,
               is_training=True, reuse=None, variables_collections=None, outputs_collections=None, trainable=True,
               batch_weights=None, fused=None, data_format="NHWC", zero_debias_moving_mean=False, scope=None,
               renorm=False, renorm_clipping=None, renorm_decay=0.99, adjustment=None):  # fmt: skip
    """tf.contrib.layers.batch_norm: channels with mean 0 and variance 1, then `scale` (gamma) and `center` (beta).

    In training the batch gives mean and variance, and moving averages of them are updated: by
    operations in `updates_collections`, which the program must run, or at once where that is None.
    Otherwise the moving averages are used.  `is_training` is a bool or a tensor.
    Raises ValueError for an unknown channel size; NotImplementedError for `renorm` and `adjustment`.
    """
    if renorm or adjustment is not None or zero_debias_moving_mean:
        raise NotImplementedError("batch_norm: renorm, adjustment and zero_debias_moving_mean are not there")
    if data_format not in ("NHWC", "NCHW", "NC"):
        raise ValueError(f"data_format has to be either NCHW or NHWC, not {data_format}")
    with variable_scope(scope, "BatchNorm", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        if inputs.shape.ndims is None:
            raise ValueError(f"Inputs {inputs.name} has undefined rank.")
        channel = 1 if data_format == "NCHW" else inputs.shape.ndims - 1
        axes = [d for d in range(inputs.shape.ndims) if d != channel]
        size = inputs.shape[channel].value
        if size is None:
            raise ValueError(f"Inputs {inputs.name} has undefined last dimension {inputs.shape}.")
        make = _Maker(
            size, inputs.dtype.base_dtype, param_initializers, param_regularizers, variables_collections
        )
        beta = make("beta", Zeros(), trainable) if center else None
        gamma = make("gamma", Ones(), trainable) if scale else None
        mean, variance = make("moving_mean", Zeros(), False), make("moving_variance", Ones(), False)
        corrected = fused is not False and inputs.shape.ndims == 4 and batch_weights is None

        def now():
            if batch_weights is None:
                return moments(inputs, axes)
            return weighted_moments(inputs, axes, batch_weights)

        found = _statistics(now, (mean, variance), is_training, decay, updates_collections,
                            _correction(inputs, axes) if corrected else None)  # fmt: skip
        shape = [1, size, *[1] * (inputs.shape.ndims - 2)] if channel == 1 and data_format == "NCHW" else None
        parts = [p if p is None or shape is None else reshape(p, shape) for p in (*found, beta, gamma)]
        outputs = batch_normalization(inputs, *parts, epsilon)
        outputs.set_shape(inputs.shape)
        outputs = outputs if activation_fn is None else activation_fn(outputs)
        return collect(outputs_collections, outputs, opened.name)


class _Maker:
    """Makes the variables of one normalization."""

    def __init__(self, size, dtype, initializers, regularizers, collections):
        self.size, self.dtype, self.collections = size, dtype, collections
        self.initializers, self.regularizers = initializers or {}, regularizers or {}

    def __call__(self, name, initializer, trainable):
        return model_variable(
            name, [self.size], self.dtype, self.initializers.get(name, initializer), self.regularizers.get(name),
            trainable, variable_collections(self.collections, name),
        )  # fmt: skip


def _correction(inputs, axes):
    """n / (n - 1): an unbiased variance is what the moving average keeps for pictures."""
    from minitf.ops.array import shape_of
    from minitf.ops.casting import cast
    from minitf.ops.reductions import reduce_prod

    known = [inputs.shape[a].value for a in axes]
    if None in known:
        count = cast(reduce_prod([shape_of(inputs)[a] for a in axes]), inputs.dtype.base_dtype)
        return count / (count - 1.0)
    count = 1
    for d in known:
        count *= d
    return count / max(count - 1, 1)


def _statistics(now, moving, is_training, decay, collections, correction):
    """(mean, variance) to normalize with; the moving averages are updated on the way."""
    known = smart_constant_value(is_training)
    if known is False:
        return moving

    def trained():
        mean, variance = now()
        kept = variance if correction is None else variance * correction
        if collections is None:
            updates = [_moved(m, v, decay) for m, v in zip(moving, (mean, kept), strict=True)]
            with control_dependencies(updates):
                return identity(mean), identity(variance)
        return mean, variance, kept

    if known:
        found = trained()
        if collections is not None:
            add_to_collections(collections, _moved(moving[0], found[0], decay))
            add_to_collections(collections, _moved(moving[1], found[2], decay))
        return found[:2]
    if collections is None:
        return cond(is_training, trained, lambda: tuple(identity(m) for m in moving))
    mean, variance, kept = cond(is_training, trained, lambda: tuple(identity(moving[i]) for i in (0, 1, 1)))
    for average, value in zip(moving, (mean, kept), strict=True):
        add_to_collections(collections, _moved(average, value, decay))
    return mean, variance


def _moved(average, value, decay):
    """average = decay * average + (1 - decay) * value"""
    with name_scope(None, "AssignMovingAvg", [average, value]) as scope:
        return assign_sub(average, (average - stop_gradient(value)) * (1.0 - decay), name=scope)


@add_arg_scope
def layer_norm(inputs, center=True, scale=True, activation_fn=None, reuse=None, variables_collections=None,
               outputs_collections=None, trainable=True, begin_norm_axis=1, begin_params_axis=-1,
               scope=None):  # fmt: skip
    """tf.contrib.layers.layer_norm: each example with mean 0 and variance 1, then gamma and beta."""
    with variable_scope(scope, "LayerNorm", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        if rank is None:
            raise ValueError(f"Inputs {inputs.name} has undefined rank.")
        first = begin_norm_axis % rank
        sizes = inputs.shape[begin_params_axis % rank :].as_list()
        if None in sizes:
            raise ValueError(
                f"Inputs {inputs.name}: shape(inputs)[{begin_params_axis}:] is not fully defined"
            )

        def make(name, initializer):
            return model_variable(name, sizes, inputs.dtype.base_dtype, initializer, trainable=trainable,
                                  collections=variable_collections(variables_collections, name))  # fmt: skip

        beta = make("beta", Zeros()) if center else None
        gamma = make("gamma", Ones()) if scale else None
        mean, variance = moments(inputs, list(range(first, rank)), keepdims=True)
        outputs = batch_normalization(inputs, mean, variance, beta, gamma, 1e-12)
        outputs.set_shape(inputs.shape)
        outputs = outputs if activation_fn is None else activation_fn(outputs)
        return collect(outputs_collections, outputs, opened.name)


@add_arg_scope
def dropout(inputs, keep_prob=0.5, noise_shape=None, is_training=True, outputs_collections=None, scope=None,
            seed=None):  # fmt: skip
    """tf.contrib.layers.dropout: in training, elements are kept with probability `keep_prob` and scaled up."""
    with variable_scope(scope, "Dropout", [inputs]) as opened:
        inputs = convert_to_tensor(inputs)

        def dropped():
            return dropout_of(inputs, keep_prob=keep_prob, noise_shape=noise_shape, seed=seed)

        known = smart_constant_value(is_training)
        if known is None:
            outputs = cond(is_training, dropped, lambda: identity(inputs))
        else:
            outputs = dropped() if known else identity(inputs)
        return collect(outputs_collections, outputs, opened.name)


@add_arg_scope
def unit_norm(inputs, dim, epsilon=1e-7, scope=None):
    """tf.contrib.layers.unit_norm: vectors along `dim` divided by their length."""
    from minitf.ops.powers import sqrt
    from minitf.ops.reductions import reduce_sum

    with variable_scope(scope, "UnitNorm", [inputs]):
        inputs = convert_to_tensor(inputs)
        return inputs / sqrt(epsilon + reduce_sum(inputs * inputs, dim, keepdims=True))
