"""Transposed convolutions: layers that make pictures larger."""

from minitf import initializers
from minitf.graph.shape import TensorShape
from minitf.layers.convolutional import Convolution
from minitf.layers.layer import functional
from minitf.ops.array import shape_of
from minitf.ops.convolution_functions import conv2d_transpose as transpose2d
from minitf.ops.convolution_functions import conv3d_transpose as transpose3d
from minitf.ops.joining import stack


class Transposed(Convolution):
    """The gradient of a convolution, used forwards: kernel (*kernel_size, filters, inputs)."""

    def __init__(
        self,
        filters,
        kernel_size,
        strides=1,
        padding="valid",
        data_format="channels_last",
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
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            trainable=trainable,
            name=name,
            **kwargs,
        )

    def kernel_shape(self, channels):
        return [*self.kernel_size, self.filters, channels]

    def call(self, inputs):
        sizes = shape_of(inputs)
        first = 2 if self._channels_first else 1
        batch = sizes[0]
        space = [
            self.longer(sizes[first + i], window, stride)
            for i, (window, stride) in enumerate(zip(self.kernel_size, self.strides, strict=True))
        ]
        shape = [batch, self.filters, *space] if self._channels_first else [batch, *space, self.filters]
        make = transpose2d if self.rank == 2 else transpose3d
        outputs = make(
            inputs,
            self.kernel,
            stack(shape),
            self.all_axes(self.strides),
            self.padding.upper(),
            data_format=self.format,
        )
        outputs.set_shape(self.compute_output_shape(inputs.shape))
        return self.finish(outputs)

    def longer(self, size, window, stride):
        """How long `size` pixels become."""
        if size is None:
            return None
        return size * stride if self.padding == "same" else size * stride + max(window - stride, 0)

    def compute_output_shape(self, input_shape):
        sizes = TensorShape(input_shape).sizes
        space = sizes[2:] if self._channels_first else sizes[1:-1]
        out = [self.longer(s, w, t) for s, w, t in zip(space, self.kernel_size, self.strides, strict=True)]
        return TensorShape(
            [sizes[0], self.filters, *out] if self._channels_first else [sizes[0], *out, self.filters]
        )


class Conv2DTranspose(Transposed):
    """A transposed convolution of pictures: strides of 2 double their height and width."""

    rank = 2


class Conv3DTranspose(Transposed):
    """A transposed convolution of volumes."""

    rank = 3


conv2d_transpose = functional(Conv2DTranspose, "conv2d_transpose")
conv3d_transpose = functional(Conv3DTranspose, "conv3d_transpose")
