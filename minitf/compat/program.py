"""A program that somebody else wrote, run from its first line to its last as Python or Jupyter would."""

import json
import linecache
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType, TracebackType

from minitf.compat import era
from minitf.compat.finder import install

MAGIC = re.compile(r"^\s*(%|!|\?)")
FOREIGN_CELL = re.compile(r"^\s*%%(?!time|capture|prun|matplotlib)")  # %%bash, %%html ...: not Python


def run_program(path: str | Path, arguments: Sequence[str] = ()) -> int:
    """Run a `.py` file or the code cells of an `.ipynb` with `import tensorflow` meaning minitf.

    Args:
        path: the program. Its own modules are looked for in its folder; the working directory stays.
        arguments: what the program finds in `sys.argv[1:]`.

    Returns:
        The exit status: 0, what the program passed to `sys.exit`, or 1 after an exception, whose traceback is
        printed from the program's own first line on.

    Raises:
        FileNotFoundError: there is no such program.
    """
    blocks = list(read_blocks(Path(path)))
    install()
    era.restore_names()
    return execute(Path(path), blocks, arguments)


def read_blocks(path: Path) -> Iterator[tuple[str, str]]:
    """The (label, source) of each piece of a program: a file is one piece, a notebook one a code cell."""
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix != ".ipynb":
        yield str(path), text
        return
    notebook = json.loads(text)
    cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]  # format 4, 3
    code = (cell for cell in cells if cell["cell_type"] == "code")
    for number, cell in enumerate(code, start=1):
        source = "".join(cell.get("source", cell.get("input", "")))
        if not FOREIGN_CELL.match(source):
            yield f"{path}[cell {number}]", without_magics(source)


def without_magics(source: str) -> str:
    """Blank the lines that speak to Jupyter or the shell, so that line numbers stay."""
    return "\n".join("" if MAGIC.match(line) else line for line in source.split("\n"))


def execute(path: Path, blocks: Sequence[tuple[str, str]], arguments: Sequence[str] = ()) -> int:
    """Run blocks of source one after the other in one `__main__`; see `run_program`."""
    main = ModuleType("__main__")
    main.__file__ = str(path)
    saved = sys.modules["__main__"], sys.argv
    sys.modules["__main__"], sys.argv = main, [str(path), *arguments]
    sys.path.insert(0, str(path.resolve().parent))
    try:
        for label, source in blocks:
            _execute_block(main, label, source)
        return 0
    except SystemExit as stop:
        return _exit_status(stop)
    except BaseException as error:
        error.__traceback__ = _from_program(error.__traceback__)
        traceback.print_exception(error)
        return 1
    finally:
        sys.modules["__main__"], sys.argv = saved
        with suppress(ValueError):  # the program may have put its own path there
            sys.path.remove(str(path.resolve().parent))


def _execute_block(main: ModuleType, label: str, source: str) -> None:
    code, compiled_text = era.compile_old(source, label)
    if compiled_text is not source:
        for name, value in era.PYTHON2_NAMES.items():
            main.__dict__.setdefault(name, value)
    linecache.cache[label] = (len(compiled_text), None, compiled_text.splitlines(keepends=True), label)
    exec(code, main.__dict__)


def _exit_status(stop: SystemExit) -> int:
    if stop.code is None or isinstance(stop.code, int):
        return stop.code or 0
    print(stop.code, file=sys.stderr)
    return 1


def _from_program(trace: TracebackType | None) -> TracebackType | None:
    """Drop the frames of this file from the top of a traceback: they are not the program's."""
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace
