"""Pooling layers."""

from minitf.graph.shape import TensorShape
from minitf.kernels.windows import window_output
from minitf.layers.convolutional import channels_first, checked_padding, numbers
from minitf.layers.layer import InputSpec, Layer, functional
from minitf.ops.array import expand_dims, squeeze
from minitf.ops.pooling_functions import avg_pool, avg_pool3d, max_pool, max_pool3d


class Pooling(Layer):
    """What lies under each window becomes one number a channel.

    pool_size (the window) and strides: one number, or one each spatial dimension; padding: "valid" or
    "same".
    """

    rank = 2
    pool = None

    def __init__(self, pool_size, strides, padding="valid", data_format="channels_last", name=None, **kwargs):
        super().__init__(name=name, **kwargs)
        strides = pool_size if strides is None else strides
        self.pool_size, self.strides = (
            numbers(v, self.rank, n) for v, n in ((pool_size, "pool_size"), (strides, "strides"))
        )
        self.padding, self.data_format = checked_padding(padding), data_format
        self._channels_first = channels_first(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs):
        axis = 2 if self._channels_first else 1
        if self.rank == 1:
            return squeeze(
                self._pool(expand_dims(inputs, axis), 2, (1, *self.pool_size), (1, *self.strides)), [axis]
            )
        return self._pool(inputs, self.rank, self.pool_size, self.strides)

    def _pool(self, inputs, rank, window, strides):
        plain, first = {2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}[rank]
        if self._channels_first:
            return self.pool(inputs, [1, 1, *window], [1, 1, *strides], self.padding.upper(), first)
        return self.pool(inputs, [1, *window, 1], [1, *strides, 1], self.padding.upper(), plain)

    def compute_output_shape(self, input_shape):
        sizes = TensorShape(input_shape).sizes
        space = sizes[2:] if self._channels_first else sizes[1:-1]
        out = [
            None if size is None else window_output(size, window, stride, 1, self.padding.upper())[0]
            for size, window, stride in zip(space, self.pool_size, self.strides, strict=True)
        ]
        return TensorShape([*sizes[:2], *out] if self._channels_first else [sizes[0], *out, sizes[-1]])


class MaxPooling1D(Pooling):
    """The maximum of windows of sequences."""

    rank, pool = 1, staticmethod(max_pool)


class MaxPooling2D(Pooling):
    """The maximum of windows of pictures."""

    rank, pool = 2, staticmethod(max_pool)


class MaxPooling3D(Pooling):
    """The maximum of windows of volumes."""

    rank, pool = 3, staticmethod(max_pool3d)


class AveragePooling1D(Pooling):
    """The average of windows of sequences."""

    rank, pool = 1, staticmethod(avg_pool)


class AveragePooling2D(Pooling):
    """The average of windows of pictures."""

    rank, pool = 2, staticmethod(avg_pool)


class AveragePooling3D(Pooling):
    """The average of windows of volumes."""

    rank, pool = 3, staticmethod(avg_pool3d)


max_pooling1d = functional(MaxPooling1D, "max_pooling1d", has_variables=False)
max_pooling2d = functional(MaxPooling2D, "max_pooling2d", has_variables=False)
max_pooling3d = functional(MaxPooling3D, "max_pooling3d", has_variables=False)
average_pooling1d = functional(AveragePooling1D, "average_pooling1d", has_variables=False)
average_pooling2d = functional(AveragePooling2D, "average_pooling2d", has_variables=False)
average_pooling3d = functional(AveragePooling3D, "average_pooling3d", has_variables=False)
