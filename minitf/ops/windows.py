"""What convolutions and poolings have in common: attributes that say where a sliding window lies.

    data_format   "NHWC" (batch, height, width, channels) or "NCHW"; "NDHWC" or "NCDHW" for volumes
    strides       one number an axis in that order: how far the window moves
    dilations     one number an axis: the distance of neighbours under the window
    padding       "SAME", "VALID" or "EXPLICIT"; then explicit_paddings has (before, after) of each axis

Kernels have channels last; here are the launches that turn other arrays around.  See `kernels/windows.py`.
"""

from typing import NamedTuple

import numpy as np

from minitf.kernels.transposing import transpose_launches
from minitf.kernels.windows import window_output

REALS_OF_KERNELS = (np.float32, np.float64)


class Places(NamedTuple):
    """Spatial sizes of the output and, as the kernels take them, strides, padding and dilations."""

    output: tuple
    strides: tuple
    padding: tuple  # (before, after) of each spatial axis, in one row
    dilations: tuple


def is_channels_first(op):
    return op.attrs["data_format"].startswith("NC")


def spatial_axes(op, ndims):
    return range(2, ndims) if is_channels_first(op) else range(1, ndims - 1)


def channel_axis(op, ndims):
    return 1 if is_channels_first(op) else ndims - 1


def spatial_sizes(op, shape):
    """The sizes of a shape (a tuple) without batch and channels."""
    return tuple(shape[d] for d in spatial_axes(op, len(shape)))


def with_channels(op, batch, spatial, channels):
    """A shape in the order of the op's data_format."""
    return (batch, channels, *spatial) if is_channels_first(op) else (batch, *spatial, channels)


def places(op, sizes, window):
    """The `Places` of a window of spatial sizes `window` on an input of spatial sizes `sizes`.

    Sizes may be None: then so are those of the output, and the padding is not complete.
    Raises ValueError where the window is larger than the padded input.
    """
    attrs, ndims = op.attrs, len(sizes) + 2
    axes = spatial_axes(op, ndims)
    dilations = attrs.get("dilations") or [1] * ndims
    output, padding = [], []
    for d, size, w in zip(axes, sizes, window, strict=True):
        how = attrs["padding"]
        if how == "EXPLICIT":
            how = tuple(attrs["explicit_paddings"][2 * d : 2 * d + 2])
        if size is None or w is None:
            output.append(size if how == "SAME" and attrs["strides"][d] == 1 else None)
            continue
        found, before, after = window_output(size, w, attrs["strides"][d], dilations[d], how)
        output.append(found)
        padding += [before, after]
    return Places(tuple(output), tuple(attrs["strides"][d] for d in axes), tuple(padding),
                  tuple(dilations[d] for d in axes))  # fmt: skip


def place_attrs(op):
    """The attributes that the gradients of an op share with it."""
    names = (
        "strides",
        "padding",
        "explicit_paddings",
        "data_format",
        "dilations",
        "ksize",
        "use_cudnn_on_gpu",
    )
    return {name: op.attrs[name] for name in names if name in op.attrs}


def check_attrs(op, ndims):
    """Raises ValueError for strides and dilations that no kernel serves."""
    for name in ("strides", "dilations", "ksize"):
        values = op.attrs.get(name)
        if values is None:
            continue
        if len(values) != ndims:
            raise ValueError(f"{op.type} requires {name} to have {ndims} numbers, got {list(values)}")
        if any(v <= 0 for v in values):
            raise ValueError(f"{op.type} requires positive {name}, got {list(values)}")
        if name != "ksize" and (values[0] != 1 or values[channel_axis(op, ndims)] != 1):
            raise ValueError(f"{op.type}: {name} in the batch and channel axes must be 1, got {list(values)}")


def to_channels_last(op, x):
    """(launches, array): `x` with channels last, and what fills that array when it runs."""
    if not is_channels_first(op):
        return [], x
    axes = 0, *range(2, x.ndim), 1
    turned = np.empty([x.shape[d] for d in axes], x.dtype)
    return transpose_launches(x, axes, turned), turned


def from_channels_last(op, out):
    """(array, launches): where a kernel with channels last writes, and what then fills `out`."""
    if not is_channels_first(op):
        return out, []
    turned = np.empty([out.shape[0], *out.shape[2:], out.shape[1]], out.dtype)
    return turned, transpose_launches(turned, (0, out.ndim - 1, *range(1, out.ndim - 1)), out)


def last_numpy(op, x):
    """A view of `x` with channels last."""
    return np.moveaxis(x, 1, -1) if is_channels_first(op) else x


def first_numpy(op, y):
    """The reverse of `last_numpy`."""
    return np.moveaxis(y, -1, 1) if is_channels_first(op) else y


# -- arguments of the public functions ---------------------------------------------------------------------


def expand_numbers(values, spatial, data_format, name):
    """One number an axis, from one number, `spatial` numbers or all of them.  Raises ValueError else."""
    values = [1] if values is None else [int(v) for v in np.atleast_1d(np.asarray(values, dtype=object))]
    if len(values) == spatial + 2:
        return values
    if len(values) == 1:
        values = values * spatial
    if len(values) != spatial:
        raise ValueError(f"{name} should be of length 1, {spatial} or {spatial + 2} but was {len(values)}.")
    return [1, 1, *values] if data_format.startswith("NC") else [1, *values, 1]


def padding_attrs(padding):
    """{padding, explicit_paddings} from "SAME", "VALID" or a list of (before, after) of each axis."""
    if isinstance(padding, str):
        if padding.upper() not in ("SAME", "VALID"):
            raise ValueError(f"padding must be 'SAME', 'VALID' or a list of pairs, got {padding!r}")
        return {"padding": padding.upper(), "explicit_paddings": []}
    if padding is None:
        raise ValueError("padding must be given: 'SAME', 'VALID' or a list of pairs")
    pairs = [[int(n) for n in pair] for pair in padding]
    if len(pairs) != 4 or any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"explicit padding needs 4 pairs (before, after), got {padding}")
    return {"padding": "EXPLICIT", "explicit_paddings": [n for pair in pairs for n in pair]}
