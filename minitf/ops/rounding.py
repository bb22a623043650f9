"""Floor, ceil, round: whole numbers near by."""

import numpy as np

from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.numeric import Unary, maps_sparse
from minitf.ops.op import FLOATS, REALS

_HALVES = example(array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4], np.float32))


class _Rounding(Unary):
    """A whole number near x; no gradient flows"""

    types = {"T": FLOATS}
    examples = [example(normal(3, 4)), _HALVES]

    def gradient(op, dy):
        return [None]


class Floor(_Rounding):
    """The largest whole number not above x."""

    def scalar(x):
        return np.floor(x)

    def numpy(x):
        return np.floor(x)


class Ceil(_Rounding):
    """The smallest whole number not below x."""

    def scalar(x):
        return np.ceil(x)

    def numpy(x):
        return np.ceil(x)


class Rint(_Rounding):
    """The nearest whole number; of two the even one."""

    def scalar(x):
        return np.rint(x)

    def numpy(x):
        return np.rint(x)


class Round(_Rounding):
    """The nearest whole number; of two the even one."""

    types = {"T": REALS}

    def scalar(x):
        return np.rint(x)

    def numpy(x):
        return np.rint(x)


@maps_sparse
def floor(x, name=None):
    """tf.floor: the largest whole number not above x."""
    return Floor.apply(x, name=name)


@maps_sparse
def ceil(x, name=None):
    """tf.ceil: the smallest whole number not below x."""
    return Ceil.apply(x, name=name)


@maps_sparse
def rint(x, name=None):
    """tf.rint: the nearest whole number; of two the even one."""
    return Rint.apply(x, name=name)


@maps_sparse
def round(x, name=None):
    """tf.round: the nearest whole number; of two the even one.  Integers stay as they are."""
    x = convert_to_tensor(x, name="x")
    return x if x.dtype.is_integer else Round.apply(x, name=name)
