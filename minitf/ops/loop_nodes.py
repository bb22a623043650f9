"""How a `While` and its gradient are written to a GraphDef: as TensorFlow's `While`, which calls two functions.

There, a loop's functions read nothing from outside: all of it goes into the loop, and round with its variables.
Values that the gradient needs of each turn are collected in lists, which go round as well.
"""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.list_nodes import write_empty_list, write_item, write_list


def _write_loop(op, nodes, inputs, given, types, decide, turn, shapes):
    """The node of a loop; `decide` and `turn` write its functions' nodes, and return what to call the results.

    `given` {tensor of the parts: index of the input that is its value}.
    """
    functions, context = {}, op.attrs["body"].context
    for label, build, results in (("cond", decide, [dtypes.bool]), ("body", turn, types)):
        function = nodes.function(op, label, context, types, given)
        functions[label] = function.close(zip(build(function), results, strict=True))
    return nodes.node(op, "While", inputs, **functions, T=types, output_shapes=shapes, parallel_iterations=10)


def write_while(op, nodes):
    """The node of a `While`, and its functions."""
    variables, condition, body, captured = (
        op.attrs[k] for k in ("variables", "condition", "body", "captured")
    )
    count, fixed = len(variables), len(op.inputs)
    given = {v: i for i, v in enumerate(variables)}
    for part in (condition, body):
        given |= {inner: count + captured.index(outer) for inner, outer in part.captured}
    lists = [
        write_empty_list(nodes, op, f"saved_{i}", t.dtype.base_dtype) for i, t in enumerate(body.saved)
    ]
    types = [v.dtype.base_dtype for v in variables] + [t.dtype.base_dtype for t in captured]
    types += [dtypes.variant] * len(lists)
    shapes = [v.shape for v in variables] + [t.shape for t in captured] + [TensorShape([])] * len(lists)

    def turn(function):
        texts = [function.text(t) for t in body.outputs]
        texts += [function.argument(i) for i in range(count, fixed)]
        for i, tensor in enumerate(body.saved):
            inputs = [function.argument(fixed + i), tensor]
            kind = {"element_dtype": tensor.dtype.base_dtype}
            texts.append(function.node(op, "TensorListPushBack", inputs, f"save_{i}", **kind).output())
        return texts

    node = _write_loop(
        op, nodes, [*op.inputs, *lists], given, types, lambda f: [f.text(condition.outputs[0])], turn, shapes
    )
    nodes.name_outputs(op, node, [*range(count), *range(fixed, fixed + len(lists))])


def _write_first_turn(op, nodes, turns):
    if op.attrs["forward"]:
        return nodes.constant(op, "first", np.int32(0))
    one = nodes.constant(op, "one", np.int32(1))
    return nodes.node(op, "Sub", [turns, one], "last", T=dtypes.int32).output()


def _write_more_turns(op, function, count):
    """Whether there is a turn of that number; behind `count` variables stand the number, and that of all turns."""
    if op.attrs["forward"]:
        kind, end = "Less", function.argument(count + 1)
    else:
        kind, end = "GreaterEqual", function.constant(op, "first", np.int32(0))
    return function.node(op, kind, [function.argument(count), end], "more", T=dtypes.int32).output()


def write_while_grad(op, nodes):
    """The node of a `WhileGrad`: a loop over the number of the turn, with lists of what comes from each turn."""
    variables, body, captured = (op.attrs[k] for k in ("variables", "body", "captured"))
    count = len(variables)
    collected = [*body.outputs[count:], *body.saved]
    first = count + 2 + len(captured)  # of the lists
    turns = op.inputs[count]
    start = _write_first_turn(op, nodes, turns)
    lists = [
        write_list(nodes, op, f"turns_{i}", turns, t.dtype.base_dtype) for i, t in enumerate(collected)
    ]
    inputs = [*op.inputs[:count], start, turns, *op.inputs[count + 1 :], *lists]
    types = [v.dtype.base_dtype for v in variables] + [dtypes.int32] * 2
    types += [t.dtype.base_dtype for t in captured] + [dtypes.variant] * len(lists)
    shapes = [v.shape for v in variables] + [TensorShape([])] * 2
    shapes += [t.shape for t in captured] + [TensorShape([])] * len(lists)
    places = {inner: count + 2 + captured.index(outer) for inner, outer in body.captured}
    items = {inner: place for inner, place in places.items() if inner in op.attrs["lists"]}
    given = {v: i for i, v in enumerate(variables)}
    given |= {inner: place for inner, place in places.items() if inner not in items}

    def turn(function):
        index = function.argument(count)
        for i, (inner, place) in enumerate(items.items()):
            found = write_item(
                function, op, f"item_{i}", function.argument(place), index, inner.shape, inner.dtype
            )
            function.give(inner, found)
        texts = [function.text(t) for t in body.outputs[:count]]
        step = function.constant(op, "step", np.int32(1 if op.attrs["forward"] else -1))
        texts.append(function.node(op, "AddV2", [index, step], "next", T=dtypes.int32).output())
        texts += [function.argument(i) for i in range(count + 1, first)]
        for i, tensor in enumerate(collected):
            inputs, kind = [function.argument(first + i), index, tensor], {"element_dtype": tensor.dtype.base_dtype}
            texts.append(function.node(op, "TensorListSetItem", inputs, f"keep_{i}", **kind).output())
        return texts

    def decide(function):
        return [_write_more_turns(op, function, count)]

    node = _write_loop(op, nodes, inputs, given, types, decide, turn, shapes)
    nodes.name_outputs(op, node, [*range(count), *range(first, first + len(lists))])
