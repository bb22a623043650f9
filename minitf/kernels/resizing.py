"""Pictures of another size: every new row and column is a weighted sum of a few old ones (its taps)."""

import numpy as np

from minitf.kernels.functions import inline, kernel
from minitf.kernels.machine import Launch
from minitf.kernels.threads import MOST

_GRAIN = 4096  # elements that are worth a thread


@inline
def _weigh(index, weight, channels, line, new):
    """new[c] = sum over taps d (at least two) of weight[d] line[index[d] * channels + c], four channels at a time."""
    last = index.size - 1
    p, q = np.uint64(index[0] * channels), np.uint64(index[last] * channels)
    v, w = weight[0], weight[last]
    whole = np.uint64(channels - channels % 4)
    c = np.uint64(0)
    while c < whole:
        for k in range(4):
            at = c + np.uint64(k)
            new[at] = v * line[p + at] + w * line[q + at]
        c += np.uint64(4)
    while c < np.uint64(channels):
        new[c] = v * line[p + c] + w * line[q + c]
        c += np.uint64(1)
    for d in range(1, last):
        start, middle = np.uint64(index[d] * channels), weight[d]
        for k in range(channels):
            new[np.uint64(k)] += middle * line[start + np.uint64(k)]


@kernel
def resample(begin, end, worker, row_index, row_weight, column_index, column_weight, x, lines, out):
    """out[b, i, j] = sum over a, d of row_weight[i, a] column_weight[j, d] x[b, row_index[i, a], column_index[j, d]]

    a and d count the taps; x is (batch, height, width, channels); index and weight are (new size, taps).  First the
    rows of a line are summed, in the scratch `lines` of each worker; units are the new lines.
    """
    line = lines[worker]
    for unit in range(begin, end):
        b, i = divmod(unit, out.shape[1])
        for k in range(line.size):
            line[k] = 0
        for a in range(row_index.shape[1]):
            weight, old = row_weight[i, a], x[b, row_index[i, a]].reshape(-1)
            for k in range(line.size):
                line[k] += weight * old[k]
        channels = out.shape[3]
        for j in range(out.shape[2]):
            _weigh(column_index[j], column_weight[j], channels, line, out[b, i, j])


def resample_launch(taps, x, out):
    """The launch of `resample`; taps = (row_index, row_weight, column_index, column_weight)."""
    if taps[2].shape[1] == 1:  # a second tap that weighs nothing
        taps = [*taps[:2], np.repeat(taps[2], 2, 1), np.pad(taps[3], [(0, 0), (0, 1)])]
    lines = np.empty((MOST, x.shape[2] * x.shape[3]), out.dtype)
    units = out.shape[0] * out.shape[1]
    return Launch(resample, *taps, x, lines, out, units=units, grain=_GRAIN * units // max(1, out.size))


@kernel
def resample_gradient(row_index, row_weight, column_index, column_weight, dy, dx):
    """dx[b, row_index[i, a], column_index[j, d]] += row_weight[i, a] column_weight[j, d] dy[b, i, j]"""
    batch, height, width, channels = dy.shape
    dx[...] = 0
    for b in range(batch):
        for i in range(height):
            for j in range(width):
                for a in range(row_index.shape[1]):
                    for d in range(column_index.shape[1]):
                        w = row_weight[i, a] * column_weight[j, d]
                        p, q = row_index[i, a], column_index[j, d]
                        for c in range(channels):
                            dx[b, p, q, c] += w * dy[b, i, j, c]


@kernel
def pick(rows, columns, x, out):
    """out[b, i, j] = x[b, rows[i], columns[j]]"""
    batch, height, width, channels = out.shape
    for b in range(batch):
        for i in range(height):
            for j in range(width):
                for c in range(channels):
                    out[b, i, j, c] = x[b, rows[i], columns[j], c]


@kernel
def pick_gradient(rows, columns, dy, dx):
    """dx[b, rows[i], columns[j]] += dy[b, i, j]"""
    batch, height, width, channels = dy.shape
    dx[...] = 0
    for b in range(batch):
        for i in range(height):
            for j in range(width):
                for c in range(channels):
                    dx[b, rows[i], columns[j], c] += dy[b, i, j, c]


def scale_of(old, new, align_corners):
    """Old elements per new element; with `align_corners` the first and last elements coincide."""
    if align_corners and new > 1:
        return np.float32((old - 1) / (new - 1))
    return np.float32(old / new)


def _places(old, new, align_corners, half_pixel_centers):
    scale = scale_of(old, new, align_corners)
    i = np.arange(new, dtype=np.float32)
    return (i + np.float32(0.5)) * scale - np.float32(0.5) if half_pixel_centers else i * scale


def bilinear_taps(old, new, align_corners, half_pixel_centers):
    """(index, weight) of the two old elements on both sides of every new one."""
    place = _places(old, new, align_corners, half_pixel_centers)
    low = np.floor(place)
    fraction = place - low
    index = np.stack([np.maximum(low, 0), np.minimum(np.ceil(place), old - 1)], 1)
    return np.clip(index, 0, old - 1).astype(np.int64), np.stack([1 - fraction, fraction], 1).astype(np.float32)


_STEPS = 1024  # TensorFlow looks the cubic up in a table of so many steps between two elements


def bicubic_taps(old, new, align_corners, half_pixel_centers):
    """Four taps a new element: cubic convolution (Keys, 1981) with a = -0.75, or -0.5 for half-pixel centers."""
    a = np.float32(-0.5 if half_pixel_centers else -0.75)
    place = _places(old, new, align_corners, half_pixel_centers)
    low = np.floor(place)
    x = np.rint((place - low) * _STEPS) / np.float32(_STEPS)
    near, far = (lambda t: ((a + 2) * t - (a + 3)) * t * t + 1), (lambda t: ((t - 5) * t + 8) * t * a - 4 * a)
    weight = np.stack([far(1 + x), near(x), near(1 - x), far(2 - x)], 1).astype(np.float32)
    index = low[:, None] + np.arange(-1, 3)
    if half_pixel_centers:
        weight = np.where((index < 0) | (index > old - 1), np.float32(0), weight)
        weight = weight / weight.sum(1, keepdims=True)
    return np.clip(index, 0, old - 1).astype(np.int64), weight.astype(np.float32)


def area_taps(old, new, align_corners):
    """As many taps as old elements lie under a new one, weighted by how much of each lies there."""
    scale = scale_of(old, new, align_corners)
    first = np.arange(new, dtype=np.float32) * scale
    last = np.arange(1, new + 1, dtype=np.float32) * scale
    count = int(max(np.ceil(last).astype(int) - np.floor(first).astype(int)))
    index = np.floor(first)[:, None] + np.arange(count)
    covered = np.minimum(index + 1, last[:, None]) - np.maximum(index, first[:, None])
    weight = np.clip(covered, 0, None) / scale
    return np.clip(index, 0, old - 1).astype(np.int64), weight.astype(np.float32)


def nearest(old, new, align_corners, half_pixel_centers):
    """The old element that every new one repeats."""
    scale = scale_of(old, new, align_corners)
    place = (np.arange(new, dtype=np.float32) + np.float32(0.5 if half_pixel_centers else 0)) * scale
    rounded = np.floor(place + np.float32(0.5)) if align_corners else np.floor(place)
    return np.clip(rounded, 0, old - 1).astype(np.int64)
