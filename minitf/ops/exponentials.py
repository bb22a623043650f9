"""exp, log and their kin."""

import numpy as np

from minitf.graph.graph import name_scope
from minitf.kernels import scalar_math
from minitf.ops.arithmetic import _conjugates
from minitf.ops.broadcasting import summers
from minitf.ops.division import Xdivy, is_not_zero
from minitf.ops.examples import array, example, positive
from minitf.ops.numeric import Binary, Unary, maps_sparse
from minitf.ops.op import COMPLEX, FLOATS
from minitf.ops.powers import reciprocal

_POSITIVE = [example(positive(3, 4)), example(positive())]


class Exp(Unary):
    """e^x"""

    def scalar(x):
        return scalar_math.exp(x)

    def numpy(x):
        return np.exp(x)

    def gradient(op, dy):
        (y,) = _conjugates(op.outputs)
        return [dy * y]


class Expm1(Unary):
    """e^x - 1, exact near 0"""

    def scalar(x):
        return scalar_math.expm1(x)

    def numpy(x):
        return np.expm1(x)

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        return [dy * exp(x)]


class Log(Unary):
    """The natural logarithm; -inf of 0, NaN of what is negative"""

    examples = _POSITIVE

    def scalar(x):
        return scalar_math.log(x)

    def numpy(x):
        return np.log(x)

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        return [dy * reciprocal(x)]


class Log1p(Unary):
    """ln(1 + x), exact near 0"""

    examples = _POSITIVE

    def scalar(x):
        return scalar_math.log1p(x)

    def numpy(x):
        return np.log1p(x)

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        return [dy * reciprocal(1 + x)]


class _ZeroWins(Binary):
    """x f(y), and 0 where x is 0, whatever f(y) is"""

    types = {"T": FLOATS + COMPLEX}
    examples = [
        example(positive(3, 4), positive(4), dtypes=("float32", "float64")),
        example(array([0.0, 0.0, 1.0], np.float32), array([0.0, np.nan, 2.0], np.float32)),
    ]


class Xlogy(_ZeroWins):
    """x ln y, and 0 where x is 0"""

    def scalar(x, y):
        return x if x == 0 else x * scalar_math.log(y)

    def numpy(x, y):
        return np.where(x == 0, x, x * np.log(y))

    def gradient(op, dz):
        x, y = op.inputs
        to_x, to_y = summers(x, y)
        along_x, along_y = xlogy(is_not_zero(x), y), Xdivy.apply(x, y)
        return [to_x(along_x * dz), to_y(along_y * dz)]


class Xlog1py(_ZeroWins):
    """x ln(1 + y), and 0 where x is 0"""

    def scalar(x, y):
        return x if x == 0 else x * scalar_math.log1p(y)

    def numpy(x, y):
        return np.where(x == 0, x, x * np.log1p(y))

    def gradient(op, dz):
        x, y = op.inputs
        to_x, to_y = summers(x, y)
        along_x, along_y = Xlog1py.apply(is_not_zero(x), y), Xdivy.apply(x, y + 1.0)
        return [to_x(along_x * dz), to_y(along_y * dz)]


@maps_sparse
def exp(x, name=None):
    """tf.exp: e to the power of x."""
    return Exp.apply(x, name=name)


@maps_sparse
def expm1(x, name=None):
    """tf.expm1: e^x - 1, exact where x is near 0."""
    return Expm1.apply(x, name=name)


@maps_sparse
def log(x, name=None):
    """tf.log: the natural logarithm."""
    return Log.apply(x, name=name)


@maps_sparse
def log1p(x, name=None):
    """tf.log1p: ln(1 + x), exact where x is near 0."""
    return Log1p.apply(x, name=name)


def xlogy(x, y, name=None):
    """tf.math.xlogy: x ln(y), and 0 where x is 0."""
    return Xlogy.apply(x, y, name=name)


def xlog1py(x, y, name=None):
    """tf.math.xlog1py: x ln(1 + y), and 0 where x is 0."""
    with name_scope(name, "xlog1py", [x]):
        return Xlog1py.apply(x, y)
