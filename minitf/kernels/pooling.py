"""Pooling: the maximum or the average of what lies under each window.

Inputs are volumes (batch, depth, height, width, channels), pictures being volumes of depth 1; window,
stride and before have three numbers each.  Where a window reaches beyond the border, only what lies
inside counts.  Lines are laid out by phases (see `phases.py`), so that the innermost loops run over all channels of
all pixels of a line.  (2 x 2 windows side by side: `quarters.py`.)

A maximum's gradient flows to the first of the largest elements.  Which that is, is found again from the input
rather than kept: reading it twice costs less than writing and reading places.
"""

import math

import numpy as np

from minitf.kernels import quarters
from minitf.kernels.functions import function, inline, kernel
from minitf.kernels.machine import Launch
from minitf.kernels.phases import add, add_back, lay_out, lines_for, runs_of
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


@function
def _look(x, first_plane, first_line, before, seen):
    """Lay out by phases those lines of volume x that begin at this plane and line, as far as they lie inside."""
    for i in range(seen.shape[0]):
        for j in range(seen.shape[1]):
            z, y = first_plane + i, first_line + j
            if 0 <= z < x.shape[0] and 0 <= y < x.shape[1]:
                lay_out(x[z, y], before[2], 1, seen[i, j])


@inline
def _maxima(x, p, q, top, window, stride, before, runs, seen, row):
    """row[r, c] = the largest of what output pixel (p, q, r) sees of channel c; NaN is larger still."""
    z0, z1 = clip_window(p, stride[0], before[0], window[0], x.shape[1])
    y0, y1 = clip_window(q, stride[1], before[1], window[1], x.shape[2])
    for z in range(z0, z1):
        for y in range(y0, y1):
            line = seen[z - p * stride[0] + before[0], y - top]
            for j in range(runs.shape[0]):
                part = row[runs[j, 2] : runs[j, 3]]
                values = line[runs[j, 0], runs[j, 1] : runs[j, 1] + part.size]
                for k in range(part.size):
                    m, v = part[k], values[k]
                    part[k] = m if (m >= v) | (m != m) else v  # "|", for "or" would be a branch


@kernel
def max_pool(begin, end, worker, x, window, stride, before, lowest, lines, runs, seen, out):
    """out[n, p, q, r, c] = the largest x[n, z, y, w, c] with (z, y, w) under window (p, q, r)

    Units are blocks of `lines` lines of an output plane; `lowest` is less than all numbers.
    """
    blocks = -(-out.shape[2] // lines)
    for unit in range(begin, end):
        n, rest = divmod(unit, blocks * out.shape[1])
        p, block = divmod(rest, blocks)
        top = block * lines * stride[1] - before[1]
        _look(x[n], p * stride[0] - before[0], top, before, seen[worker])
        for q in range(block * lines, min((block + 1) * lines, out.shape[2])):
            row = out[n, p, q].reshape(-1)
            row[:] = lowest[0]
            _maxima(x, p, q, top, window, stride, before, runs, seen[worker], row)


@kernel
def max_pool_gradient(begin, end, worker, x, dy, window, stride, before, lowest, lines, runs, seen, back, rows, dx):
    """dx[n, z, y, w, c] += dy[n, p, q, r, c] at the place of the largest x[n, z, y, w, c] under (p, q, r)

    for each output line: find the maxima; the first element that equals one takes what is `left` of dy.
    """
    best, left, zero = rows[worker, 0], rows[worker, 1], dx.dtype.type(0)
    for n in range(begin, end):
        dx[n] = 0
        for p in range(dy.shape[1]):
            z0, z1 = clip_window(p, stride[0], before[0], window[0], x.shape[1])
            bottom = p * stride[0] - before[0]
            for block in range(0, dy.shape[2], lines):
                top = block * stride[1] - before[1]
                _look(x[n], bottom, top, before, seen[worker])
                back[worker] = 0
                for q in range(block, min(block + lines, dy.shape[2])):
                    gradient = dy[n, p, q].reshape(-1)
                    for k in range(left.size):
                        best[k], left[k] = lowest[0], gradient[k]
                    _maxima(x, p, q, top, window, stride, before, runs, seen[worker], best)
                    y0, y1 = clip_window(q, stride[1], before[1], window[1], x.shape[2])
                    for z in range(z0, z1):
                        for y in range(y0, y1):
                            line, sums = seen[worker, z - bottom, y - top], back[worker, z - bottom, y - top]
                            for j in range(runs.shape[0]):
                                phase, at, first, last = runs[j, 0], runs[j, 1], runs[j, 2], runs[j, 3]
                                largest, remain = best[first:last], left[first:last]
                                end_at = at + last - first
                                values, result = line[phase, at:end_at], sums[phase, at:end_at]
                                for k in range(result.size):
                                    v, r = values[k], remain[k]  # loaded before the choice: no branch
                                    found = (v == largest[k]) | (v != v)
                                    result[k] += r if found else zero
                                    remain[k] = zero if found else r
                for z in range(z0, z1):
                    for i in range(seen.shape[2]):
                        if 0 <= top + i < x.shape[2]:
                            add_back(back[worker, z - bottom, i], before[2], dx[n, z, top + i])


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
def avg_pool(begin, end, worker, x, window, stride, before, counts, lines, runs, seen, out):
    """out[n, p, q, r, c] = the average of the x[n, z, y, w, c] with (z, y, w) under window (p, q, r)

    counts[r, c] is how many pixels of a line are under the window at r.
    """
    blocks = -(-out.shape[2] // lines)
    for unit in range(begin, end):
        n, rest = divmod(unit, blocks * out.shape[1])
        p, block = divmod(rest, blocks)
        bottom, top = p * stride[0] - before[0], block * lines * stride[1] - before[1]
        _look(x[n], bottom, top, before, seen[worker])
        z0, z1 = clip_window(p, stride[0], before[0], window[0], x.shape[1])
        for q in range(block * lines, min((block + 1) * lines, out.shape[2])):
            y0, y1 = clip_window(q, stride[1], before[1], window[1], x.shape[2])
            row = out[n, p, q].reshape(-1)
            row[:] = 0
            for z in range(z0, z1):
                for y in range(y0, y1):
                    line = seen[worker, z - bottom, y - top]
                    for j in range(runs.shape[0]):
                        part = row[runs[j, 2] : runs[j, 3]]
                        add(line[runs[j, 0], runs[j, 1] : runs[j, 1] + part.size], part)
            factor = x.dtype.type((z1 - z0) * (y1 - y0))
            for k in range(row.size):
                row[k] /= factor * counts[k]


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


def _laid_out(x, out, geometry):
    """(output lines at a time, `runs_of`, scratch (workers, planes, lines, stride, numbers) for what they see)"""
    window, stride, before = geometry
    flat = window[1:], stride[1:], (1, 1), before[1:], x.shape[2:4], x.shape[4], x.dtype
    lines, seen = lines_for(out.shape[2:4], *flat)
    runs = runs_of(window[2], stride[2], before[2], x.shape[3], out.shape[3], x.shape[4])
    return lines, runs, np.empty((len(seen), window[0], *seen.shape[1:]), x.dtype)


def _lowest(dtype):
    return np.array([-np.inf if dtype.kind == "f" else np.iinfo(dtype).min], dtype)


def pool_launches(kernel, x, window, strides, padding, out):
    """Launches of `max_pool`, `avg_pool` or `avg_pool_gradient` for pictures or volumes with channels
    last.
    """
    if kernel is avg_pool_gradient:
        return [_launch(kernel, [x], (window, strides, padding), as_volume(out))]
    if kernel is max_pool and quarters.fits(x.shape, window, strides, padding):
        return [quarters.launch(quarters.max_of_quarters, x, out)]
    x, out, geometry = as_volume(x), as_volume(out), _geometry(window, strides, padding)
    lines, runs, seen = _laid_out(x, out, geometry)
    setting = _lowest(x.dtype) if kernel is max_pool else _counts_of_line(x, out, geometry)
    units = len(x) * out.shape[1] * -(-out.shape[2] // lines)
    grain = _GRAIN // max(1, lines * math.prod(x.shape[3:]))
    return [Launch(kernel, x, *geometry, setting, lines, runs, seen, out, units=units, grain=grain)]


def _counts_of_line(x, out, geometry):
    """For each number of an output line, how many pixels of an input line are under its window."""
    begin = np.arange(out.shape[3]) * geometry[1][2] - geometry[2][2]
    counts = np.minimum(begin + geometry[0][2], x.shape[3]) - np.maximum(begin, 0)
    return np.repeat(counts, x.shape[4]).astype(x.dtype)


def max_pool_gradient_launches(kernel, x, g, window, strides, padding, out):
    """Launches of `max_pool_gradient` or `max_pool_again` on an input and a gradient of either shape."""
    if kernel is max_pool_again:
        maxima, rest = (np.empty((MOST, x.shape[-1]), x.dtype) for _ in range(2))
        return [_launch(kernel, [x, g], (window, strides, padding), maxima, rest, as_volume(out))]
    if quarters.fits(x.shape, window, strides, padding):
        return [quarters.launch(quarters.max_of_quarters_gradient, x, g, out)]
    volumes, geometry = [as_volume(a) for a in (x, g)], _geometry(window, strides, padding)
    lines, runs, seen = _laid_out(*volumes, geometry)
    rows = np.empty((MOST, 2, math.prod(volumes[1].shape[3:])), x.dtype)
    scratch = _lowest(x.dtype), lines, runs, seen, np.empty_like(seen), rows
    return [_launch(kernel, volumes, (window, strides, padding), *scratch, as_volume(out))]


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
