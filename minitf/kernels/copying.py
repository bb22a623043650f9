"""Moving elements without looking at them: one strided copy serves transpose, slice, concat, tile, pad, ...

Elements are moved as unsigned integers of the same width, so that float32, int32 and uint32 share
one compiled kernel.
"""

import math

import numpy as np

from minitf.kernels.atomics import address_of
from minitf.kernels.functions import inline, kernel
from minitf.kernels.machine import Launch

_GRAIN = 16384  # elements
_WORDS = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64, 16: np.complex128}


@kernel
def copy(begin, end, x, out):
    """out[i] = x[i]"""
    x, out = x[begin:end], out[begin:end]
    for i in range(out.size):
        out[i] = x[i]


@kernel
def fill(begin, end, value, out):
    """out[i] = value[0]"""
    v, out = value[0], out[begin:end]
    for i in range(out.size):
        out[i] = v


@kernel(status=True)
def copy_finite(begin, end, x, out):
    """out[i] = x[i]; gives up where one is NaN or infinite."""
    x, out = x[begin:end], out[begin:end]
    bad = 0
    for i in range(out.size):
        out[i] = x[i]
        bad |= x[i] - x[i] != 0
    return bad


@inline
def _copy_line(width, a, b, p, q, x, out):
    """`width` elements from x[p], a apart, to out[q], b apart."""
    if a == 1 and b == 1 and width > 32:
        source, target = x[p : p + width], out[q : q + width]
        for j in range(width):
            target[j] = source[j]
    elif a == 1 and b == 1:  # so short that a call to copy memory would cost more: four by four
        whole = width - width % 4
        for j in range(0, whole, 4):
            for k in range(4):
                out[np.uint64(q + j + k)] = x[np.uint64(p + j + k)]
        for j in range(whole, width):
            out[np.uint64(q + j)] = x[np.uint64(p + j)]
    elif a == -1 and b == 1:
        source, target = x[p - width + 1 : p + 1], out[q : q + width]
        for j in range(width):
            target[j] = source[np.uint64(width - 1 - j)]  # unsigned: it vectorises
    elif a == 0 and b == 1:
        element, target = x[p], out[q : q + width]
        for j in range(width):
            target[j] = element
    else:
        for j in range(width):
            out[np.uint64(q + j * b)] = x[np.uint64(p + j * a)]


@kernel
def strided_copy(begin, end, sizes, x_strides, x_start, out_strides, out_start, x, out):
    """For every index (i, j, ..., k) below sizes: out[start + i*s0 + j*s1 ...] = x[start + i*t0 + j*t1 ...]

    A range is one of rows: of all indices but the last.  The last but one is counted, the others are divided out.
    """
    rank, row = sizes.size, begin
    width, a, b = sizes[rank - 1], x_strides[rank - 1], out_strides[rank - 1]
    counted, c, d = (sizes[rank - 2], x_strides[rank - 2], out_strides[rank - 2]) if rank > 1 else (1, 0, 0)
    while row < end:
        rest, i = divmod(row, counted)
        p, q = x_start + i * c, out_start + i * d
        for axis in range(rank - 3, -1, -1):
            rest, j = divmod(rest, sizes[axis])
            p += j * x_strides[axis]
            q += j * out_strides[axis]
        count = min(counted - i, end - row)
        for _ in range(count):
            _copy_line(width, a, b, p, q, x, out)
            p += c
            q += d
        row += count


@kernel
def band(lower, upper, x, out):
    """out[b, i, j] = x[b, i, j] where -upper <= i - j <= lower, else 0; a negative limit is none."""
    batch, rows, columns = x.shape
    for b in range(batch):
        for i in range(rows):
            first = max(0, i - lower) if lower >= 0 else 0
            last = min(columns, i + upper + 1) if upper >= 0 else columns
            for j in range(columns):
                out[b, i, j] = x[b, i, j] if first <= j < last else out.dtype.type(0)


def words(array):
    """The flat elements of a C-contiguous array as unsigned integers of the same width."""
    return array.reshape(-1).view(_WORDS[array.dtype.itemsize])


def copy_launch(x, out):
    return Launch(copy, words(x), words(out), units=out.size, grain=_GRAIN, pieces=out.size)


def finite_launch(x, out):
    return Launch(copy_finite, x.reshape(-1), out.reshape(-1), units=out.size, grain=_GRAIN)


def fill_launch(value, out):
    return fill_launch_from(np.ascontiguousarray(value, out.dtype), out)


def fill_launch_from(value, out):
    """Fill `out` with the one element that `value`, an array of the same dtype, holds when it runs."""
    return Launch(fill, words(value), words(out), units=out.size, grain=_GRAIN)


def view_launch(x_view, out_view, x, out):
    """Copy `x_view` into `out_view`: views (any strides) of the C-contiguous `x` and `out`.

    The views must have one shape; a broadcast view (stride 0) may be read.
    """
    item = x.dtype.itemsize
    sizes, a, b = _join_axes(x_view.shape, x_view.strides, out_view.strides)
    if len(sizes) == 0 or 0 in x_view.shape:
        sizes, a, b = [min(x_view.size, 1)], [item], [item]
    start = [address_of(view) - address_of(base) for view, base in ((x_view, x), (out_view, out))]
    strides = [np.array(s, np.int64) // item for s in (a, b)]
    rows = math.prod(sizes[:-1])
    return Launch(strided_copy, np.array(sizes, np.int64), strides[0], start[0] // item, strides[1],
                  start[1] // item, words(x), words(out), units=rows, grain=_GRAIN // max(1, sizes[-1]))  # fmt: skip


def _join_axes(shape, x_strides, out_strides):
    sizes, a, b = [], [], []
    for size, p, q in zip(shape, x_strides, out_strides, strict=True):
        if size == 1:
            continue
        if sizes and a[-1] == p * size and b[-1] == q * size:
            sizes[-1] *= size
            a[-1], b[-1] = p, q
        else:
            sizes.append(size)
            a.append(p)
            b.append(q)
    return sizes, a, b
