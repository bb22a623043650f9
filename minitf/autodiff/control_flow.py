"""The gradients of `cond` and `while_loop`: differentiate what they own, and let another of them run it.

The gradient of a part needs values that the part computed.  `save` makes the owner of the part give
them as further outputs: of a `cond`, the value in the branch taken; of a loop, a list with one value
per turn, which the gradient walks from its end.  The gradient is such an owner itself, so it has a
gradient in its turn.
"""

from minitf.autodiff.gradients import gradients, is_differentiable, takes_missing, zeros
from minitf.autodiff.registry import RegisterGradient
from minitf.graph.graph import control_dependencies, name_scope
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.graph.sparse import IndexedSlices
from minitf.ops.array import identity, shape_of, zeros_like
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.control_flow import Context, Part, make_if, save
from minitf.ops.list_gradients import ListAdd, ListDense
from minitf.ops.lists import TensorArrayConcatV3, TensorArraySizeV3
from minitf.ops.loops import LoopVariable, WhileGrad


def _own_values(owner, part):
    """What gives the value of a tensor that the gradient of `part` reads."""
    given = dict(part.captured)

    def given_by(tensor):
        if tensor in given:
            return given[tensor]
        return save(owner, part, tensor) if tensor.op in part.context else tensor

    return given_by


def _dense(gradient):
    return gradient if isinstance(gradient, Tensor) else convert_to_tensor(gradient)


def _saved_pairs(op, part, dys):
    """(saved tensor of the part, gradient that reaches it), where one does."""
    places = op.attrs.get("_saved", {})
    pairs = [(t, dys[places[t]]) for t in part.saved if places[t] < len(dys)]
    return [(t, dy) for t, dy in pairs if dy is not None and is_differentiable(t)]


# -- cond -----------------------------------------------------------------------------------------------------


@RegisterGradient("If")
@takes_missing
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
    context = Context(graph.context)
    given = {outer: inner for inner, outer in part.captured}
    pairs = [
        (y, dy) for y, dy in zip(part.outputs, dys, strict=False) if dy is not None and is_differentiable(y)
    ]
    pairs += _saved_pairs(op, part, dys)
    inner = [given[t] for t in targets if t in given]
    with graph.in_context(context):
        found = (
            gradients([y for y, _ in pairs], inner, [dy for _, dy in pairs], stop_gradients=inner)
            if pairs
            else []
        )
    by_inner = dict(zip(inner, found, strict=False))
    return context, [by_inner.get(given.get(t)) for t in targets]


def _branch_part(graph, op, part, context, found, wanted):
    with graph.in_context(context):
        outputs = [zeros(t) if g is None else identity(_dense(g)) for g, t in zip(found, wanted, strict=True)]
    return Part(context, outputs, given_by=_own_values(op, part))


# -- while_loop -----------------------------------------------------------------------------------------------


@RegisterGradient("While")
@takes_missing
def _while_gradient(op, *dys):
    if not op.attrs["back_prop"]:
        return [None] * len(op.inputs)
    body = op.attrs["body"]
    result = _Backward(op, dys, lists=(), forward=False).build(lambda: _turns(op, body))
    return result.spread(len(op.attrs["variables"]))


@RegisterGradient("WhileGrad")
@takes_missing
def _while_grad_gradient(op, *dys):
    count = len(op.attrs["variables"])
    result = _Backward(op, dys, op.attrs["lists"], not op.attrs["forward"]).build(lambda: op.inputs[count])
    return result.spread(count + 1)


def _turns(op, body):
    """How many turns the loop made: the length of a list it saved."""
    marker = op.attrs.get("_turn_marker")
    if marker is None:
        with op.graph.in_context(body.context):
            marker = op.attrs["_turn_marker"] = identity(constant(True))
    return TensorArraySizeV3.apply(save(op, body, marker))


class _Backward:
    """Turn by turn, the last first: d(variables after the turn) -> d(before it), d(what the body read).

    What a body read from outside gets the sum over the turns; where the turns touch only rows of it
    (IndexedSlices), these are collected; what it read from a list gets a list of gradients.
    """

    def __init__(self, op, dys, lists, forward):
        self.op, self.body, self.forward = op, op.attrs["body"], forward
        variables = op.attrs["variables"]
        self.loop = [i for i, v in enumerate(variables) if is_differentiable(v)]
        self.starts = [zeros(op.outputs[i]) if dys[i] is None else _dense(dys[i]) for i in self.loop]
        captured = [(inner, outer) for inner, outer in self.body.captured if is_differentiable(inner)]
        self.outside = [(inner, outer) for inner, outer in captured if inner not in lists]
        self.listed = [(inner, outer) for inner, outer in captured if inner in lists]
        self.lists = set(lists)
        count = len(variables)
        beyond = zip(self.body.outputs[count:], dys[count:], strict=False)
        self.per_turn = [(y, dy) for y, dy in beyond if dy is not None] + _saved_pairs(op, self.body, dys)

    def build(self, turns):
        op, graph = self.op, self.op.graph
        context = Context(graph.context)
        with name_scope(None, "While") as scope:
            with graph.in_context(context):
                found = self._differentiate()
                self._sort(found)
            own = _own_values(op, self.body)
            part = Part(context, self.outputs, fed={*self.variables, *self.items}, given_by=own)
            listed = [ListDense.apply(dy, own(y)) for (y, dy) in self.per_turn]
            part.captured += zip(self.items, listed, strict=True)
            lists = {t for t, _ in part.captured if t in self.lists or t.op in self.body.context} | set(
                self.items
            )
            captured = list(dict.fromkeys(outer for _, outer in part.captured))
            with control_dependencies(part.control_inputs):
                self.result = WhileGrad.make(
                    [*self.starts, turns(), *captured], variables=self.variables, body=part, captured=captured,
                    lists=lists, forward=self.forward, name=scope,
                )  # fmt: skip
        return self

    def _differentiate(self):
        """The gradients of one turn, inside the context of the new loop."""
        variables, outputs = self.op.attrs["variables"], self.body.outputs
        xs = [variables[i] for i in self.loop] + [inner for inner, _ in (*self.outside, *self.listed)]
        self.grads = [_variable_like(variables[i]) for i in self.loop]
        self.items = [_variable_like(y) for y, _ in self.per_turn]
        ys = [outputs[i] for i in self.loop] + [y for y, _ in self.per_turn]
        found = gradients(ys, xs, [*self.grads, *self.items], stop_gradients=[*variables, *xs])
        return iter(found)

    def _sort(self, found):
        """Decide for each gradient how it leaves the loop: replaced, summed, or collected turn by turn."""
        self.outputs = [
            _zeros_like(g) if d is None else identity(_dense(d)) for g, d in zip(self.grads, found)
        ]
        self.variables, collected, self.sums, self.slices = list(self.grads), [], {}, {}
        for (inner, outer), d in zip(self.outside, found):
            if isinstance(d, IndexedSlices):
                self.slices[outer] = len(collected), d
                collected += [identity(d.values), identity(d.indices)]
            elif d is not None:
                total = _variable_like(inner)
                self.sums[outer] = len(self.variables)
                self.variables.append(total)
                self.outputs.append(ListAdd.apply(total, d) if _is_list(total) else total + d)
                self.starts.append(_zeros_outside(outer))
        self.lists_out = {}
        for (inner, outer), d in zip(self.listed, found):
            self.lists_out[outer] = len(collected)
            collected.append(_zeros_like(inner) if d is None else identity(_dense(d)))
        self.outputs += collected

    def spread(self, first):
        """One gradient per input of the loop; what it captured starts at input `first`."""
        outputs, beyond = self.result.outputs, self.result.outputs[len(self.variables) :]
        inputs = [None] * len(self.op.inputs)
        for i, output in zip(self.loop, outputs, strict=False):
            inputs[i] = output
        for j, outer in enumerate(self.op.attrs["captured"], first):
            if outer in self.sums:
                inputs[j] = outputs[self.sums[outer]]
            elif outer in self.slices:
                place, slices = self.slices[outer]
                inputs[j] = IndexedSlices(
                    _joined(beyond[place], slices.values),
                    _joined(beyond[place + 1], slices.indices),
                    shape_of(outer),
                )
            elif outer in self.lists_out:
                inputs[j] = beyond[self.lists_out[outer]]
        return inputs


def _variable_like(tensor):
    return LoopVariable.apply(shape=tensor.shape, dtype=tensor.dtype.base_dtype, name="Identity")


def _is_list(tensor):
    return tensor.dtype.base_dtype.name == "variant"


def _zeros_like(tensor):
    return zeros(tensor) if _is_list(tensor) else zeros_like(tensor)


def _zeros_outside(outer):
    """Zeros like `outer`, made where the new loop stands, not in its body."""
    graph = outer.graph
    context = graph.context.outer
    with graph.in_context(context):
        return _zeros_like(outer)


def _joined(rows, like):
    """The rows that all turns touched, one after the other."""
    element = TensorShape(None) if like.shape.ndims is None else TensorShape([None, *like.shape.sizes[1:]])
    return TensorArrayConcatV3.apply(rows, dtype=like.dtype.base_dtype, element_shape=element)[0]
