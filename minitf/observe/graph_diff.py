"""What changed between two builds of a graph, such as two runs of a cell; a new number in a name is no change.

The operations of both builds are aligned in the order in which they were made (`difflib`, after Ratcliff and
Obershelp, 1988): an operation is recognized by its type, attributes, shapes and its name without numbers, and
by what it takes.  So `add_1` of the second run is the `add` of the first.
"""

import difflib
import re
from typing import NamedTuple

import numpy as np


class GraphDiff(NamedTuple):
    """`same` [(old, new)], `changed` [(old, new, what)], and the operations `added` and `removed`."""

    same: list
    changed: list
    added: list
    removed: list

    def __bool__(self):
        return bool(self.changed or self.added or self.removed)

    def __str__(self):
        lines = [f"+ {op.name} = {op.type}" for op in self.added]
        lines += [f"- {op.name} = {op.type}" for op in self.removed]
        lines += [f"~ {new.name}: {what}" for _, new, what in self.changed]
        return "\n".join(lines) or "no change"


def graph_diff(before, after):
    """`GraphDiff` of two lists of operations."""
    marks = [[_mark(op) for op in ops] for ops in (before, after)]
    pairs, old_rest, new_rest = _aligned(before, after, marks)
    partner = dict(pairs)
    same, changed = [], []
    for old, new in pairs:
        what = _rewired(old, new, partner)
        if what:
            changed.append((old, new, what))
        else:
            same.append((old, new))
    old_left, new_left = [], list(new_rest)
    for old in old_rest:
        new = next((n for n in new_left if plain_name(n.name) == plain_name(old.name)), None)
        if new is None:
            old_left.append(old)
        else:
            new_left.remove(new)
            changed.append((old, new, _difference(old, new)))
    return GraphDiff(same, changed, new_left, old_left)


def _aligned(before, after, marks):
    pairs, old_rest, new_rest = [], [], []
    matcher = difflib.SequenceMatcher(None, *marks, autojunk=False)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            pairs.extend(zip(before[i:i_end], after[j:j_end], strict=True))
        else:
            old_rest.extend(before[i:i_end])
            new_rest.extend(after[j:j_end])
    return pairs, old_rest, new_rest


def plain_name(name):
    """`layer_2/add_1` -> `layer/add`: a name without the numbers that make it unique."""
    return re.sub(r"_\d+(?=/|$)", "", re.sub(r"^earlier_run_\d+/", "", name))


def _mark(op):
    outputs = tuple((t.dtype.name, str(t.shape)) for t in op.outputs)
    return op.type, plain_name(op.name), len(op.inputs), outputs, _attributes(op), op.device


def _attributes(op):
    return tuple(sorted((name, _value(value)) for name, value in op.attrs.items() if name[0] != "_"))


def _value(value):
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes() if value.dtype != object else repr(value)
    return plain_name(str(value))


def _rewired(old, new, partner):
    for position, (was, now) in enumerate(zip(old.inputs, new.inputs, strict=True)):
        if partner.get(was.op, was.op) is not now.op or was.value_index != now.value_index:
            return f"input {position} was {was.name}, is {now.name}"
    waits = {partner.get(op, op) for op in old.control_inputs}
    return "" if waits == set(new.control_inputs) else "waits for others"


def _difference(old, new):
    if old.type != new.type:
        return f"was {old.type}, is {new.type}"
    names = [
        name for name in {**old.attrs, **new.attrs}
        if _value(old.attrs.get(name)) != _value(new.attrs.get(name)) and name[0] != "_"
    ]  # fmt: skip
    shapes = [f"{a.shape} -> {b.shape}" for a, b in zip(old.outputs, new.outputs) if str(a.shape) != str(b.shape)]
    return "; ".join([*shapes, *(f"another {name}" for name in names)]) or "moved"
