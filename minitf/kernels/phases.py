"""Lines of a picture by phases: what one tap of a window sees, at all positions of the window, lies in one run.

Tap j of the window at output pixel q sees the input pixel q * stride - before + j * dilation.  In a line that is laid
out by phases (stride, pixels * channels), pixel u, counted from the left end of the padding, stands at
[u % stride, u // stride].  So tap j sees the run that begins at [j * dilation % stride, j * dilation // stride], and
loops over it are long however few channels there are.
"""

import numpy as np

from minitf.kernels.functions import function, inline
from minitf.kernels.threads import MOST

_BYTES = 1 << 16  # lines that a thread lays out at a time stay in its cache


@inline
def _repeat(x, times, out):
    """Each element of x `times` times."""
    if times == 1:
        for i in range(x.size):
            out[i] = x[i]
    elif times == 2:
        for i in range(x.size):
            out[np.uint64(2 * i)] = x[i]
            out[np.uint64(2 * i + 1)] = x[i]
    elif times == 4:
        for i in range(x.size):
            for k in range(4):
                out[np.uint64(4 * i + k)] = x[i]
    else:
        for i in range(x.size):
            for k in range(times):
                out[np.uint64(i * times + k)] = x[i]


@inline
def _sum_of_each(x, times, out):
    """The sums of `times` neighbours of x each."""
    if times == 1:
        for i in range(out.size):
            out[i] = x[i]
    elif times == 2:
        for i in range(out.size):
            out[i] = x[np.uint64(2 * i)] + x[np.uint64(2 * i + 1)]
    elif times == 4:
        for i in range(out.size):
            at = np.uint64(4 * i)
            out[i] = x[at] + x[at + np.uint64(1)] + x[at + np.uint64(2)] + x[at + np.uint64(3)]
    else:
        for i in range(out.size):
            total = x[np.uint64(i * times)]
            for k in range(1, times):
                total += x[np.uint64(i * times + k)]
            out[i] = total


@function
def lay_out(pixels, before, times, line):
    """Lay a line of pixels (width, channels) out by phases, each number `times` times."""
    stride, width = line.shape[0], pixels.shape[1] * times
    if stride == 1:
        _repeat(pixels.reshape(-1), times, line[0, before * width : (before + pixels.shape[0]) * width])
        return
    start, phase = before // stride * width, before % stride
    for w in range(pixels.shape[0]):
        if times == 1:
            copy_pixel(pixels[w], line[phase, start : start + width])
        else:
            _repeat(pixels[w], times, line[phase, start : start + width])
        phase += 1
        if phase == stride:
            start, phase = start + width, 0


@function
def gather_up(line, before, times, pixels):
    """The reverse: the sums of `times` numbers each, back in the order of the line."""
    stride, width = line.shape[0], pixels.shape[1] * times
    if stride == 1:
        _sum_of_each(line[0, before * width : (before + pixels.shape[0]) * width], times, pixels.reshape(-1))
        return
    for w in range(pixels.shape[0]):
        place, phase = divmod(w + before, stride)
        _sum_of_each(line[phase, place * width : (place + 1) * width], times, pixels[w])


@function
def add_back(line, before, pixels):
    """pixels += what was laid out, in the order of the line."""
    stride, width = line.shape[0], pixels.shape[1]
    if stride == 1:
        add(line[0, before * width : (before + pixels.shape[0]) * width], pixels.reshape(-1))
        return
    start, phase = before // stride * width, before % stride
    for w in range(pixels.shape[0]):
        add_pixel(line[phase, start : start + width], pixels[w])
        phase += 1
        if phase == stride:
            start, phase = start + width, 0


def runs_of(window, stride, before, size, count, channels):
    """For each tap of a window, along a line: (phase, begin, first, last).

    The numbers `first` to `last` of an output line of `count` pixels see through that tap what begins at `begin` in
    the phase; the others see nothing but padding.
    """
    tap = np.arange(window)
    first = np.maximum(0, (before - tap + stride - 1) // stride)
    last = np.maximum(first, np.minimum(count, (size - 1 + before - tap) // stride + 1))
    return np.stack([tap % stride, (tap // stride + first) * channels, first * channels, last * channels], 1)


@inline
def copy_pixel(x, out):
    """out = x, four channels at a time: a loop of unknown length is slow to begin."""
    whole = x.size - x.size % 4
    for c in range(0, whole, 4):
        for k in range(4):
            out[np.uint64(c + k)] = x[np.uint64(c + k)]
    for c in range(whole, x.size):
        out[np.uint64(c)] = x[np.uint64(c)]


@inline
def add_pixel(x, out):
    """out += x in the same way."""
    whole = x.size - x.size % 4
    for c in range(0, whole, 4):
        for k in range(4):
            out[np.uint64(c + k)] += x[np.uint64(c + k)]
    for c in range(whole, x.size):
        out[np.uint64(c)] += x[np.uint64(c)]


@inline
def add(x, out):
    """out += x, element by element."""
    for k in range(out.size):
        out[k] += x[k]


@inline
def add_products(x, y, out):
    """out += x y, element by element."""
    for k in range(out.size):
        out[k] += x[k] * y[k]


def lines_for(extent, window, stride, dilation, before, sizes, width, dtype):
    """(output lines at a time, scratch of each worker for the input lines that they see).

    extent (lines, pixels) of the output; window, stride, dilation, before (height, width); sizes (height, width) of
    the input; `width` numbers a pixel.
    """
    reach = [(w - 1) * d for w, d in zip(window, dilation, strict=True)]
    pixels = max(reach[1] // stride[1] + extent[1], -(-(sizes[1] + before[1]) // stride[1]))
    line = stride[1] * pixels * width * np.dtype(dtype).itemsize
    lines = max(1, min(extent[0], max(4, (_BYTES // line - reach[0] - 1) // stride[0] + 1)))
    return lines, np.zeros((MOST, (lines - 1) * stride[0] + reach[0] + 1, stride[1], pixels * width), dtype)
