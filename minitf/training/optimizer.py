"""`Optimizer`: from a loss to the operation that makes it smaller.

    compute_gradients    d loss / d variable, for every variable
    apply_gradients      one update operation per variable, and the count of steps

An optimizer says how one variable moves (`_apply_dense`, `_apply_sparse`) and what it keeps beside it
(`_create_slots`).  Read next: `gradient_descent.py`, then `momentum.py`.
"""

from minitf.autodiff.gradients import gradients
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import control_dependencies, get_default_graph, name_scope
from minitf.graph.operation import Tensor
from minitf.graph.sparse import IndexedSlices
from minitf.ops.array import shape_of
from minitf.ops.assignment import assign_add
from minitf.ops.casting import cast
from minitf.ops.constant import convert_to_tensor, convert_to_tensor_or_indexed_slices
from minitf.ops.control_flow import group, tuple_of
from minitf.ops.partitioned_variables import PartitionedVariable
from minitf.ops.segments import unsorted_segment_sum
from minitf.ops.structure import flatten
from minitf.ops.uniqueness import unique
from minitf.ops.variables import Variable, trainable_variables
from minitf.training import slots


class Optimizer:
    """The base of all optimizers: tf.train.Optimizer.

    `gate_gradients` says what a gradient waits for: nothing (GATE_NONE), the other gradients of its
    operation (GATE_OP), or all gradients (GATE_GRAPH).
    """

    GATE_NONE, GATE_OP, GATE_GRAPH = 0, 1, 2

    def __init__(self, use_locking, name):
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking, self._name = use_locking, name
        self._slots = {}  # slot name -> {variable: its slot}
        self._non_slots = {}  # (name, graph) -> variable of the optimizer itself

    def get_name(self):
        return self._name

    # -- what users call ---------------------------------------------------------------------------------

    def minimize(self, loss, global_step=None, var_list=None, gate_gradients=GATE_OP, aggregation_method=None,
                 colocate_gradients_with_ops=False, name=None, grad_loss=None):  # fmt: skip
        """The operation of one step: `compute_gradients`, then `apply_gradients`.

        `global_step`, a variable, counts the steps.  Raises ValueError where no variable has a gradient.
        """
        pairs = self.compute_gradients(
            loss, var_list=var_list, gate_gradients=gate_gradients, aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops, grad_loss=grad_loss,
        )  # fmt: skip
        if all(gradient is None for gradient, _ in pairs):
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not support gradients, "
                f"between variables {[str(v) for _, v in pairs]} and loss {loss}."
            )
        return self.apply_gradients(pairs, global_step=global_step, name=name)

    def compute_gradients(self, loss, var_list=None, gate_gradients=GATE_OP, aggregation_method=None,
                          colocate_gradients_with_ops=False, grad_loss=None):  # fmt: skip
        """[(gradient or None, variable), ...] for `var_list` (default: all trainable variables).

        `grad_loss` weighs the elements of the loss.  Raises ValueError for no variables, a loss or variables
        that are not of floating point, a gate that is none; TypeError for what is no variable.
        """
        if gate_gradients not in (Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH):
            raise ValueError(
                f"gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH. "
                f"Not {gate_gradients}"
            )
        loss = loss() if callable(loss) else loss
        _check_floating([loss])
        found = trainable_variables() if var_list is None else flatten(var_list)
        variables = [part for v in found for part in (v if isinstance(v, PartitionedVariable) else [v])]
        if not variables:
            raise ValueError("No variables to optimize.")
        refs = [_target(v) for v in variables]
        found = gradients(
            loss, refs, grad_ys=grad_loss, aggregation_method=aggregation_method,
            gate_gradients=gate_gradients == Optimizer.GATE_OP,
            colocate_gradients_with_ops=colocate_gradients_with_ops,
        )  # fmt: skip
        if gate_gradients == Optimizer.GATE_GRAPH:
            found = _together(found)
        pairs = list(zip(found, variables, strict=True))
        _check_floating([v for g, v in pairs if g is not None])
        return pairs

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        """The operation that moves every variable by its gradient, then adds 1 to `global_step`.

        Raises ValueError where there is no gradient at all, TypeError where one is no tensor,
        NotImplementedError for a tensor in the place of a variable.
        """
        pairs = [(_checked(g), v) for g, v in tuple(grads_and_vars)]
        if not pairs:
            raise ValueError("No variables provided.")
        variables = [v for g, v in pairs if g is not None]
        if not variables:
            raise ValueError(f"No gradients provided for any variable: {[str(v) for _, v in pairs]}.")
        for variable in variables:
            if not (isinstance(variable, Variable) or variable.dtype._is_ref_dtype):
                raise NotImplementedError(f"Trying to update a Tensor {variable}")
        graph = get_default_graph()
        with graph.outside():
            self._create_slots(variables)
        with name_scope(name, self._name) as scope:
            self._prepare()
            updates = [self._update(g, v) for g, v in pairs if g is not None]
            if global_step is None:
                step = self._finish(updates, scope)
            else:
                with control_dependencies([self._finish(updates, "update")]), graph.colocate_with(global_step.op):
                    step = assign_add(global_step, 1, name=scope).op
            if step not in graph.get_collection_ref(GraphKeys.TRAIN_OP):
                graph.add_to_collection(GraphKeys.TRAIN_OP, step)
            return step

    def get_slot(self, var, name):
        """What the optimizer keeps beside `var` under this name, or None."""
        return self._slots.get(name, {}).get(var)

    def get_slot_names(self):
        return sorted(self._slots)

    def variables(self):
        """All variables of this optimizer in the default graph, by name."""
        graph = get_default_graph()
        own = [v for v in self._non_slots.values() if v.graph is graph]
        beside = [slot for kept in self._slots.values() for slot in kept.values() if slot.graph is graph]
        return sorted(own + beside, key=lambda v: v.name)

    # -- one variable ------------------------------------------------------------------------------------

    def _update(self, gradient, variable):
        graph = get_default_graph()
        constraint = getattr(variable, "constraint", None)
        with name_scope("update_" + variable.op.name), graph.colocate_with(variable.op):
            if isinstance(gradient, IndexedSlices):
                if constraint is not None:
                    raise RuntimeError("Cannot use a constraint function on a sparse variable.")
                return self._apply_sparse_duplicate_indices(gradient, variable)
            update = self._apply_dense(gradient, variable)
            if constraint is None:
                return update
            with control_dependencies([update]):
                return variable.assign(constraint(variable))

    def _apply_sparse_duplicate_indices(self, gradient, variable):
        """Sum the rows of equal indices, so that `_apply_sparse` meets each row once."""
        values, indices = sum_of_equal_indices(gradient.values, gradient.indices)
        return self._apply_sparse(IndexedSlices(values, indices, gradient.dense_shape), variable)

    def _setting(self, tensor, variable):
        """A setting in the dtype of the variable."""
        return cast(tensor, variable.dtype.base_dtype)

    # -- what an optimizer says --------------------------------------------------------------------------

    def _create_slots(self, var_list):
        """Make what is kept beside each variable."""

    def _prepare(self):
        """Turn the settings into tensors, named as they are."""

    def _apply_dense(self, grad, var):
        raise NotImplementedError

    def _apply_sparse(self, grad, var):
        raise NotImplementedError

    def _finish(self, update_ops, name_scope):
        """The operation that has run when all updates have."""
        return group(*update_ops, name=name_scope)

    def _call_if_callable(self, setting):
        return setting() if callable(setting) else setting

    # -- slots -------------------------------------------------------------------------------------------

    def _slot_dict(self, name):
        return self._slots.setdefault(name, {})

    def _get_or_make_slot(self, var, val, slot_name, op_name):
        kept = self._slot_dict(slot_name)
        if var not in kept:
            kept[var] = slots.create_slot(var, val, op_name)
        return kept[var]

    def _get_or_make_slot_with_initializer(self, var, initializer, shape, dtype, slot_name, op_name):
        kept = self._slot_dict(slot_name)
        if var not in kept:
            kept[var] = slots.create_slot_with_initializer(var, initializer, shape, dtype, op_name)
        return kept[var]

    def _zeros_slot(self, var, slot_name, op_name):
        kept = self._slot_dict(slot_name)
        if var not in kept:
            kept[var] = slots.create_zeros_slot(var, op_name)
        return kept[var]

    def _create_non_slot_variable(self, initial_value, name, colocate_with):
        """A variable of the optimizer itself, such as the power of a decay."""
        key = name, colocate_with.graph
        if key not in self._non_slots:
            with get_default_graph().colocate_with(colocate_with.op):
                self._non_slots[key] = Variable(initial_value, name=name, trainable=False)
        return self._non_slots[key]

    def _get_non_slot_variable(self, name, graph=None):
        return self._non_slots.get((name, graph))


def sum_of_equal_indices(values, indices):
    """(rows, different indices): the rows of `values` that have the same index, summed."""
    different, positions = unique(indices)
    return unsorted_segment_sum(values, positions, shape_of(different)[0]), different


def _target(variable):
    """The tensor to differentiate by.  Raises TypeError for what is neither variable nor tensor."""
    if isinstance(variable, Variable):
        return variable._ref()
    if isinstance(variable, Tensor):
        return variable
    raise TypeError(f"Argument is not a tf.Variable: {variable}")


def _checked(gradient):
    if gradient is None:
        return None
    try:
        gradient = convert_to_tensor_or_indexed_slices(gradient)
    except TypeError:
        raise TypeError(f"Gradient must be convertible to a Tensor or IndexedSlices, or None: {gradient}") from None
    if not isinstance(gradient, (Tensor, IndexedSlices)):
        raise TypeError(f"Gradient must be a Tensor, IndexedSlices, or None: {gradient}")
    return gradient


def _check_floating(tensors):
    for tensor in tensors:
        dtype = convert_to_tensor(tensor, as_ref=True).dtype.base_dtype
        if not dtype.is_floating:
            raise ValueError(f"Invalid type {dtype!r} for {tensor}, expected: a floating point type.")


def _together(found):
    """The same gradients, none of which is there before all are."""
    return tuple_of(found)
