"""A graph that shows itself."""

import subprocess
import sys

import pytest

import minitf as tf
from minitf.observe.describe import GRAPH_MIME


@pytest.fixture
def graph():
    with tf.Graph().as_default() as made:
        tf.negative(tf.placeholder(tf.float32, [2], name="x"), name="y")
        yield made


def test_a_graph_has_three_forms_in_a_notebook(graph):
    bundle = graph._repr_mimebundle_()
    assert set(bundle) == {GRAPH_MIME, "image/svg+xml", "text/plain"}
    assert bundle[GRAPH_MIME]["svg"] == bundle["image/svg+xml"]
    assert bundle["text/plain"].startswith("<tf.Graph of 2 operations>\nx = Placeholder()")


def test_in_a_terminal_the_text_is_printed(graph, capsys):
    tf.show_graph()
    assert "y = Neg(x) -> float32 (2)" in capsys.readouterr().out


def test_a_scope_is_shown_alone(graph, capsys):
    with tf.name_scope("inside"):
        tf.negative(graph.get_tensor_by_name("y:0"))
    tf.show_graph(graph, scope="inside")
    assert "inside/Neg = Neg(y)" in capsys.readouterr().out


def test_the_drawing_can_be_saved(graph, tmp_path, monkeypatch):
    view = tf.notebook.GraphView(graph)
    view.save(tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text().startswith("<svg")
    view.description["svg"] = ""
    assert "image/svg+xml" not in view._repr_mimebundle_()
    with pytest.raises(ValueError, match="could not be drawn"):
        view.save(tmp_path / "none.svg")


def test_importing_minitf_is_light():
    heavy = ["matplotlib", "ipywidgets", "graphviz", "IPython", "sklearn"]
    program = f"import sys, minitf; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
