"""Taking operations out of a graph, which TensorFlow's graphs cannot do: for notebooks, where cells run again.

Everything that knows an operation by its name or keeps it is told: names, collections, variable scopes, and
the sessions.  A removed operation belongs to a graph of its own from then on, which says where it went.
"""

import weakref
from typing import NamedTuple

from minitf.graph.graph import Graph


class Mark(NamedTuple):
    """How much a graph held at some time: what came later is what one cell made."""

    ids: int
    names: int
    collections: dict
    variables: int
    scopes: dict
    seeds: int


def mark(graph):
    collections = {name: len(items) for name, items in graph._collections.items()}
    scopes = dict(_scope_counts(graph))
    return Mark(
        graph._ids, len(graph._names), collections, len(graph.variables_by_scope), scopes, graph.seeds_given
    )


EMPTY = Mark(0, 0, {}, 0, {}, 0)


class Made:
    """What came into `graph` after the mark `before`: operations, names, items of collections, variables."""

    def __init__(self, graph, before):
        self.graph, self.before = weakref.ref(graph), before
        self.ops = [op for op in graph.get_operations() if op.id > before.ids]
        self.names = list(graph._names)[before.names :]
        self.items = {
            name: items[before.collections.get(name, 0) :] for name, items in graph._collections.items()
        }
        self.variables = list(graph.variables_by_scope)[before.variables :]
        now = _scope_counts(graph)
        self.scopes = {name: count - before.scopes.get(name, 0) for name, count in now.items()}


def _scope_counts(graph):
    """How often each variable scope was opened, which makes its default name unique."""
    return graph._open("variable_scope_counts", {})


def replace(graph, made, prefix, why):
    """Take what `made` holds out of `graph`; returns (operations removed, operations kept).

    Kept are operations that others still need.  They make way: `prefix` goes before their names.  `why` is
    what is said of a removed operation to whoever uses it.
    """
    old = [op for op in made.ops if op.graph is graph]
    kept = _needed_by_others(graph, set(old))
    removed = [op for op in old if op not in kept]
    _forget_names(graph, made)
    _forget_items(graph, made, set(old))
    remove(graph, removed, why)
    for op in kept:
        _rename(graph, op, prefix + op.name)
    graph._operations = {op.name: op for op in graph._operations.values()}
    if all(op.id <= made.before.ids for op in graph.get_operations()):
        graph._ids, graph.seeds_given = made.before.ids, made.before.seeds
    return removed, kept


def remove(graph, ops, why):
    """Take `ops`, which nobody else needs, out of `graph`."""
    gone = GoneGraph(why)
    for op in ops:
        del graph._operations[op.name]
        graph._names.pop(op.name.lower(), None)
        graph._forget(op)
        op.graph = gone
        for session in graph.sessions:
            session.state.forget(op.name)
    graph.changes += 1


class GoneGraph(Graph):
    """Where removed operations belong."""

    def __init__(self, why):
        super().__init__()
        self.why = why

    def _check_not_finalized(self):
        raise ValueError(f"This takes a tensor that is no longer in its graph.{self.why}")


def _needed_by_others(graph, old):
    """The operations of `old` that some operation outside depends on, in order of making."""
    contexts = {}
    for op in old:
        if op.context is not None:
            contexts.setdefault(op.context, []).append(op)
    needed = set()
    pending = [op for op in graph.get_operations() if op not in old]
    while pending:
        op = pending.pop()
        before = [t.op for t in op.inputs] + op.control_inputs
        if op in needed and op.context is not None:
            before += contexts.get(op.context, [])  # a loop or branch works only as a whole
        for each in before:
            if each in old and each not in needed:
                needed.add(each)
                pending.append(each)
    return sorted(needed, key=lambda op: op.id)


def unneeded(graph, ops):
    """Those of `ops` that no operation outside depends on."""
    kept = set(_needed_by_others(graph, set(ops)))
    return [op for op in ops if op not in kept]


def _forget_names(graph, made):
    """Free the names: later ones are found by trying, so the counts need not be right, only above zero."""
    for name in made.names:
        graph._names.pop(name, None)
    graph._names = dict.fromkeys(graph._names, 1)
    for name in made.variables:
        graph.variables_by_scope.pop(name, None)
    counts = _scope_counts(graph)
    for name, more in made.scopes.items():
        counts[name] = max(0, counts.get(name, 0) - more)


def _forget_items(graph, made, old):
    for name, items in graph._collections.items():
        theirs = set(map(id, made.items.get(name, ())))
        items[:] = [item for item in items if id(item) not in theirs and getattr(item, "op", item) not in old]


def _rename(graph, op, name):
    for session in graph.sessions:
        session.state.rename(op.name, name)
    op.name = name
    graph._names[name.lower()] = 1
