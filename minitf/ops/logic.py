"""And, or, not of truth values."""

import numpy as np

from minitf.graph.graph import name_scope
from minitf.ops.bitwise import bitwise_and, bitwise_or, bitwise_xor, invert
from minitf.ops.constant import convert_to_tensor
from minitf.ops.elementwise import Elementwise
from minitf.ops.examples import booleans, example


class _Logic(Elementwise):
    """z[i] = scalar(x[i], y[i]) of truth values"""

    inputs = {"x": "bool", "y": "bool"}
    result = "bool"
    examples = [example(booleans(3, 4), booleans(4)), example(booleans(5), booleans(5))]
    gradient = None


class LogicalAnd(_Logic):
    """x and y"""

    def scalar(x, y):
        return x & y

    def numpy(x, y):
        return x & y


class LogicalOr(_Logic):
    """x or y"""

    def scalar(x, y):
        return x | y

    def numpy(x, y):
        return x | y


class LogicalNot(Elementwise):
    """not x"""

    inputs = {"x": "bool"}
    result = "bool"
    examples = [example(booleans(3, 4))]
    gradient = None

    def scalar(x):
        return not x

    def numpy(x):
        return np.logical_not(x)


def logical_and(x, y, name=None):
    """tf.logical_and: x and y, of bool tensors, with broadcasting."""
    return LogicalAnd.apply(x, y, name=name)


def logical_or(x, y, name=None):
    """tf.logical_or: x or y."""
    return LogicalOr.apply(x, y, name=name)


def logical_not(x, name=None):
    """tf.logical_not: not x."""
    return LogicalNot.apply(x, name=name)


def logical_xor(x, y, name="LogicalXor"):
    """tf.logical_xor: one of x and y, but not both."""
    return logical_and(logical_or(x, y), logical_not(logical_and(x, y)), name=name)


def _of_bits_or_truth(of_truth, of_bits):
    """Python's `&`, `|` and `^`: of bools logical, of integers bit by bit."""

    def choose(x, y, name=None):
        if convert_to_tensor(x).dtype.is_bool:
            return of_truth(x, y, name)
        with name_scope(name):
            return of_bits(x, y)

    return choose


def _logical_xor_in_scope(x, y, name):
    with name_scope(name) as scope:
        return logical_xor(x, y, name=scope)


and_ = _of_bits_or_truth(logical_and, bitwise_and)
or_ = _of_bits_or_truth(logical_or, bitwise_or)
xor_ = _of_bits_or_truth(_logical_xor_in_scope, bitwise_xor)


def invert_(x, name=None):
    """Python's `~`: not, of bools; of integers every bit turned over."""
    return logical_not(x, name=name) if x.dtype.is_bool else invert(x, name=name)
