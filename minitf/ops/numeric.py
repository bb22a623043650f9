"""`Unary` and `Binary`: elementwise ops on numbers, the form of most ops of mathematics."""

import functools
import inspect

import numpy as np

from minitf.ops.elementwise import Elementwise
from minitf.ops.examples import example, normal
from minitf.ops.op import COMPLEX, FLOATS, HALVES, NUMBERS
from minitf.ops.sparse_tensor import SparseTensor

FLOATS_AND_COMPLEX = FLOATS + COMPLEX


class Numeric(Elementwise, abstract=True):
    """An elementwise op whose NumPy twin is silent about NaN and infinity, and computes halves in float32."""

    @classmethod
    def evaluate(cls, op, arrays):
        with np.errstate(all="ignore"):
            return super().evaluate(op, [widen(a) for a in arrays])


def widen(array):
    """float16 and bfloat16 as float32: rounded once, when the result is stored."""
    return array.astype(np.float32) if array.dtype.name in HALVES else array


class Unary(Numeric, abstract=True):
    """y[i] = scalar(x[i])"""

    inputs = {"x": "T"}
    types = {"T": FLOATS_AND_COMPLEX}
    examples = [example(normal(3, 4)), example(normal())]


class Binary(Numeric, abstract=True):
    """z[i] = scalar(x[i], y[i])"""

    inputs = {"x": "T", "y": "T"}
    types = {"T": NUMBERS}
    examples = [
        example(normal(3, 4), normal(3, 4)),
        example(normal(3, 4), normal(4)),
        example(normal(3, 1, 2), normal(4, 1)),
        example(normal(), normal(3)),
    ]


def maps_sparse(function):
    """A function of one tensor that also takes a SparseTensor: it maps the values, the indices stay."""
    first = next(iter(inspect.signature(function).parameters))

    @functools.wraps(function)
    def mapped(*arguments, **keywords):
        x = arguments[0] if arguments else keywords.get(first)
        if not isinstance(x, SparseTensor):
            return function(*arguments, **keywords)
        keywords.pop(first, None)
        return SparseTensor(x.indices, function(x.values, *arguments[1:], **keywords), x.dense_shape)

    return mapped
