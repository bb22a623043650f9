"""Small inputs on which the tests try every op: `examples = [example(normal(3, 4), axis=1)]`."""

import numpy as np


class Argument:
    """A recipe for one array: `make(dtype, generator)` follows it.

    `typed` recipes take the dtype under test; others (indices, axes) keep their own.
    """

    def __init__(self, shape, draw, typed=True):
        self.shape, self._draw, self.typed = shape, draw, typed

    def make(self, dtype, generator):
        value = np.asarray(self._draw(generator))
        if not self.typed:
            return value
        if np.issubdtype(dtype, np.complexfloating):
            value = value + 1j * np.asarray(self._draw(generator))
        elif np.issubdtype(dtype, np.unsignedinteger):
            value = np.abs(value * 4)
        elif np.issubdtype(dtype, np.integer):
            value = np.where(np.abs(value) < 1, np.sign(value), value) * 2
        return np.array(value).astype(dtype)


def normal(*shape):
    return Argument(shape, lambda g: g.standard_normal(shape))


def positive(*shape):
    """Numbers between 0.5 and 2.5: safe under a logarithm, a root and a division."""
    return Argument(shape, lambda g: g.uniform(0.5, 2.5, shape))


def unit(*shape):
    """Numbers between -0.9 and 0.9: safe under arcsin and artanh."""
    return Argument(shape, lambda g: g.uniform(-0.9, 0.9, shape))


def distinct(*shape):
    """Different numbers at least 0.1 apart, shuffled: where ties would blur a maximum's gradient."""
    size = int(np.prod(shape))
    return Argument(shape, lambda g: g.permutation(np.arange(size) * 0.1 - size * 0.05 + 0.03).reshape(shape))


def integers(low, high, *shape, dtype=np.int32):
    return Argument(shape, lambda g: g.integers(low, high, shape, dtype=dtype), typed=False)


def booleans(*shape):
    return Argument(shape, lambda g: g.integers(0, 2, shape).astype(bool), typed=False)


def array(value, dtype=None):
    """Exactly these values; whole numbers become int32 unless `dtype` says otherwise."""
    made = np.asarray(value, dtype)
    if dtype is None and made.dtype == np.int64:
        made = made.astype(np.int32)
    return Argument(made.shape, lambda g: made, typed=False)


class Example:
    """Arguments (an Argument, or a list of them for a list input) and attributes of one use of an op."""

    def __init__(self, arguments, attrs, gradient, dtypes):
        self.arguments, self.attrs, self.gradient, self.dtypes = arguments, attrs, gradient, dtypes


def example(*arguments, gradient=True, dtypes=None, **attrs):
    """`gradient=False` where finite differences make no sense; `dtypes` narrows the types to try."""
    return Example(arguments, attrs, gradient, dtypes)
