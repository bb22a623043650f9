"""Numbers rounded to what a few bits can hold, and kept as floats: training for quantized networks.

(Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference", 2018.)
The range is moved a little, so that 0 is one of the 2^num_bits numbers.  Gradients pass inside of the range, and move
its ends from outside.
"""

import numpy as np

from minitf import errors
from minitf.graph.shape import TensorShape
from minitf.ops.examples import array, example, normal
from minitf.ops.op import Op

_SETTING = {"num_bits": 8, "narrow_range": False}
_F = np.float32
_LOW, _HIGH = array(_F(-0.7), np.float32), array(_F(1.2), np.float32)
_LOWS, _HIGHS = array([-0.7, -1.0, 0.0], np.float32), array([1.2, 0.1, 2.0], np.float32)
_float = {"dtypes": ("float32",)}


def _nudged(op, low, high):
    """(the least number, the greatest, the step) of the range that holds 0."""
    first, last = _F(1 if op.attrs["narrow_range"] else 0), _F(2 ** op.attrs["num_bits"] - 1)
    low, high = _F(low), _F(high)
    with np.errstate(all="ignore"):
        step = (high - low) / (last - first)
        zero = np.floor(np.clip(first - low / step, first, last) + _F(0.5))
        return (first - zero) * step, (last - zero) * step, step


def _rounded(op, inputs, low, high):
    least, most, step = _nudged(op, low, high)
    with np.errstate(all="ignore"):
        inverse = _F(1) / step
        zero = np.floor(-least * inverse + _F(0.5))
        found = np.floor((np.clip(inputs, least, most) - least) * inverse - zero + _F(0.5)) * step
    return np.where((low == 0) & (high == 0), _F(0), found)


def _gradients(op, gradients, inputs, low, high):
    """The gradients of the inputs and, element by element, of the two ends of the range."""
    least, most, _ = _nudged(op, low, high)
    none = (low == 0) & (high == 0)
    below, above = ~none & (inputs < least), ~none & (inputs > most)
    zero = _F(0)
    return (np.where(below | above, zero, gradients), np.where(below, gradients, zero),
            np.where(above, gradients, zero))  # fmt: skip


class FakeQuantWithMinMaxArgs(Op):
    """inputs, rounded to the nearest of 2^num_bits numbers between the attributes `min` and `max`"""

    inputs = {"inputs": "float32"}
    attrs = {"min": -6.0, "max": 6.0, **_SETTING}
    examples = [example(normal(3, 4), min=-0.7, max=1.2, num_bits=4, gradient=False, **_float)]

    def infer(op, inputs):
        return [(inputs.shape, inputs.dtype)]

    def numpy(op, inputs):
        return _rounded(op, inputs, _F(op.attrs["min"]), _F(op.attrs["max"]))

    def gradient(op, dy):
        attrs = {name: op.attrs[name] for name in op.definition.attrs}
        return [FakeQuantWithMinMaxArgsGradient.apply(dy, op.inputs[0], **attrs)]


class FakeQuantWithMinMaxArgsGradient(Op):
    """gradients, where the inputs are inside of the range, else 0"""

    inputs = {"gradients": "float32", "inputs": "float32"}
    attrs = FakeQuantWithMinMaxArgs.attrs
    examples = [example(normal(3, 4), normal(3, 4), min=-0.7, max=1.2, gradient=False, **_float)]

    def infer(op, gradients, inputs):
        return [(gradients.shape.merge_with(inputs.shape), inputs.dtype)]

    def numpy(op, gradients, inputs):
        return _gradients(op, gradients, inputs, _F(op.attrs["min"]), _F(op.attrs["max"]))[0]


class FakeQuantWithMinMaxVars(Op):
    """inputs, rounded to the nearest of 2^num_bits numbers between the scalars `min` and `max`"""

    inputs = {"inputs": "float32", "min": "float32", "max": "float32"}
    attrs = _SETTING
    ends = 0  # the rank of `min` and `max`
    examples = [example(normal(3, 4), _LOW, _HIGH, num_bits=4, narrow_range=True, gradient=False, **_float)]

    def infer(op, inputs, min, max):
        for end in (min, max):
            end.shape.with_rank(op.definition.ends)
        return [(inputs.shape, inputs.dtype)]

    def numpy(op, inputs, min, max):
        return _rounded(op, inputs, min, max)

    def gradient(op, dy):
        attrs = {name: op.attrs[name] for name in _SETTING}
        one = FakeQuantWithMinMaxVarsGradient if op.definition.ends == 0 else FakeQuantWithMinMaxVarsPerChannelGradient
        return one.apply(dy, *op.inputs, **attrs)


class FakeQuantWithMinMaxVarsPerChannel(FakeQuantWithMinMaxVars):
    """inputs (..., channels), rounded as by FakeQuantWithMinMaxVars; `min` and `max` (channels,)"""

    ends = 1
    examples = [example(normal(4, 3), _LOWS, _HIGHS, gradient=False, **_float)]


class FakeQuantWithMinMaxVarsGradient(Op):
    """The gradients with respect to inputs, min and max."""

    inputs = {"gradients": "float32", "inputs": "float32", "min": "float32", "max": "float32"}
    attrs = _SETTING
    examples = [example(normal(3, 4), normal(3, 4), _LOW, _HIGH, gradient=False, **_float)]

    def infer(op, gradients, inputs, min, max):
        shape = TensorShape([]) if min.shape.ndims == 0 else min.shape.merge_with(max.shape)
        return [(gradients.shape.merge_with(inputs.shape), inputs.dtype), (shape, min.dtype), (shape, min.dtype)]

    def numpy(op, gradients, inputs, min, max):
        inside, below, above = _gradients(op, gradients, inputs, min, max)
        axes = tuple(range(inputs.ndim - min.ndim))
        return [inside, below.sum(axes), above.sum(axes)]


class FakeQuantWithMinMaxVarsPerChannelGradient(FakeQuantWithMinMaxVarsGradient):
    """The gradients with respect to inputs (..., channels), min (channels,) and max (channels,)."""

    examples = [example(normal(4, 3), normal(4, 3), _LOWS, _HIGHS, gradient=False, **_float)]


def _setting(num_bits, narrow_range):
    if not 2 <= num_bits <= 16:
        raise errors.InvalidArgumentError(None, None, f"num_bits must be between 2 and 16, inclusive: {num_bits}")
    return {"num_bits": num_bits, "narrow_range": narrow_range}


def fake_quant_with_min_max_args(inputs, min=-6, max=6, num_bits=8, narrow_range=False, name=None):
    """tf.fake_quant_with_min_max_args: float32 inputs rounded to 2^num_bits numbers between two Python numbers.

    With `narrow_range` to one number less.  Raises InvalidArgumentError where `num_bits` is not from 2 to 16.
    """
    ends = {"min": float(min), "max": float(max)}
    return FakeQuantWithMinMaxArgs.apply(inputs, **ends, **_setting(num_bits, narrow_range), name=name)


def fake_quant_with_min_max_args_gradient(gradients, inputs, min=-6, max=6, num_bits=8, narrow_range=False, name=None):
    """tf.fake_quant_with_min_max_args_gradient: what passes back through `fake_quant_with_min_max_args`."""
    ends = {"min": float(min), "max": float(max)}
    how = _setting(num_bits, narrow_range)
    return FakeQuantWithMinMaxArgsGradient.apply(gradients, inputs, **ends, **how, name=name)


def fake_quant_with_min_max_vars(inputs, min, max, num_bits=8, narrow_range=False, name=None):
    """tf.fake_quant_with_min_max_vars: the same between two scalar tensors, which get gradients, too."""
    return FakeQuantWithMinMaxVars.apply(inputs, min, max, **_setting(num_bits, narrow_range), name=name)


def fake_quant_with_min_max_vars_gradient(gradients, inputs, min, max, num_bits=8, narrow_range=False, name=None):
    """tf.fake_quant_with_min_max_vars_gradient: the gradients of inputs, min and max."""
    how = _setting(num_bits, narrow_range)
    return FakeQuantWithMinMaxVarsGradient.apply(gradients, inputs, min, max, **how, name=name)


def fake_quant_with_min_max_vars_per_channel(inputs, min, max, num_bits=8, narrow_range=False, name=None):
    """tf.fake_quant_with_min_max_vars_per_channel: the same with a range for each channel, the last axis."""
    return FakeQuantWithMinMaxVarsPerChannel.apply(inputs, min, max, **_setting(num_bits, narrow_range), name=name)


def fake_quant_with_min_max_vars_per_channel_gradient(
    gradients, inputs, min, max, num_bits=8, narrow_range=False, name=None
):
    """tf.fake_quant_with_min_max_vars_per_channel_gradient: the gradients of inputs, min and max."""
    how = _setting(num_bits, narrow_range)
    return FakeQuantWithMinMaxVarsPerChannelGradient.apply(gradients, inputs, min, max, **how, name=name)
