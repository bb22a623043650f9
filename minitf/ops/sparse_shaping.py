"""Sparse tensors in another order or shape, cut, joined, filled up."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.array import identity, reshape, shape_of
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.gathering import gather
from minitf.ops.op import Op, constant_value
from minitf.ops.sparse import OTHER_PLACES, PLACES, SIZES, known_sizes, sparse_specs
from minitf.ops.sparse_tensor import SparseTensor, as_sparse
from minitf.ops.uniqueness import invert_permutation

_MIXED = array([[2, 1], [0, 3], [0, 1]], np.int64)


def order_of(indices, shape):
    """The permutation that sorts places row by row; equal ones keep their order."""
    return np.lexsort(indices.T[::-1]) if indices.shape[1] else np.arange(len(indices))


class SparseReorder(Op):
    """The entries sorted by their places, row by row."""

    inputs = {"input_indices": "int64", "input_values": "T", "input_shape": "int64"}
    types = {"T": ()}
    foldable = False
    examples = [example(_MIXED, normal(3), SIZES)]

    def infer(op, input_indices, input_values, input_shape):
        return [(input_indices.shape.with_rank(2), dtypes.int64), (input_values.shape, input_values.dtype)]

    def numpy(op, input_indices, input_values, input_shape):
        order = order_of(input_indices, input_shape)
        return [input_indices[order], input_values[order]]

    def gradient(op, d_indices, d_values):
        from minitf.ops.ranges import range as range_of

        indices, _, shape = op.inputs
        order = SparseReorder.apply(indices, range_of(shape_of(indices)[0]), shape)[1]
        return [None, gather(d_values, invert_permutation(order)), None]


def sparse_reorder(sp_input, name=None):
    """tf.sparse_reorder: the same SparseTensor with its entries in row-major order."""
    sp_input = as_sparse(sp_input)
    indices, values = SparseReorder.apply(sp_input.indices, sp_input.values, sp_input.dense_shape, name=name)
    return SparseTensor(indices, values, identity(sp_input.dense_shape))


class SparseReshape(Op):
    """The places of the entries in another shape with as many elements; one size may be -1."""

    inputs = {"input_indices": "int64", "input_shape": "int64", "new_shape": "int64"}
    foldable = False
    examples = [example(PLACES, SIZES, array([2, -1], np.int64))]
    gradient = None

    def infer(op, input_indices, input_shape, new_shape):
        count, rank = input_indices.shape.with_rank(2)[0], new_shape.shape.with_rank(1)[0]
        return [(TensorShape([count, rank]), dtypes.int64), (TensorShape([rank]), dtypes.int64)]

    def numpy(op, input_indices, input_shape, new_shape):
        sizes, total = [int(d) for d in new_shape], int(np.prod(input_shape))
        if sizes.count(-1) > 1:
            raise ValueError("only one output dimension may be -1")
        if -1 in sizes:
            known = int(np.prod([d for d in sizes if d != -1]))
            if not known or total % known:
                raise ValueError(f"Input to reshape is a SparseTensor with {total} dense values, but the requested "
                                 f"shape requires a multiple of {known}")  # fmt: skip
            sizes[sizes.index(-1)] = total // known
        if int(np.prod(sizes)) != total:
            raise ValueError(f"Input to reshape is a tensor with {total} dense values, but the requested shape has "
                             f"{int(np.prod(sizes))}")  # fmt: skip
        flat = np.ravel_multi_index(tuple(input_indices.T), tuple(input_shape)) if len(input_indices) else []
        places = np.stack(np.unravel_index(flat, sizes), 1) if len(flat) else np.zeros((0, len(sizes)), np.int64)
        return [places, sizes]


def sparse_reshape(sp_input, shape, name=None):
    """tf.sparse_reshape: the same entries, read row by row, in the new `shape`; one size may be -1."""
    from minitf.ops.casting import cast

    sp_input, shape = as_sparse(sp_input), cast(shape, dtypes.int64)
    with name_scope(name, "SparseReshape", [sp_input.indices, shape]) as scope:
        old, new = (constant_value(t) for t in (sp_input.dense_shape, shape))
        if old is not None and new is not None and -1 not in new and np.prod(old) != np.prod(new):
            raise ValueError(f"Cannot reshape a tensor with {np.prod(old)} elements to shape {new.tolist()} "
                             f"({np.prod(new)} elements).")  # fmt: skip
        indices, sizes = SparseReshape.apply(sp_input.indices, sp_input.dense_shape, shape, name=scope)
        return SparseTensor(indices, identity(sp_input.values), sizes)


class SparseSlice(Op):
    """The entries of a box that begins at `start` and has `size`, with places counted from its corner."""

    inputs = {"indices": "int64", "values": "T", "shape": "int64", "start": "int64", "size": "int64"}
    types = {"T": ()}
    foldable = False
    examples = [example(OTHER_PLACES, normal(3), SIZES, array([0, 1], np.int64), array([2, 9], np.int64))]

    def infer(op, indices, values, shape, start, size):
        return sparse_specs(indices.shape.with_rank(2)[1].value, values.dtype)

    def numpy(op, indices, values, shape, start, size):
        end = np.minimum(start + size, shape)
        inside = ((indices >= start) & (indices < end)).all(1)
        return [indices[inside] - start, values[inside], np.maximum(end - start, 0)]

    def gradient(op, d_indices, d_values, d_shape):
        return [None, SparseSliceGrad.apply(d_values, op.inputs[0], op.inputs[3], op.outputs[0]), *[None] * 3]


class SparseSliceGrad(Op):
    """For each entry before the slice its gradient, 0 where it was cut off."""

    inputs = {"backprop_val_grad": "T", "input_indices": "int64", "input_start": "int64", "output_indices": "int64"}
    types = {"T": ()}
    examples = [
        example(normal(1), OTHER_PLACES, array([1, 1], np.int64), array([[0, 2]], np.int64), gradient=False)
    ]

    def infer(op, backprop_val_grad, input_indices, input_start, output_indices):
        return [(TensorShape([input_indices.shape.with_rank(2)[0]]), backprop_val_grad.dtype)]

    def numpy(op, backprop_val_grad, input_indices, input_start, output_indices):
        found = dict(zip(map(tuple, (output_indices + input_start).tolist()), backprop_val_grad, strict=True))
        return np.array([found.get(tuple(i), 0) for i in input_indices.tolist()], backprop_val_grad.dtype)


def sparse_slice(sp_input, start, size, name=None):
    """tf.sparse_slice: the entries within the box from `start` of `size` (cut at the tensor's end)."""
    sp_input = as_sparse(sp_input)
    start, size = convert_to_tensor(start, dtypes.int64), convert_to_tensor(size, dtypes.int64)
    with name_scope(name, "SparseSlice", [sp_input]) as scope:
        return SparseTensor(*SparseSlice.apply(sp_input.indices, sp_input.values, sp_input.dense_shape, start, size,
                                               name=scope))  # fmt: skip


class SparseSplit(Op):
    """A sparse tensor cut into `num_split` along one axis; the first ones are longer where it does not divide."""

    inputs = {"split_dim": "int64", "indices": "int64", "values": "T", "shape": "int64"}
    types = {"T": ()}
    foldable = False
    examples = [example(array(1, np.int64), OTHER_PLACES, normal(3), SIZES, num_split=3, gradient=False)]
    gradient = None

    def infer(op, split_dim, indices, values, shape):
        rank, count = indices.shape.with_rank(2)[1].value, op.attrs["num_split"]
        specs = sparse_specs(rank, values.dtype)
        return [spec for spec in specs for _ in range(count)]

    def numpy(op, split_dim, indices, values, shape):
        axis, count = int(split_dim), op.attrs["num_split"]
        if not -len(shape) <= axis < len(shape):
            raise ValueError(f"Input axis should be in range [0, {len(shape)}), got {axis}")
        size = int(shape[axis])
        if not 1 <= count <= size:
            raise ValueError(f"Input num_split should be between 1 and the splitting dimension size ({size})")
        sizes = [size // count + (i < size % count) for i in range(count)]
        parts = [_part(indices, values, shape, axis, sum(sizes[:i]), sizes[i]) for i in range(count)]
        return [part[k] for k in range(3) for part in parts]


def _part(indices, values, shape, axis, start, size):
    inside = (indices[:, axis] >= start) & (indices[:, axis] < start + size)
    places, sizes = indices[inside].copy(), shape.copy()
    places[:, axis] -= start
    sizes[axis] = size
    return places, values[inside], sizes


def sparse_split(keyword_required=None, sp_input=None, num_split=None, axis=None, name=None, split_dim=None):
    """tf.sparse_split(sp_input=, num_split=, axis=): a list of SparseTensors, cut along `axis`.

    Raises ValueError where an argument is missing or positional.
    """
    axis = split_dim if axis is None else axis
    if keyword_required is not None or sp_input is None or num_split is None or axis is None:
        raise ValueError("Keyword arguments are required: sp_input, num_split and axis.")
    sp_input = as_sparse(sp_input)
    parts = SparseSplit.apply(axis, sp_input.indices, sp_input.values, sp_input.dense_shape, num_split=num_split,
                              name=name)  # fmt: skip
    return [SparseTensor(*parts[i::num_split]) for i in range(num_split)]


class SparseConcat(Op):
    """Sparse tensors one after the other along an axis; the entries sorted by their places."""

    inputs = {"*indices": "int64", "*values": "T", "*shapes": "int64"}
    types = {"T": ()}
    foldable = False
    examples = [
        example([PLACES, OTHER_PLACES], [normal(2), normal(3)], [SIZES, SIZES], concat_dim=1, gradient=False)
    ]
    gradient = None

    def infer(op, *inputs):
        count = len(inputs) // 3
        rank, entries = TensorShape([None]), 0
        for indices, values, shape in zip(inputs[:count], inputs[count : 2 * count], inputs[2 * count :], strict=True):
            places = indices.shape.with_rank(2)
            rank = rank.merge_with([places.sizes[1]]).merge_with(shape.shape)
            n = TensorShape([places.sizes[0]]).merge_with(values.shape).sizes[0]
            entries = None if n is None or entries is None else entries + n
        return sparse_specs(rank.sizes[0], inputs[count].dtype, entries)

    def numpy(op, *inputs):
        count = len(inputs) // 3
        indices, values, sizes = inputs[:count], inputs[count : 2 * count], inputs[2 * count :]
        axis, rank = op.attrs["concat_dim"], len(sizes[0])
        if not -rank <= axis < rank:
            raise ValueError(f"Concat dimension must be in range [{-rank}, {rank}), got {axis}")
        axis %= rank
        others = [np.delete(s, axis).tolist() for s in sizes]
        if any(o != others[0] for o in others):
            raise ValueError(f"Input shapes must match but for dimension {axis}: {[s.tolist() for s in sizes]}")
        starts = np.cumsum([0, *(int(s[axis]) for s in sizes)])
        unit = np.eye(rank, dtype=np.int64)[axis]
        places = np.concatenate([p + unit * start for p, start in zip(indices, starts, strict=False)])
        shape = sizes[0] + unit * (starts[-1] - sizes[0][axis])
        order = order_of(places, shape)
        return [places[order], np.concatenate(values)[order], shape]


def sparse_concat(axis, sp_inputs, name=None, expand_nonconcat_dim=False, concat_dim=None,
                  expand_nonconcat_dims=None):  # fmt: skip
    """tf.sparse_concat: a list of SparseTensors joined along `axis`.

    `expand_nonconcat_dims` lets the other sizes differ: the result takes the largest.
    """
    expand = expand_nonconcat_dim if expand_nonconcat_dims is None else expand_nonconcat_dims
    axis = concat_dim if axis is None else axis
    parts = [as_sparse(p) for p in sp_inputs]
    if len(parts) == 1:
        return parts[0]
    shapes = [p.dense_shape for p in parts]
    if expand:
        shapes = _widened(shapes, axis)
    out = SparseConcat.apply([p.indices for p in parts], [p.values for p in parts], shapes, concat_dim=axis, name=name)
    return SparseTensor(*out)


def _widened(shapes, axis):
    """Each shape with the largest of all sizes, its own along `axis`."""
    from minitf.ops.joining import concat
    from minitf.ops.reductions import reduce_max

    largest = reduce_max(concat([reshape(s, [1, -1]) for s in shapes], 0), 0)
    end = None if axis == -1 else axis + 1
    return [concat([largest[:axis], s[axis:end], largest[axis:][1:] if axis != -1 else largest[:0]], 0)
            for s in shapes]  # fmt: skip


class SparseFillEmptyRows(Op):
    """A sparse matrix with an entry (row, 0) of `default_value` in every row that has none."""

    inputs = {"indices": "int64", "values": "T", "dense_shape": "int64", "default_value": "T"}
    types = {"T": ()}
    foldable = False
    examples = [example(PLACES, normal(2), SIZES, normal())]

    def infer(op, indices, values, dense_shape, default_value):
        rank = indices.shape.with_rank(2)[1].value
        rows = known_sizes(dense_shape)[0] if known_sizes(dense_shape).ndims else None
        return [*sparse_specs(rank, values.dtype)[:2], (TensorShape([rows]), dtypes.bool),
                (TensorShape([indices.shape[0]]), dtypes.int64)]  # fmt: skip

    def numpy(op, indices, values, dense_shape, default_value):
        rows = int(dense_shape[0])
        if ((indices[:, 0] < 0) | (indices[:, 0] >= rows)).any():
            raise ValueError(f"an index is out of range: the first size is {rows}")
        empty = np.bincount(indices[:, 0], minlength=rows) == 0
        added = np.zeros((int(empty.sum()), indices.shape[1]), np.int64)
        added[:, 0] = np.flatnonzero(empty)
        places = np.concatenate([indices, added])
        order = np.argsort(places[:, 0], kind="stable")
        filler = np.full(len(added), default_value, values.dtype)
        positions = np.argsort(order, kind="stable")[: len(indices)]
        return [places[order], np.concatenate([values, filler])[order], empty, positions]

    def gradient(op, d_indices, d_values, d_empty, d_map):
        values, default = SparseFillEmptyRowsGrad.apply(op.outputs[3], d_values)
        return [None, values, None, default]


class SparseFillEmptyRowsGrad(Op):
    """The gradient of the entries that were there, and that of the default value: the sum of the others."""

    inputs = {"reverse_index_map": "int64", "grad_values": "T"}
    types = {"T": ()}
    examples = [example(array([0, 2], np.int64), normal(4), gradient=False)]

    def infer(op, reverse_index_map, grad_values):
        return [(reverse_index_map.shape, grad_values.dtype), (TensorShape([]), grad_values.dtype)]

    def numpy(op, reverse_index_map, grad_values):
        filled = np.ones(len(grad_values), bool)
        filled[reverse_index_map] = False
        return [grad_values[reverse_index_map], grad_values[filled].sum()]


def sparse_fill_empty_rows(sp_input, default_value, name=None):
    """tf.sparse_fill_empty_rows: (the SparseTensor with `default_value` at [row, 0] of empty rows, which were)."""
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseFillEmptyRows", [sp_input]):
        default_value = convert_to_tensor(default_value, dtype=sp_input.values.dtype)
        indices, values, empty, _ = SparseFillEmptyRows.apply(sp_input.indices, sp_input.values,
                                                              sp_input.dense_shape, default_value)  # fmt: skip
        return SparseTensor(indices, values, sp_input.dense_shape), empty
