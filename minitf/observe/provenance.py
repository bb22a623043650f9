"""Which notebook cell and line made an operation, and which operations a later run of a cell replaced.

A cell that is run again builds its part of the graph again: `add`, then `add_1`.  The first ones are
*stale*: no name in the notebook leads to them any more.
"""

import re
import weakref

_marked = weakref.WeakKeyDictionary()  # graph -> operations that a notebook told to be stale


def mark_stale(graph, ops):
    """The cell that made `ops` runs again.  Without any: from now on a notebook tells of this graph."""
    _marked.setdefault(graph, weakref.WeakSet()).update(ops)


def cells(graph):
    """{execution count: operations} in order of execution; the key None collects what no cell made."""
    found = {}
    for op in graph.get_operations():
        found.setdefault(op.origin.cell, []).append(op)
    return dict(sorted(found.items(), key=lambda item: (item[0] is None, item[0] or 0)))


def stale(graph):
    """The operations whose cell ran again later: by its id where the notebook tells it, else by its text."""
    if graph in _marked:
        return [op for op in graph.get_operations() if op in _marked[graph]]
    made_in_cells = [op for op in graph.get_operations() if op.origin.cell is not None]
    last = {}
    for op in made_in_cells:
        last[_text(op.origin)] = max(op.origin.cell, last.get(_text(op.origin), 0))
    return [op for op in made_in_cells if op.origin.cell < last[_text(op.origin)]]


def _text(origin):
    """What stands for the text of a cell: its file name, which holds a hash of it.

    IPython in a terminal writes the execution count before the hash; Jupyter's kernel does not.
    """
    return re.sub(r"^<ipython-input-\d+-", "<ipython-input-", origin.file)
