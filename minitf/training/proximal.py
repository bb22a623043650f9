"""Proximal methods: a step along the gradient, then the exact step for the penalties l1 and l2."""

from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.sparse_updates import SparseApplyProximalAdagrad, SparseApplyProximalGradientDescent
from minitf.ops.updates import ApplyProximalAdagrad, ApplyProximalGradientDescent
from minitf.training.optimizer import Optimizer


class _Proximal(Optimizer):
    def __init__(self, learning_rate, l1, l2, use_locking, name):
        super().__init__(use_locking, name)
        self._learning_rate, self._l1, self._l2 = learning_rate, l1, l2

    def _prepare(self):
        named = {
            "learning_rate": self._call_if_callable(self._learning_rate),
            "l1_regularization_strength": self._l1,
            "l2_regularization_strength": self._l2,
        }
        self._tensors = [convert_to_tensor(v, name=n) for n, v in named.items()]

    def _settings(self, var):
        return [self._setting(t, var) for t in self._tensors]


class ProximalGradientDescentOptimizer(_Proximal):
    """tf.train.ProximalGradientDescentOptimizer.  Source: see `ApplyProximalGradientDescent`."""

    def __init__(self, learning_rate, l1_regularization_strength=0.0, l2_regularization_strength=0.0,
                 use_locking=False, name="ProximalGradientDescent"):  # fmt: skip
        super().__init__(
            learning_rate, l1_regularization_strength, l2_regularization_strength, use_locking, name
        )

    def _apply_dense(self, grad, var):
        return ApplyProximalGradientDescent.apply(var, *self._settings(var), grad, use_locking=self._use_locking).op

    def _apply_sparse(self, grad, var):
        settings = self._settings(var)
        return SparseApplyProximalGradientDescent.apply(
            var, *settings, grad.values, grad.indices, use_locking=self._use_locking
        ).op


class ProximalAdagradOptimizer(_Proximal):
    """tf.train.ProximalAdagradOptimizer: slot "accumulator".  Source: see `ApplyProximalAdagrad`.

    Raises ValueError where `initial_accumulator_value` is not positive.
    """

    def __init__(self, learning_rate, initial_accumulator_value=0.1, l1_regularization_strength=0.0,
                 l2_regularization_strength=0.0, use_locking=False, name="ProximalAdagrad"):  # fmt: skip
        if initial_accumulator_value <= 0.0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(
            learning_rate, l1_regularization_strength, l2_regularization_strength, use_locking, name
        )
        self._initial = initial_accumulator_value

    def _create_slots(self, var_list):
        for v in var_list:
            begin = constant(self._initial, v.dtype.base_dtype, v.shape)
            self._get_or_make_slot(v, begin, "accumulator", self._name)

    def _apply_dense(self, grad, var):
        slot = self.get_slot(var, "accumulator")
        return ApplyProximalAdagrad.apply(var, slot, *self._settings(var), grad, use_locking=self._use_locking).op

    def _apply_sparse(self, grad, var):
        slot, settings = self.get_slot(var, "accumulator"), self._settings(var)
        return SparseApplyProximalAdagrad.apply(
            var, slot, *settings, grad.values, grad.indices, use_locking=self._use_locking
        ).op
