"""Order without values: `no_op`, `group`, `tuple`; and the decision `cond`.

The two branches of a `cond` are parts of the same graph, built in a `Context` of their own.  The
operation `If` owns them: when it runs, it decides, and runs the plan of one branch.
"""

from minitf.graph import dtypes
from minitf.graph.graph import control_dependencies, get_default_graph, name_scope
from minitf.graph.operation import Operation, Tensor
from minitf.graph.shape import TensorShape
from minitf.graph.sparse import IndexedSlices
from minitf.ops.array import identity
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.op import Op, constant_value
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
    """tf.group: an operation that has run when all of `inputs` (operations, tensors, lists of them) have."""
    with control_dependencies(_flat(inputs)):
        return no_op(name=name or "group_deps")


def _flat(items):
    for item in items:
        if isinstance(item, (list, tuple)):
            yield from _flat(item)
        elif item is not None:
            yield item


def with_dependencies(dependencies, output_tensor, name=None):
    """`output_tensor`, available only after `dependencies` have run."""
    with name_scope(name, "control_dependency", [*dependencies, output_tensor]) as scope:
        with get_default_graph().colocate_with(output_tensor), control_dependencies(dependencies):
            if isinstance(output_tensor, IndexedSlices):
                return IndexedSlices(
                    identity(output_tensor.values, name=scope), output_tensor.indices, output_tensor.dense_shape
                )
            return identity(output_tensor, name=scope)


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

    Constants and variables are not captured: a part reads them itself.
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
            elif not (op.type == "Const" or getattr(op.definition, "variable", False)):
                tensors[tensor] = None
            continue
        seen.add(op)
        pending.extend(op.inputs)
        pending.extend(op.control_inputs)
    return list(tensors), list(controls)


def save(owner, part, tensor):
    """The output of `owner` that gives the value(s) of `tensor`, which lives in its `part`."""
    if tensor in part.saved:
        return owner.outputs[owner.attrs["_saved"][tensor]]
    part.saved.append(tensor)
    output = owner.add_output(TensorShape([]), dtypes.variant)
    owner.attrs.setdefault("_saved", {})[tensor] = output.value_index
    owner.graph.changes += 1
    return output


class If(Op):
    """The outputs of one of two parts of the graph: `then` where cond holds, else `otherwise`."""

    inputs = {"cond": "bool", "*input": "any"}
    stateful = True

    def infer(op, cond, *inputs):
        pairs = zip(op.attrs["then"].outputs, op.attrs["otherwise"].outputs, strict=True)
        return [(_common_shape(a.shape, b.shape), a.dtype.base_dtype) for a, b in pairs]

    def enter(op, run_part, cond, *captured):
        taken = op.attrs["then" if cond else "otherwise"]
        values = dict(zip(op.attrs["captured"], captured, strict=True))
        feeds = {inner: values[outer] for inner, outer in taken.captured}
        found = yield from run_part([*taken.outputs, *taken.saved], feeds)
        outputs = found[: len(taken.outputs)]
        saved = dict(zip(taken.saved, found[len(taken.outputs) :], strict=True))
        return outputs + [saved.get(tensor) for tensor in op.attrs.get("_saved", ())]


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
        raise TypeError("true_fn must be callable.")
    if not callable(false_fn):
        raise TypeError("false_fn must be callable.")
    with name_scope(name, "cond", [pred]) as scope:
        if isinstance(pred, bool):
            raise TypeError("pred must not be a Python bool")
        pred = convert_to_tensor(pred, dtype=dtypes.bool, name="pred")
        graph = pred.graph
        then, then_structure = _build_branch(graph, true_fn)
        otherwise, otherwise_structure = _build_branch(graph, false_fn)
        _check_branches(then, otherwise, then_structure, otherwise_structure)
        op = make_if(pred, then, otherwise, scope)
    results = [_like(kind, t) for kind, t in zip(flatten(then_structure), op.outputs, strict=True)]
    result = pack_sequence_as(then_structure, results)
    if not strict and isinstance(result, list | tuple) and len(result) == 1:
        return result[0]
    return result


def _like(kind, tensor):
    """A TensorArray comes back as a TensorArray."""
    return kind._with_flow(tensor) if hasattr(kind, "_with_flow") else tensor


def _build_branch(graph, function):
    context = Context(graph.context)
    with graph.in_context(context):
        structure = function()
        if structure is None:
            raise ValueError("true_fn and false_fn must return a value: tensors, or an operation.")
        outputs = [_as_output(leaf) for leaf in flatten(structure)]
    return Part(context, outputs), structure


def _as_output(leaf):
    """A branch's output as a tensor of its own context; an operation becomes a value that waits for it."""
    if isinstance(leaf, Operation):
        with control_dependencies([leaf]):
            return identity(constant(True))
    if leaf is None:
        raise ValueError("A branch of cond returned None")
    return identity(getattr(leaf, "flow", leaf))


def _check_branches(then, otherwise, first, second):
    try:
        assert_same_structure(first, second)
    except (ValueError, TypeError) as error:
        raise type(error)(f"Incompatible return values of true_fn and false_fn: {error}") from None
    for a, b in zip(then.outputs, otherwise.outputs, strict=True):
        if a.dtype.base_dtype is not b.dtype.base_dtype:
            raise ValueError(
                f"Outputs of true_fn and false_fn must have the same type: {a.dtype.name}, {b.dtype.name}"
            )


def smart_cond(pred, true_fn=None, false_fn=None, name=None):
    """`cond`, but a `pred` that is known now (a Python bool, a constant) decides now."""
    known = bool(pred) if isinstance(pred, (bool, int)) else constant_value(convert_to_tensor(pred))
    if known is None:
        return cond(pred, true_fn, false_fn, name=name)
    return true_fn() if known else false_fn()


def case(pred_fn_pairs, default=None, exclusive=False, strict=False, name="case"):
    """tf.case: the outputs of the function whose predicate holds first; `default()` where none does.

    `pred_fn_pairs` is a dict or list of (scalar bool tensor, function).  With `exclusive`, a run in
    which two predicates hold fails.  Raises TypeError for malformed pairs.
    """
    pairs = list(pred_fn_pairs.items()) if isinstance(pred_fn_pairs, dict) else list(pred_fn_pairs)
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2 or not callable(pair[1]):
            raise TypeError("Each entry in pred_fn_pairs must be a tuple (boolean tensor, callable)")
    if default is not None and not callable(default):
        raise TypeError("default must be callable.")
    if not pairs:
        raise ValueError("pred_fn_pairs must be a non-empty list or dict")
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
    return cond(preds[0], functions[0], lambda: _nested(preds[1:], functions[1:], default, strict), strict=strict)


def _at_most_one(preds):
    from minitf.ops.casting import cast
    from minitf.ops.checking import assert_less
    from minitf.ops.joining import stack
    from minitf.ops.reductions import reduce_sum

    count = reduce_sum(cast(stack(preds), dtypes.int32))
    return assert_less(count, 2, data=["case: more than one condition is True"])
