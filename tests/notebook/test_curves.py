"""`tf.show_training` and `tf.progress`: what a loop feeds, and what the view is told."""

import json
import math
import pathlib
import time

import numpy as np
import pytest

import minitf as tf
from minitf.notebook import curves as module
from minitf.notebook import view as views

QUESTIONS = pathlib.Path(__file__).parents[1] / "labextension/samples/training_questions.json"


class Listener:
    """The widget of a view, with what it sends."""

    def __init__(self):
        self.sent = []

    def send(self, content, buffers):
        self.sent.append((content, buffers))

    def points(self):
        """{(run, tag): values} put together from all messages; fails where one is missing or comes twice."""
        found = {}
        for content, buffers in self.sent:
            for i, head in enumerate(content["series"]):
                values = found.setdefault((head["run"], head["tag"]), [])
                assert head["from"] == len(values)
                values += np.frombuffer(buffers[3 * i + 2]).tolist()
        return found


@pytest.fixture
def training():
    view = tf.notebook.Training()
    view._widget = Listener()
    return view


def ask(view, question, **details):
    sent = []
    view.push = lambda content, buffers=(): sent.append((content, buffers))
    view._hear(None, {"id": 5, "ask": question, "details": details}, [])
    return sent[0]


def test_ten_thousand_updates_are_few_messages_and_none_is_lost(training, monkeypatch):
    start, now = time.monotonic(), [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: start + now[0])
    for step in range(10_000):
        now[0] += 0.0005  # 2,000 steps a second: 5 seconds
        training.add(step, loss=step / 7)
    training.cell_ended()
    assert training._widget.points() == {("", "loss"): [step / 7 for step in range(10_000)]}
    assert len(training._widget.sent) <= 5 * 20 + 2
    largest = max(sum(map(len, buffers)) for _, buffers in training._widget.sent)
    assert largest < 10_000  # bytes


def test_the_notebook_is_not_written_at_every_step(training, monkeypatch):
    start, now, updates = time.monotonic(), [0.0], []
    monkeypatch.setattr(module.time, "monotonic", lambda: start + now[0])
    training._handle = type("Handle", (), {"update": lambda _, view: updates.append(view.describe())})()
    for step in range(1000):
        now[0] += 0.01
        training.add(step, loss=1.0)
    training.cell_ended()
    training.cell_ended()
    assert 3 <= len(updates) <= 5
    assert updates[-1]["series"][0]["count"] == 1000


def test_the_view_may_ask_for_all_points(training):
    training.add(0, loss=1.0)
    training.add(1, loss=2.0, accuracy=0.5)
    content, buffers = ask(training, "points", have=[["", "loss", 1]])
    assert content["answer"]["series"] == [
        {"run": "", "tag": "loss", "from": 1}, {"run": "", "tag": "accuracy", "from": 0},
    ]  # fmt: skip
    assert np.frombuffer(buffers[2]).tolist() == [2.0] and len(buffers) == 6


def test_steps_count_by_themselves():
    training = tf.notebook.Training()
    for _ in range(3):
        training.add(loss=1.0)
    assert list(training.runs.series["", "loss"].steps) == [0, 1, 2]


def test_a_point_leads_to_what_was_recorded_at_its_step(training, tmp_path):
    training.add(0, loss=2.0, record={"w": np.eye(2)})
    training.add(10, loss=1.0, checkpoint=tmp_path / "model-10", record={"w": np.ones((2, 2))})
    training.add(20, loss=0.5)
    step, tensors, checkpoint = training.at(15)
    assert (step, checkpoint) == (10, tmp_path / "model-10") and tensors["w"].sum() == 4
    answer = ask(training, "step", step=25)[0]["answer"]
    assert (answer["step"], answer["checkpoint"]) == (10, str(tmp_path / "model-10"))
    assert answer["tensors"][0]["name"] == "w" and answer["tensors"][0]["summary"]["mean"] == 1
    assert training.at(-1) is None and ask(training, "step", step=-1)[0]["answer"]["tensors"] == []


def test_records_are_bounded(training):
    for step in range(1000):
        training.add(step, loss=1.0, record={"w": [step]})
    assert len(training._records) <= module.RECORDS
    assert training.at(0)[0] == 0 and training.at(999)[0] == 999


def test_the_first_nan_is_traced_once(training):
    asked = []
    for step in range(5):
        training.add(step, loss=math.nan if step > 2 else 1.0, when_nan=lambda: asked.append(1) or "xent/Log")
    assert [c["text"] for c in training.describe()["captions"]] == ["first NaN at step 3 from xent/Log"]
    assert len(asked) == 1


def test_the_operation_that_made_the_first_nan():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [2], name="x")
        v = tf.Variable(0.0, name="v")
        with tf.name_scope("xent"):
            loss = tf.reduce_sum(tf.log(x)) * 2.0
        step = tf.assign_add(v, loss)
        session.run(v.initializer)
        assert tf.first_nan(session, [loss, step], {x: [1.0, -1.0]}).startswith("xent/Log (")
        assert tf.first_nan(session, loss, {x: [1.0, 1.0]}) == ""
        assert session.run(v) == 0


def test_logs_of_a_file_writer_and_several_runs(tmp_path, capsys):
    for run, value in (("a", 1.0), ("b", 2.0)):
        with tf.summary.FileWriter(str(tmp_path / run)) as writer:
            writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=value)]), 7)
    training = tf.show_training(str(tmp_path))
    assert {run: list(s.values) for (run, _), s in training.runs.series.items()} == {"a": [1], "b": [2]}
    assert "loss (a): 1 points, 1 at first, 1 at step 7" in capsys.readouterr().out
    named = tf.show_training({"first": tmp_path / "a", "second": tmp_path / "b"})
    assert set(named.runs.series) == {("first", "loss"), ("second", "loss")}
    assert len(ask(named, "reload")[0]["answer"]["series"]) == 2


def test_progress_yields_everything_and_says_how_fast(monkeypatch):
    shown = []
    monkeypatch.setattr(module.Training, "_flush", lambda self, last=False: shown.append(self._progress.describe()))
    assert list(tf.progress(range(4), label="epochs")) == [0, 1, 2, 3]
    assert [p["done"] for p in shown] == [1, 2, 3, 4, 4]
    assert shown[-1]["over"] and shown[0]["total"] == 4 and shown[2]["rate"] > 0
    assert list(tf.progress(iter("ab"))) == ["a", "b"]


def test_steps_per_second_and_time_to_go(monkeypatch):
    start, now = time.monotonic(), [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: start + now[0])
    progress = module.Progress(total=1000)
    for _ in range(300):
        now[0] += 0.02
        progress.tick()
    found = progress.describe()
    assert found["rate"] == pytest.approx(50, rel=0.1) and found["left"] == pytest.approx(14, rel=0.15)
    assert len(progress._marks) < 20


def test_three_forms_in_a_notebook(training):
    assert "image/svg+xml" not in training._repr_mimebundle_()
    training.add(0, loss=1.0)
    bundle = training._repr_mimebundle_()
    assert set(bundle) == {module.TRAINING_MIME, "image/svg+xml", "text/plain"}


def test_python_answers_what_typescript_asks(training):
    """The file is written by tests/labextension/curves/model.test.ts."""
    training.add(0, loss=1.0)
    for question in json.loads(QUESTIONS.read_text()):
        assert "problem" not in ask(training, question["ask"], **question["details"])[0], question


@pytest.mark.parametrize("smoothing", [-0.1, 1.0])
def test_smoothing_has_limits(smoothing):
    with pytest.raises(ValueError, match="smoothing"):
        tf.show_training(smoothing=smoothing)


def test_the_end_of_a_cell_reaches_the_views(training, monkeypatch):
    monkeypatch.setattr(views, "_living", [training])
    training.add(0, loss=1.0)
    training._pushed = math.inf
    training.add(1, loss=2.0)
    views._cell_ended(None)
    assert training._widget.points() == {("", "loss"): [1, 2]}
