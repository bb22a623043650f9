"""`tf.show`: values under the cell, and answers to what the view asks."""

import json
import pathlib

import numpy as np
import pytest

import minitf as tf
from minitf.notebook import view as views
from minitf.observe.describe_tensor import TENSOR_MIME

QUESTIONS = pathlib.Path(__file__).parents[1] / "labextension/samples/tensor_questions.json"


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def ask(view, question, **details):
    """What the kernel answers to a message of the browser."""
    sent = []
    view.push = lambda content, buffers=(): sent.append((content, buffers))
    view._hear(None, {"id": 5, "ask": question, "details": details}, [])
    ((content, buffers),) = sent
    assert content["answers"] == 5
    return content, buffers


def test_in_a_terminal_the_text_is_printed(capsys):
    tf.show([[1.0, 2.0]], name="x")
    assert capsys.readouterr().out == "x: (1, 2) float64, 16 B: min 1, max 2, mean 1.5, std 0.5\n[[1. 2.]]\n"


def test_a_tensor_is_run_and_a_variable_is_read(capsys):
    v = tf.Variable([1.0, 2.0], name="v")
    x = tf.placeholder(tf.float32, [], name="x")
    with tf.Session() as session:
        session.run(v.initializer)
        tf.show(v * x, feed_dict={x: 3.0})
        tf.show(v)
    assert "[3. 6.]" in capsys.readouterr().out
    with pytest.raises(ValueError, match="The values of v:0 are in a session"):
        tf.show(v)


def test_three_forms_in_a_notebook():
    bundle = tf.notebook.TensorView(np.eye(3))._repr_mimebundle_()
    assert set(bundle) == {TENSOR_MIME, "text/html", "text/plain"}
    assert len(json.dumps(bundle)) < 150_000


def test_the_view_asks_for_tiles():
    view = tf.notebook.TensorView(np.arange(5000.0).reshape(50, 100))
    content, (buffer,) = ask(view, "tile", lead=[], rows=[10, 12], columns=[0, 3])
    assert content["answer"]["rows"] == [10, 12]
    assert np.frombuffer(buffer).tolist() == [1000, 1001, 1002, 1100, 1101, 1102]


def test_a_wrong_question_gets_a_reason():
    view = tf.notebook.TensorView(np.eye(3))
    assert ask(view, "tile", lead=[])[0]["problem"].startswith("TypeError")
    assert ask(view, "nothing")[0]["problem"] == "KeyError: 'nothing'"
    assert "does not know what made it" in ask(view, "contribution", index=[0, 0])[0]["problem"]


def test_python_answers_what_typescript_asks():
    """The file is written by tests/labextension/tensor/model.test.ts."""
    with tf.Session() as session:
        view = tf.notebook.TensorView(tf.reshape(tf.range(24), [2, 3, 4]) * 2, session)
        for question in json.loads(QUESTIONS.read_text()):
            assert "problem" not in ask(view, question["ask"], **question["details"])[0], question


def test_contributions_are_answered():
    with tf.Session() as session:
        view = tf.notebook.TensorView(tf.matmul(tf.ones([2, 3]), tf.ones([3, 4])), session)
        content, _ = ask(view, "contribution", index=[1, 2])
    assert content["answer"]["inputs"][0]["where"] == "ones:0[1, :]"
    assert not content["answer"]["later"]


def test_contributions_after_training_say_that_the_values_are_later():
    weights = tf.get_variable("weights", [3, 1], initializer=tf.ones_initializer())
    with tf.Session() as session:
        session.run(weights.initializer)
        view = tf.notebook.TensorView(tf.matmul(tf.ones([1, 3]), weights), session)
        session.run(weights.assign_add(tf.ones([3, 1])))
        content, _ = ask(view, "contribution", index=[0, 0])
    assert content["answer"]["later"] and content["answer"]["value"] == "6"
    assert view.array[0, 0] == 3


def test_what_was_last_in_view_is_kept():
    view = tf.notebook.TensorView(np.arange(600.0).reshape(2, 3, 100))
    updates = []
    view._handle = type("Handle", (), {"update": lambda _, shown: updates.append(shown.describe())})()
    ask(view, "keep", lead=[1], start=[0, 40])
    assert updates[0]["tile"]["lead"] == [1] and updates[0]["tile"]["columns"] == [40, 56]


def test_an_ipywidget_is_the_channel(monkeypatch):
    pytest.importorskip("ipywidgets")
    monkeypatch.setattr(views, "in_notebook", lambda: True)
    view = tf.notebook.TensorView(np.eye(3))
    assert view._repr_mimebundle_()[TENSOR_MIME]["widget"] == view.widget.model_id
    arrays = [name for name, value in view.widget.get_state().items() if isinstance(value, (bytes, memoryview, list))]
    assert not arrays
    view.close()


def test_old_displays_stop_answering(monkeypatch):
    pytest.importorskip("ipywidgets")
    monkeypatch.setattr(views, "MOST_LIVE", 2)
    views._living.clear()
    shown = [tf.notebook.TensorView(np.eye(3)) for _ in range(3)]
    assert all(one.widget for one in shown)
    assert shown[0]._widget is None and shown[2]._widget is not None
    for one in shown:
        one.close()


def test_tensors_and_variables_show_themselves():
    v = tf.Variable([1.0, 2.0], name="v")
    assert "made by Mul" in (v * 2.0)._repr_mimebundle_()[TENSOR_MIME]["line"]
    assert v._repr_mimebundle_()[TENSOR_MIME]["tile"] is None
    with tf.Session() as session:
        assert v._repr_mimebundle_()[TENSOR_MIME]["tile"] is None
        session.run(v.initializer)
        assert v._repr_mimebundle_()[TENSOR_MIME]["summary"]["max"] == 2
