"""Initializers whose range follows from the number of connections.

Sources: X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010);
K. He et al., "Delving Deep into Rectifiers" (2015).
"""

import math

from minitf.graph import dtypes
from minitf.ops.random import random_uniform, truncated_normal


def xavier_initializer(uniform=True, seed=None, dtype=dtypes.float32):
    """tf.contrib.layers.xavier_initializer: variance 2 / (inputs + outputs)."""
    return variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)


xavier_initializer_conv2d = xavier_initializer


def variance_scaling_initializer(factor=2.0, mode="FAN_IN", uniform=False, seed=None, dtype=dtypes.float32):
    """tf.contrib.layers.variance_scaling_initializer: variance factor / n, n by `mode` (FAN_IN, FAN_OUT, FAN_AVG).

    Raises TypeError for a dtype that is not floating, or an unknown mode.
    """
    if not dtypes.as_dtype(dtype).is_floating:
        raise TypeError("Cannot create initializer for non-floating point type.")
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise TypeError(f"Unknown mode {mode} [FAN_IN, FAN_OUT, FAN_AVG]")
    default = dtype

    def initialize(shape, dtype=None, partition_info=None):
        shape = [int(d) for d in (shape if partition_info is None else partition_info.full_shape)]
        field = math.prod(shape[:-2])
        fan_in, fan_out = float(shape[-2] if len(shape) > 1 else shape[-1]) * field, float(shape[-1]) * field
        n = {"FAN_IN": fan_in, "FAN_OUT": fan_out, "FAN_AVG": (fan_in + fan_out) / 2.0}[mode]
        if uniform:
            limit = math.sqrt(3.0 * factor / n)
            return random_uniform(shape, -limit, limit, dtype or default, seed=seed)
        # a normal distribution cut off at two deviations has a smaller variance: 1.3 makes up for it
        return truncated_normal(shape, 0.0, math.sqrt(1.3 * factor / n), dtype or default, seed=seed)

    return initialize
