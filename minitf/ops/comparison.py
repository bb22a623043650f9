"""Less, equal and their kin; NaN, infinite, finite."""

import numpy as np

from minitf.graph.dtypes import bool as bool_dtype
from minitf.ops.elementwise import Elementwise
from minitf.ops.examples import array, example, integers, normal
from minitf.ops.numeric import Numeric, maps_sparse
from minitf.ops.op import FLOATS, NUMBERS, REALS

_PAIRS = [
    example(normal(3, 4), normal(4)),
    example(integers(0, 3, 3, 4), integers(0, 3, 3, 1)),
    example(array([1.0, np.nan, 2.0], np.float32), array([1.0, np.nan, 3.0], np.float32)),
]


class _Comparison(Elementwise):
    """z[i] = whether x[i] stands so to y[i]; never true of NaN, except for NotEqual"""

    inputs = {"x": "T", "y": "T"}
    types = {"T": REALS}
    result = "bool"
    examples = _PAIRS
    gradient = None


class Less(_Comparison):
    """x < y"""

    def scalar(x, y):
        return x < y

    def numpy(x, y):
        return x < y


class LessEqual(_Comparison):
    """x <= y"""

    def scalar(x, y):
        return x <= y

    def numpy(x, y):
        return x <= y


class Greater(_Comparison):
    """x > y"""

    def scalar(x, y):
        return x > y

    def numpy(x, y):
        return x > y


class GreaterEqual(_Comparison):
    """x >= y"""

    def scalar(x, y):
        return x >= y

    def numpy(x, y):
        return x >= y


class Equal(_Comparison):
    """x == y"""

    types = {"T": (*NUMBERS, "bool", "string")}

    def scalar(x, y):
        return x == y

    def numpy(x, y):
        return x == y


class NotEqual(_Comparison):
    """x != y"""

    types = {"T": (*NUMBERS, "bool", "string")}

    def scalar(x, y):
        return x != y

    def numpy(x, y):
        return x != y


class ApproximateEqual(Numeric):
    """|x - y| < tolerance"""

    inputs = {"x": "T", "y": "T"}
    types = {"T": NUMBERS}
    attrs = {"tolerance": 1e-5}
    result = "bool"
    examples = [example(array([1.0, 2.0], np.float32), array([1.000001, 2.1], np.float32))]
    cpu = None
    gradient = None

    def infer(op, x, y):
        return [(x.shape.merge_with(y.shape), bool_dtype)]

    @classmethod
    def evaluate(cls, op, arrays):
        x, y = arrays
        return [np.asarray(np.abs(x - y) < x.real.dtype.type(op.attrs["tolerance"]))]

    def numpy(x, y):
        return x == y


class _Test(Elementwise):
    """y[i] = whether x[i] is of this kind"""

    inputs = {"x": "T"}
    types = {"T": FLOATS}
    result = "bool"
    examples = [example(array([1.0, np.nan, np.inf, -np.inf], np.float32)), example(normal(3))]
    gradient = None


class IsNan(_Test):
    """Whether x is no number."""

    def scalar(x):
        return x != x

    def numpy(x):
        return np.isnan(x)


class IsInf(_Test):
    """Whether x is infinite, of either sign."""

    def scalar(x):
        return abs(x) == np.inf

    def numpy(x):
        return np.isinf(x)


class IsFinite(_Test):
    """Whether x is neither NaN nor infinite."""

    def scalar(x):
        return abs(x) < np.inf

    def numpy(x):
        return np.isfinite(x)


def less(x, y, name=None):
    """tf.less: x < y, element by element, with broadcasting."""
    return Less.apply(x, y, name=name)


def less_equal(x, y, name=None):
    """tf.less_equal: x <= y."""
    return LessEqual.apply(x, y, name=name)


def greater(x, y, name=None):
    """tf.greater: x > y."""
    return Greater.apply(x, y, name=name)


def greater_equal(x, y, name=None):
    """tf.greater_equal: x >= y."""
    return GreaterEqual.apply(x, y, name=name)


def equal(x, y, name=None):
    """tf.equal: x == y, of numbers, truth values and strings."""
    return Equal.apply(x, y, name=name)


def not_equal(x, y, name=None):
    """tf.not_equal: x != y, of numbers, truth values and strings."""
    return NotEqual.apply(x, y, name=name)


def approximate_equal(x, y, tolerance=1e-05, name=None):
    """tf.math.approximate_equal: whether x and y (of one shape) differ by less than `tolerance`."""
    return ApproximateEqual.apply(x, y, tolerance=tolerance, name=name)


@maps_sparse
def is_nan(x, name=None):
    """tf.is_nan: True where x is NaN."""
    return IsNan.apply(x, name=name)


@maps_sparse
def is_inf(x, name=None):
    """tf.is_inf: True where x is infinite."""
    return IsInf.apply(x, name=name)


@maps_sparse
def is_finite(x, name=None):
    """tf.is_finite: True where x is neither NaN nor infinite."""
    return IsFinite.apply(x, name=name)
