"""Depthwise convolution: each channel has filters of its own, and no other channel is mixed in.

Pictures are NHWC (batch, height, width, channels), filters (height, width, channels, multiplier), the
output has channels * multiplier channels.  Geometry as in `convolution.py`.

A channel has too few numbers for a loop of its own.  So lines are laid out by phases (see `phases.py`) with each
number repeated as often as it is used, the filter's elements are repeated to the length of a line, and the loops run
over whole lines.
"""

import numpy as np

from minitf.kernels.copying import copy_launch
from minitf.kernels.functions import function, kernel
from minitf.kernels.machine import Launch
from minitf.kernels.partial_sums import parts_of, sum_launches
from minitf.kernels.phases import add_products, gather_up, lay_out, lines_for
from minitf.kernels.threads import MOST
from minitf.kernels.windows import crop_numpy, pad_numpy, spatial, window_views_numpy


@kernel
def repeat_taps(begin, end, filter, taps):
    """taps[t, q * channels + c] = filter[t, c] for all q; taps t from begin to end."""
    width = filter.shape[1]
    for t in range(begin, end):
        for start in range(0, taps.shape[1], width):
            for c in range(width):
                taps[t, start + c] = filter[t, c]


@function
def _look(x, top, before, times, lines):
    """Lay out those lines of picture x that begin at line `top`; the padding stays 0."""
    for i in range(lines.shape[0]):
        if 0 <= top + i < x.shape[0]:
            lay_out(x[top + i], before, times, lines[i])


@kernel
def depthwise_conv2d(begin, end, worker, x, taps, stride, dilation, before, lines, seen, out):
    """out[n, p, q, c * m + k] = sum over (i, j) of x[n, p' + i, q' + j, c] * filter[i, j, c, k]

    Units are blocks of `lines` lines of an output picture; taps (height, width, numbers in an output line).
    """
    blocks = -(-out.shape[1] // lines)
    for unit in range(begin, end):
        n, block = divmod(unit, blocks)
        first, last = block * lines, min((block + 1) * lines, out.shape[1])
        top = first * stride[0] - before[0]
        _look(x[n], top, before[1], out.shape[3] // x.shape[3], seen[worker])
        for p in range(first, last):
            row = out[n, p].reshape(-1)
            row[:] = 0
            for i in range(taps.shape[0]):
                y = (p - first) * stride[0] + i * dilation[0]
                if 0 <= top + y < x.shape[1]:
                    for j in range(taps.shape[1]):
                        place, phase = divmod(j * dilation[1], stride[1])
                        start = place * out.shape[3]
                        add_products(seen[worker, y, phase, start : start + row.size], taps[i, j], row)


@kernel
def depthwise_input_gradient(begin, end, worker, taps, dy, stride, dilation, before, line, dx):
    """dx[n, p' + i, q' + j, c] += sum over k of dy[n, p, q, c * m + k] * filter[i, j, c, k]

    Units are the lines (n, y) of the pictures.
    """
    sums, width = line[worker], dy.shape[2] * dy.shape[3]
    for unit in range(begin, end):
        n, y = divmod(unit, dx.shape[1])
        sums[:] = 0
        for i in range(taps.shape[0]):
            p, rest = divmod(y + before[0] - i * dilation[0], stride[0])
            if rest == 0 and 0 <= p < dy.shape[1]:
                for j in range(taps.shape[1]):
                    place, phase = divmod(j * dilation[1], stride[1])
                    start = place * dy.shape[3]
                    add_products(dy[n, p].reshape(-1), taps[i, j], sums[phase, start : start + width])
        gather_up(sums, before[1], dy.shape[3] // dx.shape[3], dx[n, y])


@kernel
def depthwise_filter_gradient(begin, end, worker, x, dy, stride, dilation, before, lines, seen, sums, dfilters):
    """dfilter[i, j, c, k] += x[n, p' + i, q' + j, c] * dy[n, p, q, c * m + k]

    The pictures are dealt to the parts (units) of dfilters (parts, h, w, channels * multiplier).
    """
    parts, height, width, channels = dfilters.shape
    for part in range(begin, end):
        sums[worker] = 0
        for n in range(part * len(x) // parts, (part + 1) * len(x) // parts):
            for first in range(0, dy.shape[1], lines):
                top = first * stride[0] - before[0]
                _look(x[n], top, before[1], channels // x.shape[3], seen[worker])
                for i in range(height):
                    for j in range(width):
                        place, phase = divmod(j * dilation[1], stride[1])
                        start, total = place * channels, sums[worker, i, j]
                        for p in range(first, min(first + lines, dy.shape[1])):
                            y = (p - first) * stride[0] + i * dilation[0]
                            if 0 <= top + y < x.shape[1]:
                                run = seen[worker, y, phase, start : start + total.size]
                                add_products(run, dy[n, p].reshape(-1), total)
        dfilters[part] = 0
        for i in range(height):
            for j in range(width):
                for start in range(0, sums.shape[3], channels):
                    for c in range(channels):
                        dfilters[part, i, j, c] += sums[worker, i, j, start + c]


# -- launches ----------------------------------------------------------------------------------------------------


def _taps(filter, pixels):
    """(the launch that repeats the taps of a filter for a line of `pixels`, where it writes them)"""
    height, width, channels, multiplier = filter.shape
    taps = np.empty((height, width, pixels * channels * multiplier), filter.dtype)
    flat = filter.reshape(height * width, -1), taps.reshape(height * width, -1)
    return Launch(repeat_taps, *flat, units=height * width, grain=height * width), taps


def launches(x, filter, strides, padding, dilations, out):
    """Launches for out = depthwise_conv2d(x, filter); geometry as for `convolution.conv2d_launches`."""
    before = padding[0::2]
    repeated, taps = _taps(filter, out.shape[2])
    how = filter.shape[:2], strides, dilations, before, x.shape[1:3], out.shape[3], out.dtype
    lines, seen = lines_for(out.shape[1:3], *how)
    geometry = spatial(strides), spatial(dilations), spatial(before)
    units = len(out) * -(-out.shape[1] // lines)
    return [repeated, Launch(depthwise_conv2d, x, taps, *geometry, lines, seen, out, units=units)]


def input_gradient_launches(filter, dy, strides, padding, dilations, dx):
    """Launches for dx, the gradient with respect to the pictures."""
    before = padding[0::2]
    repeated, taps = _taps(filter, dy.shape[2])
    how = filter.shape[:2], strides, dilations, before, dx.shape[1:3], dy.shape[3], dy.dtype
    line = lines_for(dy.shape[1:3], *how)[1][:, 0].copy()
    geometry = spatial(strides), spatial(dilations), spatial(before)
    units = len(dx) * dx.shape[1]
    return [repeated, Launch(depthwise_input_gradient, taps, dy, *geometry, line, dx, units=units, grain=4)]


def filter_gradient_launches(x, dy, strides, padding, dilations, dfilter):
    """Launches for dfilter, the gradient with respect to the filter."""
    height, width, before = *dfilter.shape[:2], padding[0::2]
    how = dfilter.shape[:2], strides, dilations, before, x.shape[1:3], dy.shape[3], dy.dtype
    lines, seen = lines_for(dy.shape[1:3], *how)
    parts = parts_of(len(x), dy.itemsize, dfilter.size)
    sums = np.empty((MOST, height, width, dy.shape[2] * dy.shape[3]), dy.dtype)
    dfilters = np.empty((parts, height, width, dy.shape[3]), dy.dtype)
    geometry = spatial(strides), spatial(dilations), spatial(before)
    summed = Launch(depthwise_filter_gradient, x, dy, *geometry, lines, seen, sums, dfilters, units=parts)
    return [summed, *(sum_launches(dfilters, dfilter) if parts > 1 else [copy_launch(dfilters, dfilter)])]


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
    return out.reshape(*out.shape[:3], out.shape[3] * out.shape[4])


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
