"""Complex numbers: put together, taken apart, conjugated."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.ops.array import zeros_like
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import example, normal
from minitf.ops.numeric import Binary, Numeric, Unary
from minitf.ops.op import COMPLEX

_PAIRS = {"float32": dtypes.complex64, "float64": dtypes.complex128}


class Complex(Binary):
    """real + i imag"""

    inputs = {"real": "T", "imag": "T"}
    types = {"T": ("float32", "float64"), "Tout": COMPLEX}
    result = "Tout"
    examples = [
        example(normal(3, 4), normal(4), Tout="complex64", dtypes=("float32",), gradient=False),
        example(normal(3), normal(3), Tout="complex128", dtypes=("float64",), gradient=False),
    ]

    def scalar(real, imag):
        return complex(real, imag)

    def numpy(real, imag):
        z = np.empty(np.broadcast_shapes(real.shape, imag.shape), np.result_type(real, np.complex64))
        z.real, z.imag = real, imag
        return z

    def gradient(op, dz):
        from minitf.ops.broadcasting import sum_to_inputs

        return sum_to_inputs(*op.inputs, real(dz), imag(dz))


class _Part(Numeric):
    inputs = {"input": "T"}
    types = {"T": COMPLEX, "Tout": ("float32", "float64")}
    result = "Tout"
    examples = [
        example(normal(3, 4), Tout="float32", dtypes=("complex64",), gradient=False),
        example(normal(3, 4), Tout="float64", dtypes=("complex128",), gradient=False),
    ]


class Real(_Part):
    """The real part."""

    def scalar(z):
        return z.real

    def numpy(z):
        return z.real

    def gradient(op, dy):
        return [complex_of(dy, constant(0, dy.dtype))]


class Imag(_Part):
    """The imaginary part."""

    def scalar(z):
        return z.imag

    def numpy(z):
        return z.imag

    def gradient(op, dy):
        return [complex_of(constant(0, dy.dtype), dy)]


class Angle(_Part):
    """The argument of a complex number, between -pi and pi."""

    def scalar(z):
        return np.arctan2(z.imag, z.real)

    def numpy(z):
        return np.angle(z)

    def gradient(op, dy):
        from minitf.ops.powers import reciprocal

        z = op.inputs[0]
        re, im = real(z), imag(z)
        turned = reciprocal(complex_of(im, re))
        return [-complex_of(dy, constant(0, dy.dtype)) * turned]


class ComplexAbs(_Part):
    """The distance from 0."""

    inputs = {"x": "T"}

    def scalar(z):
        return abs(z)

    def numpy(z):
        return np.abs(z)

    def gradient(op, dy):
        from minitf.ops.division import div_no_nan

        x, y = op.inputs[0], op.outputs[0]
        return [div_no_nan(complex_of(dy, zeros_like(dy)) * x, complex_of(y, zeros_like(y)))]


class Conj(Unary):
    """The same real part, the opposite imaginary part."""

    inputs = {"input": "T"}
    types = {"T": (*COMPLEX, "variant")}
    examples = [example(normal(3, 4), dtypes=COMPLEX, gradient=False)]

    def scalar(z):
        return z.conjugate()

    def numpy(z):
        return np.conj(z)

    def gradient(op, dy):
        return [conj(dy)]


def complex_of(real, imag, name=None):
    """tf.complex: real + i imag, complex64 of two float32, complex128 of two float64.

    Raises TypeError for other types.
    """
    real = convert_to_tensor(real, name="real")
    imag = convert_to_tensor(imag, name="imag")
    with name_scope(name, "Complex", [real, imag]) as scope:
        if real.dtype.base_dtype is not imag.dtype.base_dtype or real.dtype.base_dtype.name not in _PAIRS:
            raise TypeError(f"real and imag have incorrect types: {real.dtype.name} {imag.dtype.name}")
        return Complex.apply(real, imag, Tout=_PAIRS[real.dtype.base_dtype.name], name=scope)


def _part(definition, default_name, of_real):
    def function(input, name=None):
        with name_scope(name, default_name, [input]) as scope:
            input = convert_to_tensor(input, name="input")
            if input.dtype.is_complex:
                return definition.apply(input, Tout=input.dtype.real_dtype, name=scope)
            return of_real(input)

    return function


def _angle_of_real(x):
    from minitf.ops.array import ones_like
    from minitf.ops.selection import where

    return where(x < 0, np.pi * ones_like(x), zeros_like(x))


real = _part(Real, "Real", lambda x: x)
real.__doc__ = """tf.real: the real part of a complex tensor; a real tensor as it is."""
imag = _part(Imag, "Imag", zeros_like)
imag.__doc__ = """tf.imag: the imaginary part of a complex tensor; zeros for a real one."""
angle = _part(Angle, "Angle", _angle_of_real)
angle.__doc__ = """tf.angle: the argument of each number, between -pi and pi; 0 or pi for a real tensor."""


def complex_abs(x, Tout=None, name=None):
    """The absolute value of a complex tensor, as a real one."""
    x = convert_to_tensor(x, name="x")
    return ComplexAbs.apply(x, Tout=Tout or x.dtype.real_dtype, name=name)


def conj(x, name=None):
    """tf.conj: the complex conjugate; a real tensor as it is.  Raises TypeError where x holds no numbers."""
    if isinstance(x, Tensor) and (x.dtype.is_floating or x.dtype.is_integer):
        return x
    with name_scope(name, "Conj", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex or x.dtype.base_dtype is dtypes.variant:
            return Conj.apply(x, name=scope)
        if x.dtype.is_floating or x.dtype.is_integer:
            return x
        raise TypeError(f"Expected numeric or variant tensor, got dtype {x.dtype!r}")
