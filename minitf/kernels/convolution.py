"""Convolution as matrix product: 2-D and its two gradients; 3-D is a sum of 2-D planes.

Under each output pixel lies a window of the picture.  Written out, one window a row, the windows
make a matrix `columns`, and then

    out = columns @ filter,    dfilter = transpose(columns) @ dout,    dcolumns = dout @ transpose(filter)

`columns` is large (25 times the picture for a 5x5 filter), so it is made in chunks that stay in the
cache, `columns` being the scratch array of one chunk.  (Chellapilla, Puri and Simard, "High
performance convolutional neural networks for document processing", 2006.)  Where windows overlap much,
`winograd.py` is faster, and is taken.

Pictures are NHWC and filters HWIO: with channels last, a window is made of contiguous runs.  A
caller with NCHW transposes first.  Read next: `winograd.py`, `depthwise.py`, `pooling.py`.
"""

import math

import numpy as np

from minitf.kernels import dilated, winograd
from minitf.kernels.blas import gemm, gemm_address, gemm_launch
from minitf.kernels.columns import add_columns, fill_columns, fill_lines
from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch
from minitf.kernels.partial_sums import parts_of, sum_launches
from minitf.kernels.threads import MOST
from minitf.kernels.windows import crop_numpy, pad_numpy, spatial, window_views_numpy

_CHUNK_BYTES, _CHUNK_PIXELS = 1 << 20, 512  # `columns` fits in the cache, unless that were too few pixels


@kernel
def conv2d(begin, end, worker, address, x, filter, stride, dilation, before, accumulate, columns, out):
    """The convolution of pictures `x` (batch, height, width, in) with `filter` (h, w, in, out).

    accumulate is 0, or 1 to add to what `out` holds.  Units are chunks of columns.shape[1] output pixels.

    out[n, p, q, o] = sum over (i, j, c) of filter[i, j, c, o]
                      * x[n, p * stride[0] - before[0] + i * dilation[0],
                             q * stride[1] - before[1] + j * dilation[1], c]

    for each chunk of output pixels:
        columns = the windows under them            # (pixels, h * w * in)
        out[chunk] = columns @ filter + accumulate * out[chunk]
    """
    matrix = filter.reshape(columns.shape[2], filter.shape[3])
    pixels = out.reshape(out.shape[0] * out.shape[1] * out.shape[2], out.shape[3])
    for chunk in range(begin, end):
        start = chunk * columns.shape[1]
        made = pixels[start : start + columns.shape[1]]
        windows = columns[worker, : made.shape[0]]
        fill_columns(x, filter, out, stride, dilation, before, start, windows)
        gemm(address, windows, matrix, 0, 0, 1.0, accumulate, made)


@kernel
def conv2d_of_one_channel(begin, end, worker, address, x, filter, stride, dilation, before, lines, columns, out):
    """`conv2d` of pictures with one channel.  Units are chunks of `lines` output lines.

    for each chunk of output lines: out[chunk] = transpose(what each tap sees) @ filter
    """
    matrix = filter.reshape(filter.shape[0] * filter.shape[1], filter.shape[3])
    pixels = out.reshape(out.shape[0] * out.shape[1] * out.shape[2], out.shape[3])
    for chunk in range(begin, end):
        start = chunk * lines * out.shape[2]
        made = pixels[start : start + lines * out.shape[2]]
        taps = columns[worker, : matrix.shape[0] * made.shape[0]].reshape(matrix.shape[0], made.shape[0])
        fill_lines(x, filter, out, stride, dilation, before, chunk * lines, taps)
        gemm(address, taps, matrix, 1, 0, 1.0, 0.0, made)


@kernel
def conv2d_filter_gradient(
    begin, end, worker, address, x, dy, stride, dilation, before, accumulate, columns, dfilters
):
    """The gradient of `conv2d` with respect to its filter, `dy` being that of its output.

    The chunks of output pixels are dealt to the parts (units) of dfilters (parts, h, w, in, out):

    for each chunk of a part:
        columns = the windows of x under them
        dfilters[part] = transpose(columns) @ dy[chunk] + (accumulate the first time, then 1) * dfilters[part]
    """
    pixels = dy.reshape(dy.shape[0] * dy.shape[1] * dy.shape[2], dy.shape[3])
    chunks = max(1, -(-pixels.shape[0] // columns.shape[1]))  # once even if there is no pixel
    for part in range(begin, end):
        matrix = dfilters[part].reshape(columns.shape[2], dfilters.shape[4])
        keep = accumulate
        for chunk in range(part * chunks // dfilters.shape[0], (part + 1) * chunks // dfilters.shape[0]):
            start = chunk * columns.shape[1]
            taken = pixels[start : start + columns.shape[1]]
            windows = columns[worker, : taken.shape[0]]
            fill_columns(x, dfilters[part], dy, stride, dilation, before, start, windows)
            gemm(address, windows, taken, 1, 0, 1.0, keep, matrix)
            keep = 1


@kernel
def one_channel_filter_gradient(
    begin, end, worker, address, x, dy, stride, dilation, before, lines, columns, dfilters
):
    """`conv2d_filter_gradient` for pictures with one channel, in chunks of `lines` output lines."""
    pixels = dy.reshape(dy.shape[0] * dy.shape[1] * dy.shape[2], dy.shape[3])
    chunks = -(-dy.shape[0] * dy.shape[1] // lines)
    for part in range(begin, end):
        matrix = dfilters[part].reshape(dfilters.shape[1] * dfilters.shape[2], dfilters.shape[4])
        keep = 0.0
        for chunk in range(part * chunks // dfilters.shape[0], (part + 1) * chunks // dfilters.shape[0]):
            start = chunk * lines * dy.shape[2]
            taken = pixels[start : start + lines * dy.shape[2]]
            taps = columns[worker, : matrix.shape[0] * taken.shape[0]].reshape(matrix.shape[0], taken.shape[0])
            fill_lines(x, dfilters[part], dy, stride, dilation, before, chunk * lines, taps)
            gemm(address, taps, taken, 0, 0, 1.0, keep, matrix)
            keep = 1.0


@kernel
def conv2d_input_gradient(
    begin, end, worker, address, filter, dy, stride, dilation, before, accumulate, pictures, columns, dx
):
    """The gradient of `conv2d` with respect to its pictures, `dy` being that of its output.

    Units are groups of `pictures` pictures.

    dx = accumulate * dx
    for each chunk of output pixels:
        columns = dy[chunk] @ transpose(filter)     # the gradients of the windows
        add each of them to dx where its window lies
    """
    matrix = filter.reshape(columns.shape[2], filter.shape[3])
    pixels = dy.reshape(dy.shape[0] * dy.shape[1] * dy.shape[2], dy.shape[3])
    for group in range(begin, end):
        first, last = group * pictures, min((group + 1) * pictures, dx.shape[0])
        if accumulate == 0:
            dx[first:last] = 0
        stop = last * dy.shape[1] * dy.shape[2]
        for start in range(first * dy.shape[1] * dy.shape[2], stop, columns.shape[1]):
            chunk = pixels[start : min(stop, start + columns.shape[1])]
            windows = columns[worker, : chunk.shape[0]]
            gemm(address, chunk, matrix, 0, 1, 1.0, 0.0, windows)
            add_columns(windows, filter, dy, stride, dilation, before, start, dx)


# -- launches ----------------------------------------------------------------------------------------------------


def scratch_columns(filter, out):
    """Scratch of each worker for the windows of one chunk of output pixels."""
    width = math.prod(filter.shape[:-1])
    rows = max(_CHUNK_PIXELS, _CHUNK_BYTES // max(1, width * out.itemsize))
    return np.empty((MOST, max(1, min(rows, math.prod(out.shape[:-1]))), width), out.dtype)


def _scratch_lines(filter, out):
    """(output lines in a chunk, scratch of each worker for what all taps see there)"""
    lines = max(1, min(_CHUNK_PIXELS // max(1, out.shape[2]), out.shape[0] * out.shape[1]))
    return lines, np.empty((MOST, filter.shape[0] * filter.shape[1] * lines * out.shape[2]), out.dtype)


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
    if winograd.fits(filter, strides, padding, dilations, out):
        return winograd.conv2d_launches(x, filter, padding[0::2], out)
    if dilated.fits(filter, strides, dilations, out):
        return dilated.launches(x, filter, padding, dilations, out)
    address, geometry = gemm_address(out.dtype.name), (spatial(strides), spatial(dilations), spatial(padding[0::2]))
    if x.shape[3] == 1:
        lines, columns = _scratch_lines(filter, out)
        chunks = -(-out.shape[0] * out.shape[1] // lines)
        return [Launch(conv2d_of_one_channel, address, x, filter, *geometry, lines, columns, out, units=chunks)]
    columns = scratch_columns(filter, out)
    return [Launch(conv2d, address, x, filter, *geometry, 0, columns, out, units=_chunks(columns, out))]


def _chunks(columns, out):
    return -(-math.prod(out.shape[:-1]) // columns.shape[1])


def conv2d_filter_gradient_launches(x, dy, strides, padding, dilations, dfilter):
    """Launches for dfilter, the gradient with respect to the filter; arguments as `conv2d_launches`'s."""
    if _is_matrix_product(dfilter, strides, padding):
        return [gemm_launch(_pixels(x), _pixels(dy), True, False, _pixels(dfilter))]
    if winograd.fits(dfilter, strides, padding, dilations, dy):
        return winograd.filter_gradient_launches(x, dy, padding[0::2], dfilter)
    address, geometry = gemm_address(dy.dtype.name), (spatial(strides), spatial(dilations), spatial(padding[0::2]))
    if x.shape[3] == 1 and dy.size > 0:
        lines, columns = _scratch_lines(dfilter, dy)
        chunks, kernel, how = -(-dy.shape[0] * dy.shape[1] // lines), one_channel_filter_gradient, lines
    else:
        columns = scratch_columns(dfilter, dy)
        chunks, kernel, how = _chunks(columns, dy), conv2d_filter_gradient, 0
    parts = parts_of(chunks, dy.itemsize, dfilter.size)
    sums = np.empty((parts, *dfilter.shape), dfilter.dtype) if parts > 1 else dfilter[None]
    launches = [Launch(kernel, address, x, dy, *geometry, how, columns, sums, units=parts)]
    return launches if parts == 1 else [*launches, *sum_launches(sums, dfilter)]


def conv2d_input_gradient_launches(filter, dy, strides, padding, dilations, dx):
    """Launches for dx, the gradient with respect to the pictures; arguments as `conv2d_launches`'s."""
    if _is_matrix_product(filter, strides, padding):
        return [gemm_launch(_pixels(dy), _pixels(filter), False, True, _pixels(dx))]
    if winograd.fits(filter, strides, padding, dilations, dx):
        before = [n - 1 - p for n, p in zip(filter.shape, padding[0::2], strict=False)]
        return winograd.conv2d_launches(dy, filter, before, dx, rotated=True)
    geometry = spatial(strides), spatial(dilations), spatial(padding[0::2])
    address, columns = gemm_address(dy.dtype.name), scratch_columns(filter, dy)
    pictures = max(1, columns.shape[1] // max(1, dy.shape[1] * dy.shape[2]))
    groups = -(-dx.shape[0] // pictures)
    return [Launch(conv2d_input_gradient, address, filter, dy, *geometry, 0, pictures, columns, dx, units=groups)]


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
