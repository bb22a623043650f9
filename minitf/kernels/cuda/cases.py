"""How kernels are tried: examples of launches, with arguments made afresh each time.

    scale.example(2, 64, float32(3), normal(100), empty(100))

is a launch of two blocks of 64 threads.
"""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Argument:
    """A recipe of one argument: `make(generator)` gives the array."""

    make: object
    label: str

    def __repr__(self):
        return self.label


def normal(*shape, dtype="float32"):
    """Normally distributed numbers; whole numbers between -9 and 9 for an integer dtype."""
    kind = np.dtype(dtype)

    def make(generator):
        if kind.kind == "f":
            return np.asarray(generator.standard_normal(shape), kind).reshape(shape)
        return generator.integers(-9 if kind.kind == "i" else 0, 10, shape).astype(kind)

    return Argument(make, f"{dtype}{list(shape)}")


def positive(*shape, dtype="float32"):
    """Numbers between 1/2 and 2."""
    return Argument(lambda g: np.asarray(g.uniform(0.5, 2, shape), dtype).reshape(shape), f"{dtype}{list(shape)}")


def integers(low, high, *shape, dtype="int32"):
    """Whole numbers, low <= n < high."""
    return Argument(lambda g: g.integers(low, high, shape).astype(dtype), f"{dtype}{list(shape)}")


def empty(*shape, dtype="float32"):
    """An array to be written, full of what must not stay: NaN, or the largest number."""
    kind = np.dtype(dtype)
    rest = np.nan if kind.kind in "fc" else True if kind.kind == "b" else np.iinfo(kind).max
    return Argument(lambda g: np.full(shape, rest, kind), f"{dtype}{list(shape)}")


def zeros(*shape, dtype="float32"):
    """An array to be added to."""
    return Argument(lambda g: np.zeros(shape, dtype), f"{dtype}{list(shape)}")


def exactly(values, dtype):
    """This array."""
    return Argument(lambda g: np.array(values, dtype), f"{dtype}{list(np.shape(values))}")


@dataclasses.dataclass(frozen=True)
class Case:
    """One launch to try: `grid` and `block` in x, y, z, and recipes of arguments."""

    grid: tuple
    block: tuple
    arguments: tuple

    def __init__(self, grid, block, arguments):
        object.__setattr__(self, "grid", _three(grid))
        object.__setattr__(self, "block", _three(block))
        object.__setattr__(self, "arguments", tuple(arguments))

    def make(self, seed=0):
        """Fresh arguments: arrays, and NumPy scalars."""
        generator = np.random.default_rng(seed)
        return [a.make(generator) if isinstance(a, Argument) else a for a in self.arguments]


def _three(sizes):
    sizes = tuple(sizes) if isinstance(sizes, (tuple, list)) else (sizes,)
    return (*sizes, 1, 1)[:3]
