"""Graphs shown from files."""

import numpy as np
import pytest

import minitf as tf
from minitf.notebook.documents import open_file, read_graph


@pytest.fixture
def folder(tmp_path):
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        tf.square(x, name="y")
        tf.Variable(1.0, name="v")
        tf.train.write_graph(tf.get_default_graph(), str(tmp_path), "graph.pb", as_text=False)
        tf.train.write_graph(tf.get_default_graph(), str(tmp_path), "graph.pbtxt")
        tf.train.export_meta_graph(str(tmp_path / "model.meta"))
        yield tmp_path


@pytest.mark.parametrize("name", ["graph.pb", "graph.pbtxt", "model.meta"])
def test_a_graph_is_read_into_a_graph_of_its_own(folder, name):
    before = tf.get_default_graph()
    names = [op.name for op in before.get_operations()]
    assert {op.name for op in read_graph(folder / name).get_operations()} == set(names)
    assert [op.name for op in before.get_operations()] == names


def test_a_graph_is_shown(folder, capsys):
    open_file(folder / "graph.pb")
    assert "y = Square(x)" in capsys.readouterr().out


def test_other_files_are_refused(tmp_path):
    (tmp_path / "damaged.pb").write_bytes(b"\xff\xff\xff")
    with pytest.raises(tf.errors.DataLossError):
        open_file(tmp_path / "damaged.pb")
    with pytest.raises(ValueError, match=r"notes\.txt is no graph"):
        open_file(tmp_path / "notes.txt")


def test_checkpoints_and_event_files_are_shown(folder, capsys):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        path = tf.train.Saver().save(session, str(folder / "model"), 1)
    for part in ("index", "data-00000-of-00001"):
        open_file(f"{path}.{part}")
        assert "model-1: 1 tensor" in capsys.readouterr().out
    with tf.summary.FileWriter(str(folder / "logs")) as writer:
        writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=2.0)]), 1)
    (events,) = (folder / "logs").iterdir()
    open_file(events)
    assert "loss: 1 points, 2 at first" in capsys.readouterr().out


def test_a_safetensors_file_is_shown_and_a_damaged_one_refused(tmp_path, capsys):
    package = pytest.importorskip("safetensors.numpy")
    package.save_file({"dense/kernel": np.ones((2, 3), np.float32)}, tmp_path / "net.safetensors")
    open_file(tmp_path / "net.safetensors")
    assert "1 tensor, 6 elements" in capsys.readouterr().out
    (tmp_path / "damaged.safetensors").write_bytes(b"not a header")
    with pytest.raises(tf.errors.DataLossError, match=r"damaged\.safetensors"):
        open_file(tmp_path / "damaged.safetensors")
    with pytest.raises(tf.errors.NotFoundError):
        open_file(tmp_path / "missing.safetensors")
