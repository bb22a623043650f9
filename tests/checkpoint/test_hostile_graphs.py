"""Graphs, event files and state files that lie are refused; a graph from a file reaches neither files nor Python."""

import os

import pytest

import minitf as tf
from tests.checkpoint import hostile_graphs as hostile


@pytest.fixture(autouse=True)
def fresh():
    tf.reset_default_graph()


@pytest.mark.parametrize("name", hostile.GRAPHS)
def test_a_graph_that_lies_is_refused(name):
    with pytest.raises(tf.errors.DataLossError) as caught:
        tf.import_graph_def(hostile.GRAPHS[name](), trusted=name == "a string wanted")
    assert isinstance(caught.value, ValueError)  # which is what TensorFlow raises


@pytest.mark.parametrize("name", hostile.REACHING)
def test_what_a_graph_may_not_do(name):
    with pytest.raises(tf.errors.PermissionDeniedError, match="trusted=True"):
        tf.import_graph_def(hostile.REACHING[name]())


def test_a_trusted_graph_may(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    graph_def = tf.GraphDef()
    hostile.const(graph_def, "name", os.fsencode(tmp_path / "file"), hostile.STRING)
    hostile.node(graph_def, "y", "ReadFile", "name")
    (y,) = tf.import_graph_def(graph_def, return_elements=["y:0"], trusted=True)
    with tf.Session() as session:
        assert session.run(y) == b"content"


def test_all_missing_operations_are_named():
    graph_def = tf.GraphDef()
    for op in ("Omega", "Alpha", "NoOp", "Omega"):
        hostile.node(graph_def, f"n{len(graph_def.node)}", op)
    with pytest.raises(ValueError, match=r"^No ops named Alpha, Omega in defined operations.$"):
        tf.import_graph_def(graph_def)


def test_an_imported_saver_writes_only_where_it_is_told(tmp_path, monkeypatch):
    v = tf.Variable([1.0], name="v")
    assert v.op.name == "v"
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        path = tf.train.Saver(filename=str(tmp_path / "elsewhere")).save(session, str(tmp_path / "model"))
    monkeypatch.chdir(tmp_path)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        saver = tf.train.import_meta_graph(path + ".meta")
        saver.restore(session, path)
        save = next(op for op in graph.get_operations() if op.type == "SaveV2")
        with pytest.raises(tf.errors.InvalidArgumentError, match="must feed"):
            session.run(save)
        saver.save(session, str(tmp_path / "again"))
    names = sorted(os.listdir(tmp_path))
    assert not [n for n in names if n.startswith("elsewhere")] and "again.index" in names


@pytest.mark.parametrize("name", hostile.METAS)
def test_a_meta_graph_that_lies_is_refused(tmp_path, name):
    path = tmp_path / "m.meta"
    path.write_bytes(hostile.meta(hostile.METAS[name]).SerializeToString())
    with pytest.raises(tf.errors.DataLossError):
        tf.train.import_meta_graph(str(path))


@pytest.mark.parametrize("content", [b"\xff\xff", hostile.deep_binary(), hostile.deep_text(), b"node { name: 'x"])
def test_what_is_no_message_is_refused(tmp_path, content):
    (tmp_path / "m.meta").write_bytes(content)
    with pytest.raises(tf.errors.DataLossError) as caught:
        tf.train.import_meta_graph(str(tmp_path / "m.meta"))
    assert isinstance(caught.value, OSError)  # which is what TensorFlow raises


@pytest.mark.parametrize("name", hostile.EVENTS)
def test_an_event_file_that_lies_is_refused_behind_what_is_good(tmp_path, name):
    path = tmp_path / "events"
    path.write_bytes(hostile.EVENTS[name])
    events = tf.train.summary_iterator(str(path))
    assert next(events).file_version == "brain.Event:2"
    with pytest.raises(tf.errors.DataLossError, match="record"):
        next(events)


@pytest.mark.parametrize("name", hostile.STATES)
def test_a_state_file_that_leads_elsewhere_is_refused(tmp_path, name):
    (tmp_path / "checkpoint").write_text(hostile.STATES[name])
    with pytest.raises(tf.errors.DataLossError, match="leaves the folder"):
        tf.train.get_checkpoint_state(str(tmp_path))
    assert tf.train.latest_checkpoint(str(tmp_path)) is None
