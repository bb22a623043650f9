"""Pooling by a factor that is no whole number: windows of two sizes in a random order.

Source: Graham, "Fractional max-pooling", arXiv:1412.6071 (2014).
"""

import math
import secrets

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.array import shape_of
from minitf.ops.examples import array, example, normal
from minitf.ops.op import Op
from minitf.ops.random_words import seeded

_TYPES = ("float32", "float64", "int32", "int64")
_HALVES = {"pooling_ratio": [1.0, 1.4, 1.7, 1.0], "deterministic": True, "seed": 3, "seed2": 5}


class _FractionalPool(Op, abstract=True):
    """Windows of x (batch, rows, columns, channels) folded, and where windows begin along rows and columns.

    `pooling_ratio` (1, rows, columns, 1) is how many times fewer there are.  With `overlapping`, neighbouring windows
    share a line.  With `deterministic`, windows stand where the seeds say, else elsewhere in every run.
    """

    inputs = {"value": "T"}
    types = {"T": _TYPES}
    attrs = {"pseudo_random": False, "overlapping": False, "deterministic": False, "seed": 0, "seed2": 0}
    stateful = True
    examples = [
        example(normal(2, 7, 9, 2), **_HALVES),
        example(normal(1, 6, 8, 1), **_HALVES, pseudo_random=True, overlapping=True),
    ]

    def infer(op, value):
        sizes, ratio = value.shape.with_rank(4).sizes, op.attrs["pooling_ratio"]
        if len(ratio) != 4 or min(ratio) < 1:
            raise ValueError(f"pooling_ratio must be four numbers of at least 1, but it is {ratio}")
        if ratio[0] != 1 or ratio[3] != 1:
            raise ValueError("Fractional pooling is not yet supported on the batch and channel dimensions.")
        new = [None if n is None else math.floor(n / r) for n, r in zip(sizes, ratio, strict=True)]
        borders = [(TensorShape([None if n is None else n + 1]), dtypes.int64) for n in new[1:3]]
        return [(TensorShape(new), value.dtype), *borders]

    def numpy(op, value):
        words, (_, down, across, _) = _words(op), op.attrs["pooling_ratio"]
        rows, used = _borders(op.attrs, words, value.shape[1], down)
        words.skip_to(used)
        columns, _ = _borders(op.attrs, words, value.shape[2], across)
        pooled = np.empty((len(value), len(rows) - 1, len(columns) - 1, value.shape[3]), value.dtype)
        for i, j, window in _windows(value, rows, columns, op.attrs["overlapping"]):
            pooled[:, i, j] = op.definition.fold(window)
        return pooled, rows, columns


class FractionalMaxPool(_FractionalPool):
    """The largest number of each window."""

    def fold(window):
        return window.max((1, 2))

    def gradient(op, dy, *_):
        pooled, rows, columns = op.outputs
        return [FractionalMaxPoolGrad.apply(op.inputs[0], pooled, dy, rows, columns,
                                            overlapping=op.attrs["overlapping"])]  # fmt: skip


class FractionalAvgPool(_FractionalPool):
    """The mean of each window."""

    def fold(window):
        mean = window.sum((1, 2)) / (window.shape[1] * window.shape[2])
        return mean if window.dtype.kind == "f" else np.trunc(mean)

    def gradient(op, dy, *_):
        _, rows, columns = op.outputs
        x = op.inputs[0]
        known = x.shape.is_fully_defined()
        shape = np.array(x.shape.sizes, np.int64) if known else shape_of(x, out_type=dtypes.int64)
        return [FractionalAvgPoolGrad.apply(shape, dy, rows, columns, overlapping=op.attrs["overlapping"])]


class FractionalMaxPoolGrad(Op):
    """The gradient of each window to its largest number, the first of equal ones."""

    inputs = {"orig_input": "T", "orig_output": "T", "out_backprop": "T", "row_pooling_sequence": "int64",
              "col_pooling_sequence": "int64"}  # fmt: skip
    types = {"T": _TYPES}
    attrs = {"overlapping": False}
    gradient = None
    examples = [
        example(array(np.arange(8.0).reshape(1, 2, 4, 1)), array([[[[5.0], [7.0]]]]), array(np.ones((1, 1, 2, 1))),
                array([0, 2], np.int64), array([0, 2, 4], np.int64))
    ]  # fmt: skip

    def infer(op, orig_input, *_):
        return [(orig_input.shape, orig_input.dtype)]

    def numpy(op, x, y, dy, rows, columns):
        dx = np.zeros_like(x)
        batch, channels = np.ogrid[: x.shape[0], : x.shape[3]]
        for i, j, window in _windows(x, rows, columns, op.attrs["overlapping"]):
            height, width = window.shape[1:3]
            place = window.reshape(len(x), height * width, -1).argmax(1)
            at = batch, rows[i] + place // width, columns[j] + place % width, channels
            np.add.at(dx, at, dy[:, i, j])
        return dx


class FractionalAvgPoolGrad(Op):
    """The gradient of each window, in equal parts to its numbers."""

    inputs = {"orig_input_tensor_shape": "int64", "out_backprop": "T", "row_pooling_sequence": "int64",
              "col_pooling_sequence": "int64"}  # fmt: skip
    types = {"T": _TYPES}
    attrs = {"overlapping": False}
    static = (0,)
    gradient = None
    examples = [example(array([1, 2, 4, 1], np.int64), normal(1, 1, 2, 1), array([0, 2], np.int64),
                        array([0, 2, 4], np.int64))]  # fmt: skip

    def infer(op, shape, dy, *_):
        return [(TensorShape([None] * 4 if shape.value is None else [int(n) for n in shape.value]), dy.dtype)]

    def numpy(op, shape, dy, rows, columns):
        dx = np.zeros(shape, dy.dtype)
        for i, j, window in _windows(dx, rows, columns, op.attrs["overlapping"]):
            part = dy[:, i : i + 1, j : j + 1] / (window.shape[1] * window.shape[2])
            window += part if dy.dtype.kind == "f" else np.trunc(part).astype(dy.dtype)
        return dx


def _words(op):
    given = op.attrs["seed"], op.attrs["seed2"]
    if not op.attrs["deterministic"] and given != (0, 0):
        raise errors.InvalidArgumentError(None, op, "Both seed and seed2 should be 0 if deterministic is false.")
    return seeded(*given) if given != (0, 0) else seeded(secrets.randbits(63), secrets.randbits(63))


def _borders(attrs, words, size, ratio):
    """Where windows begin, and the end of the last one: int64 (windows + 1,); how many blocks of words are spent."""
    count = math.floor(size / ratio)
    if size % count == 0:
        widths = np.full(count, size // count)
    else:
        widths = (_nearly_regular if attrs["pseudo_random"] else _shuffled)(words, size, count)
    return np.concatenate([[0], np.cumsum(widths)]), 1 if attrs["pseudo_random"] else (count + 3) // 4


def _nearly_regular(words, size, count):
    """ceil(alpha * (i + u)) for one random u, so small that the first and the last window have a usual width."""
    alpha, narrow = size / count, size // count
    most = min((narrow + 2) / alpha - 1, (size + 1 - narrow) / alpha - (count - 1))
    u = words.unit64() * most
    return np.diff([1, *(math.ceil(alpha * (i + u)) for i in range(1, count)), size + 1])


def _shuffled(words, size, count):
    """As many windows of the larger width as needed, in any order."""
    widths = np.full(count, size // count)
    widths[: size % count] += 1
    for i in range(count - 1):
        j = i + words.word() % (count - i)
        widths[[i, j]] = widths[[j, i]]
    return widths


def _windows(x, rows, columns, overlapping):
    """(i, j, view of x) of all windows."""
    for i in range(len(rows) - 1):
        for j in range(len(columns) - 1):
            yield i, j, x[:, rows[i] : rows[i + 1] + overlapping, columns[j] : columns[j + 1] + overlapping]


def fractional_max_pool(value, pooling_ratio, pseudo_random=False, overlapping=False, deterministic=False, seed=0,
                        seed2=0, name=None):  # fmt: skip
    """tf.nn.fractional_max_pool: (pooled, where windows begin along rows, along columns).

    value: (batch, rows, columns, channels); pooling_ratio: (1, rows, columns, 1), each at least 1.  `pseudo_random`
    spreads the two sizes of windows evenly, `overlapping` gives neighbours a line in common, `deterministic` takes the
    seeds.  Raises ValueError for other ratios, InvalidArgumentError in a run for seeds without `deterministic`.
    """
    return tuple(FractionalMaxPool.apply(
        value, pooling_ratio=pooling_ratio, pseudo_random=pseudo_random, overlapping=overlapping,
        deterministic=deterministic, seed=seed, seed2=seed2, name=name,
    ))  # fmt: skip


def fractional_avg_pool(value, pooling_ratio, pseudo_random=False, overlapping=False, deterministic=False, seed=0,
                        seed2=0, name=None):  # fmt: skip
    """tf.nn.fractional_avg_pool: the same with means; arguments as for `fractional_max_pool`."""
    return tuple(FractionalAvgPool.apply(
        value, pooling_ratio=pooling_ratio, pseudo_random=pseudo_random, overlapping=overlapping,
        deterministic=deterministic, seed=seed, seed2=seed2, name=name,
    ))  # fmt: skip
