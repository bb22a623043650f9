"""Where numbers belong in sorted sequences."""

import numpy as np

from minitf.graph import dtypes
from minitf.kernels.searching import search_launch
from minitf.ops.array import reshape, shape_of
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example
from minitf.ops.op import REALS, Op

_EXAMPLE = example(array([[0, 3, 3, 9], [1, 2, 5, 5]]), array([[3, 10, -1], [5, 4, 1]]), gradient=False)


class _Bound(Op, abstract=True):
    inputs = {"sorted_inputs": "T", "values": "T"}
    types = {"T": REALS}
    attrs = {"out_type": dtypes.int32}
    examples = [_EXAMPLE]
    side = "left"

    def infer(op, sorted_inputs, values):
        sorted_inputs.shape.with_rank(2)
        values.shape.with_rank(2)
        return [(values.shape, op.attrs["out_type"])]

    def cpu(op, sorted_inputs, values, out):
        if len(sorted_inputs) != len(values):
            return None
        return [search_launch(sorted_inputs, values, op.definition.side == "right", out)]

    def numpy(op, sorted_inputs, values):
        if len(sorted_inputs) != len(values):
            raise ValueError(f"Leading dim_size of both tensors must match, got {len(sorted_inputs)}, {len(values)}")
        pairs = zip(sorted_inputs, values, strict=True)
        found = [np.searchsorted(row, wanted, op.definition.side) for row, wanted in pairs]
        return np.array(found).reshape(values.shape)

    gradient = None


class LowerBound(_Bound):
    """For each value, how many elements of its sorted row are below it: (rows, values), int32 or int64"""


class UpperBound(_Bound):
    """For each value, how many elements of its sorted row are not above it: (rows, values), int32 or int64"""

    side = "right"


def searchsorted(sorted_sequence, values, side="left", out_type=dtypes.int32, name=None):
    """tf.searchsorted: where `values` (..., m) would go into the sorted rows of `sorted_sequence` (..., n).

    `side` "left" finds the first suitable place, "right" the last; the result, of dtype `out_type` (int32 or int64),
    has the shape of `values`.  Raises ValueError for another side; in the run, InvalidArgumentError where the leading
    axes differ.
    """
    if side not in ("left", "right"):
        raise ValueError(f"side must be either 'right' or 'left'.  Saw: {side}.")
    sorted_sequence = convert_to_tensor(sorted_sequence)
    values = convert_to_tensor(values, dtype=sorted_sequence.dtype)
    flat = [reshape(x, [-1, _last_size(x)]) for x in (sorted_sequence, values)]
    definition = LowerBound if side == "left" else UpperBound
    return reshape(definition.apply(*flat, out_type=dtypes.as_dtype(out_type), name=name), _shape(values))


def _shape(x):
    return np.array(x.shape.sizes, np.int32) if x.shape.is_fully_defined() else shape_of(x)


def _last_size(x):
    return _shape(x)[-1]
