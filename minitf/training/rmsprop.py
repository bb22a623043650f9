"""RMSProp: gradients divided by the root of a running mean of their squares."""

from minitf.ops.constant import convert_to_tensor
from minitf.ops.initializing import Ones
from minitf.ops.sparse_updates import SparseApplyCenteredRMSProp, SparseApplyRMSProp
from minitf.ops.updates import ApplyCenteredRMSProp, ApplyRMSProp
from minitf.training.optimizer import Optimizer


class RMSPropOptimizer(Optimizer):
    """tf.train.RMSPropOptimizer: slots "rms" (begins at 1), "momentum", and "mg" where `centered`.

    `centered` divides by the standard deviation, which is smaller where gradients agree.
    Sources: see `ApplyRMSProp`, `ApplyCenteredRMSProp`.
    """

    def __init__(self, learning_rate, decay=0.9, momentum=0.0, epsilon=1e-10, use_locking=False, centered=False,
                 name="RMSProp"):  # fmt: skip
        super().__init__(use_locking, name)
        self._learning_rate, self._decay, self._momentum = learning_rate, decay, momentum
        self._epsilon, self._centered = epsilon, centered

    def _create_slots(self, var_list):
        for v in var_list:
            dtype = v.dtype.base_dtype
            self._get_or_make_slot_with_initializer(v, Ones(dtype=dtype), v.shape, dtype, "rms", self._name)
            if self._centered:
                self._zeros_slot(v, "mg", self._name)
            self._zeros_slot(v, "momentum", self._name)

    def _prepare(self):
        named = {
            "learning_rate": self._learning_rate, "decay": self._decay, "momentum": self._momentum,
            "epsilon": self._epsilon,
        }  # fmt: skip
        self._tensors = [convert_to_tensor(self._call_if_callable(v), name=n) for n, v in named.items()]

    def _arguments(self, var):
        names = ["mg", "rms", "momentum"] if self._centered else ["rms", "momentum"]
        slots = [self.get_slot(var, name) for name in names]
        return [var, *slots, *(self._setting(t, var) for t in self._tensors)]

    def _apply_dense(self, grad, var):
        rule = ApplyCenteredRMSProp if self._centered else ApplyRMSProp
        return rule.apply(*self._arguments(var), grad, use_locking=self._use_locking).op

    def _apply_sparse(self, grad, var):
        rule = SparseApplyCenteredRMSProp if self._centered else SparseApplyRMSProp
        return rule.apply(*self._arguments(var), grad.values, grad.indices, use_locking=self._use_locking).op
