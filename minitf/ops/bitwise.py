"""And, or, xor, not, and shifts on the bits of integers."""

import numpy as np

from minitf.ops.elementwise import Elementwise
from minitf.ops.examples import array, example, integers
from minitf.ops.op import INTS


class _Bits(Elementwise):
    """z[i] = scalar(x[i], y[i]), bit by bit"""

    inputs = {"x": "T", "y": "T"}
    types = {"T": INTS}
    examples = [
        example(integers(-9, 9, 3, 4), integers(-9, 9, 4)),
        example(integers(0, 9, 3, dtype=np.uint8), integers(0, 9, 3, dtype=np.uint8)),
    ]
    gradient = None


class BitwiseAnd(_Bits):
    """The bits that x and y both have."""

    def scalar(x, y):
        return x & y

    def numpy(x, y):
        return x & y


class BitwiseOr(_Bits):
    """The bits that x or y has."""

    def scalar(x, y):
        return x | y

    def numpy(x, y):
        return x | y


class BitwiseXor(_Bits):
    """The bits that only one of x and y has."""

    def scalar(x, y):
        return x ^ y

    def numpy(x, y):
        return x ^ y


class LeftShift(_Bits):
    """x moved up by y bits; y is held between 0 and the width of the type less 1"""

    cpu = None

    def numpy(x, y):
        return np.left_shift(x, np.clip(y, 0, x.dtype.itemsize * 8 - 1))


class RightShift(_Bits):
    """x moved down by y bits, the sign repeated; y is held between 0 and the width of the type less 1"""

    cpu = None

    def numpy(x, y):
        return np.right_shift(x, np.clip(y, 0, x.dtype.itemsize * 8 - 1))


class Invert(Elementwise):
    """Every bit turned over."""

    inputs = {"x": "T"}
    types = {"T": INTS}
    examples = [example(integers(-9, 9, 3, 4))]
    gradient = None

    def scalar(x):
        return ~x

    def numpy(x):
        return ~x


class PopulationCount(Elementwise):
    """How many bits are set."""

    inputs = {"x": "T"}
    types = {"T": INTS}
    result = "uint8"
    examples = [example(array([0, 1, 7, -1]))]
    gradient = None
    cpu = None

    def numpy(x):
        unsigned = x.view(np.dtype(f"uint{x.dtype.itemsize * 8}"))
        return np.bitwise_count(unsigned)


def bitwise_and(x, y, name=None):
    """tf.bitwise.bitwise_and: the bits that integers x and y both have."""
    return BitwiseAnd.apply(x, y, name=name)


def bitwise_or(x, y, name=None):
    """tf.bitwise.bitwise_or: the bits that x or y has."""
    return BitwiseOr.apply(x, y, name=name)


def bitwise_xor(x, y, name=None):
    """tf.bitwise.bitwise_xor: the bits that only one of x and y has."""
    return BitwiseXor.apply(x, y, name=name)


def left_shift(x, y, name=None):
    """tf.bitwise.left_shift: x moved up by y bits."""
    return LeftShift.apply(x, y, name=name)


def right_shift(x, y, name=None):
    """tf.bitwise.right_shift: x moved down by y bits; negative numbers stay negative."""
    return RightShift.apply(x, y, name=name)


def invert(x, name=None):
    """tf.bitwise.invert: every bit turned over."""
    return Invert.apply(x, name=name)


def population_count(x, name=None):
    """How many bits of each integer are set, as uint8."""
    return PopulationCount.apply(x, name=name)
