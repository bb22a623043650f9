"""Reductions over groups of rows whose ids are sorted: the last id tells how many groups there are."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.kernels import segments as kernels
from minitf.ops.array import expand_dims, ones, ones_like, shape_of, zeros_like
from minitf.ops.array import rank as rank_of
from minitf.ops.examples import array, distinct, example, normal
from minitf.ops.numeric import widen
from minitf.ops.op import FLOATS, INDICES, NUMBERS, REALS, Op
from minitf.ops.reductions import Max, Min, Prod, Sum
from minitf.ops.segments import fold, unsorted_segment_sum

_NOT_SORTED = "segment ids are not increasing, or negative"


class Segment(Op, abstract=True):
    """Rows `data[i]` with the same segment_ids[i], combined; ids are sorted.  Groups without rows are 0."""

    inputs = {"data": "T", "segment_ids": "Tindices"}
    types = {"T": REALS, "Tindices": INDICES}
    foldable = False
    empty = 0
    examples = [example(distinct(4, 2), array([0, 0, 2, 2])), example(distinct(3), array([0, 1, 1]))]

    def infer(op, data, segment_ids):
        segment_ids.shape.with_rank(1)
        data.shape.with_rank_at_least(1)
        count = None
        if segment_ids.value is not None and segment_ids.value.size:
            count = int(segment_ids.value[-1]) + 1
        return [(TensorShape([count]).concatenate(data.shape[1:]), data.dtype)]

    def cpu(op, data, segment_ids, out):
        """Where the graph knows the ids, and with them the number of groups."""
        definition = op.definition
        return kernels.sorted_launches(definition.combine, definition.empty, data, segment_ids, out)

    def explain(op, data, segment_ids):
        return errors.InvalidArgumentError(None, op, _NOT_SORTED)

    @classmethod
    def evaluate(cls, op, arrays):
        return super().evaluate(op, [widen(arrays[0]), *arrays[1:]])

    def numpy(op, data, segment_ids):
        definition = op.definition
        _check_sorted(data, segment_ids)
        starts = np.flatnonzero(np.diff(segment_ids, prepend=-1))
        count = int(segment_ids[-1]) + 1 if segment_ids.size else 0
        out = np.full((count, *data.shape[1:]), definition.empty, data.dtype)
        if count:
            out[segment_ids[starts]] = definition.reduce(data, starts)
        return out


def _check_sorted(data, ids):
    if len(ids) != len(data):
        raise ValueError(f"segment_ids has {len(ids)} elements and data {len(data)} rows")
    if ids.size and (ids[0] < 0 or (np.diff(ids) < 0).any()):
        raise ValueError(_NOT_SORTED)


class SegmentSum(Segment):
    """out[s] = sum of data[i] with segment_ids[i] = s."""

    types = {"T": NUMBERS, "Tindices": INDICES}
    combine = Sum.combine

    @staticmethod
    def reduce(data, starts):
        return np.add.reduceat(data, starts, axis=0)

    def gradient(op, dy):
        from minitf.ops.gathering import gather

        return [gather(dy, op.inputs[1]), None]


class SegmentMean(Segment):
    """out[s] = mean of data[i] with segment_ids[i] = s."""

    types = {"T": NUMBERS, "Tindices": INDICES}
    combine = Sum.combine

    def cpu(op, data, segment_ids, out):
        if out.dtype.kind in "iu":
            return None
        return [*Segment.cpu(op, data, segment_ids, out), kernels.count_launch(segment_ids, out)]

    @staticmethod
    def reduce(data, starts):
        counts = np.diff(starts, append=len(data)).reshape(-1, *[1] * (data.ndim - 1))
        total = np.add.reduceat(data, starts, axis=0)
        return total // counts if data.dtype.kind in "iu" else total / counts.astype(data.dtype)

    def gradient(op, dy):
        from minitf.ops.gathering import gather
        from minitf.ops.joining import concat

        data, ids = op.inputs
        more = expand_dims(rank_of(data) - 1, 0)
        sizes = concat([shape_of(ids), ones(more, dtypes.int32)], 0)
        return [gather(dy / segment_sum(ones(sizes, dy.dtype), ids), ids), None]


class SegmentProd(Segment):
    """out[s] = product of data[i] with segment_ids[i] = s; 1 where there is none."""

    types = {"T": NUMBERS, "Tindices": INDICES}
    empty = 1
    combine = Prod.combine

    @staticmethod
    def reduce(data, starts):
        return np.multiply.reduceat(data, starts, axis=0)

    def gradient(op, dy):
        """The product of the group without x: product / x, or where x is 0 the product of the rest."""
        from minitf.ops.casting import cast
        from minitf.ops.comparison import equal, greater
        from minitf.ops.gathering import gather
        from minitf.ops.selection import where_v2

        data, ids = op.inputs
        is_zero = equal(data, 0)
        zeros = segment_sum(cast(is_zero, dtypes.int32), ids)
        dy = where_v2(greater(zeros, 1), zeros_like(dy), dy)
        others = where_v2(is_zero, ones_like(data), data)
        share = where_v2(is_zero, gather(segment_prod(others, ids), ids), gather(op.outputs[0], ids) / others)
        return [gather(dy, ids) * share, None]


class SegmentExtreme(Segment, abstract=True):
    """SegmentMax and SegmentMin: the gradient is shared evenly among the rows that are the extreme one."""

    def gradient(op, dy):
        from minitf.ops.casting import cast
        from minitf.ops.comparison import equal
        from minitf.ops.gathering import gather
        from minitf.ops.selection import where_v2

        data, ids = op.inputs
        zero = zeros_like(data)
        chosen = equal(data, gather(op.outputs[0], ids))
        ties = segment_sum(cast(chosen, dy.dtype), ids)
        return [where_v2(chosen, gather(dy / ties, ids), zero), None]


class SegmentMax(SegmentExtreme):
    """out[s] = maximum of data[i] with segment_ids[i] = s."""

    combine = Max.combine

    @staticmethod
    def reduce(data, starts):
        return np.maximum.reduceat(data, starts, axis=0)


class SegmentMin(SegmentExtreme):
    """out[s] = minimum of data[i] with segment_ids[i] = s."""

    combine = Min.combine

    @staticmethod
    def reduce(data, starts):
        return np.minimum.reduceat(data, starts, axis=0)


def segment_sum(data, segment_ids, name=None):
    """tf.segment_sum: row s of the result is the sum of the data[i] with segment_ids[i] == s.

    `segment_ids` (a vector, sorted) names the group of each row.  Raises InvalidArgumentError at run time
    where it is not sorted.  See `unsorted_segment_sum` for ids in any order.
    """
    return SegmentSum.apply(data, segment_ids, name=name)


def segment_mean(data, segment_ids, name=None):
    """tf.segment_mean: the means of groups of rows; see `segment_sum`."""
    return SegmentMean.apply(data, segment_ids, name=name)


def segment_prod(data, segment_ids, name=None):
    """tf.segment_prod: the products of groups of rows; see `segment_sum`."""
    return SegmentProd.apply(data, segment_ids, name=name)


def segment_max(data, segment_ids, name=None):
    """tf.segment_max: the maxima of groups of rows; see `segment_sum`."""
    return SegmentMax.apply(data, segment_ids, name=name)


def segment_min(data, segment_ids, name=None):
    """tf.segment_min: the minima of groups of rows; see `segment_sum`."""
    return SegmentMin.apply(data, segment_ids, name=name)


class SparseSegmentSum(Op):
    """out[s] = sum of data[indices[i]] with segment_ids[i] = s; the ids are sorted."""

    inputs = {"data": "T", "indices": "Tidx", "segment_ids": "Tsegmentids"}
    types = {"T": REALS, "Tidx": INDICES, "Tsegmentids": INDICES}
    foldable = False
    root = 0  # what a group's sum is divided by: its size to this power
    examples = [example(normal(4, 2), array([3, 0, 3]), array([0, 2, 2]))]

    def infer(op, data, indices, segment_ids, num_segments=None):
        indices.shape.with_rank(1).merge_with(segment_ids.shape)
        count = None
        if num_segments is not None and num_segments.value is not None:
            count = int(num_segments.value)
        elif num_segments is None and segment_ids.value is not None and segment_ids.value.size:
            count = int(segment_ids.value[-1]) + 1
        return [(TensorShape([count]).concatenate(data.shape[1:]), data.dtype)]

    def cpu(op, data, indices, segment_ids, *rest):
        """Where the graph knows the number of groups."""
        root = op.definition.root
        return [kernels.sparse_launch(kernels.sparse_segments, data, indices, segment_ids, root, rest[-1])]

    def explain(op, data, indices, segment_ids, num_segments=None):
        return errors.InvalidArgumentError(None, op, _wrong_places(indices, len(data)))

    @classmethod
    def evaluate(cls, op, arrays):
        return super().evaluate(op, [widen(arrays[0]), *arrays[1:]])

    def numpy(op, data, indices, segment_ids, num_segments=None):
        if ((indices < 0) | (indices >= len(data))).any():
            raise ValueError(_wrong_places(indices, len(data)))
        rows = data[indices]
        _check_sorted(rows, segment_ids)
        count = int(segment_ids[-1]) + 1 if segment_ids.size else 0
        if num_segments is not None:
            if count > num_segments:
                raise ValueError("segment ids must be < num_segments")
            count = int(num_segments)
        starts = np.flatnonzero(np.diff(segment_ids, prepend=-1))
        out = np.zeros((count, *data.shape[1:]), data.dtype)
        if starts.size:
            out[segment_ids[starts]] = np.add.reduceat(rows, starts, axis=0)
        return out / _divisors(op.definition.root, segment_ids, count, out) if op.definition.root else out

    def gradient(op, dy):
        from minitf.ops.gathering import gather

        rows = shape_of(op.inputs[0])[0]
        ids = op.inputs[2]
        return [unsorted_segment_sum(gather(dy, ids), op.inputs[1], rows), *[None] * (len(op.inputs) - 1)]


def _wrong_places(indices, rows):
    if ((indices < 0) | (indices >= rows)).any():
        return f"indices {indices.tolist()} out of range [0, {rows})"
    return f"{_NOT_SORTED}, or beyond num_segments"


def _divisors(root, segment_ids, count, out):
    sizes = np.maximum(np.bincount(segment_ids, minlength=count), 1) ** root
    return sizes.astype(out.dtype).reshape(-1, *[1] * (out.ndim - 1))


class SparseSegmentMean(SparseSegmentSum):
    """`SparseSegmentSum`, each group divided by its size."""

    types = {"T": FLOATS, "Tidx": INDICES, "Tsegmentids": INDICES}
    root = 1

    def gradient(op, dy):
        rows = shape_of(op.inputs[0])[0]
        return [SparseSegmentMeanGrad.apply(dy, *op.inputs[1:3], rows), *[None] * (len(op.inputs) - 1)]


class SparseSegmentSqrtN(SparseSegmentSum):
    """`SparseSegmentSum`, each group divided by the root of its size."""

    types = {"T": FLOATS, "Tidx": INDICES, "Tsegmentids": INDICES}
    root = 0.5

    def gradient(op, dy):
        rows = shape_of(op.inputs[0])[0]
        return [SparseSegmentSqrtNGrad.apply(dy, *op.inputs[1:3], rows), *[None] * (len(op.inputs) - 1)]


class SparseSegmentMeanGrad(Op):
    """The gradient of `SparseSegmentMean` with respect to its data, which has `output_dim0` rows."""

    inputs = {"grad": "T", "indices": "Tidx", "segment_ids": "Tsegmentids", "output_dim0": "int32"}
    types = {"T": FLOATS, "Tidx": INDICES, "Tsegmentids": INDICES}
    static = (3,)
    root = 1
    examples = [example(normal(3, 2), array([3, 0, 3]), array([0, 2, 2]), array(4), gradient=False)]

    def infer(op, grad, indices, segment_ids, output_dim0):
        count = None if output_dim0.value is None else int(output_dim0.value)
        return [(TensorShape([count]).concatenate(grad.shape[1:]), grad.dtype)]

    def cpu(op, grad, indices, segment_ids, output_dim0, out):
        root = op.definition.root
        return [kernels.sparse_launch(kernels.sparse_segments_gradient, grad, indices, segment_ids, root, out)]

    def explain(op, grad, indices, segment_ids, output_dim0):
        return errors.InvalidArgumentError(None, op, _wrong_places(indices, int(output_dim0)))

    @classmethod
    def evaluate(cls, op, arrays):
        return super().evaluate(op, [widen(arrays[0]), *arrays[1:]])

    def numpy(op, grad, indices, segment_ids, output_dim0):
        shares = grad / _divisors(op.definition.root, segment_ids, len(grad), grad)
        return fold(np.add, 0, shares[segment_ids], indices, int(output_dim0))


class SparseSegmentSqrtNGrad(SparseSegmentMeanGrad):
    """The gradient of `SparseSegmentSqrtN` with respect to its data, which has `output_dim0` rows."""

    root = 0.5


class _NumSegments:
    """A fourth input: how many groups the result has."""

    inputs = {**SparseSegmentSum.inputs, "num_segments": "Tnumsegments"}
    types = {**SparseSegmentMean.types, "Tnumsegments": INDICES}
    static = (3,)
    examples = [example(normal(4, 2), array([3, 0, 3]), array([0, 2, 2]), array(5))]


class SparseSegmentSumWithNumSegments(_NumSegments, SparseSegmentSum):
    """`SparseSegmentSum` with a given number of groups."""

    types = {**SparseSegmentSum.types, "Tnumsegments": INDICES}


class SparseSegmentMeanWithNumSegments(_NumSegments, SparseSegmentMean):
    """`SparseSegmentMean` with a given number of groups."""


class SparseSegmentSqrtNWithNumSegments(_NumSegments, SparseSegmentSqrtN):
    """`SparseSegmentSqrtN` with a given number of groups."""


def sparse_segment_sum(data, indices, segment_ids, name=None, num_segments=None):
    """tf.sparse_segment_sum: `segment_sum` of the rows data[indices[i]].

    With `num_segments` the result has that many rows.
    """
    if num_segments is not None:
        return SparseSegmentSumWithNumSegments.apply(data, indices, segment_ids, num_segments, name=name)
    return SparseSegmentSum.apply(data, indices, segment_ids, name=name)


def sparse_segment_mean(data, indices, segment_ids, name=None, num_segments=None):
    """tf.sparse_segment_mean: `segment_mean` of the rows data[indices[i]]; 0 for empty groups."""
    if num_segments is not None:
        return SparseSegmentMeanWithNumSegments.apply(data, indices, segment_ids, num_segments, name=name)
    return SparseSegmentMean.apply(data, indices, segment_ids, name=name)


def sparse_segment_sqrt_n(data, indices, segment_ids, name=None, num_segments=None):
    """tf.sparse_segment_sqrt_n: sums of the rows data[indices[i]], each over the root of the group's size."""
    if num_segments is not None:
        return SparseSegmentSqrtNWithNumSegments.apply(data, indices, segment_ids, num_segments, name=name)
    return SparseSegmentSqrtN.apply(data, indices, segment_ids, name=name)
