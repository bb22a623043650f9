"""Depthwise convolution: each channel has filters of its own, and no other channel is mixed in.

Pictures are NHWC (batch, height, width, channels), filters (height, width, channels, multiplier), the
output has channels * multiplier channels.  Geometry as in `convolution.py`.
"""

import numpy as np

from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch
from minitf.kernels.windows import crop_numpy, pad_numpy, spatial, window_views_numpy


@kernel
def depthwise_conv2d(x, filter, stride, dilation, before, out):
    """out[n, p, q, c * m + k] = sum over (i, j) of x[n, p' + i, q' + j, c] * filter[i, j, c, k]"""
    height, width, channels, multiplier = filter.shape
    for n, p, q in np.ndindex(out.shape[:3]):
        row = out[n, p, q]
        row[:] = 0
        for i in range(height):
            y = p * stride[0] - before[0] + i * dilation[0]
            if y < 0 or y >= x.shape[1]:
                continue
            for j in range(width):
                w = q * stride[1] - before[1] + j * dilation[1]
                if w < 0 or w >= x.shape[2]:
                    continue
                if multiplier == 1:
                    for c in range(channels):
                        row[c] += x[n, y, w, c] * filter[i, j, c, 0]
                else:
                    for c in range(channels):
                        v = x[n, y, w, c]
                        for k in range(multiplier):
                            row[c * multiplier + k] += v * filter[i, j, c, k]


@kernel
def depthwise_input_gradient(filter, dy, stride, dilation, before, dx):
    """dx[n, p' + i, q' + j, c] += sum over k of dy[n, p, q, c * m + k] * filter[i, j, c, k]"""
    height, width, channels, multiplier = filter.shape
    dx[:] = 0
    for n, p, q in np.ndindex(dy.shape[:3]):
        for i in range(height):
            y = p * stride[0] - before[0] + i * dilation[0]
            if y < 0 or y >= dx.shape[1]:
                continue
            for j in range(width):
                w = q * stride[1] - before[1] + j * dilation[1]
                if w < 0 or w >= dx.shape[2]:
                    continue
                if multiplier == 1:
                    for c in range(channels):
                        dx[n, y, w, c] += dy[n, p, q, c] * filter[i, j, c, 0]
                else:
                    for c in range(channels):
                        for k in range(multiplier):
                            dx[n, y, w, c] += dy[n, p, q, c * multiplier + k] * filter[i, j, c, k]


@kernel
def depthwise_filter_gradient(x, dy, stride, dilation, before, dfilter):
    """dfilter[i, j, c, k] += x[n, p' + i, q' + j, c] * dy[n, p, q, c * m + k]"""
    height, width, channels, multiplier = dfilter.shape
    dfilter[:] = 0
    for n, p, q in np.ndindex(dy.shape[:3]):
        for i in range(height):
            y = p * stride[0] - before[0] + i * dilation[0]
            if y < 0 or y >= x.shape[1]:
                continue
            for j in range(width):
                w = q * stride[1] - before[1] + j * dilation[1]
                if w < 0 or w >= x.shape[2]:
                    continue
                if multiplier == 1:
                    for c in range(channels):
                        dfilter[i, j, c, 0] += x[n, y, w, c] * dy[n, p, q, c]
                else:
                    for c in range(channels):
                        v = x[n, y, w, c]
                        for k in range(multiplier):
                            dfilter[i, j, c, k] += v * dy[n, p, q, c * multiplier + k]


def launches(kernel, first, second, strides, padding, dilations, out):
    """Launches of one of these kernels; strides, padding, dilations as for
    `convolution.conv2d_launches`.
    """
    return [Launch(kernel, first, second, spatial(strides), spatial(dilations), spatial(padding[0::2]), out)]


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
