"""Softmax of the rows of a matrix, and the losses that contain one.

    softmax(x)[j] = exp(x[j] - m) / sum over k of exp(x[k] - m),    m = the largest x[k] of the row

Subtracting m changes nothing in exact arithmetic and keeps `exp` from overflowing.  A loss never takes the
logarithm of a softmax; it uses log softmax(x)[j] = (x[j] - m) - log(sum).

A row's maximum may ignore a NaN: the exponential of NaN makes the sum, and so the row, NaN.
"""

import math

import numpy as np

from minitf.kernels.atomics import prefetch
from minitf.kernels.functions import inline, kernel, overload, types
from minitf.kernels.machine import Launch
from minitf.kernels.scalar_math import bits_of, float_of
from minitf.kernels.threads import scratch

_SUMS = {"reassoc", "nsz", "contract"}  # lets sums be taken in any order, that is by vector instructions
_GRAIN = 8192  # elements
_BLOCK = 4096  # elements of a sum that are added up in one go
_STEP = 256  # elements that go through `exp` in one go
_NARROW, _ROWS = 64, 64  # columns of rows that go through `exp` together, and how many do
_LANES = 32  # maxima kept side by side, for the same reason

_LOG2_E = np.float32(1.44269504088896341)
_LN_2_HIGH, _LN_2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_ROUNDER = np.float32(1.5 * 2.0**23)  # adding it leaves the nearest integer in a float32's low bits
_SMALLEST = np.float32(-87.3)  # below, the exponential is no normal float32
_C2, _C3, _C4 = np.float32(5.0000001201e-1), np.float32(1.6666665459e-1), np.float32(4.1665795894e-2)
_C5, _C6, _C7 = np.float32(8.3334519073e-3), np.float32(1.3981999507e-3), np.float32(1.9875691500e-4)


@inline(fastmath={"contract"})
def _exp32(x):
    """exp(x) of a float32 of at most 0, in vector instructions.

    exp(x) = 2**n exp(r) with n the integer nearest to x / log(2); for |r| < 0.35 a short polynomial serves
    (Moshier's Cephes library), and 2**n is written into the bits of a float.
    """
    shifted = x * _LOG2_E + _ROUNDER
    n = shifted - _ROUNDER
    r = (x - n * _LN_2_HIGH) - n * _LN_2_LOW
    p = ((((_C7 * r + _C6) * r + _C5) * r + _C4) * r + _C3) * r + _C2
    power = float_of(np.int32((bits_of(shifted) << np.int32(23)) + np.int32(127 << 23)))
    y = (p * (r * r) + r + np.float32(1)) * power
    return np.float32(0) if x < _SMALLEST else y


def _exp(x):
    raise NotImplementedError("for use inside kernels")


@overload(_exp)
def _choose_exp(x):
    if x == types.float32:
        return lambda x: _exp32(x)
    return lambda x: math.exp(x)


@inline
def _larger(a, b):
    return b if b > a else a


@inline
def _row_maximum(x, lanes):
    """The largest element; `lanes` holds the largest of every 32nd, which are vector instructions."""
    if x.size < 4 * _LANES:
        m = x[0]
        for j in range(x.size):
            m = _larger(m, x[j])
        return m
    for k in range(_LANES):
        lanes[k] = x[k]
    at = 0
    while at + 4 * _LANES <= x.size:
        part = x[at : at + 4 * _LANES]
        for k in range(_LANES):
            first, second = _larger(part[k], part[32 + k]), _larger(part[64 + k], part[96 + k])
            lanes[k] = _larger(lanes[k], _larger(first, second))
        at += 4 * _LANES
    m = lanes[0]
    for k in range(_LANES):
        m = _larger(m, lanes[k])
    for j in range(at, x.size):
        m = _larger(m, x[j])
    return m


@kernel
def _exp_row(x, m, out):
    """out = exp(x - m).  Not under `fastmath`, which would undo the rounding in `_exp32`.

    Meanwhile the row behind x is brought near, which most likely comes next.
    """
    behind, whole = x.ctypes.data + x.size * x.itemsize, x.size // _STEP * _STEP
    for start in range(0, whole, _STEP):
        part, result = x[start : start + _STEP], out[start : start + _STEP]
        for line in range(_STEP // 16):
            prefetch(behind + start * x.itemsize + 64 * line)
        for j in range(_STEP):
            result[j] = _exp(part[j] - m)
    for j in range(whole, x.size):
        out[j] = _exp(x[j] - m)


@kernel(fastmath=_SUMS)
def _sum_row(x):
    total = x.dtype.type(0)
    for j in range(x.size):
        total += x[j]
    return total


@kernel(fastmath=_SUMS)
def _loss_of_row(labels, x, m, log_total):
    """sum_j labels[j] (log_total - (x[j] - m))"""
    loss = x.dtype.type(0)
    for j in range(x.size):
        loss += labels[j] * (log_total - (x[j] - m))
    return loss


@kernel
def softmax(begin, end, worker, x, lanes, out):
    """out[i] = softmax(x[i]): x, out (rows, classes); lanes (threads, 32) is scratch."""
    for i in range(begin, end):
        row = out[i]
        _exp_row(x[i], _row_maximum(x[i], lanes[worker]), row)
        factor = x.dtype.type(1) / _sum_row(row)
        for j in range(row.size):
            row[j] *= factor


@kernel
def log_softmax(begin, end, worker, x, lanes, out):
    """out[i] = log(softmax(x[i]))"""
    for i in range(begin, end):
        features, row = x[i], out[i]
        m = _row_maximum(features, lanes[worker])
        _exp_row(features, m, row)
        log_total = math.log(_sum_row(row))
        for j in range(row.size):
            row[j] = (features[j] - m) - log_total


@kernel
def _exp_rows(begin, end, x, lanes, maxima, out):
    """maxima[i] = m, the largest of x[i]; out[i] = exp(x[i] - m).

    Rows shorter than a few vectors go through `exp` together: one loop over all of their elements.
    """
    if x.shape[1] >= _NARROW:
        for i in range(begin, end):
            maxima[i] = _row_maximum(x[i], lanes)
            _exp_row(x[i], maxima[i], out[i])
        return
    for first in range(begin, end, _ROWS):
        last = min(end, first + _ROWS)
        for i in range(first, last):
            features, row, m = x[i], out[i], x[i, 0]
            for j in range(row.size):
                m = features[j] if features[j] > m else m
            for j in range(row.size):
                row[j] = features[j] - m
            maxima[i] = m
        elements = out[first:last].reshape(-1)
        for j in range(elements.size):
            elements[j] = _exp(elements[j])


@kernel
def cross_entropy(begin, end, worker, x, labels, lanes, loss, backprop):
    """loss[i] = - sum_j labels[i, j] log softmax(x[i])[j]; backprop[i] = softmax(x[i]) - labels[i]"""
    _exp_rows(begin, end, x, lanes[worker], loss, backprop)
    for i in range(begin, end):
        row, targets, m = backprop[i], labels[i], loss[i]
        total = _sum_row(row)
        loss[i] = _loss_of_row(targets, x[i], m, math.log(total))
        factor = x.dtype.type(1) / total
        for j in range(row.size):
            row[j] = row[j] * factor - targets[j]


@kernel(status=True)
def sparse_cross_entropy(begin, end, worker, x, labels, lanes, loss, backprop):
    """loss[i] = - log softmax(x[i])[labels[i]]; backprop[i] = softmax(x[i]), less 1 at the label.

    1 where a label is no class.
    """
    for i in range(begin, end):
        if labels[i] < 0 or labels[i] >= x.shape[1]:
            return 1
    _exp_rows(begin, end, x, lanes[worker], loss, backprop)
    for i in range(begin, end):
        row = backprop[i]
        total = _sum_row(row)
        factor = x.dtype.type(1) / total
        for j in range(row.size):
            row[j] *= factor
        loss[i] = math.log(total) - (x[i, labels[i]] - loss[i])
        row[labels[i]] -= 1
    return 0


@kernel(fastmath=_SUMS)
def square_sums(begin, end, x, sums):
    """sums[n] = sum of x[i]**2 over block n of x, in float64 between blocks so that a long sum keeps its digits."""
    for n in range(begin, end):
        part, total = x[n * _BLOCK : (n + 1) * _BLOCK], x.dtype.type(0)
        for i in range(part.size):
            total += part[i] * part[i]
        sums[n] = total


@kernel
def half_sum(sums, out):
    """out[0] = sum of sums[n] / 2"""
    total = 0.0
    for n in range(sums.size):
        total += sums[n]
    out[0] = out.dtype.type(total / 2)


def half_square_sum_launches(x, out):
    """The launches that write the sum of x[i]**2 / 2 into the one element of `out`."""
    sums = np.empty(-(-x.size // _BLOCK))
    return [Launch(square_sums, x, sums, units=sums.size, grain=4), Launch(half_sum, sums, out)]


def launch(kernel, inputs, outputs):
    """The launch of one of the kernels above: their scratch stands between inputs and outputs."""
    rows, classes = inputs[0].shape
    lanes = scratch(_LANES, outputs[0].dtype)
    return Launch(kernel, *inputs, lanes, *outputs, units=rows, grain=_GRAIN // max(1, classes))
