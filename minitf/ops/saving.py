"""Variables to files and back: the operations that a `tf.train.Saver` puts into the graph."""

import numpy as np

from minitf import errors
from minitf.checkpoint.bundle import write_bundle
from minitf.checkpoint.merging import merge_bundles
from minitf.checkpoint.reader import BundleReader
from minitf.checkpoint.storage import translated
from minitf.graph import dtypes
from minitf.graph.shape import unknown_shape
from minitf.ops.op import Op


class SaveV2(Op):
    """Write tensors under their names to the checkpoint at `prefix`: see `checkpoint/bundle.py`."""

    inputs = {"prefix": "string", "tensor_names": "string", "shape_and_slices": "string", "*tensors": "any"}
    stateful = True

    def infer(op, prefix, tensor_names, shape_and_slices, *tensors):
        op.attrs.setdefault("dtypes", [t.dtype for t in tensors])
        return []

    def run(op, state, prefix, tensor_names, shape_and_slices, *tensors):
        whole, parts = {}, []
        for name, where, array in zip(tensor_names.tolist(), shape_and_slices.tolist(), tensors, strict=True):
            if where:
                parts.append((name.decode(), *_parse_slice(where.decode()), array))
            else:
                whole[name.decode()] = array
        with translated(op):
            write_bundle(prefix.item().decode(), whole, parts)
        return []

    gradient = None


class RestoreV2(Op):
    """Read tensors by name from the checkpoint at `prefix`; attribute `dtypes` says what they must be.

    Raises NotFoundError for a missing file or name, InvalidArgumentError for another dtype.
    """

    inputs = {"prefix": "string", "tensor_names": "string", "shape_and_slices": "string"}
    stateful = True

    def infer(op, prefix, tensor_names, shape_and_slices):
        return [(unknown_shape(), d) for d in op.attrs["dtypes"]]

    def run(op, state, prefix, tensor_names, shape_and_slices):
        with translated(op):
            reader = BundleReader(prefix.item().decode())
        names = [n.decode() for n in tensor_names.tolist()]
        types = reader.get_variable_to_dtype_map()
        for name, dtype in zip(names, op.attrs["dtypes"], strict=True):
            if not reader.has_tensor(name):
                raise errors.NotFoundError(None, op, f"Key {name} not found in checkpoint {reader.prefix}")
            if types[name] is not dtype:
                raise errors.InvalidArgumentError(
                    None, op, f"tensor_name = {name}; expected dtype {dtype.name} does not equal original dtype "
                    f"{types[name].name}"
                )  # fmt: skip
        with translated(op):
            arrays = reader.get_tensors(names)
        return [
            _part(op, name, array, where.decode())
            for name, array, where in zip(names, arrays, shape_and_slices.tolist(), strict=True)
        ]

    gradient = None


class ShardedFilename(Op):
    """`basename-00001-of-00003`: the name of one of several files."""

    inputs = {"basename": "string", "shard": "int32", "num_shards": "int32"}

    def infer(op, basename, shard, num_shards):
        return [([], dtypes.string)]

    def numpy(op, basename, shard, num_shards):
        return np.array(b"%s-%05d-of-%05d" % (basename.item(), shard, num_shards), object)

    gradient = None


class MergeV2Checkpoints(Op):
    """Several checkpoints, of which each holds a part of the variables, as one; graphs with sharded savers have it."""

    inputs = {"checkpoint_prefixes": "string", "destination_prefix": "string"}
    attrs = {"delete_old_dirs": True}
    stateful = True

    def infer(op, checkpoint_prefixes, destination_prefix):
        return []

    def run(op, state, checkpoint_prefixes, destination_prefix):
        prefixes = [p.decode() for p in checkpoint_prefixes.reshape(-1).tolist()]
        with translated(op):
            merge_bundles(prefixes, destination_prefix.item().decode(), op.attrs["delete_old_dirs"])
        return []

    gradient = None


def _parse_slice(text):
    """'10 4 0,5:0,4' -> ([10, 4], [(0, 5), (0, 4)]): the full shape, then start and length per axis."""
    *sizes, where = text.split(" ")
    extents = [tuple(int(n) for n in part.split(",")) for part in where.split(":")]
    return [int(n) for n in sizes], extents


def _part(op, name, array, where):
    if not where:
        return array
    full_shape, extents = _parse_slice(where)
    if list(array.shape) != full_shape:
        raise errors.InvalidArgumentError(
            None, op, f"Shape in shape_and_slice spec {full_shape} does not match the shape stored in checkpoint: "
            f"{list(array.shape)} ({name})"
        )  # fmt: skip
    return array[tuple(slice(start, start + length) for start, length in extents)]


def save_v2(prefix, tensor_names, shape_and_slices, tensors, name=None):
    """The operation that writes `tensors` under `tensor_names`; returns the operation."""
    return SaveV2.make(prefix, tensor_names, shape_and_slices, tensors, name=name)


def restore_v2(prefix, tensor_names, shape_and_slices, dtypes, name=None):
    """The list of tensors that the checkpoint at `prefix` holds under `tensor_names`."""
    kinds = [d.base_dtype for d in dtypes]
    return RestoreV2.make(prefix, tensor_names, shape_and_slices, dtypes=kinds, name=name).outputs


def sharded_filename(basename, shard, num_shards, name=None):
    """`basename-00001-of-00003`: the name of file number `shard` of `num_shards`."""
    return ShardedFilename.apply(basename, shard, num_shards, name=name)


def merge_v2_checkpoints(checkpoint_prefixes, destination_prefix, delete_old_dirs=True, name=None):
    """The operation that makes several checkpoints one; returns the operation."""
    return MergeV2Checkpoints.make(
        checkpoint_prefixes, destination_prefix, delete_old_dirs=delete_old_dirs, name=name
    )
