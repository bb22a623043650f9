"""Gradient descent: variable -= learning rate * gradient."""

from minitf.ops.constant import convert_to_tensor
from minitf.ops.scattering import scatter_sub
from minitf.ops.updates import ApplyGradientDescent
from minitf.training.optimizer import Optimizer


class GradientDescentOptimizer(Optimizer):
    """tf.train.GradientDescentOptimizer(learning_rate): a number, a tensor, or a function that returns one."""

    def __init__(self, learning_rate, use_locking=False, name="GradientDescent"):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate

    def _prepare(self):
        rate = self._call_if_callable(self._learning_rate)
        self._rate = convert_to_tensor(rate, name="learning_rate")

    def _apply_dense(self, grad, var):
        return ApplyGradientDescent.apply(var, self._setting(self._rate, var), grad, use_locking=self._use_locking).op

    def _apply_sparse_duplicate_indices(self, grad, var):
        """Subtraction does not mind equal indices: nothing to sum first."""
        return scatter_sub(var, grad.indices, grad.values * self._setting(self._rate, var), self._use_locking).op
