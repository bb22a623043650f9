"""Follow the (proximally) regularized leader: for sparse models with many features."""

from minitf.ops.array import ones
from minitf.ops.constant import convert_to_tensor
from minitf.ops.sparse_updates import SparseApplyFtrl, SparseApplyFtrlV2
from minitf.ops.updates import ApplyFtrl, ApplyFtrlV2
from minitf.training.optimizer import Optimizer


class FtrlOptimizer(Optimizer):
    """tf.train.FtrlOptimizer: slots "accum" (sum of squares) and "linear"; l1 makes exact zeros.

    `learning_rate_power` is at most 0 (-0.5 decays as Adagrad, 0 not at all).  Raises ValueError for
    settings of the wrong sign.  Source: see `ApplyFtrl`.
    """

    def __init__(self, learning_rate, learning_rate_power=-0.5, initial_accumulator_value=0.1,
                 l1_regularization_strength=0.0, l2_regularization_strength=0.0, use_locking=False, name="Ftrl",
                 accum_name=None, linear_name=None, l2_shrinkage_regularization_strength=0.0):  # fmt: skip
        super().__init__(use_locking, name)
        if learning_rate_power > 0.0:
            raise ValueError(f"learning_rate_power {learning_rate_power} needs to be negative or zero")
        for label, value in (
            ("initial_accumulator_value", initial_accumulator_value),
            ("l1_regularization_strength", l1_regularization_strength),
            ("l2_regularization_strength", l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength),
        ):
            if value < 0.0:
                raise ValueError(f"{label} {value} needs to be positive or zero")
        self._learning_rate, self._power, self._initial = learning_rate, learning_rate_power, initial_accumulator_value
        self._l1, self._l2, self._shrinkage = (
            l1_regularization_strength, l2_regularization_strength, l2_shrinkage_regularization_strength
        )  # fmt: skip
        self._accum_name, self._linear_name = accum_name, linear_name

    def _create_slots(self, var_list):
        def begin(shape, dtype):
            return ones(shape, dtype) * self._initial

        for v in var_list:
            self._get_or_make_slot_with_initializer(
                v, begin, v.shape, v.dtype.base_dtype, "accum", self._accum_name or self._name
            )
            self._zeros_slot(v, "linear", self._linear_name or self._name)

    def _prepare(self):
        named = {
            "learning_rate": self._learning_rate, "l1_regularization_strength": self._l1,
            "l2_regularization_strength": self._l2, "l2_shrinkage_regularization_strength": self._shrinkage,
            "learning_rate_power": self._power,
        }  # fmt: skip
        tensors = [convert_to_tensor(self._call_if_callable(v), name=n) for n, v in named.items()]
        if self._shrinkage == 0.0:
            del tensors[3]
        self._tensors = tensors

    def _settings(self, var):
        return [self._setting(t, var) for t in self._tensors]

    def _apply_dense(self, grad, var):
        rule = ApplyFtrl if self._shrinkage == 0.0 else ApplyFtrlV2
        slots = self.get_slot(var, "accum"), self.get_slot(var, "linear")
        return rule.apply(var, *slots, grad, *self._settings(var), use_locking=self._use_locking).op

    def _apply_sparse(self, grad, var):
        rule = SparseApplyFtrl if self._shrinkage == 0.0 else SparseApplyFtrlV2
        slots = self.get_slot(var, "accum"), self.get_slot(var, "linear")
        return rule.apply(
            var, *slots, grad.values, grad.indices, *self._settings(var), use_locking=self._use_locking
        ).op
