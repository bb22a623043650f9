"""What sums are made into: variances, norms, counts, logarithms of sums of exponentials."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels.softmax import half_square_sum_launches
from minitf.ops.arithmetic import multiply
from minitf.ops.array import reshape, shape_of, stop_gradient, zeros
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example, normal, positive
from minitf.ops.numeric import widen
from minitf.ops.op import FLOATS, INDICES, NUMBERS, Op
from minitf.ops.reductions import (
    Reduction,
    all_axes,
    kept,
    reduce_max,
    reduce_mean,
    reduce_sum,
    reduced_shape,
)


class EuclideanNorm(Reduction):
    """sqrt(sum |x|^2) along the axes."""

    types = {"T": NUMBERS, "Tidx": INDICES}
    examples = [
        example(positive(3, 4, 2), array([1])),
        example(positive(3, 4), array([0, 1]), keep_dims=True),
    ]
    cpu = None

    @staticmethod
    def fold(input, axis, keepdims):
        return np.sqrt(np.sum(np.abs(input) ** 2, axis=axis, keepdims=keepdims))

    def gradient(op, dy):
        x, y = op.inputs[0], op.outputs[0]
        if not op.attrs["keep_dims"]:
            shape = reduced_shape(shape_of(x), op.inputs[1])
            y, dy = reshape(y, shape), reshape(dy, shape)
        return [x / (y / dy), None]


def reduce_euclidean_norm(input_tensor, axis=None, keepdims=False, name=None):
    """tf.math.reduce_euclidean_norm: the root of the sum of squares along `axis` (all axes by default)."""
    axes = all_axes(input_tensor) if axis is None else axis
    return EuclideanNorm.apply(input_tensor, axes, keep_dims=bool(keepdims), name=name)


def reduce_variance(input_tensor, axis=None, keepdims=False, name=None):
    """tf.math.reduce_variance: the mean squared distance from the mean; TypeError for integers."""
    from minitf.ops.arithmetic import square

    with name_scope(name, "reduce_variance"):
        input_tensor = convert_to_tensor(input_tensor)
        if input_tensor.dtype.is_integer:
            raise TypeError(f"Input must be floating point, not {input_tensor.dtype.name}")
        distance = input_tensor - reduce_mean(input_tensor, axis=axis, keepdims=True)
        return reduce_mean(square(distance), axis=axis, keepdims=keepdims)


def reduce_std(input_tensor, axis=None, keepdims=False, name=None):
    """tf.math.reduce_std: the square root of `reduce_variance`."""
    from minitf.ops.powers import sqrt

    with name_scope(name, "reduce_std"):
        return sqrt(reduce_variance(input_tensor, axis=axis, keepdims=keepdims))


def reduce_logsumexp(input_tensor, axis=None, keepdims=None, name=None, reduction_indices=None,
                     keep_dims=None):  # fmt: skip
    """tf.reduce_logsumexp: log(sum(exp(x))) along `axis`; the maximum is taken out first against overflow."""
    from minitf.ops.arithmetic import add, subtract
    from minitf.ops.comparison import is_finite
    from minitf.ops.exponentials import exp, log
    from minitf.ops.selection import where_v2

    axis, keepdims = kept(axis, reduction_indices, keepdims, keep_dims)
    with name_scope(name, "ReduceLogSumExp", [input_tensor]) as scope:
        largest = reduce_max(input_tensor, axis=axis, keepdims=True)
        largest = stop_gradient(where_v2(is_finite(largest), largest, zeros([], largest.dtype)))
        total = log(reduce_sum(exp(subtract(input_tensor, largest)), axis=axis, keepdims=keepdims))
        if not keepdims:
            largest = reshape(largest, shape_of(total))
        return add(total, largest, name=scope)


def count_nonzero(input_tensor=None, axis=None, keepdims=None, dtype=dtypes.int64, name=None,
                  reduction_indices=None, keep_dims=None, input=None):  # fmt: skip
    """tf.count_nonzero: how many elements are not 0 (or not '') along `axis`, as `dtype`."""
    from minitf.ops.casting import cast
    from minitf.ops.comparison import not_equal

    axis, keepdims = kept(axis, reduction_indices, keepdims, keep_dims)
    with name_scope(name, "count_nonzero", [input_tensor]):
        x = convert_to_tensor(input if input_tensor is None else input_tensor, name="input")
        found = cast(not_equal(x, zeros([], x.dtype)), dtypes.int64)
        counts = reduce_sum(found, axis=axis, keepdims=keepdims)
        return counts if dtypes.as_dtype(dtype) is dtypes.int64 else cast(counts, dtype)


class L2Loss(Op):
    """output = sum(t**2) / 2"""

    inputs = {"t": "T"}
    types = {"T": FLOATS}
    examples = [example(normal(3, 4)), example(normal())]

    def infer(op, t):
        return [(TensorShape([]), t.dtype)]

    def cpu(op, t, out):
        return half_square_sum_launches(t.reshape(-1), out.reshape(-1))

    def numpy(op, t):
        return np.square(widen(t)).sum() / 2

    def gradient(op, dy):
        return [multiply(op.inputs[0], dy, name="mul")]


def l2_loss(t, name=None):
    """tf.nn.l2_loss: sum(t**2) / 2."""
    return L2Loss.apply(t, name=name)
