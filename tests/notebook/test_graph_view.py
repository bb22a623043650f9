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


def test_what_is_no_graph_is_told_how_to_be_shown(graph):
    with pytest.raises(TypeError, match=r"not <tf.Tensor 'a:0'.*show_graph\(fetches"):
        tf.show_graph(tf.constant(1.0, name="a"))


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


def test_a_run_is_shown_before_it_runs(graph):
    view = tf.notebook.GraphView(graph, fetches="y:0", feed_dict=["x:0"])
    run = view.description["run"]
    assert (run["fetches"], run["feeds"]) == (["y:0"], ["x:0"])
    assert run["why"] == [2, 0]  # x is cut by the feed, y runs


def test_a_traced_run_colours_by_time_and_memory(graph):
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    with tf.Session() as session:
        session.run("y:0", {"x:0": [1, 2]}, options, metadata)
    ((place, micros, size),) = tf.notebook.GraphView(graph, run_metadata=metadata).description["costs"]
    assert place == 1 and micros >= 1 and size == 8


def test_changes_are_told_where_there_are_none(graph):
    assert tf.notebook.GraphView(graph, changes=True).description["notes"] == [
        "no change since the earlier run of the cell"
    ]


def test_name_scopes_have_a_tree_a_table_and_text(graph, capsys):
    with tf.name_scope("part"):
        tf.Variable(tf.zeros([3]), name="w")
    tf.show_scopes()
    assert "part" in capsys.readouterr().out
    bundle = tf.notebook.ScopesView(graph)._repr_mimebundle_()
    assert "<td>part</td>" in bundle["text/html"]
    assert bundle["application/vnd.minitf.scopes+json"]["rows"][0]["parameters"] == 3


def test_a_graphviz_digraph(graph, tmp_path):
    graphviz = pytest.importorskip("graphviz")
    drawing = tf.to_graphviz(graph)
    assert isinstance(drawing, graphviz.Digraph)
    drawing.node("mine")
    assert "<svg" in drawing.pipe("svg").decode() and '"x" -> "y"' in drawing.source


def test_a_scope_is_placed_aside_from_code(capsys):
    with tf.Graph().as_default() as graph, tf.name_scope("metrics"):
        tf.negative(tf.constant(1.0))
    assert tf.notebook.GraphView(graph, aside=["metrics/"]).description["aside"] == ["metrics"]
    with pytest.raises(KeyError, match="no name scope 'metric'"):
        tf.show_graph(graph, aside=["metric"])
