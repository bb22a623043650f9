"""Reductions over groups of rows: `segment_ids` tells the group of each."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import segments
from minitf.ops.array import ones, ones_like, reshape, shape_of, zeros_like
from minitf.ops.array import rank as rank_of
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, distinct, example
from minitf.ops.numeric import widen
from minitf.ops.op import INDICES, NUMBERS, REALS, Op
from minitf.ops.reductions import Max, Min, Prod, Sum


def fold(ufunc, start, data, ids, count):
    """`count` rows: `start`, combined with the rows of `data` that have the row's number in `ids`."""
    out = np.full((count, *data.shape[ids.ndim :]), start, data.dtype)
    kept = ids >= 0
    ufunc.at(out, ids[kept], data[kept])
    return out


class UnsortedSegment(Op, abstract=True):
    """Rows `data[i]` with the same segment_ids[i], combined; ids in any order, negative ones are dropped."""

    inputs = {"data": "T", "segment_ids": "Tindices", "num_segments": "Tnumsegments"}
    types = {"T": REALS, "Tindices": INDICES, "Tnumsegments": INDICES}
    static = (2,)
    examples = [
        example(distinct(4, 2), array([1, 0, 1, -1]), array(3)),
        example(distinct(2, 2, 3), array([[1, 0], [3, 1]]), array(4)),
    ]

    def infer(op, data, segment_ids, num_segments):
        count = None if num_segments.value is None else int(num_segments.value)
        if count is not None and count < 0:
            raise ValueError(f"num_segments can't be negative: {count}")
        ids, rank = segment_ids.shape, segment_ids.shape.ndims
        if rank is None or data.shape.ndims is None:
            return [(TensorShape(None), data.dtype)]
        if not data.shape[:rank].is_compatible_with(ids):
            raise ValueError(f"Shapes must start alike: data {data.shape}, segment_ids {ids}")
        return [(TensorShape([count]).concatenate(data.shape[rank:]), data.dtype)]

    def cpu(op, data, segment_ids, num_segments, out):
        definition = op.definition
        return [segments.launch(definition.combine, definition.start(data.dtype), data, segment_ids, out)]

    @classmethod
    def evaluate(cls, op, arrays):
        return super().evaluate(op, [widen(arrays[0]), *arrays[1:]])

    def numpy(op, data, segment_ids, num_segments):
        if (segment_ids >= num_segments).any():
            raise op.definition.explain(op, data, segment_ids, num_segments)
        definition = op.definition
        return fold(definition.ufunc, definition.start(data.dtype), data, segment_ids, int(num_segments))

    def explain(op, data, segment_ids, num_segments):
        place = tuple(int(i) for i in np.argwhere(segment_ids >= num_segments)[0])
        return errors.InvalidArgumentError(
            None, op, f"segment_ids{list(place)} = {segment_ids[place]} is out of range [0, {int(num_segments)})"
        )


_FEW_EMPTY_GROUPS = [
    example(distinct(4, 2), array([1, 0, 1, -1]), array(2)),
    example(distinct(2, 2, 3), array([[1, 0], [2, 1]]), array(3)),
    example(distinct(3), array([1, 2, 1]), array(3), gradient=False),
]


def _finite(start):
    """Max and Min of no rows are the lowest and the highest finite number."""

    def finite_start(dtype):
        value = start(dtype)
        limit = np.finfo(dtype).max if dtype.kind == "f" else value
        return value if abs(value) != np.inf else np.copysign(limit, value)

    return staticmethod(finite_start)


class UnsortedSegmentSum(UnsortedSegment):
    """out[s] = sum of data[i] with segment_ids[i] = s; 0 where there is none."""

    types = {"T": NUMBERS, "Tindices": INDICES, "Tnumsegments": INDICES}
    ufunc, combine, start = np.add, Sum.combine, staticmethod(Sum.start)

    def gradient(op, dy):
        return [_gather_or_zero(dy, op.inputs[1])[0], None, None]


class UnsortedSegmentMax(UnsortedSegment):
    """out[s] = maximum of data[i] with segment_ids[i] = s; the lowest number where there is none."""

    ufunc, combine, start = np.maximum, Max.combine, _finite(Max.start)
    examples = _FEW_EMPTY_GROUPS

    def gradient(op, dy):
        return _unsorted_extreme_gradient(op, dy)


class UnsortedSegmentMin(UnsortedSegment):
    """out[s] = minimum of data[i] with segment_ids[i] = s; the highest number where there is none."""

    ufunc, combine, start = np.minimum, Min.combine, _finite(Min.start)
    examples = _FEW_EMPTY_GROUPS

    def gradient(op, dy):
        return _unsorted_extreme_gradient(op, dy)


class UnsortedSegmentProd(UnsortedSegment):
    """out[s] = product of data[i] with segment_ids[i] = s; 1 where there is none."""

    types = {"T": NUMBERS, "Tindices": INDICES, "Tnumsegments": INDICES}
    ufunc, combine, start = np.multiply, Prod.combine, staticmethod(Prod.start)

    def gradient(op, dy):
        """The product of the group without x: product / x, or where x is 0 the product of the rest."""
        from minitf.ops.arithmetic import maximum
        from minitf.ops.casting import cast
        from minitf.ops.comparison import equal, greater
        from minitf.ops.gathering import gather
        from minitf.ops.selection import where_v2

        data, ids, count = op.inputs
        is_zero = equal(data, 0)
        zeros = unsorted_segment_sum(cast(is_zero, dtypes.int32), ids, count)
        dy = where_v2(greater(zeros, 1), zeros_like(dy), dy)
        others = where_v2(is_zero, ones_like(data), data)
        rest = gather(unsorted_segment_prod(others, ids, count), maximum(ids, zeros_like(ids)))
        product = gather(op.outputs[0], maximum(ids, zeros_like(ids)))
        share = where_v2(is_zero, rest, product / others)
        return [_gather_or_zero(dy, ids)[0] * share, None, None]


def _gather_or_zero(params, ids):
    """(rows params[ids], 0 where the id is negative; the ids with 0 for those; which are not negative)."""
    from minitf.ops.arithmetic import maximum
    from minitf.ops.comparison import greater_equal
    from minitf.ops.gathering import gather
    from minitf.ops.joining import concat
    from minitf.ops.selection import where_v2

    safe = maximum(ids, zeros_like(ids))
    rows = gather(params, safe)
    inside = greater_equal(ids, 0)
    sizes = concat([shape_of(inside), ones([rank_of(rows) - rank_of(inside)], dtypes.int32)], 0)
    inside = reshape(inside, sizes) & ones_like(rows, dtype=dtypes.bool)
    return where_v2(inside, rows, zeros_like(rows)), safe, inside


def _unsorted_extreme_gradient(op, dy):
    """Shared evenly among the rows that are the extreme one of their group."""
    from minitf.ops.casting import cast
    from minitf.ops.comparison import equal
    from minitf.ops.logic import logical_and
    from minitf.ops.selection import where_v2

    data, ids, count = op.inputs
    extreme, _, inside = _gather_or_zero(op.outputs[0], ids)
    chosen = logical_and(equal(data, extreme), inside)
    ties = unsorted_segment_sum(cast(chosen, dy.dtype), ids, count)
    shares = _gather_or_zero(dy / ties, ids)[0]
    return [where_v2(chosen, shares, zeros_like(shares)), None, None]


def unsorted_segment_sum(data, segment_ids, num_segments, name=None):
    """tf.unsorted_segment_sum: row s of the result is the sum of the data[i] with segment_ids[i] == s.

    `segment_ids` has the shape of data's first axes; negative ids are dropped.
    Raises InvalidArgumentError at run time for an id of `num_segments` or more.
    """
    return UnsortedSegmentSum.apply(data, segment_ids, num_segments, name=name)


def unsorted_segment_max(data, segment_ids, num_segments, name=None):
    """tf.unsorted_segment_max: the maxima of groups; see `unsorted_segment_sum`."""
    return UnsortedSegmentMax.apply(data, segment_ids, num_segments, name=name)


def unsorted_segment_min(data, segment_ids, num_segments, name=None):
    """tf.unsorted_segment_min: the minima of groups; see `unsorted_segment_sum`."""
    return UnsortedSegmentMin.apply(data, segment_ids, num_segments, name=name)


def unsorted_segment_prod(data, segment_ids, num_segments, name=None):
    """tf.unsorted_segment_prod: the products of groups; see `unsorted_segment_sum`."""
    return UnsortedSegmentProd.apply(data, segment_ids, num_segments, name=name)


def _group_sizes(data, segment_ids, num_segments):
    """How many rows each group has, at least 1, in a shape that divides the groups' sums."""
    from minitf.ops.arithmetic import maximum
    from minitf.ops.joining import concat

    num_segments = convert_to_tensor(num_segments)
    ids_shape = shape_of(segment_ids)
    counts = unsorted_segment_sum(ones(ids_shape, data.dtype), segment_ids, num_segments)
    extra = ones([rank_of(data) - rank_of(segment_ids)], num_segments.dtype)
    return maximum(reshape(counts, concat([reshape(num_segments, [1]), extra], 0)), 1)


def unsorted_segment_mean(data, segment_ids, num_segments, name=None):
    """tf.unsorted_segment_mean: the means of groups, 0 for empty ones; see `unsorted_segment_sum`."""
    with name_scope(name, "UnsortedSegmentMean"):
        data, segment_ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        sizes = _group_sizes(data, segment_ids, num_segments)
        return unsorted_segment_sum(data, segment_ids, num_segments) / sizes


def unsorted_segment_sqrt_n(data, segment_ids, num_segments, name=None):
    """tf.unsorted_segment_sqrt_n: the sums of groups, each over the root of the group's size."""
    from minitf.ops.powers import sqrt

    with name_scope(name, "UnsortedSegmentSqrtN"):
        data, segment_ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
        sizes = _group_sizes(data, segment_ids, num_segments)
        return unsorted_segment_sum(data, segment_ids, num_segments) / sqrt(sizes)


