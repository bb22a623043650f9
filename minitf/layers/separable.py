"""Separable convolutions: each channel convolved by itself, then the channels mixed."""

from minitf import initializers
from minitf.layers.convolutional import Convolution
from minitf.layers.layer import functional
from minitf.ops.array import expand_dims, squeeze
from minitf.ops.depthwise import separable_conv2d as separate


class Separable(Convolution):
    """A depthwise convolution with `depth_multiplier` filters a channel, then a pointwise one with
    `filters`.

    The variables are depthwise_kernel (*kernel_size, inputs, depth_multiplier), pointwise_kernel (1 ...,
    inputs * depth_multiplier, filters) and bias (filters,).
    """

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        data_format="channels_last",
        dilation_rate=1,
        depth_multiplier=1,
        activation=None,
        use_bias=True,
        depthwise_initializer=None,
        pointwise_initializer=None,
        bias_initializer=initializers.zeros(),  # noqa: B008 - it has no state
        depthwise_regularizer=None,
        pointwise_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        depthwise_constraint=None,
        pointwise_constraint=None,
        bias_constraint=None,
        trainable=True,
        name=None,
        **kwargs,
    ):
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation=activation,
            use_bias=use_bias,
            bias_initializer=bias_initializer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            bias_constraint=bias_constraint,
            trainable=trainable,
            name=name,
            **kwargs,
        )
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer, self.pointwise_initializer = depthwise_initializer, pointwise_initializer
        self.depthwise_regularizer, self.pointwise_regularizer = depthwise_regularizer, pointwise_regularizer
        self.depthwise_constraint, self.pointwise_constraint = depthwise_constraint, pointwise_constraint

    def build(self, input_shape):
        channels = self.input_channels(input_shape)
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel",
            [*self.kernel_size, channels, self.depth_multiplier],
            initializer=self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )
        self.pointwise_kernel = self.add_weight(
            "pointwise_kernel",
            [*[1] * self.rank, channels * self.depth_multiplier, self.filters],
            initializer=self.pointwise_initializer,
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )
        self.add_bias()
        self.built = True


class SeparableConv2D(Separable):
    """A separable convolution of pictures."""

    rank = 2

    def call(self, inputs):
        outputs = separate(
            inputs,
            self.depthwise_kernel,
            self.pointwise_kernel,
            self.all_axes(self.strides),
            self.padding.upper(),
            rate=self.dilation_rate,
            data_format=self.format,
        )
        return self.finish(outputs)


class SeparableConv1D(Separable):
    """A separable convolution of sequences, as one of pictures of height 1."""

    rank = 1

    def call(self, inputs):
        axis = 2 if self._channels_first else 1
        plane = "NCHW" if self._channels_first else "NHWC"
        strides = [1, 1, *self.strides * 2] if self._channels_first else [1, *self.strides * 2, 1]
        outputs = separate(
            expand_dims(inputs, axis),
            expand_dims(self.depthwise_kernel, 0),
            expand_dims(self.pointwise_kernel, 0),
            strides,
            self.padding.upper(),
            rate=(1, *self.dilation_rate),
            data_format=plane,
        )
        return self.finish(squeeze(outputs, [axis]))


separable_conv1d = functional(SeparableConv1D, "separable_conv1d")
separable_conv2d = functional(SeparableConv2D, "separable_conv2d")
