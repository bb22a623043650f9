"""Powers, roots, reciprocals."""

import numpy as np

from minitf import errors
from minitf.graph.graph import name_scope
from minitf.kernels import elementwise
from minitf.ops.arithmetic import _conjugates, negative, square
from minitf.ops.array import ones_like, zeros_like
from minitf.ops.broadcasting import sum_to_inputs
from minitf.ops.comparison import greater, not_equal
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.division import DivNoNan
from minitf.ops.examples import example, integers, normal, positive
from minitf.ops.numeric import FLOATS_AND_COMPLEX, Binary, Unary, maps_sparse

_POSITIVE = [example(positive(3, 4)), example(positive())]


class Pow(Binary):
    """z = x^y; of integers wrapped around as multiplication does"""

    types = {
        "T": (*FLOATS_AND_COMPLEX, "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
    }
    examples = [
        example(positive(3, 4), positive(4), dtypes=("float32", "float64")),
        example(positive(3, 4), normal(3, 4), dtypes=("float32", "float64")),
        example(integers(-3, 4, 3, 4), integers(0, 5, 4)),
    ]

    def scalar(x, y):
        return x**y

    def numpy(x, y):
        return np.power(x, y)

    def cpu(op, x, y, out):
        launches = [elementwise.launch(op.definition.scalar, [x, y], out)]
        if y.dtype.kind == "i":
            launches.insert(0, elementwise.whole(elementwise.holds_negative, y.reshape(-1)))
        return launches

    @classmethod
    def evaluate(cls, op, arrays):
        if arrays[1].dtype.kind == "i" and (arrays[1] < 0).any():
            raise cls.explain(op, *arrays)
        return super().evaluate(op, arrays)

    def explain(op, *arrays):
        return errors.InvalidArgumentError(None, op, "Integers to negative integer powers are not allowed")

    def gradient(op, dz):
        from minitf.ops.exponentials import log
        from minitf.ops.selection import where

        x, y = _conjugates(op.inputs)
        (z,) = _conjugates(op.outputs)
        dx = dz * y * pow(x, y - 1, name="Pow")
        mask = not_equal(x, 0) if x.dtype.is_complex else greater(x, 0)
        safe = where(mask, x, ones_like(x))
        logarithm = where(mask, log(safe), zeros_like(x))
        return sum_to_inputs(*op.inputs, dx, dz * z * logarithm)


class Sqrt(Unary):
    """y = x^(1/2); NaN of what is negative"""

    examples = _POSITIVE

    def scalar(x):
        return np.sqrt(x)

    def numpy(x):
        return np.sqrt(x)

    def gradient(op, dy):
        return [SqrtGrad.apply(op.outputs[0], dy)]


class SqrtGrad(Binary):
    """dy / (2 y), the gradient of y = sqrt(x)"""

    inputs = {"y": "T", "dy": "T"}
    types = {"T": FLOATS_AND_COMPLEX}
    examples = [example(positive(3, 4), normal(3, 4))]

    def scalar(y, dy):
        return dy * type(y)(0.5) / y.conjugate()

    def numpy(y, dy):
        return dy * y.dtype.type(0.5) / np.conj(y)

    def gradient(op, ddx):
        y, (dx,) = op.inputs[0], op.outputs
        ratio = ddx / y
        return [negative(ratio) * dx, 0.5 * ratio]


class Rsqrt(Unary):
    """y = x^(-1/2)"""

    examples = _POSITIVE

    def scalar(x):
        return type(x)(1) / np.sqrt(x)

    def numpy(x):
        return x.dtype.type(1) / np.sqrt(x)

    def gradient(op, dy):
        return [RsqrtGrad.apply(op.outputs[0], dy)]


class RsqrtGrad(Binary):
    """-dy y^3 / 2, the gradient of y = 1 / sqrt(x)"""

    inputs = {"y": "T", "dy": "T"}
    types = {"T": FLOATS_AND_COMPLEX}
    examples = [example(positive(3, 4), normal(3, 4))]

    def scalar(y, dy):
        y = y.conjugate()
        return type(y)(-0.5) * dy * y * y * y

    def numpy(y, dy):
        y = np.conj(y)
        return y.dtype.type(-0.5) * dy * y * y * y

    def gradient(op, ddx):
        y, dy = op.inputs
        dy_part = -1.5 * ddx * dy * square(y)
        return [dy_part, RsqrtGrad.apply(y, ddx)]


class Reciprocal(Unary):
    """y = 1 / x"""

    types = {"T": (*FLOATS_AND_COMPLEX, "int32", "int64")}
    examples = _POSITIVE

    def scalar(x):
        return type(x)(1) / x

    def numpy(x):
        return x.dtype.type(1) / x

    def gradient(op, dy):
        return [ReciprocalGrad.apply(op.outputs[0], dy)]


class Inv(Reciprocal):
    """Another name of Reciprocal"""


class ReciprocalGrad(Binary):
    """-dy y^2, the gradient of y = 1 / x"""

    inputs = {"y": "T", "dy": "T"}
    types = {"T": FLOATS_AND_COMPLEX}
    examples = [example(normal(3, 4), normal(3, 4))]

    def scalar(y, dy):
        return -dy * y.conjugate() * y.conjugate()

    def numpy(y, dy):
        return -dy * np.conj(y) * np.conj(y)

    def gradient(op, ddx):
        y, dy = op.inputs
        return [ddx * -2.0 * dy * y, ReciprocalGrad.apply(y, ddx)]


def pow(x, y, name=None):
    """tf.pow: x to the power of y, element by element, with broadcasting.

    A run raises InvalidArgumentError for a negative power of integers.
    """
    with name_scope(name, "Pow", [x]) as scope:
        return Pow.apply(x, y, name=scope)


@maps_sparse
def sqrt(x, name=None):
    """tf.sqrt: the square root; NaN of what is negative."""
    return Sqrt.apply(x, name=name)


def rsqrt(x, name=None):
    """tf.rsqrt: 1 / sqrt(x)."""
    return Rsqrt.apply(x, name=name)


def reciprocal(x, name=None):
    """tf.reciprocal: 1 / x."""
    return Reciprocal.apply(x, name=name)


def reciprocal_no_nan(x, name=None):
    """tf.math.reciprocal_no_nan: 1 / x, and 0 where x is 0."""
    with name_scope(name, "reciprocal_no_nan", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return DivNoNan.apply(constant(1, x.dtype.base_dtype, name="one"), x, name=scope)


def polyval(coeffs, x, name=None):
    """tf.math.polyval: coeffs[0] x^(n-1) + ... + coeffs[n-1] by Horner's rule; `coeffs` is a list.

    No coefficients make 0.  Raises ValueError where `coeffs` is no list.
    """
    if not isinstance(coeffs, (list, tuple)):
        raise ValueError(f"Argument coeffs must be list type found {type(coeffs)}.")
    with name_scope(name, "polyval", [*coeffs, x]) as scope:
        x = convert_to_tensor(x, name="x")
        if not coeffs:
            return zeros_like(x, name=scope)
        total, *rest = [convert_to_tensor(c, name="coeff", dtype=x.dtype.base_dtype) for c in coeffs]
        for c in rest:
            total = c + total * x
        return total
