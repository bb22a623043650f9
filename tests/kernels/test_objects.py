"""Compiled kernels on the disk: loaded without Numba, never stale, never trusted when damaged."""

import os
import subprocess
import sys

import numpy as np
import pytest

from minitf.kernels import compile, objects
from minitf.kernels.functions import Function, inline, kernel
from minitf.kernels.machine import Launch, Stretch
from minitf.kernels.processors import processor

PROGRAM = """
import sys
import minitf as tf
x = tf.placeholder(tf.float32, [None, 3])
y = tf.reduce_sum(tf.nn.softmax(tf.tanh(x) * 2.0))
with tf.Session() as sess:
    print(round(float(sess.run(y, {x: [[1, 2, 3], [4, 5, 6]]})), 4), "numba" in sys.modules)
"""


def run_program(folder):
    environment = os.environ | {"MINITF_CACHE": str(folder), "MINITF_BUNDLES": "off", "MINITF_WARMUP": "off"}
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment
    )
    return found.stdout.split()


@pytest.mark.slow
def test_the_second_process_needs_no_numba_and_a_damaged_file_is_made_again(tmp_path):
    assert run_program(tmp_path) == ["2.0", "True"]
    assert run_program(tmp_path) == ["2.0", "False"]
    paths = sorted(tmp_path.rglob("*.o"))
    assert paths
    for path in paths:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] + b"\0" + content[len(content) // 2 + 1 :])
    assert run_program(tmp_path) == ["2.0", "True"]
    assert run_program(tmp_path) == ["2.0", "False"]
    assert sorted(tmp_path.rglob("*.o")) == paths  # made again under the same names, nothing else left


def test_a_file_under_the_name_of_another_is_not_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(objects, "folder", lambda made_for: str(tmp_path))
    other, mine = "0" * 24, "1" * 24
    objects.store(other, f"code of minitf_{other}".encode(), (), processor())
    os.replace(tmp_path / f"{other}.o", tmp_path / f"{mine}.o")
    assert objects.read(tmp_path / f"{mine}.o") is not None and objects.load(mine, f"minitf_{mine}") is None


def words(source, scope=None):
    """A function of the machine made from source, as a user's file would hold it."""
    return Function(compile.from_source(source, "f", scope or {}), error_model="numpy")


def test_the_identity_changes_with_the_source_and_with_what_it_calls():
    def calling(body):
        inner = inline(compile.from_source(f"def inner(x):\n    return {body}\n", "inner", {}))
        return words("def f(x):\n    return inner(x)\n", {"inner": inner})

    assert compile.identity(calling("x + 1")) == compile.identity(calling("x + 1"))
    assert compile.identity(calling("x + 1")) != compile.identity(calling("x + 2"))
    with_constant = [words("def f(x):\n    return x + n\n", {"n": n}) for n in (1, 2)]
    assert compile.identity(with_constant[0]) != compile.identity(with_constant[1])


def test_a_function_is_compiled_once_and_called_from_python():
    function = words("def f(x, y):\n    return x * y - 1\n")
    function.module = "elsewhere"  # not kept on the disk
    call = objects.python_function(compile.c_address(function, ["int64", "int64"], "int64"), 2)
    assert (call(6, 7), call(-3, 5)) == (41, -16)


def test_what_an_exception_in_a_kernel_becomes():
    function = words("def f(x):\n    if x > 0:\n        raise ValueError\n    return 0\n")
    function.module = "elsewhere"
    call = objects.python_function(compile.c_address(function, ["int64"], "int64"), 1)
    assert (call(0), call(1)) == (0, 1)  # a status above 0: the kernel gave up


def test_a_kernel_is_an_ordinary_function_too():
    @kernel
    def double(x, out):
        for i in range(x.size):
            out[i] = 2 * x[i]

    out = np.empty(3, np.float32)
    double(np.float32([1, 2, 3]), out)
    np.testing.assert_array_equal(out, [2, 4, 6])
    double.py_func(np.float32([5, 6, 7]), out)
    np.testing.assert_array_equal(out, [10, 12, 14])


def test_a_folder_that_cannot_be_written_is_replaced(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MINITF_CACHE", str(tmp_path / "file"))
    objects.folder.cache_clear()
    try:
        found = objects.folder(processor())
        assert os.access(found, os.W_OK)
        assert not found.startswith(str(tmp_path))
    finally:
        objects.folder.cache_clear()


def test_a_reshape_in_a_kernel_needs_no_numba_when_it_runs(monkeypatch):
    @kernel
    def total(x, out):
        flat = x[1:3].reshape(-1)
        for i in range(flat.size):
            out[0] += flat[i]

    def forbidden():
        raise AssertionError("Numba's memory was asked for")

    monkeypatch.setattr(objects, "_numba_runtime", forbidden)
    x, out = np.arange(12, dtype=np.float32).reshape(4, 3), np.zeros(1, np.float32)
    assert Stretch([Launch(total, x, out)]).run() == -1
    assert out[0] == x[1:3].sum()
