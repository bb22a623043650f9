"""The sum of the gradients that reach one tensor over several paths."""

import functools

from minitf.graph import dtypes
from minitf.graph.operation import Tensor
from minitf.graph.sparse import IndexedSlices
from minitf.ops.constant import convert_to_tensor, register_tensor_conversion_function
from minitf.ops.list_gradients import ListAdd


class AggregationMethod:
    """How gradients are summed; all methods give the same numbers here."""

    ADD_N = 0
    DEFAULT = ADD_N
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


def check_method(method):
    """Raises ValueError where `method` is none of `AggregationMethod`."""
    if method not in (None, AggregationMethod.ADD_N, 1, 2):
        raise ValueError(f"Invalid aggregation_method specified {method}.")


def total(gradients):
    """One gradient from a list of them: rows of large tensors stay rows (IndexedSlices)."""
    from minitf.ops.aggregation import add_n
    from minitf.ops.casting import cast
    from minitf.ops.joining import concat

    found = [g for g in gradients if g is not None]
    if len(found) < 2:
        return found[0] if found else None
    if found[0].dtype is dtypes.variant:
        return functools.reduce(ListAdd.apply, found)
    if all(isinstance(g, Tensor) for g in found):
        return add_n(found)
    if all(isinstance(g, IndexedSlices) for g in found):
        indices = [g.indices for g in found]
        if len({i.dtype for i in indices}) > 1:
            indices = [i if i.dtype is dtypes.int64 else cast(i, dtypes.int64) for i in indices]
        return IndexedSlices(concat([g.values for g in found], 0), concat(indices, 0), found[0].dense_shape)
    return add_n([convert_to_tensor(g) for g in found])


def _to_dense(value, dtype=None, name=None, as_ref=False):
    """IndexedSlices as the tensor they stand for: rows of the same index add up."""
    from minitf.ops.segments import unsorted_segment_sum

    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise ValueError(
            f"Tensor conversion requested dtype {dtype.name} for IndexedSlices with dtype {value.dtype.name}"
        )
    if value.dense_shape is None:
        raise ValueError(f"Tensor conversion requested for IndexedSlices without dense_shape: {value}")
    return unsorted_segment_sum(value.values, value.indices, value.dense_shape[0], name=name)


register_tensor_conversion_function(IndexedSlices, _to_dense)
