"""Gamma, beta, error function, zeta, Bessel functions: computed in float64, rounded to the dtype."""

import math

import numpy as np

from minitf.graph.graph import name_scope
from minitf.kernels import scalar_math
from minitf.kernels import special_functions as special
from minitf.ops.arithmetic import negative, sign, square
from minitf.ops.broadcasting import summers
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import Argument, array, example, normal, positive
from minitf.ops.exponentials import exp, log, xlog1py, xlogy
from minitf.ops.numeric import Binary, Numeric, Unary, maps_sparse
from minitf.ops.op import FLOATS

_WIDE = ("float32", "float64")


def _between_0_and_1(*shape):
    return Argument(shape, lambda g: g.uniform(0.1, 0.9, shape))


class _Special(Unary):
    """y[i] = a special function of x[i]"""

    types = {"T": FLOATS}
    examples = [example(positive(3, 4)), example(normal(5), gradient=False)]


def _each(function):
    """A function of one number, applied to arrays: for the twins."""
    return np.vectorize(function, otypes=[np.float64])


class Lgamma(_Special):
    """ln |gamma(x)|"""

    def scalar(x):
        return special.lgamma(np.float64(x))

    def numpy(x):
        return _each(special.lgamma)(x)

    def gradient(op, dy):
        return [dy * digamma(op.inputs[0])]


class Digamma(_Special):
    """The derivative of ln gamma(x)"""

    def scalar(x):
        return special.digamma(np.float64(x))

    def numpy(x):
        return _each(special.digamma)(x)

    def gradient(op, dy):
        x = op.inputs[0]
        return [dy * polygamma(constant(1, x.dtype.base_dtype), x)]


def _bell(dy, x, factor):
    """dy factor e^(-x^2), the gradient of the error functions."""
    return dy * constant(factor, dy.dtype.base_dtype) * exp(negative(square(x)))


class Erf(_Special):
    """2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x"""

    def scalar(x):
        return scalar_math.erf(x)

    def numpy(x):
        return _each(math.erf)(x)

    def gradient(op, dy):
        return [_bell(dy, op.inputs[0], 2 / math.sqrt(math.pi))]


class Erfc(_Special):
    """1 - erf(x), exact for large x"""

    def scalar(x):
        return math.erfc(x)

    def numpy(x):
        return _each(math.erfc)(x)

    def gradient(op, dy):
        return [_bell(dy, op.inputs[0], -2 / math.sqrt(math.pi))]


class BesselI0e(_Special):
    """e^-|x| times the modified Bessel function of order 0"""

    examples = [example(normal(3, 4)), example(normal(), gradient=False)]

    def scalar(x):
        return special.bessel_i0e(np.float64(x))

    def numpy(x):
        return _each(special.bessel_i0e)(x)

    def gradient(op, dy):
        x, y = op.inputs[0], op.outputs[0]
        return [dy * (bessel_i1e(x) - sign(x) * y)]


class BesselI1e(_Special):
    """e^-|x| times the modified Bessel function of order 1"""

    examples = [example(normal(3, 4)), example(normal(), gradient=False)]

    def scalar(x):
        return special.bessel_i1e(np.float64(x))

    def numpy(x):
        return _each(special.bessel_i1e)(x)

    def gradient(op, dy):
        from minitf.ops.casting import cast
        from minitf.ops.comparison import equal
        from minitf.ops.powers import reciprocal
        from minitf.ops.selection import where_v2

        x, y = op.inputs[0], op.outputs[0]
        at_0 = equal(x, 0.0)
        half = cast(0.5, x.dtype.base_dtype)
        slope = bessel_i0e(x) - y * (sign(x) + reciprocal(x))
        return [dy * where_v2(at_0, half, slope)]


class _Pair(Binary):
    """z[i] = a special function of two numbers"""

    types = {"T": _WIDE}
    examples = [example(positive(3, 4), positive(4)), example(positive(3, 1), positive(3, 4))]


class Igamma(_Pair):
    """The lower incomplete gamma function over gamma(a)"""

    inputs = {"a": "T", "x": "T"}

    def scalar(a, x):
        return special.igamma(np.float64(a), np.float64(x))

    def numpy(a, x):
        return _each(special.igamma)(a, x)

    def gradient(op, dz):
        a, x = op.inputs
        to_a, to_x = summers(a, x)
        along_a = IgammaGradA.apply(a, x)
        along_x = exp(-x + (a - 1) * log(x) - lgamma(a))
        return [to_a(along_a * dz), to_x(along_x * dz)]


class Igammac(_Pair):
    """The upper incomplete gamma function over gamma(a)"""

    inputs = {"a": "T", "x": "T"}

    def scalar(a, x):
        return special.igammac(np.float64(a), np.float64(x))

    def numpy(a, x):
        return _each(special.igammac)(a, x)

    def gradient(op, dz):
        return [negative(g) for g in Igamma.gradient(op, dz)]


class IgammaGradA(_Pair):
    """The derivative of Igamma by a"""

    inputs = {"a": "T", "x": "T"}
    examples = [example(*e.arguments, gradient=False) for e in _Pair.examples]

    def scalar(a, x):
        return special.igamma_slope(np.float64(a), np.float64(x))

    def numpy(a, x):
        return _each(special.igamma_slope)(a, x)


class Zeta(_Pair):
    """Hurwitz's zeta function: the sum of (q + n)^-x over n = 0, 1, 2 ..."""

    inputs = {"x": "T", "q": "T"}
    examples = [example(positive(3, 4), positive(4), gradient=False)]

    def scalar(x, q):
        return special.zeta(np.float64(x), np.float64(q))

    def numpy(x, q):
        return _each(special.zeta)(x, q)

    def gradient(op, dz):
        x, q = op.inputs
        _, to_q = summers(x, q)
        return [None, to_q(-x * zeta(x + 1, q) * dz)]


class Polygamma(_Pair):
    """The a-th derivative of digamma at x"""

    inputs = {"a": "T", "x": "T"}
    examples = [example(array([[0.0], [1.0], [3.0]], np.float64), positive(3, 4), dtypes=("float64",))]

    def scalar(a, x):
        return special.polygamma(np.float64(a), np.float64(x))

    def numpy(a, x):
        return _each(special.polygamma)(a, x)

    def gradient(op, dz):
        a, x = op.inputs
        _, to_x = summers(a, x)
        return [None, to_x(polygamma(a + 1, x) * dz)]


class Betainc(Numeric):
    """The incomplete beta function over beta(a, b)"""

    inputs = {"a": "T", "b": "T", "x": "T"}
    types = {"T": _WIDE}
    examples = [example(positive(3, 4), positive(3, 4), _between_0_and_1(3, 4), gradient=False)]

    def scalar(a, b, x):
        return special.betainc(np.float64(a), np.float64(b), np.float64(x))

    def numpy(a, b, x):
        return _each(special.betainc)(a, b, x)

    def gradient(op, dz):
        a, b, x = op.inputs
        _, to_x = summers(a, x)
        logarithm_of_beta = lgamma(a) + lgamma(b) - lgamma(a + b)
        slope = exp(xlog1py(b - 1, -x) + xlogy(a - 1, x) - logarithm_of_beta)
        return [None, None, to_x(slope * dz)]


@maps_sparse
def lgamma(x, name=None):
    """tf.lgamma: ln |gamma(x)|."""
    return Lgamma.apply(x, name=name)


@maps_sparse
def digamma(x, name=None):
    """tf.digamma: the derivative of lgamma."""
    return Digamma.apply(x, name=name)


@maps_sparse
def erf(x, name=None):
    """tf.erf: the error function."""
    return Erf.apply(x, name=name)


@maps_sparse
def erfc(x, name=None):
    """tf.erfc: 1 - erf(x), exact for large x."""
    return Erfc.apply(x, name=name)


def igamma(a, x, name=None):
    """tf.igamma: the lower incomplete gamma function over gamma(a); a > 0, x >= 0."""
    return Igamma.apply(a, x, name=name)


def igammac(a, x, name=None):
    """tf.igammac: the upper incomplete gamma function over gamma(a), 1 - igamma(a, x)."""
    return Igammac.apply(a, x, name=name)


def zeta(x, q, name=None):
    """tf.zeta: Hurwitz's zeta function, the sum of (q + n)^-x over n = 0, 1, 2 ...; x > 1."""
    return Zeta.apply(x, q, name=name)


def polygamma(a, x, name=None):
    """tf.polygamma: the a-th derivative of digamma at x, for whole a from 0 on."""
    return Polygamma.apply(a, x, name=name)


def betainc(a, b, x, name=None):
    """tf.betainc: the incomplete beta function over beta(a, b); a > 0, b > 0, x between 0 and 1."""
    return Betainc.apply(a, b, x, name=name)


def lbeta(x, name=None):
    """tf.lbeta: ln |beta(x)| along the last axis: the sum of lgamma(x) less lgamma of the sum."""
    from minitf.ops.reductions import reduce_sum

    with name_scope(name, "lbeta", [x]):
        x = convert_to_tensor(x, name="x")
        of_each = reduce_sum(lgamma(x), [-1])
        return of_each - lgamma(reduce_sum(x, [-1]))


def bessel_i0e(x, name=None):
    """tf.math.bessel_i0e: e^-|x| times the modified Bessel function of order 0."""
    with name_scope(name, "bessel_i0e", [x]):
        return BesselI0e.apply(x)


def bessel_i1e(x, name=None):
    """tf.math.bessel_i1e: e^-|x| times the modified Bessel function of order 1."""
    with name_scope(name, "bessel_i1e", [x]):
        return BesselI1e.apply(x)


def bessel_i0(x, name=None):
    """tf.math.bessel_i0: the modified Bessel function of order 0."""
    from minitf.ops.arithmetic import abs as size

    with name_scope(name, "bessel_i0", [x]):
        x = convert_to_tensor(x, name="x")
        return exp(size(x)) * bessel_i0e(x)


def bessel_i1(x, name=None):
    """tf.math.bessel_i1: the modified Bessel function of order 1."""
    from minitf.ops.arithmetic import abs as size

    with name_scope(name, "bessel_i1", [x]):
        x = convert_to_tensor(x, name="x")
        return exp(size(x)) * bessel_i1e(x)
