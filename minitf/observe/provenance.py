"""Which notebook cell and line made an operation, and which operations a later run of a cell replaced.

A cell that is run again builds its part of the graph again: `add`, then `add_1`.  The first ones are
*stale*: no name in the notebook leads to them any more.
"""


def cells(graph):
    """{execution count: operations} in order of execution; the key None collects what no cell made."""
    found = {}
    for op in graph.get_operations():
        found.setdefault(op.origin.cell, []).append(op)
    return dict(sorted(found.items(), key=lambda item: (item[0] is None, item[0] or 0)))


def stale(graph):
    """The operations whose cell, with the same text, ran again later and made new ones."""
    last = {}
    for op in graph.get_operations():
        if op.origin.cell is not None:
            last[op.origin.file] = max(op.origin.cell, last.get(op.origin.file, 0))
    return [op for op in graph.get_operations() if op.origin.cell is not None and op.origin.cell < last[op.origin.file]]
