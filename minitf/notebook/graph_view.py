"""A graph in a notebook cell: `tf.show_graph()`, or the graph itself at the end of a cell.

Each display carries three forms of the same picture, and the notebook keeps them all: our own format,
which JupyterLab draws with the minitf extension; an SVG, for every other viewer; and text.
"""

import pathlib
import sys

from minitf.graph.graph import Graph, get_default_graph
from minitf.notebook.rerun import changes as changes_of
from minitf.notebook.rerun import running_cell
from minitf.observe.describe import GRAPH_MIME, describe
from minitf.observe.run_slice import RunSlice


class GraphView:
    """A picture of a graph as it is now; a notebook shows it, `print` writes its text.

    Arguments as for `show_graph`.
    """

    def __init__(self, graph, scope="", depth=None, fetches=None, feed_dict=None, run_metadata=None,
                 changes=False, aside=()):  # fmt: skip
        self._title = repr(graph)
        notes, changed = [], None
        if changes:
            found = changes_of(graph)
            changed = dict.fromkeys(found.added, "new") | {new: what for _, new, what in found.changed}
            notes.append(_told(found))
        run = None if fetches is None else RunSlice(graph, fetches, feed_dict)
        key = f"{running_cell()} {scope} {depth}"
        self.description = describe(
            graph, scope, depth, key, notes, run, None if run_metadata is None else costs(run_metadata), changed,
            _scopes_of(graph, aside),
        )

    @property
    def svg(self):
        """The drawing, '' where none could be made."""
        return self.description["svg"]

    def save(self, path):
        """Write the drawing into an SVG file.  Raises ValueError where there is no drawing."""
        if not self.svg:
            raise ValueError("This graph could not be drawn: is `graphviz-pure` installed?")
        pathlib.Path(path).write_text(self.svg, encoding="utf-8")

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {GRAPH_MIME: self.description, "text/plain": f"{self._title}\n{self.description['text']}"}
        if self.svg:
            bundle["image/svg+xml"] = self.svg
        return bundle

    def __repr__(self):
        return f"{self._title}\n{self.description['text']}"


def _told(found):
    """`since this cell's earlier run: 1 new, 2 changed, 1 gone (Relu)`."""
    if not found:
        return "no change since the earlier run of the cell"
    parts = [f"{len(found.added)} new", f"{len(found.changed)} changed", f"{len(found.removed)} gone"]
    gone = ", ".join(op.name for op in found.removed[:6])
    return "since the earlier run of the cell: " + ", ".join(parts) + (f" ({gone})" if gone else "")


def costs(run_metadata):
    """{operation name: (microseconds, bytes)} of a run with `trace_level`."""
    nodes = [node for device in run_metadata.step_stats.dev_stats for node in device.node_stats]
    return {node.node_name: (int(node.op_end_rel_micros), int(node.output_bytes)) for node in nodes}


def show_graph(graph=None, scope="", depth=None, fetches=None, feed_dict=None, run_metadata=None,
               changes=False, aside=()):  # fmt: skip
    """tf.show_graph: draw a graph under the cell (in a terminal: print it).

    `graph` defaults to the default graph; `scope` shows the inside of one name scope, such as
    "gradients"; `depth` opens that many levels of name scopes, where None opens what fits.

    `fetches` and `feed_dict`, as for `Session.run` (or only the list of what is fed), dim what such a run
    would leave out, and every operation says why.  `run_metadata` of a traced run colours by time and
    memory.  `changes=True` colours what the last run of a cell changed against its earlier run.  `aside` names
    scopes, such as ["metrics"], that stand beside the picture until the reader brings them back.

    Raises KeyError where there is no such scope, TypeError for `graph` of another kind, and what `run` raises for
    fetches and feeds that can't be.
    """
    graph = get_default_graph() if graph is None else graph
    if not isinstance(graph, Graph):
        raise TypeError(
            f"tf.show_graph shows a tf.Graph, not {graph!r}; tf.show_graph(fetches=...) shows what computes a tensor"
        )
    _show(GraphView(graph, scope, depth, fetches, feed_dict, run_metadata, changes, aside))


def _scopes_of(graph, names):
    for name in names:
        if not any(op.name.startswith(f"{name.rstrip('/')}/") for op in graph.get_operations()):
            raise KeyError(f"The graph has no name scope {name!r}")
    return names


def _show(view):
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(view)
    else:
        print(view)


def _graph_mimebundle(self, include=None, exclude=None):
    return GraphView(self)._repr_mimebundle_()


Graph._repr_mimebundle_ = _graph_mimebundle  # the data structure itself knows no notebook
