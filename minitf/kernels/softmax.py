"""Softmax of the rows of a matrix, and the losses that contain one.

    softmax(x)[j] = exp(x[j] - m) / sum over k of exp(x[k] - m),    m = the largest x[k] of the row

Subtracting m changes nothing in exact arithmetic and keeps `exp` from overflowing.  A loss never takes the
logarithm of a softmax; it uses log softmax(x)[j] = (x[j] - m) - log(sum).

A row's maximum may ignore a NaN: the exponential of NaN makes the sum, and so the row, NaN.
"""

import math

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, overload

from minitf.kernels.compile import inline, kernel
from minitf.kernels.machine import Launch

_SUMS = {"reassoc", "nsz", "contract"}  # lets sums be taken in any order, that is by vector instructions
_LANES = 16  # maxima kept side by side, for the same reason

_LOG2_E = np.float32(1.44269504088896341)
_LN_2_HIGH, _LN_2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_ROUNDER = np.float32(1.5 * 2.0**23)  # adding it leaves the nearest integer in a float32's low bits
_SMALLEST = np.float32(-87.3)  # below, the exponential is no normal float32
_C2, _C3, _C4 = np.float32(5.0000001201e-1), np.float32(1.6666665459e-1), np.float32(4.1665795894e-2)
_C5, _C6, _C7 = np.float32(8.3334519073e-3), np.float32(1.3981999507e-3), np.float32(1.9875691500e-4)


def _bitcast(source, target, llvm_type):
    def cast(context, value):
        signature = target(source)

        def generate(context, builder, signature, args):
            return builder.bitcast(args[0], llvm_type)

        return signature, generate

    return cast


_float_bits = intrinsic(_bitcast(types.float32, types.int32, ir.IntType(32)))
_bits_float = intrinsic(_bitcast(types.int32, types.float32, ir.FloatType()))


@inline
def _exp32(x):
    """exp(x) of a float32 of at most 0, in vector instructions.

    exp(x) = 2**n exp(r) with n the integer nearest to x / log(2); for |r| < 0.35 a short polynomial serves
    (Moshier's Cephes library), and 2**n is written into the bits of a float.
    """
    shifted = x * _LOG2_E + _ROUNDER
    n = shifted - _ROUNDER
    r = (x - n * _LN_2_HIGH) - n * _LN_2_LOW
    p = ((((_C7 * r + _C6) * r + _C5) * r + _C4) * r + _C3) * r + _C2
    power = _bits_float(np.int32((_float_bits(shifted) << np.int32(23)) + np.int32(127 << 23)))
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
def _row_maximum(x, i, lanes):
    whole = x.shape[1] - x.shape[1] % _LANES
    if whole:
        for k in range(_LANES):
            lanes[k] = x[i, k]
        for start in range(_LANES, whole, _LANES):
            for k in range(_LANES):
                v = x[i, start + k]
                lanes[k] = v if v > lanes[k] else lanes[k]
    else:
        lanes[:] = x[i, 0]
    m = lanes[0]
    for k in range(1, _LANES):
        m = lanes[k] if lanes[k] > m else m
    for j in range(whole, x.shape[1]):
        m = x[i, j] if x[i, j] > m else m
    return m


@kernel
def _exp_row(x, i, m, out):
    """out[i] = exp(x[i] - m).  Not under `fastmath`, which would undo the rounding in `_exp32`."""
    for j in range(x.shape[1]):
        out[i, j] = _exp(x[i, j] - m)


@kernel(fastmath=_SUMS)
def _sum_row(x, i):
    total = x.dtype.type(0)
    for j in range(x.shape[1]):
        total += x[i, j]
    return total


@kernel(fastmath=_SUMS)
def _loss_of_row(labels, x, i, m, log_total):
    """sum_j labels[i, j] (log_total - (x[i, j] - m))"""
    loss = x.dtype.type(0)
    for j in range(x.shape[1]):
        loss += labels[i, j] * (log_total - (x[i, j] - m))
    return loss


@kernel
def softmax(x, lanes, out):
    """out[i] = softmax(x[i]): x, out (rows, classes); lanes (16,) is scratch."""
    for i in range(x.shape[0]):
        _exp_row(x, i, _row_maximum(x, i, lanes), out)
        total = _sum_row(out, i)
        for j in range(x.shape[1]):
            out[i, j] /= total


@kernel
def log_softmax(x, lanes, out):
    """out[i] = log(softmax(x[i]))"""
    for i in range(x.shape[0]):
        m = _row_maximum(x, i, lanes)
        _exp_row(x, i, m, out)
        log_total = math.log(_sum_row(out, i))
        for j in range(x.shape[1]):
            out[i, j] = (x[i, j] - m) - log_total


@kernel
def cross_entropy(x, labels, lanes, loss, backprop):
    """loss[i] = - sum_j labels[i, j] log softmax(x[i])[j]; backprop[i] = softmax(x[i]) - labels[i]"""
    for i in range(x.shape[0]):
        m = _row_maximum(x, i, lanes)
        _exp_row(x, i, m, backprop)
        total = _sum_row(backprop, i)
        loss[i] = _loss_of_row(labels, x, i, m, math.log(total))
        for j in range(x.shape[1]):
            backprop[i, j] = backprop[i, j] / total - labels[i, j]


@kernel(status=True)
def sparse_cross_entropy(x, labels, lanes, loss, backprop):
    """loss[i] = - log softmax(x[i])[labels[i]]; backprop[i] = softmax(x[i]), less 1 at the label.

    1 where a label is no class.
    """
    for i in range(x.shape[0]):
        if labels[i] < 0 or labels[i] >= x.shape[1]:
            return 1
        m = _row_maximum(x, i, lanes)
        _exp_row(x, i, m, backprop)
        total = _sum_row(backprop, i)
        for j in range(x.shape[1]):
            backprop[i, j] /= total
        loss[i] = math.log(total) - (x[i, labels[i]] - m)
        backprop[i, labels[i]] -= 1
    return 0


@kernel(fastmath=_SUMS)
def half_square_sum(x, out):
    """out[0] = sum of x[i]**2 / 2; blocks are added up in float64, so that a long sum keeps its digits."""
    total = 0.0
    for start in range(0, x.size, 4096):
        part = x.dtype.type(0)
        for i in range(start, min(x.size, start + 4096)):
            part += x[i] * x[i]
        total += part
    out[0] = x.dtype.type(total / 2)


def launch(kernel, inputs, outputs):
    """The launch of one of the kernels above: their scratch stands between inputs and outputs."""
    return Launch(kernel, *inputs, np.empty(_LANES, outputs[0].dtype), *outputs)
