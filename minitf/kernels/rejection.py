"""Gamma and Poisson numbers, equal to TensorFlow's on the CPU: candidates are drawn until one is accepted.

    gamma    Marsaglia and Tsang's rejection
    poisson  Knuth's product of uniform numbers; Hörmann's rejection for large rates

What `random.py` says of `state` and of blocks holds here as well.  TensorFlow makes two numbers of a block and uses
the second before the first; so do these.
"""

import math

import numpy as np

from minitf.kernels.functions import inline, kernel
from minitf.kernels.philox import RESERVED, advance, block
from minitf.kernels.random import two_normals, two_uniforms


@kernel
def gamma(state, alpha, out):
    """out (samples, alphas) = gamma numbers of shapes alpha (alphas,) and scale 1; NaN where alpha < -2/3 or NaN.

    With x normal, v = (1 + c x)**3 and d = alpha - 1/3, c = 1 / sqrt(9 d), the product d v is nearly a gamma number;
    accepting it with the right probability makes it one.  alpha < 1: draw for alpha + 1, times u**(1 / alpha).
    Source: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000).
    """
    samples, alphas = out.shape
    for a in range(alphas):
        shape = np.float64(alpha[a])
        for s in range(samples):
            index = RESERVED * (a * samples + s)
            if shape == 1.0:
                u = two_uniforms(block(state, index))[1]
                out[s, a] = -math.log1p(-u)
            else:
                out[s, a] = _gamma_number(state, index, shape)
    advance(state, RESERVED * out.size)


@inline
def _gamma_number(state, index, alpha):
    """One gamma number from the blocks at `index`.  The second number of a block is used before the first."""
    d = alpha + (2.0 / 3 if alpha < 1 else -1.0 / 3)
    if not d > 0:
        return math.nan
    c = 1.0 / 3 / math.sqrt(d)
    normals = uniforms = (0.0, 0.0)
    normals_left = uniforms_left = 0
    while True:
        if normals_left == 0:
            normals, normals_left = two_normals(block(state, index)), 2
            index += 1
        normals_left -= 1
        x = normals[normals_left]
        v = 1.0 + c * x
        if v <= 0:
            continue
        v = v * v * v
        if uniforms_left == 0:
            uniforms, uniforms_left = two_uniforms(block(state, index)), 2
            index += 1
        uniforms_left -= 1
        u = uniforms[uniforms_left]
        if u < 1 - 0.0331 * (x * x) * (x * x) or math.log(u) < 0.5 * x * x + d * (1 - v + math.log(v)):
            break
    if alpha < 1:
        if uniforms_left == 0:
            uniforms, uniforms_left = two_uniforms(block(state, index)), 2
        return d * v * math.pow(uniforms[uniforms_left - 1], 1 / alpha)
    return d * v


@kernel
def poisson(state, rate, limit, out):
    """out (samples, rates) = Poisson numbers of these rates (rates,), none above `limit` (out's largest).

    A rate that is infinite or NaN is handed on; one above `limit` gives `limit`.
    """
    samples, rates = out.shape
    for r in range(rates):
        mean = np.float64(rate[r])
        for s in range(samples):
            index = RESERVED * (r * samples + s)
            if mean < 10:
                out[s, r] = _poisson_small(state, index, mean)
            elif mean <= limit:
                out[s, r] = _poisson_large(state, index, mean, limit)
            else:
                out[s, r] = limit if math.isfinite(mean) else mean
    advance(state, RESERVED * out.size)


@inline
def _backwards(state, index, i):
    """The i-th uniform number from the blocks at `index`, the second of each block before the first."""
    return two_uniforms(block(state, index + (i >> 1)))[1 - (i & 1)]


@inline
def _poisson_small(state, index, rate):
    """Events come after exponential pauses -log(u) / rate: count how many fit into a time of 1.

    Source: Knuth, The Art of Computer Programming, volume 2, section 3.4.1.
    """
    product, count, end = 1.0, 0, math.exp(-rate)
    while True:
        product *= _backwards(state, index, count)
        if product <= end:
            return np.float64(count)
        count += 1


@inline
def _poisson_large(state, index, rate, limit):
    """Hörmann's transformed rejection: a hat whose inverse is easy, then accept or draw again.

    Source: Hörmann, "The transformed rejection method for generating Poisson random variables",
    Insurance: Mathematics and Economics 12 (1993) 39-45, algorithm PTRS.
    """
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    drawn = 0
    while True:
        u = _backwards(state, index, drawn) - 0.5
        v = _backwards(state, index, drawn + 1)
        drawn += 2
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43)
        if k > limit:
            continue
        if us >= 0.07 and v <= 0.9277 - 3.6224 / (b - 2):
            return np.float64(k)
        if k < 0 or (us < 0.013 and v > us):
            continue
        if math.log(v * inverse_alpha / (a / (us * us) + b)) <= k * math.log(rate) - rate - math.lgamma(k + 1):
            return np.float64(k)
