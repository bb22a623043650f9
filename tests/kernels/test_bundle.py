"""Compiled kernels that come with the package, and what serves where none fit."""

import os
import subprocess

import pytest

from minitf.kernels import bundle, compile, objects, processors
from minitf.kernels.functions import Function
from minitf.kernels.processors import LEVELS, Processor

V4, V3, V2 = LEVELS
NAMES = [f"{n:024x}" for n in (7, 1, 2**95, 3)]


def test_what_was_written_is_found_and_nothing_else(tmp_path):
    target = tmp_path / "folder" / "some.objects"
    bundle.write(target, {name: name.encode() * 9 for name in NAMES})
    for name in NAMES:
        assert bundle.find(target, name) == name.encode() * 9
    assert bundle.find(target, f"{8:024x}") is None
    assert bundle.count(target) == 4
    assert bundle.find(tmp_path / "absent", NAMES[0]) is None


@pytest.mark.parametrize("damage", [lambda c: c[:-5], lambda c: b"x" + c[1:], lambda c: c[:30], lambda c: b"",
                                    lambda c: c[:-9] + bytes(9), lambda c: c[:99] + bytes(9) + c[108:]])  # fmt: skip
def test_a_damaged_bundle_gives_nothing_wrong(tmp_path, damage):
    target = tmp_path / "some.objects"
    bundle.write(target, {name: name.encode() * 9 for name in NAMES})
    target.write_bytes(damage(target.read_bytes()))
    for name in NAMES:
        assert bundle.find(target, name) in (None, name.encode() * 9)
    assert bundle.find(target, max(NAMES)) is None


def test_the_level_of_a_machine():
    every = {name: True for needed in LEVELS.values() for name in needed}
    assert processors.level(every, "x86_64") is V4 or processors.level(every, "x86_64") == V4
    assert processors.level(every | {"avx512vl": False}, "AMD64") == V3
    assert processors.level(every | {"avx512vl": False, "fma": False}, "x86_64") == V2
    assert processors.level({"sse3": True}, "x86_64") is None
    assert processors.level(every, "arm64") is None


def test_environment_variables_choose_as_they_do_for_numba(monkeypatch):
    monkeypatch.setenv("NUMBA_CPU_NAME", "x86-64-v2")
    monkeypatch.setenv("NUMBA_CPU_FEATURES", "")
    assert processors.processor() == V2
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    assert processors.processor() == Processor("generic", "")


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A function made of source, whose compiled form is in a bundle."""
    if not bundle.serves():
        pytest.skip("bundles are for Linux on x86-64")
    monkeypatch.setattr(bundle, "FOLDER", tmp_path / "compiled")
    monkeypatch.delenv("MINITF_BUNDLES", raising=False)
    monkeypatch.setenv("MINITF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MINITF_WARMUP", "off")
    objects.folder.cache_clear()
    bundle._content.cache_clear()

    def make(body):
        made = Function(compile.from_source(f"def f(x):\n    return {body}\n", "f", {}), error_model="numpy")
        made.module = "minitf.somewhere"
        return made

    compile.c_address(make("x + 41"), ["int64"], "int64")
    (path,) = (tmp_path / "cache").rglob("*.o")
    bundle.write(bundle.path(processors.processor()), {path.stem: objects.read(path)})
    path.unlink()
    bundle._content.cache_clear()
    yield make
    objects.folder.cache_clear()
    bundle._content.cache_clear()


def called(function, x):
    return objects.python_function(compile.c_address(function, ["int64"], "int64"), 1)(x)


def test_a_shipped_kernel_is_not_compiled_and_an_edited_one_is(shipped, tmp_path):
    before = list(compile.fresh)
    assert called(shipped("x + 41"), 1) == 42
    assert compile.fresh == before
    assert not list((tmp_path / "cache").rglob("*.o"))
    assert called(shipped("x + 42"), 1) == 43
    assert len(compile.fresh) == len(before) + 1


def test_another_processor_compiles_and_starts_one_process_that_compiles_the_rest(shipped, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    monkeypatch.delenv("MINITF_WARMUP")
    monkeypatch.setattr(bundle, "serves", lambda: False)  # as on arm64
    for constant in (50, 51):
        objects.warm_up_once.cache_clear()  # as in another process
        assert called(shipped(f"x + {constant}"), 1) == constant + 1
    (command,) = started
    assert command[1:4] == ["-m", "minitf", "warmup"]


def test_a_checkout_without_bundles_starts_nothing(shipped, tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    monkeypatch.delenv("MINITF_WARMUP")
    monkeypatch.setattr(bundle, "FOLDER", tmp_path / "nothing")
    objects.warm_up_once.cache_clear()
    assert called(shipped("x + 60"), 1) == 61


@pytest.mark.skipif(os.name != "posix", reason="how others are kept out is a matter of Unix")
def test_a_temporary_folder_that_others_could_write_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(objects.tempfile, "gettempdir", lambda: str(tmp_path))
    mine = tmp_path / f"minitf-{os.getuid()}"
    assert objects._temporary("x") == str(mine / "x")
    mine.chmod(0o777)
    assert not objects._temporary("x").startswith(str(mine))
