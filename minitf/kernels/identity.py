"""What decides whether old machine code still serves: a hash of all the source that it was made of.

Machine code is kept under this name (see `objects.py`), so an edited kernel never meets stale code, and the kernels
beside it in the same file stay as they are.  (Numba's own cache looks at files, and only at the one in which a
kernel stands: it misses a change in a function that a kernel calls.)  Where the package lies on the machine, the
version of Python and the order in which things are found make no difference.
"""

import functools
import hashlib
import inspect
import linecache
import os
import pathlib
import time

import numpy as np

from minitf.kernels.functions import Function, Instruction, names_in, overloaded

_PACKAGE = str(pathlib.Path(__file__).parents[1]) + os.sep
_STARTED = time.time()  # a file that was changed later need not be what this process has imported
_PLAIN = (bool, int, float, complex, str, bytes, np.generic, np.dtype)


def identity(function):
    """A hash of a function's source, of all that it uses of this package, and of the constants among it."""
    seen, pending, facts = {}, [function], set()
    while pending:
        value = pending.pop()
        if id(value) not in seen:
            seen[id(value)] = value
            found, used = _look(value)
            facts.update(found)
            pending.extend(used)
    return hashlib.sha256(b"\0".join(sorted(facts))).hexdigest()[:24]


def functions_in(function):
    """{name: source} of a function, of what it calls of this package, and of what that calls, in this order."""
    seen, pending, found = {}, [function], {}
    while pending:
        value = pending.pop(0)
        if id(value) not in seen:
            seen[id(value)] = value
            if inspect.isfunction(value) and source_of(value) is not None:
                found[f"{value.__module__}.{value.__qualname__}"] = source_of(value)
            pending.extend(_look(value)[1])
    return found


def _look(value):
    """([bytes that decide what a value does], [what else it uses]) of a function, or of what a function mentions."""
    if isinstance(value, _PLAIN):
        return [repr(value).encode()], []
    if isinstance(value, np.ndarray):
        return [repr((value.dtype, value.shape)).encode() + value.tobytes()], []
    if isinstance(value, (tuple, list, set, frozenset)):
        return [], list(value)
    if isinstance(value, dict):
        return [], [*value, *value.values()]
    if isinstance(value, Function):
        return [], [value.py_func, *_chosen(value.options)]
    if isinstance(value, Instruction):
        return [], [value.definition]
    if inspect.isfunction(value):
        return _look_at_function(value)
    if isinstance(value, type) and value.__module__.startswith("minitf."):
        return ["".join(_lines(inspect.getfile(value))).encode()], []
    return [], [getattr(value, n) for n in ("py_func", "__wrapped__") if callable(value) and hasattr(value, n)]


@functools.cache
def _look_at_function(function):
    source = source_of(function)
    if source is None:
        return [], []
    choose, options = overloaded.get(function, (None, {}))
    return [source.encode(), *_edited(function.__code__)], [choose, *_chosen(options), *_mentioned(function)]


def _chosen(options):
    """Options for Numba."""
    return [_text(options)]


def _text(value):
    """As `repr`, the same in every process."""
    if isinstance(value, dict):
        return repr(sorted((name, _text(v)) for name, v in value.items()))
    return repr(sorted(value) if isinstance(value, (set, frozenset)) else value)


def source_of(function):
    """The lines of a function, its decorators among them; None for one that is not of this package.

    (`inspect.getsource` gives the same, 50 times slower.)
    """
    code = function.__code__
    if code.co_filename.startswith("<minitf "):
        return "".join(linecache.getlines(code.co_filename))
    if not code.co_filename.startswith(_PACKAGE):
        return None
    return "".join(_lines(code.co_filename)[code.co_firstlineno - 1 : _last_line(code)])


def _last_line(code):
    nested = [_last_line(c) for c in code.co_consts if inspect.iscode(c)]
    return max([end for _, end, _, _ in code.co_positions() if end is not None] + nested)


@functools.cache
def _lines(path):
    return pathlib.Path(path).read_text("utf-8").splitlines(keepends=True)


@functools.cache
def _changed_lately(path):
    return os.path.exists(path) and os.path.getmtime(path) > _STARTED


def _edited(code):
    """Where a file was changed while this process runs: the code that really runs here, whatever the file says now."""
    if not _changed_lately(code.co_filename):
        return []
    nested = [c for c in code.co_consts if inspect.iscode(c)]
    constants = [c for c in code.co_consts if not inspect.iscode(c)]
    return [code.co_code + repr((code.co_names, constants)).encode(), *(e for c in nested for e in _edited(c))]


def _mentioned(function):
    """The values of the names that a function's code, or code nested in it, uses from outside."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    outside = {**function.__globals__, **{name: cell.cell_contents for name, cell in cells}}
    names = [*names_in(function.__code__), *function.__code__.co_freevars]
    found = [outside[name] for name in names if name in outside]
    modules = [m for m in found if inspect.ismodule(m) and (getattr(m, "__file__", None) or "").startswith(_PACKAGE)]
    return [*found, *(getattr(m, name) for m in modules for name in names if hasattr(m, name))]
