"""Sparse tensors made from others by ordinary operations, from dense ones, and as placeholders."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import as_shape
from minitf.ops.array import expand_dims, fill, identity, ones_like, reshape, shape_of
from minitf.ops.constant import constant, convert_to_tensor, placeholder, placeholder_with_default
from minitf.ops.gathering import gather, gather_nd
from minitf.ops.joining import concat
from minitf.ops.op import constant_value
from minitf.ops.sparse import sparse_tensor_to_dense
from minitf.ops.sparse_shaping import sparse_reorder, sparse_reshape
from minitf.ops.sparse_tensor import SparseTensor, as_sparse
from minitf.ops.transposing import transpose


def sparse_transpose(sp_input, perm=None, name=None):
    """tf.sparse_transpose: the axes of a SparseTensor in the order `perm`, by default reversed."""
    with name_scope(name, "SparseTranspose", [sp_input]):
        sp_input = as_sparse(sp_input)
        if perm is None:
            rank = sp_input.dense_shape.shape.num_elements()
            perm = np.arange(rank)[::-1].astype(np.int32)
        indices = transpose(gather(transpose(sp_input.indices), perm))
        return sparse_reorder(SparseTensor(indices, sp_input.values, gather(sp_input.dense_shape, perm)))


def sparse_retain(sp_input, to_retain):
    """tf.sparse_retain: only the entries where the bool vector `to_retain` is true."""
    from minitf.ops.selection import where

    sp_input, to_retain = as_sparse(sp_input), convert_to_tensor(to_retain)
    to_retain.shape.with_rank(1)
    sp_input.values.shape.merge_with(to_retain.shape)
    chosen = reshape(where(to_retain), [-1])
    return SparseTensor(
        gather(sp_input.indices, chosen), gather(sp_input.values, chosen), identity(sp_input.dense_shape)
    )


def sparse_reset_shape(sp_input, new_shape=None):
    """tf.sparse_reset_shape: the same entries in a larger shape, or in the smallest that holds them.

    Raises ValueError, or InvalidArgumentError at run time, where `new_shape` is too small or of another rank.
    """
    from minitf.ops.arithmetic import add, maximum
    from minitf.ops.reductions import reduce_max

    sp_input = as_sparse(sp_input)
    indices, values, old = (identity(t) for t in (sp_input.indices, sp_input.values, sp_input.dense_shape))
    if new_shape is None:
        top = reduce_max(indices, axis=0)
        return SparseTensor(indices, values, maximum(constant(0, dtypes.int64), add(top, ones_like(old))))
    new = convert_to_tensor(new_shape, dtypes.int64)
    new.shape.with_rank(1)
    new.shape.assert_is_compatible_with(old.shape)
    return SparseTensor(indices, values, _checked_shape(sp_input, old, new))


def _checked_shape(sp_input, old, new):
    """`new`, which must have the rank of `old` and be nowhere smaller."""
    from minitf.graph.graph import control_dependencies
    from minitf.ops.checking import assert_equal, assert_less_equal

    known_old, known_new = constant_value(sp_input.dense_shape), constant_value(new)
    if known_old is not None and known_new is not None and (known_new < known_old).any():
        raise ValueError(f"Requested dimension sizes {known_new.tolist()} are smaller than {known_old.tolist()}.")
    with control_dependencies([assert_equal(shape_of(old), shape_of(new))]):
        new = identity(new)
    with control_dependencies([assert_less_equal(old, new)]):
        return identity(new)


def sparse_merge(sp_ids, sp_values, vocab_size, name=None, already_sorted=False):
    """tf.sparse_merge: a SparseTensor whose last coordinate is what `sp_ids` held, with the values of `sp_values`.

    Lists of `sp_ids` and `vocab_size` give several last coordinates.
    """
    from minitf.ops.casting import cast

    ids, sizes = (x if isinstance(x, (list, tuple)) else [x] for x in (sp_ids, vocab_size))
    if len(ids) != len(sizes):
        raise ValueError("sp_ids and vocab_size have to have equal lengths.")
    with name_scope(name, "SparseMerge", [ids, sp_values]):
        ids, sp_values = [as_sparse(i) for i in ids], as_sparse(sp_values)
        columns = [expand_dims(cast(i.values, dtypes.int64), axis=1) for i in ids]
        sizes = [cast(s, dtypes.int64) for s in sizes]
        indices = concat([ids[0].indices[:, :-1], *columns], axis=1)
        shape = concat([ids[0].dense_shape[:-1], sizes], axis=0)
        merged = SparseTensor(indices, sp_values.values, shape)
        if already_sorted:
            return merged
        merged = sparse_reorder(merged)
        return SparseTensor(merged.indices, merged.values, shape)


def sparse_to_indicator(sp_input, vocab_size, name=None):
    """tf.sparse_to_indicator: a bool tensor with true at [row ..., v] for every value v of the row."""
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseToIndicator", [sp_input]) as scope:
        count = shape_of(sp_input.indices)[0]
        true = SparseTensor(sp_input.indices, fill(expand_dims(count, 0), True), sp_input.dense_shape)
        merged = sparse_merge(sp_input, true, vocab_size, name=scope)
        return sparse_tensor_to_dense(merged, default_value=False, validate_indices=False, name=scope)


def sparse_placeholder(dtype, shape=None, name=None):
    """tf.sparse_placeholder: a SparseTensor that is fed with a SparseTensorValue or (indices, values, shape)."""
    prefix = f"{name}/" if name else None
    part = {k: prefix and prefix + k for k in ("shape", "values", "indices")}
    known = as_shape(shape)
    if shape is None or known.ndims is None:
        rank, dense_shape = None, placeholder(dtypes.int64, [None], name=part["shape"])
    else:
        rank = known.ndims
        sizes = np.array([-1 if s is None else s for s in known.sizes], np.int64)
        if known.is_fully_defined():
            dense_shape = constant(sizes, name=part["shape"] or "Const")
        else:
            default = constant(sizes, name=f"{part['shape']}_default" if name else "Const")
            dense_shape = placeholder_with_default(default, [rank], name=part["shape"])
    return SparseTensor(
        values=placeholder(dtype, [None], name=part["values"]),
        indices=placeholder(dtypes.int64, [None, rank], name=part["indices"]),
        dense_shape=dense_shape,
    )


def from_dense(tensor, name=None):
    """tf.sparse.from_dense: the elements that are not 0 as a SparseTensor."""
    from minitf.ops.array import zeros_like
    from minitf.ops.comparison import not_equal
    from minitf.ops.selection import where

    with name_scope(name, "dense_to_sparse"):
        tensor = convert_to_tensor(tensor)
        indices = where(not_equal(tensor, zeros_like(tensor)))
        return SparseTensor(indices, gather_nd(tensor, indices), shape_of(tensor, out_type=dtypes.int64))


def sparse_eye(num_rows, num_columns=None, dtype=dtypes.float32, name=None):
    """tf.sparse.eye: the identity matrix as a SparseTensor."""
    from minitf.ops.arithmetic import minimum
    from minitf.ops.array import ones
    from minitf.ops.joining import stack
    from minitf.ops.ranges import range as range_of

    with name_scope(name, default_name="eye", values=[num_rows, num_columns]):
        rows = convert_to_tensor(num_rows, dtypes.int64, name="num_rows")
        columns = rows if num_columns is None else convert_to_tensor(num_columns, dtypes.int64, name="num_columns")
        count = minimum(rows, columns)
        diagonal = range_of(count)
        places = stack([diagonal, diagonal], axis=1)
        return SparseTensor(places, ones(reshape(count, [-1]), dtype), stack([rows, columns]))


def sparse_expand_dims(sp_input, axis=None, name=None):
    """tf.sparse.expand_dims: a new axis of size 1 at `axis` (at the end by default)."""
    sp_input = as_sparse(sp_input)
    with name_scope(name, default_name="expand_dims", values=[sp_input]):
        rank = sp_input.dense_shape.shape.num_elements()
        axis = -1 if axis is None else int(axis)
        if not -rank - 1 <= axis <= rank:
            raise ValueError(f"axis {axis} not in the interval [{-rank - 1}, {rank}].")
        axis = axis if axis >= 0 else axis + rank + 1
        sizes = sp_input.dense_shape
        return sparse_reshape(sp_input, concat([sizes[:axis], constant([1], dtypes.int64), sizes[axis:]], 0))


