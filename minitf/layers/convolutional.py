"""Convolutional layers in one, two and three dimensions."""

import numpy as np

from minitf import initializers
from minitf.graph.shape import TensorShape
from minitf.kernels.windows import window_output
from minitf.layers.activations import activation as activation_of
from minitf.layers.layer import InputSpec, Layer, functional
from minitf.ops.bias import bias_add
from minitf.ops.convolution import conv2d as convolve2d
from minitf.ops.convolution3d import conv3d as convolve3d
from minitf.ops.convolution_functions import conv1d as convolve1d
from minitf.ops.convolution_functions import with_space_to_batch


def numbers(value, count, name):
    """A tuple of `count` whole numbers, from one or from `count`.  Raises ValueError else."""
    try:
        values = tuple(int(v) for v in np.atleast_1d(value))
    except TypeError:
        values = ()
    values = values * count if len(values) == 1 else values
    if len(values) != count:
        raise ValueError(f"The `{name}` argument must be a tuple of {count} integers. Received: {value}")
    return values


def channels_first(data_format):
    """True for "channels_first", False for "channels_last".  Raises ValueError for another."""
    if data_format not in ("channels_first", "channels_last"):
        raise ValueError(
            f"The `data_format` argument must be one of 'channels_first', 'channels_last'. Received: {data_format}"
        )
    return data_format == "channels_first"


def checked_padding(padding):
    """`padding` in lower case.  Raises ValueError where it is none."""
    if padding.lower() not in ("valid", "same"):
        raise ValueError(f"The `padding` argument must be one of 'valid', 'same'. Received: {padding}")
    return padding.lower()


_FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


class Convolution(Layer):
    """What the convolutional layers have in common: outputs = activation(convolution(inputs, kernel) +
    bias).

    filters: the number of output channels; kernel_size, strides, dilation_rate: one number, or one each
    spatial dimension; padding: "valid" or "same"; data_format: "channels_last" or "channels_first".  The
    variables are kernel (*kernel_size, inputs, filters) and bias (filters,).  Raises ValueError where
    these do not fit.
    """

    rank = 2

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        data_format="channels_last",
        dilation_rate=1,
        activation=None,
        use_bias=True,
        kernel_initializer=None,
        bias_initializer=initializers.zeros(),  # noqa: B008 - it has no state
        kernel_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
        trainable=True,
        name=None,
        **kwargs,
    ):
        super().__init__(trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs)
        self.filters, self.kernel_size = filters, numbers(kernel_size, self.rank, "kernel_size")
        self.strides = numbers(strides, self.rank, "strides")
        self.padding, self.data_format = checked_padding(padding), data_format
        self._channels_first = channels_first(data_format)
        self.dilation_rate = numbers(dilation_rate, self.rank, "dilation_rate")
        self.activation, self.use_bias = activation_of(activation), use_bias
        self.kernel_initializer, self.bias_initializer = kernel_initializer, bias_initializer
        self.kernel_regularizer, self.bias_regularizer = kernel_regularizer, bias_regularizer
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def build(self, input_shape):
        channels = self.input_channels(input_shape)
        self.kernel = self.add_weight(
            "kernel",
            self.kernel_shape(channels),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.add_bias()
        self.built = True

    def kernel_shape(self, channels):
        return [*self.kernel_size, channels, self.filters]

    def input_channels(self, input_shape):
        """How many channels the input has; from now on, it must.  Raises ValueError where that is not
        known.
        """
        axis = 1 if self._channels_first else -1
        channels = TensorShape(input_shape).sizes[axis]
        if channels is None:
            raise ValueError("The channel dimension of the inputs should be defined. Found `None`.")
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={axis: channels})
        return channels

    def add_bias(self):
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias",
                [self.filters],
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    @property
    def format(self):
        """The data_format as ops take it."""
        return _FORMATS[self.rank][self._channels_first]

    def all_axes(self, values):
        """One number each axis, from one each spatial dimension."""
        return [1, 1, *values] if self._channels_first else [1, *values, 1]

    def call(self, inputs):
        def convolve(value, _, padding):
            if self.rank == 1:
                return convolve1d(value, self.kernel, self.strides[0], padding, data_format=self.format)
            make = convolve2d if self.rank == 2 else convolve3d
            return make(value, self.kernel, self.all_axes(self.strides), padding, data_format=self.format)

        outputs = with_space_to_batch(
            inputs,
            self.dilation_rate,
            self.padding.upper(),
            convolve,
            self.kernel_size,
            data_format=self.format,
        )
        return self.finish(outputs)

    def finish(self, outputs):
        """Add the bias and apply the activation."""
        if self.use_bias:
            outputs = bias_add(outputs, self.bias, data_format=_FORMATS[2][self._channels_first])
        return outputs if self.activation is None else self.activation(outputs)

    def compute_output_shape(self, input_shape):
        sizes = TensorShape(input_shape).sizes
        space = sizes[2:] if self._channels_first else sizes[1:-1]
        out = [
            None if size is None else window_output(size, window, stride, rate, self.padding.upper())[0]
            for size, window, stride, rate in zip(
                space, self.kernel_size, self.strides, self.dilation_rate, strict=True
            )
        ]
        return TensorShape(
            [sizes[0], self.filters, *out] if self._channels_first else [sizes[0], *out, self.filters]
        )


class Conv1D(Convolution):
    """A convolution of sequences: (batch, steps, channels)."""

    rank = 1


class Conv2D(Convolution):
    """A convolution of pictures: (batch, height, width, channels)."""

    rank = 2


class Conv3D(Convolution):
    """A convolution of volumes: (batch, depth, height, width, channels)."""

    rank = 3


conv1d = functional(Conv1D, "conv1d")
conv2d = functional(Conv2D, "conv2d")
conv3d = functional(Conv3D, "conv3d")
