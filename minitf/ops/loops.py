"""`while_loop`: a part of the graph that runs again and again on its own results."""

from minitf.graph import dtypes
from minitf.graph.graph import control_dependencies, get_default_graph, name_scope
from minitf.graph.shape import TensorShape
from minitf.graph.sparse import IndexedSlices
from minitf.ops.array import identity
from minitf.ops.constant import convert_to_tensor
from minitf.ops.control_flow import Context, Part
from minitf.ops.op import Op
from minitf.ops.sparse_tensor import SparseTensor
from minitf.ops.structure import assert_same_structure, flatten, is_nested, pack_sequence_as
from minitf.ops.tensor_array import TensorArray


class LoopVariable(Op):
    """The value of a loop variable in the present turn: given by the loop that owns it."""

    stateful = True

    def infer(op):
        return [(op.attrs["shape"], op.attrs["dtype"])]

    gradient = None


class While(Op):
    """Run `body` on the loop variables while `condition` holds of them.

    Outputs: the loop variables after the last turn; then, for the gradient, a list with one value
    per turn of each saved tensor.
    """

    inputs = {"*input": "any"}
    stateful = True

    def infer(op, *inputs):
        return [(v.shape, v.dtype) for v in op.attrs["variables"]]

    def enter(op, run_part, *inputs):
        variables, condition, body = (op.attrs[k] for k in ("variables", "condition", "body"))
        values = list(inputs[: len(variables)])
        outside = dict(zip(op.attrs["captured"], inputs[len(variables) :], strict=True))
        for_condition = {inner: outside[outer] for inner, outer in condition.captured}
        for_body = {inner: outside[outer] for inner, outer in body.captured}
        turns = []
        while True:
            now = dict(zip(variables, values, strict=True))
            go_on = yield from run_part(condition.outputs, {**now, **for_condition})
            if not go_on[0]:
                break
            found = yield from run_part([*body.outputs, *body.saved], {**now, **for_body})
            values = found[: len(variables)]
            turns.append(found[len(variables) :])
        return values + [tuple(turn[i] for turn in turns) for i in range(len(body.saved))]


class WhileGrad(Op):
    """Run `body`, the gradient of a loop's body, once for every turn of the loop, the last turn first.

    Inputs: the gradients to start from, the lists saved by the loop, what else the body reads.
    """

    inputs = {"*input": "any"}
    stateful = True

    def infer(op, *inputs):
        return [(v.shape, v.dtype) for v in op.attrs["variables"]]

    def enter(op, run_part, *inputs):
        variables, body, lists = (op.attrs[k] for k in ("variables", "body", "lists"))
        values = list(inputs[: len(variables)])
        turns = int(inputs[len(variables)])
        outside = dict(zip(op.attrs["captured"], inputs[len(variables) + 1 :], strict=True))
        for turn in reversed(range(turns)):
            feeds = dict(zip(variables, values, strict=True))
            for inner, outer in body.captured:
                feeds[inner] = outside[outer][turn] if inner in lists else outside[outer]
            values = yield from run_part(body.outputs, feeds)
        return values

    def gradient(op, *dys):
        raise NotImplementedError(f"Second-order gradient for while loops not supported ({op.name}).")


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
        raise TypeError("cond must be callable.")
    if not callable(body):
        raise TypeError("body must be callable.")
    if not loop_vars:
        raise ValueError("No loop variables provided")
    if parallel_iterations < 1:
        raise TypeError("parallel_iterations must be a positive integer.")
    if maximum_iterations is not None:
        result = _limited(cond, body, loop_vars, shape_invariants, name, maximum_iterations)
    else:
        with name_scope(name, "while", flatten(loop_vars)) as scope:
            result = _build(cond, body, loop_vars, shape_invariants, scope)
    if not return_same_structure and isinstance(result, (list, tuple)) and len(result) == 1:
        return result[0]
    return result


def _limited(cond, body, loop_vars, shape_invariants, name, limit):
    """A loop with a counter of turns in front of the user's variables."""
    from minitf.ops.comparison import less
    from minitf.ops.logic import logical_and

    several = isinstance(loop_vars, (list, tuple))
    variables = list(loop_vars) if several else [loop_vars]
    with name_scope(name, "while", flatten(loop_vars)) as scope:
        limit = convert_to_tensor(limit, dtype=dtypes.int32, name="maximum_iterations")

        def counted_cond(turn, *values):
            return logical_and(less(turn, limit), cond(*values))

        def counted_body(turn, *values):
            out = body(*values)
            out = list(out) if isinstance(out, (list, tuple)) else [out]
            return [turn + 1, *out]

        invariants = None if shape_invariants is None else [TensorShape([]), *shape_invariants]
        found = _build(counted_cond, counted_body, [0, *variables], invariants, scope)
    return type(loop_vars)(found[1:]) if several and not hasattr(loop_vars, "_fields") else found[1]


def _build(cond, body, loop_vars, shape_invariants, scope):
    loop_vars = loop_vars if isinstance(loop_vars, (list, tuple, dict)) else [loop_vars]
    leaves = [_leaf(v) for v in flatten(loop_vars)]
    graph = next((t.graph for leaf in leaves for t in leaf.tensors), None) or get_default_graph()
    if shape_invariants is not None:
        flat = list(_flat_shapes(shape_invariants))
        if len(flat) != len(leaves):
            raise ValueError("shape_invariants must have the structure of loop_vars")
        for leaf, invariant in zip(leaves, flat, strict=True):
            leaf.loosen(invariant)
    context = Context(graph.context)
    with graph.in_context(context):
        inner = [leaf.inside() for leaf in leaves]
        arguments = pack_sequence_as(loop_vars, inner)
        variables = [t.variable for leaf in leaves for t in leaf.slots]
        condition_out = identity(convert_to_tensor(_call(cond, arguments), dtype=dtypes.bool))
        results = _call(body, arguments)
        results = _as_structure(results, loop_vars)
        outputs = [t for leaf, value in zip(leaves, flatten(results), strict=True) for t in leaf.outputs(value)]
    _check_condition(condition_out)
    _check_invariants(leaves, outputs)
    parts = [Part(context, o, fed=set(variables)) for o in ([condition_out], outputs)]
    captured = list(dict.fromkeys(outer for part in parts for _, outer in part.captured))
    initial = [t for leaf in leaves for t in leaf.tensors]
    with control_dependencies([c for part in parts for c in part.control_inputs]):
        op = While.make(
            [*initial, *captured], variables=variables, condition=parts[0], body=parts[1],
            captured=captured, name=scope,
        )  # fmt: skip
    exits = iter(op.outputs)
    return pack_sequence_as(loop_vars, [leaf.rebuild([next(exits) for _ in leaf.slots]) for leaf in leaves])


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


def _check_condition(tensor):
    if tensor.shape.ndims not in (None, 0):
        raise ValueError(f"cond must return a scalar boolean, got shape {tensor.shape}")


def _check_invariants(leaves, outputs):
    slots = [slot for leaf in leaves for slot in leaf.slots]
    for slot, out in zip(slots, outputs, strict=True):
        variable = slot.variable
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


class _Slot:
    """One tensor of a loop variable: the tensor it starts from, and the LoopVariable inside."""

    def __init__(self, tensor):
        self.tensor, self.shape, self.variable = tensor, tensor.shape, None

    def inside(self):
        attrs = {"shape": self.shape, "dtype": self.tensor.dtype.base_dtype}
        self.variable = LoopVariable.apply(**attrs, name="Identity")
        return self.variable


class _Leaf:
    """A loop variable of one tensor."""

    def __init__(self, value):
        self.value = value
        self.slots = [_Slot(t) for t in self._tensors(value)]

    @property
    def tensors(self):
        return [slot.tensor for slot in self.slots]

    def _tensors(self, value):
        return [convert_to_tensor(value)]

    def loosen(self, invariant):
        """Take a looser shape.  Raises ValueError where the initial value does not have it."""
        if not _no_looser(self.slots[0].shape, invariant):
            raise ValueError(
                f"The shape invariant specified for {self.slots[0].tensor.name} is not compatible with the initial "
                f"shape of the loop variable. It enters the loop with shape {self.slots[0].shape}, but the specified "
                f"shape invariant is {invariant}."
            )
        self.slots[0].shape = invariant

    def inside(self):
        return self.rebuild([slot.inside() for slot in self.slots])

    def outputs(self, value):
        return [identity(t) for t in self._tensors(value)]

    def rebuild(self, tensors):
        return tensors[0]


class _ArrayLeaf(_Leaf):
    def _tensors(self, value):
        return [value.flow]

    def loosen(self, invariant):
        pass

    def rebuild(self, tensors):
        return self.value._with_flow(tensors[0])


class _SparseLeaf(_Leaf):
    def _tensors(self, value):
        return [value.indices, value.values, value.dense_shape]

    def loosen(self, invariant):
        self.slots[0].shape, self.slots[1].shape = TensorShape([None, invariant.ndims]), TensorShape([None])

    def rebuild(self, tensors):
        return SparseTensor(*tensors)


class _SlicesLeaf(_Leaf):
    def _tensors(self, value):
        return [t for t in (value.values, value.indices, value.dense_shape) if t is not None]

    def loosen(self, invariant):
        self.slots[0].shape, self.slots[1].shape = invariant, TensorShape([invariant.sizes and invariant.sizes[0]])

    def rebuild(self, tensors):
        return IndexedSlices(*tensors)


def _leaf(value):
    for kind, leaf in ((TensorArray, _ArrayLeaf), (SparseTensor, _SparseLeaf), (IndexedSlices, _SlicesLeaf)):
        if isinstance(value, kind):
            return leaf(value)
    return _Leaf(value)
