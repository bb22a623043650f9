"""The outline of a graph as a drawing, by Graphviz.

The program `dot` of the system does it where there is one, else `graphviz-pure`, which pip installed
beside Python.  Where neither runs, there is no drawing ('') and the text stands alone.
"""

import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np

from minitf.observe.limits import limit
from minitf.observe.outline import Box

SECONDS = 10  # a layout that takes longer is given up
SVG = 2 / 5  # of the limit is for the drawing
LONG = 20  # letters that a label has in one line

_FONT = 'fontname="Helvetica"'
_CLUSTER = 'labeljust=l margin=10 style="rounded,filled" color="#c5d3e8" fontcolor="#4a6fa5"'
_STYLES = {
    "operation": 'shape=box style="rounded,filled" fillcolor="#ffffff" color="#4a6fa5"',
    "variable": 'shape=cylinder style="filled" fillcolor="#fdebd0" color="#c77d1e"',
    "constant": 'shape=ellipse style="filled" fillcolor="#eeeeee" color="#888888"',
    "placeholder": 'shape=ellipse style="filled" fillcolor="#dff2e1" color="#3f8f4f" penwidth=1.5',
    "scope": 'shape=box peripheries=2 style="filled" fillcolor="#dbe7f6" color="#4a6fa5"',
    "training": 'shape=box peripheries=2 style="filled" fillcolor="#f3f0f7" color="#8a7aa8"',
    "outside": 'shape=plaintext fontcolor="#777777"',
}


def drawing(outline):
    """The outline as SVG, or '' where it can't be drawn."""
    program = dot_program()
    if program is None or not outline.boxes:
        return ""
    source = dot_source(outline).encode()
    try:
        done = subprocess.run([program, "-Tsvg"], input=source, capture_output=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    svg = done.stdout.decode(errors="replace")
    start = svg.find("<svg")
    return svg[start:] if done.returncode == 0 and start >= 0 and len(svg) <= SVG * limit("graph") else ""


def dot_program():
    beside = str(pathlib.Path(sys.executable).parent)
    return shutil.which("dot") or shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=beside)


def dot_source(outline):
    """The outline in Graphviz's language: a cluster for each open scope, a node for each box."""
    lines = [
        "digraph {",
        f'  graph [rankdir=LR nodesep=0.3 ranksep=0.25 bgcolor="transparent" {_FONT} fontsize=10]',
        f"  node [{_FONT} fontsize=10 height=0.25 margin=\"0.12,0.05\"]",
        f'  edge [{_FONT} fontsize=8 fontcolor="#666666" color="#777777" arrowsize=0.6]',
    ]
    members = {path: [] for path in ["", *outline.open_scopes]}
    for box in outline.boxes:
        members.setdefault(box.scope, []).append(box)
    top = "" if members[""] or not outline.open_scopes else outline.boxes[-1].scope
    lines.extend(_scope_lines(top, members, 1))
    lines.extend(_edge_line(edge) for edge in outline.edges)
    return "\n".join([*lines, "}", ""])


def _scope_lines(path, members, level):
    pad = "  " * level
    for box in members.get(path, []):
        yield f"{pad}{_quoted(box.name)} [label={_quoted(_label(box))} {_STYLES[box.kind]}]"
    for inner in members:
        if inner and inner != path and inner.rpartition("/")[0] == path:
            yield f"{pad}subgraph {_quoted('cluster_' + inner)} {{"
            yield f"{pad}  label={_quoted(inner.rpartition('/')[2])} {_CLUSTER}"
            yield f'{pad}  fillcolor="{"#f6f9fd" if level % 2 else "#edf3fb"}"'
            yield from _scope_lines(inner, members, level + 1)
            yield f"{pad}}}"


def _label(box: Box):
    if box.kind == "outside":
        return box.name.replace("/", "/\n")
    if box.main is None:
        return f"{_broken(box.label)}\n{_content(box)}"
    if box.kind == "constant":
        return f"{box.label}\n{_short_value(box.main)}"
    if box.kind == "variable":
        return f"{box.label}\n{_sizes(box.main.outputs[0])}"
    named_by_type = box.label.lower().rstrip("_0123456789") == box.main.type.lower().rstrip("v2")
    if named_by_type or box.kind == "placeholder":
        return _broken(box.label)
    return f"{_broken(box.label)}\n{_broken(box.main.type)}"


def _broken(name):
    """A long name in two lines, broken before the capital (or `_`) nearest to its middle."""
    places = [m.start() for m in re.finditer(r"(?<=[a-z0-9])(?=[A-Z_])", name)]
    if len(name) <= LONG or not places:
        return name
    place = min(places, key=lambda place: abs(place - len(name) / 2))
    return f"{name[:place]}\n{name[place:]}"


def _content(box):
    updated = {op.inputs[0] for op in box.ops if "Apply" in op.type}
    if updated:
        return f"updates {len(updated)} variable{'s' * (len(updated) > 1)}"
    return f"{len(box.ops)} operation{'s' * (len(box.ops) > 1)}"


def _short_value(op):
    value = op.attrs.get("value")
    if isinstance(value, np.ndarray) and value.size <= 4:
        return np.array2string(value, separator=", ", precision=4).replace("\n", "")
    return _sizes(op.outputs[0])


def _edge_line(edge):
    source, target = _quoted(edge.source.name), _quoted(edge.target.name)
    if not edge.tensors:
        return f'  {source} -> {target} [style=dashed color="#bbbbbb"]'
    if edge.target.kind == "training":
        return f'  {source} -> {target} [color="#cfc6df"]'
    label = _sizes(edge.tensors[0]) if len(edge.tensors) == 1 else f"{len(edge.tensors)} tensors"
    from_variable = edge.source.kind == "variable"  # whose box tells the shape
    return f"  {source} -> {target}" + ("" if from_variable else f" [label={_quoted(' ' + label)}]")


def _sizes(tensor):
    """`?×10` for a shape; `scalar` for none."""
    if tensor.shape.ndims is None:
        return "?"
    return "×".join("?" if n is None else str(n) for n in tensor.shape.as_list()) or "scalar"


def _quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
