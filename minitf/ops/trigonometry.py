"""sin, cos, tan, their inverses, and the hyperbolic ones."""

import numpy as np

from minitf.kernels import angles, inverse_angles
from minitf.ops.arithmetic import _conjugates, add, negative, square, subtract
from minitf.ops.broadcasting import sum_to_inputs
from minitf.ops.constant import constant
from minitf.ops.examples import Argument, example, unit
from minitf.ops.numeric import Binary, Unary, maps_sparse
from minitf.ops.op import FLOATS
from minitf.ops.powers import reciprocal, sqrt

_ABOVE_1 = Argument((3, 4), lambda g: g.uniform(1.2, 3.0, (3, 4)))


def _side(x):
    """The other side of a right triangle with hypotenuse 1 and side x"""
    return sqrt(_one_with(subtract, square(x)))


def _one_with(combine, squared):
    """1 - x^2 or 1 + x^2"""
    return combine(constant(1, squared.dtype.base_dtype), squared)


class Sin(Unary):
    """The sine."""

    examples = [example(unit(3, 4)), example(unit())]

    def scalar(x):
        return angles.sin(x)

    def numpy(x):
        return np.sin(x)

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        return [dy * cos(x)]


class Cos(Unary):
    """The cosine."""

    examples = [example(unit(3, 4)), example(unit())]

    def scalar(x):
        return angles.cos(x)

    def numpy(x):
        return np.cos(x)

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        return [negative(dy) * sin(x)]


class Tan(Unary):
    """The tangent."""

    examples = [example(unit(3, 4)), example(unit())]

    def scalar(x):
        return np.tan(x)

    def numpy(x):
        return np.tan(x)

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        return [square(reciprocal(cos(x))) * dy]


class Asin(Unary):
    """The angle between -pi/2 and pi/2 whose sine is x; NaN outside [-1, 1]"""

    examples = [example(unit(3, 4)), example(unit())]

    def scalar(x):
        return inverse_angles.asin(x)

    def numpy(x):
        return np.arcsin(x)

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        return [dy * reciprocal(_side(x))]


class Acos(Unary):
    """The angle between 0 and pi whose cosine is x; NaN outside [-1, 1]"""

    examples = [example(unit(3, 4)), example(unit())]

    def scalar(x):
        return inverse_angles.acos(x)

    def numpy(x):
        return np.arccos(x)

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        slope = reciprocal(_side(x))
        return [negative(dy) * slope]


class Atan(Unary):
    """The angle between -pi/2 and pi/2 whose tangent is x"""

    examples = [example(unit(3, 4)), example(unit())]

    def scalar(x):
        return inverse_angles.atan(x)

    def numpy(x):
        return np.arctan(x)

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        return [dy * reciprocal(_one_with(add, square(x)))]


class Sinh(Unary):
    """The hyperbolic sine."""

    examples = [example(unit(3, 4)), example(unit())]

    def scalar(x):
        return np.sinh(x)

    def numpy(x):
        return np.sinh(x)

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        return [dy * cosh(x)]


class Cosh(Unary):
    """The hyperbolic cosine."""

    examples = [example(unit(3, 4)), example(unit())]

    def scalar(x):
        return np.cosh(x)

    def numpy(x):
        return np.cosh(x)

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        return [dy * sinh(x)]


class Asinh(Unary):
    """The inverse of sinh."""

    examples = [example(unit(3, 4)), example(unit())]

    def scalar(x):
        return np.arcsinh(x)

    def numpy(x):
        return np.arcsinh(x)

    def gradient(op, dy):
        (y,) = _conjugates(op.outputs)
        return [dy / cosh(y)]


class Acosh(Unary):
    """The inverse of cosh, not below 0; NaN below 1"""

    examples = [example(_ABOVE_1)]

    def scalar(x):
        return np.arccosh(x)

    def numpy(x):
        return np.arccosh(x)

    def gradient(op, dy):
        (y,) = _conjugates(op.outputs)
        return [dy / sinh(y)]


class Atanh(Unary):
    """The inverse of tanh; NaN outside [-1, 1]"""

    examples = [example(unit(3, 4)), example(unit())]

    def scalar(x):
        return inverse_angles.atanh(x)

    def numpy(x):
        return np.arctanh(x)

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        return [dy * reciprocal(_one_with(subtract, square(x)))]


class Atan2(Binary):
    """The angle between -pi and pi of the point (x, y)"""

    inputs = {"y": "T", "x": "T"}
    types = {"T": FLOATS}

    def scalar(y, x):
        return inverse_angles.atan2(y, x)

    def numpy(y, x):
        return np.arctan2(y, x)

    def gradient(op, dz):
        y, x = op.inputs
        slope = dz / (square(y) + square(x))
        dy = x * slope
        return sum_to_inputs(y, x, dy, negative(y) * slope)


@maps_sparse
def sin(x, name=None):
    """tf.sin: the sine of x (radians)."""
    return Sin.apply(x, name=name)


@maps_sparse
def cos(x, name=None):
    """tf.cos: the cosine of x (radians)."""
    return Cos.apply(x, name=name)


@maps_sparse
def tan(x, name=None):
    """tf.tan: the tangent of x (radians)."""
    return Tan.apply(x, name=name)


@maps_sparse
def asin(x, name=None):
    """tf.asin: the inverse of sin: an angle between -pi/2 and pi/2, NaN where |x| > 1."""
    return Asin.apply(x, name=name)


@maps_sparse
def acos(x, name=None):
    """tf.acos: the inverse of cos: an angle between 0 and pi, NaN where |x| > 1."""
    return Acos.apply(x, name=name)


@maps_sparse
def atan(x, name=None):
    """tf.atan: the inverse of tan: an angle between -pi/2 and pi/2."""
    return Atan.apply(x, name=name)


@maps_sparse
def sinh(x, name=None):
    """tf.sinh: the hyperbolic sine."""
    return Sinh.apply(x, name=name)


@maps_sparse
def cosh(x, name=None):
    """tf.cosh: the hyperbolic cosine."""
    return Cosh.apply(x, name=name)


@maps_sparse
def asinh(x, name=None):
    """tf.asinh: the inverse of sinh."""
    return Asinh.apply(x, name=name)


@maps_sparse
def acosh(x, name=None):
    """tf.acosh: the inverse of cosh, NaN where x < 1."""
    return Acosh.apply(x, name=name)


@maps_sparse
def atanh(x, name=None):
    """tf.atanh: the inverse of tanh, NaN where |x| > 1."""
    return Atanh.apply(x, name=name)


def atan2(y, x, name=None):
    """tf.atan2: the angle between -pi and pi of the point (x, y), element by element."""
    return Atan2.apply(y, x, name=name)
