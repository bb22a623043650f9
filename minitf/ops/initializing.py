"""Initializers: functions (shape, dtype) -> tensor with the values a variable begins with.

How large the first weights are decides whether signals and gradients keep their size from layer to layer:
`VarianceScaling` holds the reasoning, and Glorot's, He's and LeCun's rules are cases of it.
"""

import math

import numpy as np

from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.array import ones, reshape, zeros
from minitf.ops.constant import constant
from minitf.ops.random import random_normal, random_uniform, truncated_normal

_TRUNCATED_DEVIATION = 0.87962566103423978  # of a standard normal number, given that it is between -2 and 2


class Initializer:
    """The base: an initializer keeps its settings, and is called with the shape of the variable.

    `partition_info` tells the shape of the whole where the variable is a part of a larger one.
    """

    def __call__(self, shape, dtype=None, partition_info=None):
        raise NotImplementedError

    def get_config(self):
        """The arguments that make an equal initializer: see `from_config`."""
        config = {k.lstrip("_"): v for k, v in vars(self).items()}
        if "dtype" in config:
            config["dtype"] = config["dtype"].name
        return config

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class Zeros(Initializer):
    """tf.zeros_initializer: zeros."""

    def __init__(self, dtype=dtypes.float32):
        self.dtype = dtypes.as_dtype(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        return zeros(shape, dtype or self.dtype)


class Ones(Initializer):
    """tf.ones_initializer: ones."""

    def __init__(self, dtype=dtypes.float32):
        self.dtype = dtypes.as_dtype(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        return ones(shape, dtype or self.dtype)


class Constant(Initializer):
    """tf.constant_initializer: given values, the last one repeated until the shape is full.

    Raises TypeError for what is no number, list or array; `verify_shape` forbids the repetition.
    """

    def __init__(self, value=0, dtype=dtypes.float32, verify_shape=False):
        if not (np.isscalar(value) or isinstance(value, (list, tuple, np.ndarray))):
            raise TypeError(f"Invalid type for initial value: {type(value)}; a number, list or array is.")
        self.value, self.dtype, self._verify_shape = value, dtypes.as_dtype(dtype), verify_shape

    def __call__(self, shape, dtype=None, partition_info=None, verify_shape=None):
        verify = self._verify_shape if verify_shape is None else verify_shape
        return constant(self.value, dtype or self.dtype, shape, verify_shape=verify)


class RandomUniform(Initializer):
    """tf.random_uniform_initializer: uniform in [minval, maxval)."""

    def __init__(self, minval=0, maxval=None, seed=None, dtype=dtypes.float32):
        self.minval, self.maxval, self.seed, self.dtype = minval, maxval, seed, dtypes.as_dtype(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        return random_uniform(shape, self.minval, self.maxval, dtype or self.dtype, self.seed)


class RandomNormal(Initializer):
    """tf.random_normal_initializer: normal numbers."""

    def __init__(self, mean=0.0, stddev=1.0, seed=None, dtype=dtypes.float32):
        self.mean, self.stddev, self.seed, self.dtype = mean, stddev, seed, _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        return random_normal(shape, self.mean, self.stddev, dtype or self.dtype, self.seed)


class TruncatedNormal(RandomNormal):
    """tf.truncated_normal_initializer: normal numbers within two standard deviations of the mean."""

    def __call__(self, shape, dtype=None, partition_info=None):
        return truncated_normal(shape, self.mean, self.stddev, dtype or self.dtype, self.seed)


class UniformUnitScaling(Initializer):
    """tf.uniform_unit_scaling_initializer: uniform within sqrt(3 / inputs) * factor.

    Source: Sussillo and Abbott, "Random walk initialization for training very deep networks", 2014.
    """

    def __init__(self, factor=1.0, seed=None, dtype=dtypes.float32):
        self.factor, self.seed, self.dtype = factor, seed, _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        inputs = 1.0
        for size in _whole(shape, partition_info)[:-1]:
            inputs *= float(size)
        limit = math.sqrt(3 / max(inputs, 1.0)) * self.factor
        return random_uniform(shape, -limit, limit, dtype or self.dtype, self.seed)


class VarianceScaling(Initializer):
    """tf.variance_scaling_initializer: weights of variance scale / n.

    A sum of n products of weights and inputs has n times the variance of one; weights of variance 1/n keep
    it.  `mode` says which n: "fan_in" (signals keep their size), "fan_out" (gradients do), "fan_avg".
    `distribution`: "truncated_normal" ("normal" is the same), "untruncated_normal", "uniform".
    """

    def __init__(self, scale=1.0, mode="fan_in", distribution="truncated_normal", seed=None,
                 dtype=dtypes.float32):  # fmt: skip
        if scale <= 0.0:
            raise ValueError("`scale` must be positive float.")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(f"Invalid `mode` argument: {mode}")
        distribution = distribution.lower()
        if distribution not in ("normal", "uniform", "truncated_normal", "untruncated_normal"):
            raise ValueError(f"Invalid `distribution` argument: {distribution}")
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.seed, self.dtype = seed, _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        dtype = dtype or self.dtype
        fan_in, fan_out = fans(_whole(shape, partition_info))
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        variance = self.scale / max(1.0, n)
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return random_uniform(shape, -limit, limit, dtype, self.seed)
        if self.distribution == "untruncated_normal":
            return random_normal(shape, 0.0, math.sqrt(variance), dtype, self.seed)
        return truncated_normal(shape, 0.0, math.sqrt(variance) / _TRUNCATED_DEVIATION, dtype, self.seed)


def fans(shape):
    """(inputs, outputs) of one unit of a layer with weights of this shape: (window..., inputs, outputs)."""
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    window = math.prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


class GlorotUniform(VarianceScaling):
    """tf.glorot_uniform_initializer: uniform, of variance 2 / (inputs + outputs).

    Source: Glorot and Bengio, "Understanding the difficulty of training deep networks", AISTATS 2010.
    """

    def __init__(self, seed=None, dtype=dtypes.float32):
        super().__init__(1.0, "fan_avg", "uniform", seed, dtype)

    def get_config(self):
        return {"seed": self.seed, "dtype": self.dtype.name}


class GlorotNormal(GlorotUniform):
    """tf.glorot_normal_initializer: truncated normal, of variance 2 / (inputs + outputs)."""

    def __init__(self, seed=None, dtype=dtypes.float32):
        super().__init__(seed, dtype)
        self.distribution = "truncated_normal"


class Orthogonal(Initializer):
    """tf.orthogonal_initializer: a matrix with orthogonal rows or columns, times `gain`.

    The Q of the QR decomposition of a normal matrix, its signs made unique.  Source: Saxe, McClelland and
    Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014.
    """

    def __init__(self, gain=1.0, seed=None, dtype=dtypes.float32):
        self.gain, self.seed, self.dtype = gain, seed, _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        if len(shape) < 2:
            raise ValueError("The tensor to initialize must be at least two-dimensional")
        from minitf.ops.arithmetic import sign
        from minitf.ops.diagonals import tensor_diag_part
        from minitf.ops.factorization import qr
        from minitf.ops.transposing import matrix_transpose

        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = max(rows, columns), min(rows, columns)
        noise = random_normal(tall, dtype=dtype or self.dtype, seed=self.seed)
        q, r = qr(noise, full_matrices=False)
        q = q * sign(tensor_diag_part(r))
        if rows < columns:
            q = matrix_transpose(q)
        return self.gain * reshape(q, shape)


class Identity(Initializer):
    """tf.initializers.identity: a diagonal of `gain`, for matrices only (else ValueError)."""

    def __init__(self, gain=1.0, dtype=dtypes.float32):
        self.gain, self.dtype = gain, _floating(dtype)

    def __call__(self, shape, dtype=None, partition_info=None):
        whole = _whole(shape, partition_info)
        if len(whole) != 2:
            raise ValueError("Identity matrix initializer can only be used for 2D matrices.")
        from minitf.ops.diagonals import eye

        return self.gain * eye(*whole, dtype=dtype or self.dtype)


def he_normal(seed=None):
    """tf.initializers.he_normal: truncated normal, of variance 2 / inputs: a relu cuts off half.

    Source: He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015.
    """
    return VarianceScaling(2.0, "fan_in", "truncated_normal", seed)


def he_uniform(seed=None):
    """tf.initializers.he_uniform: uniform, of variance 2 / inputs."""
    return VarianceScaling(2.0, "fan_in", "uniform", seed)


def lecun_normal(seed=None):
    """tf.initializers.lecun_normal: truncated normal, of variance 1 / inputs.

    Source: LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998.
    """
    return VarianceScaling(1.0, "fan_in", "truncated_normal", seed)


def lecun_uniform(seed=None):
    """tf.initializers.lecun_uniform: uniform, of variance 1 / inputs."""
    return VarianceScaling(1.0, "fan_in", "uniform", seed)


def _floating(dtype):
    dtype = dtypes.as_dtype(dtype)
    if not dtype.is_floating:
        raise ValueError(f"Expected floating point type, got {dtype!r}.")
    return dtype


def _whole(shape, partition_info):
    """The sizes that count: of the whole variable where this one is a part of it."""
    shape = shape if partition_info is None else partition_info.full_shape
    return TensorShape(shape).as_list()
