"""Arithmetic: add, subtract, multiply, divide, and what Python's operators become."""

import numpy as np

from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.ops.broadcasting import sum_to_inputs
from minitf.ops.constant import convert_to_tensor
from minitf.ops.elementwise import Elementwise
from minitf.ops.examples import example, normal, positive
from minitf.ops.op import NUMBERS


class Binary(Elementwise):
    """z[i] = scalar(x[i], y[i])"""

    inputs = {"x": "T", "y": "T"}
    types = {"T": NUMBERS}
    examples = [
        example(normal(3, 4), normal(3, 4)),
        example(normal(3, 4), normal(4)),
        example(normal(3, 1, 2), normal(4, 1)),
        example(normal(), normal(3)),
    ]


class AddV2(Binary):
    """z = x + y"""

    def scalar(x, y):
        return x + y

    def numpy(x, y):
        return x + y

    def gradient(op, dz):
        return sum_to_inputs(op, *op.inputs, dz, dz)


class Sub(Binary):
    """z = x - y"""

    def scalar(x, y):
        return x - y

    def numpy(x, y):
        return x - y

    def gradient(op, dz):
        return sum_to_inputs(op, *op.inputs, dz, negative(dz))


class Mul(Binary):
    """z = x y"""

    def scalar(x, y):
        return x * y

    def numpy(x, y):
        return x * y

    def gradient(op, dz):
        x, y = op.inputs
        return sum_to_inputs(op, x, y, multiply(dz, y), multiply(x, dz))


class RealDiv(Binary):
    """z = x / y"""

    examples = [example(normal(3, 4), positive(4)), example(normal(3, 1), positive(3, 4))]

    def scalar(x, y):
        return x / y

    def numpy(x, y):
        return np.divide(x, y)

    def gradient(op, dz):
        x, y = op.inputs
        return sum_to_inputs(op, x, y, real_div(dz, y), multiply(dz, real_div(real_div(negative(x), y), y)))


class Neg(Elementwise):
    """y = -x"""

    inputs = {"x": "T"}
    types = {"T": NUMBERS}
    examples = [example(normal(3, 4))]

    def scalar(x):
        return -x

    def numpy(x):
        return -x

    def gradient(op, dy):
        return [negative(dy)]


def add(x, y, name=None):
    """tf.add: x + y, element by element, with broadcasting."""
    with name_scope(name, "Add", [x, y]) as scope:
        return AddV2.apply(x, y, name=scope)


def subtract(x, y, name=None):
    """tf.subtract: x - y."""
    return Sub.apply(x, y, name=name)


def multiply(x, y, name=None):
    """tf.multiply: x * y, element by element."""
    return Mul.apply(x, y, name=name)


def negative(x, name=None):
    """tf.negative: -x."""
    return Neg.apply(x, name=name)


def real_div(x, y, name=None):
    """tf.realdiv: x / y of floating point numbers."""
    return RealDiv.apply(x, y, name=name)


# -- Python's operators ------------------------------------------------------------------------------------


def binary_operator(make, name):
    """The methods behind `x + y` and `y + x`: the other side becomes a constant in the scope `name`."""

    def forward(x, y):
        if not _can_be_operand(y):
            return NotImplemented
        with name_scope(None, name, [x, y]) as scope:
            x = convert_to_tensor(x, name="x")
            y = convert_to_tensor(y, dtype=x.dtype.base_dtype, name="y")
            return make(x, y, name=scope)

    def reflected(y, x):
        with name_scope(None, name, [x, y]) as scope:
            x = convert_to_tensor(x, dtype=y.dtype.base_dtype, name="x")
            return make(x, y, name=scope)

    return forward, reflected


def _can_be_operand(value):
    from minitf.ops.sparse_tensor import SparseTensor

    return not isinstance(value, SparseTensor)


def install(symbol, make, name):
    """Make `Tensor.__symbol__` and its reflected twin build the op that `make` builds."""
    Tensor.operators[f"__{symbol}__"], Tensor.operators[f"__r{symbol}__"] = binary_operator(make, name)


install("add", AddV2.apply, "add")
install("sub", Sub.apply, "sub")
install("mul", Mul.apply, "mul")
Tensor.operators["__neg__"] = negative
