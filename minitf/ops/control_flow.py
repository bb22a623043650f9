"""Order without values: `no_op`, `group`, `tuple`; and the decision `cond`.

The two branches of a `cond` are parts of the same graph, built in a `Context` of their own.  The
operation `If` owns them: when it runs, it decides, and runs the plan of one branch.
"""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import control_dependencies, device, get_default_graph, name_scope
from minitf.graph.operation import Operation, Tensor
from minitf.graph.shape import TensorShape
from minitf.graph.sparse import IndexedSlices
from minitf.ops.array import identity
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.list_nodes import write_empty_list
from minitf.ops.op import Op, constant_value
from minitf.ops.sparse_tensor import SparseTensor
from minitf.ops.structure import assert_same_structure, flatten, pack_sequence_as


class NoOp(Op):
    """Nothing: a place to hang control dependencies on."""

    stateful = True

    def infer(op):
        return []

    def cpu(op):
        return []

    def numpy(op):
        return []

    gradient = None


def no_op(name=None):
    """tf.no_op: an operation that does nothing."""
    return NoOp.apply(name=name)


def group(*inputs, name=None):
    """tf.group: an operation that has run when all of `inputs` (operations, tensors, lists of them) have.

    Where they are on several devices, each device has an operation of its own that waits for its inputs.
    """
    by_device = {}
    for item in _flat(inputs):
        by_device.setdefault(getattr(item, "device", None) or "", []).append(item)
    if len(by_device) < 2:
        return _wait(*next(iter(by_device.items()), ("", [])), name or "group_deps")
    with name_scope(name, "group_deps", []) as scope:
        waited = [_wait(place, by_device[place], "NoOp") for place in sorted(by_device)]
        return _wait("", waited, scope)


def _wait(place, items, name):
    with control_dependencies(items), device(place or None):
        return no_op(name=name)


def _flat(items):
    for item in items:
        if isinstance(item, (list, tuple)):
            yield from _flat(item)
        elif item is not None:
            yield item


def with_dependencies(dependencies, output_tensor, name=None):
    """`output_tensor`, available only after `dependencies` have run."""
    with name_scope(name, "control_dependency", [*dependencies, output_tensor]) as scope:
        if isinstance(output_tensor, IndexedSlices):
            values = _after(dependencies, output_tensor.values, scope)
            return IndexedSlices(values, output_tensor.indices, output_tensor.dense_shape)
        return _after(dependencies, output_tensor, scope)


def _after(dependencies, tensor, scope):
    with get_default_graph().colocate_with(tensor), control_dependencies(dependencies):
        return identity(tensor, name=scope)


def tuple_of(tensors, name=None, control_inputs=None):
    """tf.tuple: the same tensors, none of which is available before all are computed."""
    with name_scope(name, "tuple", tensors):
        waited = [t.op for t in tensors if t is not None] + list(control_inputs or [])
        if not waited:
            raise ValueError("Must have at least one Tensor or Operation to tuple")
        gate = group(*waited)
        return [None if t is None else with_dependencies([gate], t) for t in tensors]


# -- parts of the graph that an operation owns --------------------------------------------------------------


class Context:
    """A branch of a `cond`, or the body of a `while_loop`: a part of the graph that runs on its own.

    `outer` is the context around it, or None.
    """

    def __init__(self, outer):
        self.outer = outer

    def __contains__(self, op):
        context = op.context
        while context is not None:
            if context is self:
                return True
            context = context.outer
        return False


class Part:
    """What an operation runs of its own context: `outputs`, given values for `captured`.

    `captured` pairs a tensor the part reads with the tensor outside that gives its value (the same
    one, but for gradients).  `saved` are tensors whose values the part's gradient asked for.
    """

    def __init__(self, context, outputs, fed=(), given_by=None):
        self.context, self.outputs = context, list(outputs)
        found, self.control_inputs = captures(context, self.outputs, fed)
        self.captured = [(t, t if given_by is None else given_by(t)) for t in found]
        self.saved = []


def captures(context, outputs, fed=()):
    """(tensors from outside, operations from outside) that `outputs` in `context` depend on.

    Integer constants and variables are not captured: a part reads them itself.
    """
    tensors, controls, seen = {}, {}, set()
    pending = list(outputs)
    while pending:
        tensor = pending.pop()
        op = tensor.op if isinstance(tensor, Tensor) else tensor
        if tensor in fed or op in seen:
            continue
        if op not in context:
            if isinstance(tensor, Operation):
                controls[op] = None
            elif not (_is_known(op) or getattr(op.definition, "variable", False)):
                tensors[tensor] = None
            continue
        seen.add(op)
        pending.extend(op.inputs)
        pending.extend(op.control_inputs)
    return list(tensors), list(controls)


def _is_known(op):
    """A constant that may choose shapes; the others are captured, so that gradients reach them."""
    return op.type == "Const" and not (op.attrs["dtype"].is_floating or op.attrs["dtype"].is_complex)


def save(owner, part, tensor):
    """The output of `owner` that gives the value (of a loop: a list of values) of `tensor`, made in its `part`."""
    places = owner.attrs.setdefault("_saved", {})
    if tensor not in places:
        part.saved.append(tensor)
        shape, dtype = owner.definition.saved_type(tensor)
        places[tensor] = owner.add_output(shape, dtype).value_index
        owner.graph.changes += 1
    return owner.outputs[places[tensor]]


class If(Op):
    """The outputs of one of two parts of the graph: `then` where cond holds, else `otherwise`."""

    inputs = {"cond": "bool", "*input": "any"}
    stateful = True

    def infer(op, cond, *inputs):
        pairs = zip(op.attrs["then"].outputs, op.attrs["otherwise"].outputs, strict=True)
        return [(_common_shape(a.shape, b.shape), a.dtype.base_dtype) for a, b in pairs]

    def enter(op, bodies, cond, *captured):
        taken = op.attrs["then" if cond else "otherwise"]
        values = dict(zip(op.attrs["captured"], captured, strict=True))
        feeds = {inner: values[outer] for inner, outer in taken.captured}
        found = yield from bodies([*taken.outputs, *taken.saved], feeds)
        count = len(taken.outputs)
        saved = dict(zip(taken.saved, found[count:], strict=True))
        return found[:count] + [saved[t] if t in saved else _nothing(t) for t in op.attrs.get("_saved", ())]

    def write(op, nodes):
        captured, branches = op.attrs["captured"], {}
        types = [t.dtype.base_dtype for t in captured]
        results = [t.dtype for t in op.outputs]
        for key, label in (("then", "then_branch"), ("otherwise", "else_branch")):
            part = op.attrs[key]
            given = {inner: captured.index(outer) for inner, outer in part.captured}
            function = nodes.function(op, key, part.context, types, given)
            texts = [function.text(t) for t in part.outputs]
            texts += [
                function.text(t) if t in part.saved else _write_nothing(function, op, i, t)
                for i, t in enumerate(op.attrs.get("_saved", ()))
            ]
            branches[label] = function.close(zip(texts, results, strict=True))
        nodes.replace(
            op, "If", op.inputs, **branches, Tcond=dtypes.bool, Tin=types, Tout=results,
            output_shapes=[t.shape for t in op.outputs],
        )  # fmt: skip

    @staticmethod
    def saved_type(tensor):
        return tensor.shape, tensor.dtype.base_dtype


def _write_nothing(nodes, owner, i, tensor):
    if tensor.dtype.is_numpy_compatible:
        return nodes.constant(owner, f"nothing_{i}", _nothing(tensor))
    return write_empty_list(nodes, owner, f"nothing_{i}", dtypes.variant)


def _nothing(tensor):
    """What stands for a value of the branch that was not taken: nobody uses it, but it has the dtype."""
    if not tensor.dtype.is_numpy_compatible:
        return ()
    return np.zeros([d or 0 for d in tensor.shape.sizes or ()], tensor.dtype.as_numpy_dtype)


def _common_shape(a, b):
    if a.ndims is None or b.ndims is None or a.ndims != b.ndims:
        return TensorShape(None)
    return TensorShape([p if p == q else None for p, q in zip(a.sizes, b.sizes, strict=True)])


def make_if(pred, then, otherwise, scope):
    """The `If` operation of two parts, with what both capture as inputs."""
    outer = list(dict.fromkeys(given for part in (then, otherwise) for _, given in part.captured))
    with control_dependencies([*then.control_inputs, *otherwise.control_inputs]):
        return If.make(pred, outer, then=then, otherwise=otherwise, captured=outer, name=scope)


def cond(pred, true_fn=None, false_fn=None, strict=False, name=None, fn1=None, fn2=None):
    """tf.cond: the outputs of `true_fn()` where the scalar `pred` holds, else those of `false_fn()`.

    Both functions build their part of the graph now; only one part runs.  They must return the same
    structure with the same dtypes.  Raises TypeError for a Python bool or functions that can't be
    called, ValueError or TypeError where the outputs differ.
    """
    true_fn, false_fn = true_fn or fn1, false_fn or fn2
    if not callable(true_fn):
        raise TypeError("'true_fn' must be callable.")
    if not callable(false_fn):
        raise TypeError("'false_fn' must be callable.")
    with name_scope(name, "cond", [pred]) as scope:
        pred = _as_predicate(pred)
        graph = pred.graph
        then, then_structure = _build_branch(graph, true_fn, "true_fn", strict)
        otherwise, otherwise_structure = _build_branch(graph, false_fn, "false_fn", strict)
        _check_branches(then, otherwise, then_structure, otherwise_structure)
        op = make_if(pred, then, otherwise, scope)
    outputs = iter(op.outputs)
    leaves = flatten(then_structure)
    return pack_sequence_as(
        then_structure, [with_components(v, [next(outputs) for _ in components(v)]) for v in leaves]
    )


def _as_predicate(pred):
    if isinstance(pred, bool):
        raise TypeError("'pred' must not be a Python bool.")
    pred = convert_to_tensor(pred, name="pred")
    if pred.dtype.base_dtype is not dtypes.bool:
        raise TypeError(f"'pred' has type {pred.dtype.name}, but must be of type bool.")
    if pred.shape.ndims not in (None, 0):
        raise ValueError(f"'pred' must be a scalar, but has shape {pred.shape}")
    return pred


def components(value):
    """The tensors that make up one value: a tensor itself, the flow of a TensorArray, the parts of a sparse one."""
    if isinstance(value, IndexedSlices):
        return [t for t in (value.values, value.indices, value.dense_shape) if t is not None]
    if isinstance(value, SparseTensor):
        return [value.indices, value.values, value.dense_shape]
    return [value.flow] if hasattr(value, "flow") else [value]


def with_components(value, tensors):
    """A value like `value` made of other tensors."""
    if isinstance(value, (IndexedSlices, SparseTensor)):
        return type(value)(*tensors)
    return value._with_flow(tensors[0]) if hasattr(value, "flow") else tensors[0]


def _build_branch(graph, function, label, strict):
    context = Context(graph.context)
    with graph.in_context(context):
        structure = function()
        if structure is None:
            raise ValueError(f"'{label}' must have a return value.")
        if not strict:
            structure = _unpacked(structure)
        outputs = [_as_output(t) for leaf in flatten(structure) for t in components(leaf)]
    return Part(context, outputs), structure


def _unpacked(structure):
    """The element of a list or tuple that holds one."""
    while isinstance(structure, (list, tuple)) and len(structure) == 1:
        structure = structure[0]
    return structure


def _as_output(leaf):
    """A branch's output as a tensor of its own context; an operation becomes a value that waits for it."""
    if isinstance(leaf, Operation):
        with control_dependencies([leaf]):
            return identity(constant(True))
    return identity(leaf)


def _check_branches(then, otherwise, first, second):
    assert_same_structure(first, second, check_types=False)
    if len(then.outputs) != len(otherwise.outputs):
        raise ValueError("'true_fn' and 'false_fn' must return the same kinds of values.")
    for a, b in zip(then.outputs, otherwise.outputs, strict=True):
        if a.dtype.base_dtype is not b.dtype.base_dtype:
            raise ValueError(
                "Outputs of 'true_fn' and 'false_fn' must have the same type(s). Received "
                f"{a.dtype.name} from 'true_fn' and {b.dtype.name} from 'false_fn'."
            )


def smart_cond(pred, true_fn=None, false_fn=None, name=None):
    """`cond`, but a `pred` that is known now (a Python bool, a constant) decides now."""
    known = pred if isinstance(pred, (bool, int)) else constant_value(convert_to_tensor(pred))
    if known is None:
        return cond(pred, true_fn, false_fn, name=name)
    return true_fn() if known else false_fn()


def smart_constant_value(pred):
    """The bool that `pred` is known to be now, or None."""
    known = pred if isinstance(pred, (bool, int)) else constant_value(convert_to_tensor(pred))
    return None if known is None else bool(known)


def case(pred_fn_pairs, default=None, exclusive=False, strict=False, name="case"):
    """tf.case: the outputs of the function whose predicate holds first; `default()` where none does.

    `pred_fn_pairs` is a dict or list of (scalar bool tensor, function).  With `exclusive`, a run in
    which two predicates hold fails.  Raises TypeError for malformed pairs.
    """
    pairs = list(pred_fn_pairs.items()) if isinstance(pred_fn_pairs, dict) else list(pred_fn_pairs)
    if default is not None and not callable(default):
        raise TypeError("default must be callable.")
    if not pairs:
        raise ValueError("pred_fn_pairs must be a non-empty list or dict")
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError("Each entry in pred_fn_pairs must be a 2-tuple: (boolean tensor, callable)")
        if not callable(pair[1]):
            raise TypeError(f"fn for pred {pair[0]} must be callable.")
    with name_scope(name, "case", [p for p, _ in pairs]):
        preds = [convert_to_tensor(p, dtype=dtypes.bool) for p, _ in pairs]
        checks = [_at_most_one(preds)] if exclusive else []
        functions = [f for _, f in pairs]
        if default is None:
            preds, default, functions = preds[:-1], functions[-1], functions[:-1]
        with control_dependencies(checks):
            return _nested(preds, functions, default, strict)


def _nested(preds, functions, default, strict):
    if not preds:
        return default()
    return cond(
        preds[0], functions[0], lambda: _nested(preds[1:], functions[1:], default, strict), strict=strict
    )


def _at_most_one(preds):
    from minitf.ops.casting import cast
    from minitf.ops.checking import assert_less
    from minitf.ops.joining import stack
    from minitf.ops.reductions import reduce_sum

    count = reduce_sum(cast(stack(preds), dtypes.int32))
    return assert_less(count, 2, data=["case: more than one condition is True: ", stack(preds)])
