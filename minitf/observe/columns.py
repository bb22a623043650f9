"""A graph of thousands of operations in a few kilobytes: columns of small numbers, and every text once.

Unrolled networks repeat themselves, so inputs are written as distances backwards: then equal parts have equal
numbers, and compress to almost nothing.  `labextension/src/contract/columns.ts` reads what is written here.
"""

import base64
import json
import zlib

PLAIN_BYTES = 12_000  # of JSON that stay readable in the notebook's file; more is compressed


class _Strings:
    def __init__(self):
        self.all, self._places = [], {}

    def __call__(self, text):
        place = self._places.get(text)
        if place is None:
            place = self._places[text] = len(self.all)
            self.all.append(text)
        return place


def columns(ops, describe):
    """The table of `ops`, a list in order of making.

    `describe(op)` gives the dict of texts and numbers that is known of one operation; see `describe.py`.
    """
    string, scopes = _Strings(), _Scopes()
    place = {op: i for i, op in enumerate(ops)}
    first = _first_tensors(ops)
    table = {"strings": string.all, "scopes": scopes.all}
    for name in ("scope", "label", "op", "device", "origin", "cell", "role"):
        table[name] = []
    for name in ("attrs", "outputs", "inputs", "controls"):
        table[name] = []
    table["partner"] = []
    for i, op in enumerate(ops):
        scope, _, label = op.name.rpartition("/")
        known = describe(op)
        table["scope"].append(scopes(scope))
        table["label"].append(string(label))
        for name in ("op", "device", "origin"):
            table[name].append(string(known[name]))
        for name in ("cell", "role"):
            table[name].append(known[name])
        for name in ("attrs", "outputs"):
            table[name].append([string(text) for text in known[name]])
        table["inputs"].append([first[op] - first[t.op] - t.value_index for t in op.inputs if t.op in place])
        table["controls"].append([i - place[before] for before in op.control_inputs if before in place])
        partner = known["partner"]
        table["partner"].append(i - place[partner] if partner in place else 0)
    return table


def _first_tensors(ops):
    """The number of each operation's first output, when all outputs are numbered in order."""
    found, count = {}, 0
    for op in ops:
        found[op] = count
        count += len(op.outputs)
    return found


class _Scopes:
    """Numbers for name scopes; each is written as [number of the scope around it, its own label]."""

    def __init__(self):
        self.all, self._numbers = [], {"": 0}

    def __call__(self, path):
        number = self._numbers.get(path)
        if number is None:
            outer, _, label = path.rpartition("/")
            self.all.append([self(outer), label])
            number = self._numbers[path] = len(self.all)
        return number


def packed(table, plain=None):
    """The table itself where its JSON has `plain` bytes at most (default PLAIN_BYTES), else deflated, in base64."""
    text = json.dumps(table, separators=(",", ":"))
    if len(text) <= (PLAIN_BYTES if plain is None else plain):
        return table
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")
