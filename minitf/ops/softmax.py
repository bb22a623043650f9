"""Softmax, along any axis, and its logarithm.  The kernels are in `kernels/softmax.py`."""

import numpy as np

from minitf import errors
from minitf.kernels import softmax as kernels
from minitf.ops.arithmetic import multiply, subtract
from minitf.ops.array import rank
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import example, normal
from minitf.ops.joining import concat
from minitf.ops.numeric import widen
from minitf.ops.op import FLOATS, Op, constant_value
from minitf.ops.reductions import reduce_sum


class Softmax(Op):
    """softmax[..., j] = exp(logits[..., j]) / sum over k of exp(logits[..., k])"""

    inputs = {"logits": "T"}
    types = {"T": FLOATS}
    examples = [example(normal(3, 4)), example(normal(2, 3, 20)), example(normal(5)), example(normal(3, 0))]

    def infer(op, logits):
        return [(logits.shape.with_rank_at_least(1), logits.dtype)]

    def cpu(op, logits, out):
        return [kernels.launch(kernels.softmax, [_rows(logits)], [_rows(out)])]

    def numpy(op, logits):
        return softmax_numpy(widen(logits))

    def gradient(op, dy):
        y = op.outputs[0]
        total = reduce_sum(multiply(dy, y, name="mul"), -1, keepdims=True)
        return [multiply(subtract(dy, total, name="sub"), y, name="mul")]


class LogSoftmax(Op):
    """logsoftmax[..., j] = logits[..., j] - log(sum over k of exp(logits[..., k]))"""

    inputs = {"logits": "T"}
    types = {"T": FLOATS}
    examples = [example(normal(3, 4)), example(normal(2, 3, 20)), example(normal(5))]

    infer = Softmax.infer

    def cpu(op, logits, out):
        return [kernels.launch(kernels.log_softmax, [_rows(logits)], [_rows(out)])]

    def numpy(op, logits):
        return log_softmax_numpy(widen(logits))

    def gradient(op, dy):
        from minitf.ops.exponentials import exp

        probabilities = exp(op.outputs[0])
        total = reduce_sum(dy, -1, keepdims=True)
        return [subtract(dy, multiply(total, probabilities, name="mul"), name="sub")]


def _rows(x):
    return x.reshape(-1, x.shape[-1])


def log_softmax_numpy(x):
    """Along the last axis; for the NumPy twins of all that contain it."""
    with np.errstate(all="ignore"):
        moved = x - x.max(-1, keepdims=True, initial=-np.inf)
        return moved - np.log(np.exp(moved).sum(-1, keepdims=True))


def softmax_numpy(x):
    """Along the last axis, likewise."""
    with np.errstate(all="ignore"):
        powers = np.exp(x - x.max(-1, keepdims=True, initial=-np.inf))
        return powers / powers.sum(-1, keepdims=True)


# -- along any axis ------------------------------------------------------------------------------------------


def softmax(logits, axis=None, name=None, dim=None):
    """tf.nn.softmax: exp(logits) / reduce_sum(exp(logits), axis), without overflow.

    logits: floating point, at least one axis; `axis` (the last one by default) runs over the classes.
    Raises ValueError for a scalar, InvalidArgumentError for an axis out of range.
    """
    return _along(Softmax, logits, only_one(axis, dim, -1), name)


def log_softmax(logits, axis=None, name=None, dim=None):
    """tf.nn.log_softmax: logits - log(reduce_sum(exp(logits), axis)); arguments as for `softmax`."""
    return _along(LogSoftmax, logits, only_one(axis, dim, -1), name)


def only_one(axis, dim, default):
    """`axis`, or `dim` as it was called earlier, or the default.  Raises ValueError where both are given."""
    if axis is not None and dim is not None:
        raise ValueError("Cannot specify both 'axis' and 'dim'.")
    axis = dim if axis is None else axis
    return default if axis is None else axis


def _along(definition, logits, axis, name):
    logits = convert_to_tensor(logits)
    ndims = logits.shape.ndims
    axis = int(constant_value(axis)) if hasattr(axis, "op") else axis
    if axis == -1 or (ndims is not None and axis == ndims - 1):
        return definition.apply(logits, name=name)
    if ndims is not None and not -ndims <= axis < ndims:
        raise errors.InvalidArgumentError(
            None,
            None,
            f"axis {axis} is not in [{-ndims}, {ndims}): logits have shape {logits.shape}",
        )
    from minitf.ops.transposing import transpose

    position = axis % ndims if ndims is not None else axis
    last = rank(logits)
    turned = transpose(logits, _exchanged(position, subtract(last, 1)))
    out = definition.apply(turned)
    out = transpose(out, _exchanged(position, subtract(last, 1)), name=name)
    out.set_shape(logits.shape)
    return out


def _exchanged(axis, last):
    """The order of axes in which `axis` and `last` have changed places."""
    from minitf.ops.ranges import range as range_of

    return concat([range_of(axis), [last], range_of(axis + 1, last), [axis]], 0)
