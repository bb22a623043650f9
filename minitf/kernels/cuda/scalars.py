"""The CPU's scalar functions, as a GPU understands them.

An op is described by functions of numbers (`Relu.scalar`, `Sum.combine`, `ApplyAdam.scalar`), and these serve the
GPU, too.  Only what they call differs: where the CPU has a polynomial that vectorises, or asks Numba for the type of
a number, the GPU has an instruction or a function of CUDA's library.  `translated` makes the exchange.
"""

import functools
import math

import numpy as np

from minitf.kernels import angles, inverse_angles, scalar_math, special_functions
from minitf.kernels.cuda.toolkit import Device, Intrinsic, device, numba_cuda, rebuild


def _by_width(plain, *names):
    """(of float32, of float64, of integers): functions of CUDA's library, and NumPy's for the simulator."""
    return (*(Intrinsic(plain, _libdevice(name)) for name in names), same_integer)


def _math(function):
    return lambda: function  # Numba itself chooses by type


def _libdevice(name):
    return lambda: getattr(numba_cuda().libdevice, name)


@device
def sign(x):
    return type(x)(1) if x > 0 else type(x)(-1) if x < 0 else x


@device
def floor_quotient(x, y):
    return math.floor(x / y)


@device
def integer_quotient(x, y):
    return x // y


@device
def float_remainder(x, y):
    rest = math.fmod(x, y)
    return rest + y if rest != 0 and (rest < 0) != (y < 0) else rest


@device
def integer_remainder(x, y):
    return x % y


@device
def quotient(x, y):
    return x / y


@device
def quotient_towards_zero(x, y):
    rounded_down = x // y
    return rounded_down + 1 if x % y != 0 and (x < 0) != (y < 0) else rounded_down


@device
def truncated_float_remainder(x, y):
    return math.fmod(x, y)


@device
def truncated_integer_remainder(x, y):
    return x - quotient_towards_zero(x, y) * y


@device
def same_integer(x):
    return x


# what the CPU's functions are on a GPU: (of float32, of float64, of integers), or one for all
_MEANINGS = {
    scalar_math.exp: Intrinsic(np.exp, _math(math.exp)),
    scalar_math.expm1: Intrinsic(np.expm1, _math(math.expm1)),
    scalar_math.log: Intrinsic(np.log, _math(math.log)),
    scalar_math.log1p: Intrinsic(np.log1p, _math(math.log1p)),
    scalar_math.tanh: Intrinsic(np.tanh, _math(math.tanh)),
    angles.sin: Intrinsic(np.sin, _math(math.sin)),
    angles.cos: Intrinsic(np.cos, _math(math.cos)),
    inverse_angles.atan: Intrinsic(np.arctan, _math(math.atan)),
    inverse_angles.asin: Intrinsic(np.arcsin, _math(math.asin)),
    inverse_angles.acos: Intrinsic(np.arccos, _math(math.acos)),
    inverse_angles.atanh: Intrinsic(np.arctanh, _math(math.atanh)),
    inverse_angles.atan2: Intrinsic(np.arctan2, _math(math.atan2)),
    scalar_math.erf: Intrinsic(lambda x: type(x)(math.erf(x)), _math(math.erf)),
    scalar_math.sign: sign,
    scalar_math.floor_divide: (floor_quotient, floor_quotient, integer_quotient),
    scalar_math.floor_remainder: (float_remainder, float_remainder, integer_remainder),
    scalar_math.truncated_divide: (quotient, quotient, quotient_towards_zero),
    scalar_math.truncated_remainder: (
        truncated_float_remainder,
        truncated_float_remainder,
        truncated_integer_remainder,
    ),
    special_functions.lgamma: Intrinsic(math.lgamma, _math(math.lgamma)),
    **{f: Intrinsic(f, _math(getattr(math, f.__name__))) for f in (np.exp, np.expm1, np.log, np.log1p)},
    np.abs: Intrinsic(np.abs, _math(abs)),
    np.sqrt: Intrinsic(np.sqrt, _math(math.sqrt)),
    np.floor: _by_width(np.floor, "floorf", "floor"),
    np.ceil: _by_width(np.ceil, "ceilf", "ceil"),
    np.rint: _by_width(np.rint, "rintf", "rint"),
}


@functools.cache
def translated(function, dtype=np.float32):
    """The CPU function `function` for arguments of `dtype`, as a device function."""
    position = {"float32": 0, "float64": 1}.get(np.dtype(dtype).name, 2)

    def meaning(value, rebuilt):
        try:
            found = _MEANINGS.get(value)
        except TypeError:  # a list, say: no function
            found = None
        if found is not None:
            return found[position] if isinstance(found, tuple) else found
        inner = getattr(value, "py_func", None)
        if inner is not None and inner.__module__.startswith("minitf") and not isinstance(value, Device):
            return Device(rebuilt(inner))
        return NotImplemented

    return Device(rebuild(getattr(function, "py_func", function), meaning))
