"""The many kinds of division and of remainder."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.kernels import elementwise, scalar_math
from minitf.ops.arithmetic import _conjugates, negative
from minitf.ops.broadcasting import sum_to_inputs, summers
from minitf.ops.casting import cast
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example, normal, positive
from minitf.ops.inputs import made_of
from minitf.ops.numeric import Binary
from minitf.ops.op import COMPLEX, FLOATS, REALS

# What Python 3's division makes of integers; None: the floating point types stay.
_TRUE_DIVISION = {
    "uint8": dtypes.float32, "int8": dtypes.float32, "uint16": dtypes.float32, "int16": dtypes.float32,
    "int32": dtypes.float64, "int64": dtypes.float64, "uint32": dtypes.float64, "uint64": dtypes.float64,
    "bfloat16": None, "float16": None, "float32": None, "float64": None, "complex64": None, "complex128": None,
}  # fmt: skip

_FLOAT_EXAMPLES = [
    example(normal(3, 4), positive(4), dtypes=("float32", "float64")),
    example(normal(3, 1), positive(3, 4), dtypes=("float32", "float64")),
]
_INTEGERS = example(array([7, -7, 7, -7, 0, 6]), array([2, 2, -2, -2, 3, -3]), gradient=False)


class RealDiv(Binary):
    """z = x / y of floating point numbers"""

    examples = _FLOAT_EXAMPLES

    def scalar(x, y):
        return x / y

    def numpy(x, y):
        return np.divide(x, y) if x.dtype.kind in "fc" else _truncated(x, y)

    def gradient(op, dz):
        x, y = _conjugates(op.inputs)
        return sum_to_inputs(*op.inputs, realdiv(dz, y), dz * realdiv(realdiv(negative(x), y), y))


class _Division(Binary):
    """A division under which an integer divisor of 0 stops the run."""

    types = {"T": REALS}

    def cpu(op, x, y, out):
        launches = [elementwise.launch(op.definition.scalar, [x, y], out)]
        if y.dtype.kind in "iu":
            launches.insert(0, elementwise.whole(elementwise.holds_zero, y.reshape(-1)))
        return launches

    @classmethod
    def evaluate(cls, op, arrays):
        if arrays[1].dtype.kind in "iu" and arrays[0].size and (arrays[1] == 0).any():
            raise cls.explain(op, *arrays)
        return super().evaluate(op, arrays)

    def explain(op, *arrays):
        return errors.InvalidArgumentError(None, op, f"Integer division by zero in {op.name}")


class FloorDiv(_Division):
    """z = x / y, rounded down"""

    examples = [example(*e.arguments, gradient=False, dtypes=e.dtypes) for e in _FLOAT_EXAMPLES] + [_INTEGERS]

    def scalar(x, y):
        return scalar_math.floor_divide(x, y)

    def numpy(x, y):
        return np.floor(x / y) if x.dtype.kind == "f" else x // y

    def gradient(op, dz):
        return [None, None]


class FloorMod(_Division):
    """x - y floor(x / y): what Python's % gives, with the sign of y"""

    examples = [*_FLOAT_EXAMPLES, _INTEGERS]

    def scalar(x, y):
        return scalar_math.floor_remainder(x, y)

    def numpy(x, y):
        return np.mod(x, y)

    def gradient(op, dz):
        x, y = op.inputs
        return sum_to_inputs(x, y, dz, dz * negative(floor_div(x, y)))


class TruncateDiv(_Division):
    """z = x / y, rounded towards 0"""

    types = {"T": (*REALS, *COMPLEX)}
    examples = [_INTEGERS, example(normal(3, 4), positive(4), gradient=False, dtypes=("float32", "float64"))]

    def scalar(x, y):
        return scalar_math.truncated_divide(x, y)

    def numpy(x, y):
        return x / y if x.dtype.kind in "fc" else _truncated(x, y)

    def gradient(op, dz):
        return [None, None]


def _truncated(x, y):
    """The quotient of integers rounded towards 0, exact for all of int64."""
    quotient = x // y
    return quotient + ((x % y != 0) & ((x < 0) != (y < 0)))


class TruncateMod(_Division):
    """The remainder of division towards 0, with the sign of x"""

    types = {"T": ("int32", "int64", *FLOATS)}
    examples = [_INTEGERS, example(normal(3, 4), positive(4), gradient=False, dtypes=("float32", "float64"))]

    def scalar(x, y):
        return scalar_math.truncated_remainder(x, y)

    def numpy(x, y):
        return np.fmod(x, y)


class Mod(TruncateMod):
    """Another name of TruncateMod"""


class Div(TruncateDiv):
    """x / y of floating point numbers; of integers rounded towards 0"""

    examples = [_INTEGERS, *_FLOAT_EXAMPLES]

    def gradient(op, dz):
        return RealDiv.gradient(op, dz)


class DivNoNan(Binary):
    """z = x / y, and 0 where y is 0"""

    types = {"T": FLOATS + COMPLEX}
    examples = [
        *_FLOAT_EXAMPLES,
        example(array([1.0, 0.0, np.nan], np.float32), array([0.0, 0.0, 0.0], np.float32)),
    ]

    def scalar(x, y):
        return y if y == 0 else x / y

    def numpy(x, y):
        return np.where(y == 0, y, x / y)

    def gradient(op, dz):
        x, y = op.inputs
        dx = div_no_nan(dz, y)
        return sum_to_inputs(x, y, dx, dz * div_no_nan(div_no_nan(negative(x), y), y))


class Xdivy(Binary):
    """x / y, and 0 where x is 0"""

    types = {"T": FLOATS + COMPLEX}
    examples = [*_FLOAT_EXAMPLES, example(array([0.0, 0.0], np.float32), array([0.0, np.nan], np.float32))]

    def scalar(x, y):
        return x if x == 0 else x / y

    def numpy(x, y):
        return np.where(x == 0, x, x / y)

    def gradient(op, dz):
        x, y = op.inputs
        to_x, to_y = summers(x, y)
        along_x = Xdivy.apply(is_not_zero(x), y)
        along_y = Xdivy.apply(negative(x), y**2)
        return [to_x(along_x * dz), to_y(along_y * dz)]


def is_not_zero(x):
    """1 where x is not 0, else 0: in the dtype of x."""
    from minitf.ops.comparison import not_equal

    dtype = x.dtype.base_dtype
    return cast(not_equal(x, cast(0.0, dtype)), dtype)


def _converted(x, y):
    """x and y as tensors of one dtype.  Raises TypeError where they have two."""
    x = convert_to_tensor(x, name="x")
    y = convert_to_tensor(y, dtype=x.dtype.base_dtype if not hasattr(y, "dtype") else None, name="y")
    if x.dtype.base_dtype is not y.dtype.base_dtype:
        raise TypeError(f"x and y must have the same dtype, got {x.dtype!r} != {y.dtype!r}{made_of([x, y])}")
    return x, y


def truediv(x, y, name=None):
    """tf.truediv: x / y as in Python 3: int32 and int64 give float64, smaller integers float32."""
    with name_scope(name, "truediv", [x, y]) as scope:
        x, y = _converted(x, y)
        name = x.dtype.base_dtype.name
        if name not in _TRUE_DIVISION:
            raise TypeError(f"Invalid dtype {name} for division.")
        wide = _TRUE_DIVISION[name]
        if wide is not None:
            x, y = cast(x, wide), cast(y, wide)
        return RealDiv.apply(x, y, name=scope)


def div(x, y, name=None):
    """tf.div: x / y as in Python 2: integers give the integer below."""
    with name_scope(name, "div", [x, y]) as scope:
        x, y = _converted(x, y)
        dtype = x.dtype.base_dtype
        return (RealDiv if dtype.is_floating or dtype.is_complex else FloorDiv).apply(x, y, name=scope)


def divide(x, y, name=None):
    """tf.divide: x / y by Python's operator."""
    if name is not None:
        return truediv(x, y, name=name)
    x = (
        x
        if hasattr(x, "dtype")
        else convert_to_tensor(x, dtype=y.dtype.base_dtype if hasattr(y, "graph") else None)
    )
    return x / y


def realdiv(x, y, name=None):
    """tf.realdiv: x / y of floating point numbers."""
    return RealDiv.apply(x, y, name=name)


def floordiv(x, y, name=None):
    """tf.floordiv: x / y rounded down, as Python's `//`."""
    with name_scope(name, "floordiv", [x, y]) as scope:
        return FloorDiv.apply(x, y, name=scope)


def floor_div(x, y, name=None):
    """tf.floor_div: x / y rounded down."""
    return FloorDiv.apply(x, y, name=name)


def floormod(x, y, name=None):
    """tf.floormod, tf.mod: the remainder of `floor_div`, with the sign of y.

    A run raises InvalidArgumentError where an integer y is 0.
    """
    return FloorMod.apply(x, y, name=name)


mod = floormod


def truncatediv(x, y, name=None):
    """tf.truncatediv: x / y rounded towards 0."""
    return TruncateDiv.apply(x, y, name=name)


def truncatemod(x, y, name=None):
    """tf.truncatemod: the remainder of `truncatediv`, with the sign of x."""
    return TruncateMod.apply(x, y, name=name)


def div_no_nan(x, y, name=None):
    """tf.div_no_nan: x / y, and 0 where y is 0."""
    with name_scope(name, "div_no_nan", [x, y]) as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y", dtype=x.dtype.base_dtype)
        return DivNoNan.apply(x, y, name=scope)


divide_no_nan = div_no_nan


def xdivy(x, y, name=None):
    """tf.math.xdivy: x / y, and 0 where x is 0."""
    with name_scope(name, "xdivy", [x]):
        return Xdivy.apply(x, y)
