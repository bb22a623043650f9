"""Tracebacks in a notebook: the user's lines and the message."""

import sys

import pytest

import minitf as tf
from minitf.notebook import short_tracebacks as module

WRONG = """
def layer(x):
    return tf.matmul(x, tf.ones([3, 4]))

layer(tf.ones([2, 5]))
"""


@pytest.fixture
def shown(monkeypatch):
    interactive = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell
    shell = interactive.instance(colors="nocolor")
    said = []
    monkeypatch.setattr(shell, "_showtraceback", lambda kind, error, lines: said.append("\n".join(lines)))
    monkeypatch.setattr(module, "_chosen", dict(module._chosen))
    module.shorten_tracebacks(shell)
    shell.user_ns.update(tf=tf)

    def run(text):
        said.clear()
        with tf.Graph().as_default():
            shell.run_cell(text)
        return said[0]

    run.shell = shell
    yield run
    interactive.clear_instance()


def test_a_mistake_shows_the_cell_and_the_message_alone(shown):
    text = shown(WRONG)
    assert "layer(tf.ones([2, 5]))" in text and "return tf.matmul(x, tf.ones([3, 4]))" in text
    assert "minitf/ops" not in text and "ValueError" in text.splitlines()[-2]
    assert "tf.notebook.tracebacks('full')" in text.splitlines()[-1]


def test_one_switch_shows_all(shown):
    assert tf.notebook.tracebacks() == "short"
    tf.notebook.tracebacks("full")
    text = shown(WRONG)
    assert "minitf/ops" in text and "tf.notebook.tracebacks" not in text
    with pytest.raises(ValueError, match="'short' or 'full'"):
        tf.notebook.tracebacks("long")


def test_lines_of_the_user_inside_of_minitf_stay(shown):
    text = shown("def mine(x):\n    return 1 // 0\nwith tf.Session() as s: s.run(tf.py_func(mine, [1.0], tf.float32))")
    assert "return 1 // 0" in text and "runtime/session.py" not in text


def test_mistakes_without_minitf_and_the_debugger_are_as_ever(shown):
    assert "tf.notebook" not in shown("1 / 0")
    shown(WRONG)
    files = []
    part = sys.last_traceback  # what %debug walks through
    while part is not None:
        files.append(part.tb_frame.f_code.co_filename)
        part = part.tb_next
    assert any("minitf/ops" in file for file in files)
