"""What JupyterLab's side panel asks a kernel for: graph, session and variables of the running notebook."""

import sys

from minitf.observe.workspace import WORKSPACE_MIME, describe_workspace


class Workspace:
    """The present state of the notebook's program, as the side panel reads it."""

    def __init__(self, namespace):
        self.description = describe_workspace(namespace)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {WORKSPACE_MIME: self.description, "text/plain": repr(self)}

    def __repr__(self):
        found = self.description
        return f"<Workspace: {found['operations']} operations, {len(found['variables'])} variables>"


def workspace():
    """The workspace of this notebook (of the main program, outside of one)."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return Workspace(shell.user_ns if shell is not None else vars(sys.modules["__main__"]))
