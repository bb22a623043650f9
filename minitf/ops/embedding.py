"""Embeddings: rows of a table, looked up by number, and means of several rows."""

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.ops.arithmetic import maximum, subtract
from minitf.ops.array import expand_dims, identity, ones, rank, reshape, shape_of, size
from minitf.ops.casting import cast
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.gathering import gather
from minitf.ops.joining import concat
from minitf.ops.reductions import reduce_prod
from minitf.ops.sparse_tensor import SparseTensor


def embedding_lookup(params, ids, partition_strategy="mod", name=None, validate_indices=True, max_norm=None):
    """tf.nn.embedding_lookup: params[ids], the rows of a table that may be split over several tensors.

    params: a table (rows, ...), a list of them, or a partitioned variable; ids: int32 or int64 of any
    shape. partition_strategy: "mod" deals the rows out one by one, "div" in runs.  max_norm: rows longer
    than that are shortened.  The result has the shape ids.shape + (...).  Gradients of a table are
    IndexedSlices. Raises ValueError for no table or an unknown strategy.
    """
    tables = _tables(params)
    with name_scope(name, "embedding_lookup", [*tables, ids]) as scope:
        ids = convert_to_tensor(ids, name="ids")
        if len(tables) == 1:
            found = _shorten(gather(tables[0], ids, name=scope), ids, max_norm)
            return identity(found)
        return _from_parts(tables, ids, partition_strategy, max_norm, scope)


def _tables(params):
    if params is None or (isinstance(params, (list, tuple)) and not params):
        raise ValueError("Need at least one param")
    if hasattr(params, "as_list") and hasattr(params, "__iter__"):  # a partitioned variable
        params = list(params)
    return list(params) if isinstance(params, (list, tuple)) else [params]


def _shorten(rows, ids, max_norm):
    if max_norm is None:
        return rows
    from minitf.ops.clipping import clip_by_norm

    ids_rank, rows_rank = ids.shape.ndims, rows.shape.ndims
    return clip_by_norm(rows, max_norm, axes=list(range(ids_rank, rows_rank)))


def _from_parts(tables, ids, strategy, max_norm, name):
    """Deal the ids out to the tables that hold them, look up, and put the rows back in order."""
    from minitf.ops.partitioning import dynamic_partition, parallel_dynamic_stitch
    from minitf.ops.ranges import range as range_of

    count = len(tables)
    flat = reshape(ids, [-1])
    places = range_of(size(flat))
    if strategy == "mod":
        which, row = flat % count, flat // count
    elif strategy == "div":
        which, row = _in_runs(tables, flat)
    else:
        raise ValueError(f"Unrecognized partition strategy: {strategy!r}")
    which = cast(which, dtypes.int32)
    rows_of = dynamic_partition(row, which, count)
    places_of = dynamic_partition(places, which, count)
    found = [gather(convert_to_tensor(table), rows) for table, rows in zip(tables, rows_of, strict=True)]
    stitched = parallel_dynamic_stitch(places_of, found, name=name)
    row_shape = convert_to_tensor(tables[0]).shape[1:]
    tail = row_shape.as_list() if row_shape.is_fully_defined() else shape_of(tables[0])[1:]
    out = reshape(stitched, concat([shape_of(ids), tail], 0))
    out.set_shape(ids.shape.concatenate(row_shape))
    return _shorten(out, ids, max_norm)


def _in_runs(tables, ids):
    """(which table, which row) for rows dealt out in runs; the first tables have one row more where
    needed.
    """
    from minitf.ops.comparison import less
    from minitf.ops.selection import where

    sizes = [convert_to_tensor(t).shape.sizes for t in tables]
    known = [None if s is None else s[0] for s in sizes]
    count = len(tables)
    if None in known:
        total = cast(sum(shape_of(t)[0] for t in tables), ids.dtype.base_dtype)
    else:
        total = constant(sum(known), ids.dtype.base_dtype)
    fewer, extras = total // count, total % count
    which = maximum(ids // (fewer + 1), (ids - extras) // fewer)
    row = where(less(which, extras), ids % (fewer + 1), (ids - extras) % fewer)
    return which, row


def embedding_lookup_sparse(
    params, sp_ids, sp_weights, partition_strategy="mod", name=None, combiner=None, max_norm=None
):
    """tf.nn.embedding_lookup_sparse: for each row of `sp_ids`, its embeddings combined into one.

    sp_ids: SparseTensor (rows, any) of ids; sp_weights: SparseTensor of the same places, or None for 1
    each; combiner: "sum", "mean" (by the sum of the weights; the default) or "sqrtn" (by the root of the
    sum of their squares).  Raises TypeError for other than SparseTensors, ValueError for another combiner.
    """
    from minitf.ops.uniqueness import unique

    combiner = combiner or "mean"
    if combiner not in ("mean", "sqrtn", "sum"):
        raise ValueError("combiner must be one of 'mean', 'sqrtn' or 'sum'")
    tables = _tables(params)
    if not isinstance(sp_ids, SparseTensor):
        raise TypeError("sp_ids must be SparseTensor")
    if sp_weights is not None:
        _check_same_places(sp_ids, sp_weights)
    with name_scope(name, "embedding_lookup_sparse", [*tables, sp_ids]) as scope:
        segments = sp_ids.indices[:, 0]
        ids, places = unique(sp_ids.values)
        rows = embedding_lookup(params, ids, partition_strategy, max_norm=max_norm)
        if sp_weights is not None:
            return _weighted(rows, places, segments, sp_weights.values, combiner, scope)
        return _plain(rows, places, segments, combiner, scope)


def _check_same_places(sp_ids, sp_weights):
    if not isinstance(sp_weights, SparseTensor):
        raise TypeError("sp_weights must be either None or SparseTensor")
    sp_ids.values.shape.assert_is_compatible_with(sp_weights.values.shape)
    sp_ids.indices.shape.assert_is_compatible_with(sp_weights.indices.shape)
    if not sp_weights.dtype.is_floating:
        raise TypeError(f"sp_weights must be floating point, got {sp_weights.dtype}")


def _plain(rows, places, segments, combiner, name):
    from minitf.ops.sorted_segments import sparse_segment_mean, sparse_segment_sqrt_n, sparse_segment_sum

    combine = {"sum": sparse_segment_sum, "mean": sparse_segment_mean, "sqrtn": sparse_segment_sqrt_n}[
        combiner
    ]
    return combine(rows, places, cast(segments, dtypes.int32), name=name)


def _weighted(rows, places, segments, weights, combiner, name):
    from minitf.ops.division import div_no_nan
    from minitf.ops.powers import pow, sqrt
    from minitf.ops.sorted_segments import segment_sum

    segments = cast(segments, dtypes.int32)
    rows = gather(rows, places)
    if weights.dtype.base_dtype is not rows.dtype.base_dtype:
        weights = cast(weights, rows.dtype.base_dtype)
    more = ones(expand_dims(subtract(rank(rows), 1, name="sub"), 0), dtypes.int32)
    weights = reshape(weights, concat([shape_of(weights), more], 0))
    total = segment_sum(rows * weights, segments, name=name if combiner == "sum" else None)
    if combiner == "sum":
        return total
    if combiner == "mean":
        return div_no_nan(total, segment_sum(weights, segments), name=name)
    return div_no_nan(total, sqrt(segment_sum(pow(weights, 2), segments)), name=name)


def safe_embedding_lookup_sparse(
    embedding_weights,
    sparse_ids,
    sparse_weights=None,
    combiner="mean",
    default_id=None,
    name=None,
    partition_strategy="div",
    max_norm=None,
):
    """tf.nn.safe_embedding_lookup_sparse: `embedding_lookup_sparse` that forgives empty rows and negative
    ids.

    Negative ids, and ids of weights not above 0, are left out; a row without ids gets the embedding of
    `default_id`, or zeros.  sparse_ids may have more than two axes: all but the last are kept.
    """
    from minitf.ops.array import zeros_like
    from minitf.ops.selection import where
    from minitf.ops.slicing import slice
    from minitf.ops.sparse import sparse_fill_empty_rows, sparse_reshape
    from minitf.ops.tiling import tile

    tables = _tables(embedding_weights)
    with name_scope(name, "embedding_lookup", [*tables, sparse_ids, sparse_weights]) as scope:
        shape = sparse_ids.dense_shape
        ids_rank = sparse_ids.dense_shape.shape.sizes[0]
        rows = reduce_prod(slice(shape, [0], [ids_rank - 1]))
        flat = cast(concat([expand_dims(rows, 0), shape[ids_rank - 1 :]], 0), dtypes.int64)
        ids = sparse_reshape(sparse_ids, flat)
        weights = None
        if sparse_weights is not None:
            weights = SparseTensor(ids.indices, sparse_weights.values, ids.dense_shape)
        ids, weights = _pruned(ids, weights, combiner)
        ids, is_empty = sparse_fill_empty_rows(ids, default_id or 0)
        if weights is not None:
            weights, _ = sparse_fill_empty_rows(weights, 1.0)
        result = embedding_lookup_sparse(
            tables,
            ids,
            weights,
            partition_strategy,
            None if default_id is None else scope,
            combiner,
            max_norm,
        )
        if default_id is None:
            mask = tile(reshape(is_empty, [-1, 1]), [1, shape_of(result)[1]])
            result = where(mask, zeros_like(result), result)
        kept = concat([cast(slice(shape, [0], [ids_rank - 1]), dtypes.int32), shape_of(result)[1:]], 0)
        return result if ids_rank == 2 else reshape(result, kept)


def _pruned(ids, weights, combiner):
    """Without negative ids, and where weights are given, without those not above 0."""
    from minitf.ops.comparison import greater, greater_equal
    from minitf.ops.logic import logical_and
    from minitf.ops.sparse import sparse_retain

    keep = greater_equal(ids.values, constant(0, ids.values.dtype.base_dtype))
    if weights is not None and combiner != "sum":
        keep = logical_and(keep, greater(weights.values, constant(0, weights.values.dtype.base_dtype)))
    return sparse_retain(ids, keep), None if weights is None else sparse_retain(weights, keep)
