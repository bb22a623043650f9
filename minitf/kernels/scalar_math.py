"""Functions of one number, for use inside kernels: float32 ones that vectorise, and integer division.

The C library computes one `expf` at a time; written as a polynomial without branches, the same loop fills the
vector unit.  The coefficients are minimax fits (Remez; see Muller, *Elementary Functions*, 3rd ed., chapters 3
and 11: reduce the argument, evaluate a polynomial, put the exponent back).  The relative error is below 3e-7;
NaN and infinities travel, and denormal results keep what digits they have.

Numba picks by type: a float32 takes the polynomial, anything else the library's function.
"""

import math

import numpy as np
from llvmlite import ir

from minitf.kernels.functions import Instruction, inline, overload, types

_F = np.float32
FUSED = {"contract"}  # a product and a sum may be one instruction, which rounds once
polynomial = inline(fastmath=FUSED)


def bitcast(source, target, llvm_type):
    """The instruction that takes the bits of one type (by Numba's names) as those of another."""

    def cast(context, x):
        def generate(context, builder, signature, args):
            return builder.bitcast(args[0], llvm_type)

        return getattr(types, target)(getattr(types, source)), generate

    return Instruction(cast)


float_of = bitcast("int32", "float32", ir.FloatType())
bits_of = bitcast("float32", "int32", ir.IntType(32))


@polynomial
def _reduced(x):
    """(n, e^g - 1) with x = n ln 2 + g and |g| <= ln 2 / 2."""
    shifted = x * _F(1.44269504) + _F(12582912.0)  # adding 1.5 2^23 rounds to a whole number
    n = bits_of(shifted) - np.int32(0x4B400000)
    whole = shifted - _F(12582912.0)
    g = x - whole * _F(0.693359375)
    g = g - whole * _F(-2.12194440e-4)  # ln 2 in two parts
    p = _F(0.00138131424)
    p = p * g + _F(0.00836941879)
    p = p * g + _F(0.041668456)
    p = p * g + _F(0.166665152)
    p = p * g + _F(0.49999994)
    return n, p * (g * g) + g


@polynomial
def _exp32(x):
    """2^n e^g; 2^n in two factors, so that the ends of the range come out right."""
    x = _F(89.0) if x > _F(89.0) else x
    x = _F(-105.0) if x < _F(-105.0) else x
    n, below_1 = _reduced(x)
    half = n >> np.int32(1)
    return (below_1 + _F(1.0)) * power_of_2(half) * power_of_2(n - half)


@polynomial
def _exp_below_0_32(x):
    """As `_exp32` without its care for large x, and 0 where the result is no normal float32."""
    x = _F(-88.0) if x < _F(-88.0) else x
    n, below_1 = _reduced(x)
    return (below_1 + _F(1.0)) * power_of_2(n)


@polynomial
def _expm132(x):
    """2^n ((e^g - 1) + (1 - 2^-n)): nothing is lost near 0, where n is 0."""
    x = _F(89.0) if x > _F(89.0) else x
    x = _F(-18.0) if x < _F(-18.0) else x
    n, below_1 = _reduced(x)
    half = n >> np.int32(1)
    rest = _F(1.0) - power_of_2(-n if n < np.int32(100) else np.int32(-100))
    return (below_1 + rest) * power_of_2(half) * power_of_2(n - half)


@polynomial
def power_of_2(n):
    return float_of(np.int32((np.int32(n) + np.int32(127)) << np.int32(23)))


@polynomial
def _log32(x):
    """ln(2^n (1 + f)) = n ln 2 + ln(1 + f), with 1 + f between sqrt(1/2) and sqrt 2."""
    tiny = x < _F(1.17549435e-38)
    bits = bits_of(x * _F(8388608.0) if tiny else x)
    n = np.int32((bits - np.int32(0x3F3504F3)) >> np.int32(23))
    f = float_of(np.int32(bits - np.int32(n << np.int32(23)))) - _F(1.0)
    whole = _F(n) - (_F(23.0) if tiny else _F(0.0))
    p = _F(-0.0763442963)
    p = p * f + _F(0.127615497)
    p = p * f + _F(-0.131601945)
    p = p * f + _F(0.142017618)
    p = p * f + _F(-0.166233569)
    p = p * f + _F(0.200012267)
    p = p * f + _F(-0.250008225)
    p = p * f + _F(0.333333313)
    square = f * f
    y = p * f * square - _F(0.5) * square + whole * _F(-2.12194440e-4)
    y = y + f + whole * _F(0.693359375)
    y = y if x < _F(np.inf) else x
    y = _F(-np.inf) if x == _F(0.0) else y
    return _F(np.nan) if x < _F(0.0) else y


@polynomial
def _tanh32(x):
    """A quotient of polynomials in x^2 up to 9.02, from where on the result is 1 in float32."""
    z = x * x
    z = _F(81.4) if z > _F(81.4) else z
    p = _F(-8.43607072e-14)
    p = p * z + _F(5.25779073e-11)
    p = p * z + _F(-2.01839967e-08)
    p = p * z + _F(1.11442641e-05)
    p = p * z + _F(0.00310300221)
    p = p * z + _F(0.130831569)
    p = p * z + _F(1.0)
    q = _F(0.00025447525)
    q = q * z + _F(0.0244913846)
    q = q * z + _F(0.464164853)
    q = q * z + _F(1.0)
    y = x * p / q
    y = _F(1.0) if x > _F(9.02) else y
    return _F(-1.0) if x < _F(-9.02) else y


@polynomial
def _log1p32(x):
    """ln u x / (u - 1) with u = 1 + x as rounded (Kahan): the rounding of u cancels."""
    u = _F(1.0) + x
    y = _log32(u) * (x / (u - _F(1.0)))
    y = x if u == _F(1.0) else y
    return x if x == _F(np.inf) else y


@polynomial
def _erf32(x):
    """A quotient of polynomials in x^2 up to 3.92, from where on the result is 1 in float32 (as in Eigen's erf)."""
    z = x * x
    z = _F(15.3664) if z > _F(15.3664) else z
    p = _F(-2.72614225801306e-10)
    p = p * z + _F(2.77068142495902e-08)
    p = p * z + _F(-2.10102402082508e-06)
    p = p * z + _F(-5.69250639462346e-05)
    p = p * z + _F(-7.34990630326855e-04)
    p = p * z + _F(-2.95459980854025e-03)
    p = p * z + _F(-1.60960333262415e-02)
    q = _F(-1.45660718464996e-05)
    q = q * z + _F(-2.13374055278905e-04)
    q = q * z + _F(-1.68282697438203e-03)
    q = q * z + _F(-7.37332916720468e-03)
    q = q * z + _F(-1.42647390514189e-02)
    y = x * (p / q)
    y = _F(1.0) if x > _F(3.92) else y
    return _F(-1.0) if x < _F(-3.92) else y


def chosen(narrow, general):
    def choose(x):
        return narrow.py_func if x == types.float32 else general

    return choose


# -- what kernels call: the bodies say what they compute, Numba takes what `overload` chooses ---------------


def exp(x):
    """e^x"""
    return np.exp(x)


def exp_below_0(x):
    """e^x of numbers of at most 0"""
    return np.exp(x)


def expm1(x):
    """e^x - 1, exact near 0"""
    return np.expm1(x)


def log(x):
    """The natural logarithm."""
    return np.log(x)


def log1p(x):
    """ln(1 + x), exact near 0"""
    return np.log1p(x)


def tanh(x):
    """The hyperbolic tangent."""
    return np.tanh(x)


def erf(x):
    """The error function of a real number."""
    return math.erf(x)


for _function, _narrow in (
    (exp, _exp32),
    (exp_below_0, _exp_below_0_32),
    (expm1, _expm132),
    (log, _log32),
    (log1p, _log1p32),
    (tanh, _tanh32),
    (erf, _erf32),
):
    overload(_function, jit_options={"forceinline": True, "fastmath": FUSED})(chosen(_narrow, _function))


@inline
def sigmoid(x):
    """1 / (1 + e^-x)"""
    one = type(x)(1)
    return one / (one + exp(-x))


@inline
def softplus(x):
    """ln(1 + e^x) without overflow"""
    zero = type(x)(0)
    positive = zero if x < zero else x
    size = x if x < zero else -x
    return positive + log1p(exp(size))


def sign(x):
    """-1, 0, 1; of a complex number x / |x|"""
    return np.sign(x)


@overload(sign)
def _sign(x):
    if isinstance(x, types.Complex):
        return lambda x: x if x == 0 else x / abs(x)
    return lambda x: type(x)(1) if x > 0 else type(x)(-1) if x < 0 else x


# -- division ------------------------------------------------------------------------------------------------


def floor_divide(x, y):
    """x / y rounded down"""
    return np.floor(x / y)


@overload(floor_divide)
def _floor_divide(x, y):
    return (lambda x, y: x // y) if isinstance(x, types.Integer) else (lambda x, y: np.floor(x / y))


def floor_remainder(x, y):
    """The remainder of `floor_divide`, with the sign of y"""
    return np.mod(x, y)


@overload(floor_remainder)
def _floor_remainder(x, y):
    if isinstance(x, types.Integer):
        return lambda x, y: x % y
    return _float_remainder


def _float_remainder(x, y):
    rest = np.fmod(x, y)
    return rest + y if rest != 0 and (rest < 0) != (y < 0) else rest


def truncated_divide(x, y):
    """x / y, of integers rounded towards 0"""
    return x / y


@overload(truncated_divide)
def _truncated_divide(x, y):
    if isinstance(x, types.Integer):
        return _signed_quotient if x.signed else (lambda x, y: x // y)
    return lambda x, y: x / y


def _signed_quotient(x, y):
    quotient = x // y
    return quotient + 1 if x % y != 0 and (x < 0) != (y < 0) else quotient


def truncated_remainder(x, y):
    """The remainder of `truncated_divide`, with the sign of x"""
    return np.fmod(x, y)


@overload(truncated_remainder)
def _truncated_remainder(x, y):
    if isinstance(x, types.Integer):
        return lambda x, y: x - truncated_divide(x, y) * y
    return lambda x, y: np.fmod(x, y)


# -- casts -----------------------------------------------------------------------------------------------------


def same(x):
    """x; the store converts it"""
    return x


def is_not_zero(x):
    """Whether x is another number than 0"""
    return x != 0


def real_part(x):
    """The real part of a complex number"""
    return x.real
