"""Convolutions in any number of dimensions: dilated, in one dimension, and transposed.  All made of other
ops.
"""

import numpy as np

from minitf.graph.dtypes import int32
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.array import expand_dims, squeeze
from minitf.ops.constant import convert_to_tensor
from minitf.ops.convolution import Conv2DBackpropInput, conv2d
from minitf.ops.convolution3d import Conv3DBackpropInputV2, conv3d, volume_attrs
from minitf.ops.joining import concat
from minitf.ops.op import constant_value
from minitf.ops.windows import expand_numbers, padding_attrs


def _either(new, old, new_name, old_name):
    """The one argument that was given under its new or its old name.  Raises ValueError where both were."""
    if new is not None and old is not None:
        raise ValueError(f"Cannot specify both '{new_name}' and '{old_name}'.")
    return old if new is None else new


def conv1d(
    value=None,
    filters=None,
    stride=None,
    padding=None,
    use_cudnn_on_gpu=None,
    data_format=None,
    name=None,
    input=None,
    dilations=None,
):
    """tf.nn.conv1d: the convolution of sequences, as one of pictures of height 1.

    value (batch, width, in), or (batch, in, width) with data_format="NCW"; filters (w, in, out).
    Raises ValueError for an unknown data_format.
    """
    value = _either(input, value, "input", "value")
    with name_scope(name, "conv1d", [value, filters]) as scope:
        plane, axis = _plane_format(data_format)
        value, filters = expand_dims(value, axis), expand_dims(filters, 0)
        out = conv2d(
            value,
            filters,
            _with_unit(stride, axis),
            padding,
            use_cudnn_on_gpu is not False,
            plane,
            _with_unit(dilations, axis),
            name=scope,
        )
        return squeeze(out, [axis])


def _plane_format(data_format):
    """(the data_format of the picture that a sequence becomes, the axis to add)"""
    if data_format in (None, "NWC", "NHWC"):
        return "NHWC", 1
    if data_format in ("NCW", "NCHW"):
        return "NCHW", 2
    raise ValueError(f"data_format must be 'NWC' or 'NCW', got {data_format!r}")


def _with_unit(numbers, axis):
    """Strides of a sequence (one number, or one for each of 3 axes) with a 1 for the added axis."""
    values = expand_numbers(numbers, 1, "NWC" if axis == 1 else "NCW", "strides")
    return [*values[:axis], 1, *values[axis:]]


# -- any rank, with dilations --------------------------------------------------------------------------------


def convolution(
    input,
    filter=None,
    padding=None,
    strides=None,
    dilation_rate=None,
    name=None,
    data_format=None,
    filters=None,
    dilations=None,
):
    """tf.nn.convolution: the convolution of sequences, pictures or volumes, as the rank of `filter` says.

    input (batch, ..., in), filter (..., in, out); strides and dilation_rate: one number a spatial
    dimension, of which only one kind may be above 1.  A dilated convolution is an ordinary one on the
    input dealt out to several pictures (`space_to_batch`).  Raises ValueError where these do not fit.
    """
    filter = _either(filters, filter, "filters", "filter")
    rate = _either(dilations, dilation_rate, "dilations", "dilation_rate")
    with name_scope(name, "convolution", [input, filter]) as scope:
        input = convert_to_tensor(input, name="input")
        filter = convert_to_tensor(filter, name="filter")
        spatial = _spatial_rank(input, filter)
        strides, rate = (
            spatial_numbers(strides, spatial, "strides"),
            spatial_numbers(rate, spatial, "dilation_rate"),
        )
        if any(s > 1 for s in strides) and any(r > 1 for r in rate):
            raise ValueError("strides > 1 not supported in conjunction with dilation_rate > 1")
        make = (conv1d, conv2d, conv3d)[spatial - 1]

        def op(value, _, how):
            return make(value, filter, _all_axes(strides, data_format, spatial), how, name=scope,
                        data_format=data_format or ("NWC", "NHWC", "NDHWC")[spatial - 1])  # fmt: skip

        if all(r == 1 for r in rate):
            return op(input, len(rate), padding)
        window = filter.shape[:spatial].sizes
        return with_space_to_batch(input, rate, padding, op, window, data_format=data_format)


def _spatial_rank(input, filter):
    if filter.shape.ndims is None and input.shape.ndims is None:
        raise ValueError("Rank of convolution must be known")
    spatial = (input.shape.ndims if filter.shape.ndims is None else filter.shape.ndims) - 2
    if not 1 <= spatial <= 3:
        raise ValueError(
            f"`input` must have 3 to 5 axes, got {input.shape} with a filter of shape {filter.shape}"
        )
    input.shape.with_rank(spatial + 2)
    return spatial


def spatial_numbers(values, spatial, name):
    if values is None:
        return [1] * spatial
    values = [int(v) for v in np.atleast_1d(values)]
    values = values * spatial if len(values) == 1 else values
    if len(values) != spatial:
        raise ValueError(f"`{name}` must have {spatial} numbers, got {values}")
    if any(v < 1 for v in values):
        raise ValueError(f"all values of `{name}` must be positive, got {values}")
    return values


def _all_axes(values, data_format, spatial):
    if spatial == 1:
        return values[0]
    return [1, 1, *values] if data_format is not None and data_format.startswith("NC") else [1, *values, 1]


def with_space_to_batch(
    input, dilation_rate, padding, op, filter_shape=None, spatial_dims=None, data_format=None
):
    """tf.nn.with_space_to_batch: a dilated window op made of `op(input, spatial dimensions, padding)`.

    dilation_rate: one number each of `spatial_dims` (axes; those after the batch by default).  The input
    is dealt out so that neighbours under the dilated window become neighbours; `filter_shape` (the
    window) is needed for padding "SAME".
    """
    from minitf.ops.blocks import batch_to_space_nd, required_space_to_batch_paddings, space_to_batch_nd

    input = convert_to_tensor(input, name="input")
    rate = [int(r) for r in constant_value(convert_to_tensor(dilation_rate, int32, name="dilation_rate"))]
    first = 2 if data_format is not None and data_format.startswith("NC") else 1
    dims = sorted(spatial_dims) if spatial_dims is not None else list(range(first, first + len(rate)))
    if all(r == 1 for r in rate):
        return op(input, len(rate), padding)
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"Invalid padding method {padding!r}: a dilated window takes 'SAME' or 'VALID'")
    rate_by_axis = [1] * dims[-1]
    base = [[0, 0] for _ in range(dims[-1])]
    for i, (axis, r) in enumerate(zip(dims, rate, strict=True)):
        rate_by_axis[axis - 1] = r
        if padding == "SAME":
            extra = (filter_shape[i] - 1) * r
            base[axis - 1] = [extra // 2, extra - extra // 2]
    sizes = _middle_sizes(input, dims[-1])
    paddings, crops = required_space_to_batch_paddings(
        sizes, rate_by_axis, base_paddings=np.array(base, np.int32)
    )
    dealt = space_to_batch_nd(input, rate_by_axis, paddings)
    out = batch_to_space_nd(op(dealt, len(rate), "VALID"), rate_by_axis, crops)
    out.set_shape([input.shape.sizes[0], *[None] * (out.shape.ndims - 1)])
    return out


def _middle_sizes(input, last):
    """The sizes of axes 1 to `last`: an array where they are known, else a tensor."""
    from minitf.ops.array import shape_of

    sizes = input.shape.sizes[1 : last + 1]
    return shape_of(input)[1 : last + 1] if None in sizes else np.array(sizes, np.int32)


def atrous_conv2d(value, filters, rate, padding, name=None):
    """tf.nn.atrous_conv2d: `conv2d` with holes: neighbours under the window are `rate` pixels apart."""
    return convolution(value, filters, padding, dilation_rate=[rate, rate], name=name)


def atrous_conv2d_transpose(value, filters, output_shape, rate, padding, name=None):
    """tf.nn.atrous_conv2d_transpose: the transpose (the gradient) of `atrous_conv2d`.

    value (batch, height, width, in), filters (h, w, out, in), output_shape: of the result.
    """
    with name_scope(name, "atrous_conv2d_transpose", [value, filters, output_shape]) as scope:
        attrs = {"strides": [1] * 4, "dilations": [1, rate, rate, 1], **padding_attrs(padding)}
        return Conv2DBackpropInput.apply(_sizes(output_shape), filters, value, **attrs, name=scope)


# -- transposed ----------------------------------------------------------------------------------------------


def conv2d_transpose(
    value=None,
    filter=None,
    output_shape=None,
    strides=None,
    padding="SAME",
    data_format="NHWC",
    name=None,
    input=None,
    filters=None,
    dilations=None,
):
    """tf.nn.conv2d_transpose: the gradient of `conv2d` with respect to its input, used forwards.

    value (batch, height, width, in), filter (h, w, out, in): `in` and `out` as this function's reader
    sees them; output_shape: all four sizes of the result.  Raises ValueError where value is no output of
    a `conv2d` from that.
    """
    filter = _either(filters, filter, "filters", "filter")
    value = _either(input, value, "input", "value")
    data_format = data_format or "NHWC"
    with name_scope(name, "conv2d_transpose", [value, filter, output_shape]) as scope:
        attrs = {
            **padding_attrs(padding),
            "strides": expand_numbers(strides, 2, data_format, "strides"),
            "dilations": expand_numbers(dilations, 2, data_format, "dilations"),
            "data_format": data_format,
        }
        return Conv2DBackpropInput.apply(_sizes(output_shape), filter, value, **attrs, name=scope)


def _sizes(output_shape):
    """The shape argument as something that becomes an int32 tensor."""
    if isinstance(output_shape, TensorShape):
        return list(output_shape.sizes)
    return output_shape


def conv1d_transpose(
    input, filters, output_shape, strides, padding="SAME", data_format="NWC", dilations=None, name=None
):
    """tf.nn.conv1d_transpose: the transpose of `conv1d`; filters (w, out, in), output_shape: three
    sizes.
    """
    with name_scope(name, "conv1d_transpose", [input, filters, output_shape]) as scope:
        plane, axis = _plane_format(data_format)
        input, filters = expand_dims(input, axis), expand_dims(filters, 0)
        output_shape = list(output_shape) if isinstance(output_shape, tuple) else output_shape
        sizes = concat([output_shape[:axis], [1], output_shape[axis:]], 0)
        attrs = {**padding_attrs(padding), "data_format": plane, "strides": _with_unit(strides, axis),
                 "dilations": _with_unit(dilations, axis)}  # fmt: skip
        out = Conv2DBackpropInput.apply(sizes, filters, input, **attrs, name=scope)
        return squeeze(out, [axis])


def conv3d_transpose(
    value,
    filter=None,
    output_shape=None,
    strides=None,
    padding="SAME",
    data_format="NDHWC",
    name=None,
    input=None,
    filters=None,
    dilations=None,
):
    """tf.nn.conv3d_transpose: the transpose of `conv3d`; filter (d, h, w, out, in), output_shape: five
    sizes.
    """
    filter = _either(filters, filter, "filters", "filter")
    value = _either(input, value, "input", "value")
    with name_scope(name, "conv3d_transpose", [value, filter, output_shape]) as scope:
        attrs = volume_attrs(strides, padding, data_format, dilations)
        return Conv3DBackpropInputV2.apply(_sizes(output_shape), filter, value, **attrs, name=scope)


def conv_transpose(
    input, filters, output_shape, strides, padding="SAME", data_format=None, dilations=None, name=None
):
    """tf.nn.conv_transpose: `conv1d_transpose`, `conv2d_transpose` or `conv3d_transpose`, by
    output_shape's length.
    """
    ndims = output_shape.shape[0].value if hasattr(output_shape, "op") else len(output_shape)
    makers = {3: (conv1d_transpose, "NWC"), 4: (conv2d_transpose, "NHWC"), 5: (conv3d_transpose, "NDHWC")}
    if ndims not in makers:
        raise ValueError(f"output_shape must have 3 to 5 sizes, got {ndims}")
    make, plain = makers[ndims]
    with name_scope(name, "conv_transpose", [input, filters, output_shape]) as scope:
        return make(input, filters, output_shape, strides, padding, data_format or plain, name=scope,
                    dilations=dilations)  # fmt: skip
