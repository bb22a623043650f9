"""Processes that start at once compile a kernel once, and never meet half a file."""

import os
import subprocess
import sys
import types

import pytest

from minitf.kernels import compile, file_locks, objects
from minitf.kernels.processors import processor

PROGRAM = """
import minitf as tf
from minitf.kernels import compile
x = tf.placeholder(tf.float32, [None, 3])
with tf.Session() as session:
    y = session.run(tf.reduce_sum(tf.tanh(x) * 2.0, 1), {x: [[1, 2, 3]]})
print(round(float(y[0]), 4), len(compile.used), *compile.fresh)
"""


@pytest.mark.slow
def test_processes_that_start_at_once_share_the_work(tmp_path):
    settings = {"MINITF_CACHE": str(tmp_path), "MINITF_BUNDLES": "off", "MINITF_WARMUP": "off"}
    command, count = [sys.executable, "-c", PROGRAM], int(os.environ.get("MINITF_TEST_PROCESSES", 3))
    started = [
        subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.PIPE, text=True) for _ in range(count)
    ]
    answers = [process.communicate()[0].split() for process in started]
    assert {a[0] for a in answers} == {"5.4414"}
    used = int(answers[0][1])
    compiled = [name for a in answers for name in a[2:]]
    assert len(compiled) == len(set(compiled)) == used  # nothing was compiled twice
    (folder,) = tmp_path.iterdir()
    files = sorted(path.name for path in folder.iterdir())
    assert files == sorted([*(f"{name}.o" for name in compiled), "lock"])  # nothing half done is left


def test_a_folder_without_locks_keeps_nobody_out(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise OSError("no locks here")

    monkeypatch.setattr(file_locks, "_lock_posix", refuse)
    with file_locks.alone(str(tmp_path), "a"), file_locks.alone(str(tmp_path / "absent"), "b"):
        pass


def test_on_windows_the_lock_is_asked_for_until_it_is_given(tmp_path, monkeypatch):
    calls = []

    def locking(handle, mode, count):
        calls.append((mode, os.lseek(handle, 0, os.SEEK_CUR), count))
        if len(calls) == 1:
            raise OSError(36, "tried ten times")

    monkeypatch.setattr(file_locks, "fcntl", None)
    monkeypatch.setattr(file_locks, "msvcrt", types.SimpleNamespace(locking=locking, LK_LOCK=1, LK_UNLCK=0))
    with file_locks.alone(str(tmp_path), "name"):
        assert [mode for mode, _, _ in calls] == [1, 1]
    assert [mode for mode, _, _ in calls] == [1, 1, 0]
    assert len({place for _, place, _ in calls}) == 1 and all(count == 1 for _, _, count in calls)


def test_where_a_file_that_is_read_can_not_be_replaced_nothing_is_left_behind(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise PermissionError("Windows: another process reads it")

    monkeypatch.setenv("MINITF_CACHE", str(tmp_path))
    objects.folder.cache_clear()
    try:
        monkeypatch.setattr(objects.os, "replace", refuse)
        objects.store("name", b"code", [], processor())
        assert not list(tmp_path.rglob("*.new")) and not list(tmp_path.rglob("*.o"))
    finally:
        objects.folder.cache_clear()


def test_a_kernel_that_another_process_has_made_meanwhile_is_loaded(tmp_path, monkeypatch):
    monkeypatch.setenv("MINITF_CACHE", str(tmp_path))
    monkeypatch.setenv("MINITF_BUNDLES", "off")
    monkeypatch.setenv("MINITF_WARMUP", "off")
    objects.folder.cache_clear()
    try:
        made = compile.cached(compile.from_source("def f(x):\n    return x * 7\n", "f", {}))
        made.module = "minitf.somewhere"
        compile.c_address(made, ["int64"], "int64")
        monkeypatch.setattr(objects, "load", lambda *a, load=objects.load: load(*a) if len(a) == 3 else None)
        before = len(compile.fresh)
        assert objects.python_function(compile.c_address(made, ["int64"], "int64"), 1)(6) == 42
        assert len(compile.fresh) == before
    finally:
        objects.folder.cache_clear()
