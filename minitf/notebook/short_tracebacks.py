"""Tracebacks in notebooks: the user's lines and the message, without minitf's own lines between them.

A student's mistake is in the cell, and the message says what it is.  `tracebacks("full")` shows every line, and
`%debug` walks through all of them in any case.
"""

import contextlib
import functools
import pathlib
import sysconfig

from minitf.notebook.view import kernel_shell

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
    """Let an IPython shell show short tracebacks."""
    formatter = shell.InteractiveTB
    plain = formatter.structured_traceback

    @functools.wraps(plain)
    def structured_traceback(kind=None, error=None, traceback=None, *arguments, **options):
        if _chosen["tracebacks"] == _FULL or error is None:
            return plain(kind, error, traceback, *arguments, **options)
        with _shortened(_chain(error)):
            short = without_own_frames(traceback)
            lines = plain(kind, error, short, *arguments, **options)
        return [*lines, _HINT] if _count(short) < _count(traceback) else lines

    formatter.structured_traceback = structured_traceback


def shorten_this_notebook():
    """`shorten_tracebacks` in the shell of a Jupyter kernel, if this is one."""
    shell = kernel_shell()
    if shell is not None:
        shorten_tracebacks(shell)


@contextlib.contextmanager
def _shortened(errors):
    """Inside of the `with` their tracebacks are short, and causes that the user has no part in are out of sight."""
    whole = [(each.__traceback__, each.__cause__, each.__suppress_context__) for each in errors]
    try:
        for each, below in zip(errors, [*errors[1:], None], strict=True):
            if below is not None and not _kept(below.__traceback__):
                each.__cause__ = None  # which suppresses the context, too
        for each in errors:
            each.__traceback__ = without_own_frames(each.__traceback__)
        yield
    finally:
        for each, (traceback, cause, suppressed) in zip(errors, whole, strict=True):
            each.__traceback__, each.__cause__ = traceback, cause
            each.__suppress_context__ = suppressed


def _chain(error):
    """The exception, its cause, the cause of that, and so on."""
    found = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def without_own_frames(traceback):
    """`traceback` without the lines of minitf and of libraries that it called; whole where nothing else is left."""
    kept = _kept(traceback)
    if not kept:
        return traceback
    rest = None
    for part in reversed(kept):
        rest = type(part)(rest, part.tb_frame, part.tb_lasti, part.tb_lineno)
    return rest


def _kept(traceback):
    """The parts that are the user's, with IPython's around them; none where there is no user's."""
    kept, inside = [], False
    for part in _parts(traceback):
        file = part.tb_frame.f_code.co_filename
        inside = file.startswith(_PACKAGE) or (inside and file.startswith(_LIBRARIES))
        if not inside:
            kept.append(part)
    return kept if any(not _is_shells(part) for part in kept) else []


def _is_shells(part):
    """True for the lines of IPython that run a cell."""
    return part.tb_frame.f_globals.get("__name__", "").startswith("IPython.")


def _parts(traceback):
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _count(traceback):
    return sum(1 for _ in _parts(traceback))
