"""Cross entropy computed from logits: log-odds that were never made probabilities.

The kernels are in `kernels/softmax.py`.
"""

import numpy as np

from minitf import errors
from minitf.graph import shape as shapes
from minitf.graph.dtypes import float32
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import softmax as kernels
from minitf.ops.arithmetic import add, multiply, negative, subtract
from minitf.ops.array import expand_dims, rank, reshape, shape_of, squeeze, stop_gradient
from minitf.ops.casting import cast
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import example, integers, normal, positive
from minitf.ops.joining import concat
from minitf.ops.matmul import matmul
from minitf.ops.numeric import widen
from minitf.ops.op import FLOATS, HALVES, INDICES, Op, constant_value
from minitf.ops.ranges import range as range_of
from minitf.ops.slicing import slice
from minitf.ops.softmax import log_softmax, log_softmax_numpy, only_one, softmax, softmax_numpy
from minitf.ops.transposing import transpose


class SoftmaxCrossEntropyWithLogits(Op):
    """loss[i] = - sum_j labels[i, j] log softmax(features[i])[j]; backprop = dloss / dfeatures."""

    inputs = {"features": "T", "labels": "T"}
    types = {"T": FLOATS}
    examples = [
        example(normal(3, 4), positive(3, 4), gradient=False),  # exact only for labels that sum to 1
        example(normal(2, 20), positive(1, 20), gradient=False),
    ]

    def infer(op, features, labels):
        both = shapes.broadcast(features.shape, labels.shape)
        if both.ndims is None:
            both = TensorShape([None, None])
        if both.ndims != 2:
            raise ValueError(f"logits and labels must be matrices, got {features.shape} and {labels.shape}")
        return [(both[:1], features.dtype), (both, features.dtype)]

    def cpu(op, features, labels, loss, backprop):
        if features.shape != labels.shape:
            return None
        return [kernels.launch(kernels.cross_entropy, [features, labels], [loss, backprop])]

    def numpy(op, features, labels):
        features, labels = np.broadcast_arrays(widen(features), widen(labels))
        with np.errstate(invalid="ignore"):
            loss = -(labels * log_softmax_numpy(features)).sum(-1)
        return loss, softmax_numpy(features) - labels

    def gradient(op, dloss, dbackprop):
        logits = op.inputs[0]
        dlogits = _times_rows(dloss, op.outputs[1])
        if not _is_zero(dbackprop):
            dlogits = add(dlogits, _through_softmax(dbackprop, logits), name="add")
        return [dlogits, _times_rows(dloss, negative(log_softmax(logits)))]


def softmax_cross_entropy_with_logits_v2(labels, logits, axis=None, name=None, dim=None):
    """tf.nn.softmax_cross_entropy_with_logits_v2: - sum of labels * log(softmax(logits)), along `axis`.

    labels, logits: of one shape; labels are cast to the dtype of the logits and hold a probability
    distribution along `axis` (the last one by default).  The result lacks that axis.  Gradients flow into both.
    """
    return _softmax_cross_entropy(labels, logits, only_one(axis, dim, -1), name)


def softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, dim=-1, name=None, axis=None):
    """tf.nn.softmax_cross_entropy_with_logits: as the form _v2, but no gradient flows into `labels`.

    Call it with `labels=..., logits=...`: positional arguments raise ValueError.
    """
    _check_named("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    axis = dim if axis is None else axis
    with name_scope(name, "softmax_cross_entropy_with_logits_sg", [logits, labels]) as scope:
        labels = stop_gradient(labels, name="labels_stop_gradient")
    return _softmax_cross_entropy(labels, logits, axis, scope)


def _softmax_cross_entropy(labels, logits, axis, name):
    with name_scope(name, "softmax_cross_entropy_with_logits", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        dtype = logits.dtype.base_dtype
        labels = cast(convert_to_tensor(labels, name="labels", preferred_dtype=dtype), dtype)
        wide_logits, labels = _in_single_precision(logits, labels)
        input_rank = rank(wide_logits)
        shape = logits.shape
        if axis != -1:
            wide_logits, labels = (
                _axis_last(wide_logits, axis, input_rank),
                _axis_last(labels, axis, input_rank),
            )
        input_shape = shape_of(wide_logits)
        op = SoftmaxCrossEntropyWithLogits.make(_as_matrix(wide_logits), _as_matrix(labels), name=scope)
        size = subtract(input_rank, 1)
        loss = reshape(op.outputs[0], _leading(input_shape, size))
        if shape.ndims is not None:
            loss.set_shape([s for d, s in enumerate(shape.sizes) if d != axis % shape.ndims])
        return _back(loss, logits)


def _axis_last(x, axis, input_rank):
    return transpose(x, concat([range_of(axis), range_of(axis + 1, input_rank), [axis]], 0))


def _as_matrix(x):
    """All axes but the last as one."""
    ndims, sizes = rank(x), shape_of(x)
    classes = slice(sizes, [subtract(ndims, 1)], [1])
    return reshape(x, concat([[-1], classes], 0))


def _leading(shape, size):
    return slice(shape, [0], [size])


class SparseSoftmaxCrossEntropyWithLogits(Op):
    """loss[i] = - log softmax(features[i])[labels[i]]; backprop is its gradient.

    Raises InvalidArgumentError where a label is not in [0, classes).
    """

    inputs = {"features": "T", "labels": "Tlabels"}
    types = {"T": FLOATS, "Tlabels": INDICES}
    examples = [
        example(normal(3, 4), integers(0, 4, 3)),
        example(normal(2, 20), integers(0, 20, 2, dtype=np.int64)),
    ]

    def infer(op, features, labels):
        logits = features.shape.with_rank(2)
        rows = logits[:1].merge_with(labels.shape.with_rank(1))
        return [(rows, features.dtype), (rows.concatenate(logits[1:]), features.dtype)]

    def cpu(op, features, labels, loss, backprop):
        return [kernels.launch(kernels.sparse_cross_entropy, [features, labels], [loss, backprop])]

    def numpy(op, features, labels):
        features = widen(features)
        if ((labels < 0) | (labels >= features.shape[-1])).any():
            raise op.definition.explain(op, features, labels)
        rows = np.arange(len(labels))
        backprop = softmax_numpy(features)
        backprop[rows, labels] -= 1
        return -log_softmax_numpy(features)[rows, labels], backprop

    def explain(op, features, labels):
        classes = features.shape[-1]
        wrong = labels[(labels < 0) | (labels >= classes)]
        return errors.InvalidArgumentError(
            None,
            op,
            f"Received a label value of {wrong[0]} which is outside the valid range of [0, {classes}).  "
            f"Label values: {' '.join(map(str, labels))}",
        )

    def gradient(op, dloss, dbackprop):
        dlogits = _times_rows(dloss, op.outputs[1])
        if not _is_zero(dbackprop):
            dlogits = add(dlogits, _through_softmax(dbackprop, op.inputs[0]), name="add")
        return [dlogits, None]


def sparse_softmax_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, name=None):
    """tf.nn.sparse_softmax_cross_entropy_with_logits: - log(softmax(logits)) at the one right class.

    labels: (...,) of int32 or int64, the number of the class; logits: (..., classes).  The result has the
    shape of `labels`.  Raises ValueError for positional arguments and shapes that do not fit; a label out
    of range is an InvalidArgumentError when run.
    """
    _check_named("sparse_softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "SparseSoftmaxCrossEntropyWithLogits", [labels, logits]):
        labels, logits = convert_to_tensor(labels), convert_to_tensor(logits)
        wide_logits, _ = _in_single_precision(logits, labels)
        labels_shape = shape_of(labels)
        _check_sparse_shapes(labels, logits)
        if logits.shape.ndims == 2:
            op = SparseSoftmaxCrossEntropyWithLogits.make(wide_logits, labels, name=name)
            return _back(op.outputs[0], logits)
        return _back(_sparse_any_rank(labels, wide_logits, labels_shape, name), logits)


def _check_sparse_shapes(labels, logits):
    label_rank, logits_rank = labels.shape.ndims, logits.shape.ndims
    if logits_rank == 0:
        raise ValueError(f"Logits cannot be scalars - received shape {logits.shape}.")
    if logits_rank is not None and label_rank not in (None, logits_rank - 1):
        raise ValueError(
            f"Rank mismatch: Rank of labels (received {label_rank}) should equal rank of logits minus 1 "
            f"(received {logits_rank})."
        )
    if not labels.shape.is_compatible_with(logits.shape[:-1]):
        raise ValueError(f"Shape mismatch: labels {labels.shape} against logits {logits.shape}")


def _sparse_any_rank(labels, logits, labels_shape, name):
    classes = shape_of(logits)[subtract(rank(logits), 1, name="sub")]
    op = SparseSoftmaxCrossEntropyWithLogits.make(
        reshape(logits, [-1, classes]), reshape(labels, [-1]), name=name
    )
    loss = reshape(op.outputs[0], labels_shape)
    loss.set_shape(labels.shape)
    return loss


def _check_named(function, sentinel, labels, logits):
    if sentinel is not None:
        raise ValueError(f"Only call {function} with named arguments (labels=..., logits=..., ...)")
    if labels is None or logits is None:
        raise ValueError("Both labels and logits must be provided.")


def _in_single_precision(logits, labels):
    """Halves are turned into float32 before the loss is computed."""
    if logits.dtype.base_dtype.name not in HALVES:
        return logits, labels
    return cast(logits, float32), labels if labels.dtype.is_integer else cast(labels, float32)


def _back(loss, logits):
    if logits.dtype.base_dtype is loss.dtype:
        return loss
    return cast(loss, logits.dtype.base_dtype)


def _times_rows(weights, matrix):
    """Row i of `matrix` times weights[i]."""
    return multiply(expand_dims(weights, -1), matrix, name="mul")


def _is_zero(gradient):
    """True for a gradient that the walk back made up because nothing uses the output."""
    if gradient is None or gradient.op.type in ("ZerosLike", "Zeros"):
        return True
    value = constant_value(gradient)
    return value is not None and not np.any(value)


def _through_softmax(dy, logits):
    """The gradient of softmax(logits), as a product of matrices."""
    y = softmax(logits)
    inner = squeeze(matmul(expand_dims(dy, 1), expand_dims(y, 2)), axis=[1])
    return multiply(subtract(dy, inner, name="sub"), y, name="mul")
