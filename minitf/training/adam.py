"""Adam: momentum divided by the root of a running mean of squares, both corrected for their start at 0."""

from minitf.graph.graph import control_dependencies, get_default_graph
from minitf.ops.assignment import assign, assign_sub
from minitf.ops.constant import convert_to_tensor
from minitf.ops.control_flow import group
from minitf.ops.powers import sqrt
from minitf.ops.scattering import scatter_add
from minitf.ops.updates import ApplyAdam
from minitf.training.optimizer import Optimizer


class AdamOptimizer(Optimizer):
    """tf.train.AdamOptimizer: slots "m" and "v"; the powers of beta1 and beta2 count the steps.

    A gradient of rows lets m and v of all other rows decay as well, and moves those rows, too.
    Source: see `ApplyAdam`.
    """

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, use_locking=False, name="Adam"):
        super().__init__(use_locking, name)
        self._learning_rate, self._beta1, self._beta2, self._epsilon = learning_rate, beta1, beta2, epsilon

    def _get_beta_accumulators(self):
        graph = get_default_graph()
        return tuple(self._get_non_slot_variable(name, graph) for name in ("beta1_power", "beta2_power"))

    def _create_slots(self, var_list):
        first = min(var_list, key=lambda v: v.name)
        for name, beta in (("beta1_power", self._beta1), ("beta2_power", self._beta2)):
            self._create_non_slot_variable(self._call_if_callable(beta), name, first)
        for v in var_list:
            self._zeros_slot(v, "m", self._name)
            self._zeros_slot(v, "v", self._name)

    def _prepare(self):
        named = {
            "learning_rate": self._learning_rate, "beta1": self._beta1, "beta2": self._beta2,
            "epsilon": self._epsilon,
        }  # fmt: skip
        tensors = [convert_to_tensor(self._call_if_callable(v), name=n) for n, v in named.items()]
        self._rate, self._beta1_tensor, self._beta2_tensor, self._epsilon_tensor = tensors

    def _settings(self, var):
        tensors = (*self._get_beta_accumulators(), self._rate, self._beta1_tensor, self._beta2_tensor,
                   self._epsilon_tensor)  # fmt: skip
        return [self._setting(t, var) for t in tensors]

    def _apply_dense(self, grad, var):
        slots = self.get_slot(var, "m"), self.get_slot(var, "v")
        return ApplyAdam.apply(var, *slots, *self._settings(var), grad, use_locking=self._use_locking).op

    def _apply_sparse(self, grad, var):
        beta1_power, beta2_power, rate, beta1, beta2, epsilon = self._settings(var)
        rate = rate * sqrt(1 - beta2_power) / (1 - beta1_power)
        m = self._decay(self.get_slot(var, "m"), beta1, grad.values * (1 - beta1), grad.indices)
        v = self._decay(self.get_slot(var, "v"), beta2, (grad.values * grad.values) * (1 - beta2), grad.indices)
        root = sqrt(v)
        return group(assign_sub(var, rate * m / (root + epsilon), self._use_locking), m, v)

    def _decay(self, slot, beta, rows, indices):
        """slot = beta * slot, plus `rows` at `indices`."""
        decayed = assign(slot, slot * beta, use_locking=self._use_locking)
        with control_dependencies([decayed]):
            return scatter_add(slot, indices, rows, self._use_locking)

    def _finish(self, update_ops, name_scope):
        """After all updates: one more power of each beta."""
        beta1_power, beta2_power = self._get_beta_accumulators()
        with control_dependencies(update_ops), get_default_graph().colocate_with(beta1_power.op):
            powers = [
                beta1_power.assign(beta1_power * self._beta1_tensor, self._use_locking),
                beta2_power.assign(beta2_power * self._beta2_tensor, self._use_locking),
            ]
        return group(*update_ops, *powers, name=name_scope)
