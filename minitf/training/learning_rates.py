"""Learning rates that change with the step: functions of `global_step`, as tensors.

All but `piecewise_constant` raise ValueError without a `global_step`.
"""

import math

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.ops.arithmetic import add, minimum, multiply, negative
from minitf.ops.casting import cast
from minitf.ops.comparison import equal, greater, less_equal
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.control_flow import case, cond
from minitf.ops.division import div, divide
from minitf.ops.exponentials import exp, log
from minitf.ops.logic import logical_and
from minitf.ops.powers import pow, sqrt
from minitf.ops.random import random_normal
from minitf.ops.rounding import ceil, floor
from minitf.ops.selection import where_v2
from minitf.ops.trigonometry import cos


def _required(global_step, function):
    if global_step is None:
        raise ValueError(f"global_step is required for {function}.")


def _rate(learning_rate):
    return convert_to_tensor(learning_rate, name="initial_learning_rate")


def exponential_decay(learning_rate, global_step, decay_steps, decay_rate, staircase=False, name=None):
    """tf.train.exponential_decay: learning_rate * decay_rate ** (global_step / decay_steps).

    With `staircase` the quotient is rounded down, so that the rate falls at intervals.
    """
    _required(global_step, "exponential_decay")
    with name_scope(name, "ExponentialDecay", [learning_rate, global_step, decay_steps, decay_rate]) as scope:
        rate = _rate(learning_rate)
        decay_steps, decay_rate = cast(decay_steps, rate.dtype), cast(decay_rate, rate.dtype)
        passed = cast(global_step, rate.dtype) / decay_steps
        if staircase:
            passed = floor(passed)
        return multiply(rate, pow(decay_rate, passed), name=scope)


def natural_exp_decay(learning_rate, global_step, decay_steps, decay_rate, staircase=False, name=None):
    """tf.train.natural_exp_decay: learning_rate * exp(-decay_rate * global_step / decay_steps)."""
    _required(global_step, "natural_exp_decay")
    natural = exp(negative(decay_rate))
    return exponential_decay(learning_rate, global_step, decay_steps, natural, staircase, name)


def inverse_time_decay(learning_rate, global_step, decay_steps, decay_rate, staircase=False, name=None):
    """tf.train.inverse_time_decay: learning_rate / (1 + decay_rate * global_step / decay_steps)."""
    _required(global_step, "inverse_time_decay")
    with name_scope(name, "InverseTimeDecay", [learning_rate, global_step, decay_rate]) as scope:
        rate = _rate(learning_rate)
        decay_steps, decay_rate = cast(decay_steps, rate.dtype), cast(decay_rate, rate.dtype)
        passed = cast(global_step, rate.dtype) / decay_steps
        if staircase:
            passed = floor(passed)
        one = cast(constant(1), rate.dtype)
        return div(rate, add(one, multiply(decay_rate, passed)), name=scope)


def polynomial_decay(learning_rate, global_step, decay_steps, end_learning_rate=0.0001, power=1.0, cycle=False,
                     name=None):  # fmt: skip
    """tf.train.polynomial_decay: from learning_rate to end_learning_rate in `decay_steps`.

    (learning_rate - end) * (1 - step / decay_steps) ** power + end.  After that the rate stays, or with
    `cycle` rises again: decay_steps is then the first multiple of itself beyond the step.
    """
    _required(global_step, "polynomial_decay")
    with name_scope(name, "PolynomialDecay", [learning_rate, global_step, decay_steps]) as scope:
        rate = _rate(learning_rate)
        end, power = cast(end_learning_rate, rate.dtype), cast(power, rate.dtype)
        step = cast(global_step, rate.dtype)
        length = cast(decay_steps, rate.dtype)
        if cycle:
            length = multiply(length, where_v2(equal(step, 0), 1.0, ceil(step / decay_steps)))
        else:
            step = minimum(step, length)
        passed = divide(step, length)
        return add(multiply(rate - end, pow(1 - passed, power)), end, name=scope)


def piecewise_constant(x, boundaries, values, name=None):
    """tf.train.piecewise_constant: values[0] for x <= boundaries[0], then values[1] up to boundaries[1], ...

    Raises ValueError where the lengths do not fit, or dtypes differ.
    """
    if len(boundaries) != len(values) - 1:
        raise ValueError("The length of boundaries should be 1 less than the length of values")
    with name_scope(name, "PiecewiseConstant", [x, boundaries, values, name]):
        x = convert_to_tensor(x)
        limits = [_as_limit(convert_to_tensor(b), x.dtype.base_dtype) for b in boundaries]
        values = [convert_to_tensor(v) for v in values]
        if any(v.dtype.base_dtype is not values[0].dtype.base_dtype for v in values):
            raise ValueError(f"Values must have elements all with the same dtype: {[v.dtype for v in values]}.")
        pairs = [(less_equal(x, limits[0]), lambda: values[0]), (greater(x, limits[-1]), lambda: values[-1])]
        for low, high, value in zip(limits[:-1], limits[1:], values[1:-1], strict=True):
            pairs.append((logical_and(greater(x, low), less_equal(x, high)), lambda value=value: value))
        return case(pairs, default=lambda: values[0], exclusive=True)


piecewise_constant_decay = piecewise_constant


def _as_limit(boundary, dtype):
    if boundary.dtype.base_dtype is dtype:
        return boundary
    if boundary.dtype.base_dtype is dtypes.int32 and dtype is dtypes.int64:
        return cast(boundary, dtypes.int64)
    raise ValueError(f"Boundaries ({boundary.dtype.base_dtype!r}) must have the same dtype as x ({dtype!r}).")


def _half_wave(passed):
    """From 1 at 0 to 0 at 1, along a cosine."""
    return 0.5 * (1.0 + cos(constant(math.pi, passed.dtype) * passed))


def cosine_decay(learning_rate, global_step, decay_steps, alpha=0.0, name=None):
    """tf.train.cosine_decay: along half a cosine from learning_rate to alpha * learning_rate.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    """
    _required(global_step, "cosine_decay")
    with name_scope(name, "CosineDecay", [learning_rate, global_step]):
        rate = _rate(learning_rate)
        decay_steps = cast(decay_steps, rate.dtype)
        passed = minimum(cast(global_step, rate.dtype), decay_steps) / decay_steps
        return multiply(rate, (1 - alpha) * _half_wave(passed) + alpha)


def cosine_decay_restarts(learning_rate, global_step, first_decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0, name=None):
    """tf.train.cosine_decay_restarts: cosine decay again and again.

    Each period is `t_mul` times as long and starts `m_mul` times as high as the one before.  Source: as above.
    """
    _required(global_step, "cosine_decay_restarts")
    with name_scope(name, "SGDRDecay", [learning_rate, global_step]) as scope:
        rate = _rate(learning_rate)
        first = cast(first_decay_steps, rate.dtype)
        alpha, t_mul, m_mul = (cast(setting, rate.dtype) for setting in (alpha, t_mul, m_mul))
        passed = cast(global_step, rate.dtype) / first
        period, within = cond(
            equal(t_mul, 1.0), lambda: _equal_periods(passed), lambda: _growing_periods(passed, t_mul)
        )
        height = m_mul**period
        wave = 0.5 * height * (1.0 + cos(constant(math.pi, rate.dtype) * within))
        return multiply(rate, (1 - alpha) * wave + alpha, name=scope)


def _equal_periods(passed):
    """(number of the period, how much of it has passed) at `passed` first periods."""
    period = floor(passed)
    return period, passed - period


def _growing_periods(passed, t_mul):
    """The same where each period is t_mul times as long as the one before: they end at a geometric series."""
    period = floor(log(1.0 - passed * (1.0 - t_mul)) / log(t_mul))
    before = (1.0 - t_mul**period) / (1.0 - t_mul)
    return period, (passed - before) / t_mul**period


def linear_cosine_decay(learning_rate, global_step, decay_steps, num_periods=0.5, alpha=0.0, beta=0.001, name=None):
    """tf.train.linear_cosine_decay: learning_rate * ((alpha + linear) * cosine + beta), `linear` from 1 to 0.

    Source: Bello et al., "Neural optimizer search with reinforcement learning", ICML 2017.
    """
    _required(global_step, "linear_cosine_decay")
    with name_scope(name, "LinearCosineDecay", [learning_rate, global_step]) as scope:
        rate = _rate(learning_rate)
        dtype = rate.dtype
        decay_steps = cast(decay_steps, dtype)
        num_periods, alpha, beta = (cast(setting, dtype) for setting in (num_periods, alpha, beta))
        step = minimum(cast(global_step, dtype), decay_steps)
        linear = (decay_steps - step) / decay_steps
        passed = step / decay_steps
        wave = _half_wave(2.0 * num_periods * passed)
        return multiply(rate, (alpha + linear) * wave + beta, name=scope)


def noisy_linear_cosine_decay(learning_rate, global_step, decay_steps, initial_variance=1.0, variance_decay=0.55,
                              num_periods=0.5, alpha=0.0, beta=0.001, name=None):  # fmt: skip
    """tf.train.noisy_linear_cosine_decay: `linear` gets noise of variance initial_variance / (1 + step) ** decay.

    Source: as `linear_cosine_decay`.
    """
    _required(global_step, "noisy_linear_cosine_decay")
    with name_scope(name, "NoisyLinearCosineDecay", [learning_rate, global_step]) as scope:
        rate = _rate(learning_rate)
        dtype = rate.dtype
        settings = decay_steps, initial_variance, variance_decay, num_periods, alpha, beta
        decay_steps, initial_variance, variance_decay, num_periods, alpha, beta = (cast(s, dtype) for s in settings)
        step = minimum(cast(global_step, dtype), decay_steps)
        linear = (decay_steps - step) / decay_steps
        deviation = sqrt(initial_variance / pow(1.0 + step, variance_decay))
        noisy = linear + random_normal(linear.shape, stddev=deviation, dtype=dtype)
        passed = step / decay_steps
        wave = _half_wave(2.0 * num_periods * passed)
        return multiply(rate, (alpha + noisy) * wave + beta, name=scope)
