"""Convolutions of pictures and their gradients.

Each of the three ops of a family is the gradient of the others: the gradients can be differentiated again.
The kernels are in `kernels/convolution.py`.  Read next: `convolution3d.py`, `convolution_functions.py`.
"""

from minitf.graph.shape import TensorShape
from minitf.kernels import convolution as kernels
from minitf.ops.array import shape_n, shape_of
from minitf.ops.examples import array, example, normal
from minitf.ops.numeric import widen
from minitf.ops.op import INDICES, Op
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

CONVOLVED = ("float16", "bfloat16", "float32", "float64", "int32")
_PLANE = {"use_cudnn_on_gpu": True, "explicit_paddings": [], "data_format": "NHWC", "dilations": [1] * 4}


class Convolution(Op, abstract=True):
    """out[n, p, o] = sum over i and c of input[n, p * stride - before + i * dilation, c] filter[i, c, o]"""

    inputs = {"input": "T", "filter": "T"}
    types = {"T": CONVOLVED}
    ndims = 4

    def infer(op, input, filter):
        return [(TensorShape(_output_shape(op, input.shape, filter.shape)), input.dtype)]

    def cpu(op, input, filter, out):
        if out.dtype not in REALS_OF_KERNELS:
            return None
        where = places(op, spatial_sizes(op, input.shape), filter.shape[:-2])
        before, x = to_channels_last(op, input)
        y, after = from_channels_last(op, out)
        launches = op.definition.kernels[0]
        return [*before, *launches(x, filter, where.strides, where.padding, where.dilations, y), *after]

    def numpy(op, input, filter):
        x, filter = last_numpy(op, widen(input)), widen(filter)
        where = places(op, x.shape[1:-1], filter.shape[:-2])
        return first_numpy(op, kernels.conv_numpy(x, filter, where.strides, where.padding, where.dilations))

    def gradient(op, dy):
        input, filter = op.inputs
        shapes, attrs = shape_n([input, filter]), place_attrs(op)
        to_input, to_filter = op.definition.gradients()
        return [
            to_input.apply(shapes[0], filter, dy, **attrs),
            to_filter.apply(input, shapes[1], dy, **attrs),
        ]


class InputGradient(Op, abstract=True):
    """The gradient of a convolution with respect to its input, of shape `input_sizes`."""

    inputs = {"input_sizes": "Tshape", "filter": "T", "out_backprop": "T"}
    types = {"T": CONVOLVED, "Tshape": INDICES}
    static = (0,)
    ndims = 4

    def infer(op, input_sizes, filter, out_backprop):
        ndims = op.definition.ndims
        shape = input_sizes.sizes().with_rank(ndims)
        dy = out_backprop.shape.with_rank(ndims)
        if shape.ndims is None:
            shape = TensorShape([None] * ndims)
        _output_shape(op, shape, filter.shape, dy)
        batch = shape[0].value if shape[0].value is not None or dy.ndims is None else dy[0].value
        return [(TensorShape([batch, *shape.sizes[1:]]), out_backprop.dtype)]

    def cpu(op, input_sizes, filter, out_backprop, out):
        if out.dtype not in REALS_OF_KERNELS:
            return None
        where = places(op, spatial_sizes(op, out.shape), filter.shape[:-2])
        before, dy = to_channels_last(op, out_backprop)
        dx, after = from_channels_last(op, out)
        launches = op.definition.kernels[1]
        return [*before, *launches(filter, dy, where.strides, where.padding, where.dilations, dx), *after]

    def numpy(op, input_sizes, filter, out_backprop):
        dy, filter = last_numpy(op, widen(out_backprop)), widen(filter)
        sizes = tuple(int(n) for n in input_sizes)
        where = places(op, spatial_sizes(op, sizes), filter.shape[:-2])
        shape = (sizes[0], *spatial_sizes(op, sizes), sizes[channel_axis(op, len(sizes))])
        dx = kernels.conv_input_gradient_numpy(
            filter, dy, shape, where.strides, where.padding, where.dilations
        )
        return first_numpy(op, dx)

    def gradient(op, dz):
        _, filter, dy = op.inputs
        attrs = place_attrs(op)
        convolve, to_filter = op.definition.gradients()
        return [
            None,
            to_filter.apply(dz, shape_of(filter), dy, **attrs),
            convolve.apply(dz, filter, **attrs),
        ]


class FilterGradient(Op, abstract=True):
    """The gradient of a convolution with respect to its filter, of shape `filter_sizes`."""

    inputs = {"input": "T", "filter_sizes": "int32", "out_backprop": "T"}
    types = {"T": CONVOLVED}
    static = (1,)
    ndims = 4

    def infer(op, input, filter_sizes, out_backprop):
        shape = filter_sizes.sizes().with_rank(op.definition.ndims)
        if shape.ndims is None:
            shape = TensorShape([None] * op.definition.ndims)
        _output_shape(op, input.shape, shape, out_backprop.shape)
        return [(shape, input.dtype)]

    def cpu(op, input, filter_sizes, out_backprop, out):
        if out.dtype not in REALS_OF_KERNELS:
            return None
        where = places(op, spatial_sizes(op, input.shape), out.shape[:-2])
        before_x, x = to_channels_last(op, input)
        before_y, dy = to_channels_last(op, out_backprop)
        launches = op.definition.kernels[2]
        return [*before_x, *before_y, *launches(x, dy, where.strides, where.padding, where.dilations, out)]

    def numpy(op, input, filter_sizes, out_backprop):
        x, dy = last_numpy(op, widen(input)), last_numpy(op, widen(out_backprop))
        window = tuple(int(n) for n in filter_sizes[:-2])
        where = places(op, x.shape[1:-1], window)
        return kernels.conv_filter_gradient_numpy(
            x, dy, window, where.strides, where.padding, where.dilations
        )

    def gradient(op, dz):
        input, _, dy = op.inputs
        attrs = place_attrs(op)
        convolve, to_input = op.definition.gradients()
        return [to_input.apply(shape_of(input), dz, dy, **attrs), None, convolve.apply(input, dz, **attrs)]


def _output_shape(op, input, filter, output=None):
    """The sizes of a convolution's output.  Raises ValueError where inputs or the shape `output` do not
    fit.
    """
    ndims = op.definition.ndims
    check_attrs(op, ndims)
    input, filter = input.with_rank(ndims), filter.with_rank(ndims)
    if input.ndims is None:
        input = TensorShape([None] * ndims)
    if filter.ndims is None:
        filter = TensorShape([None] * ndims)
    depth, wanted = input.sizes[channel_axis(op, ndims)], filter.sizes[-2]
    if depth is not None and wanted is not None and depth != wanted:
        raise ValueError(
            f"Depth of input ({depth}) is not a multiple of input depth of filter ({wanted}): "
            f"input {input}, filter {filter}"
        )
    spatial = places(op, spatial_sizes(op, input.sizes), filter.sizes[:-2]).output
    shape = TensorShape(with_channels(op, input.sizes[0], spatial, filter.sizes[-1]))
    if output is not None and not shape.is_compatible_with(output):
        raise ValueError(f"out_backprop has shape {output}, but this convolution's output has {shape}")
    return shape.sizes


def _planes(**attrs):
    return {"strides": [1, 1, 1, 1], "padding": "SAME", **attrs}


class Conv2D(Convolution):
    """out[n, p, q, o] = sum over i, j, c of input[n, p' + i, q' + j, c] filter[i, j, c, o]; see
    `kernels/convolution.py`.
    """

    attrs = _PLANE
    kernels = (kernels.conv2d_launches,)
    examples = [
        example(normal(2, 5, 5, 2), normal(3, 3, 2, 4), **_planes()),
        example(normal(2, 5, 4, 2), normal(2, 2, 2, 3), **_planes(strides=[1, 2, 2, 1], padding="VALID")),
        example(
            normal(1, 2, 6, 5), normal(3, 2, 2, 3), **_planes(data_format="NCHW", dilations=[1, 1, 2, 1])
        ),
        example(
            normal(1, 4, 4, 2),
            normal(2, 2, 2, 3),
            **_planes(padding="EXPLICIT", explicit_paddings=[0, 0, 1, 0, 2, 1, 0, 0]),
        ),
        example(normal(2, 4, 4, 3), normal(1, 1, 3, 2), **_planes()),
    ]

    def gradients():
        return Conv2DBackpropInput, Conv2DBackpropFilter


def conv2d(
    input,
    filter=None,
    strides=None,
    padding=None,
    use_cudnn_on_gpu=True,
    data_format="NHWC",
    dilations=(1, 1, 1, 1),
    name=None,
    filters=None,
):
    """tf.nn.conv2d: the convolution (a cross-correlation) of pictures with filters.

    input (batch, height, width, in), or (batch, in, height, width) with data_format="NCHW"; filter (h, w,
    in, out); strides and dilations: one number, one for height and one for width, or one for each axis.
    padding: "SAME" (the output has ceil(size / stride) rows), "VALID" (only whole windows), or four pairs
    of zeros to put before and after each axis.  Raises ValueError where these do not fit.
    """
    filter = filters if filter is None else filter
    attrs = _plane_attrs(strides, padding, use_cudnn_on_gpu, data_format, dilations)
    return Conv2D.apply(input, filter, **attrs, name=name)


def _plane_attrs(strides, padding, use_cudnn_on_gpu, data_format, dilations):
    data_format = data_format or "NHWC"
    return {
        **padding_attrs(padding),
        "strides": expand_numbers(strides, 2, data_format, "strides"),
        "dilations": expand_numbers(dilations, 2, data_format, "dilations"),
        "data_format": data_format,
        "use_cudnn_on_gpu": use_cudnn_on_gpu,
    }


class Conv2DBackpropInput(InputGradient):
    """The gradient of `Conv2D` with respect to its input; a transposed convolution ("deconvolution")."""

    inputs = {"input_sizes": "int32", "filter": "T", "out_backprop": "T"}
    types = {"T": CONVOLVED}
    attrs = _PLANE
    kernels = (None, kernels.conv2d_input_gradient_launches)
    examples = [
        example(array([2, 5, 5, 2]), normal(3, 3, 2, 4), normal(2, 5, 5, 4), **_planes()),
        example(array([1, 5, 5, 2]), normal(3, 3, 2, 3), normal(1, 3, 3, 3), **_planes(strides=[1, 2, 2, 1])),
        example(array([1, 2, 4, 4]), normal(2, 2, 2, 3), normal(1, 3, 4, 4), **_planes(data_format="NCHW")),
    ]

    def gradients():
        return Conv2D, Conv2DBackpropFilter


def conv2d_backprop_input(
    input_sizes,
    filter=None,
    out_backprop=None,
    strides=None,
    padding=None,
    use_cudnn_on_gpu=True,
    data_format="NHWC",
    dilations=(1, 1, 1, 1),
    name=None,
    filters=None,
):
    """tf.nn.conv2d_backprop_input: the gradient with respect to an input of shape `input_sizes`."""
    filter = filters if filter is None else filter
    attrs = _plane_attrs(strides, padding, use_cudnn_on_gpu, data_format, dilations)
    return Conv2DBackpropInput.apply(input_sizes, filter, out_backprop, **attrs, name=name)


class Conv2DBackpropFilter(FilterGradient):
    """The gradient of `Conv2D` with respect to its filter."""

    attrs = _PLANE
    kernels = (None, None, kernels.conv2d_filter_gradient_launches)
    examples = [
        example(normal(2, 5, 5, 2), array([3, 3, 2, 4]), normal(2, 5, 5, 4), **_planes()),
        example(normal(1, 5, 5, 2), array([3, 3, 2, 3]), normal(1, 3, 3, 3), **_planes(strides=[1, 2, 2, 1])),
        example(normal(1, 2, 4, 4), array([2, 2, 2, 3]), normal(1, 3, 4, 4), **_planes(data_format="NCHW")),
    ]

    def gradients():
        return Conv2D, Conv2DBackpropInput


def conv2d_backprop_filter(
    input,
    filter_sizes,
    out_backprop,
    strides=None,
    padding=None,
    use_cudnn_on_gpu=True,
    data_format="NHWC",
    dilations=(1, 1, 1, 1),
    name=None,
):
    """tf.nn.conv2d_backprop_filter: the gradient with respect to a filter of shape `filter_sizes`."""
    attrs = _plane_attrs(strides, padding, use_cudnn_on_gpu, data_format, dilations)
    return Conv2DBackpropFilter.apply(input, filter_sizes, out_backprop, **attrs, name=name)
