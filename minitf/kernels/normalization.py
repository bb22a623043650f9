"""Batch normalization and local response normalization.

Batch normalization works on matrices (rows, channels): every pixel of every picture is a row.

    y = (x - mean) / sqrt(variance + epsilon) * scale + offset        with one mean, variance ... a channel

Source: Ioffe and Szegedy, "Batch normalization", ICML 2015; Krizhevsky, Sutskever and Hinton, "ImageNet
classification with deep convolutional neural networks", NIPS 2012, section 3.3.
"""

import math

import numpy as np

from minitf.kernels.functions import inline, kernel
from minitf.kernels.machine import Launch
from minitf.kernels.scalar_math import exp, log
from minitf.kernels.threads import MOST

_GRAIN, _PIXELS = 2048, 32  # elements that are worth a thread, pixels at a time

_BLOCK = 256  # rows that are summed by themselves: a sum of millions of float32 one by one loses digits


@kernel
def channel_moments(x, part, mean, variance):
    """The mean and the (biased) variance of each column of x (rows, channels), in two passes.

    part (channels,) is scratch.
    """
    rows, channels = x.shape
    count = x.dtype.type(rows)
    mean[:] = 0
    for first in range(0, rows, _BLOCK):
        part[:] = 0
        for i in range(first, min(rows, first + _BLOCK)):
            for c in range(channels):
                part[c] += x[i, c]
        for c in range(channels):
            mean[c] += part[c]
    for c in range(channels):
        mean[c] /= count
    variance[:] = 0
    for first in range(0, rows, _BLOCK):
        part[:] = 0
        for i in range(first, min(rows, first + _BLOCK)):
            for c in range(channels):
                d = x[i, c] - mean[c]
                part[c] += d * d
        for c in range(channels):
            variance[c] += part[c]
    for c in range(channels):
        variance[c] /= count


@kernel
def normalize(x, mean, variance, scale, offset, epsilon, factor, out):
    """out = (x - mean) * scale / sqrt(variance + epsilon) + offset; factor (channels,) is scratch."""
    for c in range(x.shape[1]):
        factor[c] = scale[c] / math.sqrt(variance[c] + epsilon[0])
    for i in range(x.shape[0]):
        for c in range(x.shape[1]):
            out[i, c] = (x[i, c] - mean[c]) * factor[c] + offset[c]


@kernel
def running(old_mean, old_variance, mean, variance, rows, keep, new_mean, new_variance):
    """What is reported of a batch: moments, the variance unbiased, mixed with `keep` parts of the old
    ones.
    """
    unbiased = mean.dtype.type(rows) / mean.dtype.type(max(rows - 1, 1))
    k, one = keep[0], mean.dtype.type(1)
    for c in range(mean.size):
        v, m = variance[c] * unbiased, mean[c]
        new_mean[c] = m if k == 0 else k * old_mean[c] + (one - k) * m
        new_variance[c] = v if k == 0 else k * old_variance[c] + (one - k) * v


@kernel
def normalize_gradient(dy, x, scale, mean, variance, epsilon, training, parts, factor, dx, dscale, doffset):
    """The gradient of `normalize`; with `training` 1, mean and variance are those of x and move with it.

    z = (x - mean) / sqrt(variance + epsilon);  doffset = sum dy;  dscale = sum dy z
    dx = scale / sqrt(variance + epsilon) * (dy - mean(dy) - z mean(dy z)), or only of dy without training
    parts (2, channels) and factor (channels,) are scratch.
    """
    rows, channels = x.shape
    one, count = x.dtype.type(1), x.dtype.type(rows)
    doffset[:] = 0
    dscale[:] = 0
    for c in range(channels):
        factor[c] = one / math.sqrt(variance[c] + epsilon[0])
    for first in range(0, rows, _BLOCK):
        parts[:] = 0
        for i in range(first, min(rows, first + _BLOCK)):
            for c in range(channels):
                parts[0, c] += dy[i, c]
                parts[1, c] += dy[i, c] * (x[i, c] - mean[c]) * factor[c]
        for c in range(channels):
            doffset[c] += parts[0, c]
            dscale[c] += parts[1, c]
    for i in range(rows):
        for c in range(channels):
            d = dy[i, c]
            if training:
                z = (x[i, c] - mean[c]) * factor[c]
                d -= (doffset[c] + z * dscale[c]) / count
            dx[i, c] = scale[c] * factor[c] * d


@inline
def _power(x, exponent):
    """x**exponent for x > 0, in a way that vectorises; -1/2 and -3/4, the usual ones, by square roots."""
    if exponent == -0.5:
        return type(x)(1) / np.sqrt(x)
    if exponent == -0.75:
        return type(x)(1) / np.sqrt(x * np.sqrt(x))
    return exp(type(x)(exponent) * log(x))


@inline
def _sums_of_neighbours(values, count, sums, out):
    """out[i, c] = sum of pixel i's values over the channels at most a radius away, for `count` pixels.

    values (pixels, channels + 2 radii) has zeros on both sides, so that one loop runs over all pixels.
    """
    wide = values.shape[1]
    radii = wide - out.shape[1]
    flat = values.reshape(-1)
    total = sums[: count * wide - radii]
    for k in range(total.size):
        total[k] = flat[k]
    for shift in range(1, radii + 1):
        part = flat[shift : shift + total.size]
        for k in range(total.size):
            total[k] += part[k]
    for i in range(count):
        for c in range(out.shape[1]):
            out[i, c] = sums[i * wide + c]


@kernel
def local_response(begin, end, worker, x, radius, settings, values, sums, norm, out):
    """out[i, c] = x[i, c] / norm[i, c]**beta with norm = bias + alpha * sum of x[i, k]**2 over |k - c| <=
    radius

    x, norm, out (pixels, channels); settings = (bias, alpha, beta); a range is one of pixels.
    """
    bias, alpha, beta = x.dtype.type(settings[0]), x.dtype.type(settings[1]), settings[2]
    for start in range(begin, end, values.shape[1]):
        count = min(values.shape[1], end - start)
        for i in range(count):
            for c in range(x.shape[1]):
                values[worker, i, radius + c] = x[start + i, c] * x[start + i, c]
        _sums_of_neighbours(values[worker], count, sums[worker], norm[start : start + count])
    n, source, target = norm[begin:end].reshape(-1), x[begin:end].reshape(-1), out[begin:end].reshape(-1)
    for k in range(n.size):
        n[k] = bias + alpha * n[k]
        target[k] = source[k] * _power(n[k], -beta)


@kernel
def local_response_gradient(begin, end, worker, dy, x, y, radius, settings, values, sums, norm, dx):
    """dx[c] = dy[c] norm[c]**-beta - 2 alpha beta x[c] * sum over k near c of dy[k] y[k] / norm[k]

    y is what `local_response` has made of x, and norm what it has left.
    """
    factor, beta = x.dtype.type(2) * x.dtype.type(settings[1]) * x.dtype.type(settings[2]), settings[2]
    for start in range(begin, end, values.shape[1]):
        count = min(values.shape[1], end - start)
        for i in range(count):
            for c in range(x.shape[1]):
                values[worker, i, radius + c] = dy[start + i, c] * y[start + i, c] / norm[start + i, c]
        _sums_of_neighbours(values[worker], count, sums[worker], dx[start : start + count])
    flat = dx[begin:end].reshape(-1)
    gradient, n, source = dy[begin:end].reshape(-1), norm[begin:end].reshape(-1), x[begin:end].reshape(-1)
    for k in range(flat.size):
        flat[k] = gradient[k] * _power(n[k], -beta) - factor * source[k] * flat[k]


def local_response_launches(x, radius, settings, out):
    """Launches of `local_response`; x and out (pixels, channels)."""
    return [_over_pixels(local_response, x, radius, settings, np.empty_like(x), out)]


def local_response_gradient_launches(dy, x, radius, settings, dx):
    norm, y = np.empty_like(x), np.empty_like(x)
    return [
        _over_pixels(local_response, x, radius, settings, norm, y),
        _over_pixels(local_response_gradient, dy, x, y, radius, settings, norm, dx),
    ]


def _over_pixels(kernel, *arguments):
    *arrays, radius, settings, norm, out = arguments
    values = np.zeros((MOST, _PIXELS, out.shape[1] + 2 * radius), out.dtype)
    scratch = values, np.empty((MOST, values[0].size), out.dtype)
    grain = _GRAIN // max(1, out.shape[1])
    return Launch(kernel, *arrays, radius, settings, *scratch, norm, out, units=len(out), grain=grain)


def local_response_numpy(x, radius, bias, alpha, beta):
    """(out, norm)"""
    squares = np.pad(x * x, [(0, 0)] * (x.ndim - 1) + [(radius, radius)])
    total = sum(squares[..., k : k + x.shape[-1]] for k in range(2 * radius + 1))
    norm = bias + alpha * total
    return x * norm**-beta, norm


def local_response_gradient_numpy(dy, x, radius, bias, alpha, beta):
    out, norm = local_response_numpy(x, radius, bias, alpha, beta)
    parts = np.pad(dy * out / norm, [(0, 0)] * (x.ndim - 1) + [(radius, radius)])
    total = sum(parts[..., k : k + x.shape[-1]] for k in range(2 * radius + 1))
    return dy * norm**-beta - 2 * alpha * beta * x * total
