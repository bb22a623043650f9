"""Sine and cosine of one number, for use inside kernels: float32 ones that vectorise (see `scalar_math.py`)."""

import numpy as np

from minitf.kernels.functions import overload
from minitf.kernels.scalar_math import FUSED, bits_of, chosen, polynomial, power_of_2

_F = np.float32

# 2^k modulo a turn, k = 0..105, from the first 256 binary places of pi.  (Payne and Hanek, 1983.)
_PI = 0x3243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89
_TURNED = np.array([1.0, *((((1 << k) << 256) % (2 * _PI)) / (1 << 256) for k in range(1, 106))])


@polynomial
def _sine32(x, quarters):
    """sin(x + quarters of a turn): x = m 2^k with |m| < 2^24, and m (2^k modulo a turn) has the same sine."""
    k = ((bits_of(x) >> np.int32(23)) & np.int32(255)) - np.int32(150)
    k = k if k > np.int32(0) else np.int32(0)
    angle = np.float64(x * power_of_2(-k)) * _TURNED[np.uint32(k)]
    n = np.floor(angle * 0.6366197723675814 + 0.5)
    y = _F((angle - n * 1.5707963267948966) - n * 6.123233995736766e-17)  # pi/2 in two parts
    quarter = np.int32(n) + np.int32(quarters)
    z = y * y
    sine = ((_F(-1.9515295891e-4) * z + _F(8.3321608736e-3)) * z + _F(-1.6666654611e-1)) * z * y + y
    cosine = (_F(2.443315711e-5) * z + _F(-1.388731625e-3)) * z + _F(4.166664568e-2)
    cosine = cosine * (z * z) + (_F(1.0) - _F(0.5) * z)
    value = cosine if quarter & np.int32(1) else sine
    return -value if quarter & np.int32(2) else value


@polynomial
def _sin32(x):
    return _sine32(x, 0)


@polynomial
def _cos32(x):
    return _sine32(x, 1)


def sin(x):
    """The sine."""
    return np.sin(x)


def cos(x):
    """The cosine."""
    return np.cos(x)


for _function, _narrow in ((sin, _sin32), (cos, _cos32)):
    overload(_function, jit_options={"forceinline": True, "fastmath": FUSED})(chosen(_narrow, _function))
