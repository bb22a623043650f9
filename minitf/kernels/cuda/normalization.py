"""Batch normalization: columns of a matrix (rows, channels) brought to mean 0 and variance 1.

A block takes 32 neighbouring channels; its 8 rows of threads share the rows of the matrix and meet in shared memory.
What then happens to each element is a loop over elements.  Formulas as on the CPU (`minitf/kernels/normalization.py`).
"""

import math

import numpy as np

from minitf.kernels.cuda.cases import empty, exactly, normal, positive
from minitf.kernels.cuda.intrinsics import quotient, remainder
from minitf.kernels.cuda.launching import Launch, over
from minitf.kernels.cuda.toolkit import cuda, device, int32, kernel, thread_count, thread_index, uint32

LANES, LINES = 32, 8


@device
def meet(totals, total):
    """The sum of the 8 threads of a channel, in each of them; `totals` is shared memory (8, 32)."""
    lane, line = uint32(cuda.threadIdx.x), uint32(cuda.threadIdx.y)
    cuda.syncthreads()  # nobody still reads what was there before
    totals[line, lane] = total
    cuda.syncthreads()
    total = totals[0, lane]
    for other in range(1, LINES):
        total += totals[other, lane]
    return total


@device
def channel_number():
    return uint32(cuda.blockIdx.x * uint32(LANES) + cuda.threadIdx.x)


@kernel(threads=LANES * LINES, registers=48)
def channel_moments(x, mean, variance):
    """The mean and the (biased) variance of each column of x (rows, channels); block (32, 8)."""
    totals = cuda.shared.array((LINES, LANES), x.dtype)
    c, rows = channel_number(), uint32(x.shape[0])
    inside = c < uint32(x.shape[1])
    count, total = x.dtype.type(int32(rows)), x.dtype.type(0)
    i = uint32(cuda.threadIdx.y)
    while inside and i < rows:
        total += x[i, c]
        i = uint32(i + uint32(LINES))
    m = meet(totals, total) / count
    total = x.dtype.type(0)
    i = uint32(cuda.threadIdx.y)
    while inside and i < rows:
        d = x[i, c] - m
        total += d * d
        i = uint32(i + uint32(LINES))
    total = meet(totals, total)
    if inside and cuda.threadIdx.y == 0:
        mean[c] = m
        variance[c] = total / count


@kernel(registers=40)
def normalize(x, mean, variance, scale, offset, epsilon, out):
    """out = (x - mean) * scale / sqrt(variance + epsilon) + offset"""
    channels = uint32(x.shape[1])
    at = thread_index()
    while at < uint32(x.size):
        i, c = quotient(at, channels), remainder(at, channels)
        factor = scale[c] / math.sqrt(variance[c] + epsilon[0])
        out[i, c] = (x[i, c] - mean[c]) * factor + offset[c]
        at = uint32(at + thread_count())


@kernel(registers=32)
def running(old_mean, old_variance, mean, variance, unbiased, keep, new_mean, new_variance):
    """What is reported of a batch: moments, the variance made unbiased, mixed with `keep` parts of the old ones."""
    c = thread_index()
    while c < uint32(mean.size):
        k, v, m = keep[0], variance[c] * unbiased, mean[c]
        rest = mean.dtype.type(1) - k
        new_mean[c] = m if k == 0 else k * old_mean[c] + rest * m
        new_variance[c] = v if k == 0 else k * old_variance[c] + rest * v
        c = uint32(c + thread_count())


@kernel(threads=LANES * LINES, registers=64)
def normalize_gradient(dy, x, scale, mean, variance, epsilon, training, dx, dscale, doffset):
    """The gradient of `normalize`; with `training` 1, mean and variance move with x.  Block (32, 8)."""
    totals = cuda.shared.array((LINES, LANES), x.dtype)
    c, rows = channel_number(), uint32(x.shape[0])
    inside = c < uint32(x.shape[1])
    zero = x.dtype.type(0)
    count, m, factor = x.dtype.type(int32(rows)), zero, zero
    if inside:
        m, factor = mean[c], x.dtype.type(1) / math.sqrt(variance[c] + epsilon[0])
    total, total_z = zero, zero
    i = uint32(cuda.threadIdx.y)
    while inside and i < rows:
        total += dy[i, c]
        total_z += dy[i, c] * (x[i, c] - m) * factor
        i = uint32(i + uint32(LINES))
    total, total_z = meet(totals, total), meet(totals, total_z)
    i = uint32(cuda.threadIdx.y)
    while inside and i < rows:
        d = dy[i, c]
        if training != 0:
            d -= (total + (x[i, c] - m) * factor * total_z) / count
        dx[i, c] = scale[c] * factor * d
        i = uint32(i + uint32(LINES))
    if inside and cuda.threadIdx.y == 0:
        doffset[c] = total
        dscale[c] = total_z


def over_channels(kernel, x, *arguments):
    """The launch of a kernel that has a block for each 32 columns of x."""
    return Launch(kernel, -(-x.shape[1] // LANES), (LANES, LINES), *arguments)


def normalize_launch(x, mean, variance, scale, offset, epsilon, out):
    return over(x.size, normalize, x, mean, variance, scale, offset, epsilon, out)


def running_launch(old_mean, old_variance, mean, variance, rows, keep, new_mean, new_variance):
    unbiased = mean.dtype.type(rows / max(rows - 1, 1))
    return over(mean.size, running, old_mean, old_variance, mean, variance, unbiased, keep, new_mean, new_variance)


# -- how these kernels are tried ---------------------------------------------------------------------------------

_EPSILON = exactly([1e-3], "float32")


@channel_moments.equals
def _(x, mean, variance):
    mean[:], variance[:] = x.mean(0), x.var(0)


@normalize.equals
def _(x, mean, variance, scale, offset, epsilon, out):
    out[...] = (x - mean) / np.sqrt(variance + epsilon) * scale + offset


@running.equals
def _(old_mean, old_variance, mean, variance, unbiased, keep, new_mean, new_variance):
    new_mean[:] = keep * old_mean + (1 - keep) * mean
    new_variance[:] = keep * old_variance + (1 - keep) * variance * unbiased


@normalize_gradient.equals
def _(dy, x, scale, mean, variance, epsilon, training, dx, dscale, doffset):
    factor = 1 / np.sqrt(variance + epsilon)
    z = (x - mean) * factor
    dscale[:], doffset[:] = (dy * z).sum(0), dy.sum(0)
    moved = dy - (doffset + z * dscale) / len(x) if training else dy
    dx[...] = scale * factor * moved


channel_moments.example(2, (LANES, LINES), normal(21, 37), empty(37), empty(37))
normalize.example(1, 64, normal(5, 37), normal(37), positive(37), normal(37), normal(37), _EPSILON, empty(5, 37))
running.example(1, 64, normal(37), positive(37), normal(37), positive(37), np.float32(1.25), exactly([0.9], "float32"),
                empty(37), empty(37))  # fmt: skip
for _training in (0, 1):
    normalize_gradient.example(2, (LANES, LINES), normal(21, 37), normal(21, 37), normal(37), normal(37), positive(37),
                               _EPSILON, np.int32(_training), empty(21, 37), empty(37), empty(37))  # fmt: skip
