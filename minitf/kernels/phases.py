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
    else:
        for w in range(pixels.shape[0]):
            place, phase = divmod(w + before, stride)
            _repeat(pixels[w], times, line[phase, place * width : (place + 1) * width])


@function
def gather_up(line, before, times, pixels):
    """The reverse: the sums of `times` numbers each, back in the order of the line."""
    stride, width = line.shape[0], pixels.shape[1] * times
    if stride == 1:
        _sum_of_each(line[0, before * width : (before + pixels.shape[0]) * width], times, pixels.reshape(-1))
    else:
        for w in range(pixels.shape[0]):
            place, phase = divmod(w + before, stride)
            _sum_of_each(line[phase, place * width : (place + 1) * width], times, pixels[w])


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
