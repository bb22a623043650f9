"""The operations behind variables: one that holds a value, and those that write it."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.kernels import copying, elementwise
from minitf.ops.op import NUMBERS, Op


class VariableV2(Op):
    """A variable: its output is a *reference*, read when an operation that takes it runs."""

    stateful = True
    variable = True

    def infer(op):
        return [(op.attrs["shape"], op.attrs["dtype"]._as_ref)]

    gradient = None


class Assign(Op):
    """ref = value; the output is the variable itself."""

    inputs = {"ref": "T", "value": "T"}
    types = {"T": ()}
    attrs = {"validate_shape": True, "use_locking": True}
    reference = (0,)
    initializes = True

    def infer(op, ref, value):
        if not op.attrs["validate_shape"]:
            return [(value.shape, ref.dtype._as_ref)]
        return [(ref.shape.merge_with(value.shape), ref.dtype._as_ref)]

    def cpu(op, ref, value):
        return [copying.copy_launch(value, ref)]

    def numpy(op, ref, value):
        if op.attrs["validate_shape"] and not op.inputs[0].shape.is_compatible_with(value.shape):
            raise errors.InvalidArgumentError(
                None, op, f"Assign requires shapes of both tensors to match. lhs shape= {op.inputs[0].shape} "
                f"rhs shape= {list(value.shape)}"
            )  # fmt: skip
        return value

    gradient = None


class _Update(Op):
    inputs = {"ref": "T", "value": "T"}
    types = {"T": NUMBERS}
    attrs = {"use_locking": False}
    reference = (0,)

    def infer(op, ref, value):
        return [(ref.shape.merge_with(value.shape), ref.dtype._as_ref)]

    gradient = None


def _plus(x, y):
    return x + y


def _minus(x, y):
    return x - y


class AssignAdd(_Update):
    """ref = ref + value"""

    def cpu(op, ref, value):
        return [elementwise.launch(_plus, [ref, value], ref)]

    def numpy(op, ref, value):
        return ref + value


class AssignSub(_Update):
    """ref = ref - value"""

    def cpu(op, ref, value):
        return [elementwise.launch(_minus, [ref, value], ref)]

    def numpy(op, ref, value):
        return ref - value


class IsVariableInitialized(Op):
    """True where the variable has a value in this session."""

    inputs = {"ref": "dtype"}
    types = {"dtype": ()}
    reference = (0,)
    stateful = True
    initializes = True

    def infer(op, ref):
        return [(TensorShape([]), dtypes.bool)]

    def run(op, state, ref):
        return [np.array(ref.value is not None)]

    gradient = None


class CountUpTo(Op):
    """Add 1 to an integer variable and return its former value.  Raises OutOfRangeError at `limit`."""

    inputs = {"ref": "T"}
    types = {"T": ("int32", "int64")}
    reference = (0,)
    stateful = True

    def infer(op, ref):
        return [(TensorShape([]), ref.dtype)]

    def run(op, state, ref):
        before = ref.value.copy()
        if before >= op.attrs["limit"]:
            raise errors.OutOfRangeError(None, op, f"Reached limit of {op.attrs['limit']}")
        ref.set(before + np.ones((), before.dtype))
        return [before]

    gradient = None


def assign(ref, value, validate_shape=None, use_locking=None, name=None):
    """tf.assign: the operation that sets variable `ref` to `value`; its output is the new value.

    With `use_locking` (the default here) no other run writes at the same time: see `runtime/segment.py`.
    """
    given = {"validate_shape": validate_shape, "use_locking": use_locking}
    return Assign.apply(ref, value, **{k: v for k, v in given.items() if v is not None}, name=name)


def assign_add(ref, value, use_locking=None, name=None):
    """tf.assign_add: ref = ref + value."""
    return AssignAdd.apply(ref, value, use_locking=bool(use_locking), name=name)


def assign_sub(ref, value, use_locking=None, name=None):
    """tf.assign_sub: ref = ref - value."""
    return AssignSub.apply(ref, value, use_locking=bool(use_locking), name=name)


def is_variable_initialized(variable):
    """tf.is_variable_initialized: a boolean tensor."""
    return IsVariableInitialized.apply(variable)


def count_up_to(ref, limit, name=None):
    """tf.count_up_to: count calls in `ref`; OutOfRangeError at `limit`."""
    return CountUpTo.apply(ref, limit=limit, name=name)
