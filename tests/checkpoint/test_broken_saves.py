"""Saves that break off, at each of their steps, on every kind of storage; the process lives on, or is gone."""

import errno
import io
import itertools
import logging
import os

import pytest

import minitf as tf
from minitf import errors
from minitf.checkpoint.disk import Disk
from minitf.checkpoint.storage import storage_of

fsspec = pytest.importorskip("fsspec")
from fsspec.implementations.memory import MemoryFileSystem  # noqa: E402

WAYS = {"a new step": {"steps": True, "max_to_keep": 1}, "the same name": {"steps": False}}


class Fuse:
    """Burns through at one step: before it is done, or behind it; `dead`: nothing works from then on."""

    def __init__(self):
        self.at = None

    def set(self, at, behind=False, dead=False):
        self.at, self.behind, self.dead, self.count = at, behind, dead, 0

    def __call__(self, action, *args, **kw):
        if self.at is None:
            return action(*args, **kw)
        number, self.count = self.count, self.count + 1
        if number < self.at or (number > self.at and not self.dead):
            return action(*args, **kw)
        if number == self.at and self.behind:
            made = action(*args, **kw)
            if hasattr(made, "close"):  # nobody gets to know it
                made.close()
        raise OSError(errno.ENOSPC, "No space left on device", "somewhere")


FUSE = Fuse()


def fused(monkeypatch, kind, names):
    for name in names:
        method = getattr(kind, name)
        monkeypatch.setattr(kind, name, lambda *args, method=method, **kw: FUSE(method, *args, **kw))


class Growing(io.BytesIO):
    """A file of HDFS in the making: others see half of it before it is closed."""

    def __init__(self, system, path):
        super().__init__()
        self._system, self._path = system, path

    def close(self):
        if not self.closed:
            content = self.getvalue()
            self._system.put(self._path, content[: len(content) // 2])
            FUSE(self._system.put, self._path, content)
        super().close()


class Files(MemoryFileSystem):
    """As HDFS: files grow, and a rename does nothing, without a word, where the new name is taken."""

    protocol, store, pseudo_dirs = "growing", {}, [""]

    def put(self, path, content):
        MemoryFileSystem.pipe_file(self, path, content)

    def open(self, path, mode="rb", **kw):
        if mode == "wb" and "data" not in kw:
            FUSE(self.put, path, b"")
            return Growing(self, self._strip_protocol(path))
        return super().open(path, mode, **kw)

    def pipe_file(self, path, value, **kw):
        with self.open(path, "wb") as file:
            file.write(value)

    def rm_file(self, path):
        FUSE(super().rm_file, path)

    def mv(self, old, new, **kw):
        def move():
            if not self.exists(new):
                self.store[self._strip_protocol(new)] = self.store.pop(self._strip_protocol(old))

        FUSE(move)


@pytest.fixture(params=["local", "objects", "files"])
def folder(request, monkeypatch, tmp_path):
    logging.getLogger("tensorflow").setLevel(logging.CRITICAL)
    if request.param == "local":
        steps = ["create", "write", "sync", "rename", "link", "remove", "sync_folder"]
        fused(monkeypatch, Disk, steps)
        monkeypatch.setattr(os, "fsync", lambda file: None)  # takes long, and tells this test nothing
        yield str(tmp_path)
    elif request.param == "objects":
        fused(monkeypatch, MemoryFileSystem, ["pipe_file", "cp_file", "rm_file"])
        yield "memory://run"
        MemoryFileSystem.store.clear()
    else:
        fsspec.register_implementation("growing", Files, clobber=True)
        yield "growing://run"
        Files.store.clear()
    FUSE.set(None)
    logging.getLogger("tensorflow").setLevel(logging.NOTSET)


def restored(folder):
    path = tf.train.latest_checkpoint(folder)
    return None if path is None else int(tf.train.load_variable(path, "v"))


def clear(folder):
    store, path = storage_of(folder)
    for name in store.list(path):
        store.remove(f"{path}/{name}")


def attempts(folder, steps, behind=False, dead=False, **settings):
    """Save 1, then 2 with the fuse at step 0, 1, ...; yields (session, variable, saver, its error or None)."""
    for at in itertools.count():
        FUSE.set(None)
        clear(folder)
        tf.reset_default_graph()
        v = tf.Variable(1, name="v")
        saver = tf.train.Saver(**settings)
        with tf.Session() as session:
            session.run(v.initializer)
            saver.save(session, f"{folder}/model", global_step=1 if steps else None)
            session.run(v.assign(2))
            FUSE.set(at, behind, dead)
            error = None
            try:
                saver.save(session, f"{folder}/model", global_step=2 if steps else None)
            except errors.OpError as raised:
                error = raised
            burnt = FUSE.count > at
            FUSE.set(None)
            yield session, v, saver, error
            if not burnt:
                return


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_a_process_that_lives_on(folder, way, behind):
    """It is told, a checkpoint is there, nothing is left over, and the next save works."""
    tried = 0
    for session, v, saver, error in attempts(folder, behind=behind, **WAYS[way]):
        tried += 1
        assert restored(folder) in ((1, 2) if error else (2,))
        assert error is None or isinstance(error, errors.ResourceExhaustedError)
        store, path = storage_of(folder)
        assert behind or [name for name in store.list(path) if ".tmp-" in name] == []
        session.run(v.assign(3))
        saver.save(session, f"{folder}/model", global_step=3 if WAYS[way]["steps"] else None)
        assert restored(folder) == 3
    print(f"{way}: {tried} steps")
    assert tried > 4


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_a_process_that_dies(folder, way, behind):
    """A checkpoint is there; the process that comes after restores it and saves again."""
    tried = 0
    for session, v, _, error in attempts(folder, behind=behind, dead=True, **WAYS[way]):
        tried += 1
        found = restored(folder)
        assert found in ((1, 2) if error else (2,))
        again = tf.train.Saver(max_to_keep=1)
        again.restore(session, tf.train.latest_checkpoint(folder))
        assert session.run(v) == found
        session.run(v.assign(3))
        again.save(session, f"{folder}/model", global_step=3 if WAYS[way]["steps"] else None)
        assert restored(folder) == 3
    assert tried > 4


def test_what_was_overwritten_in_vain_is_restored_by_its_own_name(folder):
    """A program that knows only the path, and not the state file, finds the old values as well."""
    for session, v, saver, error in attempts(folder, dead=True, **WAYS["the same name"]):
        saver.restore(session, f"{folder}/model")
        assert session.run(v) in ((1, 2) if error else (2,))
