"""After a crash: what is cleaned up, and which checkpoint is taken where the newest is broken."""

import errno
import logging
import os
import subprocess
import sys
import time

import numpy as np
import pytest

import minitf as tf
from minitf import errors
from minitf.checkpoint.disk import Disk
from minitf.checkpoint.storage import temporary_name


@pytest.fixture
def messages():
    found = []
    handler = logging.Handler()
    handler.emit = lambda record: found.append(record.getMessage())
    logging.getLogger("tensorflow").addHandler(handler)
    yield found
    logging.getLogger("tensorflow").removeHandler(handler)


@pytest.fixture
def saved(tmp_path):
    """A folder with the checkpoints model-1, -2 and -3, in which `v` is 1, 2 and 3."""
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(0, name="v")
        saver = tf.train.Saver()
        for step in (1, 2, 3):
            session.run(v.assign(step))
            saver.save(session, str(tmp_path / "model"), global_step=step)
    return tmp_path


def newest(folder):
    path = tf.train.latest_checkpoint(str(folder))
    return path and int(tf.train.load_variable(path, "v"))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"model_checkpoint_path: ", b"no {", bytes(9)], ids=repr)
def test_a_damaged_state_file(saved, messages, content):
    (saved / "checkpoint").write_bytes(content)
    assert newest(saved) == 3
    assert any("is damaged" in m and "model-3" in m for m in messages)
    assert tf.train.load_checkpoint(str(saved)).get_tensor("v") == 3


@pytest.mark.parametrize("break_it", [
    lambda f: os.remove(f / "model-3.index"), lambda f: os.remove(f / "model-3.data-00000-of-00001"),
    lambda f: (f / "model-3.index").write_bytes(b""), lambda f: (f / "model-3.data-00000-of-00001").write_bytes(b""),
    lambda f: (f / "model-3.index").write_bytes(b"x" * 200),
], ids=["no index", "no data", "empty index", "empty data", "another index"])  # fmt: skip
def test_a_broken_newest_checkpoint(saved, messages, break_it):
    break_it(saved)
    assert newest(saved) == 2
    assert any("model-3, which is missing or damaged" in m and "model-2" in m for m in messages)


def test_no_state_file_means_no_checkpoint(saved):
    """As in TensorFlow: without it, nobody said that these files are a run to go on with."""
    os.remove(saved / "checkpoint")
    assert tf.train.latest_checkpoint(str(saved)) is None


def test_nothing_whole_is_told_when_it_is_restored(saved):
    """None would begin the training anew, and overwrite what might be saved."""
    for step in (1, 2, 3):
        (saved / f"model-{step}.data-00000-of-00001").write_bytes(b"")
    path = tf.train.latest_checkpoint(str(saved))
    assert path.endswith("model-3")
    with pytest.raises(tf.errors.DataLossError):
        tf.train.load_checkpoint(path)


def test_a_folder_that_was_moved(saved, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "run"
    os.rename(saved, other)
    assert newest(other) == 3
    os.rename(other, saved)


def test_a_session_goes_on_from_what_is_whole(saved):
    (saved / "checkpoint").write_bytes(b"")
    os.remove(saved / "model-3.index")
    with tf.Graph().as_default():
        v = tf.Variable(0, name="v")
        saver = tf.train.Saver()
        manager = tf.train.SessionManager()
        session = manager.prepare_session("", init_op=v.initializer, saver=saver, checkpoint_dir=str(saved))
        assert session.run(v) == 2
        session.close()


def draft(path, content=b"half", process=None, machine=None):
    """A temporary file, as of this process unless told otherwise."""
    name = temporary_name(str(path))
    head, _, end = name.rpartition(".tmp-")
    own_machine, own_process, rest = end.split("-")
    name = f"{head}.tmp-{machine or own_machine}-{process or own_process}-{rest}"
    with open(name, "wb") as file:
        file.write(content)
    return name


@pytest.fixture
def dead_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_is_cleaned_up(saved, dead_process):
    ours = [
        draft(saved / name, process=dead_process)
        for name in ("model-9.index", "model.data-00000-of-00001", "model-9.meta", "checkpoint")
    ]
    old = draft(saved / "model-8.index", machine="00000000")
    for name in ("model-7_temp", "model-8_temp", "other_temp"):
        (saved / name).mkdir()
        (saved / name / "part-00000-of-00002.index").write_bytes(b"half")
    for path in (old, saved / "model-7_temp", saved / "other_temp"):
        os.utime(path, (time.time() - 90000,) * 2)
    stay = [
        saved / "model-8_temp", saved / "other_temp",
        draft(saved / "model-9.index"),  # of a process that lives
        draft(saved / "model-9.index", machine="00000000"),  # of another machine, and new
        draft(saved / "another-9.index", process=dead_process),  # of another saver
        str(saved / "model-9.index.tmp-what"),  # of somebody else
    ]
    (saved / "model-9.index.tmp-what").write_bytes(b"")
    with tf.Graph().as_default(), tf.Session() as session:
        session.run(tf.Variable(0, name="v").initializer)
        tf.train.Saver().save(session, str(saved / "model"), global_step=4)
    assert not any(map(os.path.exists, [*ours, old, saved / "model-7_temp"]))
    assert all(map(os.path.exists, stay))


def test_what_is_kept_of_an_overwritten_one_goes_when_it_is_complete(tmp_path):
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(1, name="v")
        session.run(v.initializer)
        saver = tf.train.Saver()
        path = saver.save(session, str(tmp_path / "model"))
        for end in ("index", "data-00000-of-00001"):
            os.rename(f"{path}.{end}", f"{path}.previous.{end}")  # as if overwriting it had been broken off
        assert newest(tmp_path) == 1
        saver.restore(session, path)
        saver.save(session, path)
        assert newest(tmp_path) == 1 and not [n for n in os.listdir(tmp_path) if "previous" in n]


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ImportError, match=r"minitf\[s3\]"):
        tf.train.latest_checkpoint("s3://bucket/run")


def test_an_unknown_scheme():
    pytest.importorskip("fsspec")
    with pytest.raises(OSError, match="nowhere"):
        tf.train.checkpoint_exists("nowhere://bucket/run")


def test_what_can_t_be_cleaned_is_told(saved, messages, monkeypatch, dead_process):
    draft(saved / "model-9.index", process=dead_process)
    remove = os.unlink

    def refuse(path):
        if ".tmp-" in str(path):
            raise PermissionError(13, "Permission denied", path)
        remove(path)

    monkeypatch.setattr(os, "unlink", refuse)
    with tf.Graph().as_default(), tf.Session() as session:
        session.run(tf.Variable(0, name="v").initializer)
        tf.train.Saver().save(session, str(saved / "model"), global_step=4)
    assert any("Permission denied" in m for m in messages)


@pytest.mark.parametrize("prefix", ["model", "./model", "file://{}/model"])
@pytest.mark.parametrize("links", [True, False], ids=["", "no links"])
def test_other_ways_to_write_a_path(tmp_path, monkeypatch, prefix, links):
    """Relative to the working folder; and on a file system that has no second names for a file."""
    monkeypatch.chdir(tmp_path)
    if not links:
        monkeypatch.setattr(os, "link", lambda *names: (_ for _ in ()).throw(PermissionError(1, "not permitted")))
    prefix = prefix.format(tmp_path)
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(0, name="v")
        saver = tf.train.Saver()
        for value in (1, 2):
            session.run(v.assign(value))
            assert saver.save(session, prefix) == prefix
            assert newest(prefix.removesuffix("/model") if "/" in prefix else ".") == value
        saver.restore(session, prefix)
    assert sorted(os.listdir()) == ["checkpoint", "model.data-00000-of-00001", "model.index", "model.meta"]


SAVES_AGAIN_AND_AGAIN = """
import sys
import numpy as np
import minitf as tf
value = float(sys.argv[2])
variables = [tf.Variable(np.full(size, value, np.float32), name=name) for name, size in (("v", 50_000), ("w", 3))]
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(25):
        tf.train.Saver().save(session, sys.argv[1])
"""


def test_processes_that_save_under_one_name_take_turns(tmp_path):
    """Whose checkpoint stays is chance, but it is one of theirs, whole."""
    commands = [[sys.executable, "-c", SAVES_AGAIN_AND_AGAIN, str(tmp_path / "m"), str(i)] for i in (1, 2)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    for process in running:
        assert process.communicate(timeout=120)[1] == "" and process.returncode == 0
    reader = tf.train.load_checkpoint(str(tmp_path))
    assert len(np.unique(np.concatenate([reader.get_tensor("v"), reader.get_tensor("w")]))) == 1
    assert sorted(os.listdir(tmp_path)) == ["checkpoint", "m.data-00000-of-00001", "m.index", "m.meta"]


def test_a_disk_without_room_for_the_data_is_told_before_it_is_written(tmp_path, monkeypatch):
    with tf.Graph().as_default(), tf.Session() as session:
        session.run(tf.Variable(1.0).initializer)
        saver = tf.train.Saver()
        first = saver.save(session, str(tmp_path / "m"), 1)

        def no_room(self, file, size):
            raise OSError(errno.ENOSPC, "No space left on device", file.name)

        monkeypatch.setattr(Disk, "reserve", no_room)
        monkeypatch.setattr(Disk, "write", lambda *_: pytest.fail("something was written"))
        with pytest.raises(errors.ResourceExhaustedError):
            saver.save(session, str(tmp_path / "m"), 2)
        assert tf.train.latest_checkpoint(str(tmp_path)) == first and len(os.listdir(tmp_path)) == 4
