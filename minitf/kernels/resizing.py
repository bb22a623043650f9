"""Pictures of another size: every new row and column is a weighted sum of a few old ones (its taps)."""

import numpy as np

from minitf.kernels.functions import inline, kernel
from minitf.kernels.machine import Launch
from minitf.kernels.threads import MOST

_GRAIN = 4096  # elements that are worth a thread


@inline
def _sum_of_rows(index, weight, rows, line):
    """line[k] = sum over taps a (at least two) of weight[a] rows[index[a], k]"""
    first, second, v, w = rows[index[0]].reshape(-1), rows[index[1]].reshape(-1), weight[0], weight[1]
    for k in range(line.size):
        line[k] = v * first[k] + w * second[k]
    for a in range(2, index.size):
        row, w = rows[index[a]].reshape(-1), weight[a]
        for k in range(line.size):
            line[k] += w * row[k]


@inline
def _weigh(index, weight, line, new):
    """new[c] = sum over taps d (at least two) of weight[d] line[index[d] + c]"""
    width = new.size
    left, right, v, w = line[index[0] : index[0] + width], line[index[1] : index[1] + width], weight[0], weight[1]
    for c in range(width):
        new[c] = v * left[c] + w * right[c]
    for d in range(2, index.size):
        more, w = line[index[d] : index[d] + width], weight[d]
        for c in range(width):
            new[c] += w * more[c]


@inline
def _weigh_each(index, weight, line, new):
    """new[k] = sum over taps d (at least two) of weight[d, k] line[index[d, k]]"""
    p, q, v, w = index[0], index[1], weight[0], weight[1]
    for k in range(new.size):
        new[k] = v[k] * line[np.uint64(p[k])] + w[k] * line[np.uint64(q[k])]
    for d in range(2, index.shape[0]):
        p, v = index[d], weight[d]
        for k in range(new.size):
            new[k] += v[k] * line[np.uint64(p[k])]


@kernel
def resample(begin, end, worker, row_index, row_weight, index, weight, x, lines, out):
    """out[b, i, j, c] = sum over a, d of row_weight[i, a] weight[d, n] x[b, row_index[i, a]].flat[index[d, n] + m]

    a and d count the taps; x is (batch, height, width, channels).  Of a row's elements (j, c), n counts the runs of
    equal taps and m the elements of a run: runs are pixels, or single elements where there are few channels.
    First the rows of a line are summed, in the scratch `lines` of each worker; units are the new lines.
    """
    line, runs = lines[worker], index.shape[1]
    for unit in range(begin, end):
        b, i = divmod(unit, out.shape[1])
        _sum_of_rows(row_index[i], row_weight[i], x[b], line)
        new = out[b, i].reshape(-1)
        if runs == new.size:
            _weigh_each(index, weight, line, new)
        else:
            width = new.size // runs
            for n in range(runs):
                _weigh(index[:, n], weight[:, n], line, new[n * width : (n + 1) * width])


_FEW = 8  # channels


def _two_taps(index, weight):
    """At least two: a second tap that weighs nothing."""
    if index.shape[1] > 1:
        return index, weight
    return np.repeat(index, 2, 1), np.pad(weight, [(0, 0), (0, 1)])


def resample_launch(taps, x, out):
    """The launch of `resample`; taps = (row_index, row_weight, column_index, column_weight)."""
    channels, rows, (index, weight) = x.shape[3], _two_taps(*taps[:2]), _two_taps(*taps[2:])
    index, weight = index.T * channels, weight.T
    if channels < _FEW:
        index = (index[:, :, None] + np.arange(channels)).reshape(len(index), -1)
        weight = np.repeat(weight, channels, 1)
    columns = np.ascontiguousarray(index, np.int32), np.ascontiguousarray(weight)
    lines = np.empty((MOST, x.shape[2] * channels), out.dtype)
    units = out.shape[0] * out.shape[1]
    return Launch(resample, *rows, *columns, x, lines, out, units=units, grain=_GRAIN * units // max(1, out.size))


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
