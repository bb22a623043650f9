"""Adagrad: each element has a rate of its own, smaller where its gradients were large."""

from minitf.ops.array import identity
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.initializing import Constant
from minitf.ops.sparse_updates import SparseApplyAdagrad, SparseApplyAdagradDA
from minitf.ops.updates import ApplyAdagrad, ApplyAdagradDA
from minitf.training.optimizer import Optimizer


class AdagradOptimizer(Optimizer):
    """tf.train.AdagradOptimizer: variable -= rate * gradient / sqrt(slot "accumulator", the sum of squares).

    Raises ValueError where `initial_accumulator_value` is not positive.  Source: see `ApplyAdagrad`.
    """

    def __init__(self, learning_rate, initial_accumulator_value=0.1, use_locking=False, name="Adagrad"):
        if initial_accumulator_value <= 0.0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(use_locking, name)
        self._learning_rate, self._initial = learning_rate, initial_accumulator_value

    def _create_slots(self, var_list):
        for v in var_list:
            dtype = v.dtype.base_dtype
            begin = Constant(self._initial, dtype=dtype)
            self._get_or_make_slot_with_initializer(v, begin, v.shape, dtype, "accumulator", self._name)

    def _prepare(self):
        self._rate = convert_to_tensor(self._call_if_callable(self._learning_rate), name="learning_rate")

    def _apply_dense(self, grad, var):
        slot = self.get_slot(var, "accumulator")
        return ApplyAdagrad.apply(var, slot, self._setting(self._rate, var), grad, use_locking=self._use_locking).op

    def _apply_sparse(self, grad, var):
        slot = self.get_slot(var, "accumulator")
        rate = self._setting(self._rate, var)
        return SparseApplyAdagrad.apply(var, slot, rate, grad.values, grad.indices, use_locking=self._use_locking).op


class AdagradDAOptimizer(Optimizer):
    """tf.train.AdagradDAOptimizer: Adagrad by dual averaging; with l1, elements stay exactly 0 until they matter.

    The variable follows from the sums of gradients and of squares alone, and so begins at 0.
    Raises ValueError where `initial_gradient_squared_accumulator_value` is not positive.
    """

    def __init__(self, learning_rate, global_step, initial_gradient_squared_accumulator_value=0.1,
                 l1_regularization_strength=0.0, l2_regularization_strength=0.0, use_locking=False,
                 name="AdagradDA"):  # fmt: skip
        if initial_gradient_squared_accumulator_value <= 0.0:
            raise ValueError("initial_gradient_squared_accumulator_value must be positive.")
        super().__init__(use_locking, name)
        self._learning_rate, self._global_step = learning_rate, global_step
        self._initial = initial_gradient_squared_accumulator_value
        self._l1, self._l2 = l1_regularization_strength, l2_regularization_strength

    def _create_slots(self, var_list):
        for v in var_list:
            dtype = v.dtype.base_dtype
            sums = constant(0.0, dtype, v.shape)
            squares = constant(self._initial, dtype, v.shape)
            self._get_or_make_slot(v, sums, "gradient_accumulator", self._name)
            self._get_or_make_slot(v, squares, "gradient_squared_accumulator", self._name)

    def _prepare(self):
        self._rate = convert_to_tensor(self._learning_rate, name="learning_rate")
        self._step = identity(self._global_step) + 1

    def _settings(self, var):
        step = identity(self._step)
        return [*(self._setting(value, var) for value in (self._rate, self._l1, self._l2)), step]

    def _apply_dense(self, grad, var):
        sums = self.get_slot(var, "gradient_accumulator")
        squares = self.get_slot(var, "gradient_squared_accumulator")
        return ApplyAdagradDA.apply(var, sums, squares, grad, *self._settings(var), use_locking=self._use_locking).op

    def _apply_sparse(self, grad, var):
        sums = self.get_slot(var, "gradient_accumulator")
        squares = self.get_slot(var, "gradient_squared_accumulator")
        settings = self._settings(var)
        return SparseApplyAdagradDA.apply(
            var, sums, squares, grad.values, grad.indices, *settings, use_locking=self._use_locking
        ).op
