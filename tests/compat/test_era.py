"""Python 2 and old notebooks: translated so that they mean what they meant."""

import json

import numpy as np
import pytest

from minitf.compat import era, program


def run(source):
    """What a Python 2 source prints, as a list of lines."""
    import contextlib
    import io

    out = io.StringIO()
    code, _ = era.compile_old(source, "old.py")
    with contextlib.redirect_stdout(out):
        exec(code, dict(era.PYTHON2_NAMES))
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("print 'a', 1 + 1", ["a 2"]),
        ("print 1\nprint", ["1", ""]),
        ("print 'a',\nprint 'b'", ["a b"]),
        ("print ('%d' % 3); print 'x'", ["3", "x"]),
        ("print ('a', 'b')\nprint 1", ["('a', 'b')", "1"]),
        ("if 1: print 'one'\nelse: print 'two'", ["one"]),
        ("for i in xrange(2):\n\tprint i, \\\n\t\t-i", ["0 0", "1 -1"]),
        ("try:\n  1 / 0\nexcept ZeroDivisionError, e:\n  print e", ["division by zero"]),
        ("import sys\nprint 1\nprint >>sys.stdout, 'there'", ["1", "there"]),
        ("print 'print x', {'a': [1,\n 2]}  # comment", ["print x {'a': [1, 2]}"]),
    ],
)
def test_python2(source, lines):
    """Statements of Python 2 print what they printed."""
    assert run(source) == lines


def test_python3_is_left_alone():
    """A source that compiles is compiled as it stands."""
    source = "print('a',\n      end='')"
    assert era.compile_old(source, "new.py")[1] is source


def test_neither_2_nor_3():
    """The error of a source that is neither speaks of the source as it stands."""
    with pytest.raises(SyntaxError) as caught:
        era.compile_old("x = 1\ny = = 2\n", "wrong.py")
    assert caught.value.lineno == 2


def test_numpy_names():
    """Names that NumPy dropped come back; those it has keep their meaning."""
    before = np.sum
    era.restore_names()
    assert np.float is float
    assert np.asfarray([1, 2]).dtype == np.float64
    assert np.cast["int32"](2.7) == 2
    assert np.sum is before


@pytest.mark.parametrize("version", [3, 4])
def test_notebook(tmp_path, capsys, version):
    """Code cells run in order in one namespace, without their magics."""
    cells = [
        {"cell_type": "markdown", "source": ["text"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!ls\n", "x = 2"], "input": ["x = 2"]},
        {"cell_type": "code", "source": ["%%bash\n", "exit 1"], "input": ["pass"]},
        {"cell_type": "code", "source": ["print(x + 1)"], "input": ["print(x + 1)"]},
    ]
    path = tmp_path / "notebook.ipynb"
    path.write_text(json.dumps({"cells": cells} if version == 4 else {"worksheets": [{"cells": cells}]}))
    assert program.execute(path, list(program.read_blocks(path))) == 0
    assert capsys.readouterr().out == "3\n"
