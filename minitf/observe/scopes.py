"""The name scopes of a graph as a tree, with the parameters that live in each."""

import math

from minitf.graph.collections import GraphKeys
from minitf.observe.roles import is_variable

SCOPES_MIME = "application/vnd.minitf.scopes+json"
SCOPES_VERSION = 1
ROWS = 1_000  # that a notebook keeps


class Row:
    """A name scope or a variable: what it holds, with all that is inside.

    `parameters` and `bytes` count trainable and other variables alike; `trainable` counts the parameters
    that an optimizer changes; `unknown` counts variables whose shape is not known.
    """

    def __init__(self, path, shape="", dtype=""):
        self.path, self.shape, self.dtype = path, shape, dtype
        self.operations = self.variables = self.parameters = self.trainable = self.bytes = self.unknown = 0

    def as_json(self):
        return dict(vars(self))


def scope_rows(graph, scope=""):
    """[Row] of all scopes and variables under `scope`, each scope before what it holds; the first is `scope`.

    Raises KeyError where there is no such scope.
    """
    path = scope.rstrip("/")
    rows = {path: Row(path)}
    trainable = {getattr(v, "op", None) for v in graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)}
    for op in graph.get_operations():
        if path and op.name != path and not op.name.startswith(path + "/"):
            continue
        parts = op.name.split("/")
        start = path.count("/") + 1 if path else 0
        around = [path] + ["/".join(parts[:n]) for n in range(start + 1, len(parts))]
        if is_variable(op):
            tensor = op.outputs[0]
            rows[op.name] = row = rows.get(op.name) or Row(op.name)
            row.shape, row.dtype = _shape(tensor), tensor.dtype.base_dtype.name
            around.append(op.name)
        for outer in dict.fromkeys(around):
            _count(rows.setdefault(outer, Row(outer)), op, op in trainable)
    if path and not rows[path].operations:
        raise KeyError(f"There is no name scope {path!r}")
    return sorted(rows.values(), key=lambda row: row.path.split("/") if row.path else [])


def _count(row, op, is_trainable):
    row.operations += 1
    if not is_variable(op):
        return
    row.variables += 1
    shape = op.outputs[0].shape
    if not shape.is_fully_defined():
        row.unknown += 1
        return
    size = math.prod(shape.as_list())
    row.parameters += size
    row.trainable += size if is_trainable else 0
    row.bytes += size * op.outputs[0].dtype.base_dtype.size


def _shape(tensor):
    return "×".join("?" if n is None else str(n) for n in tensor.shape.as_list()) if tensor.shape.ndims else ""


def describe_scopes(graph, scope=""):
    """The JSON that `labextension/src/contract/scopes.ts` reads, of `ROWS` rows at most."""
    rows = scope_rows(graph, scope)
    return {
        "version": SCOPES_VERSION,
        "kind": "scopes",
        "rows": [row.as_json() for row in rows[:ROWS]],
        "omitted": max(0, len(rows) - ROWS),
        "text": scopes_text(rows),
    }


def scopes_text(rows):
    """The tree in lines, for terminals and screen readers."""
    top = rows[0].path.count("/") + 1 if rows[0].path else 0
    lines = [_line(row, top) for row in rows if row is rows[0] or row.variables][:120]
    return "\n".join(lines)


def _line(row, top):
    depth = row.path.count("/") + 1 - top if row.path else 0
    name = "  " * depth + (row.path.rpartition("/")[2] or "(all)")
    if row.dtype:
        return f"{name:<36} {row.dtype} {row.shape or 'scalar'}  {row.parameters:,} parameters"
    return f"{name:<36} {row.operations:,} operations, {row.parameters:,} parameters, {size_of(row.bytes)}"


def size_of(count):
    """`3.1 kB`: a number of bytes in words."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} GB"
