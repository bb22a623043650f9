"""A graph in a notebook cell: `tf.show_graph()`, or the graph itself at the end of a cell.

Each display carries three forms of the same picture, and the notebook keeps them all: our own format,
which JupyterLab draws with the minitf extension; an SVG, for every other viewer; and text.
"""

import pathlib
import sys

from minitf.graph.graph import Graph, get_default_graph
from minitf.observe.describe import GRAPH_MIME, describe


class GraphView:
    """A picture of a graph as it is now; a notebook shows it, `print` writes its text.

    Arguments as for `show_graph`.
    """

    def __init__(self, graph, scope="", depth=None):
        self._title = repr(graph)
        self.description = describe(graph, scope, depth)

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


def show_graph(graph=None, scope="", depth=None):
    """tf.show_graph: draw a graph under the cell (in a terminal: print it).

    `graph` defaults to the default graph; `scope` shows the inside of one name scope, such as
    "gradients"; `depth` opens that many levels of name scopes, where None opens what fits.
    Raises KeyError where there is no such scope.
    """
    view = GraphView(get_default_graph() if graph is None else graph, scope, depth)
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(view)
    else:
        print(view)


def _graph_mimebundle(self, include=None, exclude=None):
    return GraphView(self)._repr_mimebundle_()


Graph._repr_mimebundle_ = _graph_mimebundle  # the data structure itself knows no notebook
