"""Momentum: a running sum of gradients that decays, so that the way keeps its direction."""

from minitf.ops.constant import convert_to_tensor
from minitf.ops.sparse_updates import SparseApplyMomentum
from minitf.ops.updates import ApplyMomentum
from minitf.training.optimizer import Optimizer


class MomentumOptimizer(Optimizer):
    """tf.train.MomentumOptimizer: slot "momentum" = momentum * slot + gradient; variable -= rate * slot.

    With `use_nesterov` the gradient counts as if taken after the step.  Source: see `ApplyMomentum`.
    """

    def __init__(self, learning_rate, momentum, use_locking=False, name="Momentum", use_nesterov=False):
        super().__init__(use_locking, name)
        self._learning_rate, self._momentum, self._use_nesterov = learning_rate, momentum, use_nesterov

    def _create_slots(self, var_list):
        for v in var_list:
            self._zeros_slot(v, "momentum", self._name)

    def _prepare(self):
        self._rate = convert_to_tensor(self._call_if_callable(self._learning_rate), name="learning_rate")
        self._decay = convert_to_tensor(self._call_if_callable(self._momentum), name="momentum")

    def _apply_dense(self, grad, var):
        rate, momentum = self._setting(self._rate, var), self._setting(self._decay, var)
        slot = self.get_slot(var, "momentum")
        how = {"use_nesterov": self._use_nesterov, "use_locking": self._use_locking}
        return ApplyMomentum.apply(var, slot, rate, grad, momentum, **how).op

    def _apply_sparse(self, grad, var):
        rate, momentum = self._setting(self._rate, var), self._setting(self._decay, var)
        slot = self.get_slot(var, "momentum")
        how = {"use_nesterov": self._use_nesterov, "use_locking": self._use_locking}
        return SparseApplyMomentum.apply(var, slot, rate, grad.values, grad.indices, momentum, **how).op
