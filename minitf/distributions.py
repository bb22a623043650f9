"""tf.distributions: probability distributions as objects, made of ops.

A distribution has a batch shape (one distribution per element of its parameters); `sample(shape)` puts `shape`
before it.  `log_prob` can be differentiated, and samples of Normal and Uniform as well, by their parameters.
"""

import math

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape, broadcast
from minitf.ops.activations import sigmoid, softplus
from minitf.ops.arithmetic import abs as abs_
from minitf.ops.arithmetic import square
from minitf.ops.array import identity, ones_like, reshape, shape_of, zeros_like
from minitf.ops.casting import cast
from minitf.ops.comparison import greater_equal, less
from minitf.ops.constant import convert_to_tensor
from minitf.ops.encoding import one_hot
from minitf.ops.exponentials import exp, log, log1p
from minitf.ops.joining import concat
from minitf.ops.logic import logical_and
from minitf.ops.ordering import argmax
from minitf.ops.random import multinomial, random_normal, random_uniform
from minitf.ops.reductions import reduce_prod, reduce_sum
from minitf.ops.selection import where_v2
from minitf.ops.softmax import log_softmax, softmax
from minitf.ops.special_functions import erf
from minitf.ops.tiling import broadcast_dynamic_shape, broadcast_to
from minitf.ops.transposing import transpose


class Distribution:
    """The base: a subclass gives `_sample_n`, `_log_prob` and what else it knows."""

    event_shape = TensorShape([])

    def __init__(self, dtype, parameters, name):
        self.dtype, self.name, self._parameters = dtype, name, parameters

    @property
    def parameters(self):
        return dict(self._parameters)

    @property
    def batch_shape(self):
        shape = TensorShape([])
        for tensor in self._shaped_by():
            shape = broadcast(shape, tensor.shape)
        return shape

    def batch_shape_tensor(self, name="batch_shape_tensor"):
        with name_scope(name):
            first, *others = [shape_of(t) for t in self._shaped_by()]
            for other in others:
                first = broadcast_dynamic_shape(first, other)
            return first

    def sample(self, sample_shape=(), seed=None, name="sample"):
        """Numbers of shape sample_shape + batch shape."""
        with name_scope(f"{self.name}/{name}"):
            shape = reshape(convert_to_tensor(sample_shape, dtype=dtypes.int32, name="sample_shape"), [-1])
            drawn = self._sample_n(reduce_prod(shape), seed)
            out = reshape(drawn, concat([shape, shape_of(drawn)[1:]], 0))
            if isinstance(sample_shape, (int, list, tuple)):
                sizes = [sample_shape] if isinstance(sample_shape, int) else list(sample_shape)
                if all(isinstance(size, int) for size in sizes):
                    out.set_shape(TensorShape(sizes).concatenate(self.batch_shape).concatenate(self.event_shape))
            return out

    def log_prob(self, value, name="log_prob"):
        """The logarithm of the probability (density) of `value`."""
        with name_scope(f"{self.name}/{name}"):
            return self._log_prob(convert_to_tensor(value, preferred_dtype=self.dtype))

    def prob(self, value, name="prob"):
        with name_scope(f"{self.name}/{name}"):
            return exp(self._log_prob(convert_to_tensor(value, preferred_dtype=self.dtype)))

    def cdf(self, value, name="cdf"):
        """The probability of a number not above `value`."""
        with name_scope(f"{self.name}/{name}"):
            return self._cdf(convert_to_tensor(value, preferred_dtype=self.dtype))

    def stddev(self, name="stddev"):
        return self.variance() ** 0.5

    def kl_divergence(self, other, name="kl_divergence"):
        return kl_divergence(self, other)

    def cross_entropy(self, other, name="cross_entropy"):
        return self.entropy() + kl_divergence(self, other)

    def _full(self, tensor):
        """A parameter in the batch shape."""
        return broadcast_to(tensor, self.batch_shape_tensor())

    def __repr__(self):
        return f"<tf.distributions.{type(self).__name__} '{self.name}' batch_shape={self.batch_shape}>"


class Normal(Distribution):
    """tf.distributions.Normal(loc, scale): the bell curve of mean `loc` and standard deviation `scale`."""

    def __init__(self, loc, scale, validate_args=False, allow_nan_stats=True, name="Normal"):
        with name_scope(name):
            self.loc = identity(convert_to_tensor(loc), name="loc")
            self.scale = identity(convert_to_tensor(scale, dtype=self.loc.dtype.base_dtype), name="scale")
        super().__init__(self.loc.dtype, {"loc": loc, "scale": scale}, name)

    def _shaped_by(self):
        return [self.loc, self.scale]

    def _sample_n(self, n, seed):
        shape = concat([[n], self.batch_shape_tensor()], 0)
        return random_normal(shape, dtype=self.dtype, seed=seed) * self.scale + self.loc

    def _log_prob(self, x):
        return -0.5 * square(self._standard(x)) - (0.5 * math.log(2.0 * math.pi) + log(self.scale))

    def _cdf(self, x):
        return 0.5 * (1.0 + erf(self._standard(x) / math.sqrt(2.0)))

    def _standard(self, x):
        return (x - self.loc) / self.scale

    def entropy(self, name="entropy"):
        return 0.5 + 0.5 * math.log(2.0 * math.pi) + log(self._full(self.scale))

    def mean(self, name="mean"):
        return self._full(self.loc)

    mode = mean

    def variance(self, name="variance"):
        return square(self._full(self.scale))


class Uniform(Distribution):
    """tf.distributions.Uniform(low, high): equal density in [low, high)."""

    def __init__(self, low=0.0, high=1.0, validate_args=False, allow_nan_stats=True, name="Uniform"):
        with name_scope(name):
            self.low = identity(convert_to_tensor(low), name="low")
            self.high = identity(convert_to_tensor(high, dtype=self.low.dtype.base_dtype), name="high")
        super().__init__(self.low.dtype, {"low": low, "high": high}, name)

    def _shaped_by(self):
        return [self.low, self.high]

    def range(self, name="range"):
        return self.high - self.low

    def _sample_n(self, n, seed):
        shape = concat([[n], self.batch_shape_tensor()], 0)
        return self.low + self.range() * random_uniform(shape, dtype=self.dtype, seed=seed)

    def _log_prob(self, x):
        return log(self._prob(x))

    def _prob(self, x):
        inside = logical_and(greater_equal(x, self.low), less(x, self.high))
        density = ones_like(x) / self.range()
        return where_v2(inside, density, zeros_like(density))

    def _cdf(self, x):
        share = (x - self.low) / self.range()
        return where_v2(
            less(x, self.low),
            zeros_like(share),
            where_v2(greater_equal(x, self.high), ones_like(share), share),
        )

    def entropy(self, name="entropy"):
        return log(self.range())

    def mean(self, name="mean"):
        return (self.low + self.high) / 2.0

    def variance(self, name="variance"):
        return square(self.range()) / 12.0


class Bernoulli(Distribution):
    """tf.distributions.Bernoulli: 1 with probability `probs` = sigmoid(logits), else 0.  Give one of the two."""

    def __init__(self, logits=None, probs=None, dtype=dtypes.int32, validate_args=False, allow_nan_stats=True,
                 name="Bernoulli"):  # fmt: skip
        with name_scope(name):
            self.logits, self.probs = _logits_and_probs(logits, probs, sigmoid, lambda p: log(p) - log1p(-p))
        super().__init__(dtypes.as_dtype(dtype), {"logits": logits, "probs": probs}, name)

    def _shaped_by(self):
        return [self.logits]

    def _sample_n(self, n, seed):
        shape = concat([[n], self.batch_shape_tensor()], 0)
        return cast(less(random_uniform(shape, dtype=self.probs.dtype, seed=seed), self.probs), self.dtype)

    def _log_prob(self, event):
        event = cast(event, self.logits.dtype)
        return event * self.logits - softplus(self.logits)

    def entropy(self, name="entropy"):
        return softplus(self.logits) - self.probs * self.logits

    def mean(self, name="mean"):
        return identity(self.probs)

    def variance(self, name="variance"):
        return self.probs * (1.0 - self.probs)

    def mode(self, name="mode"):
        return cast(self.probs > 0.5, self.dtype)


class Categorical(Distribution):
    """tf.distributions.Categorical: class c with probability softmax(logits)[..., c].  Give logits or probs."""

    def __init__(self, logits=None, probs=None, dtype=dtypes.int32, validate_args=False, allow_nan_stats=True,
                 name="Categorical"):  # fmt: skip
        with name_scope(name):
            self.logits, self.probs = _logits_and_probs(logits, probs, softmax, log)
        super().__init__(dtypes.as_dtype(dtype), {"logits": logits, "probs": probs}, name)

    @property
    def batch_shape(self):
        return self.logits.shape[:-1]

    def batch_shape_tensor(self, name="batch_shape_tensor"):
        return shape_of(self.logits)[:-1]

    @property
    def event_size(self):
        return shape_of(self.logits)[-1]

    def _sample_n(self, n, seed):
        rows = reshape(self.logits, [-1, self.event_size])
        drawn = transpose(multinomial(rows, n, seed=seed, output_dtype=dtypes.int64))  # (n, batch)
        return reshape(cast(drawn, self.dtype), concat([[n], self.batch_shape_tensor()], 0))

    def _log_prob(self, k):
        classes = self.logits.shape.as_list()[-1]
        chosen = one_hot(cast(k, dtypes.int32), classes, dtype=self.logits.dtype)
        return reduce_sum(chosen * log_softmax(self.logits), -1)

    def entropy(self, name="entropy"):
        return -reduce_sum(log_softmax(self.logits) * softmax(self.logits), -1)

    def mode(self, name="mode"):
        return cast(argmax(self.logits, -1), self.dtype)


class Exponential(Distribution):
    """tf.distributions.Exponential(rate): the pause before an event that comes `rate` times per unit of time."""

    def __init__(self, rate, validate_args=False, allow_nan_stats=True, name="Exponential"):
        with name_scope(name):
            self.rate = identity(convert_to_tensor(rate), name="rate")
        super().__init__(self.rate.dtype, {"rate": rate}, name)

    def _shaped_by(self):
        return [self.rate]

    def _sample_n(self, n, seed):
        shape = concat([[n], self.batch_shape_tensor()], 0)
        smallest = float(self.dtype.as_numpy_dtype(2.0**-126))  # keeps the logarithm finite
        return -log(random_uniform(shape, smallest, 1.0, dtype=self.dtype, seed=seed)) / self.rate

    def _log_prob(self, x):
        return log(self.rate) - self.rate * x

    def _cdf(self, x):
        return 1.0 - exp(-self.rate * abs_(x))

    def entropy(self, name="entropy"):
        return 1.0 - log(self.rate)

    def mean(self, name="mean"):
        return 1.0 / self.rate

    def variance(self, name="variance"):
        return 1.0 / square(self.rate)


def _logits_and_probs(logits, probs, to_probs, to_logits):
    if (logits is None) == (probs is None):
        raise ValueError("Must pass probs or logits, but not both.")
    if logits is not None:
        logits = convert_to_tensor(logits, name="logits")
        return logits, to_probs(logits)
    probs = convert_to_tensor(probs, name="probs")
    return to_logits(probs), probs


def _normal_to_normal(a, b):
    ratio = square(a.scale / b.scale)
    return square(a.loc - b.loc) / (2.0 * square(b.scale)) + 0.5 * (ratio - 1.0 - log(ratio))


def _categorical_to_categorical(a, b):
    return reduce_sum(softmax(a.logits) * (log_softmax(a.logits) - log_softmax(b.logits)), -1)


def _bernoulli_to_bernoulli(a, b):
    return softplus(b.logits) - softplus(a.logits) + sigmoid(a.logits) * (a.logits - b.logits)


_DIVERGENCES = {
    (Normal, Normal): _normal_to_normal,
    (Categorical, Categorical): _categorical_to_categorical,
    (Bernoulli, Bernoulli): _bernoulli_to_bernoulli,
}


def kl_divergence(distribution_a, distribution_b, allow_nan_stats=True, name=None):
    """tf.distributions.kl_divergence: the mean under a of log(a / b).

    Raises NotImplementedError for pairs of which none is known.  Source: Kullback and Leibler, 1951.
    """
    rule = _DIVERGENCES.get((type(distribution_a), type(distribution_b)))
    if rule is None:
        raise NotImplementedError(
            f"No KL(distribution_a || distribution_b) known for {distribution_a}, {distribution_b}"
        )
    with name_scope(name, "KullbackLeibler"):
        return rule(distribution_a, distribution_b)
