"""tf.contrib.distributions: tf.distributions and the normal distribution of vectors."""

import math

from minitf.distributions import Bernoulli as Bernoulli
from minitf.distributions import Categorical as Categorical
from minitf.distributions import Distribution as Distribution
from minitf.distributions import Exponential as Exponential
from minitf.distributions import Normal as Normal
from minitf.distributions import Uniform as Uniform
from minitf.distributions import kl_divergence as kl_divergence
from minitf.graph.graph import name_scope
from minitf.graph.shape import broadcast
from minitf.ops.arithmetic import square
from minitf.ops.array import identity, ones_like, shape_of, zeros_like
from minitf.ops.constant import convert_to_tensor
from minitf.ops.exponentials import log
from minitf.ops.joining import concat
from minitf.ops.random import random_normal
from minitf.ops.reductions import reduce_sum
from minitf.ops.tiling import broadcast_dynamic_shape, broadcast_to


class MultivariateNormalDiag(Distribution):
    """Vectors whose components are independent and normal: `loc` (..., k), `scale_diag` (..., k) or None for ones.

    An event is a vector: `log_prob` sums over the last axis.  Raises ValueError where both are None.
    """

    def __init__(self, loc=None, scale_diag=None, validate_args=False, allow_nan_stats=True,
                 name="MultivariateNormalDiag"):  # fmt: skip
        if loc is None and scale_diag is None:
            raise ValueError("MultivariateNormalDiag needs loc or scale_diag")
        with name_scope(name):
            given = convert_to_tensor(loc if loc is not None else scale_diag)
            self.loc = identity(zeros_like(given) if loc is None else given, name="loc")
            scale = ones_like(self.loc) if scale_diag is None else convert_to_tensor(scale_diag, self.loc.dtype)
            self.scale_diag = identity(scale, name="scale_diag")
        super().__init__(self.loc.dtype, {"loc": loc, "scale_diag": scale_diag}, name)

    def _whole_shape(self):
        return broadcast_dynamic_shape(shape_of(self.loc), shape_of(self.scale_diag))

    @property
    def event_shape(self):
        return broadcast(self.loc.shape, self.scale_diag.shape)[-1:]

    @property
    def batch_shape(self):
        return broadcast(self.loc.shape, self.scale_diag.shape)[:-1]

    def batch_shape_tensor(self, name="batch_shape_tensor"):
        return self._whole_shape()[:-1]

    def _sample_n(self, n, seed):
        shape = concat([[n], self._whole_shape()], 0)
        return random_normal(shape, dtype=self.dtype, seed=seed) * self.scale_diag + self.loc

    def _log_prob(self, x):
        standard = (x - self.loc) / self.scale_diag
        return -0.5 * reduce_sum(square(standard) + math.log(2.0 * math.pi) + 2.0 * log(self.scale_diag), -1)

    def entropy(self, name="entropy"):
        whole = broadcast_to(self.scale_diag, self._whole_shape())
        return reduce_sum(0.5 + 0.5 * math.log(2.0 * math.pi) + log(whole), -1)

    def mean(self, name="mean"):
        return broadcast_to(self.loc, self._whole_shape())

    mode = mean

    def variance(self, name="variance"):
        return square(broadcast_to(self.scale_diag, self._whole_shape()))
