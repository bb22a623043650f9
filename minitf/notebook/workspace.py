"""What JupyterLab's side panel asks a kernel for: graph, session and variables of the running notebook."""

import sys

from minitf.graph.graph import get_default_graph
from minitf.notebook import curves
from minitf.notebook.tensor_view import show
from minitf.observe.workspace import WORKSPACE_MIME, current_session, describe_workspace, variables_of


class Workspace:
    """The present state of the notebook's program, as the side panel reads it."""

    def __init__(self, namespace):
        self.description = describe_workspace(namespace, curves.newest_runs(), curves.newest_progress())

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {WORKSPACE_MIME: self.description, "text/plain": repr(self)}

    def __repr__(self):
        found = self.description
        return f"<Workspace: {found['operations']} operations, {len(found['variables'])} variables>"


def workspace():
    """The workspace of this notebook (of the main program, outside of one)."""
    return Workspace(_namespace())


def show_variable(name):
    """Show the value of the variable `name` in the session that the side panel means.

    Raises KeyError where the default graph has no such variable, ValueError without an open session.
    """
    graph = get_default_graph()
    variable = next((v for v in variables_of(graph) if v.op.name == name), None)
    if variable is None:
        raise KeyError(f"The default graph has no variable {name!r}")
    show(variable, current_session(graph, _namespace()))


def _namespace():
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell.user_ns if shell is not None else vars(sys.modules["__main__"])
