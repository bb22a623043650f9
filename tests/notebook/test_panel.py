"""The side panel while a cell runs: told by the running loop, at no cost while nobody looks."""

import types

import numpy as np
import pytest

import minitf as tf
from minitf.notebook import panel
from minitf.runtime.session import BaseSession


class Comm:
    comm_id = "a comm"

    def __init__(self):
        self.sent, self.ended = [], None

    def on_close(self, ended):
        self.ended = ended

    def send(self, content):
        self.sent.append(content)


@pytest.fixture
def comm(monkeypatch):
    monkeypatch.setattr(panel, "panels", panel.Panels())
    comm = Comm()
    with tf.Graph().as_default():
        yield comm
    panel.panels.comms.clear()
    panel.panels.close(comm)


def test_without_a_panel_a_run_is_the_engines_own(comm):
    plain = BaseSession.run
    panel.panels.open(comm)
    assert BaseSession.run is not plain
    comm.ended({})
    assert BaseSession.run is plain


def test_a_running_loop_tells_at_a_bounded_rate(comm, monkeypatch):
    clock = types.SimpleNamespace(now=100.0)
    monkeypatch.setattr(panel.time, "monotonic", lambda: clock.now)
    counter = tf.Variable(0, name="counter")
    step = tf.assign_add(counter, 1)
    curves = tf.show_training(total=100)
    with tf.Session() as session:
        session.run(counter.initializer)
        panel.panels.open(comm)
        for _ in range(100):
            curves.add(loss=1 / session.run(step))
            clock.now += 0.01
    told = [content["workspace"] for content in comm.sent]
    assert len(told) == 2  # a hundred runs in a second, and two looks
    assert [each["variables"][0]["summary"] for each in told] == ["1", "51"]
    assert told[1]["curves"][0]["name"] == "loss" and told[1]["progress"].startswith("50 of 100 steps")


def test_a_look_that_fails_does_not_break_the_run(comm, monkeypatch):
    plain = BaseSession.run
    monkeypatch.setattr(panel, "workspace", lambda: 1 / 0)
    panel.panels.open(comm)
    with tf.Session() as session:
        assert session.run(tf.constant(np.float32(2.0))) == 2.0
    assert BaseSession.run is plain and comm.sent == []


def test_a_panel_that_waits_for_minitf_is_told_when_it_comes(comm, monkeypatch):
    targets = {}
    manager = types.SimpleNamespace(register_target=targets.__setitem__)
    kernel = types.SimpleNamespace(comm_manager=manager)
    monkeypatch.setattr(panel, "kernel_shell", lambda: types.SimpleNamespace(kernel=kernel))
    monkeypatch.setattr("comm.create_comm", lambda target_name: comm)
    panel.serve_panels()
    assert list(targets) == ["minitf.panel"] and panel.panels.comms == {}
    kernel.minitf_panel = True
    panel.serve_panels()
    assert list(panel.panels.comms.values()) == [comm]
    assert not hasattr(kernel, "minitf_panel")
