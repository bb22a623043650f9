"""Convolution as matrix product: 2-D and its two gradients; 3-D is a sum of 2-D planes.

Under each output pixel lies a window of the picture.  Written out, one window a row, the windows
make a matrix `columns`, and then

    out = columns @ filter,    dfilter = transpose(columns) @ dout,    dcolumns = dout @ transpose(filter)

`columns` is large (25 times the picture for a 5x5 filter), so it is made in chunks that stay in the
cache, `columns` being the scratch array of one chunk.  (Chellapilla, Puri and Simard, "High
performance convolutional neural networks for document processing", 2006.)

Pictures are NHWC and filters HWIO: with channels last, a window is made of contiguous runs.  A
caller with NCHW transposes first.  Read next: `depthwise.py`, `pooling.py`.
"""

import math

import numpy as np

from minitf.kernels.blas import gemm, gemm_address, gemm_launch
from minitf.kernels.compile import inline, kernel
from minitf.kernels.machine import Launch
from minitf.kernels.windows import crop_numpy, pad_numpy, spatial, window_views_numpy

_CHUNK_BYTES, _CHUNK_PIXELS = 1 << 20, 512  # `columns` fits in the cache, unless that were too few pixels


@inline
def overlap(line, offset, window):
    """(start, stop): where window[i] meets line[offset + i]."""
    start = min(max(0, -offset), window.shape[0])
    return start, max(start, min(window.shape[0], line.shape[0] - offset))


@inline
def copy_run(line, offset, window):
    """window = the values of `line` from `offset` on, which may be negative; 0 outside of the line."""
    start, stop = overlap(line, offset, window)
    window[:start] = 0
    window[stop:] = 0
    source, target = line[offset + start : offset + stop], window[start:stop]
    for i in range(source.shape[0]):
        target[i] = source[i]


@inline
def add_run(window, offset, line):
    """The transpose of `copy_run`: line[offset ...] += window, leaving out what lies outside."""
    start, stop = overlap(line, offset, window)
    source, target = window[start:stop], line[offset + start : offset + stop]
    for i in range(source.shape[0]):
        target[i] += source[i]


@kernel
def fill_columns(x, filter, out, stride, dilation, before, start, columns):
    """columns[r] = the window of `x` under output pixel start + r; of `filter` and `out` only shapes matter.

    for each row r of columns:                      # its output pixel is (n, p, q)
        for each row i of the window:
            copy line p * stride - top + i * dilation of picture n, from pixel q * stride - left on
    """
    channels = x.shape[3]
    lines = x.reshape(x.shape[0] * x.shape[1], x.shape[2] * channels)
    pixels = filter.shape[1] if dilation[1] == 1 else 1  # how many are neighbours in x, too
    run = pixels * channels
    for r in range(columns.shape[0]):
        row, q = divmod(start + r, out.shape[2])
        n, p = divmod(row, out.shape[1])
        at = 0
        for i in range(filter.shape[0]):
            line = p * stride[0] - before[0] + i * dilation[0]
            for j in range(0, filter.shape[1], pixels):
                window = columns[r, at : at + run]
                if 0 <= line < x.shape[1]:
                    first = q * stride[1] - before[1] + j * dilation[1]
                    copy_run(lines[n * x.shape[1] + line], first * channels, window)
                else:
                    window[:] = 0
                at += run


@kernel
def add_columns(columns, filter, dy, stride, dilation, before, start, dx):
    """The transpose of `fill_columns`: dx[the window under output pixel start + r] += columns[r]."""
    channels = dx.shape[3]
    lines = dx.reshape(dx.shape[0] * dx.shape[1], dx.shape[2] * channels)
    pixels = filter.shape[1] if dilation[1] == 1 else 1
    run = pixels * channels
    for r in range(columns.shape[0]):
        row, q = divmod(start + r, dy.shape[2])
        n, p = divmod(row, dy.shape[1])
        at = 0
        for i in range(filter.shape[0]):
            line = p * stride[0] - before[0] + i * dilation[0]
            for j in range(0, filter.shape[1], pixels):
                if 0 <= line < dx.shape[1]:
                    first = q * stride[1] - before[1] + j * dilation[1]
                    add_run(columns[r, at : at + run], first * channels, lines[n * dx.shape[1] + line])
                at += run


@kernel
def conv2d(address, x, filter, stride, dilation, before, accumulate, columns, out):
    """The convolution of pictures `x` (batch, height, width, in) with `filter` (h, w, in, out).

    accumulate is 0, or 1 to add to what `out` holds.

    out[n, p, q, o] = sum over (i, j, c) of filter[i, j, c, o]
                      * x[n, p * stride[0] - before[0] + i * dilation[0],
                             q * stride[1] - before[1] + j * dilation[1], c]

    for each chunk of output pixels:
        columns = the windows under them            # (pixels, h * w * in)
        out[chunk] = columns @ filter + accumulate * out[chunk]
    """
    matrix = filter.reshape(columns.shape[1], filter.shape[3])
    pixels = out.reshape(out.shape[0] * out.shape[1] * out.shape[2], out.shape[3])
    for start in range(0, pixels.shape[0], columns.shape[0]):
        chunk = pixels[start : start + columns.shape[0]]
        windows = columns[: chunk.shape[0]]
        fill_columns(x, filter, out, stride, dilation, before, start, windows)
        gemm(address, windows, matrix, 0, 0, 1.0, accumulate, chunk)


@kernel
def conv2d_filter_gradient(address, x, dy, stride, dilation, before, accumulate, columns, dfilter):
    """The gradient of `conv2d` with respect to its filter, `dy` being that of its output.

    for each chunk of output pixels:
        columns = the windows of x under them
        dfilter = transpose(columns) @ dy[chunk] + (accumulate the first time, then 1) * dfilter
    """
    matrix = dfilter.reshape(columns.shape[1], dfilter.shape[3])
    pixels = dy.reshape(dy.shape[0] * dy.shape[1] * dy.shape[2], dy.shape[3])
    for start in range(0, max(1, pixels.shape[0]), columns.shape[0]):  # once even if there is no pixel
        chunk = pixels[start : start + columns.shape[0]]
        windows = columns[: chunk.shape[0]]
        fill_columns(x, dfilter, dy, stride, dilation, before, start, windows)
        gemm(address, windows, chunk, 1, 0, 1.0, accumulate if start == 0 else 1, matrix)


@kernel
def conv2d_input_gradient(address, filter, dy, stride, dilation, before, accumulate, columns, dx):
    """The gradient of `conv2d` with respect to its pictures, `dy` being that of its output.

    dx = accumulate * dx
    for each chunk of output pixels:
        columns = dy[chunk] @ transpose(filter)     # the gradients of the windows
        add each of them to dx where its window lies
    """
    matrix = filter.reshape(columns.shape[1], filter.shape[3])
    pixels = dy.reshape(dy.shape[0] * dy.shape[1] * dy.shape[2], dy.shape[3])
    if accumulate == 0:
        dx[:] = 0
    for start in range(0, pixels.shape[0], columns.shape[0]):
        chunk = pixels[start : start + columns.shape[0]]
        windows = columns[: chunk.shape[0]]
        gemm(address, chunk, matrix, 0, 1, 1.0, 0.0, windows)
        add_columns(windows, filter, dy, stride, dilation, before, start, dx)


def scratch_columns(filter, out):
    """Scratch for the windows of one chunk of output pixels."""
    width = math.prod(filter.shape[:-1])
    rows = max(_CHUNK_PIXELS, _CHUNK_BYTES // max(1, width * out.itemsize))
    return np.empty((max(1, min(rows, math.prod(out.shape[:-1]))), width), out.dtype)


def _is_matrix_product(filter, strides, padding):
    """A 1 x 1 window at every pixel is the pixel itself."""
    return all(n == 1 for n in (*filter.shape[:-2], *strides)) and not any(padding)


def _pixels(x):
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


def conv2d_launches(x, filter, strides, padding, dilations, out):
    """Launches for out = conv2d(x, filter).

    x (batch, height, width, in), filter (h, w, in, out channels), out (batch, out height, out width,
    out channels): float32 or float64, C-contiguous.  strides and dilations: (height, width);
    padding: (top, bottom, left, right), as `windows.window_output` tells.
    """
    if _is_matrix_product(filter, strides, padding):
        return [gemm_launch(_pixels(x), _pixels(filter), False, False, _pixels(out))]
    geometry = spatial(strides), spatial(dilations), spatial(padding[0::2])
    return [Launch(conv2d, gemm_address(out.dtype.name), x, filter, *geometry, 0, scratch_columns(filter, out), out)]


def conv2d_filter_gradient_launches(x, dy, strides, padding, dilations, dfilter):
    """Launches for dfilter, the gradient with respect to the filter; arguments as `conv2d_launches`'s."""
    if _is_matrix_product(dfilter, strides, padding):
        return [gemm_launch(_pixels(x), _pixels(dy), True, False, _pixels(dfilter))]
    geometry = spatial(strides), spatial(dilations), spatial(padding[0::2])
    address, columns = gemm_address(dy.dtype.name), scratch_columns(dfilter, dy)
    return [Launch(conv2d_filter_gradient, address, x, dy, *geometry, 0, columns, dfilter)]


def conv2d_input_gradient_launches(filter, dy, strides, padding, dilations, dx):
    """Launches for dx, the gradient with respect to the pictures; arguments as `conv2d_launches`'s."""
    if _is_matrix_product(filter, strides, padding):
        return [gemm_launch(_pixels(dy), _pixels(filter), False, True, _pixels(dx))]
    geometry = spatial(strides), spatial(dilations), spatial(padding[0::2])
    address, columns = gemm_address(dy.dtype.name), scratch_columns(filter, dy)
    return [Launch(conv2d_input_gradient, address, filter, dy, *geometry, 0, columns, dx)]


def conv_numpy(x, filter, strides, padding, dilations):
    """What the convolution kernels must equal, in any number of spatial dimensions."""
    padded = pad_numpy(x, padding)
    window = filter.shape[:-2]
    output = [
        (size - (w - 1) * dilation - 1) // stride + 1
        for size, w, stride, dilation in zip(padded.shape[1:-1], window, strides, dilations, strict=True)
    ]
    out = np.zeros((x.shape[0], *output, filter.shape[-1]), x.dtype)
    for index, view in window_views_numpy(padded, window, strides, dilations, output):
        out += view @ filter[index]
    return out


def conv_filter_gradient_numpy(x, dy, window, strides, padding, dilations):
    """The gradient with respect to a filter of spatial shape `window`."""
    dfilter = np.zeros((*window, x.shape[-1], dy.shape[-1]), x.dtype)
    over_pixels = list(range(dy.ndim - 1))
    views = window_views_numpy(pad_numpy(x, padding), window, strides, dilations, dy.shape[1:-1])
    for index, view in views:
        dfilter[index] = np.tensordot(view, dy, (over_pixels, over_pixels))
    return dfilter


def conv_input_gradient_numpy(filter, dy, x_shape, strides, padding, dilations):
    """The gradient with respect to pictures of shape `x_shape`."""
    padded = pad_numpy(np.zeros(x_shape, dy.dtype), padding)
    for index, view in window_views_numpy(padded, filter.shape[:-2], strides, dilations, dy.shape[1:-1]):
        view += dy @ filter[index].T
    return crop_numpy(padded, padding)
