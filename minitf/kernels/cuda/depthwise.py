"""Depthwise convolution: each channel has filters of its own.  One thread for each element of the result.

The gradient of the filter has few elements and sums over all pixels: there it is one block for each element, folded as
in `reduction.py`.  The gradient of the picture asks for each place which output pixels look at it, so that nothing is
added atomically.  Pictures NHWC, filters (height, width, channels, multiplier), geometry as on the CPU
(`minitf/kernels/depthwise.py`): `stride`, `dilation` and `before` have two numbers.
"""

import numpy as np

from minitf.kernels.cuda.cases import empty, exactly, normal
from minitf.kernels.cuda.intrinsics import quotient, remainder
from minitf.kernels.cuda.launching import BLOCK, Launch, over
from minitf.kernels.cuda.reduction import WARPS, fold_block
from minitf.kernels.cuda.toolkit import (
    Device,
    cuda,
    device,
    int32,
    kernel,
    thread_count,
    thread_index,
    uint32,
)
from minitf.kernels.depthwise import (
    depthwise_filter_gradient_numpy,
    depthwise_input_gradient_numpy,
    depthwise_numpy,
)


@device
def pixel_of(number, shape):
    """(n, y, w) of pixel `number` of pictures."""
    w, line = remainder(number, uint32(shape[2])), quotient(number, uint32(shape[2]))
    return quotient(line, uint32(shape[1])), remainder(line, uint32(shape[1])), w


@kernel(registers=64)
def depthwise_conv2d(x, filter, stride, dilation, before, out):
    """out[n, p, q, c m + k] = sum over (i, j) of x[n, p' + i, q' + j, c] * filter[i, j, c, k]"""
    multiplier = uint32(filter.shape[3])
    at = thread_index()
    while at < uint32(out.size):
        o, pixel = remainder(at, uint32(out.shape[3])), quotient(at, uint32(out.shape[3]))
        n, p, q = pixel_of(pixel, out.shape)
        c, k = quotient(o, multiplier), remainder(o, multiplier)
        total = out.dtype.type(0)
        for i in range(int32(filter.shape[0])):
            y = int32(int32(p) * stride[0] - before[0] + int32(i) * dilation[0])
            for j in range(int32(filter.shape[1])):
                w = int32(int32(q) * stride[1] - before[1] + int32(j) * dilation[1])
                if y >= 0 and y < x.shape[1] and w >= 0 and w < x.shape[2]:
                    total += x[n, y, w, c] * filter[i, j, c, k]
        out[n, p, q, o] = total
        at = uint32(at + thread_count())


@device
def window_over(place, step, stride, before, dilation):
    """The output position whose window has input position `place` as its element `step`; -1 if none."""
    up = int32(int32(place) + before - int32(step) * dilation)
    position = int32(up // stride)
    return position if up >= 0 and position * stride == up else int32(-1)


@kernel(registers=72)
def depthwise_input_gradient(filter, dy, stride, dilation, before, dx):
    """dx[n, y, w, c] = sum over (i, j, k) of dy[n, p, q, c m + k] * filter[i, j, c, k], (p, q) over (y, w) at (i, j)"""
    multiplier = uint32(filter.shape[3])
    at = thread_index()
    while at < uint32(dx.size):
        c, pixel = remainder(at, uint32(dx.shape[3])), quotient(at, uint32(dx.shape[3]))
        n, y, w = pixel_of(pixel, dx.shape)
        total = dx.dtype.type(0)
        for i in range(int32(filter.shape[0])):
            p = window_over(y, i, stride[0], before[0], dilation[0])
            for j in range(int32(filter.shape[1])):
                q = window_over(w, j, stride[1], before[1], dilation[1])
                if p >= 0 and p < dy.shape[1] and q >= 0 and q < dy.shape[2]:
                    for k in range(multiplier):
                        total += dy[n, p, q, uint32(c * multiplier + k)] * filter[i, j, c, k]
        dx[n, y, w, c] = total
        at = uint32(at + thread_count())


@kernel(threads=BLOCK, registers=72)
def depthwise_filter_gradient(x, dy, stride, dilation, before, dfilter):
    """dfilter[i, j, c, k] = sum over pixels of x[n, p' + i, q' + j, c] * dy[n, p, q, c m + k]; a block for each."""
    number, multiplier = uint32(cuda.blockIdx.x), uint32(dfilter.shape[3])
    k, rest = remainder(number, multiplier), quotient(number, multiplier)
    c, place = remainder(rest, uint32(dfilter.shape[2])), quotient(rest, uint32(dfilter.shape[2]))
    j, i = remainder(place, uint32(dfilter.shape[1])), quotient(place, uint32(dfilter.shape[1]))
    warps = cuda.shared.array(WARPS, x.dtype)
    zero = x.dtype.type(0)
    total = zero
    pixel, pixels = uint32(cuda.threadIdx.x), uint32(dy.shape[0] * dy.shape[1] * dy.shape[2])
    while pixel < pixels:
        n, p, q = pixel_of(pixel, dy.shape)
        y = int32(int32(p) * stride[0] - before[0] + int32(i) * dilation[0])
        w = int32(int32(q) * stride[1] - before[1] + int32(j) * dilation[1])
        if y >= 0 and y < x.shape[1] and w >= 0 and w < x.shape[2]:
            total += x[n, y, w, c] * dy[n, p, q, uint32(c * multiplier + k)]
        pixel = uint32(pixel + uint32(BLOCK))
    total = fold_block(total, zero, warps)
    if cuda.threadIdx.x == 0:
        dfilter[i, j, c, k] = total


def _sum(total, x):
    return total + x


filter_gradient = depthwise_filter_gradient.specialise(combine=Device(_sum))


def launch(kernel, first, second, stride, dilation, before, out):
    """The launch of one of these kernels."""
    geometry = [np.asarray(v, int32) for v in (stride, dilation, before)]
    if kernel is depthwise_filter_gradient:
        return Launch(filter_gradient, out.size, BLOCK, first, second, *geometry, out)
    return over(out.size, kernel, first, second, *geometry, out)


# -- how these kernels are tried ---------------------------------------------------------------------------------

_X, _F, _Y = (2, 5, 6, 3), (3, 2, 3, 2), (2, 3, 5, 6)
_PLACES = (2, 1), (1, 1, 0, 0), (1, 1)  # strides, padding, dilations
_GEOMETRY = [exactly(v, "int32") for v in ((2, 1), (1, 1), (1, 0))]  # stride, dilation, before


@depthwise_conv2d.equals
def _(x, filter, stride, dilation, before, out):
    out[...] = depthwise_numpy(x, filter, *_PLACES)


@depthwise_input_gradient.equals
def _(filter, dy, stride, dilation, before, dx):
    dx[...] = depthwise_input_gradient_numpy(filter, dy, dx.shape, *_PLACES)


@filter_gradient.equals
def _(x, dy, stride, dilation, before, dfilter):
    dfilter[...] = depthwise_filter_gradient_numpy(x, dy, dfilter.shape, *_PLACES)


depthwise_conv2d.example(1, 64, normal(*_X), normal(*_F), *_GEOMETRY, empty(*_Y))
depthwise_input_gradient.example(1, 64, normal(*_F), normal(*_Y), *_GEOMETRY, empty(*_X))
filter_gradient.example(36, BLOCK, normal(*_X), normal(*_Y), *_GEOMETRY, empty(*_F))
