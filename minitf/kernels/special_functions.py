"""The gamma function's family, Bessel functions: one number at a time, in float64.

Sources: Abramowitz and Stegun, *Handbook of Mathematical Functions* (A&S), and the NIST *Digital Library of
Mathematical Functions* (DLMF); continued fractions are evaluated by Lentz's method (Lentz, 1976).
"""

import math

import numpy as np

from minitf.kernels.functions import function

_EPSILON = 2.220446049250313e-16
_TINY = 1e-300  # stands for 0 in a denominator of a continued fraction
_TURNS = 2000
# B(2k) / (2k)! of the Bernoulli numbers B, for the Euler-Maclaurin sum of `zeta`
_BERNOULLI = (
    1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600,
    -3617 / 10670622842880000, 43867 / 5109094217170944000,
)  # fmt: skip


@function
def lgamma(x):
    """ln |gamma(x)|; infinite at 0, -1, -2 ..."""
    if x <= 0 and x == np.floor(x):
        return np.inf
    return math.lgamma(x)


@function
def digamma(x):
    """The derivative of ln gamma: A&S 6.3.18 above 10, reached by 6.3.5; below 0 by reflection, 6.3.7."""
    if x <= 0 and x == np.floor(x):
        return np.nan
    mirrored = 0.0
    if x < 0:
        mirrored = -np.pi / np.tan(np.pi * (x - np.floor(x)))
        x = 1 - x
    if x == np.inf:
        return x
    y = 0.0
    while x < 10:
        y -= 1 / x
        x += 1
    z = 1 / (x * x)
    tail = z * (
        1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - z * (691 / 32760 - z / 12)))))
    )
    return y + np.log(x) - 0.5 / x - tail + mirrored


@function
def zeta(x, q):
    """Hurwitz's zeta, the sum of (q + n)^-x over n = 0, 1, 2 ... by Euler and Maclaurin's sum (DLMF 25.11.5)."""
    if x == 1:
        return np.inf
    if not x > 1:
        return np.nan
    if q <= 0:
        if q == np.floor(q):
            return np.inf
        if x != np.floor(x):
            return np.nan
    if q == np.inf:
        return 0.0
    if x == np.inf:
        return q**-x
    total = 0.0
    count = 0
    while count < 9 or q <= 9:
        total += q**-x
        q += 1
        count += 1
    total += q ** (1 - x) / (x - 1) + 0.5 * q**-x
    factor = x * q ** (-x - 1)
    for k in range(len(_BERNOULLI)):
        term = _BERNOULLI[k] * factor
        total += term
        if abs(term) < _EPSILON * abs(total):
            break
        factor *= (x + 2 * k + 1) * (x + 2 * k + 2) / (q * q)
    return total


@function
def polygamma(n, x):
    """The n-th derivative of digamma (A&S 6.4.10); NaN where n is no whole number from 0 on.

    At 0, -1, -2 ... both sides of an odd derivative go to infinity, those of an even one part.
    """
    if n < 0 or n != np.floor(n) or (n % 2 == 0 and x <= 0 and x == np.floor(x)):
        return np.nan
    if n == 0:
        return digamma(x)
    size = np.exp(lgamma(n + 1)) * zeta(n + 1, x)
    return size if n % 2 == 1 else -size


@function
def igamma(a, x):
    """The lower incomplete gamma function over gamma(a), P(a, x)."""
    if x == 0:
        return 0.0
    if not (a > 0 and x >= 0):
        return np.nan
    if a == np.inf or x == np.inf:
        return 0.0 if a == np.inf else 1.0
    return _gamma_series(a, x) if x < a + 1 else 1 - _gamma_fraction(a, x)


@function
def igammac(a, x):
    """The upper incomplete gamma function over gamma(a), Q(a, x) = 1 - P(a, x)."""
    if not (a > 0 and x >= 0):
        return np.nan
    if x == 0 or a == np.inf:
        return 1.0
    if x == np.inf:
        return 0.0
    return 1 - _gamma_series(a, x) if x < a + 1 else _gamma_fraction(a, x)


@function
def _gamma_series(a, x):
    """P(a, x) as a power series (A&S 6.5.29): for x below a."""
    term = total = 1 / a
    n = a
    while abs(term) > abs(total) * _EPSILON:
        n += 1
        term *= x / n
        total += term
    return total * np.exp(a * np.log(x) - x - math.lgamma(a))


@function
def _gamma_fraction(a, x):
    """Q(a, x) as a continued fraction (DLMF 8.9.2): for x above a."""
    b = x + 1 - a
    c = 1 / _TINY
    d = 1 / b
    value = d
    for i in range(1, _TURNS):
        top = -i * (i - a)
        b += 2
        d = top * d + b
        d = 1 / (_TINY if abs(d) < _TINY else d)
        c = b + top / c
        c = _TINY if abs(c) < _TINY else c
        value *= c * d
        if abs(c * d - 1) < _EPSILON:
            break
    return value * np.exp(a * np.log(x) - x - math.lgamma(a))


@function
def igamma_slope(a, x):
    """dP(a, x)/da: the power series x^a e^-x sum x^n / gamma(a + n + 1), differentiated term by term."""
    if not (a > 0 and x >= 0):
        return np.nan
    if x == 0 or x == np.inf:
        return 0.0
    term = np.exp(a * np.log(x) - x - math.lgamma(a + 1))
    slope = digamma(a + 1)
    n, total = a, 0.0
    change = term * (np.log(x) - slope)
    while n < x or abs(change) > abs(total) * _EPSILON:
        total += change
        n += 1
        term *= x / n
        slope += 1 / n
        change = term * (np.log(x) - slope)
        if term == 0:
            break
    return total


@function
def betainc(a, b, x):
    """The incomplete beta function over beta(a, b) (DLMF 8.17.22)."""
    if not (a > 0 and b > 0 and 0 <= x <= 1):
        return np.nan
    if x == 0 or x == 1:
        return x
    front = np.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * np.log(x) + b * np.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, 1 - x) / b


@function
def _beta_fraction(a, b, x):
    c = 1.0
    d = 1 - (a + b) * x / (a + 1)
    d = 1 / (_TINY if abs(d) < _TINY else d)
    value = d
    for m in range(1, _TURNS):
        for half in range(2):
            if half == 0:
                top = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            else:
                top = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 + top * d
            d = 1 / (_TINY if abs(d) < _TINY else d)
            c = 1 + top / c
            c = _TINY if abs(c) < _TINY else c
            value *= c * d
        if abs(c * d - 1) < _EPSILON:
            break
    return value


@function
def bessel_i0e(x):
    """e^-|x| I0(x)"""
    return _bessel_e(0, abs(x))


@function
def bessel_i1e(x):
    """e^-|x| I1(x)"""
    y = _bessel_e(1, abs(x))
    return -y if x < 0 else y


@function
def _bessel_e(order, x):
    """e^-x I(x): the power series (A&S 9.6.10) up to 30, then the asymptotic one (A&S 9.7.1)."""
    term, k = 1.0, 1
    if x > 30:
        total = term
        while abs(term) > _EPSILON * total and k < 30:
            term *= -(4 * order - (2 * k - 1) ** 2) / (8 * k * x)
            total += term
            k += 1
        return total / np.sqrt(2 * np.pi * x)
    term = total = x / 2 if order == 1 else 1.0
    while term > _EPSILON * total:
        term *= x * x / (4 * k * (k + order))
        total += term
        k += 1
    return total * np.exp(-x) if x == x else x
