"""Sums, differences, products, the larger and the smaller, sizes and signs."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.sparse import IndexedSlices
from minitf.kernels import scalar_math
from minitf.ops.array import zeros_like
from minitf.ops.broadcasting import same_known_shape, sum_to_inputs
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.elementwise import Elementwise
from minitf.ops.examples import array, distinct, example, normal, positive
from minitf.ops.numeric import Binary, Unary, maps_sparse
from minitf.ops.op import COMPLEX, FLOATS, NUMBERS, REALS

_SIGNED = (*FLOATS, "int8", "int16", "int32", "int64")


class AddV2(Binary):
    """z = x + y"""

    def scalar(x, y):
        return x + y

    def numpy(x, y):
        return x + y

    def gradient(op, dz):
        return _summed(op, dz, dz)


class Add(Elementwise):
    """z = x + y, also of strings: one after the other."""

    inputs = {"x": "T", "y": "T"}
    types = {"T": (*NUMBERS, "string")}
    examples = [
        example(array([b"a", b"bc"], object), array([b"d"], object)),
        example(normal(2, 3), normal(3)),
    ]

    def scalar(x, y):
        return x + y

    def numpy(x, y):
        return x + y

    def gradient(op, dz):
        return _summed(op, dz, dz)


def _summed(op, dx, dy):
    """The gradients of x and y summed to their shapes; as they are where both have one known shape."""
    return [dx, dy] if same_known_shape(*op.inputs) else sum_to_inputs(*op.inputs, dx, dy)


class Sub(Binary):
    """z = x - y"""

    def scalar(x, y):
        return x - y

    def numpy(x, y):
        return x - y

    def gradient(op, dz):
        return _summed(op, dz, negative(dz))


class Mul(Binary):
    """z = x y"""

    def scalar(x, y):
        return x * y

    def numpy(x, y):
        return x * y

    def gradient(op, dz):
        from minitf.ops.complex_numbers import conj

        x, y = op.inputs
        if same_known_shape(x, y, dz) and dz.dtype in (dtypes.float32, dtypes.int32):
            return [multiply(dz, y), multiply(dz, x)]
        dx = multiply(dz, conj(y))
        return sum_to_inputs(x, y, dx, multiply(conj(x), dz))


class MulNoNan(Binary):
    """z = x y, and 0 where y is 0, be x NaN or infinite."""

    types = {"T": FLOATS + COMPLEX}

    def scalar(x, y):
        return y * y if y == 0 else x * y

    def numpy(x, y):
        return np.where(y == 0, y * y, x * y)

    def gradient(op, dz):
        x, y = op.inputs
        return sum_to_inputs(x, y, multiply_no_nan(dz, y), multiply_no_nan(x, dz))


def _conjugates(tensors):
    """The complex conjugates, which the gradients of complex functions are made of."""
    from minitf.ops.complex_numbers import conj

    return [conj(t) for t in tensors]


class Neg(Unary):
    """y = -x"""

    types = {"T": (*_SIGNED, *COMPLEX)}

    def scalar(x):
        return -x

    def numpy(x):
        return -x

    def gradient(op, dy):
        return [negative(dy)]


class Abs(Unary):
    """y = |x|"""

    types = {"T": _SIGNED}

    def scalar(x):
        return np.abs(x)

    def numpy(x):
        return np.abs(x)

    def gradient(op, dy):
        return [dy * sign(op.inputs[0])]


class Sign(Unary):
    """-1, 0 or 1; of a complex number the point of the unit circle in its direction."""

    types = {"T": (*_SIGNED, *COMPLEX)}
    examples = [example(normal(3, 4)), example(array([-2.0, 0.0, 3.0, np.nan], np.float32))]

    def scalar(x):
        return scalar_math.sign(x)

    def numpy(x):
        if x.dtype.kind == "c":
            return np.where(x == 0, 0, x / np.abs(x))
        return np.sign(x)

    def gradient(op, dy):
        return [zeros_like(op.inputs[0])]


class Square(Unary):
    """y = x^2"""

    types = {"T": NUMBERS}

    def scalar(x):
        return x * x

    def numpy(x):
        return x * x

    def gradient(op, dy):
        (x,) = _conjugates(op.inputs)
        return [multiply(dy, multiply(x, constant(2.0, x.dtype.base_dtype)))]


class SquaredDifference(Binary):
    """z = (x - y)^2, of complex numbers times the conjugate"""

    def scalar(x, y):
        return (x - y) * (x - y).conjugate()

    def numpy(x, y):
        return (x - y) * np.conj(x - y)

    def gradient(op, dz):
        x, y = op.inputs
        dx = scalar_mul(2.0, dz) * (x - y)
        return _summed(op, dx, -dx)


class Maximum(Binary):
    """The larger of x and y; NaN where one is."""

    types = {"T": REALS}
    examples = [example(distinct(3, 4), normal(4)), example(normal(), normal(3))]

    def scalar(x, y):
        return x if x > y or x != x else y

    def numpy(x, y):
        return np.maximum(x, y)

    def gradient(op, dz):
        from minitf.ops.comparison import greater_equal

        return _gradient_to_winner(op, dz, greater_equal)


class Minimum(Binary):
    """The smaller of x and y; NaN where one is."""

    types = {"T": REALS}
    examples = [example(distinct(3, 4), normal(4)), example(normal(), normal(3))]

    def scalar(x, y):
        return x if x < y or x != x else y

    def numpy(x, y):
        return np.minimum(x, y)

    def gradient(op, dz):
        from minitf.ops.comparison import less_equal

        return _gradient_to_winner(op, dz, less_equal)


def _gradient_to_winner(op, dz, wins):
    """The gradient of maximum and minimum: all of it to x where `wins(x, y)`, else to y."""
    from minitf.ops.selection import where_v2

    x, y = op.inputs
    nothing = zeros_like(dz)
    first = wins(x, y)
    return sum_to_inputs(x, y, where_v2(first, dz, nothing), where_v2(first, nothing, dz))


class NextAfter(Binary):
    """The floating point number next to x1 in the direction of x2."""

    inputs = {"x1": "T", "x2": "T"}
    types = {"T": ("float64", "float32")}
    examples = [example(normal(3, 4), positive(3, 4), gradient=False)]
    cpu = None

    def numpy(x1, x2):
        return np.nextafter(x1, x2)

    def gradient(op, dz):
        return sum_to_inputs(*op.inputs, dz, zeros_like(dz))


def add(x, y, name=None):
    """tf.add: x + y, element by element, with broadcasting; strings are joined."""
    with name_scope(name, "Add", [x, y]) as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, preferred_dtype=x.dtype.base_dtype, name="y")
        return (Add if x.dtype.base_dtype is dtypes.string else AddV2).apply(x, y, name=scope)


def subtract(x, y, name=None):
    """tf.subtract: x - y."""
    return Sub.apply(x, y, name=name)


def multiply(x, y, name=None):
    """tf.multiply: x * y, element by element."""
    return Mul.apply(x, y, name=name)


def multiply_no_nan(x, y, name=None):
    """tf.math.multiply_no_nan: x * y, and 0 where y is 0 even if x is NaN or infinite."""
    with name_scope(name, "multiply_no_nan", [x, y]) as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, dtype=x.dtype.base_dtype, name="y")
        return MulNoNan.apply(x, y, name=scope)


def scalar_mul(scalar, x, name=None):
    """tf.scalar_mul: a number (Python or tensor of rank 0) times a tensor or IndexedSlices.

    Raises ValueError where `scalar` has another rank.
    """
    like = x.dtype.base_dtype if hasattr(x, "dtype") else None
    scalar = convert_to_tensor(scalar, dtype=like, name="scalar")
    if scalar.shape.ndims not in (0, None):
        raise ValueError(f"The input scalar must be a 0-D value. Received shape {scalar.shape}.")
    if isinstance(x, IndexedSlices):
        return IndexedSlices(multiply(scalar, x.values, name), x.indices, x.dense_shape)
    return multiply(scalar, x, name)


@maps_sparse
def negative(x, name=None):
    """tf.negative: -x."""
    return Neg.apply(x, name=name)


@maps_sparse
def abs(x, name=None):
    """tf.abs: |x|; of complex numbers the distance from 0, a real tensor."""
    from minitf.ops.complex_numbers import ComplexAbs

    with name_scope(name, "Abs", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            return ComplexAbs.apply(x, Tout=x.dtype.base_dtype.real_dtype, name=scope)
        return Abs.apply(x, name=scope)


@maps_sparse
def sign(x, name=None):
    """tf.sign: -1, 0 or 1 (NaN of NaN); of complex x: x / |x|, or 0."""
    return Sign.apply(convert_to_tensor(x), name=name)


@maps_sparse
def square(x, name=None):
    """tf.square: x * x."""
    return Square.apply(x, name=name)


def squared_difference(x, y, name=None):
    """tf.squared_difference: (x - y)(x - y)."""
    return SquaredDifference.apply(x, y, name=name)


def maximum(x, y, name=None):
    """tf.maximum: the larger of x and y, element by element."""
    return Maximum.apply(x, y, name=name)


def minimum(x, y, name=None):
    """tf.minimum: the smaller of x and y, element by element."""
    return Minimum.apply(x, y, name=name)


def nextafter(x1, x2, name=None):
    """tf.math.nextafter: the next floating point number after x1, towards x2."""
    return NextAfter.apply(x1, x2, name=name)
