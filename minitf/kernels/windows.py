"""Where a sliding window lies: the arithmetic that convolution and pooling share.

Output position p looks at the input positions p * stride - before + i * dilation, for each i below
the window's size.  Positions outside of the input are padding.  Paddings are flat tuples: (top,
bottom, left, right), with front and back at the beginning for volumes.  Next: `convolution.py`.
"""

import numpy as np

from minitf.kernels.functions import inline


def window_output(size, window, stride=1, dilation=1, padding="SAME"):
    """(output size, padding before, padding after) along one dimension.

    padding: "SAME" (output = ceil(size / stride); an odd unit of padding goes after), "VALID" (none),
    or a pair (before, after).  Raises ValueError where the window is larger than the padded input.
    """
    extent = (window - 1) * dilation + 1
    if padding == "SAME":
        output = -(-size // stride)
        total = max((output - 1) * stride + extent - size, 0)
        return output, total // 2, total - total // 2
    before, after = (0, 0) if padding == "VALID" else padding
    padded = size + before + after
    if padded < extent:
        raise ValueError(f"Negative dimension size caused by subtracting {extent} from {padded}")
    return (padded - extent) // stride + 1, before, after


@inline
def place(index):
    """An index that is not negative: Numba need not ask whether it counts from the end, and loops vectorise."""
    return np.uint64(index)


@inline
def clip_window(position, stride, before, window, size):
    """The part of a window of dilation 1 that lies inside the input: (first, last + 1)."""
    first = position * stride - before
    return max(first, 0), min(first + window, size)


def spatial(numbers):
    """One number for each spatial dimension, as the kernels take them."""
    return np.array(numbers, np.int64)


def pad_numpy(x, padding, value=0):
    """`x` (batch, ..., channels) with its spatial dimensions padded."""
    pairs = list(zip(padding[0::2], padding[1::2], strict=True))
    return np.pad(x, [(0, 0), *pairs, (0, 0)], constant_values=value)


def crop_numpy(x, padding):
    """The inverse of `pad_numpy`."""
    pairs = zip(padding[0::2], padding[1::2], x.shape[1:-1], strict=True)
    return x[(slice(None), *(slice(before, size - after) for before, after, size in pairs))]


def window_views_numpy(padded, window, strides, dilations, output):
    """For each index into the window: (index, the view of what every output position sees there).

    A view is (batch, *output, channels).
    """
    for index in np.ndindex(*window):
        parts = (
            slice(i * dilation, i * dilation + (size - 1) * stride + 1 if size else 0, stride)
            for i, stride, dilation, size in zip(index, strides, dilations, output, strict=True)
        )
        yield index, padded[(slice(None), *parts)]
