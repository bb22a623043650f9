"""The gradients of `cond` and `while_loop`: differentiate what they own, and let another of them run it.

The gradient of a part needs values that the part computed.  `save` makes the owner of the part give
them as further outputs: of a `cond`, the value in the branch taken; of a loop, a list with one value
per turn, which the gradient walks from its end.
"""

from minitf.autodiff.gradients import gradients, is_differentiable, zeros
from minitf.autodiff.registry import RegisterGradient
from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.ops.array import identity, zeros_like
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.control_flow import Context, Part, make_if, save
from minitf.ops.loops import LoopVariable, WhileGrad
from minitf.ops.tensor_array import ListAdd


def _own_values(owner, part):
    """What gives the value of a tensor that the gradient of `part` reads."""

    def given_by(tensor):
        return save(owner, part, tensor) if tensor.op in part.context else tensor

    return given_by


@RegisterGradient("If")
def _if_gradient(op, *dys):
    graph = op.graph
    then, otherwise = op.attrs["then"], op.attrs["otherwise"]
    targets = [t for t in op.attrs["captured"] if is_differentiable(t)]
    with name_scope(None, "If") as scope:
        parts = [_branch_gradient(graph, op, part, targets, dys) for part in (then, otherwise)]
        wanted = [t for i, t in enumerate(targets) if any(found[i] is not None for _, found in parts)]
        if not wanted:
            return [None] * len(op.inputs)
        made = [
            _branch_part(graph, op, part, context, [found[targets.index(t)] for t in wanted], wanted)
            for part, (context, found) in zip((then, otherwise), parts, strict=True)
        ]
        result = make_if(op.inputs[0], *made, scope)
    by_target = dict(zip(wanted, result.outputs, strict=False))
    return [None] + [by_target.get(t) for t in op.attrs["captured"]]


def _branch_gradient(graph, op, part, targets, dys):
    """(context, one gradient or None per target) of one branch."""
    context = Context(op.context)
    given = dict((outer, inner) for inner, outer in part.captured)
    pairs = [(y, dy) for y, dy in zip(part.outputs, dys, strict=False) if dy is not None and is_differentiable(y)]
    inner = [given[t] for t in targets if t in given]
    with graph.in_context(context):
        found = gradients([y for y, _ in pairs], inner, [dy for _, dy in pairs], stop_gradients=inner) if pairs else []
    by_inner = dict(zip(inner, found, strict=False))
    return context, [by_inner.get(given.get(t)) for t in targets]


def _branch_part(graph, op, part, context, found, wanted):
    with graph.in_context(context):
        outputs = [zeros(t) if g is None else identity(_dense(g)) for g, t in zip(found, wanted, strict=True)]
    return Part(context, outputs, given_by=_own_values(op, part))


def _dense(gradient):
    return gradient if isinstance(gradient, Tensor) else convert_to_tensor(gradient)


@RegisterGradient("While")
def _while_gradient(op, *dys):
    """Turn by turn, the last first: d(variables after the turn) -> d(before it), d(what was captured)."""
    graph, body = op.graph, op.attrs["body"]
    variables = op.attrs["variables"]
    loop = [i for i, v in enumerate(variables) if is_differentiable(v) and dys[i] is not None]
    outside = [(inner, outer) for inner, outer in body.captured if is_differentiable(outer)]
    starts = [_dense(dys[i]) for i in loop] + [zeros(outer) for _, outer in outside]
    xs = [variables[i] for i in loop] + [inner for inner, _ in outside]
    context = Context(op.context)
    with name_scope(None, "While") as scope:
        with graph.in_context(context):
            grads = [LoopVariable.apply(shape=x.shape, dtype=x.dtype.base_dtype, name="Identity") for x in xs]
            found = gradients(
                [body.outputs[i] for i in loop], xs, grads[: len(loop)], stop_gradients=[*variables, *xs]
            )
            outputs = [_next(i < len(loop), g, d) for i, (g, d) in enumerate(zip(grads, found, strict=True))]
        part = Part(context, outputs, fed=set(grads), given_by=_own_values(op, body))
        captured = list(dict.fromkeys(outer for _, outer in part.captured))
        turns = _turns(op, body)
        result = WhileGrad.make(
            [*starts, turns, *captured], variables=grads, body=part, captured=captured,
            lists={inner for inner, outer in part.captured if inner is not outer}, name=scope,
        )  # fmt: skip
    return _spread(op, loop, outside, result.outputs)


def _next(is_loop_variable, before, found):
    """A loop variable's gradient is replaced turn by turn; that of a captured tensor grows."""
    if is_loop_variable:
        return _zeros_like(before) if found is None else identity(_dense(found))
    if found is None:
        return identity(before)
    if before.dtype.name == "variant":
        return ListAdd.apply(before, found)
    return before + _dense(found)


def _zeros_like(tensor):
    return zeros(tensor) if tensor.dtype.name == "variant" else zeros_like(tensor)


def _turns(op, body):
    """How many turns the loop made: the length of a list it saved."""
    from minitf.ops.tensor_array import TensorArraySizeV3

    marker = op.attrs.get("_turn_marker")
    if marker is None:
        with op.graph.in_context(body.context):
            marker = op.attrs["_turn_marker"] = identity(constant(True))
    return TensorArraySizeV3.apply(save(op, body, marker))


def _spread(op, loop, outside, outputs):
    count = len(op.attrs["variables"])
    result = [None] * len(op.inputs)
    for i, output in zip(loop, outputs, strict=False):
        result[i] = output
    by_outer = {outer: output for (_, outer), output in zip(outside, outputs[len(loop) :], strict=True)}
    for j, outer in enumerate(op.attrs["captured"]):
        result[count + j] = by_outer.get(outer)
    return result
