"""A graph as JSON and as text, for whoever draws it.

`labextension/src/contract/graph.ts` is the other side: whoever changes a field changes both and raises
the version.  What is written stays small, because a notebook keeps it: see `columns.py`.
"""

import numpy as np

from minitf.observe.columns import PLAIN_BYTES, columns, packed
from minitf.observe.drawing import drawing
from minitf.observe.limits import limit
from minitf.observe.outline import outline
from minitf.observe.provenance import stale
from minitf.observe.roles import partners, roles

GRAPH_MIME = "application/vnd.minitf.graph+json"
GRAPH_VERSION = 3
TABLE = 8 / 15  # of the limit is for the operations; the drawing and the text take the rest
TEXT_LINES = 120
_UNSEEN = {"dtype", "T", "shape"}  # attributes that the outputs tell already


def describe(graph, scope="", depth=None, key="", notes=(), run=None, costs=None, changes=None, aside=()):
    """The JSON of a graph (a dict of plain values).  For `scope` and `depth` see `outline`.

    `key` names the display: what a reader opened is remembered under it.  `notes` are sentences for the
    caption.  `run` is a `RunSlice`, `costs` {operation name: (microseconds, bytes)} of a traced run,
    `changes` {operation: what changed} since an earlier build.  `aside` names scopes that stand aside.
    """
    picture = outline(graph, scope, depth)
    ops, table = _fitting(graph)
    return {
        "version": GRAPH_VERSION,
        "kind": "graph",
        "key": key,
        "count": len(graph.get_operations()),
        "scope": scope.rstrip("/"),
        "depth": depth,
        "notes": list(notes),
        "aside": [name.rstrip("/") for name in aside],
        "table": table,
        "stale": _places(ops, set(stale(graph))),
        "run": None if run is None else _run(ops, run),
        "costs": None if costs is None else [[i, *costs[op.name]] for i, op in enumerate(ops) if op.name in costs],
        "changes": [[i, changes[op]] for i, op in enumerate(ops) if op in changes] if changes else [],
        "svg": drawing(picture),
        "text": text(picture),
    }


def _fitting(graph):
    """As many operations as there is room for, from the first one, and their table."""
    ops = graph.get_operations()
    role, partner, most = roles(ops), partners(ops), TABLE * limit("graph")
    while True:
        known = columns(ops, lambda op: _known(op, role[op], partner.get(op)))
        table = packed(known, min(PLAIN_BYTES, most))
        size = len(table) if isinstance(table, str) else 0
        if size <= most:
            return ops, table
        ops = ops[: int(len(ops) * 0.9 * most / size)]


def _places(ops, wanted):
    return [i for i, op in enumerate(ops) if op in wanted]


def _run(ops, run):
    return {
        "fetches": [f.name for f in run.fetches],
        "feeds": [t.name for t in run.fed],
        "why": [run.why(op) for op in ops],
    }


def _known(op, role, partner):
    return {
        "op": op.type,
        "device": op.device,
        "origin": str(op.origin),
        "cell": op.origin.cell or 0,
        "role": role,
        "attrs": [f"{name}={_shown(value)}" for name, value in _attributes(op)],
        "outputs": [type_of(t) for t in op.outputs],
        "partner": partner,
    }


def _attributes(op):
    for name, value in op.attrs.items():
        if name[0] != "_" and name not in _UNSEEN and value is not None:
            yield name, value


def _shown(value):
    if isinstance(value, np.ndarray):
        if value.size > 8:
            return f"{value.dtype}{list(value.shape)}"
        value = value.tolist()
    name = getattr(value, "name", None)
    return str(name if isinstance(name, str) else value)[:60]


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
