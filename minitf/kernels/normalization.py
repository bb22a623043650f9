"""Batch normalization and local response normalization.

Batch normalization works on matrices (rows, channels): every pixel of every picture is a row.

    y = (x - mean) / sqrt(variance + epsilon) * scale + offset        with one mean, variance ... a channel

Source: Ioffe and Szegedy, "Batch normalization", ICML 2015; Krizhevsky, Sutskever and Hinton, "ImageNet
classification with deep convolutional neural networks", NIPS 2012, section 3.3.
"""

import math

import numpy as np

from minitf.kernels.functions import kernel

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


@kernel
def local_response(x, radius, settings, norm, out):
    """out[i, c] = x[i, c] / norm[i, c]**beta with norm = bias + alpha * sum of x[i, k]**2 over |k - c| <=
    radius

    x, norm, out (pixels, channels); settings = (bias, alpha, beta).
    """
    bias, alpha, beta = settings[0], settings[1], settings[2]
    for i in range(x.shape[0]):
        for c in range(x.shape[1]):
            total = x.dtype.type(0)
            for k in range(max(0, c - radius), min(x.shape[1], c + radius + 1)):
                total += x[i, k] * x[i, k]
            norm[i, c] = bias + alpha * total
            out[i, c] = x[i, c] * norm[i, c] ** -beta


@kernel
def local_response_gradient(dy, x, radius, settings, norm, scratch, dx):
    """dx[c] = dy[c] norm[c]**-beta - 2 alpha beta x[c] * sum over k near c of dy[k] x[k] norm[k]**(-beta
    - 1)
    """
    alpha, beta = settings[1], settings[2]
    local_response(x, radius, settings, norm, scratch)
    for i in range(x.shape[0]):
        for c in range(x.shape[1]):
            scratch[i, c] = dy[i, c] * scratch[i, c] / norm[i, c]
        for c in range(x.shape[1]):
            total = x.dtype.type(0)
            for k in range(max(0, c - radius), min(x.shape[1], c + radius + 1)):
                total += scratch[i, k]
            dx[i, c] = dy[i, c] * norm[i, c] ** -beta - (alpha * beta) * (x[i, c] + x[i, c]) * total


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
