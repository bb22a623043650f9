"""Inverse sines, cosines and tangents of one number, for use inside kernels: float32 ones that vectorise.

The coefficients are those of S. L. Moshier's Cephes library (1989); the argument is first brought near 0.  Both
sides of each choice are computed, so that a loop has no branch.
"""

import numpy as np

from minitf.kernels.functions import overload, types
from minitf.kernels.scalar_math import FUSED, bits_of, chosen, float_of, log, polynomial

_F = np.float32
_QUARTER, _HALF, _WHOLE = _F(0.7853981633974483), _F(1.5707963267948966), _F(3.141592653589793)
_SIGN = np.int32(-(2**31))


@polynomial
def _size(x):
    return float_of(bits_of(x) & ~_SIGN)


@polynomial
def _with_sign(size, x):
    """`size`, which is not negative, with the sign of x."""
    return float_of(bits_of(size) | (bits_of(x) & _SIGN))


@polynomial
def _atan_of_small(x):
    """The arc tangent, where |x| < 0.42."""
    z = x * x
    p = ((_F(8.05374449538e-2) * z + _F(-1.38776856032e-1)) * z + _F(1.99777106478e-1)) * z + _F(-3.33329491539e-1)
    return p * z * x + x


@polynomial
def _atan32(x):
    size = _size(x)
    middle, large = size > _F(0.4142135623730950), size > _F(2.414213562373095)
    above = size - _F(1.0) if middle else size
    below = size + _F(1.0) if middle else _F(1.0)
    above = _F(-1.0) if large else above
    below = size if large else below
    start = _QUARTER if middle else _F(0.0)
    start = _HALF if large else start
    return _with_sign(start + _atan_of_small(above / below), x)


@polynomial
def _atan2_32(y, x):
    """From the smaller of |x| and |y| over the larger, which lies between 0 and 1."""
    a, b = _size(x), _size(y)
    steep, nan = b > a, (x != x) | (y != y)
    low, high = (a if steep else b), (b if steep else a)
    equal = low == high
    ratio = low / (high if high > _F(0.0) else _F(1.0))
    angle = _atan32(_F(1.0) if equal & (high > _F(0.0)) else ratio)
    angle = _HALF - angle if steep else angle
    angle = _WHOLE - angle if bits_of(x) < np.int32(0) else angle
    return x + y if nan else _with_sign(angle, y)


@polynomial
def _asin_of_small(x):
    """The arc sine, where |x| <= 0.71."""
    z = x * x
    p = (_F(4.2163199048e-2) * z + _F(2.4181311049e-2)) * z + _F(4.5470025998e-2)
    return ((p * z + _F(7.4953002686e-2)) * z + _F(1.6666752422e-1)) * z * x + x


@polynomial
def _asin32(x):
    """Above 1/2 from the angle's complement: half of it has the sine sqrt((1 - x) / 2)."""
    size = _size(x)
    large = size > _F(0.5)
    half = _asin_of_small(np.sqrt(_F(0.5) * (_F(1.0) - size)) if large else size)
    return _with_sign(_HALF - (half + half), x) if large else _with_sign(half, x)


@polynomial
def _acos32(x):
    size = _size(x)
    large = size > _F(0.5)
    half = _asin_of_small(np.sqrt(_F(0.5) * (_F(1.0) - size)) if large else size)
    near = half + half
    near = _WHOLE - near if x < _F(0.0) else near
    return near if large else _HALF - _with_sign(half, x)


@polynomial
def _atanh32(x):
    z = x * x
    p = ((_F(1.81740078349e-1) * z + _F(8.24370301058e-2)) * z + _F(1.46691431730e-1)) * z + _F(1.99782164500e-1)
    near = (p * z + _F(3.33337300303e-1)) * z * x + x
    far = _F(0.5) * log((_F(1.0) + x) / (_F(1.0) - x))
    return near if _size(x) < _F(0.5) else far


def atan(x):
    """The inverse of the tangent."""
    return np.arctan(x)


def asin(x):
    """The inverse of the sine; NaN outside [-1, 1]."""
    return np.arcsin(x)


def acos(x):
    """The inverse of the cosine; NaN outside [-1, 1]."""
    return np.arccos(x)


def atanh(x):
    """The inverse of the hyperbolic tangent; NaN outside [-1, 1]."""
    return np.arctanh(x)


def atan2(y, x):
    """The angle of the point (x, y)."""
    return np.arctan2(y, x)


for _function, _narrow in ((atan, _atan32), (asin, _asin32), (acos, _acos32), (atanh, _atanh32)):
    overload(_function, jit_options={"forceinline": True, "fastmath": FUSED})(chosen(_narrow, _function))


@overload(atan2, jit_options={"forceinline": True, "fastmath": FUSED})
def _atan2(y, x):
    return _atan2_32.py_func if x == types.float32 and y == types.float32 else atan2
