"""Convolutions of volumes and their gradients: see `convolution.py`."""

from minitf.kernels import convolution3d as kernels
from minitf.ops.convolution import CONVOLVED, Convolution, FilterGradient, InputGradient
from minitf.ops.examples import array, example, normal
from minitf.ops.op import INDICES
from minitf.ops.windows import expand_numbers

_TRIED = ("float32", "float64")
_VOLUME = {"data_format": "NDHWC", "dilations": [1] * 5}


def _volumes(**attrs):
    return {"strides": [1] * 5, "padding": "SAME", **attrs}


class Conv3D(Convolution):
    """The convolution of volumes (batch, depth, height, width, channels)."""

    types = {"T": CONVOLVED[:-1]}
    ndims = 5
    attrs = _VOLUME
    kernels = (kernels.conv3d_launches,)
    examples = [
        example(normal(1, 3, 3, 3, 2), normal(2, 2, 2, 2, 3), **_volumes()),
        example(
            normal(1, 2, 3, 4, 3),
            normal(2, 2, 2, 2, 2),
            **_volumes(data_format="NCDHW", strides=[1, 1, 1, 2, 1]),
        ),
    ]

    def gradients():
        return Conv3DBackpropInputV2, Conv3DBackpropFilterV2


def conv3d(
    input,
    filter=None,
    strides=None,
    padding=None,
    data_format="NDHWC",
    dilations=(1, 1, 1, 1, 1),
    name=None,
    filters=None,
):
    """tf.nn.conv3d: the convolution of volumes.

    input (batch, depth, height, width, in), or channels second with data_format="NCDHW"; filter (d, h, w,
    in, out); the other arguments as for `conv2d`, with five axes.
    """
    filter = filters if filter is None else filter
    return Conv3D.apply(input, filter, **volume_attrs(strides, padding, data_format, dilations), name=name)


def volume_attrs(strides, padding, data_format, dilations=None):
    data_format = data_format or "NDHWC"
    return {
        "padding": padding,
        "strides": expand_numbers(strides, 3, data_format, "strides"),
        "dilations": expand_numbers(dilations, 3, data_format, "dilations"),
        "data_format": data_format,
    }


class Conv3DBackpropInputV2(InputGradient):
    """The gradient of `Conv3D` with respect to its input."""

    types = {"T": CONVOLVED[:-1], "Tshape": INDICES}
    ndims = 5
    attrs = _VOLUME
    kernels = (None, kernels.conv3d_input_gradient_launches)
    examples = [
        example(
            array([1, 3, 3, 3, 2]),
            normal(2, 2, 2, 2, 3),
            normal(1, 3, 3, 3, 3),
            dtypes=_TRIED,
            **_volumes(),
        ),
    ]

    def gradients():
        return Conv3D, Conv3DBackpropFilterV2


class Conv3DBackpropFilterV2(FilterGradient):
    """The gradient of `Conv3D` with respect to its filter."""

    types = {"T": CONVOLVED[:-1]}
    ndims = 5
    attrs = _VOLUME
    kernels = (None, None, kernels.conv3d_filter_gradient_launches)
    examples = [
        example(
            normal(1, 3, 3, 3, 2), array([2, 2, 2, 2, 3]), normal(1, 3, 3, 3, 3), **_volumes(), dtypes=_TRIED
        ),
    ]

    def gradients():
        return Conv3D, Conv3DBackpropInputV2


def conv3d_backprop_filter(
    input,
    filter_sizes,
    out_backprop,
    strides,
    padding,
    data_format="NDHWC",
    dilations=(1, 1, 1, 1, 1),
    name=None,
):
    """tf.nn.conv3d_backprop_filter: the gradient with respect to a filter of shape `filter_sizes`."""
    attrs = volume_attrs(strides, padding, data_format, dilations)
    return Conv3DBackpropFilterV2.apply(input, filter_sizes, out_backprop, **attrs, name=name)
