"""Pooling: the maximum or the average of what lies under each window.

Inputs are volumes (batch, depth, height, width, channels), pictures being volumes of depth 1; window,
stride and before have three numbers each.  Where a window reaches beyond the border, only what lies
inside counts.  The loops run over the channels innermost: these are neighbours in memory.  Units, where
threads share the work, are the volumes of a batch.

A maximum's gradient flows to the first of the largest elements.  Which that is, is found again from the input
rather than kept: reading it twice costs less than writing and reading places.
"""

import math

import numpy as np

from minitf.kernels.functions import inline, kernel
from minitf.kernels.machine import Launch
from minitf.kernels.threads import MOST
from minitf.kernels.windows import clip_window, crop_numpy, pad_numpy, spatial, window_views_numpy

_GRAIN = 16384  # elements of the input that are worth a thread


@inline
def _clip(p, q, r, window, stride, before, x):
    """Where window (p, q, r) lies in x: the first and last + 1 of its planes, lines and pixels."""
    z = clip_window(p, stride[0], before[0], window[0], x.shape[1])
    y = clip_window(q, stride[1], before[1], window[1], x.shape[2])
    w = clip_window(r, stride[2], before[2], window[2], x.shape[3])
    return z[0], z[1], y[0], y[1], w[0], w[1]


@inline
def _largest(x, n, z0, z1, y0, y1, w0, w1, row):
    """row[c] = the largest of the x[n, z, y, w, c] under a window; NaN is larger still."""
    first = x[n, z0, y0, w0]
    for c in range(row.size):
        row[c] = first[c]
    for z in range(z0, z1):
        for y in range(y0, y1):
            for w in range(w0, w1):
                pixel = x[n, z, y, w]
                for c in range(row.size):
                    m, v = row[c], pixel[c]
                    row[c] = m if (m >= v) | (m != m) else v  # "|", for "or" would be a branch


@kernel
def max_pool(begin, end, x, window, stride, before, out):
    """out[n, p, q, r, c] = the largest x[n, z, y, w, c] with (z, y, w) under window (p, q, r)"""
    for n in range(begin, end):
        for p, q, r in np.ndindex(out.shape[1:4]):
            _largest(x, n, *_clip(p, q, r, window, stride, before, x), out[n, p, q, r])


@kernel
def max_pool_gradient(begin, end, worker, x, dy, window, stride, before, maxima, rest, dx):
    """dx[n, z, y, w, c] += dy[n, p, q, r, c] at the place of the largest x[n, z, y, w, c] under (p, q, r)

    for each window: find the maxima; the first element that equals one takes what is `left` of dy.
    """
    best, left, zero = maxima[worker], rest[worker], dx.dtype.type(0)
    for n in range(begin, end):
        dx[n] = 0
        for p, q, r in np.ndindex(dy.shape[1:4]):
            z0, z1, y0, y1, w0, w1 = _clip(p, q, r, window, stride, before, x)
            _largest(x, n, z0, z1, y0, y1, w0, w1, best)
            gradient = dy[n, p, q, r]
            for c in range(left.size):
                left[c] = gradient[c]
            for z in range(z0, z1):
                for y in range(y0, y1):
                    for w in range(w0, w1):
                        pixel, result = x[n, z, y, w], dx[n, z, y, w]
                        for c in range(left.size):
                            found = (pixel[c] == best[c]) | (pixel[c] != pixel[c])
                            result[c] += left[c] if found else zero
                            left[c] = zero if found else left[c]


@kernel
def max_pool_again(begin, end, worker, x, g, window, stride, before, maxima, rest, out):
    """out[n, p, q, r, c] = g at the place of the largest x under (p, q, r): the gradient's gradient."""
    best, missing = maxima[worker], rest[worker]
    for n in range(begin, end):
        for p, q, r in np.ndindex(out.shape[1:4]):
            z0, z1, y0, y1, w0, w1 = _clip(p, q, r, window, stride, before, x)
            _largest(x, n, z0, z1, y0, y1, w0, w1, best)
            missing[:] = 1
            for z in range(z0, z1):
                for y in range(y0, y1):
                    for w in range(w0, w1):
                        for c in range(missing.size):
                            v = x[n, z, y, w, c]
                            if missing[c] != 0 and (v == best[c] or v != v):
                                out[n, p, q, r, c], missing[c] = g[n, z, y, w, c], 0


@kernel
def max_pool_places(begin, end, x, window, stride, before, step, out, places):
    """`max_pool`, and in `places` where each maximum is in its volume, flat, plus n * step."""
    channels = x.shape[4]
    for n in range(begin, end):
        for p, q, r in np.ndindex(out.shape[1:4]):
            z0, z1, y0, y1, w0, w1 = _clip(p, q, r, window, stride, before, x)
            row, place = out[n, p, q, r], places[n, p, q, r]
            _largest(x, n, z0, z1, y0, y1, w0, w1, row)
            place[:] = -1
            for z in range(z0, z1):
                for y in range(y0, y1):
                    for w in range(w0, w1):
                        at = n * step + ((z * x.shape[2] + y) * x.shape[3] + w) * channels
                        for c in range(channels):
                            v = x[n, z, y, w, c]
                            place[c] = at + c if (place[c] < 0) & ((v == row[c]) | (v != v)) else place[c]


@kernel(status=True)
def scatter_places(places, step, dy, dx):
    """dx[n, places[n, i] - n * step] += dy[n, i]: dy and places (batch, elements); status 1 for a wrong place."""
    for n in range(dx.shape[0]):
        dx[n] = 0
        for i in range(places.shape[1]):
            place = places[n, i] - n * step
            if place < 0 or place >= dx.shape[1]:
                return 1
            dx[n, place] += dy[n, i]
    return 0


@kernel
def avg_pool(begin, end, x, window, stride, before, out):
    """out[n, p, q, r, c] = the average of the x[n, z, y, w, c] with (z, y, w) under window (p, q, r)"""
    for n in range(begin, end):
        for p, q, r in np.ndindex(out.shape[1:4]):
            z0, z1, y0, y1, w0, w1 = _clip(p, q, r, window, stride, before, x)
            row = out[n, p, q, r]
            row[:] = 0
            for z in range(z0, z1):
                for y in range(y0, y1):
                    for w in range(w0, w1):
                        for c in range(row.size):
                            row[c] += x[n, z, y, w, c]
            count = x.dtype.type((z1 - z0) * (y1 - y0) * (w1 - w0))
            for c in range(row.size):
                row[c] /= count


@kernel
def avg_pool_gradient(begin, end, dy, window, stride, before, dx):
    """dx[everything under a window] += that window's dy / the number of elements under it"""
    for n in range(begin, end):
        dx[n] = 0
        for p, q, r in np.ndindex(dy.shape[1:4]):
            z0, z1, y0, y1, w0, w1 = _clip(p, q, r, window, stride, before, dx)
            share = dy.dtype.type(1) / dy.dtype.type((z1 - z0) * (y1 - y0) * (w1 - w0))
            for z in range(z0, z1):
                for y in range(y0, y1):
                    for w in range(w0, w1):
                        for c in range(dy.shape[4]):
                            dx[n, z, y, w, c] += dy[n, p, q, r, c] * share


def as_volume(x):
    """Pictures as volumes of depth 1."""
    return x if x.ndim == 5 else x.reshape(x.shape[0], 1, *x.shape[1:])


def _geometry(window, strides, padding):
    """window, stride and before as the kernels take them."""
    before = padding[0::2]
    if len(window) == 2:
        window, strides, before = (1, *window), (1, *strides), (0, *before)
    return spatial(window), spatial(strides), spatial(before)


def _launch(kernel, inputs, geometry, *others):
    inputs = [as_volume(x) for x in inputs]
    grain = _GRAIN // max(1, math.prod(inputs[0].shape[1:]))
    return Launch(kernel, *inputs, *_geometry(*geometry), *others, units=len(inputs[0]), grain=grain)


def pool_launches(kernel, x, window, strides, padding, out):
    """Launches of `max_pool`, `avg_pool` or `avg_pool_gradient` for pictures or volumes with channels
    last.
    """
    return [_launch(kernel, [x], (window, strides, padding), as_volume(out))]


def max_pool_gradient_launches(kernel, x, g, window, strides, padding, out):
    """Launches of `max_pool_gradient` or `max_pool_again` on an input and a gradient of either shape."""
    maxima, rest = (np.empty((MOST, x.shape[-1]), x.dtype) for _ in range(2))
    return [_launch(kernel, [x, g], (window, strides, padding), maxima, rest, as_volume(out))]


def places_launches(x, window, strides, padding, with_batch, out, places):
    """Launches of `max_pool_places`; out and places have the shape of the pooled array.

    With `with_batch` places count through the batch, else they begin anew in each volume.
    """
    step = math.prod(x.shape[1:]) if with_batch else 0
    return [_launch(max_pool_places, [x], (window, strides, padding), step, as_volume(out), as_volume(places))]


def scatter_launches(places, with_batch, dy, dx):
    """Launches of `scatter_places`: the gradient of the input, from places found by `max_pool_places`."""
    rows = [a.reshape(len(a), math.prod(a.shape[1:])) for a in (places, dy, dx)]
    return [Launch(scatter_places, rows[0], rows[2].shape[1] if with_batch else 0, *rows[1:])]


# -- what the kernels must equal -----------------------------------------------------------------------------


def _output(padded, window, strides):
    return [(size - w) // s + 1 for size, w, s in zip(padded.shape[1:-1], window, strides, strict=True)]


def max_pool_numpy(x, window, strides, padding):
    """(maxima, their flat indices into x); the first, where several are equal."""
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    padded = pad_numpy(x, padding, lowest)
    indices = pad_numpy(np.arange(x.size).reshape(x.shape), padding, -1)
    output = _output(padded, window, strides)
    ones = [1] * len(window)
    best = places = None
    views = (window_views_numpy(a, window, strides, ones, output) for a in (padded, indices))
    for (_, values), (_, found) in zip(*views, strict=True):
        if best is None:
            best, places = values.copy(), found.copy()
            continue
        better = (values > best) | ((places < 0) & (found >= 0)) | ((values != values) & (best == best))
        places = np.where(better, found, places)
        best = np.where(better, values, best)
    return best, places


def _counts(x, window, strides, padding):
    inside = pad_numpy(np.ones_like(x[:1, ..., :1]), padding)
    output = _output(inside, window, strides)
    return sum(v for _, v in window_views_numpy(inside, window, strides, [1] * len(window), output))


def avg_pool_numpy(x, window, strides, padding):
    padded = pad_numpy(x, padding)
    output = _output(padded, window, strides)
    total = sum(v for _, v in window_views_numpy(padded, window, strides, [1] * len(window), output))
    return total / _counts(x, window, strides, padding)


def avg_pool_gradient_numpy(dy, x_shape, window, strides, padding):
    dx = np.zeros(x_shape, dy.dtype)
    padded = pad_numpy(dx, padding)
    share = dy / _counts(dx, window, strides, padding)
    for _, view in window_views_numpy(padded, window, strides, [1] * len(window), dy.shape[1:-1]):
        view += share
    return crop_numpy(padded, padding)
