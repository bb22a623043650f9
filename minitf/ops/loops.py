"""`while_loop`: a part of the graph that runs again and again on its own results."""

from minitf.graph import dtypes
from minitf.graph.graph import control_dependencies, get_default_graph, name_scope
from minitf.graph.shape import TensorShape
from minitf.graph.sparse import IndexedSlices
from minitf.ops.array import identity, zeros_like
from minitf.ops.constant import convert_to_tensor
from minitf.ops.control_flow import Context, Part, components, with_components
from minitf.ops.loop_nodes import write_while, write_while_grad
from minitf.ops.op import Op
from minitf.ops.sparse_tensor import SparseTensor
from minitf.ops.structure import assert_same_structure, flatten, is_nested, pack_sequence_as


class LoopVariable(Op):
    """The value of a loop variable in the present turn: given by the loop that owns it."""

    stateful = True

    def infer(op):
        return [(op.attrs["shape"], op.attrs["dtype"])]

    gradient = None


class Loop(Op, abstract=True):
    """An operation that runs a part of the graph again and again."""

    inputs = {"*input": "any"}
    stateful = True

    @staticmethod
    def saved_type(tensor):
        return TensorShape([]), dtypes.variant


class While(Loop):
    """Run `body` on the loop variables while `condition` holds of them.

    Outputs: the loop variables after the last turn; then, for the gradient, a list with one value
    per turn of each saved tensor.
    """

    def infer(op, *inputs):
        return [(v.shape, v.dtype) for v in op.attrs["variables"]]

    write = write_while

    def enter(op, bodies, *inputs):
        variables, condition, body = (op.attrs[k] for k in ("variables", "condition", "body"))
        count = len(variables)
        values = list(inputs[:count])
        outside = dict(zip(op.attrs["captured"], inputs[count:], strict=True))
        columns, turned = [[] for _ in body.saved], 0  # the saved tensors' values, turn by turn
        with (
            bodies.turns(condition.outputs, variables, _given(condition, outside)) as decide,
            bodies.turns([*body.outputs, *body.saved], variables, _given(body, outside)) as turn,
        ):
            while (yield from decide(values))[0]:
                rest = decide.repeat(turn, values) if turned < 2 else None  # the first turn may tell shapes
                if rest is not None:
                    values, more = rest
                    columns = [(*c, *m) if c else m for c, m in zip(columns, more)]
                    break
                found = yield from turn(values)
                values, turned = found[:count], turned + 1
                for column, value in zip(columns, found[count:]):
                    column.append(value)
        return values + [c if isinstance(c, tuple) else tuple(c) for c in columns]


def _given(part, outside):
    """The values of what a part reads from outside."""
    return {inner: outside[outer] for inner, outer in part.captured}


def _columns(turns, count):
    return [tuple(turn[i] for turn in turns) for i in range(count)]


class WhileGrad(Loop):
    """Run `body`, the gradient of a loop's body, once for every turn of the loop, the last turn first.

    Inputs: the gradients to start from, the number of turns, and what the body reads; of the latter,
    `lists` are lists that hold one value per turn.  Outputs: the gradients after the first turn; a list
    for each output of the body beyond them (gradients that belong to one turn); lists of saved tensors.
    `forward` goes from the first turn to the last: the gradient of this gradient.
    """

    def infer(op, *inputs):
        variables = op.attrs["variables"]
        beyond = len(op.attrs["body"].outputs) - len(variables)
        return [(v.shape, v.dtype) for v in variables] + [(TensorShape([]), dtypes.variant)] * beyond

    write = write_while_grad

    def enter(op, bodies, *inputs):
        variables, body, lists = (op.attrs[k] for k in ("variables", "body", "lists"))
        count = len(variables)
        values, turns = list(inputs[:count]), int(inputs[count])
        outside = dict(zip(op.attrs["captured"], inputs[count + 1 :], strict=True))
        per_turn = {inner: outside[outer] for inner, outer in body.captured if inner in lists}
        fixed = {inner: outside[outer] for inner, outer in body.captured if inner not in lists}
        found, order = [], range(turns) if op.attrs["forward"] else range(turns)[::-1]
        with bodies.turns([*body.outputs, *body.saved], [*variables, *per_turn], fixed) as turn:
            done = turn.each(values, list(per_turn.values()), turns, op.attrs["forward"])
            if done is not None:
                return done[0] + done[1]
            for i in order:
                now = yield from turn(values + [values_of[i] for values_of in per_turn.values()])
                values = now[:count]
                found.append(now[count:])
        found = found if op.attrs["forward"] else found[::-1]
        return values + _columns(found, len(body.outputs) - count + len(body.saved))


def while_loop(cond, body, loop_vars, shape_invariants=None, parallel_iterations=10, back_prop=True,
               swap_memory=False, name=None, maximum_iterations=None, return_same_structure=False):  # fmt: skip
    """tf.while_loop: `vars = body(*vars)` while `cond(*vars)` holds; returns the vars after that.

    `loop_vars` is a (nested) list of tensors, TensorArrays, SparseTensors, IndexedSlices.
    `shape_invariants`, of the same structure, gives looser shapes where a turn may change them.
    `parallel_iterations` and `swap_memory` change nothing here.

    Raises TypeError for functions that can't be called or a changed dtype, ValueError for no
    loop_vars, a changed structure, or a shape that is not invariant.
    """
    if not callable(cond):
        raise TypeError("'cond' must be callable.")
    if not callable(body):
        raise TypeError("'body' must be callable.")
    if isinstance(loop_vars, (list, tuple, dict)) and not loop_vars:
        raise ValueError("'loop_vars' must be provided.")
    if parallel_iterations < 1:
        raise TypeError("'parallel_iterations' must be a positive integer.")
    if maximum_iterations is not None:
        result = _limited(cond, body, loop_vars, shape_invariants, name, maximum_iterations, back_prop)
    else:
        with name_scope(name, "while", flatten(loop_vars)) as scope:
            result = _build(cond, body, loop_vars, shape_invariants, scope, back_prop)
    if not return_same_structure and isinstance(result, (list, tuple)) and len(result) == 1:
        return result[0]
    return result


def _limited(cond, body, loop_vars, shape_invariants, name, limit, back_prop):
    """A loop with a counter of turns in front of the user's variables."""
    from minitf.ops.comparison import less
    from minitf.ops.logic import logical_and

    several = isinstance(loop_vars, (list, tuple))
    variables = list(loop_vars) if several else [loop_vars]
    with name_scope(name, "while", flatten(loop_vars)) as scope:
        limit = convert_to_tensor(limit, name="maximum_iterations")
        if limit.shape.ndims not in (None, 0):
            raise ValueError(f"'maximum_iterations' must be a scalar. Received shape: {limit.shape}")

        def counted_cond(turn, *values):
            return logical_and(less(turn, limit), cond(*values))

        def counted_body(turn, *values):
            out = body(*values)
            out = list(out) if isinstance(out, (list, tuple)) else [out]
            return [turn + 1, *out]

        invariants = None if shape_invariants is None else [TensorShape([]), *shape_invariants]
        found = _build(
            counted_cond, counted_body, [zeros_like(limit), *variables], invariants, scope, back_prop
        )
    return type(loop_vars)(found[1:]) if several and not hasattr(loop_vars, "_fields") else found[1]


def _build(cond, body, loop_vars, shape_invariants, scope, back_prop):
    loop_vars = loop_vars if isinstance(loop_vars, (list, tuple, dict)) else [loop_vars]
    leaves = [_Leaf(v) for v in flatten(loop_vars)]
    graph = next((t.graph for leaf in leaves for t in leaf.tensors), None) or get_default_graph()
    if shape_invariants is not None:
        flat = list(_flat_shapes(shape_invariants))
        if len(flat) != len(leaves):
            raise ValueError("shape_invariants must have the structure of loop_vars")
        for leaf, invariant in zip(leaves, flat, strict=True):
            leaf.loosen(invariant)
    context = Context(graph.context)
    with graph.in_context(context):
        arguments = pack_sequence_as(loop_vars, [leaf.inside() for leaf in leaves])
        variables = [v for leaf in leaves for v in leaf.variables]
        condition = _as_condition(_call(cond, arguments))
        results = _as_structure(_call(body, arguments), loop_vars)
        outputs = [
            t for leaf, value in zip(leaves, flatten(results), strict=True) for t in leaf.outputs(value)
        ]
    _check_invariants(variables, outputs)
    parts = [Part(context, o, fed=set(variables)) for o in ([condition], outputs)]
    captured = list(dict.fromkeys(outer for part in parts for _, outer in part.captured))
    initial = [t for leaf in leaves for t in leaf.tensors]
    with control_dependencies([c for part in parts for c in part.control_inputs]):
        op = While.make(
            [*initial, *captured], variables=variables, condition=parts[0], body=parts[1],
            captured=captured, back_prop=back_prop, name=scope,
        )  # fmt: skip
    exits = iter(op.outputs)
    return pack_sequence_as(
        loop_vars, [with_components(leaf.value, [next(exits) for _ in leaf.tensors]) for leaf in leaves]
    )


def _call(function, arguments):
    return function(**arguments) if isinstance(arguments, dict) else function(*arguments)


def _as_structure(results, loop_vars):
    if not is_nested(results) or (not isinstance(results, (list, tuple, dict))):
        results = [results]
    if isinstance(results, (list, tuple)) and isinstance(loop_vars, (list, tuple)):
        kind = type(loop_vars)
        results = kind(results) if not hasattr(loop_vars, "_fields") else kind(*results)
    try:
        assert_same_structure(loop_vars, results, check_types=False)
    except ValueError as error:
        raise ValueError(f"body must return the structure of loop_vars: {error}") from None
    return results


def _as_condition(value):
    tensor = convert_to_tensor(value)
    if tensor.dtype.base_dtype is not dtypes.bool:
        raise TypeError(f"cond must return a boolean, but {tensor.name} is of type {tensor.dtype.name}")
    if tensor.shape.ndims not in (None, 0):
        raise ValueError(f"cond must return a scalar boolean, got shape {tensor.shape}")
    return identity(tensor)


def _check_invariants(variables, outputs):
    for variable, out in zip(variables, outputs, strict=True):
        if out.dtype.base_dtype is not variable.dtype.base_dtype:
            raise TypeError(
                f"Loop variable {variable.name} enters the loop with type {variable.dtype.name} but has type "
                f"{out.dtype.name} after one iteration"
            )
        if not _no_looser(out.shape, variable.shape):
            raise ValueError(
                f"The shape for {variable.name} is not an invariant for the loop. It enters the loop with shape "
                f"{variable.shape}, but has shape {out.shape} after one iteration. Provide shape invariants using "
                "either the `shape_invariants` argument of tf.while_loop or set_shape() on the loop variables."
            )


def _no_looser(found, declared):
    """True where every tensor of shape `found` has shape `declared`."""
    if declared.ndims is None:
        return True
    if found.ndims != declared.ndims:
        return False
    return all(d is None or d == f for f, d in zip(found.sizes, declared.sizes, strict=True))


def _flat_shapes(invariants):
    if isinstance(invariants, dict):
        for key in sorted(invariants):
            yield from _flat_shapes(invariants[key])
    elif isinstance(invariants, (list, tuple)) and any(
        isinstance(i, (TensorShape, list, tuple, dict)) for i in invariants
    ):
        for item in invariants:
            yield from _flat_shapes(item)
    else:
        yield TensorShape(invariants)


class _Leaf:
    """A loop variable: the tensors it starts from, their shapes, and the `LoopVariable`s inside the loop."""

    def __init__(self, value):
        self.value = value if _is_composite(value) else convert_to_tensor(value)
        self.tensors = [convert_to_tensor(t) for t in components(self.value)]
        self.shapes = [t.shape for t in self.tensors]

    def loosen(self, invariant):
        """Take a looser shape.  Raises ValueError where the initial value does not have it."""
        if isinstance(self.value, SparseTensor):
            self.shapes[:2] = [TensorShape([None, invariant.ndims]), TensorShape([None])]
        elif isinstance(self.value, IndexedSlices):
            self.shapes[:2] = [invariant, TensorShape([invariant.sizes and invariant.sizes[0]])]
        elif not hasattr(self.value, "flow"):
            if not _no_looser(self.shapes[0], invariant):
                raise ValueError(
                    f"The shape invariant specified for {self.tensors[0].name} is not compatible with the initial "
                    f"shape of the loop variable. It enters the loop with shape {self.shapes[0]}, but the "
                    f"specified shape invariant is {invariant}."
                )
            self.shapes[0] = invariant

    def inside(self):
        self.variables = [
            LoopVariable.apply(shape=shape, dtype=t.dtype.base_dtype, name="Identity")
            for t, shape in zip(self.tensors, self.shapes, strict=True)
        ]
        return with_components(self.value, self.variables)

    def outputs(self, value):
        found = components(value)
        if len(found) != len(self.tensors):
            raise ValueError(f"body must return the kind of value that {self.tensors[0].name} is.")
        return [identity(t) for t in found]


def _is_composite(value):
    return isinstance(value, (IndexedSlices, SparseTensor)) or hasattr(value, "flow")
