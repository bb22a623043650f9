"""Checkpoints: the header alone, rehearsals, differences, health."""

import numpy as np
import pytest

import minitf as tf
from minitf.observe import checkpoints as module
from minitf.observe.checkpoints import Checkpoint, difference, health, plain, rehearse, role, series_of
from minitf.observe.describe_checkpoint import (
    CHECKPOINT_MIME,
    CHECKPOINT_VERSION,
    as_html,
    describe_rows,
    row,
)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def save(prefix, step=None, **values):
    """A checkpoint of these variables; slashes are written as double underscores."""
    with tf.Graph().as_default(), tf.Session() as session:
        for name, value in values.items():
            tf.Variable(value, name=name.replace("__", "/"), trainable="frozen" not in name)
        session.run(tf.global_variables_initializer())
        return tf.train.Saver().save(session, str(prefix), step)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def statuses(found):
    return {m.name: m.status for m in found}


def test_only_the_header_is_read(tmp_path, monkeypatch):
    path = save(tmp_path / "m", dense__kernel=normal(4, 3), global_step=np.int64(7))
    monkeypatch.setattr(Checkpoint, "value", lambda *_: pytest.fail("a tensor was read"))
    opened = Checkpoint(f"{path}.index")
    assert str(opened.entries["dense/kernel"]) == "(4, 3) float32"
    assert opened.line() == "2 tensors, 13 elements, 56 B"
    assert Checkpoint(tmp_path).path == path


def test_roles():
    names = {"a/kernel", "a/kernel/Adam", "a/bias"}
    found = [
        role("a/kernel", (2, 3), "float32", names), role("a/bias", (3,), "float32", names),
        role("a/kernel/Adam", (2, 3), "float32", names), role("global_step", (), "int64", names),
        role("beta1_power_1", (), "float32", names), role("words", (3,), "string", names),
    ]  # fmt: skip
    assert found == ["weight", "bias", "slot", "step", "step", "state"]


def test_restore_rehearsal_names_all_that_does_not_fit_at_once(tmp_path):
    path = save(tmp_path / "m", same=normal(2), shape=normal(2, 3), dtype=normal(2), gone=normal(9))
    for name, value in {"same": normal(2), "shape": normal(3, 2), "dtype": np.ones(2), "new": normal(5)}.items():
        tf.Variable(value, name=name)
    found = rehearse(Checkpoint(path), tf.global_variables())
    assert statuses(found) == {
        "same": "match", "shape": "shape", "dtype": "dtype", "new": "missing", "gone": "extra",
    }  # fmt: skip
    notes = {m.name: m.note for m in found}
    assert notes["shape"] == "(3, 2) here, (2, 3) in the checkpoint"
    assert notes["dtype"] == "float64 here, float32 in the checkpoint"


def test_rename_suggestions(tmp_path):
    path = save(tmp_path / "m", v1=normal(7), dense__kernel=normal(2, 3), encoder__weights=normal(4, 4), x=normal(7))
    for name, shape in {"v1_5": (7,), "dense_1/kernel": (2, 3), "encoder/weight": (4, 4), "far": (4, 4)}.items():
        tf.Variable(np.zeros(shape, np.float32), name=name)
    found = {m.name: m for m in rehearse(Checkpoint(path), tf.global_variables())}
    assert {n: m.source for n, m in found.items() if m.status == "missing"} == {
        "v1_5": "v1", "dense_1/kernel": "dense/kernel", "encoder/weight": "encoder/weights", "far": "",
    }  # fmt: skip
    assert "v1 has its type and its name without the number" in found["v1_5"].note
    assert found["x"].status == "extra" and "v1" not in found


def test_what_a_cell_made_again_takes_the_place_of_what_it_made_before(tmp_path):
    path = save(tmp_path / "m", v1=normal(7))
    for _ in range(6):
        tf.Variable(np.zeros(7, np.float32), name="v1")
    old = {"v1", "v1_1", "v1_2", "v1_3", "v1_4"}
    found = {m.name: m for m in rehearse(Checkpoint(path), tf.global_variables(), old)}
    assert found["v1_5"].source == "v1" and found["v1"].source == ""
    assert found["v1_5"].note.endswith("without the number: its cell ran 6 times")


def test_names_without_their_numbers():
    assert [plain(n) for n in ("v1_5", "dense_1/kernel_12", "conv2d/a_b")] == ["v1", "dense/kernel", "conv2d/a_b"]


def test_difference_of_two_checkpoints_with_trainable_but_unchanged(tmp_path):
    w = normal(3, 3)
    before = Checkpoint(save(tmp_path / "a", w=w, still=normal(2), frozen=normal(2), gone=normal(1), s=normal(2)))
    after = Checkpoint(save(tmp_path / "b", w=w + 0.5, still=normal(2), frozen=normal(2), new=normal(1), s=normal(3)))
    found = {c.entry.name: c for c in difference(before, after)}
    assert {n: c.status for n, c in found.items()} == {
        "w": "changed", "still": "same", "frozen": "same", "gone": "removed", "new": "added", "s": "shape",
    }  # fmt: skip
    assert found["still"].note == "trainable but unchanged" and found["frozen"].note == ""
    assert found["w"].note.startswith("9 of 9 elements, by 0.5 at most, 0.")


def test_nan_equals_nan_and_one_element_counts(tmp_path):
    value = np.array([np.nan, 1, 2], np.float32)
    before, same = Checkpoint(save(tmp_path / "a", v=value)), Checkpoint(save(tmp_path / "b", v=value))
    assert [c.status for c in difference(before, same)] == ["same"]
    value = np.array([np.nan, 1, 3], np.float32)
    assert difference(before, Checkpoint(save(tmp_path / "c", v=value)))[0].note.startswith("1 of 3")


def test_health_nan_dead_all_equal_untouched(tmp_path):
    values = {"lost": np.array([1, np.nan], np.float32), "dead": np.zeros((2, 2), np.float32),
                  "equal": np.full(3, 0.5, np.float32), "bias": np.zeros(3, np.float32), "fine": normal(3, 2),
                  "unit": np.array([[1, 0], [2, 0]], np.float32)}  # fmt: skip
    first = Checkpoint(save(tmp_path / "m", 0, **values))
    found = health(first)
    assert found == {
        "lost": "1 of 2 elements are NaN or infinite", "dead": "dead: all elements are 0",
        "equal": "all elements are 0.5", "unit": "1 of 2 outputs are dead (all their weights are 0)",
    }  # fmt: skip
    last = Checkpoint(save(tmp_path / "m", 9, **(values | {"fine": normal(3, 2, seed=1)})))
    found = health(last, first)
    assert "fine" not in found and found["bias"] == "still has its values of m-0: untouched by training"


def test_a_folder_of_checkpoints_in_order(tmp_path):
    for step in (2, 10, 9):
        save(tmp_path / "m", step, v=normal(1))
    names = [path.rpartition("/")[2] for path in series_of(tmp_path)]
    assert names == ["m-2", "m-9", "m-10"] == [p.rpartition("/")[2] for p in series_of(tmp_path / "m-9")]
    assert series_of(tmp_path / "a" / "b") == []


def test_trainable_names_come_from_the_graph_beside_it(tmp_path):
    assert Checkpoint(save(tmp_path / "m", w=normal(1), frozen=normal(1))).trainable == {"w"}
    (tmp_path / "m.meta").unlink()
    assert Checkpoint(tmp_path / "m").trainable is None


def test_trainable_names_may_be_long(tmp_path):
    name = "a" * 200
    assert Checkpoint(save(tmp_path / "m", **{name: normal(1)})).trainable == {name}


def test_typescript_reads_what_python_writes(tmp_path, sample):
    values = {"dense__kernel": normal(4, 3), "dense__bias": normal(3), "global_step": np.int64(3)}
    opened = Checkpoint(save(tmp_path / "model", 3, **values))
    rows = [row(e, "ill" if n == "dense/bias" else "", "<img src=x>" * (n == "dense/bias"))
            for n, e in opened.entries.items()]  # fmt: skip
    sample("checkpoint", describe_rows("browse", "model-3", opened.line(), rows, history=["model-1", "model-3"]))
    tf.Variable(normal(4, 3), name="dense_1/kernel")
    matches = rehearse(opened, tf.global_variables())
    rows = [row(m.entry, m.status, m.note, m.source) for m in matches]
    sample("rehearsal", describe_rows("rehearsal", "Restoring model-3", "2 rows", rows, choices=opened.entries))


def test_both_sides_have_the_same_fields(fields, contract):
    made = describe_rows("browse", "", "", [row(module.Entry("a", (2,), "float32", 8, "weight"))])
    assert set(made) == fields("checkpoint", "Checkpoint") and set(made["rows"][0]) == fields("checkpoint", "Row")
    assert f"CHECKPOINT_VERSION = {CHECKPOINT_VERSION};" in contract("checkpoint")
    assert f"'{CHECKPOINT_MIME}'" in contract("checkpoint")


def test_a_large_table_stays_below_150_kb():
    entries = [module.Entry(f"a/rather/long/scope_{i}/kernel<b>", (1000, 1000), "float32", 4 * 10**6, "weight")
               for i in range(20_000)]  # fmt: skip
    rows = [row(e) for e in entries]
    found = describe_rows("browse", "big", "", rows, choices=[e.name for e in entries], history=["m"] * 9999)
    page = as_html(found)
    assert len(found["rows"]) + found["omitted"] == 20_000
    assert len(str(found)) + len(page) + len(found["text"]) <= 150_000
    assert "kernel&lt;b&gt;" in page and "19,940 more" in page


def test_a_checkpoint_counts_once_in_its_folder_however_it_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("w", [2])
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(tmp_path / "model"))
    assert len(series_of("model")) == 1
