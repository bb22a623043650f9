"""Which line of the user's program, and which notebook cell, made an operation."""

import os
import re
import sys
from typing import NamedTuple

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class Origin(NamedTuple):
    """Where the user's program made an operation.

    `cell` is the execution count (the n of `In [n]`) of the notebook cell, or None outside a notebook.
    """

    file: str
    line: int
    function: str
    cell: int | None

    def __str__(self):
        if self.cell is not None:
            return f"cell [{self.cell}], line {self.line}"
        return f"{self.file}:{self.line}"


def here():
    """The innermost frame that is not minitf's own."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    if frame is None:
        return Origin("<unknown>", 0, "", None)
    code = frame.f_code
    return Origin(code.co_filename, frame.f_lineno, code.co_name, _cell(code.co_filename))


def _cell(file):
    """The n of `In [n]` whose code is called `file`, as IPython's own tracebacks say it; else None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    named = shell.compile.format_code_name(file) if shell is not None else None  # ("Cell", "In[3]")
    return int(re.sub(r"\D", "", named[1])) if named else None
