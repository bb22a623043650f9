"""Moving elements without looking at them: copies, fills, and one strided copy for slice, concat, pad, tile, ...

As on the CPU (`minitf/kernels/copying.py`) elements travel as unsigned integers of the same width.  One thread for
each element; neighbouring threads write neighbours.
"""

import numpy as np

from minitf.kernels.atomics import address_of
from minitf.kernels.copying import _join_axes, words
from minitf.kernels.cuda.cases import empty, exactly, integers
from minitf.kernels.cuda.intrinsics import quotient, remainder
from minitf.kernels.cuda.launching import count, over
from minitf.kernels.cuda.toolkit import kernel, thread_count, thread_index, uint32


@kernel(registers=24)
def copy(x, out):
    """out[i] = x[i]"""
    i = thread_index()
    while i < uint32(out.size):
        out[i] = x[i]
        i = uint32(i + thread_count())


@kernel(registers=24)
def fill(value, out):
    """out[i] = value[0]"""
    i = thread_index()
    while i < uint32(out.size):
        out[i] = value[0]
        i = uint32(i + thread_count())


@kernel(registers=40)
def strided_copy(sizes, x_strides, x_start, out_strides, out_start, total, x, out):
    """For every index (i, j, ..., k) below sizes: out[start + i*s0 + j*s1 ...] = x[start + i*t0 + j*t1 ...]

    Strides may be negative, or 0 in x; `total` is the product of the sizes.
    """
    n = thread_index()
    while n < total:
        rest, p, q = n, x_start, out_start
        d = uint32(sizes.size)
        while d > uint32(0):
            d = uint32(d - uint32(1))
            i = remainder(rest, sizes[d])
            rest = quotient(rest, sizes[d])
            p = uint32(p + i * x_strides[d])
            q = uint32(q + i * out_strides[d])
        out[q] = x[p]
        n = uint32(n + thread_count())


@kernel(registers=32)
def band(lower, upper, x, out):
    """out[b, i, j] = x[b, i, j] where -upper <= i - j <= lower, else 0; a negative limit is none."""
    rows, columns = uint32(x.shape[1]), uint32(x.shape[2])
    n = thread_index()
    while n < uint32(out.size):
        j, line = remainder(n, columns), quotient(n, columns)
        i, b = remainder(line, rows), quotient(line, rows)
        below = np.int32(i) - np.int32(j)
        kept = (lower < 0 or below <= lower) and (upper < 0 or -below <= upper)
        out[b, i, j] = x[b, i, j] if kept else out.dtype.type(0)
        n = uint32(n + thread_count())


def copy_launch(x, out):
    """The launch for out = x."""
    return over(out.size, copy, words(x), words(out))


def fill_launch(value, out):
    """The launch that fills `out` with one number."""
    return fill_launch_from(np.ascontiguousarray(value, out.dtype), out)


def fill_launch_from(value, out):
    """Fill `out` with the one element that the array `value` holds when it runs."""
    return over(out.size, fill, words(value), words(out))


def view_launch(x_view, out_view, x, out):
    """Copy `x_view` into `out_view`: views of `x` and `out`, as for the CPU's `view_launch`."""
    item = x.dtype.itemsize
    sizes, *strides = _join_axes(x_view.shape, x_view.strides, out_view.strides)
    if len(sizes) == 0 or 0 in x_view.shape:
        sizes, strides = [min(x_view.size, 1)], [[item], [item]]
    starts = [(address_of(view) - address_of(base)) // item for view, base in ((x_view, x), (out_view, out))]
    total = int(np.prod(sizes))
    sizes, a, b = (np.array(v, np.int32).view(uint32) for v in (sizes, *(np.array(s) // item for s in strides)))
    return over(total, strided_copy, sizes, a, count(starts[0]), b, count(starts[1]), count(total), words(x),
                words(out))  # fmt: skip


# -- how these kernels are tried ---------------------------------------------------------------------------------


@copy.equals
def _(x, out):
    out[:] = x


@fill.equals
def _(value, out):
    out[:] = value


@strided_copy.equals
def _(sizes, x_strides, x_start, out_strides, out_start, total, x, out):
    for index in np.ndindex(*sizes):
        target = int(out_start) + int(np.dot(index, out_strides.view(np.int32)))
        out[target] = x[int(x_start) + int(np.dot(index, x_strides.view(np.int32)))]


@band.equals
def _(lower, upper, x, out):
    below = np.subtract.outer(np.arange(x.shape[1]), np.arange(x.shape[2]))
    out[...] = np.where((below <= lower) & (-below <= upper), x, 0)


copy.example(2, 64, integers(0, 99, 203, dtype="uint32"), empty(203, dtype="uint32"))
fill.example(1, 64, exactly([7], "uint32"), empty(70, dtype="uint32"))
strided_copy.example(1, 32, exactly([3, 5], "uint32"), exactly(np.uint32([2**32 - 10, 2**32 - 2]), "uint32"), count(29),
                     exactly([5, 1], "uint32"), count(1), count(15), integers(0, 99, 30, dtype="uint32"),
                     empty(16, dtype="uint32"))  # fmt: skip
band.example(1, 64, np.int32(1), np.int32(2), integers(1, 9, 2, 5, 6, dtype="int32"), empty(2, 5, 6, dtype="int32"))
