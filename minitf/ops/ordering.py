"""Order: where the extremes are, the k largest, sorting."""

import collections

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import ordering
from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch
from minitf.ops.array import expand_dims, reshape, shape_of, size, zeros
from minitf.ops.array import rank as rank_of
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, distinct, example, integers, normal
from minitf.ops.op import COMPLEX, INDICES, REALS, Op, constant_value
from minitf.ops.reductions import highest, lowest

_TopK = collections.namedtuple("TopKV2", ["values", "indices"])


class ArgMax(Op):
    """The index of the largest element along an axis, the first of equal ones; NaN is passed over."""

    inputs = {"input": "T", "dimension": "Tidx"}
    types = {"T": (*REALS, *COMPLEX, "bool"), "Tidx": (*INDICES, "int16"), "output_type": INDICES}
    attrs = {"output_type": dtypes.int64}
    static = (1,)
    examples = [
        example(normal(3, 4, 2), array(1)),
        example(normal(3, 4), array(-1), output_type=dtypes.int32),
    ]
    beats, choose, start = ">", staticmethod(np.argmax), staticmethod(lowest)
    gradient = None

    def infer(op, input, dimension):
        rank = input.shape.ndims
        if rank is None or dimension.value is None:
            sizes = None if rank is None else [None] * (rank - 1)
        else:
            axis = _axis(dimension.value, rank)
            sizes = [s for d, s in enumerate(input.shape.sizes) if d != axis]
        return [(TensorShape(sizes), op.attrs["output_type"])]

    def cpu(op, input, dimension, out):
        if input.dtype.kind == "c":
            return None
        start, axis = op.definition.start(input.dtype), _axis(dimension, input.ndim)
        return [ordering.first_launch(op.definition.beats, start, input, axis, out)]

    def numpy(op, input, dimension):
        axis = _axis(dimension, input.ndim)
        if input.shape[axis] == 0:
            raise ValueError(f"Reduction axis {axis} is empty in shape {list(input.shape)}")
        if input.dtype.kind == "f":
            input = np.where(np.isnan(input), op.definition.start(input.dtype), input)
        return op.definition.choose(input, axis=axis)


def _axis(value, rank):
    axis = int(value)
    if not -rank <= axis < max(rank, 1):
        raise ValueError(f"Dimension must be in the range [{-rank}, {rank}), but got {axis}")
    return axis % max(rank, 1)


class ArgMin(ArgMax):
    """The index of the smallest element along an axis; of the first where several are equal."""

    beats, choose, start = "<", staticmethod(np.argmin), staticmethod(highest)


def argmax(input, axis=None, name=None, dimension=None, output_type=dtypes.int64):
    """tf.argmax: the index of the largest element along `axis` (0 by default); the first of equal ones."""
    return _argument(ArgMax, input, axis, dimension, output_type, name)


def argmin(input, axis=None, name=None, dimension=None, output_type=dtypes.int64):
    """tf.argmin: the index of the smallest element along `axis` (0 by default); the first of equal ones."""
    return _argument(ArgMin, input, axis, dimension, output_type, name)


def _argument(definition, input, axis, dimension, output_type, name):
    if axis is not None and dimension is not None:
        raise ValueError("Cannot specify both 'axis' and 'dimension'.")
    axis = dimension if axis is None else axis
    axis = 0 if axis is None else axis
    return definition.apply(input, axis, output_type=dtypes.as_dtype(output_type), name=name)


def arg_max(input, dimension, output_type=dtypes.int64, name=None):
    """tf.arg_max: an old form of `argmax`."""
    return ArgMax.apply(input, dimension, output_type=dtypes.as_dtype(output_type), name=name)


def arg_min(input, dimension, output_type=dtypes.int64, name=None):
    """tf.arg_min: an old form of `argmin`."""
    return ArgMin.apply(input, dimension, output_type=dtypes.as_dtype(output_type), name=name)


_INSERTION_LIMIT = 64  # beyond, NumPy's sort is faster than inserting


class TopKV2(Op):
    """The k largest elements of each row (the last axis), largest first, and their indices."""

    inputs = {"input": "T", "k": "int32"}
    types = {"T": REALS}
    attrs = {"sorted": True}
    static = (1,)
    examples = [
        example(distinct(3, 7), array(2)),
        example(distinct(5), array(5)),
        example(distinct(2, 80), array(70)),
    ]

    def infer(op, input, k):
        input.shape.with_rank_at_least(1)
        if input.shape.ndims is None:
            return [(TensorShape(None), input.dtype), (TensorShape(None), dtypes.int32)]
        count = None if k.value is None else int(k.value)
        last = input.shape.sizes[-1]
        if count is not None and count < 0:
            raise ValueError(f"Need k >= 0, got {count}")
        if count is not None and last is not None and count > last:
            raise ValueError(f"input must have last dimension >= k = {count} but is {last}")
        sizes = TensorShape([*input.shape.sizes[:-1], count])
        return [(sizes, input.dtype), (sizes, dtypes.int32)]

    def cpu(op, input, k, values, indices):
        return [ordering.top_k_launch(input, values, indices)] if k <= _INSERTION_LIMIT else None

    def numpy(op, input, k):
        n = input.shape[-1]
        if int(k) < 0:
            raise ValueError(f"Need k >= 0, got {int(k)}")
        if int(k) > n:
            raise ValueError(f"input must have last dimension >= k = {int(k)} but is {n}")
        indices = n - 1 - np.argsort(input[..., ::-1], axis=-1, kind="stable")[..., ::-1][..., : int(k)]
        return [np.take_along_axis(input, indices, -1), indices]

    def gradient(op, dvalues, dindices):
        from minitf.ops.casting import cast
        from minitf.ops.gathering import gather
        from minitf.ops.joining import stack
        from minitf.ops.ranges import range as range_of
        from minitf.ops.reductions import reduce_prod
        from minitf.ops.scattering import scatter_nd

        sizes, index_sizes = shape_of(op.inputs[0]), shape_of(op.outputs[1])
        k = gather(cast(index_sizes, dtypes.int64), size(index_sizes) - 1)
        indices = reshape(op.outputs[1], stack([-1, k]))  # (rows, k)
        width = gather(cast(sizes, dtypes.int64), size(sizes) - 1)
        rows = shape_of(indices)[0]
        starts = range_of(0, cast(rows, dtypes.int64) * width, width)
        places = reshape(indices + cast(expand_dims(starts, -1), dtypes.int32), [-1])
        flat = scatter_nd(expand_dims(places, -1), reshape(dvalues, [-1]), [reduce_prod(sizes)])
        return [reshape(flat, sizes), zeros([], dtypes.int32)]


def top_k(input, k=1, sorted=True, name=None):
    """tf.nn.top_k: (values, indices) of the `k` largest elements along the last axis, largest first.

    Of equal elements the one with the lower index comes first.  Raises ValueError where k exceeds the axis.
    """
    return _TopK(*TopKV2.apply(input, k, sorted=sorted, name=name))


@kernel
def in_top(begin, end, predictions, targets, k, out):
    """out[i]: fewer than k predictions of row i are above that of its target, and all of the row are finite."""
    for i in range(begin, end):
        row, above, sure = predictions[i], 0, 0 <= targets[i] < predictions.shape[1]
        chosen = row[targets[i]] if sure else np.float32(0)
        for j in range(row.size):
            above += row[j] > chosen
            sure = sure and np.isfinite(row[j])
        out[i] = sure and above < k[0]


class InTopKV2(Op):
    """Whether predictions[i, targets[i]] is among the k largest of row i, ties with the k-th included."""

    inputs = {"predictions": "float32", "targets": "T", "k": "T"}
    types = {"T": INDICES}
    examples = [example(array([[0.1, 0.9, 0.3], [2.0, 1.0, 0.0]], np.float32), integers(0, 3, 2), array(2))]
    gradient = None

    def infer(op, predictions, targets, k):
        rows = predictions.shape.with_rank(2)[0].merge_with(targets.shape.with_rank(1)[0])
        return [(TensorShape([rows]), dtypes.bool)]

    def cpu(op, predictions, targets, k, out):
        return [Launch(in_top, predictions, targets, k.reshape(1), out, units=len(out), grain=256)]

    def numpy(op, predictions, targets, k):
        inside = (targets >= 0) & (targets < predictions.shape[1])
        chosen = predictions[np.arange(len(targets)), np.where(inside, targets, 0)]
        sure = np.isfinite(predictions).all(1) & inside
        return sure & ((predictions > chosen[:, None]).sum(1) < k)


def in_top_k(predictions, targets, k, name=None):
    """tf.nn.in_top_k: whether targets[i] is among the top `k` of row i of `predictions` (batch, classes).

    False where the target is out of range or a prediction of the row is not finite.
    """
    with name_scope(name, "in_top_k"):
        return InTopKV2.apply(predictions, targets, k)


def sort(values, axis=-1, direction="ASCENDING", name=None):
    """tf.sort: `values` in order along `axis`; `direction` is 'ASCENDING' or 'DESCENDING'."""
    with name_scope(name, "sort"):
        return _sorted(values, axis, direction, 0)


def argsort(values, axis=-1, direction="ASCENDING", stable=False, name=None):
    """tf.argsort: the indices that put `values` in order along `axis`; equal elements keep their order."""
    with name_scope(name, "argsort"):
        return _sorted(values, axis, direction, 1)


def _sorted(values, axis, direction, output):
    """Output 0 (values) or 1 (indices) of a `top_k` of everything; ascending order through negated values."""
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f'Direction should be one of "ASCENDING", "DESCENDING": {direction}')
    axis = convert_to_tensor(axis, name="axis")
    known = constant_value(axis)
    if known is None:
        raise ValueError("The axis of a sort must be known while the graph is built.")
    values = convert_to_tensor(values, name="values")
    ascending = direction == "ASCENDING"
    ordered = _all_in_order(_mirrored(values) if ascending else values, int(known), output)
    return _mirrored(ordered) if ascending and output == 0 else ordered


def _mirrored(values):
    """-v, or for integers -v - 1, which no value overflows: the reverse order."""
    negated = -values
    if not values.dtype.is_integer:
        return negated
    if values.dtype.name.startswith("u"):
        return values.dtype.max - values
    return negated - 1


def _all_in_order(values, axis, output):
    from minitf.ops.transposing import transpose

    k = shape_of(values)[axis]
    rank = values.shape.ndims
    if axis == -1 or (rank is not None and axis == rank - 1):
        rank_of(values)
        return top_k(values, k)[output]
    if rank is None:
        raise ValueError("Sorting along an inner axis needs a known rank.")
    order = np.arange(rank_value(rank_of(values)))
    order[axis], order[-1] = order[-1], order[axis]
    transposition = constant(order, dtypes.int64, name="transposition")
    return transpose(top_k(transpose(values, transposition), k)[output], transposition)


def rank_value(rank):
    return int(constant_value(rank))
