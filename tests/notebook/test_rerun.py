"""Cells that run again, in a real IPython shell."""

import numpy as np
import pytest

import minitf as tf
from minitf.notebook import rerun


class Cells:
    """Runs cells by their ids, as JupyterLab does, and keeps what they said."""

    def __init__(self, shell):
        self.shell, self.said = shell, ""

    def __call__(self, cell, text):
        self.shell.run_cell(text, store_history=True, cell_id=cell).raise_error()

    def __getitem__(self, name):
        return self.shell.user_ns[name]


@pytest.fixture
def cells(monkeypatch):
    interactive = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell
    monkeypatch.setattr(rerun, "_notebooks", [])
    shell = interactive.instance()
    cells = Cells(shell)
    monkeypatch.setattr(rerun, "_say", lambda text: setattr(cells, "said", text))
    rerun.watch(shell)
    tf.reset_default_graph()
    shell.user_ns.update(tf=tf, np=np)
    yield cells
    interactive.clear_instance()
    tf.reset_default_graph()


def names():
    return [op.name for op in tf.get_default_graph().get_operations()]


THREE = "x = tf.placeholder(tf.float32, [])\ny = tf.negative(x)\nz = tf.negative(y)"


def test_a_cell_that_runs_again_replaces_its_nodes(cells):
    cells("a", THREE)
    cells("a", THREE)
    assert names() == ["Placeholder", "Neg", "Neg_1"]
    assert cells.said == "replaced 3 nodes of this cell's earlier run"
    assert tf.Session().run(cells["z"], {cells["x"]: 2.0}) == 2.0


def test_an_edited_cell_replaces_what_it_was(cells):
    cells("a", THREE)
    cells("a", "x = tf.placeholder(tf.float32, [], name='other')")
    assert names() == ["other"]


def test_accumulate_is_one_switch_away(cells):
    assert tf.notebook.rerun_policy() == "replace"
    tf.notebook.rerun_policy("accumulate")
    for _ in range(2):
        cells("a", THREE)
    assert names() == ["Placeholder", "Neg", "Neg_1", "Placeholder_1", "Neg_2", "Neg_3"]
    assert len(rerun.stale(tf.get_default_graph())) == 3 and cells.said == ""
    assert tf.notebook.prune() == 3
    assert names() == ["Placeholder_1", "Neg_2", "Neg_3"]
    with pytest.raises(ValueError, match="replace, accumulate"):
        tf.notebook.rerun_policy("forget")


def test_cells_of_equal_text_are_two_cells(cells):
    cells("a", "v = tf.constant(1.0)")
    cells("b", "v = tf.constant(1.0)")
    assert names() == ["Const", "Const_1"]


def test_names_after_a_rerun_equal_those_of_a_fresh_run(cells):
    program = {
        "a": "x = tf.placeholder(tf.float32, [None, 3], name='x')",
        "b": "h = tf.layers.dense(x, 4)\nh = tf.layers.dense(h, 4)",
        "c": "with tf.variable_scope(None, 'block'):\n  w = tf.get_variable('w', [4, 2])\n  out = tf.matmul(h, w)",
        "d": "loss = tf.reduce_mean(out)\ntrain = tf.train.AdamOptimizer().minimize(loss)",
        "e": "init = tf.global_variables_initializer()\nsaver = tf.train.Saver()",
    }
    for cell, text in program.items():
        cells(cell, text)
    fresh = set(names())
    variables = [v.name for v in tf.global_variables()]
    for cell, text in program.items():  # each cell again, from the top
        cells(cell, text)
    assert set(names()) == fresh
    assert [v.name for v in tf.global_variables()] == variables
    for cell in ("e", "b", "c", "d", "e"):
        cells(cell, program[cell])
    assert set(names()) == fresh


def test_seeds_of_the_last_cell_are_those_of_a_fresh_run(cells):
    cells("a", "tf.set_random_seed(7)")
    for _ in range(2):
        cells("b", "r = tf.random_normal([3])\nvalue = tf.Session().run(r)")
        first = cells.shell.user_ns.setdefault("first", cells["value"])
    assert (first == cells["value"]).all()


def test_what_later_cells_use_is_kept_and_said(cells):
    cells("a", "w = tf.Variable(2.0, name='w')")
    cells("b", "y = w * 3.0")
    cells("c", "sess = tf.Session()\nsess.run(tf.global_variables_initializer())\nsess.run(w.assign(5.0))")
    cells("a", "w = tf.Variable(2.0, name='w')")
    assert "kept" in cells.said and "cells" not in cells.said.partition(";")[0]
    assert "[2]" in cells.said and "run these cells again" in cells.said
    assert "initialize its variables again" in cells.said
    sess = cells["sess"]
    assert sess.run(cells["y"]) == 15.0  # the old variable, with its trained value
    assert cells["w"].name == "w:0" and "earlier_run_1/w" in names()
    with pytest.raises(tf.errors.FailedPreconditionError):
        sess.run(cells["w"])
    assert [v.op.name for v in tf.global_variables()] == ["w"]
    cells("b", "y = w * 3.0")
    cells("c", "sess.run(tf.global_variables_initializer())")
    assert sess.run(cells["y"]) == 6.0
    assert not [name for name in names() if name.startswith("earlier_run")]


def test_a_replaced_tensor_says_so(cells):
    cells("a", "x = tf.constant(1.0)\nold = x")
    old, sess = cells["old"], tf.Session()
    assert sess.run(old) == 1.0
    cells("a", "x = tf.constant(2.0)")
    for use in (lambda: sess.run(old), lambda: tf.negative(old)):
        with pytest.raises(ValueError, match=r"replaced when its cell \[1\] ran again"):
            use()
    assert sess.run(cells["x"]) == 2.0


def test_collections_hold_no_item_of_an_earlier_run(cells):
    text = "v = tf.get_variable('v', [2])\ntf.add_to_collection('mine', 'word')\ntf.losses.add_loss(tf.reduce_sum(v))"
    for _ in range(2):
        cells("a", text)
    assert tf.get_collection("mine") == ["word"]
    assert [len(tf.get_collection(key)) for key in ("trainable_variables", "losses")] == [1, 1]


def test_a_loop_that_another_cell_uses_keeps_working(cells):
    cells("a", "n = tf.while_loop(lambda i: i < 5, lambda i: i + 1, [tf.constant(0)])")
    cells("b", "twice = n * 2")
    cells("a", "n = tf.constant(1)")
    assert tf.Session().run(cells["twice"]) == 10


def test_a_cell_that_fails_is_replaced_all_the_same(cells):
    with pytest.raises(ZeroDivisionError):
        cells("a", "x = tf.constant(1.0, name='x')\n1 / 0")
    cells("a", "x = tf.constant(1.0, name='x')")
    assert names() == ["x"]


def test_other_graphs_than_the_default_one(cells):
    cells("a", "g = tf.Graph()")
    for _ in range(2):
        cells("b", "with g.as_default():\n  c = tf.constant(1.0)")
    assert [op.name for op in cells["g"].get_operations()] == ["Const"]


def test_changes_see_through_renaming(cells):
    tf.notebook.rerun_policy("accumulate")
    for _ in range(2):
        cells("a", THREE)
    assert not tf.notebook.changes() and len(tf.notebook.changes().same) == 3
    cells("a", THREE.replace("z = tf.negative", "z = tf.square"))
    assert str(tf.notebook.changes()) == "+ Square = Square\n- Neg_3 = Neg"


def test_changes_after_a_replacement(cells):
    for _ in range(2):
        cells("a", THREE)
    assert not tf.notebook.changes()
    cells("a", THREE.replace("[]", "[3]"))
    assert "Placeholder: () -> (3,)" in str(tf.notebook.changes())


def test_outside_a_notebook_graphs_only_grow(monkeypatch):
    monkeypatch.setattr(rerun, "_notebooks", [])
    rerun.watch_this_notebook()
    assert tf.notebook.rerun_policy() == "accumulate"
    assert not tf.notebook.changes(tf.Graph())
