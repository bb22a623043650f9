"""One large variable made of several parts, split along one axis; and the functions that choose the split."""

import math

from minitf.graph import dtypes
from minitf.graph.graph import control_dependencies, get_default_graph, name_scope
from minitf.graph.shape import as_shape
from minitf.ops.array import identity


class PartitionInfo:
    """Tells an initializer the shape of the whole (`full_shape`) and where its part begins (`var_offset`)."""

    def __init__(self, full_shape, var_offset):
        self.full_shape, self.var_offset = list(full_shape), list(var_offset)


class PartitionedVariable:
    """The parts, in order; where a tensor is asked for, they are put together."""

    def __init__(self, name, shape, dtype, variable_list, partitions):
        self._name, self._shape, self._dtype = name, as_shape(shape), dtype
        self._variable_list, self._partitions = list(variable_list), list(partitions)

    def __iter__(self):
        return iter(self._variable_list)

    def __len__(self):
        return len(self._variable_list)

    @property
    def name(self):
        return self._name

    @property
    def dtype(self):
        return self._dtype

    @property
    def shape(self):
        return self._shape

    def get_shape(self):
        return self._shape

    def _get_variable_list(self):
        return self._variable_list

    def _get_partitions(self):
        return self._partitions

    def _axes(self):
        """The axes that are split: at most one."""
        return [axis for axis, count in enumerate(self._partitions) if count > 1]

    def as_tensor(self):
        """The whole: a read, which waits for no control dependency, as that of a variable."""
        with control_dependencies(None):
            return self._concat()

    def _concat(self):
        """The parts, put together along the axis that was split."""
        from minitf.ops.joining import concat

        axes = self._axes()
        with name_scope(f"{self._name}/ConcatPartitions/"):
            whole = concat([v.value() for v in self._variable_list], axes[0] if axes else 0)
        with name_scope(None):
            return identity(whole, name=self._name)

    def _as_tensor(self, as_ref=False):
        return self.as_tensor()

    def assign(self, value, use_locking=False, name=None, read_value=True):
        """One assignment per part, from the parts of `value`."""
        from minitf.ops.joining import split

        axes = self._axes()
        if not axes:
            return [self._variable_list[0].assign(value, use_locking, name)]
        sizes = [v.shape.as_list()[axes[0]] for v in self._variable_list]
        parts = split(value, sizes, axes[0])
        return [v.assign(part, use_locking, name) for v, part in zip(self._variable_list, parts, strict=True)]

    def __repr__(self):
        return f"<tf.PartitionedVariable '{self._name}' of {len(self)} parts, shape={self._shape}>"


def slices(shape, partitions):
    """[(offset, sizes)] of the parts of a variable; the first may be larger by one."""
    if len(partitions) != len(shape):
        raise ValueError(f"Partitioner returned {partitions}, which does not match the rank of shape {shape}")
    split = [axis for axis, count in enumerate(partitions) if count > 1]
    if len(split) > 1 or any(count < 1 or count > size for count, size in zip(partitions, shape, strict=True)):
        raise ValueError(f"Can only partition along one axis, got {partitions}")
    axis = split[0] if split else 0
    if not shape:
        return [([], [])]
    each, larger = divmod(shape[axis], partitions[axis])
    found, start = [], 0
    for i in range(partitions[axis]):
        size = each + (i < larger)
        offset, sizes = [0] * len(shape), list(shape)
        offset[axis], sizes[axis] = start, size
        found.append((offset, sizes))
        start += size
    return found


def fixed_size_partitioner(num_shards, axis=0):
    """tf.fixed_size_partitioner: `num_shards` parts along `axis`."""

    def partitioner(shape, **unused):
        counts = [1] * len(shape)
        counts[axis] = min(num_shards, shape.as_list()[axis])
        return counts

    return partitioner


def variable_axis_size_partitioner(max_shard_bytes, axis=0, bytes_per_string_element=16, max_shards=None):
    """tf.variable_axis_size_partitioner: as few parts along `axis` as keep each within `max_shard_bytes`."""
    if max_shard_bytes < 1 or bytes_per_string_element < 1 or (max_shards is not None and max_shards < 1):
        raise ValueError("max_shard_bytes, bytes_per_string_element and max_shards must be positive.")

    def partitioner(shape, dtype):
        sizes = shape.as_list()
        slice_bytes = _element_bytes(dtype, bytes_per_string_element) * math.prod(sizes) / sizes[axis]
        rows = max(1, math.floor(max_shard_bytes / slice_bytes))
        counts = [1] * len(sizes)
        counts[axis] = math.ceil(sizes[axis] / rows)
        if max_shards is not None:
            counts[axis] = min(counts[axis], max_shards)
        return counts

    return partitioner


def min_max_variable_partitioner(max_partitions=1, axis=0, min_slice_size=256 << 10,
                                 bytes_per_string_element=16):  # fmt: skip
    """tf.min_max_variable_partitioner: up to `max_partitions` parts of at least `min_slice_size` bytes."""

    def partitioner(shape, dtype):
        sizes = shape.as_list()
        total = _element_bytes(dtype, bytes_per_string_element) * math.prod(sizes)
        wanted = max(1, math.ceil(total / min_slice_size))
        counts = [1] * len(sizes)
        counts[axis] = min(wanted, sizes[axis], max_partitions)
        return counts

    return partitioner


def _element_bytes(dtype, string_bytes):
    return string_bytes if dtype.name == "string" else dtype.size


def create_partitioned_variables(shape, slicing, initializer, dtype=None, trainable=True, collections=None,
                                 name=None, reuse=None):  # fmt: skip
    """tf.create_partitioned_variables: the list of parts, `slicing` giving the number of parts per axis."""
    from minitf.ops.named_variables import VariableStore  # the store makes partitioned variables
    from minitf.ops.variable_scope import variable_scope

    if len(shape) != len(slicing):
        raise ValueError(f"'shape' {shape} and 'slicing' {slicing} must have the same length")
    dtype = getattr(initializer, "dtype", dtypes.float32) if dtype is None else dtype
    with variable_scope(name, "PartitionedVariable", reuse=reuse) as scope, name_scope(None):
        whole = VariableStore(get_default_graph()).get_variable(
            scope.name, shape, dtype, initializer, reuse=scope.reuse, trainable=trainable,
            collections=collections, partitioner=lambda **unused: slicing,
        )  # fmt: skip
    return list(whole)
