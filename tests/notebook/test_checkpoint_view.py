"""Checkpoints in a notebook: the views, their answers, and a mapping that restores."""

import json
import pathlib

import numpy as np
import pytest

import minitf as tf
from minitf.observe.describe_checkpoint import CHECKPOINT_MIME

QUESTIONS = pathlib.Path(__file__).parents[1] / "labextension/samples/checkpoint_questions.json"


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


@pytest.fixture
def folder(tmp_path):
    """Three checkpoints of a small net; `frozen` never changes."""
    with tf.Graph().as_default(), tf.Session() as session:
        w = tf.Variable(np.ones((4, 3), np.float32), name="dense/kernel")
        tf.Variable([2.0], name="frozen")
        session.run(tf.global_variables_initializer())
        saver = tf.train.Saver()
        for step in (1, 2, 3):
            session.run(tf.assign_add(w, np.arange(12, dtype=np.float32).reshape(4, 3)))
            saver.save(session, str(tmp_path / "model"), step)
    return tmp_path


def ask(view, question, **details):
    sent = []
    view.push = lambda content, buffers=(): sent.append(content)
    view._hear(None, {"id": 5, "ask": question, "details": details}, [])
    return sent[0].get("answer", sent[0])


def test_in_a_terminal_the_table_is_printed(folder, capsys):
    tf.show_checkpoint(folder)
    out = capsys.readouterr().out
    assert out.startswith("model-3: 2 tensors, 13 elements, 52 B\n  dense/kernel  (4, 3) float32  48 B  weight")
    with pytest.raises(ValueError):
        tf.show_checkpoint(folder / "..")


def test_a_tensor_is_followed_through_the_folder(folder):
    view = tf.notebook.CheckpointView(folder)
    assert view.describe()["history"] == ["model-1", "model-2", "model-3"]
    means = [ask(view, "tensor", name="dense/kernel", place=i)["summary"]["mean"] for i in range(3)]
    assert means == pytest.approx([6.5, 12, 17.5])
    assert ask(view, "tensor", name="dense/kernel")["summary"]["mean"] == pytest.approx(17.5)


def test_health_check_reads_when_asked(folder):
    view = tf.notebook.CheckpointView(folder)
    assert {r["status"] for r in view.describe()["rows"]} == {""}
    rows = {r["name"]: r for r in ask(view, "health")["rows"]}
    assert "untouched by training" in rows["frozen"]["note"] and rows["frozen"]["status"] == "ill"
    assert tf.check_checkpoint(folder) == {"frozen": rows["frozen"]["note"]}


def test_diff_of_two_checkpoints(folder):
    found = tf.diff_checkpoints(folder / "model-1", folder / "model-3")
    assert "1 of 2 tensors changed, 1 trainable but unchanged" in str(found)


def test_an_editable_mapping_that_restores(folder, graph):
    for name in ("dense_1/kernel", "other", "frozen"):
        tf.Variable(np.zeros((1,) if name == "frozen" else (4, 3), np.float32), name=name)
    rehearsal = tf.rehearse_restore(folder)
    assert rehearsal.mapping == {"frozen": "frozen", "dense_1/kernel": "dense/kernel"}
    rows = ask(rehearsal, "map", name="other", source="dense/kernel")["rows"]
    assert {r["name"]: r["source"] for r in rows}["other"] == "dense/kernel"
    ask(rehearsal, "map", name="frozen", source="")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        before = len(graph.get_operations())
        assert ask(rehearsal, "restore")["said"] == "2 variables were restored."
        restored = session.run(["dense_1/kernel:0", "other:0", "frozen:0"])
        assert len(graph.get_operations()) == before
    assert [v.sum() for v in restored] == [210, 210, 0]


def test_nothing_is_restored_where_one_does_not_fit(folder):
    tf.Variable([7.0], name="frozen")
    tf.Variable([0.0], name="kernel")
    rehearsal = tf.rehearse_restore(folder)
    rehearsal.mapping["kernel"] = "dense/kernel"
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(ValueError, match="kernel can't take dense/kernel"):
            rehearsal.restore(session)
        assert session.run("frozen:0").tolist() == [7]
    assert "No session is open" in ask(rehearsal, "restore")["problem"]


def test_sessions_and_savers_show_themselves(folder):
    v = tf.Variable([1.0, 3.0], name="v")
    saver = tf.train.Saver()
    with tf.Session() as session:
        shown = session._repr_mimebundle_()[CHECKPOINT_MIME]
        assert shown["line"] == "1 variables, 0 initialized" and shown["rows"][0]["status"] == "empty"
        session.run(v.initializer)
        assert session._repr_mimebundle_()[CHECKPOINT_MIME]["rows"][0]["note"] == "min 1, max 3, mean 2, std 1"
        assert saver._repr_mimebundle_()[CHECKPOINT_MIME]["title"] == "Saver: nothing saved yet"
        saver.save(session, str(folder / "new"), 1)
        assert saver._repr_mimebundle_()[CHECKPOINT_MIME]["title"] == "new-1"


def test_python_answers_what_typescript_asks(folder):
    """The file is written by tests/labextension/checkpoints/model.test.ts."""
    tf.Variable(np.zeros((4, 3), np.float32), name="dense_1/kernel")
    views = [tf.notebook.CheckpointView(folder), tf.rehearse_restore(folder)]
    with tf.Session():
        for question in json.loads(QUESTIONS.read_text()):
            answers = [ask(view, question["ask"], **question["details"]) for view in views]
            assert any("problem" not in answer for answer in answers), question


def test_three_forms_in_a_notebook(folder):
    bundle = tf.notebook.CheckpointView(folder)._repr_mimebundle_()
    assert set(bundle) == {CHECKPOINT_MIME, "text/html", "text/plain"}
    assert json.loads(json.dumps(bundle, allow_nan=False)) == bundle
