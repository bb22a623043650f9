"""A graph as JSON and as text, for whoever draws it.

`labextension/src/contract/graph.ts` is the other side: whoever changes a field changes both and raises
the version.  What is written stays small, because a notebook keeps it: the operations in the picture
come first, then the others while there is room, and `omitted` counts the rest.
"""

import json

from minitf.observe.drawing import drawing
from minitf.observe.outline import outline
from minitf.observe.provenance import stale

GRAPH_MIME = "application/vnd.minitf.graph+json"
GRAPH_VERSION = 1
NODE_BYTES = 40_000  # of JSON, for the list of operations
TEXT_LINES = 120


def describe(graph, scope="", depth=None):
    """The JSON of a graph (a dict of plain values).  For `scope` and `depth` see `outline`."""
    picture = outline(graph, scope, depth)
    nodes, omitted = _nodes(graph, picture)
    return {
        "version": GRAPH_VERSION,
        "kind": "graph",
        "nodes": nodes,
        "omitted": omitted,
        "svg": drawing(picture),
        "text": text(picture),
    }


def _nodes(graph, picture):
    ops = graph.get_operations()
    drawn = {box.main for box in picture.boxes}
    old = set(stale(graph))
    kept, size = set(), 0
    described = {}
    for op in sorted(ops, key=lambda op: op not in drawn):
        node = _node(op, op in old)
        size += len(json.dumps(node))
        if size > NODE_BYTES:
            break
        kept.add(op)
        described[op] = node
    return [described[op] for op in ops if op in kept], len(ops) - len(kept)


def _node(op, is_stale):
    return {
        "name": op.name,
        "op": op.type,
        "device": op.device,
        "inputs": [t.name for t in op.inputs] + [f"^{before.name}" for before in op.control_inputs],
        "outputs": [type_of(t) for t in op.outputs],
        "scope": op.name.rpartition("/")[0],
        "origin": str(op.origin),
        "stale": is_stale,
    }


def type_of(tensor):
    """`float32 (?, 10)`: the dtype and shape of a tensor, `?` for sizes that are not known."""
    return f"{tensor.dtype.base_dtype.name} {shape_of(tensor)}"


def shape_of(tensor):
    if tensor.shape.ndims is None:
        return "(unknown)"
    return "(" + ", ".join("?" if n is None else str(n) for n in tensor.shape.as_list()) + ")"


def text(picture):
    """The outline in lines: for terminals, screen readers, and where no drawing can be made."""
    inputs = {}
    for source, target, _ in picture.edges:
        inputs.setdefault(target, []).append(source.name)
    lines = [_line(box, inputs.get(box, [])) for box in picture.boxes if box.kind != "outside"]
    if len(lines) > TEXT_LINES:
        lines[TEXT_LINES:] = [f"... and {len(lines) - TEXT_LINES} more"]
    if picture.hidden:
        lines.append(f"not drawn: {', '.join(picture.hidden)}")
    return "\n".join(lines) or "an empty graph"


def _line(box, inputs):
    if box.main is None:
        what = f"{box.name}/  {len(box.ops)} operations"
        return what + (f", from {', '.join(inputs)}" if inputs else "")
    outputs = ", ".join(type_of(t) for t in box.main.outputs)
    return f"{box.name} = {box.main.type}({', '.join(inputs)})" + (f" -> {outputs}" if outputs else "")
