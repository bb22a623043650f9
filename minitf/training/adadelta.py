"""Adadelta: steps measured by former steps, so that their unit is the variable's."""

from minitf.ops.constant import convert_to_tensor
from minitf.ops.sparse_updates import SparseApplyAdadelta
from minitf.ops.updates import ApplyAdadelta
from minitf.training.optimizer import Optimizer


class AdadeltaOptimizer(Optimizer):
    """tf.train.AdadeltaOptimizer: slots "accum" and "accum_update", averages of squares that decay with `rho`.

    Source: see `ApplyAdadelta`.
    """

    def __init__(self, learning_rate=0.001, rho=0.95, epsilon=1e-8, use_locking=False, name="Adadelta"):
        super().__init__(use_locking, name)
        self._learning_rate, self._rho, self._epsilon = learning_rate, rho, epsilon

    def _create_slots(self, var_list):
        for v in var_list:
            self._zeros_slot(v, "accum", self._name)
            self._zeros_slot(v, "accum_update", self._name)

    def _prepare(self):
        named = {"lr": self._learning_rate, "rho": self._rho, "epsilon": self._epsilon}
        self._tensors = [convert_to_tensor(self._call_if_callable(v), name=n) for n, v in named.items()]

    def _arguments(self, var):
        slots = [self.get_slot(var, name) for name in ("accum", "accum_update")]
        return [var, *slots, *(self._setting(t, var) for t in self._tensors)]

    def _apply_dense(self, grad, var):
        return ApplyAdadelta.apply(*self._arguments(var), grad, use_locking=self._use_locking).op

    def _apply_sparse(self, grad, var):
        return SparseApplyAdadelta.apply(
            *self._arguments(var), grad.values, grad.indices, use_locking=self._use_locking
        ).op
