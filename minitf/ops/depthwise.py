"""Convolutions that keep the channels apart, and separable ones, which mix the channels afterwards.

The kernels are in `kernels/depthwise.py`.  Read `convolution.py` first: it has the same three ops.
"""

from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import depthwise as kernels
from minitf.ops.array import shape_of
from minitf.ops.constant import convert_to_tensor
from minitf.ops.convolution import conv2d
from minitf.ops.examples import array, example, normal
from minitf.ops.numeric import widen
from minitf.ops.op import FLOATS, Op
from minitf.ops.windows import (
    REALS_OF_KERNELS,
    channel_axis,
    check_attrs,
    expand_numbers,
    first_numpy,
    from_channels_last,
    last_numpy,
    padding_attrs,
    place_attrs,
    places,
    spatial_sizes,
    to_channels_last,
    with_channels,
)

_ATTRS = {"explicit_paddings": [], "data_format": "NHWC", "dilations": [1, 1, 1, 1]}
_SAME = {"strides": [1, 1, 1, 1], "padding": "SAME"}


def _geometry(op, shape, window):
    where = places(op, spatial_sizes(op, shape), window)
    return where.strides, where.padding, where.dilations


def _output_shape(op, input, filter):
    check_attrs(op, 4)
    input, filter = input.with_rank(4), filter.with_rank(4)
    sizes = [None] * 4 if input.ndims is None else input.sizes
    window = [None] * 4 if filter.ndims is None else filter.sizes
    depth = sizes[channel_axis(op, 4)]
    if depth is not None and window[2] is not None and depth != window[2]:
        raise ValueError(
            f"Dimensions must be equal, but are {depth} and {window[2]}: input {input}, filter {filter}"
        )
    channels = None if None in window[2:] else window[2] * window[3]
    spatial = places(op, spatial_sizes(op, sizes), window[:2]).output
    return TensorShape(with_channels(op, sizes[0], spatial, channels))


class DepthwiseConv2dNative(Op):
    """out[n, p, q, c * m + k] = sum over i, j of input[n, p' + i, q' + j, c] filter[i, j, c, k]"""

    inputs = {"input": "T", "filter": "T"}
    types = {"T": FLOATS}
    attrs = _ATTRS
    examples = [
        example(normal(2, 5, 4, 3), normal(3, 2, 3, 2), **_SAME),
        example(normal(1, 5, 4, 3), normal(2, 2, 3, 1), strides=[1, 2, 2, 1], padding="VALID"),
        example(normal(1, 3, 5, 4), normal(2, 2, 3, 2), **_SAME, data_format="NCHW", dilations=[1, 1, 2, 2]),
        example(normal(0, 5, 4, 3), normal(3, 2, 3, 2), **_SAME),
    ]

    def infer(op, input, filter):
        return [(_output_shape(op, input.shape, filter.shape), input.dtype)]

    def cpu(op, input, filter, out):
        if out.dtype not in REALS_OF_KERNELS:
            return None
        before, x = to_channels_last(op, input)
        y, after = from_channels_last(op, out)
        geometry = _geometry(op, input.shape, filter.shape[:2])
        return [*before, *kernels.launches(x, filter, *geometry, y), *after]

    def numpy(op, input, filter):
        geometry = _geometry(op, input.shape, filter.shape[:2])
        return first_numpy(
            op, kernels.depthwise_numpy(last_numpy(op, widen(input)), widen(filter), *geometry)
        )

    def gradient(op, dy):
        input, filter = op.inputs
        attrs = place_attrs(op)
        return [
            DepthwiseConv2dNativeBackpropInput.apply(shape_of(input), filter, dy, **attrs),
            DepthwiseConv2dNativeBackpropFilter.apply(input, shape_of(filter), dy, **attrs),
        ]


class DepthwiseConv2dNativeBackpropInput(Op):
    """The gradient of `DepthwiseConv2dNative` with respect to its input."""

    inputs = {"input_sizes": "int32", "filter": "T", "out_backprop": "T"}
    types = {"T": FLOATS}
    attrs = _ATTRS
    static = (0,)
    examples = [
        example(array([2, 5, 4, 3]), normal(3, 2, 3, 2), normal(2, 5, 4, 6), **_SAME),
        example(array([1, 3, 5, 4]), normal(2, 2, 3, 1), normal(1, 3, 5, 4), **_SAME, data_format="NCHW"),
    ]

    def infer(op, input_sizes, filter, out_backprop):
        shape = input_sizes.sizes().with_rank(4)
        check_attrs(op, 4)
        return [(TensorShape([None] * 4) if shape.ndims is None else shape, out_backprop.dtype)]

    def cpu(op, input_sizes, filter, out_backprop, out):
        if out.dtype not in REALS_OF_KERNELS:
            return None
        before, dy = to_channels_last(op, out_backprop)
        dx, after = from_channels_last(op, out)
        geometry = _geometry(op, out.shape, filter.shape[:2])
        return [
            *before,
            *kernels.input_gradient_launches(filter, dy, *geometry, dx),
            *after,
        ]

    def numpy(op, input_sizes, filter, out_backprop):
        sizes = tuple(int(n) for n in input_sizes)
        geometry = _geometry(op, sizes, filter.shape[:2])
        shape = (sizes[0], *spatial_sizes(op, sizes), sizes[channel_axis(op, 4)])
        dy = last_numpy(op, widen(out_backprop))
        return first_numpy(op, kernels.depthwise_input_gradient_numpy(widen(filter), dy, shape, *geometry))

    def gradient(op, dz):
        _, filter, dy = op.inputs
        attrs = place_attrs(op)
        return [
            None,
            DepthwiseConv2dNativeBackpropFilter.apply(dz, shape_of(filter), dy, **attrs),
            DepthwiseConv2dNative.apply(dz, filter, **attrs),
        ]


class DepthwiseConv2dNativeBackpropFilter(Op):
    """The gradient of `DepthwiseConv2dNative` with respect to its filter."""

    inputs = {"input": "T", "filter_sizes": "int32", "out_backprop": "T"}
    types = {"T": FLOATS}
    attrs = _ATTRS
    static = (1,)
    examples = [
        example(normal(2, 5, 4, 3), array([3, 2, 3, 2]), normal(2, 5, 4, 6), **_SAME),
        example(normal(1, 3, 5, 4), array([2, 2, 3, 1]), normal(1, 3, 5, 4), **_SAME, data_format="NCHW"),
    ]

    def infer(op, input, filter_sizes, out_backprop):
        shape = filter_sizes.sizes().with_rank(4)
        check_attrs(op, 4)
        return [(TensorShape([None] * 4) if shape.ndims is None else shape, input.dtype)]

    def cpu(op, input, filter_sizes, out_backprop, out):
        if out.dtype not in REALS_OF_KERNELS:
            return None
        before_x, x = to_channels_last(op, input)
        before_y, dy = to_channels_last(op, out_backprop)
        geometry = _geometry(op, input.shape, out.shape[:2])
        return [
            *before_x,
            *before_y,
            *kernels.filter_gradient_launches(x, dy, *geometry, out),
        ]

    def numpy(op, input, filter_sizes, out_backprop):
        sizes = tuple(int(n) for n in filter_sizes)
        geometry = _geometry(op, input.shape, sizes[:2])
        x, dy = last_numpy(op, widen(input)), last_numpy(op, widen(out_backprop))
        return kernels.depthwise_filter_gradient_numpy(x, dy, sizes, *geometry)

    def gradient(op, dz):
        input, _, dy = op.inputs
        attrs = place_attrs(op)
        return [
            DepthwiseConv2dNativeBackpropInput.apply(shape_of(input), dz, dy, **attrs),
            None,
            DepthwiseConv2dNative.apply(input, dz, **attrs),
        ]


def _native_attrs(strides, padding, data_format, dilations):
    data_format = data_format or "NHWC"
    return {
        **padding_attrs(padding),
        "strides": expand_numbers(strides, 2, data_format, "strides"),
        "dilations": expand_numbers(dilations, 2, data_format, "dilations"),
        "data_format": data_format,
    }


def depthwise_conv2d_native(
    input, filter, strides, padding, data_format="NHWC", dilations=(1, 1, 1, 1), name=None
):
    """tf.nn.depthwise_conv2d_native: one filter (h, w, channels, multiplier) for each channel of
    pictures.
    """
    attrs = _native_attrs(strides, padding, data_format, dilations)
    return DepthwiseConv2dNative.apply(input, filter, **attrs, name=name)


def depthwise_conv2d_backprop_input(
    input_sizes, filter, out_backprop, strides, padding, data_format="NHWC", dilations=(1, 1, 1, 1), name=None
):
    """tf.nn.depthwise_conv2d_backprop_input: the gradient with respect to an input of shape
    `input_sizes`.
    """
    attrs = _native_attrs(strides, padding, data_format, dilations)
    return DepthwiseConv2dNativeBackpropInput.apply(input_sizes, filter, out_backprop, **attrs, name=name)


def depthwise_conv2d_backprop_filter(
    input, filter_sizes, out_backprop, strides, padding, data_format="NHWC", dilations=(1, 1, 1, 1), name=None
):
    """tf.nn.depthwise_conv2d_backprop_filter: the gradient with respect to a filter of shape
    `filter_sizes`.
    """
    attrs = _native_attrs(strides, padding, data_format, dilations)
    return DepthwiseConv2dNativeBackpropFilter.apply(input, filter_sizes, out_backprop, **attrs, name=name)


def depthwise_conv2d(input, filter, strides, padding, rate=None, name=None, data_format=None, dilations=None):
    """tf.nn.depthwise_conv2d: each channel of pictures convolved with filters of its own.

    input (batch, height, width, channels); filter (h, w, channels, multiplier): output channel c *
    multiplier + k comes from input channel c; strides: four numbers; rate: two dilations.  Raises
    ValueError where strides and rate are both above 1.
    """
    rate = rate if dilations is None else dilations
    with name_scope(name, "depthwise", [input, filter]) as scope:
        input = convert_to_tensor(input, name="tensor_in")
        filter = convert_to_tensor(filter, name="filter_in")
        return _dilated(input, filter, strides, padding, rate, data_format, scope)


def _dilated(input, filter, strides, padding, rate, data_format, name):
    from minitf.ops.convolution_functions import spatial_numbers, with_space_to_batch

    rate = spatial_numbers(rate, 2, "rate")
    if any(r > 1 for r in rate) and any(s > 1 for s in strides):
        raise ValueError("strides > 1 not supported in conjunction with a rate > 1")

    def op(value, _, how):
        return depthwise_conv2d_native(value, filter, strides, how, data_format or "NHWC", name=name)

    return with_space_to_batch(input, rate, padding, op, filter.shape[:2].sizes, data_format=data_format)


def separable_conv2d(
    input,
    depthwise_filter,
    pointwise_filter,
    strides,
    padding,
    rate=None,
    name=None,
    data_format=None,
    dilations=None,
):
    """tf.nn.separable_conv2d: a depthwise convolution, then a 1 x 1 convolution that mixes the channels.

    depthwise_filter (h, w, channels, multiplier), pointwise_filter (1, 1, channels * multiplier, out);
    the other arguments as for `depthwise_conv2d`.
    """
    rate = rate if dilations is None else dilations
    with name_scope(name, "separable_conv2d", [input, depthwise_filter, pointwise_filter]) as scope:
        input = convert_to_tensor(input, name="tensor_in")
        depthwise_filter = convert_to_tensor(depthwise_filter, name="depthwise_filter")
        pointwise_filter = convert_to_tensor(pointwise_filter, name="pointwise_filter")
        _check_pointwise(depthwise_filter.shape.with_rank(4), pointwise_filter.shape.with_rank(4))
        out = _dilated(input, depthwise_filter, strides, padding, rate, data_format, "depthwise")
        return conv2d(
            out, pointwise_filter, [1, 1, 1, 1], "VALID", data_format=data_format or "NHWC", name=scope
        )


def _check_pointwise(depthwise, pointwise):
    pointwise[:2].assert_is_compatible_with([1, 1])
    if depthwise.ndims is None or None in depthwise.sizes[2:]:
        return
    wanted = depthwise.sizes[2] * depthwise.sizes[3]
    if pointwise.ndims is not None and pointwise.sizes[2] not in (None, wanted):
        raise ValueError(f"pointwise_filter takes {pointwise.sizes[2]} channels, but there are {wanted}")
