"""What makes old machine code stale: an edit of a kernel or of what it uses, and nothing else."""

import importlib
import itertools
import os
import pathlib
import subprocess
import sys
import time

import numpy as np
import pytest

from minitf.kernels import compile, elementwise, identity, scalar_math
from minitf.kernels.functions import Function, inline

SOURCE = '''
import numpy as np
from minitf.kernels.functions import inline, kernel, overload
TABLE, N = np.arange(3), 2

@inline
def inner(x):
    return x + N

def chosen(x):
    return x

@overload(chosen)
def choose(x):
    return lambda x: x * 3

@kernel
def first(x, out):
    for i in range(x.size):
        out[i] = inner(x[i]) * TABLE[1]

@kernel
def second(x, out):
    for i in range(x.size):
        out[i] = chosen(x[i])
'''

NUMBERS = itertools.count()


@pytest.fixture
def identities(tmp_path, monkeypatch):
    """A function of edits (old, new) of SOURCE: the identities of `first` and `second` after them."""
    monkeypatch.setattr(identity, "_PACKAGE", str(tmp_path))
    monkeypatch.setattr(identity, "_STARTED", time.time() + 60)
    monkeypatch.syspath_prepend(tmp_path)

    def after(*edits):
        text = SOURCE
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        name = f"edited_{os.getpid()}_{next(NUMBERS)}"
        (tmp_path / f"{name}.py").write_text(text)
        module = importlib.import_module(name)
        return identity.identity(module.first), identity.identity(module.second)

    return after


def test_an_edit_concerns_what_uses_it_and_nothing_else(identities):
    first, second = identities()
    assert identities(("import numpy", "# a remark\nimport numpy")) == (first, second)
    for edit in (("x + N", "x - N"), ("N = np.arange(3), 2", "N = np.arange(3), 4"), ("arange(3)", "arange(4)"),
                 ("@inline", "@inline(fastmath={'nsz'})")):  # fmt: skip
        changed = identities(edit)
        assert changed[0] != first and changed[1] == second, edit
    for edit in (("x * 3", "x * 4"), ("= chosen(x[i])", "= chosen(x[0])")):
        changed = identities(edit)
        assert changed[0] == first and changed[1] != second, edit


def test_a_file_that_was_changed_under_a_running_process_gives_another_name(identities, monkeypatch):
    first, _ = identities()
    monkeypatch.setattr(identity, "_STARTED", time.time() - 3600)
    identity._changed_lately.cache_clear()
    assert identities()[0] != first
    identity._changed_lately.cache_clear()


def test_options_that_are_no_part_of_the_source_count():
    def scalar(x):
        return x

    made = [inline(elementwise.collapse, fastmath=f) for f in (False, {"nsz"}, {"nsz", "contract"})]
    assert len({identity.identity(f) for f in made}) == 3
    assert identity.identity(inline(scalar)) == identity.identity(inline(scalar))


def test_functions_in_a_module_that_a_function_names_are_followed():
    source = "def f(x):\n    return scalar_math.sigmoid(x)\n"
    made = Function(compile.from_source(source, "f", {"scalar_math": scalar_math}))
    found = identity.functions_in(made.py_func)
    assert "minitf.kernels.scalar_math.sigmoid" in found
    assert found["minitf.kernels.scalar_math.sigmoid"].rstrip().endswith("return one / (one + exp(-x))")


PRINT = """
from minitf.kernels import compile, elementwise, softmax, threads
from minitf.kernels.identity import identity
import minitf, minitf.ops.activations
print(identity(softmax.sparse_cross_entropy), identity(threads._serve), identity(compile._entry(softmax.softmax, ())))
"""


def test_neither_the_place_of_the_package_nor_the_seed_of_hashes_counts(tmp_path):
    package = pathlib.Path(compile.__file__).parents[1]
    (tmp_path / "minitf").symlink_to(package)
    found = set()
    for place, seed in ((package.parent, "1"), (tmp_path, "2")):
        environment = os.environ | {"PYTHONPATH": str(place), "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", PRINT]
        found.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert len(found) == 1 and len(found.pop().split()) == 3


def test_arrays_count_by_their_values():
    looked = [identity._look(np.array(v)) for v in ([1, 2], [1, 3], [1.0, 2.0])]
    assert len({facts[0] for facts, _ in looked}) == 3
