"""Sparse tensors as strings, three for each: indices, values and shape.  So they can wait in queues."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.messages import TensorProto
from minitf.graph.serialization import make_ndarray, make_tensor_proto
from minitf.graph.shape import TensorShape
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example
from minitf.ops.op import Op
from minitf.ops.parsing import parse_message
from minitf.ops.sparse_tensor import SparseTensor, as_sparse

_BATCH = (array([[0, 1], [2, 0]], np.int64), array([3.0, 4.0], np.float32), array([3, 2], np.int64))


class SerializeSparse(Op):
    """A sparse tensor as three serialized `TensorProto`s, string (3,)."""

    inputs = {"sparse_indices": "int64", "sparse_values": "T", "sparse_shape": "int64"}
    types = {"T": ()}
    foldable = False
    examples = [example(*_BATCH)]
    gradient = None

    def infer(op, sparse_indices, sparse_values, sparse_shape):
        return [(TensorShape([3]), dtypes.string)]

    def numpy(op, *parts):
        return _serialized(parts)


class SerializeManySparse(Op):
    """The slices of a sparse tensor along its first axis, each as by SerializeSparse: string (n, 3)."""

    inputs = {"sparse_indices": "int64", "sparse_values": "T", "sparse_shape": "int64"}
    types = {"T": ()}
    foldable = False
    examples = [example(*_BATCH)]
    gradient = None

    def infer(op, sparse_indices, sparse_values, sparse_shape):
        return [(TensorShape([None, 3]), dtypes.string)]

    def numpy(op, indices, values, shape):
        out = np.empty((int(shape[0]), 3), object)
        for row in range(len(out)):
            own = indices[:, 0] == row
            out[row] = _serialized((indices[own, 1:], values[own], shape[1:]))
        return out


class DeserializeManySparse(Op):
    """Sparse tensors of one rank, stacked along a new first axis; the shape is that of the largest."""

    inputs = {"serialized_sparse": "string"}
    stateful = True  # what is in the strings is known to the run only
    gradient = None

    def infer(op, serialized_sparse):
        serialized_sparse.shape.merge_with(TensorShape([None, 3]))
        rank = op.attrs["_rank"]
        whole = None if rank is None else rank + 1
        return [
            (TensorShape([None, whole]), dtypes.int64),
            (TensorShape([None]), op.attrs["dtype"]),
            (TensorShape([whole]), dtypes.int64),
        ]

    def run(op, state, serialized_sparse):
        dtype = op.attrs["dtype"].as_numpy_dtype
        found = [[make_ndarray(parse_message(op, TensorProto, text)) for text in row] for row in serialized_sparse]
        for _, values, shape in found:
            if values.dtype != dtype:
                raise errors.InvalidArgumentError(
                    None, op, f"Requested SparseTensor of type {op.attrs['dtype'].name} but got {values.dtype}"
                )
            if len(shape) != len(found[0][2]):
                raise errors.InvalidArgumentError(
                    None, op, f"Inconsistent rank across SparseTensors: {len(found[0][2])} and {len(shape)}"
                )
        if not found:
            raise errors.InvalidArgumentError(None, op, "Must have at least 1 serialized SparseTensor")
        indices = [np.insert(place, 0, row, axis=1) for row, (place, _, _) in enumerate(found)]
        shape = np.max([s for _, _, s in found], axis=0)
        return [
            np.concatenate(indices),
            np.concatenate([values for _, values, _ in found]),
            np.array([len(found), *shape], np.int64),
        ]


def _serialized(parts):
    out = np.empty(3, object)
    out[:] = [make_tensor_proto(part).SerializeToString() for part in parts]
    return out


def serialize_sparse(sp_input, name=None):
    """tf.serialize_sparse: a SparseTensor as strings (3,).  Raises TypeError for anything else."""
    sparse = as_sparse(sp_input)
    return SerializeSparse.apply(sparse.indices, sparse.values, sparse.dense_shape, name=name)


def serialize_many_sparse(sp_input, name=None):
    """tf.serialize_many_sparse: the n slices of a SparseTensor along its first axis, as strings (n, 3)."""
    sparse = as_sparse(sp_input)
    return SerializeManySparse.apply(sparse.indices, sparse.values, sparse.dense_shape, name=name)


def deserialize_many_sparse(serialized_sparse, dtype, rank=None, name=None):
    """tf.deserialize_many_sparse: n serialized sparse tensors (n, 3) as one SparseTensor with a new first axis.

    `rank`, where known, is the rank of each.  Raises (in the run) InvalidArgumentError for another dtype, for
    different ranks, and for strings that are no tensors.
    """
    strings = convert_to_tensor(serialized_sparse, dtypes.string)
    made = DeserializeManySparse.make(strings, dtype=dtypes.as_dtype(dtype), _rank=rank, name=name)
    return SparseTensor(*made.outputs)
