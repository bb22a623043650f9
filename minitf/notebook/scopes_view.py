"""The name scopes of a graph in a notebook cell: `tf.show_scopes()`."""

import html

from minitf.graph.graph import get_default_graph
from minitf.notebook.graph_view import _show
from minitf.observe.scopes import SCOPES_MIME, describe_scopes, size_of


class ScopesView:
    """The tree of name scopes with parameters and bytes; a notebook shows it, `print` writes its text."""

    def __init__(self, graph, scope=""):
        self.description = describe_scopes(graph, scope)

    def _repr_mimebundle_(self, include=None, exclude=None):
        text = {"text/plain": self.description["text"], "text/html": self._html()}
        return {SCOPES_MIME: self.description, **text}

    def _html(self):
        """A table, for viewers without the minitf extension."""
        head = "<tr><th>scope</th><th>operations</th><th>parameters</th><th>bytes</th></tr>"
        rows = [row for row in self.description["rows"] if row["variables"]][:200]
        body = "".join(
            f"<tr><td>{html.escape(row['path']) or '(all)'}</td><td>{row['operations']:,}</td>"
            f"<td>{row['parameters']:,}</td><td>{size_of(row['bytes'])}</td></tr>"
            for row in rows
        )
        return f"<table>{head}{body}</table>"

    def __repr__(self):
        return self.description["text"]


def show_scopes(graph=None, scope=""):
    """tf.show_scopes: the tree of name scopes, with the parameters and bytes of the variables in each.

    `graph` defaults to the default graph; `scope` shows one part of the tree.  Raises KeyError where there
    is no such scope.
    """
    _show(ScopesView(get_default_graph() if graph is None else graph, scope))
