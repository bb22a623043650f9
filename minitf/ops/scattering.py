"""Values to places: into zeros (scatter_nd), into a copy (tensor_scatter_*), into variables (scatter_*).

`ScatterAdd` and its kin take row numbers; `ScatterNdAdd` and its kin take multi-indices, in the last axis
of `indices`.  Where a place occurs several times, the updates are applied one after the other.
"""

import numpy as np

from minitf.kernels import copying
from minitf.kernels.gathering import scatter_launch
from minitf.ops.array import identity, shape_of, zeros_like
from minitf.ops.examples import array, example, normal, positive
from minitf.ops.gathering import check_places, gather_nd, place_error
from minitf.ops.op import INDICES, NUMBERS, REALS, Op


def _newest(old, new):
    return new


def _sum(old, new):
    return old + new


def _difference(old, new):
    return old - new


def _product(old, new):
    return old * new


def _quotient(old, new):
    return old / new


def _smaller(old, new):
    return new if new < old else old


def _larger(old, new):
    return new if new > old else old


_ARRAY_FORMS = {_newest: lambda old, new: new, _smaller: np.minimum, _larger: np.maximum}


def _apply(op, out, indices, updates):
    """The NumPy twin of the kernel: one update after the other, on `out` itself."""
    depth = indices.shape[-1]
    check_places(op, indices, out.shape[:depth])
    combine = _ARRAY_FORMS.get(op.definition.combine, op.definition.combine)
    rest = out.shape[depth:]
    count = int(np.prod(indices.shape[:-1], dtype=np.int64))
    rows = np.broadcast_to(updates, indices.shape[:-1] + rest).reshape(count, *rest)
    for place, update in zip(indices.reshape(count, depth), rows, strict=True):
        out[tuple(place)] = combine(out[tuple(place)], update)
    return out


def _check_updates(whole, indices, updates, depth):
    """Raise ValueError where updates are not indices.shape[:-1] + whole.shape[depth:]."""
    if whole.ndims is None or indices.ndims is None or updates.ndims is None:
        return
    if depth is not None and depth > whole.ndims:
        raise ValueError(f"indices of depth {depth} do not fit a tensor of shape {whole}")
    wanted = indices[:-1].concatenate(whole[depth:]) if depth is not None else updates
    if not wanted.is_compatible_with(updates):
        raise ValueError(f"Updates of shape {updates} do not fit indices {indices} and shape {whole}: need {wanted}")


def _depth(indices):
    return indices.sizes[-1] if indices.ndims else None


class ScatterNd(Op):
    """Zeros of `shape`, with updates[i] added at indices[i]."""

    inputs = {"indices": "Tindices", "updates": "T", "shape": "Tindices"}
    types = {"T": (), "Tindices": INDICES}
    static = (2,)
    combine = _sum
    examples = [
        example(array([[1], [3], [1]]), normal(3), array([5])),
        example(array([[0, 2], [1, 0]]), normal(2, 4), array([2, 3, 4])),
    ]

    def infer(op, indices, updates, shape):
        whole = shape.sizes()
        _check_updates(whole, indices.shape, updates.shape, _depth(indices.shape))
        return [(whole, updates.dtype)]

    def cpu(op, indices, updates, shape, out):
        return [copying.fill_launch(0, out), scatter_launch(_sum, indices, updates, out)]

    def numpy(op, indices, updates, shape):
        return _apply(op, np.zeros([int(n) for n in shape], updates.dtype), indices, updates)

    def explain(op, indices, updates, shape):
        return place_error(op, indices, [int(n) for n in shape[: indices.shape[-1]]])

    def gradient(op, dy):
        return [None, gather_nd(dy, op.inputs[0]), None]


def scatter_nd(indices, updates, shape, name=None):
    """tf.scatter_nd: zeros of `shape` with `updates` added at the multi-indices `indices`.

    indices: (..., depth), updates: (..., *shape[depth:]).  Raises InvalidArgumentError out of range.
    """
    return ScatterNd.apply(indices, updates, shape, name=name)


class _TensorScatter(Op):
    inputs = {"tensor": "T", "indices": "Tindices", "updates": "T"}
    types = {"T": (), "Tindices": INDICES}
    examples = [
        example(normal(5), array([[1], [3]]), normal(2)),
        example(normal(2, 3), array([[0], [1]]), normal(2, 3)),
    ]

    def infer(op, tensor, indices, updates):
        _check_updates(tensor.shape, indices.shape, updates.shape, _depth(indices.shape))
        return [(tensor.shape, tensor.dtype)]

    def cpu(op, tensor, indices, updates, out):
        return [copying.copy_launch(tensor, out), scatter_launch(op.definition.combine, indices, updates, out)]

    def numpy(op, tensor, indices, updates):
        return _apply(op, tensor.copy(), indices, updates)

    def explain(op, tensor, indices, updates):
        return place_error(op, indices, tensor.shape[: indices.shape[-1]])


class TensorScatterUpdate(_TensorScatter):
    """A copy of `tensor` with updates[i] at indices[i]."""

    combine = _newest

    def gradient(op, dy):
        _, indices, updates = op.inputs
        to_updates = gather_nd(dy, indices)
        return [tensor_scatter_update(identity(dy), indices, zeros_like(updates)), None, to_updates]


class TensorScatterAdd(_TensorScatter):
    """A copy of `tensor` with updates[i] added at indices[i]."""

    combine = _sum

    def gradient(op, dy):
        to_updates = gather_nd(dy, op.inputs[1])
        return [identity(dy), None, to_updates]


class TensorScatterSub(_TensorScatter):
    """A copy of `tensor` with updates[i] subtracted at indices[i]."""

    combine = _difference

    def gradient(op, dy):
        to_updates = gather_nd(dy, op.inputs[1])
        return [identity(dy), None, -to_updates]


def tensor_scatter_update(tensor, indices, updates, name=None):
    """tf.tensor_scatter_update: a copy of `tensor` with `updates` at the multi-indices `indices`."""
    return TensorScatterUpdate.apply(tensor, indices, updates, name=name)


def tensor_scatter_add(tensor, indices, updates, name=None):
    """tf.tensor_scatter_add: the same, adding."""
    return TensorScatterAdd.apply(tensor, indices, updates, name=name)


def tensor_scatter_sub(tensor, indices, updates, name=None):
    """tf.tensor_scatter_sub: the same, subtracting."""
    return TensorScatterSub.apply(tensor, indices, updates, name=name)


class _ScatterRows(Op):
    inputs = {"ref": "T", "indices": "Tindices", "updates": "T"}
    types = {"T": NUMBERS, "Tindices": INDICES}
    attrs = {"use_locking": False}
    reference = (0,)
    examples = [
        example(normal(4, 3), array([2, 0, 2]), normal(3, 3)),
        example(normal(4), array([[1], [3]]), normal(2, 1)),
        example(normal(4, 2), array(1), normal(2)),
        example(normal(4, 2), array([1, 1]), normal()),
    ]

    def infer(op, ref, indices, updates):
        column = indices.shape.concatenate([1])
        if updates.shape.ndims != 0:
            _check_updates(ref.shape.with_rank_at_least(1), column, updates.shape, 1)
        return [(ref.shape, ref.dtype._as_ref)]

    def cpu(op, ref, indices, updates):
        if updates.size * ref.shape[0] != indices.size * ref.size:
            return None
        return [scatter_launch(op.definition.combine, indices[..., None], updates, ref)]

    def numpy(op, ref, indices, updates):
        return _apply(op, ref.copy(), indices[..., None], updates)

    def explain(op, ref, indices, updates):
        return place_error(op, indices[..., None], ref.shape[:1])

    gradient = None


class ScatterUpdate(_ScatterRows):
    """ref[indices[i]] = updates[i]"""

    types = {"T": (), "Tindices": INDICES}
    attrs = {"use_locking": True}
    combine = _newest


class ScatterAdd(_ScatterRows):
    """ref[indices[i]] += updates[i]"""

    combine = _sum


class ScatterSub(_ScatterRows):
    """ref[indices[i]] -= updates[i]"""

    combine = _difference


class ScatterMul(_ScatterRows):
    """ref[indices[i]] *= updates[i]"""

    combine = _product


class ScatterDiv(_ScatterRows):
    """ref[indices[i]] /= updates[i]; whole numbers are divided towards zero."""

    combine = _quotient
    examples = [example(normal(4, 3), array([2, 0, 2]), positive(3, 3))]


class ScatterMin(_ScatterRows):
    """ref[indices[i]] = min(ref[indices[i]], updates[i])"""

    types = {"T": REALS, "Tindices": INDICES}
    combine = _smaller


class ScatterMax(_ScatterRows):
    """ref[indices[i]] = max(ref[indices[i]], updates[i])"""

    types = {"T": REALS, "Tindices": INDICES}
    combine = _larger


class _ScatterPlaces(Op):
    inputs = {"ref": "T", "indices": "Tindices", "updates": "T"}
    types = {"T": NUMBERS, "Tindices": INDICES}
    attrs = {"use_locking": False}
    reference = (0,)
    examples = [
        example(normal(4, 3), array([[2, 1], [0, 0], [2, 1]]), normal(3)),
        example(normal(4, 3), array([[2], [0]]), normal(2, 3)),
    ]

    def infer(op, ref, indices, updates):
        _check_updates(ref.shape, indices.shape, updates.shape, _depth(indices.shape))
        return [(ref.shape, ref.dtype._as_ref)]

    def cpu(op, ref, indices, updates):
        return [scatter_launch(op.definition.combine, indices, updates, ref)]

    def numpy(op, ref, indices, updates):
        return _apply(op, ref.copy(), indices, updates)

    def explain(op, ref, indices, updates):
        return place_error(op, indices, ref.shape[: indices.shape[-1]])

    gradient = None


class ScatterNdUpdate(_ScatterPlaces):
    """ref[indices[i]] = updates[i] for multi-indices."""

    types = {"T": (), "Tindices": INDICES}
    attrs = {"use_locking": True}
    combine = _newest


class ScatterNdAdd(_ScatterPlaces):
    """ref[indices[i]] += updates[i] for multi-indices."""

    combine = _sum


class ScatterNdSub(_ScatterPlaces):
    """ref[indices[i]] -= updates[i] for multi-indices."""

    combine = _difference


def _function(definition, tf_name, locking):
    def scatter(ref, indices, updates, use_locking=locking, name=None):
        return definition.apply(ref, indices, updates, use_locking=use_locking, name=name)

    scatter.__name__ = scatter.__qualname__ = tf_name
    scatter.__doc__ = (
        f"tf.{tf_name}: {definition.__doc__}\n\n    `ref` is a variable; the output is its new value.  "
        "Raises InvalidArgumentError at run time for an index\n    out of range.\n    "
    )
    return scatter


scatter_update = _function(ScatterUpdate, "scatter_update", True)
scatter_add = _function(ScatterAdd, "scatter_add", False)
scatter_sub = _function(ScatterSub, "scatter_sub", False)
scatter_mul = _function(ScatterMul, "scatter_mul", False)
scatter_div = _function(ScatterDiv, "scatter_div", False)
scatter_min = _function(ScatterMin, "scatter_min", False)
scatter_max = _function(ScatterMax, "scatter_max", False)
scatter_nd_update = _function(ScatterNdUpdate, "scatter_nd_update", True)
scatter_nd_add = _function(ScatterNdAdd, "scatter_nd_add", False)
scatter_nd_sub = _function(ScatterNdSub, "scatter_nd_sub", False)


def batch_scatter_update(ref, indices, updates, use_locking=True, name=None):
    """tf.batch_scatter_update: ref[b, indices[b, i]] = updates[b, i] for leading axes b."""
    from minitf.graph.graph import name_scope
    from minitf.ops.array import expand_dims, reshape
    from minitf.ops.constant import convert_to_tensor
    from minitf.ops.joining import concat
    from minitf.ops.ranges import Range
    from minitf.ops.tiling import broadcast_to

    with name_scope(name, "batch_scatter_update"):
        indices = convert_to_tensor(indices, name="indices")
        ndims, shape = indices.shape.ndims, shape_of(indices)
        if ndims == 1:
            return scatter_update(ref, indices, updates, use_locking)
        places = [
            broadcast_to(reshape(Range.apply(0, shape[d], 1), [-1 if d == e else 1 for e in range(ndims)]), shape)
            for d in range(ndims - 1)
        ]
        places = [expand_dims(p, -1) for p in (*places, indices)]
        return scatter_nd_update(ref, concat(places, -1), updates, use_locking)
