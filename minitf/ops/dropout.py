"""Dropout: some elements, chosen anew in each run, are zero; the others grow so that the expected sum
stays.

Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: a simple way to prevent
neural networks from overfitting", JMLR 15 (2014).
"""

import numbers

from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.arithmetic import multiply, subtract
from minitf.ops.array import shape_of
from minitf.ops.comparison import greater_equal
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.division import realdiv
from minitf.ops.random import random_uniform
from minitf.ops.selection import where_v2


def dropout(x, keep_prob=None, noise_shape=None, seed=None, name=None, rate=None):
    """tf.nn.dropout: each element of `x` becomes 0 with probability `rate`, else x / (1 - rate).

    x: floating point; rate: a number or scalar tensor in [0, 1); keep_prob: 1 - rate, the old form;
    noise_shape: the shape of the decisions, which broadcast to x: (batch, 1) drops whole rows; seed: a
    whole number. With a rate of 0, `x` itself is returned.  Raises ValueError for a rate out of range, or
    none.
    """
    return dropout_v2(x, _rate_of(keep_prob, rate), noise_shape, seed, name)


def _rate_of(keep_prob, rate):
    if keep_prob is None:
        if rate is None:
            raise ValueError("You must provide a rate to dropout.")
        return rate
    try:
        from_keep = 1 - keep_prob
    except TypeError:
        raise ValueError("keep_prob must be a floating point number or Tensor") from None
    if rate is not None and rate != from_keep:
        raise ValueError("Only one of keep_prob and rate may be given.")
    return from_keep


def dropout_v2(x, rate, noise_shape=None, seed=None, name=None):
    """`dropout` by its rate."""
    with name_scope(name, "dropout", [x]):
        is_number = isinstance(rate, numbers.Real)
        if is_number and not 0 <= rate < 1:
            raise ValueError(f"rate must be a scalar tensor or a float in the range [0, 1), got {rate}")
        x = convert_to_tensor(x, name="x")
        if not x.dtype.is_floating:
            raise ValueError(
                f"x has to be a floating point tensor since it's going to be scaled. Got {x.dtype}"
            )
        if is_number and rate == 0:
            return x
        if is_number:
            kept = multiply(x, constant(1 / (1 - rate), x.dtype.base_dtype))
        else:
            rate = _checked(rate, x)
            kept = realdiv(x, subtract(constant(1, rate.dtype.base_dtype), rate))
        noise = random_uniform(_noise_shape(x, noise_shape), seed=seed, dtype=x.dtype.base_dtype)
        out = where_v2(greater_equal(noise, rate), kept, constant(0, x.dtype.base_dtype))
        out.set_shape(x.shape)
        return out


def _checked(rate, x):
    rate = convert_to_tensor(rate, dtype=x.dtype.base_dtype, name="rate")
    if rate.shape.ndims not in (None, 0):
        raise ValueError(f"rate must be a scalar, got a tensor of shape {rate.shape}")
    return rate


def _noise_shape(x, noise_shape):
    """`noise_shape` with None replaced by the size of x."""
    if noise_shape is None:
        return shape_of(x)
    try:
        wanted = TensorShape(noise_shape)
    except (TypeError, ValueError):
        return noise_shape
    if x.shape.ndims is None or wanted.ndims != x.shape.ndims:
        return noise_shape
    return TensorShape(
        [have if want is None else want for want, have in zip(wanted.sizes, x.shape.sizes, strict=True)]
    )
