"""Cells and lines: run in a real IPython shell."""

import pytest

import minitf as tf
from minitf.observe.provenance import cells, stale

THREE = "x = tf.placeholder(tf.float32, [])\ny = tf.negative(x)\nz = tf.negative(y)"


@pytest.fixture
def shell():
    interactive = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell
    made = interactive.instance()
    with tf.Graph().as_default():
        made.user_ns["tf"] = tf
        yield made
    interactive.clear_instance()


def test_a_cell_that_ran_twice_has_stale_operations(shell):
    for _ in range(2):
        shell.run_cell(THREE, store_history=True).raise_error()
    graph = tf.get_default_graph()
    assert len(graph.get_operations()) == 6
    assert [op.name for op in stale(graph)] == ["Placeholder", "Neg", "Neg_1"]
    assert [len(ops) for ops in cells(graph).values()] == [3, 3]
    assert list(cells(graph)) == [1, 2]
    assert str(graph.get_operations()[1].origin) == "cell [1], line 2"


def test_other_cells_make_nothing_stale(shell):
    for text in (THREE, "w = tf.negative(z)"):
        shell.run_cell(text, store_history=True).raise_error()
    assert stale(tf.get_default_graph()) == []


def test_a_line_in_a_file_is_no_cell(shell):
    shell.user_ns["build"] = lambda: tf.placeholder(tf.float32, [], name="x")
    shell.run_cell("build()", store_history=True).raise_error()
    assert str(tf.get_default_graph().get_operations()[0].origin).startswith(f"{__file__}:")


def test_outside_a_notebook_nothing_is_stale():
    with tf.Graph().as_default() as graph:
        tf.placeholder(tf.float32, [])
    assert stale(graph) == [] and list(cells(graph)) == [None]
