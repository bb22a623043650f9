"""The pooling functions of tf.nn, in one, two and three dimensions, made of the ops of `pooling.py`."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.ops.array import expand_dims, squeeze
from minitf.ops.constant import convert_to_tensor
from minitf.ops.pooling import AvgPool, MaxPool, MaxPoolWithArgmax
from minitf.ops.pooling3d import AvgPool3D, MaxPool3D
from minitf.ops.windows import expand_numbers, padding_attrs


def _one_of(input, value):
    if input is not None and value is not None:
        raise ValueError("Cannot specify both 'input' and 'value'.")
    return value if input is None else input


def _attrs(ksize, strides, padding, data_format, spatial):
    where = {"padding": padding} if spatial == 3 else padding_attrs(padding)
    return {
        **where,
        "ksize": expand_numbers(ksize, spatial, data_format, "ksize"),
        "strides": expand_numbers(strides, spatial, data_format, "strides"),
        "data_format": data_format,
    }


def max_pool(value, ksize, strides, padding, data_format="NHWC", name=None, input=None):
    """tf.nn.max_pool: the largest element under each window of pictures.

    value (batch, height, width, channels), or (batch, channels, height, width) with data_format="NCHW";
    ksize (the window) and strides: one number, (height, width), or one for each axis; padding: "SAME",
    "VALID" or four pairs (before, after).  Raises ValueError where these do not fit.
    """
    value = _one_of(input, value)
    with name_scope(name, "MaxPool", [value]) as scope:
        return MaxPool.apply(value, **_attrs(ksize, strides, padding, data_format or "NHWC", 2), name=scope)


def max_pool2d(input, ksize, strides, padding, data_format="NHWC", name=None):
    """tf.nn.max_pool2d: `max_pool`."""
    return max_pool(input, ksize, strides, padding, data_format, "MaxPool2d" if name is None else name)


def avg_pool(value, ksize, strides, padding, data_format="NHWC", name=None, input=None):
    """tf.nn.avg_pool: the average under each window of pictures; arguments as for `max_pool`."""
    value = _one_of(input, value)
    with name_scope(name, "AvgPool", [value]) as scope:
        attrs = _attrs(ksize, strides, padding, data_format or "NHWC", 2)
        attrs.pop("explicit_paddings")
        return AvgPool.apply(value, **attrs, name=scope)


def avg_pool2d(value, ksize, strides, padding, data_format="NHWC", name=None, input=None):
    """tf.nn.avg_pool2d: `avg_pool`."""
    return avg_pool(value, ksize, strides, padding, data_format, name, input)


def _one_dimension(make, default_name, input, ksize, strides, padding, data_format, name):
    with name_scope(name, default_name, [input]) as scope:
        axis = 2 if data_format == "NCW" else 1
        plane = "NCHW" if axis == 2 else "NHWC"
        ksize, strides = (
            expand_numbers(n, 1, data_format, w) for n, w in ((ksize, "ksize"), (strides, "strides"))
        )
        ksize, strides = ([*n[:axis], 1, *n[axis:]] for n in (ksize, strides))
        pooled = make(expand_dims(input, axis), ksize, strides, padding, plane, scope)
        return squeeze(pooled, [axis])


def max_pool1d(input, ksize, strides, padding, data_format="NWC", name=None):
    """tf.nn.max_pool1d: the largest element under each window of sequences (batch, width, channels)."""
    return _one_dimension(max_pool, "MaxPool1d", input, ksize, strides, padding, data_format, name)


def avg_pool1d(input, ksize, strides, padding, data_format="NWC", name=None):
    """tf.nn.avg_pool1d: the average under each window of sequences (batch, width, channels)."""
    return _one_dimension(avg_pool, "AvgPool1D", input, ksize, strides, padding, data_format, name)


def max_pool3d(input, ksize, strides, padding, data_format="NDHWC", name=None):
    """tf.nn.max_pool3d: the largest element under each window of volumes (batch, depth, height, width,
    channels).
    """
    with name_scope(name, "MaxPool3D", [input]) as scope:
        return MaxPool3D.apply(
            input, **_attrs(ksize, strides, padding, data_format or "NDHWC", 3), name=scope
        )


def avg_pool3d(input, ksize, strides, padding, data_format="NDHWC", name=None):
    """tf.nn.avg_pool3d: the average under each window of volumes."""
    with name_scope(name, "AvgPool3D", [input]) as scope:
        return AvgPool3D.apply(
            input, **_attrs(ksize, strides, padding, data_format or "NDHWC", 3), name=scope
        )


def max_pool_v2(input, ksize, strides, padding, data_format=None, name=None):
    """tf.nn.max_pool_v2: `max_pool1d`, `max_pool2d` or `max_pool3d`, by the rank of `input`."""
    return _by_rank((max_pool1d, max_pool2d, max_pool3d), input, ksize, strides, padding, data_format, name)


def avg_pool_v2(input, ksize, strides, padding, data_format=None, name=None):
    """tf.nn.avg_pool_v2: `avg_pool1d`, `avg_pool2d` or `avg_pool3d`, by the rank of `input`."""
    return _by_rank((avg_pool1d, avg_pool2d, avg_pool3d), input, ksize, strides, padding, data_format, name)


def _by_rank(makers, input, ksize, strides, padding, data_format, name):
    input = convert_to_tensor(input)
    if input.shape.ndims is None:
        raise ValueError("Rank of `input` must be known")
    spatial = input.shape.ndims - 2
    if not 1 <= spatial <= 3:
        raise ValueError(f"Input tensor must be of rank 3, 4 or 5 but was {input.shape.ndims}.")
    data_format = data_format or ("NWC", "NHWC", "NDHWC")[spatial - 1]
    return makers[spatial - 1](input, ksize, strides, padding, data_format, name)


def max_pool_with_argmax(
    input,
    ksize,
    strides,
    padding,
    data_format="NHWC",
    Targmax=None,
    name=None,
    output_dtype=None,
    include_batch_in_index=False,
):
    """tf.nn.max_pool_with_argmax: `max_pool`, and the flat index of each maximum.

    Returns (maxima, argmax): argmax is (y * width + x) * channels + c, as int64 or `Targmax`; with
    `include_batch_in_index` the pictures before count, too.  Raises ValueError for another format than
    NHWC.
    """
    if data_format != "NHWC":
        raise ValueError("Data formats other than 'NHWC' are not yet supported")
    dtype = output_dtype or Targmax or dtypes.int64
    attrs = _attrs(ksize, strides, padding, "NHWC", 2)
    for name_of in ("data_format", "explicit_paddings"):
        attrs.pop(name_of)
    return MaxPoolWithArgmax.apply(
        input,
        Targmax=dtypes.as_dtype(dtype),
        include_batch_in_index=include_batch_in_index,
        **attrs,
        name=name,
    )


def pool(
    input,
    window_shape,
    pooling_type,
    padding,
    dilation_rate=None,
    strides=None,
    name=None,
    data_format=None,
    dilations=None,
):
    """tf.nn.pool: pooling in one, two or three dimensions, with strides or dilations.

    window_shape, strides, dilation_rate: one number a spatial dimension; pooling_type: "MAX" or "AVG".
    Raises ValueError for another type, and for strides together with dilations.
    """
    from minitf.ops.convolution_functions import spatial_numbers, with_space_to_batch

    rate = dilation_rate if dilations is None else dilations
    with name_scope(name, f"{pooling_type.lower()}_pool", [input]) as scope:
        input = convert_to_tensor(input, name="input")
        spatial = len(window_shape)
        if not 1 <= spatial <= 3:
            raise ValueError("`input` must have 1 to 3 spatial dimensions")
        if pooling_type not in ("MAX", "AVG"):
            raise ValueError(f"Unsupported pooling type: {pooling_type!r}, must be 'MAX' or 'AVG'")
        strides, rate = (
            spatial_numbers(strides, spatial, "strides"),
            spatial_numbers(rate, spatial, "dilation_rate"),
        )
        _check_dilated(strides, rate, padding, window_shape)
        makers = (
            (max_pool1d, max_pool, max_pool3d)
            if pooling_type == "MAX"
            else (avg_pool1d, avg_pool, avg_pool3d)
        )
        plain = data_format or ("NWC", "NHWC", "NDHWC")[spatial - 1]

        def op(value, _, how):
            return makers[spatial - 1](value, list(window_shape), strides, how, plain, scope)

        return with_space_to_batch(input, rate, padding, op, window_shape, data_format=data_format)


def _check_dilated(strides, rate, padding, window):
    if any(r > 1 for r in rate):
        if padding == "SAME":
            raise ValueError("pooling with 'SAME' padding is not implemented for `dilation_rate` > 1")
        if any(s > 1 for s in strides):
            raise ValueError("strides > 1 not supported in conjunction with dilation_rate > 1")
    if any(s > w for s, w in zip(strides, np.asarray(window), strict=True)):
        raise ValueError("strides > window_shape not supported due to inconsistency between CPU and GPU")
