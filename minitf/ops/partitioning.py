"""Rows dealt out to several tensors (dynamic_partition), and put together again (dynamic_stitch)."""

import numpy as np

from minitf.graph.shape import TensorShape
from minitf.ops.array import reshape, shape_of
from minitf.ops.examples import array, example, normal
from minitf.ops.gathering import gather, place_name
from minitf.ops.op import Op


class DynamicPartition(Op):
    """Output k holds the rows of `data` where `partitions` is k, in order."""

    inputs = {"data": "T", "partitions": "int32"}
    types = {"T": ()}
    examples = [
        example(normal(4, 2), array([1, 0, 1, 2]), num_partitions=3),
        example(normal(2, 2), array([[1, 0], [0, 1]]), num_partitions=2),
    ]

    def infer(op, data, partitions):
        rest = TensorShape(None)
        if data.shape.ndims is not None and partitions.shape.ndims is not None:
            data.shape[: partitions.shape.ndims].assert_is_compatible_with(partitions.shape)
            rest = TensorShape([None]).concatenate(data.shape[partitions.shape.ndims :])
        return [(rest, data.dtype)] * op.attrs["num_partitions"]

    def numpy(op, data, partitions):
        num, flat = op.attrs["num_partitions"], partitions.reshape(-1)
        if data.shape[: partitions.ndim] != partitions.shape:
            raise ValueError(f"data.shape must start with partitions.shape, got {data.shape} and {partitions.shape}")
        if flat.size and not (flat.min() >= 0 and flat.max() < num):
            wrong = int(np.argmax((flat < 0) | (flat >= num)))
            raise ValueError(f"partitions{place_name(wrong, partitions.shape)} = {flat[wrong]} is not in [0, {num})")
        rows = data.reshape(flat.size, *data.shape[partitions.ndim :])
        return [rows[flat == k] for k in range(num)]

    def gradient(op, *dys):
        from minitf.ops.ranges import Range
        from minitf.ops.reductions import reduce_prod

        data, partitions = op.inputs
        sizes = shape_of(partitions)
        places = reshape(Range.apply(0, reduce_prod(sizes), 1), sizes)
        dealt = dynamic_partition(places, partitions, op.attrs["num_partitions"])
        return [reshape(parallel_dynamic_stitch(dealt, dys), shape_of(data)), None]


def dynamic_partition(data, partitions, num_partitions, name=None):
    """tf.dynamic_partition: a list of `num_partitions` tensors; number k has the rows where `partitions` is k.

    Raises ValueError where `data` does not begin with the shape of `partitions`.
    """
    return DynamicPartition.make(data, partitions, num_partitions=int(num_partitions), name=name).outputs


class DynamicStitch(Op):
    """merged[indices[m][i]] = data[m][i]; where an index occurs twice, the later one wins."""

    inputs = {"*indices": "int32", "*data": "T"}
    types = {"T": ()}
    examples = [example([array([0, 3]), array([[2], [1]])], [normal(2, 3), normal(2, 1, 3)])]

    def infer(op, *tensors):
        half = len(tensors) // 2
        rest, values = TensorShape(None), [i.value for i in tensors[:half]]
        for index, data in zip(tensors[:half], tensors[half:], strict=True):
            if index.shape.ndims is not None and data.shape.ndims is not None:
                data.shape[: index.shape.ndims].assert_is_compatible_with(index.shape)
                rest = rest.merge_with(data.shape[index.shape.ndims :])
        count = None if any(v is None for v in values) else _count(values)
        return [(TensorShape([count]).concatenate(rest), op.attrs["T"])]

    def numpy(op, *arrays):
        half = len(arrays) // 2
        indices, data = arrays[:half], arrays[half:]
        if any((i < 0).any() for i in indices):
            raise ValueError("indices of dynamic_stitch must not be negative")
        rest = data[0].shape[indices[0].ndim :]
        out = np.zeros((_count(indices), *rest), data[0].dtype)
        for index, rows in zip(indices, data, strict=True):
            out[index.reshape(-1)] = rows.reshape(index.size, *rest)
        return out

    def gradient(op, dy):
        indices = op.inputs[: len(op.inputs) // 2]
        return [*[None] * len(indices), *(gather(dy, index) for index in indices)]


def _count(indices):
    return max((int(i.max()) + 1 for i in indices if i.size), default=0)


class ParallelDynamicStitch(DynamicStitch):
    """merged[indices[m][i]] = data[m][i], in no promised order."""


def dynamic_stitch(indices, data, name=None):
    """tf.dynamic_stitch: one tensor with data[m][i] at row indices[m][i]."""
    return DynamicStitch.apply(indices, data, name=name)


def parallel_dynamic_stitch(indices, data, name=None):
    """tf.parallel_stitch: as `dynamic_stitch`; no promise which of two equal indices wins."""
    return ParallelDynamicStitch.apply(indices, data, name=name)
