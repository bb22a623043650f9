"""`minitf warmup`: standard programs, run in other processes, and what becomes of their kernels."""

import io

import pytest

from minitf import __main__ as command_line
from minitf.kernels import bundle, objects
from minitf.kernels.processors import processor
from minitf.warmup import bundling, command


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, in a package without bundles."""
    monkeypatch.setenv("MINITF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MINITF_WARMUP", "off")
    monkeypatch.setenv("MINITF_BUNDLES", "off")
    monkeypatch.setattr(bundle, "FOLDER", tmp_path / "compiled")
    objects.folder.cache_clear()
    bundle._content.cache_clear()
    yield tmp_path / "cache"
    objects.folder.cache_clear()
    bundle._content.cache_clear()


def test_standard_is_every_operation_with_kernels_and_every_usual_model():
    names = [name for name, _ in command.programs()]
    assert len(names) == len(set(names)) > 1000
    for name in ("Relu 0 float32", "MatMul 0 float64", "Mul 0 int32", "optimizer adam", "cell GRUCell", "pictures 0"):
        assert name in names


@pytest.mark.slow
def test_what_programs_need_lies_on_the_disk_afterwards(cache):
    output = io.StringIO()
    used = command.warm_up(1, output, wanted="Neg 0 float32")
    assert used == {path.stem for path in cache.rglob("*.o")} and used
    assert f"1 of 1 programs, {len(used)} kernels compiled" in output.getvalue()


def test_one_that_fails_is_told_and_keeps_no_other_from_running(monkeypatch):
    def fail():
        raise ValueError("no luck\nsecond line")

    monkeypatch.setattr(command, "programs", lambda: [("bad", fail)])
    monkeypatch.setattr(command.os, "nice", lambda change: 0)
    assert command._run(0) == ("bad", [], 0, "ValueError: no luck")


def test_every_processor_gets_its_bundle(cache, monkeypatch):
    names = [f"{n:024x}" for n in (1, 2, 3)]
    for name in names[:2]:
        objects.store(name, name.encode(), [], processor())
    objects.store(names[2], b"needs Numba", ["NRT_Allocate"], processor())
    monkeypatch.setattr(bundling, "warm_up", lambda: names)
    assert bundling.make() == 0
    target = bundle.path(processor())
    assert [bundle.find(target, name) for name in names] == [names[0].encode(), names[1].encode(), None]


def test_the_command(monkeypatch):
    calls = []
    monkeypatch.setattr(command, "warm_up", lambda *arguments: calls.append(arguments) or {"a kernel"})
    assert command_line.main(["warmup", "--quiet", "--processes", "3"]) == 0
    assert calls == [(3, None)]
