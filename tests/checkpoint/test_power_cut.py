"""Wherever the power fails during a save, a checkpoint can be restored: the real steps of real saves are tried."""

import logging
import os
import shutil

import pytest

import minitf as tf
from minitf import errors
from minitf.checkpoint import storage
from tests.checkpoint.power_cut import RecordingDisk, crash_states, read_tree

WAYS = {
    "a new step": {"steps": True, "max_to_keep": 1},
    "the same name": {"steps": False},
    "a new step, in shards": {"steps": True, "max_to_keep": 1, "sharded": True},
    "the same name, in shards": {"steps": False, "sharded": True},
}


@pytest.fixture(autouse=True)
def quiet():
    """Falling back is reported each time; here that would be thousands of lines."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(level)


def record(monkeypatch, folder, steps, **settings):
    """Save twice; returns the files before the second save, and the steps of the second save."""
    tf.reset_default_graph()
    with tf.device("/cpu:0"):
        v = tf.Variable(1, name="v")
    with tf.device("/cpu:1"):
        w = tf.Variable(1.0, name="w")
    saver = tf.train.Saver(**settings)
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as session:
        session.run(tf.global_variables_initializer())
        saver.save(session, f"{folder}/model", global_step=1 if steps else None)
        before = read_tree(folder)
        session.run([v.assign(2), w.assign(2.0)])
        disk = RecordingDisk()
        monkeypatch.setattr(storage.LOCAL, "disk", disk)
        saver.save(session, f"{folder}/model", global_step=2 if steps else None)
        monkeypatch.undo()
    return before, disk.log


def write_tree(folder, files):
    shutil.rmtree(folder)
    for path, content in files.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)


def restored(folder):
    """Which of the two saves can be restored; None: neither."""
    try:
        path = tf.train.latest_checkpoint(folder)
        if path is None:
            return None
        reader = tf.train.load_checkpoint(path)
        values = {int(reader.get_tensor(name)) for name in ("v", "w")}
    except (errors.OpError, ValueError):
        return None
    return values.pop() if len(values) == 1 else None


def faults(folder, before, log):
    """For every crash state: "" where all is well, else what is wrong."""
    for state, finished in crash_states(before, log):
        write_tree(folder, state)
        found = restored(folder)
        yield "lost" if found is None else "forgotten" if finished and found != 2 else ""


@pytest.mark.parametrize("way", WAYS)
def test_no_cut_loses_a_checkpoint(monkeypatch, tmp_path, way):
    folder = str(tmp_path / "run")
    os.mkdir(folder)
    found = list(faults(folder, *record(monkeypatch, folder, **WAYS[way])))
    print(f"{way}: {len(found)} crash states")
    assert len(found) > 20 and set(found) == {""}


@pytest.mark.parametrize("left_out", ["sync", "sync_folder"])
def test_the_model_finds_what_is_missing(monkeypatch, tmp_path, left_out):
    """Without one kind of sync, a cut would lose something: so the model can fail."""
    folder = str(tmp_path / "run")
    os.mkdir(folder)
    before, log = record(monkeypatch, folder, **WAYS["the same name"])
    assert any(faults(folder, before, [step for step in log if step[0] != left_out]))


def test_the_state_file_comes_last(monkeypatch, tmp_path):
    _, log = record(monkeypatch, str(tmp_path), **WAYS["a new step"])
    published = [os.path.basename(step[2]) for step in log if step[0] == "rename"]
    assert published == ["model-2.data-00000-of-00001", "model-2.index", "model-2.meta", "checkpoint"]
    state = max(i for i, step in enumerate(log) if step[0] == "rename")
    assert all(i > state for i, step in enumerate(log) if step[0] == "remove")
    assert log[state + 1] == ("sync_folder", str(tmp_path))


def test_the_same_step_again_is_never_half_new(monkeypatch, tmp_path):
    """No state has the old index beside the new data: the index of an overwritten checkpoint goes first."""
    before, log = record(monkeypatch, str(tmp_path), **WAYS["the same name"])
    index, data = (str(tmp_path / f"model{end}") for end in (".index", ".data-00000-of-00001"))
    final = {step[2]: i for i, step in enumerate(log) if step[0] == "rename"}
    new = {before[index]: before[data]}
    for state, _ in crash_states(before, log):
        if state.get(index) == before[index]:
            assert state[data] == new[before[index]]
    assert final[data] < final[index]
