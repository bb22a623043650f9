"""Slots: variables that an optimizer or an average keeps beside another variable, named after it.

`dense/kernel/Momentum` belongs to `dense/kernel`; a second slot of the same kind is `dense/kernel/Momentum_1`.
"""

from minitf.graph.graph import get_default_graph
from minitf.ops.array import shape_of, zeros
from minitf.ops.initializing import Zeros
from minitf.ops.variable_scope import get_variable, get_variable_scope, variable_scope
from minitf.ops.variables import Variable


def create_slot(primary, val, name, colocate_with_primary=True):
    """A variable beside `primary` that begins with the tensor `val`."""
    return _make(primary, name, colocate_with_primary, initializer=val, validate_shape=val.shape.is_fully_defined())


def create_slot_with_initializer(primary, initializer, shape, dtype, name, colocate_with_primary=True):
    """A variable of this shape beside `primary`, begun by an initializer."""
    return _make(primary, name, colocate_with_primary, initializer=initializer, shape=shape, dtype=dtype,
                 validate_shape=shape.is_fully_defined())  # fmt: skip


def create_zeros_slot(primary, name, dtype=None, colocate_with_primary=True):
    """A variable of the shape of `primary`, begun with zeros."""
    dtype = primary.dtype.base_dtype if dtype is None else dtype
    if primary.shape.is_fully_defined():
        return create_slot_with_initializer(primary, Zeros(), primary.shape, dtype, name, colocate_with_primary)
    value = primary.initialized_value() if isinstance(primary, Variable) else primary
    return create_slot(primary, zeros(shape_of(value), dtype=dtype), name, colocate_with_primary)


def _make(primary, name, colocate, **settings):
    with variable_scope(None, f"{primary.op.name}/{name}"):
        get_variable_scope().set_partitioner(None)
        graph = get_default_graph()
        with graph.colocate_with(primary.op) if colocate else graph.device(None):
            slot = get_variable("", trainable=False, **settings)
    info = getattr(primary, "_save_slice_info", None)
    if info is not None:
        slot_name = slot.op.name[len(primary.op.name) + 1 :]
        slot._set_save_slice_info(
            Variable.SaveSliceInfo(
                f"{info.full_name}/{slot_name}", info.full_shape[:], info.var_offset[:], info.var_shape[:]
            )
        )
    return slot
