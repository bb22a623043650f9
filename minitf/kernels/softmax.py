"""Softmax of the rows of a matrix, and the losses that contain one.

    softmax(x)[j] = exp(x[j] - m) / sum over k of exp(x[k] - m),    m = the largest x[k] of the row

Subtracting m changes nothing in exact arithmetic and keeps `exp` from overflowing.  A loss never takes the
logarithm of a softmax; it uses log softmax(x)[j] = (x[j] - m) - log(sum).

A row's maximum may ignore a NaN: the exponential of NaN makes the sum, and so the row, NaN.
"""

import math

import numpy as np

from minitf.kernels.atomics import prefetch, store_products
from minitf.kernels.compile import pointer
from minitf.kernels.functions import carray, inline, kernel
from minitf.kernels.machine import Launch
from minitf.kernels.scalar_math import exp_below_0
from minitf.kernels.threads import scratch

_SUMS = {"reassoc", "nsz", "contract"}  # lets sums be taken in any order, that is by vector instructions
_GRAIN = 8192  # elements
_BLOCK = 4096  # elements of a sum that are added up in one go
_STEP = 256  # elements that go through `exp` in one go
_NARROW, _ROWS = 64, 64  # columns of rows that go through `exp` together, and how many do
_LANES = 32  # maxima kept side by side, for the same reason
_CACHE = 1 << 25  # bytes: a result larger than this is not in a cache any more when somebody reads it
_LONG = 1 << 14  # classes: a longer row does not stay in the first caches itself


@inline
def _larger(a, b):
    return b if b > a else a


@kernel
def _row_maximum(x, lanes):
    """The largest element; `lanes` holds the largest of every 32nd, which are vector instructions.

    They are read and written once for eight vectors of x, since that takes as long as comparing those.
    """
    m, at = x[0], 0
    if x.size >= _LANES:
        for k in range(_LANES):
            lanes[k] = m
        while at + 8 * _LANES <= x.size:
            part = x[at : at + 8 * _LANES]
            for k in range(_LANES):
                a, b = _larger(part[k], part[32 + k]), _larger(part[64 + k], part[96 + k])
                c, d = _larger(part[128 + k], part[160 + k]), _larger(part[192 + k], part[224 + k])
                lanes[k] = _larger(lanes[k], _larger(_larger(a, b), _larger(c, d)))
            at += 8 * _LANES
        while at + _LANES <= x.size:
            part = x[at : at + _LANES]
            for k in range(_LANES):
                lanes[k] = _larger(lanes[k], part[k])
            at += _LANES
        for k in range(_LANES):
            m = _larger(m, lanes[k])
    for j in range(at, x.size):
        m = _larger(m, x[j])
    return m


@kernel(fastmath=_SUMS)
def _exp_row(x, m, out):
    """out = exp(x - m); returns the sum of out.

    Meanwhile the row behind x is brought near, which most likely comes next.
    """
    behind, whole, total = x.ctypes.data + x.size * x.itemsize, x.size // _STEP * _STEP, x.dtype.type(0)
    for start in range(0, whole, _STEP):
        part, result = x[start : start + _STEP], out[start : start + _STEP]
        for line in range(_STEP // 16):
            prefetch(behind + start * x.itemsize + 64 * line)
        for j in range(_STEP):
            y = exp_below_0(part[j] - m)
            result[j] = y
            total += y
    for j in range(whole, x.size):
        y = exp_below_0(x[j] - m)
        out[j] = y
        total += y
    return total


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
        factor = x.dtype.type(1) / _exp_row(x[i], _row_maximum(x[i], lanes[worker]), row)
        for j in range(row.size):
            row[j] *= factor


@kernel
def softmax_past_caches(begin, end, worker, x, lanes, rows, out):
    """`softmax` of float32 whose result goes past the caches: rows (threads, classes) is scratch, too."""
    row = rows[worker, : x.shape[1]]
    for i in range(begin, end):
        factor = x.dtype.type(1) / _exp_row(x[i], _row_maximum(x[i], lanes[worker]), row)
        source, target, result = row.ctypes.data, out[i].ctypes.data, out[i]
        if target % 64 == 0:
            for at in range(0, row.size * 4, 64):
                store_products(target + at, source + at, factor)
        else:
            for j in range(row.size):
                result[j] = row[j] * factor


@kernel
def log_softmax(begin, end, worker, x, lanes, out):
    """out[i] = log(softmax(x[i]))"""
    for i in range(begin, end):
        features, row = x[i], out[i]
        m = _row_maximum(features, lanes[worker])
        log_total = math.log(_exp_row(features, m, row))
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
        elements = carray(pointer(out[first].ctypes.data), ((last - first) * out.shape[1],), out.dtype)
        for j in range(elements.size):
            elements[j] = exp_below_0(elements[j])


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
    memory, out = [scratch(_LANES, outputs[0].dtype)], outputs[-1]
    if kernel is softmax and out.nbytes > _CACHE and classes <= _LONG and classes % 16 == 0 and out.dtype == np.float32:
        kernel, memory = softmax_past_caches, [*memory, scratch(classes, out.dtype)]
    return Launch(kernel, *inputs, *memory, *outputs, units=rows, grain=_GRAIN // max(1, classes))
