"""Batch normalization, with the moving averages that serve outside of training."""

from minitf import initializers
from minitf.graph.dtypes import float32
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.layers.layer import InputSpec, Layer
from minitf.ops.array import reshape
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.control_flow import cond, smart_cond, smart_constant_value
from minitf.ops.moments import batch_normalization as normalize
from minitf.ops.moments import moments
from minitf.ops.normalization import fused_batch_norm
from minitf.ops.variables import assign_sub

_ZEROS, _ONES = initializers.zeros(), initializers.ones()


class BatchNormalization(Layer):
    """outputs = (inputs - mean) / sqrt(variance + epsilon) * gamma + beta, one of each for every index of
    `axis`.

    In training (`layer(inputs, training=True)`) mean and variance are those of the batch, and the updates
    of the moving averages, moving = moving * momentum + batch * (1 - momentum), go to the collection
    UPDATE_OPS: the program must run them.  Else the moving averages are used.  Pictures with the channels
    in an axis of 1 or 3 use the fused op.  Raises ValueError for an axis of unknown size;
    NotImplementedError for batch renormalization and virtual batches.

    Source: Ioffe and Szegedy, "Batch normalization", ICML 2015.
    """

    def __init__(
        self,
        axis=-1,
        momentum=0.99,
        epsilon=1e-3,
        center=True,
        scale=True,
        beta_initializer=_ZEROS,
        gamma_initializer=_ONES,
        moving_mean_initializer=_ZEROS,
        moving_variance_initializer=_ONES,
        beta_regularizer=None,
        gamma_regularizer=None,
        beta_constraint=None,
        gamma_constraint=None,
        renorm=False,
        renorm_clipping=None,
        renorm_momentum=0.99,
        fused=None,
        trainable=True,
        virtual_batch_size=None,
        adjustment=None,
        name=None,
        **kwargs,
    ):
        super().__init__(trainable=trainable, name=name, **kwargs)
        if renorm or virtual_batch_size is not None or adjustment is not None:
            raise NotImplementedError(
                "batch renormalization, virtual batches and adjustments are not implemented"
            )
        self.axis = list(axis) if isinstance(axis, (list, tuple)) else [int(axis)]
        self.momentum, self.epsilon, self.center, self.scale, self.fused = (
            momentum,
            epsilon,
            center,
            scale,
            fused,
        )
        self.beta_initializer, self.gamma_initializer = beta_initializer, gamma_initializer
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer
        self.beta_regularizer, self.gamma_regularizer = beta_regularizer, gamma_regularizer
        self.beta_constraint, self.gamma_constraint = beta_constraint, gamma_constraint

    def build(self, input_shape):
        shape = TensorShape(input_shape)
        if shape.ndims is None:
            raise ValueError(f"Input has undefined rank: {shape}")
        self.axis = [
            a % shape.ndims if -shape.ndims <= a < shape.ndims else _bad_axis(a, shape) for a in self.axis
        ]
        sizes = {a: shape.sizes[a] for a in self.axis}
        if None in sizes.values():
            raise ValueError(f"Input has undefined `axis` dimension. Input shape: {shape}")
        self.input_spec = InputSpec(ndim=shape.ndims, axes=sizes)
        if self.fused is None:
            self.fused = shape.ndims == 4 and self.axis in ([1], [3])
        self._make_variables(shape, sizes)
        self.built = True

    def _make_variables(self, shape, sizes):
        if len(sizes) == 1:
            param_shape = list(sizes.values())
        else:
            param_shape = [sizes.get(d, 1) for d in range(shape.ndims)]
        dtype = float32 if self._dtype in ("float16", "bfloat16") else self._dtype
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight("gamma", param_shape, dtype, self.gamma_initializer,
                                         self.gamma_regularizer, constraint=self.gamma_constraint)  # fmt: skip
        if self.center:
            self.beta = self.add_weight("beta", param_shape, dtype, self.beta_initializer,
                                        self.beta_regularizer, constraint=self.beta_constraint)  # fmt: skip
        self.moving_mean = self.add_weight(
            "moving_mean", param_shape, dtype, self.moving_mean_initializer, trainable=False
        )
        self.moving_variance = self.add_weight(
            "moving_variance", param_shape, dtype, self.moving_variance_initializer, trainable=False
        )

    def call(self, inputs, training=False):
        if self.fused:
            outputs, mean, variance = self._call_fused(inputs, training)
        else:
            outputs, mean, variance = self._call_plain(inputs, training)
        known = smart_constant_value(training)
        if known is not False:
            momentum = (
                self.momentum
                if known
                else cond(training, lambda: constant(self.momentum), lambda: constant(1.0))
            )
            for variable, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
                self.add_update(_move(variable, value, momentum))
        return outputs

    def _call_fused(self, inputs, training):
        form = "NCHW" if self.axis == [1] else "NHWC"
        gamma = self.gamma if self.scale else _filled(1.0, self.moving_mean)
        beta = self.beta if self.center else _filled(0.0, self.moving_mean)

        def in_training():
            return fused_batch_norm(inputs, gamma, beta, epsilon=self.epsilon, data_format=form)

        def in_use():
            return fused_batch_norm(
                inputs,
                gamma,
                beta,
                self.moving_mean,
                self.moving_variance,
                self.epsilon,
                data_format=form,
                is_training=False,
            )

        return smart_cond(training, in_training, in_use)

    def _call_plain(self, inputs, training):
        ndims = inputs.shape.ndims
        axes = [d for d in range(ndims) if d not in self.axis]
        is_last = self.axis == [ndims - 1]
        along = [inputs.shape.sizes[d] if d in self.axis else 1 for d in range(ndims)]

        def spread(v):
            return v if v is None or is_last or len(self.axis) > 1 else reshape(v, along)

        keep = len(self.axis) > 1
        if smart_constant_value(training) is False:
            mean, variance = self.moving_mean, self.moving_variance
        else:
            batch_mean, batch_variance = moments(inputs, axes, keep_dims=keep)
            mean = smart_cond(training, lambda: batch_mean, lambda: convert_to_tensor(self.moving_mean))
            variance = smart_cond(
                training, lambda: batch_variance, lambda: convert_to_tensor(self.moving_variance)
            )
        outputs = normalize(
            inputs, spread(mean), spread(variance), spread(self.beta), spread(self.gamma), self.epsilon
        )
        outputs.set_shape(inputs.shape)
        return outputs, mean, variance

    def compute_output_shape(self, input_shape):
        return TensorShape(input_shape)


def _bad_axis(axis, shape):
    raise ValueError(f"Invalid axis: {axis} for an input of shape {shape}")


def _filled(number, like):
    return constant(number, like.dtype.base_dtype, shape=like.shape)


def _move(variable, value, momentum):
    """The op that moves an average: variable -= (variable - value) * (1 - momentum)."""
    with name_scope(None, "AssignMovingAvg", [variable, value, momentum]) as scope:
        decay = convert_to_tensor(1.0 - momentum, variable.dtype.base_dtype, name="decay")
        delta = (variable - value) * decay
        return assign_sub(variable, delta, name=scope)


def batch_normalization(
    inputs,
    axis=-1,
    momentum=0.99,
    epsilon=1e-3,
    center=True,
    scale=True,
    beta_initializer=_ZEROS,
    gamma_initializer=_ONES,
    moving_mean_initializer=_ZEROS,
    moving_variance_initializer=_ONES,
    beta_regularizer=None,
    gamma_regularizer=None,
    beta_constraint=None,
    gamma_constraint=None,
    training=False,
    trainable=True,
    name=None,
    reuse=None,
    renorm=False,
    renorm_clipping=None,
    renorm_momentum=0.99,
    fused=None,
    virtual_batch_size=None,
    adjustment=None,
):
    """tf.layers.batch_normalization: `BatchNormalization` made and applied to `inputs`.

    training: a Python bool or a scalar bool tensor.  Remember to run the operations of the collection
    UPDATE_OPS.
    """
    layer = BatchNormalization(
        axis=axis,
        momentum=momentum,
        epsilon=epsilon,
        center=center,
        scale=scale,
        beta_initializer=beta_initializer,
        gamma_initializer=gamma_initializer,
        moving_mean_initializer=moving_mean_initializer,
        moving_variance_initializer=moving_variance_initializer,
        beta_regularizer=beta_regularizer,
        gamma_regularizer=gamma_regularizer,
        beta_constraint=beta_constraint,
        gamma_constraint=gamma_constraint,
        renorm=renorm,
        renorm_clipping=renorm_clipping,
        renorm_momentum=renorm_momentum,
        fused=fused,
        trainable=trainable,
        virtual_batch_size=virtual_batch_size,
        adjustment=adjustment,
        name=name,
        _scope=name,
        _reuse=reuse,
    )
    return layer(inputs, training=training)
