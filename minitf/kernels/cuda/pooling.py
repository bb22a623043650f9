"""Pooling: one thread for each element of the result.

Inputs are volumes (batch, depth, height, width, channels), as on the CPU (`minitf/kernels/pooling.py`); channels are
neighbours in memory, so the threads of a warp read neighbours.  `window`, `stride` and `before` have three numbers.

The gradients turn the question around.  Not "where does the gradient of this window go", which needs atomic additions
where windows overlap, but "which windows lie over this element": each thread adds those up, in a fixed order.
"""

import numpy as np

from minitf.kernels.cuda.cases import empty, exactly, normal, zeros
from minitf.kernels.cuda.intrinsics import quotient, remainder
from minitf.kernels.cuda.launching import over
from minitf.kernels.cuda.toolkit import (
    cuda,
    device,
    give_up,
    int32,
    int64,
    kernel,
    thread_count,
    thread_index,
    uint32,
)
from minitf.kernels.pooling import avg_pool_gradient_numpy, avg_pool_numpy, max_pool_numpy


@device
def indices_of(at, shape):
    """(n, z, y, w, c) of element number `at` of a volume."""
    c, rest = remainder(at, uint32(shape[4])), quotient(at, uint32(shape[4]))
    w, rest = remainder(rest, uint32(shape[3])), quotient(rest, uint32(shape[3]))
    y, rest = remainder(rest, uint32(shape[2])), quotient(rest, uint32(shape[2]))
    return quotient(rest, uint32(shape[1])), remainder(rest, uint32(shape[1])), y, w, c


@device
def first_under(position, stride, before):
    """The first input position under a window, not below 0."""
    return max(int32(int32(position) * stride - before), int32(0))


@device
def end_under(position, stride, before, window, size):
    return min(int32(int32(position) * stride - before + window), int32(size))


@device
def first_over(place, stride, before, window):
    """The first window that lies over an input position, not below 0."""
    below = int32(int32(place) + before - window)
    return int32(0) if below < 0 else int32(int32(quotient(uint32(below), uint32(stride))) + 1)


@device
def end_over(place, stride, before, output):
    last = int32(quotient(uint32(int32(place) + before), uint32(stride)))
    return min(int32(last + 1), int32(output))


@kernel(registers=72)
def max_pool(x, window, stride, before, out):
    """out[n, p, q, r, c] = the largest x under window (p, q, r); NaN is larger still."""
    at = thread_index()
    while at < uint32(out.size):
        n, p, q, r, c = indices_of(at, out.shape)
        z0, y0 = first_under(p, stride[0], before[0]), first_under(q, stride[1], before[1])
        w0 = first_under(r, stride[2], before[2])
        m = x[n, z0, y0, w0, c]
        for z in range(z0, end_under(p, stride[0], before[0], window[0], x.shape[1])):
            for y in range(y0, end_under(q, stride[1], before[1], window[1], x.shape[2])):
                for w in range(w0, end_under(r, stride[2], before[2], window[2], x.shape[3])):
                    v = x[n, z, y, w, c]
                    m = m if m >= v or m != m else v
        out[n, p, q, r, c] = m
        at = uint32(at + thread_count())


@kernel(registers=80)
def max_pool_places(x, window, stride, before, with_batch, out, places):
    """`max_pool`, and in `places` the flat index of each maximum: the first, where several are equal.

    The index is one into x, or without `with_batch` into the volume alone.
    """
    at = thread_index()
    while at < uint32(out.size):
        n, p, q, r, c = indices_of(at, out.shape)
        z0, y0 = first_under(p, stride[0], before[0]), first_under(q, stride[1], before[1])
        w0 = first_under(r, stride[2], before[2])
        m, found = x[n, z0, y0, w0, c], np.int64(-1)
        for z in range(z0, end_under(p, stride[0], before[0], window[0], x.shape[1])):
            for y in range(y0, end_under(q, stride[1], before[1], window[1], x.shape[2])):
                for w in range(w0, end_under(r, stride[2], before[2], window[2], x.shape[3])):
                    v = x[n, z, y, w, c]
                    if v > m or v != v or found < 0:
                        volume = np.int64(n) if with_batch else np.int64(0)
                        row = (volume * x.shape[1] + z) * x.shape[2] + y
                        m, found = v, (row * x.shape[3] + w) * x.shape[4] + c
        out[n, p, q, r, c] = m
        places[n, p, q, r, c] = found
        at = uint32(at + thread_count())


@kernel(registers=64)
def avg_pool(x, window, stride, before, out):
    """out[n, p, q, r, c] = the average of the x under window (p, q, r), as far as these exist"""
    at = thread_index()
    while at < uint32(out.size):
        n, p, q, r, c = indices_of(at, out.shape)
        z0, z1 = first_under(p, stride[0], before[0]), end_under(p, stride[0], before[0], window[0], x.shape[1])
        y0, y1 = first_under(q, stride[1], before[1]), end_under(q, stride[1], before[1], window[1], x.shape[2])
        w0, w1 = first_under(r, stride[2], before[2]), end_under(r, stride[2], before[2], window[2], x.shape[3])
        total = x.dtype.type(0)
        for z in range(z0, z1):
            for y in range(y0, y1):
                for w in range(w0, w1):
                    total += x[n, z, y, w, c]
        out[n, p, q, r, c] = total / x.dtype.type(int32((z1 - z0) * (y1 - y0) * (w1 - w0)))
        at = uint32(at + thread_count())


@kernel(registers=72)
def max_pool_gradient(places, dy, window, stride, before, dx):
    """dx[e] = the sum of the dy[w] of all windows w over element e whose maximum is e"""
    at = thread_index()
    while at < uint32(dx.size):
        n, z, y, w, c = indices_of(at, dx.shape)
        total = dx.dtype.type(0)
        for p in range(first_over(z, stride[0], before[0], window[0]), end_over(z, stride[0], before[0], dy.shape[1])):
            for q in range(first_over(y, stride[1], before[1], window[1]),
                           end_over(y, stride[1], before[1], dy.shape[2])):  # fmt: skip
                for r in range(first_over(w, stride[2], before[2], window[2]),
                               end_over(w, stride[2], before[2], dy.shape[3])):  # fmt: skip
                    if places[n, p, q, r, c] == at:
                        total += dy[n, p, q, r, c]
        dx[n, z, y, w, c] = total
        at = uint32(at + thread_count())


@kernel(registers=80)
def avg_pool_gradient(dy, window, stride, before, dx):
    """dx[e] = the sum over all windows over element e of dy / the number of elements under the window"""
    at = thread_index()
    while at < uint32(dx.size):
        n, z, y, w, c = indices_of(at, dx.shape)
        total = dx.dtype.type(0)
        for p in range(first_over(z, stride[0], before[0], window[0]), end_over(z, stride[0], before[0], dy.shape[1])):
            depth = _length(p, stride[0], before[0], window[0], dx.shape[1])
            for q in range(first_over(y, stride[1], before[1], window[1]),
                           end_over(y, stride[1], before[1], dy.shape[2])):  # fmt: skip
                area = int32(depth * _length(q, stride[1], before[1], window[1], dx.shape[2]))
                for r in range(first_over(w, stride[2], before[2], window[2]),
                               end_over(w, stride[2], before[2], dy.shape[3])):  # fmt: skip
                    count = int32(area * _length(r, stride[2], before[2], window[2], dx.shape[3]))
                    total += dy[n, p, q, r, c] / dx.dtype.type(count)
        dx[n, z, y, w, c] = total
        at = uint32(at + thread_count())


@device
def _length(position, stride, before, window, size):
    """How many input positions lie under a window."""
    return int32(end_under(position, stride, before, window, size) - first_under(position, stride, before))


@kernel(registers=40)
def scatter_places(places, step, dy, dx, status):
    """dx[i step + places[i, j]] += dy[i, j], dx flat; additions of windows that overlap come in any order."""
    columns, size = uint32(places.shape[1]), int64(dx.size)
    at = thread_index()
    while at < uint32(dy.size):
        i, j = quotient(at, columns), remainder(at, columns)
        place = int64(i) * int64(step) + places[i, j]
        if place < 0 or place >= size:
            give_up(status)
        else:
            cuda.atomic.add(dx, place, dy[i, j])
        at = uint32(at + thread_count())


@kernel(registers=24)
def gather_places(places, g, out):
    """out[i] = g[places[i]]: flat arrays."""
    i = thread_index()
    while i < uint32(out.size):
        out[i] = g[places[i]]
        i = uint32(i + thread_count())


def launch(kernel, *arguments):
    """The launch of one of these kernels; the last argument is what it writes, geometry is made 32-bit."""
    shortened = [a.astype(int32) if a.ndim == 1 and a.size == 3 and a.dtype == np.int64 else a for a in arguments]
    return over(arguments[-1].size, kernel, *shortened)


# -- how these kernels are tried ---------------------------------------------------------------------------------

_WINDOW, _STRIDES, _PADDING = (3, 2), (2, 1), (1, 1, 0, 1)  # overlapping windows that reach over the border
_GEOMETRY = [exactly(v, "int32") for v in ((1, *_WINDOW), (1, *_STRIDES), (0, 1, 0))]
_X, _Y = (2, 1, 5, 4, 3), (2, 1, 3, 4, 3)


def _pictures(x):
    return x.reshape(x.shape[0], *x.shape[2:])


@max_pool.equals
def _(x, window, stride, before, out):
    out[...] = max_pool_numpy(_pictures(x), _WINDOW, _STRIDES, _PADDING)[0].reshape(out.shape)


@max_pool_places.equals
def _(x, window, stride, before, with_batch, out, places):
    best, found = max_pool_numpy(_pictures(x), _WINDOW, _STRIDES, _PADDING)
    out[...], places[...] = best.reshape(out.shape), found.reshape(out.shape)
    if not with_batch:
        places %= x[0].size


@avg_pool.equals
def _(x, window, stride, before, out):
    out[...] = avg_pool_numpy(_pictures(x), _WINDOW, _STRIDES, _PADDING).reshape(out.shape)


@avg_pool_gradient.equals
def _(dy, window, stride, before, dx):
    dx[...] = avg_pool_gradient_numpy(_pictures(dy), (2, 5, 4, 3), _WINDOW, _STRIDES, _PADDING).reshape(dx.shape)


@max_pool_gradient.equals
def _(places, dy, window, stride, before, dx):
    dx[...] = 0
    np.add.at(dx.reshape(-1), places.reshape(-1), dy.reshape(-1))




@scatter_places.equals
def _(places, step, dy, dx, status):
    flat = places + int(step) * np.arange(len(places))[:, None]
    inside = flat < dx.size
    np.add.at(dx, flat[inside], dy[inside])
    status[0] = not inside.all()


gather_places.equals(lambda places, g, out: np.copyto(out, g[places]))


def _some_places():
    x = np.random.default_rng(1).standard_normal((2, 5, 4, 3))
    return exactly(max_pool_numpy(x, _WINDOW, _STRIDES, _PADDING)[1].reshape(_Y), "int64")


for _kernel in (max_pool, avg_pool):
    _kernel.example(1, 64, normal(*_X), *_GEOMETRY, empty(*_Y))
for _with_batch in (True, False):
    max_pool_places.example(1, 64, normal(*_X), *_GEOMETRY, np.bool_(_with_batch), empty(*_Y),
                            empty(*_Y, dtype="int64"))  # fmt: skip
max_pool_gradient.example(1, 64, _some_places(), normal(*_Y), *_GEOMETRY, empty(*_X))
avg_pool_gradient.example(1, 64, normal(*_Y), *_GEOMETRY, empty(*_X))
scatter_places.example(1, 32, exactly([[1, 0, 1], [2, 0, 1]], "int64"), np.uint32(3), normal(2, 3), zeros(6),
                       zeros(1, dtype="int32"))  # fmt: skip
scatter_places.example(1, 32, exactly([[1, 6]], "int32"), np.uint32(0), normal(1, 2), zeros(6),
                       zeros(1, dtype="int32"))  # fmt: skip
gather_places.example(1, 32, exactly([3, 0, 3], "int64"), normal(4), empty(3))
