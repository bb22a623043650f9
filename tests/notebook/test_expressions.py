"""What the extension runs in kernels, as its own tests wrote it: each does what it is meant to."""

import json
import pathlib
import sys

import nbconvert
import nbformat
import pytest

import minitf as tf
from minitf.notebook import rerun, show_variable
from minitf.observe import limits
from minitf.observe.workspace import WORKSPACE_MIME

SAMPLES = pathlib.Path(__file__).parents[1] / "labextension/samples"
EXPRESSIONS = json.loads((SAMPLES / "expressions.json").read_text())


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch):
    monkeypatch.setattr(rerun, "_preferred", dict(rerun._preferred))
    monkeypatch.setattr(limits, "_bytes", dict(limits._bytes))
    with tf.Graph().as_default():
        yield


def test_the_workspace():
    tf.get_variable("net/weights", [2])
    found = eval(EXPRESSIONS["workspace"], {})._repr_mimebundle_()[WORKSPACE_MIME]
    assert [variable["name"] for variable in found["variables"]] == ["net/weights"]


def test_the_preferences():
    eval(EXPRESSIONS["preferences"], {})
    assert rerun._preferred == {"rerun": "accumulate"}
    assert (limits.limit("graph"), limits.limit("curves"), limits.limit("checkpoint")) == (20_000, 30_000, 40_000)


def test_the_graph_and_a_variable(capsys, monkeypatch):
    tf.get_variable("net/weights", [2], initializer=tf.ones_initializer())
    exec(EXPRESSIONS["graph"], {})
    assert "net/  4 operations" in capsys.readouterr().out
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        monkeypatch.setitem(vars(sys.modules["__main__"]), "session", session)
        exec(EXPRESSIONS["variable"], {})
    assert "net/weights:0: (2,) float32" in capsys.readouterr().out
    with pytest.raises(KeyError, match="no variable 'gone'"):
        show_variable("gone")


def test_a_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    tf.train.write_graph(tf.get_default_graph(), "runs", "graph.pb", as_text=False)
    tf.constant(1.0, name="one")
    tf.train.write_graph(tf.get_default_graph(), "runs", "graph.pb", as_text=False)
    exec(EXPRESSIONS["file"], {})
    assert "one" in capsys.readouterr().out


def test_what_the_graph_view_keeps_is_a_notebook_that_others_can_read():
    kept = nbformat.from_dict(json.loads((SAMPLES / "graph_kept.json").read_text()))
    cell = nbformat.v4.new_code_cell("graph", outputs=[kept])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.validate(notebook)
    (mime,) = kept.metadata.keys() - {"isolated"}
    assert kept.metadata[mime]["open"] == [] and kept.metadata[mime]["selected"] != ""
    page, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    assert "data:image/svg+xml;base64," in page or "<svg" in page
