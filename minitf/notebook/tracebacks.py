"""Tracebacks in notebooks: the user's lines and the message, without minitf's own lines between them.

A student's mistake is in the cell, and the message says what it is.  `tracebacks("full")` shows every line, and
`%debug` walks through all of them in any case.
"""

import pathlib
import sysconfig

from minitf.notebook.live import kernel_shell

_PACKAGE = str(pathlib.Path(__file__).parents[1])
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_SHORT, _FULL = _CHOICES = ("short", "full")
_HINT = "(minitf's own lines are left out; tf.notebook.tracebacks('full') shows them)"
_chosen = {"tracebacks": _SHORT}


def tracebacks(choice=None):
    """tf.notebook.tracebacks: "short" leaves minitf's own lines out of a notebook's tracebacks, "full" shows them.

    Sets the choice where one is given, and returns the present one.  Raises ValueError for another word.
    """
    if choice is not None:
        if choice not in _CHOICES:
            raise ValueError(f"choice must be 'short' or 'full', got {choice!r}")
        _chosen["tracebacks"] = choice
    return _chosen["tracebacks"]


def shorten_tracebacks(shell):
    """Let `shell` show short tracebacks, unless its user has a way of showing them already."""
    if not shell.custom_exceptions:
        shell.set_custom_exc((Exception,), _structured)


def shorten_this_notebook():
    """`shorten_tracebacks` in the shell of a Jupyter kernel, if this is one."""
    shell = kernel_shell()
    if shell is not None:
        shorten_tracebacks(shell)


def _structured(shell, kind, error, traceback, tb_offset=None):
    """The lines that IPython shows for an exception."""
    chain = _chain(error)
    before = [each.__traceback__ for each in chain]
    short = _chosen["tracebacks"] == _SHORT
    try:
        if short:
            for each in chain:
                each.__traceback__ = without_own_frames(each.__traceback__)
            traceback = without_own_frames(traceback)
        lines = shell.InteractiveTB.structured_traceback(kind, error, traceback, tb_offset=tb_offset)
    finally:
        for each, whole in zip(chain, before, strict=True):
            each.__traceback__ = whole
    return [*lines, _HINT] if short and _frames(traceback) < _frames(error.__traceback__) else lines


def _chain(error):
    """The exception, its cause, the cause of that, and so on."""
    found = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def without_own_frames(traceback):
    """`traceback` without the lines of minitf and of libraries that it called; whole where nothing else is left."""
    kept, inside = [], False
    for part in _parts(traceback):
        file = part.tb_frame.f_code.co_filename
        inside = file.startswith(_PACKAGE) or (inside and file.startswith(_LIBRARIES))
        if not inside:
            kept.append(part)
    if not kept or all(_is_shells(part) for part in kept):
        return traceback
    rest = None
    for part in reversed(kept):
        rest = type(part)(rest, part.tb_frame, part.tb_lasti, part.tb_lineno)
    return rest


def _is_shells(part):
    """True for the lines of IPython that run a cell."""
    return part.tb_frame.f_globals.get("__name__", "").startswith("IPython.")


def _parts(traceback):
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _frames(traceback):
    return sum(1 for _ in _parts(traceback))
