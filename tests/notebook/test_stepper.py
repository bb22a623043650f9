"""The buttons that take a run step by step."""

import numpy as np
import pytest

import minitf as tf
from minitf.notebook.stepper import summary

pytest.importorskip("ipywidgets")


@pytest.fixture
def session():
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(1.0, name="v")
        tf.assign_add(v, tf.placeholder(tf.float32, [], name="x"), name="more")
        session.run(tf.global_variables_initializer())
        yield session


def stepper(session, value):
    return tf.notebook.Stepper(session.start("more:0", {"x:0": value}))


def test_each_click_is_one_operation(session):
    view = stepper(session, 2.0)
    following, _, _ = view.buttons
    following.click()
    assert len(view.rows) == 1 and not following.disabled
    while not following.disabled:
        following.click()
    assert view.rows[-1][:3] == ("more", "AssignAdd", "()")
    assert "The run is over" in view._message.value
    assert session.run("v:0") == 3


def test_running_to_the_end(session):
    view = stepper(session, 2.0)
    view.buttons[1].click()
    assert all(button.disabled for button in view.buttons)
    assert session.run("v:0") == 3


def test_undoing(session):
    view = stepper(session, 2.0)
    view.buttons[0].click()
    view.buttons[2].click()
    assert session.run("v:0") == 1
    assert "Stopped" in view._message.value


def test_an_error_ends_the_run_and_is_shown(session):
    view = tf.notebook.Stepper(session.start("more:0"))
    view.buttons[1].click()
    assert "You must feed a value" in view._message.value


def test_what_is_said_of_a_value():
    assert summary(np.array([1.0, 3.0])) == ("(2,)", "1", "3", "2")
    assert summary(np.array([1.0, np.nan]))[3] == "1 (1 NaN or infinite)"
    assert summary(np.array([np.inf]))[1:] == ("", "", " (1 NaN or infinite)")
    assert summary(None) == ("", "", "", "")


def test_names_are_text(session):
    view = stepper(session, 2.0)
    view.rows.append(("<script>", "", "", "", "", ""))
    view._show("<b>")
    assert "<script>" not in view._table.value and view._message.value == "&lt;b&gt;"
    assert "application/vnd.jupyter.widget-view+json" in view._repr_mimebundle_()
