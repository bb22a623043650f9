"""Pooling: the maximum or the average of what lies under each window, in pictures and volumes.

The kernels are in `kernels/pooling.py`.  Read `windows.py` first.
"""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.kernels import pooling as kernels
from minitf.ops.array import shape_of, stop_gradient, zeros_like
from minitf.ops.examples import array, distinct, example, normal
from minitf.ops.numeric import widen
from minitf.ops.op import FLOATS, INDICES, REALS, Op
from minitf.ops.windows import (
    REALS_OF_KERNELS,
    check_attrs,
    first_numpy,
    from_channels_last,
    last_numpy,
    place_attrs,
    places,
    spatial_axes,
    spatial_sizes,
    to_channels_last,
    with_channels,
)

_PLANE = {"explicit_paddings": [], "data_format": "NHWC"}


def _pooled_shape(op, shape, ndims):
    """The shape after pooling.  Raises ValueError for attributes that do not fit."""
    check_attrs(op, ndims)
    shape = shape.with_rank(ndims)
    sizes = [None] * ndims if shape.ndims is None else shape.sizes
    spatial = places(op, spatial_sizes(op, sizes), _window(op)).output
    channels = sizes[1 if op.attrs["data_format"].startswith("NC") else -1]
    return TensorShape(with_channels(op, sizes[0], spatial, channels))


def _window(op):
    ksize = op.attrs["ksize"]
    return [ksize[d] for d in spatial_axes(op, len(ksize))]


def _geometry(op, shape):
    """(window, strides, padding) for an input of this shape."""
    window = _window(op)
    where = places(op, spatial_sizes(op, shape), window)
    return window, where.strides, where.padding


class _Pool(Op):
    inputs = {"input": "T"}
    types = {"T": REALS}
    ndims = 4
    kernel = None

    def infer(op, input):
        return [(_pooled_shape(op, input.shape, op.definition.ndims), input.dtype)]

    def cpu(op, input, out):
        before, x = to_channels_last(op, input)
        y, after = from_channels_last(op, out)
        return [
            *before,
            *kernels.pool_launches(op.definition.kernel, x, *_geometry(op, input.shape), y),
            *after,
        ]


class MaxPool(_Pool):
    """The largest element under each window."""

    attrs = _PLANE
    kernel = kernels.max_pool
    joins = True
    examples = [
        example(distinct(2, 4, 5, 2), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME"),
        example(distinct(2, 4, 6, 3), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="VALID"),
        example(
            distinct(1, 2, 5, 5),
            ksize=[1, 1, 3, 2],
            strides=[1, 1, 2, 1],
            padding="VALID",
            data_format="NCHW",
        ),
    ]

    def numpy(op, input):
        return first_numpy(op, kernels.max_pool_numpy(last_numpy(op, input), *_geometry(op, input.shape))[0])

    def gradient(op, dy):
        return [op.definition.to_input().apply(op.inputs[0], op.outputs[0], dy, **place_attrs(op))]

    def to_input():
        return MaxPoolGrad


class _MaxPoolGradient(Op):
    """dx[the place of each window's maximum] += dy"""

    inputs = {"orig_input": "T", "orig_output": "T", "grad": "T"}
    types = {"T": REALS}
    ndims = 4

    def infer(op, orig_input, orig_output, grad):
        return [(orig_input.shape.with_rank(op.definition.ndims), grad.dtype)]

    def cpu(op, orig_input, orig_output, grad, out):
        return _gradient_launches(op, kernels.max_pool_gradient, orig_input, grad, out)

    def numpy(op, orig_input, orig_output, grad):
        x, dy = last_numpy(op, orig_input), last_numpy(op, widen(grad))
        _, places = kernels.max_pool_numpy(x, *_geometry(op, orig_input.shape))
        dx = np.zeros(x.shape, dy.dtype)
        np.add.at(dx.reshape(-1), places.reshape(-1), dy.reshape(-1))
        return first_numpy(op, dx)

    def gradient(op, dz):
        x, y, _ = op.inputs
        again = op.definition.again()
        return [zeros_like(x), zeros_like(y), again.apply(x, y, dz, **place_attrs(op))]


def _gradient_launches(op, kernel, input, grad, out):
    before_x, x = to_channels_last(op, input)
    before_g, g = to_channels_last(op, grad)
    made, after = from_channels_last(op, out)
    launches = kernels.max_pool_gradient_launches(kernel, x, g, *_geometry(op, input.shape), made)
    return [*before_x, *before_g, *launches, *after]


class _MaxPoolGradientAgain(Op):
    """out = grad at the place of each window's maximum: the gradient of the gradient."""

    inputs = {"orig_input": "T", "orig_output": "T", "grad": "T"}
    types = {"T": REALS}
    ndims = 4

    def infer(op, orig_input, orig_output, grad):
        return [(_pooled_shape(op, orig_input.shape, op.definition.ndims), grad.dtype)]

    def cpu(op, orig_input, orig_output, grad, out):
        return _gradient_launches(op, kernels.max_pool_again, orig_input, grad, out)

    def numpy(op, orig_input, orig_output, grad):
        _, places = kernels.max_pool_numpy(last_numpy(op, orig_input), *_geometry(op, orig_input.shape))
        return first_numpy(op, np.ascontiguousarray(last_numpy(op, grad)).reshape(-1)[places])

    def gradient(op, dz):
        x, y, _ = op.inputs
        return [zeros_like(x), zeros_like(y), op.definition.to_input().apply(x, y, dz, **place_attrs(op))]


class MaxPoolGrad(_MaxPoolGradient):
    """The gradient of `MaxPool`: it flows to the first of the largest elements."""

    attrs = _PLANE
    joins = True
    examples = [
        example(
            distinct(2, 4, 5, 2),
            distinct(2, 2, 3, 2),
            normal(2, 2, 3, 2),
            ksize=[1, 2, 2, 1],
            strides=[1, 2, 2, 1],
            padding="SAME",
        ),
        example(
            distinct(2, 4, 6, 3),
            distinct(2, 2, 3, 3),
            normal(2, 2, 3, 3),
            ksize=[1, 2, 2, 1],
            strides=[1, 2, 2, 1],
            padding="VALID",
        ),
    ]

    def again():
        return MaxPoolGradGrad


class MaxPoolGradGrad(_MaxPoolGradientAgain):
    """The gradient of `MaxPoolGrad` with respect to the gradient it was given."""

    attrs = _PLANE
    examples = [
        example(
            distinct(2, 4, 5, 2),
            distinct(2, 2, 3, 2),
            normal(2, 4, 5, 2),
            ksize=[1, 2, 2, 1],
            strides=[1, 2, 2, 1],
            padding="SAME",
        )
    ]

    def to_input():
        return MaxPoolGrad


class MaxPoolWithArgmax(Op):
    """The largest element under each window, and its index in the picture, flattened: (y * width + x) *
    channels + c.
    """

    inputs = {"input": "T"}
    types = {"T": REALS, "Targmax": INDICES}
    attrs = {"Targmax": dtypes.int64, "include_batch_in_index": False, "data_format": "NHWC"}
    examples = [example(distinct(2, 4, 5, 2), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")]

    def infer(op, input):
        shape = _pooled_shape(op, input.shape, 4)
        return [(shape, input.dtype), (shape, op.attrs["Targmax"])]

    def cpu(op, input, out, argmax):
        with_batch = op.attrs["include_batch_in_index"]
        return kernels.places_launches(input, *_geometry(op, input.shape), with_batch, out, argmax)

    def numpy(op, input):
        best, places = kernels.max_pool_numpy(input, *_geometry(op, input.shape))
        if not op.attrs["include_batch_in_index"]:
            places = places % int(np.prod(input.shape[1:]))
        return best, places

    def gradient(op, dy, dargmax):
        attrs = {**place_attrs(op), "include_batch_in_index": op.attrs["include_batch_in_index"]}
        attrs.pop("data_format")
        return [MaxPoolGradWithArgmax.apply(op.inputs[0], dy, op.outputs[1], **attrs)]


class MaxPoolGradWithArgmax(Op):
    """The gradient of `MaxPoolWithArgmax`, from the indices it found."""

    inputs = {"input": "T", "grad": "T", "argmax": "Targmax"}
    types = {"T": REALS, "Targmax": INDICES}
    attrs = {"include_batch_in_index": False}

    examples = [
        example(
            normal(2, 4, 4, 2),
            normal(2, 2, 2, 2),
            array([[[[0, 3], [4, 7]], [[18, 19], [30, 31]]]] * 2),
            ksize=[1, 2, 2, 1],
            strides=[1, 2, 2, 1],
            padding="SAME",
        )
    ]

    def infer(op, input, grad, argmax):
        return [(input.shape.with_rank(4), grad.dtype)]

    def cpu(op, input, grad, argmax, out):
        return kernels.scatter_launches(argmax, op.attrs["include_batch_in_index"], grad, out)

    def explain(op, input, grad, argmax):
        size = int(np.prod(input.shape))
        return errors.InvalidArgumentError(None, op, f"Invalid argmax: a place outside of the {size} of the input")

    def numpy(op, input, grad, argmax):
        places = argmax.astype(np.int64)
        if not op.attrs["include_batch_in_index"]:
            places = places + np.arange(len(input)).reshape(-1, 1, 1, 1) * int(np.prod(input.shape[1:]))
        dx = np.zeros(input.shape, widen(grad).dtype)
        np.add.at(dx.reshape(-1), places.reshape(-1), widen(grad).reshape(-1))
        return dx


class AvgPool(_Pool):
    """The average of the elements under each window; what lies beyond the border does not count."""

    inputs = {"value": "T"}
    types = {"T": FLOATS}
    attrs = {"data_format": "NHWC"}
    kernel = kernels.avg_pool
    examples = [
        example(normal(2, 4, 5, 2), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME"),
        example(
            normal(1, 2, 5, 5), ksize=[1, 1, 3, 2], strides=[1, 1, 2, 1], padding="VALID", data_format="NCHW"
        ),
    ]

    def numpy(op, value):
        x = last_numpy(op, widen(value))
        return first_numpy(op, kernels.avg_pool_numpy(x, *_geometry(op, value.shape)))

    def gradient(op, dy):
        to_input = op.definition.to_input()
        return [to_input.apply(shape_of(op.inputs[0], optimize=True), dy, **place_attrs(op))]

    def to_input():
        return AvgPoolGrad


class AvgPoolGrad(Op):
    """dx[everything under a window] += that window's dy / the number of elements under it"""

    inputs = {"orig_input_shape": "int32", "grad": "T"}
    types = {"T": FLOATS}
    attrs = {"data_format": "NHWC"}
    static = (0,)
    ndims = 4
    examples = [
        example(
            array([2, 4, 5, 2]), normal(2, 2, 3, 2), ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME"
        )
    ]

    def infer(op, orig_input_shape, grad):
        shape = orig_input_shape.sizes().with_rank(op.definition.ndims)
        check_attrs(op, op.definition.ndims)
        return [(TensorShape([None] * op.definition.ndims) if shape.ndims is None else shape, grad.dtype)]

    def cpu(op, orig_input_shape, grad, out):
        if out.dtype not in REALS_OF_KERNELS:
            return None
        before, dy = to_channels_last(op, grad)
        dx, after = from_channels_last(op, out)
        geometry = _geometry(op, out.shape)
        return [*before, *kernels.pool_launches(kernels.avg_pool_gradient, dy, *geometry, dx), *after]

    def numpy(op, orig_input_shape, grad):
        sizes = tuple(int(n) for n in orig_input_shape)
        shape = last_numpy(op, np.broadcast_to(np.int8(0), sizes)).shape
        dx = kernels.avg_pool_gradient_numpy(last_numpy(op, widen(grad)), shape, *_geometry(op, sizes))
        return first_numpy(op, dx)

    def gradient(op, dz):
        return [stop_gradient(op.inputs[0]), op.definition.forward().apply(dz, **place_attrs(op))]

    def forward():
        return AvgPool
