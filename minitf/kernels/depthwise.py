"""Depthwise convolution: each channel has filters of its own, and no other channel is mixed in.

Pictures are NHWC (batch, height, width, channels), filters (height, width, channels, multiplier), the
output has channels * multiplier channels.  Geometry as in `convolution.py`.

With a multiplier of 1 a filter's element is as wide as a pixel: one loop over neighbours in memory.
"""

import math

import numpy as np

from minitf.kernels.functions import inline, kernel
from minitf.kernels.machine import Launch
from minitf.kernels.partial_sums import parts_of, sum_launches
from minitf.kernels.windows import crop_numpy, pad_numpy, place, spatial, window_views_numpy

_GRAIN = 8192  # multiplications that are worth a thread


@inline
def _line(p, i, stride, dilation, before, axis, size):
    """The line (or pixel) of the picture that tap i of output line p sees; -1 outside."""
    y = p * stride[axis] - before[axis] + i * dilation[axis]
    return y if 0 <= y < size else -1


@kernel
def depthwise_conv2d(begin, end, x, filter, stride, dilation, before, out):
    """out[n, p, q, c * m + k] = sum over (i, j) of x[n, p' + i, q' + j, c] * filter[i, j, c, k]

    Units are the lines (n, p) of the output.
    """
    height, width, channels, multiplier = filter.shape
    taps = filter.reshape(height, width, channels * multiplier)
    for unit in range(begin, end):
        n, p = divmod(unit, out.shape[1])
        for q in range(out.shape[2]):
            row = out[n, p, q]
            row[:] = 0
            for i in range(height):
                y = _line(p, i, stride, dilation, before, 0, x.shape[1])
                for j in range(width if y >= 0 else 0):
                    w = _line(q, j, stride, dilation, before, 1, x.shape[2])
                    if w < 0:
                        continue
                    if multiplier == 1:
                        for c in range(row.size):
                            row[c] += x[n, y, w, c] * taps[i, j, c]
                    else:
                        for c in range(channels):
                            v = x[n, y, w, c]
                            for k in range(multiplier):
                                row[place(c * multiplier + k)] += v * taps[i, j, place(c * multiplier + k)]


@kernel
def depthwise_input_gradient(begin, end, filter, dy, stride, dilation, before, dx):
    """dx[n, p' + i, q' + j, c] += sum over k of dy[n, p, q, c * m + k] * filter[i, j, c, k]

    Units are the pictures n.
    """
    height, width, channels, multiplier = filter.shape
    taps = filter.reshape(height, width, channels * multiplier)
    for n in range(begin, end):
        dx[n] = 0
        for p, q, i in np.ndindex((dy.shape[1], dy.shape[2], height)):
            y = _line(p, i, stride, dilation, before, 0, dx.shape[1])
            for j in range(width if y >= 0 else 0):
                w = _line(q, j, stride, dilation, before, 1, dx.shape[2])
                if w < 0:
                    continue
                if multiplier == 1:
                    for c in range(channels):
                        dx[n, y, w, c] += dy[n, p, q, c] * taps[i, j, c]
                else:
                    for c in range(channels):
                        total = dx[n, y, w, c]
                        for k in range(multiplier):
                            total += dy[n, p, q, place(c * multiplier + k)] * taps[i, j, place(c * multiplier + k)]
                        dx[n, y, w, c] = total


@kernel
def depthwise_filter_gradient(begin, end, x, dy, stride, dilation, before, dfilters):
    """dfilter[i, j, c, k] += x[n, p' + i, q' + j, c] * dy[n, p, q, c * m + k]

    The pictures are dealt to the parts (units) of dfilters (parts, h, w, channels, multiplier).
    """
    parts, height, width, channels, multiplier = dfilters.shape
    sums = dfilters.reshape(parts, height, width, channels * multiplier)
    for part in range(begin, end):
        sums[part] = 0
        for n in range(part * len(x) // parts, (part + 1) * len(x) // parts):
            for p, q, i in np.ndindex((dy.shape[1], dy.shape[2], height)):
                y = _line(p, i, stride, dilation, before, 0, x.shape[1])
                for j in range(width if y >= 0 else 0):
                    w = _line(q, j, stride, dilation, before, 1, x.shape[2])
                    if w < 0:
                        continue
                    if multiplier == 1:
                        for c in range(channels):
                            sums[part, i, j, c] += x[n, y, w, c] * dy[n, p, q, c]
                    else:
                        for c in range(channels):
                            v = x[n, y, w, c]
                            for k in range(multiplier):
                                at = place(c * multiplier + k)
                                sums[part, i, j, at] += v * dy[n, p, q, at]


def launches(kernel, first, second, strides, padding, dilations, out):
    """Launches of one of these kernels; strides, padding, dilations as for
    `convolution.conv2d_launches`.
    """
    geometry = spatial(strides), spatial(dilations), spatial(padding[0::2])
    if kernel is depthwise_filter_gradient:
        parts = parts_of(len(first), out.itemsize, out.size)
        sums = np.empty((parts, *out.shape), out.dtype) if parts > 1 else out[None]
        summed = Launch(kernel, first, second, *geometry, sums, units=parts)
        return [summed] if parts == 1 else [summed, *sum_launches(sums, out)]
    units = len(out) * (out.shape[1] if kernel is depthwise_conv2d else 1)
    work = out.size * math.prod((second if kernel is depthwise_conv2d else first).shape[:2])
    return [Launch(kernel, first, second, *geometry, out, units=units, grain=_GRAIN * units // max(1, work))]


def _views(x, window, strides, padding, dilations):
    padded = pad_numpy(x, padding)
    output = [
        (size - (w - 1) * d - 1) // s + 1
        for size, w, d, s in zip(padded.shape[1:-1], window, dilations, strides, strict=True)
    ]
    return window_views_numpy(padded, window, strides, dilations, output)


def depthwise_numpy(x, filter, strides, padding, dilations):
    """What `depthwise_conv2d` must equal."""
    out = sum(v[..., None] * filter[i] for i, v in _views(x, filter.shape[:2], strides, padding, dilations))
    return out.reshape(*out.shape[:3], -1)


def depthwise_input_gradient_numpy(filter, dy, x_shape, strides, padding, dilations):
    padded = pad_numpy(np.zeros(x_shape, dy.dtype), padding)
    dy = dy.reshape(*dy.shape[:3], *filter.shape[2:])
    for i, view in window_views_numpy(padded, filter.shape[:2], strides, dilations, dy.shape[1:3]):
        view += (dy * filter[i]).sum(-1)
    return crop_numpy(padded, padding)


def depthwise_filter_gradient_numpy(x, dy, filter_shape, strides, padding, dilations):
    dfilter = np.zeros(filter_shape, dy.dtype)
    dy = dy.reshape(*dy.shape[:3], *filter_shape[2:])
    for i, view in _views(x, filter_shape[:2], strides, padding, dilations):
        dfilter[i] = (view[..., None] * dy).sum((0, 1, 2))
    return dfilter
