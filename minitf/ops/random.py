"""Random numbers, equal to TensorFlow's: the operations, and the seeds that decide what they draw.

An operation's two seeds come from the graph's seed and its own (`get_seed`); they say where a stream begins.
A session keeps the position in the stream as a hidden variable of the operation, so a second run goes on
where the first one stopped, and a new session begins again.  Read next: `kernels/philox.py`.
"""

import secrets

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import get_default_graph, name_scope
from minitf.graph.shape import Dimension, TensorShape
from minitf.kernels import copying, rejection
from minitf.kernels import random as kernels
from minitf.kernels.machine import Launch, Stretch
from minitf.kernels.philox import philox_state
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, example, normal, positive
from minitf.ops.numeric import widen
from minitf.ops.op import FLOATS, HALVES, INDICES, REALS, Op, Spec

DEFAULT_GRAPH_SEED = 87654321  # TensorFlow's, for an operation with a seed in a graph without one
_LARGEST_SEED = 2**31 - 1


def set_random_seed(seed):
    """tf.set_random_seed: the seed of the default graph, for operations without one of their own."""
    get_default_graph().seed = seed


def get_seed(op_seed):
    """tf.get_seed: the two seeds of an operation that was given `op_seed` (or None); (None, None) for none.

    Operations without a seed are numbered in the order of making.  (0, 0), which means "no seed", is avoided.
    """
    graph = get_default_graph()
    if graph.seed is None and op_seed is None:
        return None, None
    if op_seed is None:
        op_seed, graph.seeds_given = graph.seeds_given, graph.seeds_given + 1
    seeds = (DEFAULT_GRAPH_SEED if graph.seed is None else graph.seed), op_seed
    seeds = tuple(int(s) % _LARGEST_SEED for s in seeds)
    return (0, _LARGEST_SEED) if seeds == (0, 0) else seeds


def seed_attrs(op_seed):
    """The attributes `seed` and `seed2` of an operation: both 0 where every session shall differ."""
    seed, seed2 = get_seed(op_seed)
    return {"seed": seed or 0, "seed2": seed2 or 0}


class _Random(Op):
    """The base of random ops: `cpu` writes into `out`, as the last of its arguments."""

    stateful = True
    gradient = None

    def state(op):
        seed, seed2 = op.attrs["seed"], op.attrs["seed2"]
        if seed == seed2 == 0:
            return philox_state(secrets.randbits(63), secrets.randbits(63))
        return philox_state(seed, seed2)

    def numpy(op, *arrays):
        """The kernel is the definition: it runs here on memory of its own, with float32 for halves."""
        arrays = [widen(a) for a in arrays]
        inputs = arrays if op.definition.state is None else arrays[1:]
        specs = [Spec(TensorShape(a.shape), t.dtype, a) for a, t in zip(inputs, op.inputs, strict=True)]
        ((shape, dtype),) = op.definition.infer(op, *specs)
        out = np.empty(shape.sizes, np.float32 if dtype.name in HALVES else dtype.as_numpy_dtype)
        if out.size and Stretch(op.definition.cpu(op, *arrays, out)).run() >= 0:
            raise op.definition.explain(op, *inputs)
        return out


def fill_shape(shape):
    """The output shape that an input `shape` names.  Raises ValueError where it is no vector, or negative."""
    if shape.shape.ndims not in (None, 1):
        raise ValueError(f"Shape must be rank 1 but is rank {shape.shape.ndims}")
    if shape.value is not None and (shape.value < 0).any():
        raise ValueError(f"Dimensions must be >= 0, got {shape.value.tolist()}")
    return shape.sizes()


class _Fill(_Random):
    """A tensor of a given shape full of random numbers."""

    inputs = {"shape": "T"}
    types = {"T": INDICES, "dtype": FLOATS}
    static = (0,)
    examples = [
        example(array([3, 5]), dtype=dtypes.float32, seed=1, seed2=2),
        example(array([7]), dtype=dtypes.float64, seed=0, seed2=5),
    ]

    def infer(op, shape):
        return [(fill_shape(shape), op.attrs["dtype"])]


class RandomUniform(_Fill):
    """Uniform in [0, 1)."""

    def cpu(op, state, shape, out):
        return uniform_launches(op, state, out)


class RandomStandardNormal(_Fill):
    """Normal, of mean 0 and standard deviation 1."""

    def cpu(op, state, shape, out):
        return kernels.launches(kernels.standard_normal, state, out.reshape(-1))


class TruncatedNormal(_Fill):
    """Standard normal numbers between -2 and 2: others are drawn again."""

    def cpu(op, state, shape, out):
        return kernels.launches(kernels.truncated_normal, state, out.reshape(-1))


def uniform_launches(op, state, out):
    """Uniform numbers of the op's dtype; halves have steps of their own."""
    digits = {"float16": 10, "bfloat16": 7}.get(op.attrs["dtype"].name)
    if digits is None:
        return kernels.launches(kernels.uniform, state, out.reshape(-1))
    return kernels.launches(kernels.uniform_short, state, digits, np.empty(out.size, np.int32), out.reshape(-1))


class RandomUniformInt(_Random):
    """Whole numbers, uniform in [minval, maxval)."""

    inputs = {"shape": "T", "minval": "Tout", "maxval": "Tout"}
    types = {"T": INDICES, "Tout": INDICES}
    static = (0,)
    examples = [example(array([3, 5]), array(-3), array(12), seed=1, seed2=2)]

    def infer(op, shape, minval, maxval):
        if minval.shape.ndims not in (None, 0) or maxval.shape.ndims not in (None, 0):
            raise ValueError("Shape must be rank 0: minval and maxval are scalars")
        return [(fill_shape(shape), minval.dtype)]

    def cpu(op, state, shape, minval, maxval, out):
        return kernels.launches(kernels.uniform_int, state, minval.reshape(1), maxval.reshape(1), out.reshape(-1))

    def explain(op, shape, minval, maxval):
        return errors.InvalidArgumentError(None, op, f"Need minval < maxval, got {minval} >= {maxval}")


class RandomShuffle(_Random):
    """The rows of a tensor in a random order."""

    inputs = {"value": "T"}
    types = {"T": ()}
    examples = [example(normal(5, 3), seed=1, seed2=2), example(normal(6), seed=1, seed2=2)]

    def infer(op, value):
        return [(value.shape, value.dtype)]

    def cpu(op, state, value, out):
        if value.ndim == 0 or len(value) < 2:
            return [copying.copy_launch(value, out)]
        x, y = (copying.words(a).reshape(len(value), -1) for a in (value, out))
        return [Launch(kernels.shuffle, state, x, np.empty(len(value), np.int64), y)]

    def numpy(op, state, value):
        if value.ndim == 0 or len(value) < 2:
            return value.copy()
        order = np.empty(len(value), np.int64)
        Stretch([Launch(kernels.permutation, state, order)]).run()
        return value[order]


class Multinomial(_Random):
    """Classes drawn with probabilities softmax(logits): (batch, classes) -> (batch, num_samples)."""

    inputs = {"logits": "T", "num_samples": "int32"}
    types = {"T": REALS, "output_dtype": INDICES}
    attrs = {"output_dtype": dtypes.int64}
    static = (1,)
    examples = [example(normal(3, 4), array(6), seed=1, seed2=2)]

    def infer(op, logits, num_samples):
        if logits.shape.ndims not in (None, 2):
            raise ValueError(f"Shape must be rank 2 but is rank {logits.shape.ndims}")
        samples = None if num_samples.value is None else int(num_samples.value)
        batch = None if logits.shape.ndims is None else logits.shape.sizes[0]
        return [(TensorShape([batch, samples]), op.attrs["output_dtype"])]

    def cpu(op, state, logits, num_samples, out):
        return [Launch(kernels.multinomial, state, logits, np.empty(logits.shape[1]), out)]


class RandomGamma(_Random):
    """Gamma numbers of shapes `alpha` and scale 1: (shape..., alpha's shape...)."""

    inputs = {"shape": "S", "alpha": "T"}
    types = {"S": INDICES, "T": ("float16", "float32", "float64")}
    static = (0,)
    examples = [example(array([3]), array([[0.5, 1.0], [2.5, 9.0]], np.float32), seed=1, seed2=2)]

    def infer(op, shape, alpha):
        return [(fill_shape(shape).concatenate(alpha.shape), alpha.dtype)]

    def cpu(op, state, shape, alpha, out):
        return [Launch(rejection.gamma, state, alpha.reshape(-1), out.reshape(-1, alpha.size))]


class RandomPoissonV2(_Random):
    """Poisson numbers of mean `rate`: (shape..., rate's shape...)."""

    inputs = {"shape": "S", "rate": "R"}
    types = {"S": INDICES, "R": ("float16", "float32", "float64", *INDICES),
             "dtype": ("float16", "float32", "float64", *INDICES)}  # fmt: skip
    attrs = {"dtype": dtypes.int64}
    static = (0,)
    examples = [example(array([4]), positive(3), dtype=dtypes.float32, seed=1, seed2=2)]

    def infer(op, shape, rate):
        return [(fill_shape(shape).concatenate(rate.shape), op.attrs["dtype"])]

    def cpu(op, state, shape, rate, out):
        limit = float(op.attrs["dtype"].max)
        return [Launch(rejection.poisson, state, rate.reshape(-1), limit, out.reshape(-1, rate.size))]


# -- functions --------------------------------------------------------------------------------------------


def shape_tensor(shape):
    """A shape argument as an integer vector named 'shape'."""
    if isinstance(shape, (list, tuple)) and not any(hasattr(d, "op") for d in shape):
        sizes = [int(d.value if isinstance(d, Dimension) else d) for d in shape]
        return constant(np.array(sizes, np.int32), name="shape")
    return convert_to_tensor(shape, name="shape")


def check_number_dtype(dtype):
    dtype = dtypes.as_dtype(dtype).base_dtype
    if dtype.name not in FLOATS + INDICES:
        raise ValueError(f"Argument `dtype` got invalid value {dtype}; it takes {FLOATS + INDICES}.")
    return dtype


def random_uniform(shape, minval=0, maxval=None, dtype=dtypes.float32, seed=None, name=None):
    """tf.random_uniform: numbers uniform in [minval, maxval); maxval is 1 for floats.

    Raises ValueError for integers without a maxval; InvalidArgumentError in the run where they need
    minval < maxval and do not have it.
    """
    dtype = check_number_dtype(dtype)
    minval, maxval = limits(minval, maxval, dtype)
    with name_scope(name, "random_uniform", [shape, minval, maxval]) as scope:
        shape = shape_tensor(shape)
        standard = _is_exactly(minval, 0) and _is_exactly(maxval, 1)
        if not standard or dtype.is_integer:
            from_zero = _is_exactly(minval, 0)
            minval = convert_to_tensor(minval, dtype=dtype, name="min")
            maxval = convert_to_tensor(maxval, dtype=dtype, name="max")
        attrs = seed_attrs(seed)
        if dtype.is_integer:
            return RandomUniformInt.apply(shape, minval, maxval, name=scope, **attrs)
        unit = RandomUniform.apply(shape, dtype=dtype, **attrs)
        if standard:
            return unit
        return _scaled(unit, maxval, scope) if from_zero else between(unit, minval, maxval, scope)


def limits(minval, maxval, dtype):
    """The limits of a uniform distribution, with maxval 1 for floats that were given none."""
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    return (0 if minval is None else minval), maxval


def _is_exactly(limit, value):
    return isinstance(limit, int) and limit == value


def _scaled(unit, maxval, scope):
    from minitf.ops.arithmetic import multiply

    return multiply(unit, maxval)


def between(unit, minval, maxval, scope):
    """unit * (maxval - minval) + minval"""
    from minitf.ops.arithmetic import add

    return add(unit * (maxval - minval), minval, name=scope)


def random_normal(shape, mean=0.0, stddev=1.0, dtype=dtypes.float32, seed=None, name=None):
    """tf.random_normal: normal numbers of this mean and standard deviation."""
    return _normal(RandomStandardNormal, "random_normal", shape, mean, stddev, dtype, seed, name)


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=dtypes.float32, seed=None, name=None):
    """tf.truncated_normal: normal numbers within two standard deviations of the mean."""
    return _normal(TruncatedNormal, "truncated_normal", shape, mean, stddev, dtype, seed, name)


def _normal(definition, default_name, shape, mean, stddev, dtype, seed, name):
    from minitf.ops.arithmetic import add

    dtype = dtypes.as_dtype(dtype).base_dtype
    with name_scope(name, default_name, [shape, mean, stddev]) as scope:
        shape = shape_tensor(shape)
        mean = convert_to_tensor(mean, dtype=dtype, name="mean")
        stddev = convert_to_tensor(stddev, dtype=dtype, name="stddev")
        standard = definition.apply(shape, dtype=dtype, **seed_attrs(seed))
        return add(standard * stddev, mean, name=scope)


def random_shuffle(value, seed=None, name=None):
    """tf.random_shuffle: the rows of `value` (along its first axis) in a random order."""
    return RandomShuffle.apply(value, name=name, **seed_attrs(seed))


def multinomial(logits, num_samples, seed=None, name=None, output_dtype=None):
    """tf.multinomial: `num_samples` classes for each row of logits (batch, classes), int64 by default."""
    return _categorical("multinomial", logits, num_samples, output_dtype, seed, name)


def categorical(logits, num_samples, dtype=None, seed=None, name=None):
    """tf.random.categorical: `multinomial` under its later name."""
    return _categorical("categorical", logits, num_samples, dtype, seed, name)


def _categorical(default_name, logits, num_samples, dtype, seed, name):
    dtype = dtypes.int64 if dtype is None else dtypes.as_dtype(dtype)
    with name_scope(name, default_name, [logits]):
        logits = convert_to_tensor(logits, name="logits")
        return Multinomial.apply(logits, num_samples, output_dtype=dtype, **seed_attrs(seed))


def random_gamma(shape, alpha, beta=None, dtype=dtypes.float32, seed=None, name=None):
    """tf.random_gamma: gamma numbers of shapes `alpha` and rates `beta`: (shape..., broadcast shape...)."""
    from minitf.ops.arithmetic import maximum
    from minitf.ops.array import shape_of
    from minitf.ops.tiling import broadcast_dynamic_shape, broadcast_to

    dtype = dtypes.as_dtype(dtype)
    with name_scope(name, "random_gamma", [shape, alpha, beta]):
        shape = shape_tensor(shape)
        alpha = convert_to_tensor(alpha, dtype=dtype, name="alpha")
        beta = convert_to_tensor(1 if beta is None else beta, dtype=dtype, name="beta")
        alpha = broadcast_to(alpha, broadcast_dynamic_shape(shape_of(alpha), shape_of(beta)))
        unit = RandomGamma.apply(shape, alpha, **seed_attrs(seed))
        smallest = np.finfo(dtype.as_numpy_dtype).tiny
        return maximum(smallest, unit / beta)


def random_poisson(lam, shape, dtype=dtypes.float32, seed=None, name=None):
    """tf.random_poisson: Poisson numbers of means `lam`: (shape..., lam's shape...)."""
    with name_scope(name, "random_poisson", [lam, shape]):
        dtype = dtypes.as_dtype(dtype)
        return RandomPoissonV2.apply(shape_tensor(shape), lam, dtype=dtype, **seed_attrs(seed))


def random_crop(value, size, seed=None, name=None):
    """tf.random_crop: a slice of shape `size` at a random place of `value`.

    Raises InvalidArgumentError in the run where `size` is larger than the shape of `value`.
    """
    from minitf.ops.array import shape_of
    from minitf.ops.checking import assert_that
    from minitf.ops.comparison import greater_equal
    from minitf.ops.control_flow import with_dependencies
    from minitf.ops.reductions import reduce_all
    from minitf.ops.slicing import slice as slice_

    with name_scope(name, "random_crop", [value, size]) as scope:
        value = convert_to_tensor(value, name="value")
        size = convert_to_tensor(size, dtype=dtypes.int32, name="size")
        shape = shape_of(value)
        large_enough = reduce_all(greater_equal(shape, size))
        fits = assert_that(large_enough, ["Need value.shape >= size, got ", shape, size])
        limit = with_dependencies([fits], shape) - size + 1
        offset = random_uniform(shape_of(shape), dtype=size.dtype, maxval=size.dtype.max, seed=seed) % limit
        return slice_(value, offset, size, name=scope)
