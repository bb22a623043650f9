"""Counts of values."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import control_dependencies, name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.array import identity, ones_like, reshape, shape_of, size
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, example, normal, unit
from minitf.ops.op import INDICES, Op
from minitf.ops.reductions import reduce_max


class HistogramFixedWidth(Op):
    """How many values fall into each of `nbins` bins of one width; those outside count in the outer bins."""

    default_name = "histogram_fixed_width"
    inputs = {"values": "T", "value_range": "T", "nbins": "int32"}
    types = {"T": ("int32", "int64", "float32", "float64"), "dtype": INDICES}
    attrs = {"dtype": dtypes.int32}
    static = (2,)
    examples = [example(normal(7), array([-1.0, 1.0], np.float32), array(5), dtypes=["float32"])]
    gradient = None

    def infer(op, values, value_range, nbins):
        value_range.shape.merge_with([2])
        return [(TensorShape([None if nbins.value is None else int(nbins.value)]), op.attrs["dtype"])]

    def numpy(op, values, value_range, nbins):
        if nbins <= 0:
            raise ValueError(f"nbins should be a positive number, but got '{int(nbins)}'")
        if value_range[0] >= value_range[1]:
            raise ValueError(f"value_range should satisfy value_range[0] < value_range[1], not {value_range}")
        return np.bincount(_bins(values.reshape(-1), value_range, int(nbins)), minlength=int(nbins))


def _bins(values, value_range, nbins):
    low, high = (float(v) for v in value_range)
    with np.errstate(all="ignore"):
        places = np.floor((values - low) * (nbins / (high - low)))
        return np.clip(np.nan_to_num(places, nan=0), 0, nbins - 1).astype(np.int64)


def histogram_fixed_width(values, value_range, nbins=100, dtype=dtypes.int32, name=None):
    """tf.histogram_fixed_width: how many `values` fall into each of `nbins` bins within `value_range`, [low, high].

    Values below the range count in the first bin, those above in the last.
    """
    with name_scope(name, "histogram_fixed_width", [values, value_range, nbins]) as scope:
        return HistogramFixedWidth.apply(values, value_range, nbins, dtype=dtypes.as_dtype(dtype), name=scope)


def histogram_fixed_width_bins(values, value_range, nbins=100, dtype=dtypes.int32, name=None):
    """tf.histogram_fixed_width_bins: the bin that each value falls into; see `histogram_fixed_width`."""
    from minitf.ops.casting import cast
    from minitf.ops.clipping import clip_by_value
    from minitf.ops.division import truediv
    from minitf.ops.rounding import floor

    with name_scope(name, "histogram_fixed_width_bins", [values, value_range, nbins]):
        values = convert_to_tensor(values, name="values")
        shape = shape_of(values)
        values = reshape(values, [-1])
        value_range = convert_to_tensor(value_range, name="value_range")
        nbins = convert_to_tensor(nbins, dtype=dtypes.int32, name="nbins")
        count = cast(nbins, values.dtype)
        scaled = truediv(values - value_range[0], value_range[1] - value_range[0], name="scaled_values")
        places = clip_by_value(floor(count * scaled, name="indices"), 0, count - 1)
        return reshape(cast(places, dtype), shape)


class Bincount(Op):
    """out[v] = how many elements of arr are v, or the sum of their weights; v < `size`."""

    default_name = "Bincount"
    inputs = {"arr": "int32", "size": "int32", "weights": "T"}
    types = {"T": ("int32", "int64", "float32", "float64")}
    static = (1,)
    examples = [
        example(array([1, 3, 1, 9]), array(4), unit(4)),
        example(array([1, 3, 1, 9]), array(4), array([], np.float32)),
    ]
    gradient = None

    def infer(op, arr, size, weights):
        return [(TensorShape([None if size.value is None else int(size.value)]), weights.dtype)]

    def numpy(op, arr, size, weights):
        if size < 0:
            raise ValueError(f"size ({int(size)}) must be non-negative")
        if (arr < 0).any():
            raise ValueError(f"Input arr must be non-negative, got {int(arr.min())}")
        weights = weights.reshape(-1) if weights.size else np.ones(arr.size, weights.dtype)
        out, arr = np.zeros(int(size), weights.dtype), arr.reshape(-1)
        np.add.at(out, arr[arr < size], weights[arr < size])
        return out


def bincount(arr, weights=None, minlength=None, maxlength=None, dtype=dtypes.int32):
    """tf.bincount: how often each value 0, 1, 2 ... occurs in `arr` (whole numbers), as a vector.

    `weights`, in the shape of arr, are summed instead of ones.  The vector is as long as the largest value
    plus 1, at least `minlength`, at most `maxlength`.  Raises InvalidArgumentError for negative values.
    """
    from minitf.ops.arithmetic import maximum, minimum
    from minitf.ops.casting import cast
    from minitf.ops.comparison import greater

    with name_scope(None, "bincount"):
        arr = convert_to_tensor(arr, name="arr", dtype=dtypes.int32)
        length = cast(greater(size(arr), 0), dtypes.int32) * (reduce_max(arr) + 1)
        if minlength is not None:
            length = maximum(convert_to_tensor(minlength, dtype=dtypes.int32, name="minlength"), length)
        if maxlength is not None:
            length = minimum(convert_to_tensor(maxlength, dtype=dtypes.int32, name="maxlength"), length)
        if weights is None:
            return Bincount.apply(arr, length, constant([], dtypes.as_dtype(dtype)))
        return Bincount.apply(arr, length, convert_to_tensor(weights, name="weights"))


def confusion_matrix(labels, predictions, num_classes=None, dtype=dtypes.int32, name=None, weights=None):
    """tf.confusion_matrix: entry [i, j] counts the samples of class i that were predicted as class j.

    `labels` and `predictions` are vectors of class numbers below `num_classes` (by default the largest
    of them plus 1); `weights` weigh the samples.  Raises ValueError or InvalidArgumentError for others.
    """
    from minitf.ops.arithmetic import maximum
    from minitf.ops.casting import cast
    from minitf.ops.checking import assert_less, assert_non_negative
    from minitf.ops.joining import stack
    from minitf.ops.scattering import scatter_nd

    with name_scope(name, "confusion_matrix", (predictions, labels, num_classes, weights)):
        labels, predictions = _of_one_rank(convert_to_tensor(labels), convert_to_tensor(predictions))
        predictions, labels = cast(predictions, dtypes.int64), cast(labels, dtypes.int64)
        labels = _checked(assert_non_negative, labels, message="`labels` contains negative values")
        predictions = _checked(assert_non_negative, predictions, message="`predictions` contains negative values")
        if num_classes is None:
            num_classes = maximum(reduce_max(predictions), reduce_max(labels)) + 1
        else:
            bound = cast(num_classes, dtypes.int64)
            labels = _checked(assert_less, labels, bound, message="`labels` out of bound")
            predictions = _checked(assert_less, predictions, bound, message="`predictions` out of bound")
        if weights is not None:
            weights = convert_to_tensor(weights)
            predictions.shape.assert_is_compatible_with(weights.shape)
            weights = cast(weights, dtype)
        shape = stack([num_classes, num_classes])
        places = stack([labels, predictions], axis=1)
        values = ones_like(predictions, dtype) if weights is None else weights
        return scatter_nd(places, values, cast(shape, dtypes.int64))


def _checked(check, tensor, *bound, message):
    with control_dependencies([check(tensor, *bound, message=message)]):
        return identity(tensor)


def _of_one_rank(labels, predictions):
    """Without a last axis of size 1 that only one of them has."""
    from minitf.ops.array import squeeze

    ranks = labels.shape.ndims, predictions.shape.ndims
    if None not in ranks:
        if ranks[1] == ranks[0] + 1 and predictions.shape.sizes[-1] in (1, None):
            predictions = squeeze(predictions, [-1])
        elif ranks[0] == ranks[1] + 1 and labels.shape.sizes[-1] in (1, None):
            labels = squeeze(labels, [-1])
    labels.shape.assert_is_compatible_with(predictions.shape)
    return labels, predictions
