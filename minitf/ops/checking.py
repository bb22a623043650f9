"""Assertions: what must hold, checked while building where it is known, else when the graph runs."""

import numpy as np

from minitf import errors
from minitf.graph.graph import control_dependencies, get_default_graph, name_scope
from minitf.graph.operation import Tensor
from minitf.ops import comparison
from minitf.ops.array import check_numerics
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.control_flow import group, no_op
from minitf.ops.examples import array, example
from minitf.ops.op import Op, constant_value
from minitf.ops.printing import summarize
from minitf.ops.reductions import reduce_all


class Assert(Op):
    """Nothing; InvalidArgumentError with the values of `data` where the condition is false."""

    inputs = {"condition": "bool", "*data": "any"}
    type_list = "T"
    attrs = {"summarize": 3}
    stateful = True
    examples = [example(array(True), [array([1, 2])])]

    def infer(op, condition, *data):
        if condition.shape.ndims not in (None, 0):
            raise ValueError(f"The condition of Assert must have rank 0, not {condition.shape.ndims}")
        return []

    def run(op, state, condition, *data):
        if not condition:
            shown = " ".join(f"[{summarize(x, op.attrs['summarize'])}]" for x in data)
            raise errors.InvalidArgumentError(None, op, f"assertion failed: {shown}")
        return []

    gradient = None


def assert_that(condition, data, summarize=None, name=None):
    """tf.Assert: an operation that fails with the values of `data` (a list) where `condition` is false.

    It must be run: put what depends on it under `tf.control_dependencies`.  Up to `summarize` elements
    of each tensor are shown (3 by default).  Raises InvalidArgumentError at run time.
    """
    with name_scope(name, "Assert", [condition, data]):
        for d in data:
            convert_to_tensor(d)
        shown = {} if summarize is None else {"summarize": summarize}
        return Assert.make(condition, list(data), name="Assert", **shown)


def assertion(condition, operands, data, summarize=None):
    """`assert_that`, but decided at once where all `operands` are known."""
    if all(constant_value(x) is not None for x in operands):
        held = _decide(condition)
        if held:
            return no_op(name="static_checks_determined_all_ok")
        if held is not None:
            shown = (constant_value(d) if isinstance(d, Tensor) else d for d in data)
            raise errors.InvalidArgumentError(None, None, "\n".join(map(str, shown)))
    return assert_that(condition, data, summarize=summarize)


def _decide(tensor):
    """The value of a tensor that follows from constants, floating point ones included; else None."""
    known = constant_value(tensor)
    op = tensor.op
    if known is not None or op.definition.run is not None or not op.inputs:
        return known
    inputs = [_decide(t) for t in op.inputs]
    if any(v is None for v in inputs):
        return None
    return op.definition.evaluate(op, inputs)[tensor.value_index]


def _comparison_assertion(name, symbol, compare):
    """The public function that asserts compare(x, y) for all pairs of elements."""
    default_name = name

    def check(x, y, data=None, summarize=None, message=None, name=None):
        with name_scope(name, default_name, [x, y, data]):
            x = convert_to_tensor(x, name="x")
            y = convert_to_tensor(y, name="y")
            if data is None:
                data = [f"Condition x {symbol} y did not hold element-wise:",
                        f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]  # fmt: skip
            data = data if message is None else [message, *data]
            return assertion(reduce_all(compare(x, y)), [x, y], data, summarize)

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"""tf.{name}: fails unless x {symbol} y for all elements, with broadcasting.

    `data` (a list of tensors), up to `summarize` elements of each, and `message` describe the failure.
    Raises InvalidArgumentError: at once where both x and y are known, else when the operation runs.
    """
    return check


_assert_equal = _comparison_assertion("assert_equal", "==", comparison.equal)


def assert_equal(x, y, data=None, summarize=None, message=None, name=None):
    """tf.assert_equal: fails unless x == y for all elements, with broadcasting; nothing to do where x is y."""
    with name_scope(name, "assert_equal", [x, y, data]):
        if x is y:
            return no_op(name="static_checks_determined_all_ok")
    return _assert_equal(x, y, data, summarize, message, name)


assert_less = _comparison_assertion("assert_less", "<", comparison.less)
assert_less_equal = _comparison_assertion("assert_less_equal", "<=", comparison.less_equal)
assert_greater = _comparison_assertion("assert_greater", ">", comparison.greater)
assert_greater_equal = _comparison_assertion("assert_greater_equal", ">=", comparison.greater_equal)


def assert_none_equal(x, y, data=None, summarize=None, message=None, name=None):
    """tf.assert_none_equal: fails where x == y for some elements; see `assert_equal`."""
    with name_scope(name, "assert_none_equal", [x, y, data]):
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y")
        if data is None:
            data = [message or "", "Condition x != y did not hold for every single element:",
                    f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]  # fmt: skip
        return assertion(reduce_all(comparison.not_equal(x, y)), [x, y], data, summarize)


def assert_near(x, y, rtol=None, atol=None, data=None, summarize=None, message=None, name=None):
    """tf.assert_near: fails where |x - y| >= atol + rtol |y|; both are ten times the precision by default."""
    from minitf.ops.arithmetic import abs as absolute

    with name_scope(name, "assert_near", [x, y, rtol, atol, data]):
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y", dtype=x.dtype.base_dtype)
        eps = 10 * float(np.finfo(x.dtype.as_numpy_dtype).eps) if x.dtype.is_floating else None
        rtol = convert_to_tensor(eps if rtol is None else rtol, name="rtol", dtype=x.dtype.base_dtype)
        atol = convert_to_tensor(eps if atol is None else atol, name="atol", dtype=x.dtype.base_dtype)
        if data is None:
            data = [message or "", f"x and y not equal to tolerance rtol = {rtol}, atol = {atol}",
                    f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]  # fmt: skip
        near = comparison.less(absolute(x - y), atol + rtol * absolute(y))
        return assertion(reduce_all(near), [x, y], data, summarize)


def _sign_assertion(name, symbol, zero_first, compare):
    """The public function that asserts `x symbol 0` for all elements."""
    default_name = name

    def check(x, data=None, summarize=None, message=None, name=None):
        with name_scope(name, default_name, [x, data]):
            x = convert_to_tensor(x, name="x")
            if data is None:
                failure = f"Condition x {symbol} 0 did not hold element-wise:"
                data = [message or "", failure, f"x ({x.name}) = ", x]
            zero = constant(0, dtype=x.dtype.base_dtype)
            return compare(zero, x, data, summarize) if zero_first else compare(x, zero, data, summarize)

    check.__name__ = check.__qualname__ = name
    check.__doc__ = f"""tf.{name}: fails unless x {symbol} 0 for all elements; see `assert_equal`."""
    return check


assert_positive = _sign_assertion("assert_positive", ">", True, assert_less)
assert_negative = _sign_assertion("assert_negative", "<", False, assert_less)
assert_non_negative = _sign_assertion("assert_non_negative", ">=", True, assert_less_equal)
assert_non_positive = _sign_assertion("assert_non_positive", "<=", False, assert_less_equal)


def add_check_numerics_ops():
    """tf.add_check_numerics_ops: an operation that checks every floating tensor of the graph for NaN and Inf.

    The tensors are checked in the order in which their operations were made: the first culprit is named.
    Raises ValueError where there are `cond`s or `while_loop`s: what happens inside is not seen from outside.
    """
    before = []
    for op in get_default_graph().get_operations():
        for index, tensor in enumerate(op.outputs):
            if not tensor.dtype.base_dtype.is_floating:
                continue
            if op.context is not None:
                raise ValueError("`tf.add_check_numerics_ops() is not compatible with TensorFlow control flow "
                                 "operations such as `tf.cond()` or `tf.while_loop()`.")  # fmt: skip
            with control_dependencies(before):
                before = [check_numerics(tensor, f"{op.name}:{index}")]
    return group(*before)
