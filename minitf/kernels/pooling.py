"""Pooling: the maximum or the average of what lies under each window.

Inputs are volumes (batch, depth, height, width, channels), pictures being volumes of depth 1; window,
stride and before have three numbers each.  Where a window reaches beyond the border, only what lies
inside counts.  The loops run over the channels innermost: these are neighbours in memory.
"""

import numpy as np

from minitf.kernels.compile import kernel
from minitf.kernels.machine import Launch
from minitf.kernels.windows import clip_window, crop_numpy, pad_numpy, spatial, window_views_numpy


@kernel
def max_pool(x, window, stride, before, out):
    """out[n, p, q, r, c] = the largest x[n, z, y, w, c] with (z, y, w) under window (p, q, r); NaN is
    larger still.
    """
    for n, p, q, r in np.ndindex(out.shape[:4]):
        z0, z1 = clip_window(p, stride[0], before[0], window[0], x.shape[1])
        y0, y1 = clip_window(q, stride[1], before[1], window[1], x.shape[2])
        w0, w1 = clip_window(r, stride[2], before[2], window[2], x.shape[3])
        row = out[n, p, q, r]
        row[:] = x[n, z0, y0, w0]
        for z in range(z0, z1):
            for y in range(y0, y1):
                for w in range(w0, w1):
                    for c in range(row.size):
                        m, v = row[c], x[n, z, y, w, c]
                        row[c] = m if m >= v or m != m else v


@kernel
def max_pool_places(x, window, stride, before, out, places):
    """`max_pool`, and in `places` the flat index into x of each maximum: the first, where several are
    equal.
    """
    channels = x.shape[4]
    for n, p, q, r in np.ndindex(out.shape[:4]):
        z0, z1 = clip_window(p, stride[0], before[0], window[0], x.shape[1])
        y0, y1 = clip_window(q, stride[1], before[1], window[1], x.shape[2])
        w0, w1 = clip_window(r, stride[2], before[2], window[2], x.shape[3])
        row, place = out[n, p, q, r], places[n, p, q, r]
        first = (((n * x.shape[1] + z0) * x.shape[2] + y0) * x.shape[3] + w0) * channels
        for c in range(channels):
            row[c] = x[n, z0, y0, w0, c]
            place[c] = first + c
        for z in range(z0, z1):
            for y in range(y0, y1):
                for w in range(w0, w1):
                    at = (((n * x.shape[1] + z) * x.shape[2] + y) * x.shape[3] + w) * channels
                    for c in range(channels):
                        v = x[n, z, y, w, c]
                        better = v > row[c] or v != v
                        row[c] = v if better else row[c]
                        place[c] = at + c if better else place[c]


@kernel
def scatter_places(places, dy, dx):
    """dx[places[i]] += dy[i]: flat arrays."""
    dx[:] = 0
    for i in range(places.size):
        dx[places[i]] += dy[i]


@kernel
def gather_places(places, g, out):
    """out[i] = g[places[i]]: flat arrays."""
    for i in range(places.size):
        out[i] = g[places[i]]


@kernel
def avg_pool(x, window, stride, before, out):
    """out[n, p, q, r, c] = the average of the x[n, z, y, w, c] with (z, y, w) under window (p, q, r)"""
    for n, p, q, r in np.ndindex(out.shape[:4]):
        z0, z1 = clip_window(p, stride[0], before[0], window[0], x.shape[1])
        y0, y1 = clip_window(q, stride[1], before[1], window[1], x.shape[2])
        w0, w1 = clip_window(r, stride[2], before[2], window[2], x.shape[3])
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
def avg_pool_gradient(dy, window, stride, before, dx):
    """dx[everything under a window] += that window's dy / the number of elements under it"""
    dx[:] = 0
    for n, p, q, r in np.ndindex(dy.shape[:4]):
        z0, z1 = clip_window(p, stride[0], before[0], window[0], dx.shape[1])
        y0, y1 = clip_window(q, stride[1], before[1], window[1], dx.shape[2])
        w0, w1 = clip_window(r, stride[2], before[2], window[2], dx.shape[3])
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


def pool_launches(kernel, x, window, strides, padding, out):
    """Launches of `max_pool`, `avg_pool` or `avg_pool_gradient` for pictures or volumes with channels
    last.
    """
    return [Launch(kernel, as_volume(x), *_geometry(window, strides, padding), as_volume(out))]


def places_launches(x, window, strides, padding, out, places):
    """Launches of `max_pool_places`; out and places have the shape of the pooled array."""
    geometry = _geometry(window, strides, padding)
    return [Launch(max_pool_places, as_volume(x), *geometry, as_volume(out), as_volume(places))]


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
        better = (values > best) | ((places < 0) & (found >= 0)) | (values != values)
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
