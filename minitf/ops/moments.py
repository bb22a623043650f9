"""Means and variances, and normalizations made of them."""

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.arithmetic import add, maximum, multiply, negative, square, squared_difference, subtract
from minitf.ops.array import identity, shape_of, size, squeeze, stop_gradient, zeros_like
from minitf.ops.casting import cast
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.powers import reciprocal, rsqrt
from minitf.ops.reductions import reduce_mean, reduce_prod, reduce_sum


def moments(x, axes, shift=None, name=None, keep_dims=None, keepdims=None):
    """tf.nn.moments: the mean and the variance of `x` along `axes`.

    x: floating point; axes: whole numbers; `shift` is not used.  Returns (mean, variance) without the
    axes, or with size 1 there if keep_dims.  The variance is the mean squared difference from the mean.
    """
    keep = bool(keep_dims if keepdims is None else keepdims)
    with name_scope(name, "moments", [x, axes]):
        x = convert_to_tensor(x)
        y = cast(x, dtypes.float32) if x.dtype.base_dtype is dtypes.float16 else x
        mean = reduce_mean(y, axes, keepdims=True, name="mean")
        variance = reduce_mean(
            squared_difference(y, stop_gradient(mean)), axes, keepdims=True, name="variance"
        )
        if not keep:
            mean, variance = squeeze(mean, axes), squeeze(variance, axes)
        if x.dtype.base_dtype is dtypes.float16:
            return cast(mean, dtypes.float16), cast(variance, dtypes.float16)
        return mean, variance


def sufficient_statistics(x, axes, shift=None, keep_dims=None, name=None, keepdims=None):
    """tf.nn.sufficient_statistics: (count, sum, sum of squares, shift), of which `normalize_moments`
    makes moments.

    With `shift`, a number near the mean, the sums are of x - shift: better numbers.
    """
    keep = bool(keep_dims if keepdims is None else keepdims)
    axes = sorted(set(axes))
    with name_scope(name, "sufficient_statistics", [x, shift]):
        x = convert_to_tensor(x, name="x")
        counts = _count(x, axes)
        if shift is None:
            mean_ss, squares = x, square(x)
        else:
            shift = convert_to_tensor(shift, name="shift")
            mean_ss, squares = subtract(x, shift), squared_difference(x, shift)
        mean_ss = reduce_sum(mean_ss, axes, keepdims=keep, name="mean_ss")
        return counts, mean_ss, reduce_sum(squares, axes, keepdims=keep, name="var_ss"), shift


def _count(x, axes):
    sizes = None if x.shape.ndims is None else [x.shape.sizes[d] for d in axes]
    if sizes is not None and None not in sizes:
        return constant(TensorShape(sizes).num_elements(), x.dtype.base_dtype)
    from minitf.ops.array import rank
    from minitf.ops.gathering import gather

    ndims = rank(x)
    positive = [a if a >= 0 else a + ndims for a in axes]
    sizes = gather(cast(shape_of(x), x.dtype.base_dtype), positive)
    return reduce_prod(sizes, name="count")


def normalize_moments(counts, mean_ss, variance_ss, shift, name=None):
    """tf.nn.normalize_moments: (mean, variance) from `sufficient_statistics`."""
    with name_scope(name, "normalize", [counts, mean_ss, variance_ss, shift]):
        divisor = reciprocal(counts, name="divisor")
        if shift is None:
            shifted = mean = multiply(mean_ss, divisor, name="mean")
        else:
            shifted = multiply(mean_ss, divisor, name="shifted_mean")
            mean = add(shifted, shift, name="mean")
        return mean, subtract(multiply(variance_ss, divisor), square(shifted), name="variance")


def weighted_moments(x, axes, frequency_weights, name=None, keep_dims=None, keepdims=None):
    """tf.nn.weighted_moments: the mean and the variance where element x[i] counts frequency_weights[i]
    times.

    The weights broadcast to the shape of `x`.
    """
    from minitf.ops.division import div_no_nan

    keep = bool(keep_dims if keepdims is None else keepdims)
    with name_scope(name, "weighted_moments", [x, frequency_weights, axes]):
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(frequency_weights, name="frequency_weights")
        is_half = x.dtype.base_dtype is dtypes.float16
        y = cast(x, dtypes.float32) if is_half else x
        weights = (
            weights if weights.dtype.base_dtype is y.dtype.base_dtype else cast(weights, y.dtype.base_dtype)
        )
        total = reduce_sum(weights * y, axes, keepdims=True, name="weighted_input_sum")
        spread = weights + zeros_like(y)
        sum_of_weights = reduce_sum(spread, axes, keepdims=True, name="sum_of_weights")
        mean = div_no_nan(total, sum_of_weights)
        distances = multiply(weights, squared_difference(y, mean), name="mul")
        distances = reduce_sum(distances, axes, keepdims=True, name="weighted_distsq")
        variance = div_no_nan(distances, sum_of_weights)
        if not keep:
            mean, variance = squeeze(mean, axes), squeeze(variance, axes)
        if is_half:
            return cast(mean, dtypes.float16), cast(variance, dtypes.float16)
        return mean, variance


def batch_normalization(x, mean, variance, offset, scale, variance_epsilon, name=None):
    """tf.nn.batch_normalization: (x - mean) / sqrt(variance + variance_epsilon) * scale + offset.

    offset and scale may be None; all broadcast to `x`.
    """
    with name_scope(name, "batchnorm", [x, mean, variance, scale, offset]):
        factor = rsqrt(variance + variance_epsilon)
        if scale is not None:
            factor = factor * scale
        scaled = x * cast(factor, x.dtype.base_dtype)
        shift = offset - mean * factor if offset is not None else negative(mean) * factor
        return scaled + cast(shift, x.dtype.base_dtype)


def batch_norm_with_global_normalization(
    t=None,
    m=None,
    v=None,
    beta=None,
    gamma=None,
    variance_epsilon=None,
    scale_after_normalization=None,
    name=None,
    input=None,
    mean=None,
    variance=None,
):
    """tf.nn.batch_norm_with_global_normalization: `batch_normalization`, scaled by gamma only if asked
    for.
    """
    t, m, v = (new if old is None else old for old, new in ((t, input), (m, mean), (v, variance)))
    gamma = gamma if scale_after_normalization else None
    return batch_normalization(t, m, v, beta, gamma, variance_epsilon, name)


def l2_normalize(x, axis=None, epsilon=1e-12, name=None, dim=None):
    """tf.nn.l2_normalize: x / sqrt(max(sum(x**2), epsilon)), the sum along `axis` (all axes if None)."""
    axis = dim if axis is None else axis
    with name_scope(name, "l2_normalize", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        squares = reduce_sum(square(x), axis, keepdims=True)
        return multiply(x, rsqrt(maximum(squares, epsilon)), name=scope)


def zero_fraction(value, name=None):
    """tf.nn.zero_fraction: which part of the elements is zero; NaN for an empty tensor."""
    from minitf.ops.statistics import count_nonzero

    with name_scope(name, "zero_fraction", [value]):
        value = convert_to_tensor(value, name="value")
        total = size(value, out_type=dtypes.int64)
        nonzero = count_nonzero(value, dtype=dtypes.int64)
        with name_scope("counts_to_fraction"):
            fraction = cast(total - nonzero, dtypes.float32) / cast(total, dtypes.float32)
        return identity(fraction, "fraction")
