"""Rows and elements by index: gather, gather_nd, batch_gather."""

import numpy as np

from minitf import errors
from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.graph.sparse import IndexedSlices
from minitf.kernels import gathering
from minitf.ops.array import expand_dims, reshape, shape_of, size
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import INDICES, Op, constant_value


class GatherV2(Op):
    """The slices of `params` along `axis` at `indices`: the shape of `indices` takes the place of the axis.

    The first `batch_dims` axes are shared: row b of `indices` looks into row b of `params`.
    """

    inputs = {"params": "Tparams", "indices": "Tindices", "axis": "Taxis"}
    types = {"Tparams": (), "Tindices": INDICES, "Taxis": INDICES}
    attrs = {"batch_dims": 0}
    static = (2,)
    examples = [
        example(normal(4, 3), array([3, 0, 3]), array(0)),
        example(normal(2, 4, 3), array([[3, 0], [1, 1]]), array(1)),
        example(normal(2, 4, 3), array([[3, 0], [1, 2]]), array(1), batch_dims=1),
    ]

    def infer(op, params, indices, axis):
        batch = op.attrs["batch_dims"]
        if axis.value is None or params.shape.ndims is None or indices.shape.ndims is None:
            return [(TensorShape(None), params.dtype)]
        at = _checked_axis(int(axis.value), params.shape.ndims)
        batch = batch + indices.shape.ndims if batch < 0 else batch
        p, i = params.shape.sizes, indices.shape.sizes
        if not 0 <= batch <= min(at, len(i)):
            raise ValueError(f"batch_dims = {batch} must be at most axis = {at} and the rank {len(i)} of indices")
        shared = TensorShape(p[:batch]).merge_with(i[:batch]).sizes
        return [(TensorShape([*shared, *p[batch:at], *i[batch:], *p[at + 1 :]]), params.dtype)]

    def cpu(op, params, indices, axis, out):
        at = int(axis) % params.ndim
        return [gathering.gather_launch(params, indices, at, op.attrs["batch_dims"] % (indices.ndim or 1), out)]

    def numpy(op, params, indices, axis):
        batch, at = op.attrs["batch_dims"] % (indices.ndim or 1), _checked_axis(int(axis), params.ndim)
        _check_indices(op, indices, params.shape[at])
        if batch == 0:
            return np.take(params, indices, at)
        flat = params.reshape(-1, *params.shape[batch:])
        rows = indices.reshape(flat.shape[0], *indices.shape[batch:])
        taken = [np.take(p, i, at - batch) for p, i in zip(flat, rows, strict=True)]
        return np.stack(taken).reshape(*params.shape[:batch], *np.shape(taken[0]))

    def explain(op, params, indices, axis):
        at = int(axis) % params.ndim
        return _out_of_range(op, indices, params.shape[at])

    def gradient(op, dy):
        params, indices, axis = op.inputs
        at = constant_value(axis)
        params_shape = shape_of(params)
        if op.attrs["batch_dims"]:
            return [_batch_gradient(op, dy, params_shape), None, None]
        if at is not None and int(at) == 0:
            return [_rows_gradient(dy, params_shape, indices), None, None]
        return [_axis_gradient(dy, params_shape, indices, axis), None, None]


def _checked_axis(axis, ndims):
    if not -ndims <= axis < ndims:
        raise ValueError(f"Expected axis in the range [{-ndims}, {ndims}), but got {axis}")
    return axis % ndims


def _check_indices(op, indices, size):
    if indices.size and (indices.min() < 0 or indices.max() >= size):
        raise _out_of_range(op, indices, size)


def _out_of_range(op, indices, size):
    flat = np.asarray(indices).reshape(-1)
    wrong = int(np.argmax((flat < 0) | (flat >= size)))
    place = place_name(wrong, indices.shape)
    return errors.InvalidArgumentError(None, op, f"indices{place} = {flat[wrong]} is not in [0, {size})")


def place_name(flat, shape):
    """Element number `flat` of an array of `shape`, as an index in brackets; nothing for a single number."""
    return f"[{','.join(str(i) for i in np.unravel_index(flat, shape))}]" if shape else ""


def _rows_gradient(dy, params_shape, indices):
    """Only the rows that were looked up have a gradient: an embedding's update touches no others."""
    from minitf.ops.joining import concat

    count = expand_dims(size(indices), 0)
    values = reshape(dy, concat([count, params_shape[1:]], 0))
    return IndexedSlices(values, reshape(indices, count), params_shape)


def _axis_gradient(dy, params_shape, indices, axis):
    """Rows summed into their places with the gathered axis brought to the front and back again."""
    from minitf.ops.joining import concat
    from minitf.ops.ranges import Range
    from minitf.ops.segments import unsorted_segment_sum
    from minitf.ops.transposing import transpose

    axis = axis % size(params_shape)
    count = expand_dims(size(indices), 0)
    outer, inner = params_shape[:axis], params_shape[axis:][1:]
    rows = reshape(dy, concat([outer, count, inner], 0))
    places = Range.apply(0, size(params_shape), 1)
    to_front = concat([places[axis : axis + 1], places[:axis], places[axis + 1 :]], 0)
    back = concat([places[1 : axis + 1], places[:1], places[axis + 1 :]], 0)
    summed = unsorted_segment_sum(transpose(rows, to_front), reshape(indices, count), params_shape[axis])
    return transpose(summed, back)


def _batch_gradient(op, dy, params_shape):
    """Every batch row gets its own range of rows in one large `unsorted_segment_sum`."""
    from minitf.ops.joining import concat
    from minitf.ops.ranges import Range
    from minitf.ops.reductions import reduce_prod
    from minitf.ops.segments import unsorted_segment_sum
    from minitf.ops.transposing import transpose

    params, indices, axis = op.inputs
    ndims, batch = params.shape.ndims, op.attrs["batch_dims"] % indices.shape.ndims
    at = int(constant_value(axis)) % ndims
    if at != batch:
        moved = [*range(batch), *range(at, at + indices.shape.ndims - batch), *range(batch, at)]
        dy = transpose(dy, [*moved, *range(len(moved), dy.shape.ndims)])
    outer, rows = reduce_prod(params_shape[:batch]), params_shape[at]
    offsets = reshape(Range.apply(0, outer, 1) * rows, [-1, 1])
    flat = reshape(reshape(indices, [outer, -1]) + _as(offsets, indices), [-1])
    rest = concat([params_shape[batch:at], params_shape[at + 1 :]], 0)
    summed = unsorted_segment_sum(reshape(dy, concat([[-1], rest], 0)), flat, outer * rows)
    summed = reshape(summed, concat([params_shape[:batch], [rows], rest], 0))
    if at == batch:
        return summed
    return transpose(summed, [*range(batch), *range(batch + 1, at + 1), batch, *range(at + 1, ndims)])


def _as(tensor, like):
    from minitf.ops.casting import cast

    return tensor if tensor.dtype is like.dtype else cast(tensor, like.dtype)


def gather(params, indices, validate_indices=None, name=None, axis=None, batch_dims=0):
    """tf.gather: the slices of `params` along `axis` (default: `batch_dims`) at the integers `indices`.

    Raises InvalidArgumentError at run time for an index out of range.
    """
    batch_dims = int(batch_dims)
    if axis is None:
        axis = batch_dims
    if isinstance(axis, (int, np.integer)) and int(axis) == 0 and hasattr(params, "sparse_read"):
        return params.sparse_read(indices, name=name)
    return GatherV2.apply(params, indices, axis, batch_dims=batch_dims, name=name)


def batch_gather(params, indices, name=None):
    """tf.batch_gather: the last axis of `indices` picks elements of the same axis of `params`."""
    with name_scope(name, "BatchGather", [params, indices]):
        indices = convert_to_tensor(indices, name="indices")
        params = convert_to_tensor(params, name="params")
        if indices.shape.ndims is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        axis = indices.shape.ndims - 1
        return GatherV2.apply(params, indices, axis, batch_dims=axis)


class GatherNd(Op):
    """output[..., :] = params[indices[..., :]]: the last axis of `indices` is a multi-index."""

    inputs = {"params": "Tparams", "indices": "Tindices"}
    types = {"Tparams": (), "Tindices": INDICES}
    examples = [
        example(normal(3, 4), array([[0, 1], [2, 3], [0, 1]])),
        example(normal(3, 4, 2), array([[[2], [0]]])),
    ]

    def infer(op, params, indices):
        if params.shape.ndims is None or indices.shape.ndims is None or indices.shape.sizes[-1:] in ((None,), ()):
            indices.shape.with_rank_at_least(1)
            return [(TensorShape(None), params.dtype)]
        depth = indices.shape.sizes[-1]
        if depth > params.shape.ndims:
            raise ValueError(f"indices.shape[-1] must be <= params.rank, but saw indices shape: {indices.shape} "
                             f"and params shape: {params.shape}")  # fmt: skip
        return [(indices.shape[:-1].concatenate(params.shape[depth:]), params.dtype)]

    def cpu(op, params, indices, out):
        return [gathering.gather_nd_launch(params, indices, 0, out)]

    def numpy(op, params, indices):
        depth = indices.shape[-1]
        if params.size == 0 and indices.size:
            raise ValueError(f"Requested more than 0 entries, but params is empty.  Params shape: {list(params.shape)}")
        check_places(op, indices, params.shape[:depth])
        return params[tuple(np.moveaxis(indices, -1, 0))] if depth else np.broadcast_to(
            params, indices.shape[:-1] + params.shape)  # fmt: skip

    def explain(op, params, indices):
        return place_error(op, indices, params.shape[: indices.shape[-1]])

    def gradient(op, dy):
        from minitf.ops.scattering import scatter_nd

        params, indices = op.inputs
        shape = shape_of(params, out_type=indices.dtype)
        if indices.shape.ndims == 2 and indices.shape.sizes[-1] == 1:
            from minitf.ops.array import squeeze

            return [IndexedSlices(dy, squeeze(indices, axis=-1), shape), None]
        return [scatter_nd(indices, dy, shape), None]


def check_places(op, indices, sizes):
    """Raise InvalidArgumentError where a multi-index does not lie in an array of `sizes`."""
    if indices.size and ((indices < 0) | (indices >= np.array(sizes))).any():
        raise place_error(op, indices, sizes)


def place_error(op, indices, sizes):
    rows = indices.reshape(-1, indices.shape[-1])
    wrong = int(np.argmax(((rows < 0) | (rows >= np.array(sizes))).any(axis=1)))
    place = place_name(wrong, indices.shape[:-1])
    return errors.InvalidArgumentError(
        None, op, f"indices{place} = {rows[wrong].tolist()} does not index into shape {list(sizes)}"
    )


def gather_nd(params, indices, name=None, batch_dims=0):
    """tf.gather_nd: slices of `params` at the multi-indices in the last axis of `indices`.

    indices: (..., depth) -> (..., *params.shape[depth:]).  With `batch_dims`, leading axes are shared.
    Raises InvalidArgumentError at run time for an index out of range.
    """
    batch_dims = constant_value(batch_dims) if isinstance(batch_dims, Tensor) else batch_dims
    if batch_dims == 0:
        return GatherNd.apply(params, indices, name=name)
    return batch_gather_nd(params, indices, int(batch_dims), name)


def batch_gather_nd(params, indices, batch_dims, name=None):
    """gather_nd with shared leading axes: the place in these axes is put before every multi-index."""
    from minitf.ops.joining import concat
    from minitf.ops.ranges import Range
    from minitf.ops.tiling import broadcast_to

    with name_scope(name, "GatherNd", [params, indices]) as scope:
        params, indices = convert_to_tensor(params, name="params"), convert_to_tensor(indices, name="indices")
        ndims, shape = indices.shape.ndims, shape_of(indices)
        if ndims is None or not 0 < batch_dims < ndims:
            raise ValueError(f"batch_dims = {batch_dims} must be less than rank(indices) = {ndims}")
        column = concat([shape[:-1], constant([1])], 0)
        places = []
        for axis in range(batch_dims):
            along = reshape(Range.apply(0, shape[axis], 1), [-1 if d == axis else 1 for d in range(ndims)])
            places.append(_as(broadcast_to(along, column), indices))
        return GatherNd.apply(params, concat([*places, indices], -1), name=scope)


class UnravelIndex(Op):
    """The multi-indices, one a column, of places in the flat elements of an array of sizes `dims`."""

    inputs = {"indices": "Tidx", "dims": "Tidx"}
    types = {"Tidx": INDICES}
    examples = [example(array([2, 5, 0]), array([2, 3]))]

    def infer(op, indices, dims):
        depth = dims.shape.with_rank(1).sizes[0]
        count = indices.shape.num_elements()
        return [(TensorShape([depth] if indices.shape.ndims == 0 else [depth, count]), indices.dtype)]

    def numpy(op, indices, dims):
        if indices.size and (indices.min() < 0 or indices.max() >= np.prod(dims)):
            raise ValueError(f"index is out of bound as with dims {dims.tolist()}")
        return np.array(np.unravel_index(indices, [int(d) for d in dims]), indices.dtype)

    gradient = None


def unravel_index(indices, dims, name=None):
    """tf.unravel_index: the multi-indices of flat `indices` into an array of sizes `dims`."""
    return UnravelIndex.apply(indices, dims, name=name)
