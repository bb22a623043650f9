"""Distinct values, and the inverse of a permutation."""

import collections

import numpy as np

from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.kernels.hashing import count_distinct, distinct_launches
from minitf.ops.examples import array, example
from minitf.ops.op import INDICES, Op

_UniqueResult = collections.namedtuple("Unique", ["y", "idx"])
_UniqueCounts = collections.namedtuple("UniqueWithCounts", ["y", "idx", "count"])
_ListDiff = collections.namedtuple("ListDiff", ["out", "idx"])


class InvertPermutation(Op):
    """y[x[i]] = i"""

    inputs = {"x": "T"}
    types = {"T": INDICES}
    examples = [example(array([2, 0, 1]))]

    def infer(op, x):
        return [(x.shape.with_rank(1), x.dtype)]

    def numpy(op, x):
        if not np.array_equal(np.sort(x), np.arange(x.size)):
            raise ValueError(f"{x.tolist()} is not a permutation of 0 ... {x.size - 1}")
        inverse = np.empty_like(x)
        inverse[x] = np.arange(x.size)
        return inverse

    gradient = None


def invert_permutation(x, name=None):
    """tf.invert_permutation: where each number 0 ... n - 1 stands in `x`, a permutation of them.

    Raises InvalidArgumentError at run time where `x` is none.
    """
    return InvertPermutation.apply(x, name=name)


class Unique(Op):
    """The distinct elements of a vector in order of appearance, and for each element its place among them."""

    inputs = {"x": "T"}
    types = {"T": (), "out_idx": INDICES}
    attrs = {"out_idx": dtypes.int32}
    foldable = False
    examples = [
        example(array([3, 1, 3, 2, 1])),
        example(array([], np.int32)),
        example(array([-(2**40), 7, 2**40, 7, 0, -(2**40)], np.int64)),
        example(array([0.5, np.nan, 0.5], np.float32)),
    ]

    def infer(op, x):
        x.shape.with_rank(1)
        return [(TensorShape([None]), x.dtype), (x.shape, op.attrs["out_idx"])]

    def measure(op, x):
        whole = x.dtype.kind in "iu"  # NaNs and strings are left to NumPy
        return [(count_distinct(x, op.attrs["out_idx"].as_numpy_dtype),), x.shape] if whole else None

    def cpu(op, x, values, places):
        return distinct_launches(x, values, places)

    def numpy(op, x):
        values, places, _ = distinct_values(x)
        return [values, places]

    gradient = None


class UniqueWithCounts(Unique):
    """`Unique`, and how often each distinct element occurs."""

    cpu = measure = None

    def infer(op, x):
        return [*Unique.infer(op, x), (TensorShape([None]), op.attrs["out_idx"])]

    def numpy(op, x):
        return list(distinct_values(x))


def distinct_values(x):
    """(distinct elements in order of appearance, the place of each element among them, their counts)."""
    if x.dtype == object:
        seen = {}
        places = np.array([seen.setdefault(v, len(seen)) for v in x.tolist()], np.int64)
        values = np.array([*seen, None], object)[:-1]
    else:
        ordered, first, inverse = np.unique(x, return_index=True, return_inverse=True)
        rank = np.empty(first.size, np.int64)
        rank[np.argsort(first)] = np.arange(first.size)
        values, places = ordered[np.argsort(first)], rank[inverse.reshape(-1)]
    return values, places, np.bincount(places, minlength=values.size)


def unique(x, out_idx=dtypes.int32, name=None):
    """tf.unique: (y, idx), the distinct elements of the vector `x` and x[i] == y[idx[i]]."""
    return _UniqueResult(*Unique.apply(x, out_idx=dtypes.as_dtype(out_idx), name=name))


def unique_with_counts(x, out_idx=dtypes.int32, name=None):
    """tf.unique_with_counts: (y, idx, count); see `unique`."""
    return _UniqueCounts(*UniqueWithCounts.apply(x, out_idx=dtypes.as_dtype(out_idx), name=name))


class ListDiff(Op):
    """The elements of x that are not in y, and their places in x."""

    inputs = {"x": "T", "y": "T"}
    types = {"T": (), "out_idx": INDICES}
    attrs = {"out_idx": dtypes.int32}
    examples = [example(array([1, 2, 3, 4, 5, 6]), array([1, 3, 5]))]

    def infer(op, x, y):
        x.shape.with_rank(1)
        y.shape.with_rank(1)
        if x.value is not None and y.value is not None:
            size = int((~_members(x.value, y.value)).sum())
            return [(TensorShape([size]), x.dtype), (TensorShape([size]), op.attrs["out_idx"])]
        return [(TensorShape([None]), x.dtype), (TensorShape([None]), op.attrs["out_idx"])]

    def numpy(op, x, y):
        places = np.flatnonzero(~_members(x, y))
        return [x[places], places]

    gradient = None


def _members(x, y):
    wanted = set(y.tolist())
    return np.array([v in wanted for v in x.tolist()], bool)


def setdiff1d(x, y, index_dtype=dtypes.int32, name=None):
    """tf.setdiff1d: (out, idx), the elements of the vector `x` that are not in `y`, and their places."""
    return _ListDiff(*ListDiff.apply(x, y, out_idx=dtypes.as_dtype(index_dtype), name=name))


def listdiff(x, y, out_idx=None, name=None):
    """tf.listdiff: an old name of `setdiff1d`."""
    return setdiff1d(x, y, dtypes.int32 if out_idx is None else out_idx, name)
