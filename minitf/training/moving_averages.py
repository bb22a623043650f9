"""Running averages of variables: they settle where the variables still jitter."""

from minitf.graph import dtypes
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph, name_scope
from minitf.ops.arithmetic import minimum
from minitf.ops.assignment import assign_add, assign_sub
from minitf.ops.casting import cast
from minitf.ops.constant import convert_to_tensor
from minitf.ops.control_flow import group
from minitf.ops.initializing import Zeros
from minitf.ops.variable_scope import get_variable, variable_scope
from minitf.ops.variables import (
    Variable,
    global_variables,
    moving_average_variables,
    trainable_variables,
)
from minitf.training import slots

_FLOATS = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)


class ExponentialMovingAverage:
    """tf.train.ExponentialMovingAverage: average -= (1 - decay) * (average - variable), for many variables.

    `num_updates` makes the average quicker in the beginning: decay = min(decay, (1 + n) / (10 + n)).  An
    average of a tensor begins at 0; `zero_debias` divides what that costs out.
    """

    def __init__(self, decay, num_updates=None, zero_debias=False, name="ExponentialMovingAverage"):
        self._decay, self._num_updates, self._zero_debias, self._name = decay, num_updates, zero_debias, name
        self._averages = {}

    @property
    def name(self):
        return self._name

    def apply(self, var_list=None):
        """The operation that updates the averages of `var_list` (default: all trainable variables).

        Raises TypeError for what is not of floating point, ValueError for what has its average already.
        """
        var_list = trainable_variables() if var_list is None else list(var_list)
        from_zero = {var for var in var_list if self._make(var)}
        with name_scope(self._name) as scope:
            decay = convert_to_tensor(self._decay, name="decay")
            if self._num_updates is not None:
                count = cast(self._num_updates, dtypes.float32, name="num_updates")
                decay = minimum(decay, (1.0 + count) / (10.0 + count))
            updates = [
                assign_moving_average(self._averages[var], var, decay, self._zero_debias and var in from_zero)
                for var in var_list
            ]
            return group(*updates, name=scope)

    def _make(self, var):
        """Make the average of `var`; True where it begins at 0."""
        if var.dtype.base_dtype not in _FLOATS:
            raise TypeError(f"The variables must be half, float, or double: {var.name}")
        if var in self._averages:
            raise ValueError(f"Moving average already computed for: {var.name}")
        graph = get_default_graph()
        with graph.outside():
            if isinstance(var, Variable):
                self._averages[var] = slots.create_slot(var, var.initialized_value(), self._name)
                graph.add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, var)
                return False
            self._averages[var] = slots.create_zeros_slot(var, self._name)
            return True

    def average(self, var):
        """The variable that holds the average of `var`, or None."""
        return self._averages.get(var)

    def average_name(self, var):
        """The name of the variable that holds the average of `var`, whether it is made or not."""
        if var in self._averages:
            return self._averages[var].op.name
        return get_default_graph().unique_name(f"{var.op.name}/{self._name}", mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables=None):
        """{name in a checkpoint: variable} that restores averages in the place of the variables."""
        if moving_avg_variables is None:
            moving_avg_variables = trainable_variables() + moving_average_variables()
        averaged = dict.fromkeys(moving_avg_variables)
        names = {self.average_name(v): v for v in averaged}
        for v in global_variables():
            if v not in averaged and v.op.name not in names:
                names[v.op.name] = v
        return names


def assign_moving_average(variable, value, decay, zero_debias=True, name=None):
    """variable -= (1 - decay) * (variable - value); the output is the new average.

    With `zero_debias` the average of values since the start, free of the 0 that `variable` began with.
    Source: Kingma and Ba, "Adam", section 3.
    """
    with name_scope(name, "AssignMovingAvg", [variable, value, decay]) as scope:
        rate = convert_to_tensor(1.0 - decay, name="decay")
        rate = cast(rate, variable.dtype.base_dtype)
        with get_default_graph().colocate_with(variable.op):
            step = _unbiased_step(variable, value, rate) if zero_debias else (variable - value) * rate
            return assign_sub(variable, step, name=scope)


def _unbiased_step(variable, value, rate):
    """variable - biased average / (1 - decay ** number of values): beside it, both are kept as variables."""
    with variable_scope(variable.op.name):
        dtype = variable.dtype.base_dtype
        biased = get_variable("biased", variable.shape, dtype, initializer=Zeros(), trainable=False)
        count = get_variable("local_step", [], dtype, initializer=Zeros(), trainable=False)
        biased = assign_sub(biased, (biased - value) * rate)
        count = assign_add(count, 1)
        return variable - biased / (1 - (1.0 - rate) ** count)
