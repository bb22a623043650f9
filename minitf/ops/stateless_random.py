"""Random numbers that depend on the seed given and on nothing else: the same in every run."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.kernels import random as kernels
from minitf.kernels.machine import Launch
from minitf.kernels.philox import stateless_state
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import FLOATS, INDICES, REALS
from minitf.ops.random import (
    Multinomial,
    RandomUniformInt,
    _Random,
    between,
    check_number_dtype,
    fill_shape,
    limits,
    shape_tensor,
    uniform_launches,
)

_EXAMPLES = [
    example(array([3, 5]), array([1, 2]), dtype=dtypes.float32),
    example(array([7]), array([-4, 9]), dtype=dtypes.float64),
]


def seeded(seed):
    """(launch, state): the launch fills `state` from the two seeds when it runs."""
    state = np.empty(3, np.uint64)
    return Launch(stateless_state, seed, state), state


def check_seed(seed):
    if seed.shape.ndims not in (None, 1) or not seed.shape.is_compatible_with([2]):
        raise ValueError(f"seed must have shape [2], not {seed.shape}")


class _Stateless(_Random):
    """A tensor of a given shape full of random numbers, made from `seed` (2,)."""

    inputs = {"shape": "T", "seed": "Tseed"}
    types = {"T": INDICES, "Tseed": INDICES, "dtype": FLOATS}
    static = (0,)
    stateful = False
    state = None
    examples = _EXAMPLES

    def infer(op, shape, seed):
        check_seed(seed)
        return [(fill_shape(shape), op.attrs["dtype"])]


class StatelessRandomUniform(_Stateless):
    """Uniform in [0, 1)."""

    def cpu(op, shape, seed, out):
        launch, state = seeded(seed)
        return [launch, *uniform_launches(op, state, out)]


class StatelessRandomNormal(_Stateless):
    """Normal, of mean 0 and standard deviation 1."""

    def cpu(op, shape, seed, out):
        launch, state = seeded(seed)
        return [launch, *kernels.launches(kernels.standard_normal, state, out.reshape(-1))]


class StatelessTruncatedNormal(_Stateless):
    """Standard normal numbers between -2 and 2: others are drawn again."""

    def cpu(op, shape, seed, out):
        launch, state = seeded(seed)
        return [launch, *kernels.launches(kernels.truncated_normal, state, out.reshape(-1))]


class StatelessRandomUniformFullInt(_Stateless):
    """Any value of the integer type."""

    types = {"T": INDICES, "Tseed": INDICES, "dtype": INDICES}
    foldable = False
    examples = [example(array([3, 5]), array([1, 2]), dtype=dtypes.int32)]

    def cpu(op, shape, seed, out):
        launch, state = seeded(seed)
        return [launch, *kernels.launches(kernels.full_int, state, out.reshape(-1))]


class StatelessRandomUniformInt(_Stateless):
    """Whole numbers, uniform in [minval, maxval)."""

    inputs = {"shape": "T", "seed": "Tseed", "minval": "dtype", "maxval": "dtype"}
    types = {"T": INDICES, "Tseed": INDICES, "dtype": INDICES}
    foldable = False
    examples = [example(array([3, 5]), array([1, 2]), array(-3), array(12))]

    def infer(op, shape, seed, minval, maxval):
        check_seed(seed)
        return RandomUniformInt.infer(op, shape, minval, maxval)

    def cpu(op, shape, seed, minval, maxval, out):
        launch, state = seeded(seed)
        return [launch, *RandomUniformInt.cpu(op, state, shape, minval, maxval, out)]

    def explain(op, shape, seed, minval, maxval):
        return RandomUniformInt.explain(op, shape, minval, maxval)


class StatelessMultinomial(_Stateless):
    """Classes drawn with probabilities softmax(logits): (batch, classes) -> (batch, num_samples)."""

    inputs = {"logits": "T", "num_samples": "int32", "seed": "Tseed"}
    types = {"T": REALS, "Tseed": INDICES, "output_dtype": INDICES}
    attrs = {"output_dtype": dtypes.int64}
    static = (1,)
    foldable = False
    examples = [example(normal(3, 4), array(6), array([1, 2]))]

    def infer(op, logits, num_samples, seed):
        check_seed(seed)
        return Multinomial.infer(op, logits, num_samples)

    def cpu(op, logits, num_samples, seed, out):
        launch, state = seeded(seed)
        return [launch, *Multinomial.cpu(op, state, logits, num_samples, out)]


def stateless_random_uniform(shape, seed, minval=0, maxval=None, dtype=dtypes.float32, name=None):
    """tf.random.stateless_uniform: numbers uniform in [minval, maxval), a function of `seed` (2,).

    Integers with neither limit (both None) take any value of their type.
    """
    dtype = check_number_dtype(dtype)
    everything = dtype.is_integer and minval is None and maxval is None
    if not everything:
        minval, maxval = limits(minval, maxval, dtype)
    with name_scope(name, "stateless_random_uniform", [shape, seed]) as scope:
        shape = shape_tensor(shape)
        if everything:
            return StatelessRandomUniformFullInt.apply(shape, seed, dtype=dtype, name=scope)
        minval = convert_to_tensor(minval, dtype=dtype, name="min")
        maxval = convert_to_tensor(maxval, dtype=dtype, name="max")
        if dtype.is_integer:
            return StatelessRandomUniformInt.apply(shape, seed, minval, maxval, name=scope)
        return between(StatelessRandomUniform.apply(shape, seed, dtype=dtype), minval, maxval, scope)


def stateless_random_normal(shape, seed, mean=0.0, stddev=1.0, dtype=dtypes.float32, name=None):
    """tf.random.stateless_normal: normal numbers, a function of `seed` (2,)."""
    return _normal(StatelessRandomNormal, "stateless_random_normal", shape, seed, mean, stddev, dtype, name)


def stateless_truncated_normal(shape, seed, mean=0.0, stddev=1.0, dtype=dtypes.float32, name=None):
    """tf.random.stateless_truncated_normal: within two standard deviations, a function of `seed` (2,)."""
    definition = StatelessTruncatedNormal
    return _normal(definition, "stateless_truncated_normal", shape, seed, mean, stddev, dtype, name)


def _normal(definition, default_name, shape, seed, mean, stddev, dtype, name):
    from minitf.ops.arithmetic import add

    dtype = dtypes.as_dtype(dtype).base_dtype
    with name_scope(name, default_name, [shape, seed, mean, stddev]) as scope:
        shape = shape_tensor(shape)
        mean = convert_to_tensor(mean, dtype=dtype, name="mean")
        stddev = convert_to_tensor(stddev, dtype=dtype, name="stddev")
        return add(definition.apply(shape, seed, dtype=dtype) * stddev, mean, name=scope)


def stateless_multinomial(logits, num_samples, seed, output_dtype=dtypes.int64, name=None):
    """tf.random.stateless_multinomial: `num_samples` classes per row of logits, a function of `seed` (2,)."""
    with name_scope(name, "stateless_multinomial", [logits, seed]):
        logits = convert_to_tensor(logits, name="logits")
        output_dtype = dtypes.as_dtype(output_dtype)
        return StatelessMultinomial.apply(logits, num_samples, seed, output_dtype=output_dtype)


def stateless_categorical(logits, num_samples, seed, dtype=dtypes.int64, name=None):
    """tf.random.stateless_categorical: `stateless_multinomial` under its later name."""
    with name_scope(name, "stateless_categorical", [logits, seed]):
        logits = convert_to_tensor(logits, name="logits")
        return StatelessMultinomial.apply(logits, num_samples, seed, output_dtype=dtypes.as_dtype(dtype))
