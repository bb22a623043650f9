"""Saver: what is kept, what is named, what is refused."""

import os

import numpy as np
import pytest

import minitf as tf


@pytest.fixture
def session():
    tf.reset_default_graph()
    tf.Variable([1.0, 2.0], name="v")
    tf.Variable(3, name="w")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        yield session


def variable(name):
    return next(v for v in tf.global_variables() if v.op.name == name)


def test_save_and_restore(session, tmp_path):
    saver = tf.train.Saver()
    path = saver.save(session, str(tmp_path / "model"), global_step=5)
    assert path == str(tmp_path / "model-5") == tf.train.latest_checkpoint(str(tmp_path))
    session.run([tf.assign(variable("v"), [9.0, 9.0]), tf.assign(variable("w"), 0)])
    saver.restore(session, path)
    assert session.run([variable("v"), variable("w")])[1] == 3
    assert session.run(variable("v")).tolist() == [1, 2]
    with tf.Session() as fresh:  # restoring needs no initializer
        saver.restore(fresh, path)
        assert fresh.run(variable("w")) == 3


def test_names_of_the_dictionary(session, tmp_path):
    path = tf.train.Saver({"other": variable("v")}).save(session, str(tmp_path / "model"))
    assert tf.train.list_variables(path) == [("other", [2])]
    assert tf.train.load_variable(path, "other").tolist() == [1, 2]


def test_only_the_newest_are_kept(session, tmp_path):
    saver = tf.train.Saver(max_to_keep=2)
    for step in range(4):
        saver.save(session, str(tmp_path / "model"), global_step=step, write_meta_graph=False)
    assert saver.last_checkpoints == [str(tmp_path / f"model-{i}") for i in (2, 3)]
    assert sorted(f for f in os.listdir(tmp_path) if f.endswith(".index")) == [
        "model-2.index",
        "model-3.index",
    ]
    state = tf.train.get_checkpoint_state(str(tmp_path))
    assert list(state.all_model_checkpoint_paths) == saver.last_checkpoints


def test_one_is_kept_for_good(session, tmp_path):
    saver = tf.train.Saver(max_to_keep=1, keep_checkpoint_every_n_hours=0)
    for step in range(3):
        saver.save(session, str(tmp_path / "model"), global_step=step)
    assert all(tf.train.checkpoint_exists(str(tmp_path / f"model-{i}")) for i in range(3))


def test_relative_paths_move_with_the_folder(session, tmp_path):
    (tmp_path / "a").mkdir()
    tf.train.Saver(save_relative_paths=True).save(session, str(tmp_path / "a" / "model"))
    os.rename(tmp_path / "a", tmp_path / "b")
    assert tf.train.latest_checkpoint(str(tmp_path / "b")) == str(tmp_path / "b" / "model")


def test_step_from_a_variable(session, tmp_path):
    path = tf.train.Saver().save(session, str(tmp_path / "model"), global_step=variable("w"))
    assert path.endswith("model-3")


def test_what_is_refused(session, tmp_path):
    saver = tf.train.Saver()
    with pytest.raises(ValueError):
        saver.restore(session, str(tmp_path / "none"))
    with pytest.raises(ValueError):
        saver.restore(session, None)
    with pytest.raises(ValueError):
        saver.save(session, str(tmp_path / "no" / "folder" / "model"))
    with pytest.raises(ValueError):
        saver.save(session, str(tmp_path / "checkpoint"))
    with pytest.raises(TypeError):
        tf.train.Saver([tf.constant(1)])
    with pytest.raises(ValueError):
        tf.train.Saver([variable("v"), variable("v")])
    with tf.Graph().as_default(), pytest.raises(ValueError):
        tf.train.Saver()


@pytest.mark.parametrize(
    ("value", "error"),
    [([1.0, 2.0, 3.0], tf.errors.InvalidArgumentError), ([1, 2], tf.errors.InvalidArgumentError)],
    ids=["shape", "dtype"],
)
def test_a_variable_that_does_not_fit(session, tmp_path, value, error):
    path = tf.train.Saver().save(session, str(tmp_path / "model"))
    with tf.Graph().as_default(), tf.Session() as other:
        tf.Variable(value, name="v")
        with pytest.raises(error):
            tf.train.Saver().restore(other, path)


def test_a_missing_variable(session, tmp_path):
    path = tf.train.Saver().save(session, str(tmp_path / "model"))
    with tf.Graph().as_default(), tf.Session() as other:
        tf.Variable(1, name="new")
        with pytest.raises(tf.errors.NotFoundError, match="new"):
            tf.train.Saver().restore(other, path)


def test_meta_graph(session, tmp_path):
    tf.multiply(variable("v"), 2.0, name="double")
    tf.add_to_collection("answers", 42)
    path = tf.train.Saver().save(session, str(tmp_path / "model"))
    with tf.Graph().as_default(), tf.Session() as other:
        saver = tf.train.import_meta_graph(path + ".meta")
        saver.restore(other, path)
        assert other.run("double:0").tolist() == [2, 4]
        assert [v.op.name for v in tf.trainable_variables()] == ["v", "w"]
        assert tf.get_collection("answers") == [42]
        other.run(tf.global_variables_initializer())


def test_meta_graph_in_a_scope(session, tmp_path):
    path = tf.train.Saver().save(session, str(tmp_path / "model"))
    with tf.Graph().as_default(), tf.Session() as other:
        tf.train.import_meta_graph(path + ".meta", import_scope="old").restore(other, path)
        assert other.run("old/v:0").tolist() == [1, 2]


def test_frozen_graph(session):
    result = tf.multiply(variable("v"), 2.0, name="double")
    frozen = tf.graph_util.convert_variables_to_constants(session, session.graph_def, ["double"])
    assert {node.op for node in frozen.node} == {"Const", "Identity", "Mul"}
    with tf.Graph().as_default(), tf.Session() as other:
        (found,) = tf.import_graph_def(frozen, return_elements=["double:0"])
        assert found.name == "import/double:0"
        assert np.array_equal(other.run(found), session.run(result))


def test_import_refuses_what_it_does_not_know(session):
    graph_def = tf.GraphDef()
    graph_def.node.add(name="x", op="NoSuchOp")
    with pytest.raises(ValueError, match="NoSuchOp"):
        tf.import_graph_def(graph_def)
    with pytest.raises(TypeError):
        tf.import_graph_def("x")
    graph_def.node[0].op = "Identity"
    graph_def.node[0].input.append("nowhere")
    with pytest.raises(ValueError, match="nowhere"):
        tf.import_graph_def(graph_def)


def test_input_map_and_return_elements(session):
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [], name="x")
        tf.multiply(x, 3.0, name="y")
        graph_def = graph.as_graph_def()
    replaced, op = tf.import_graph_def(graph_def, {"x": tf.constant(5.0)}, ["y:0", "y"], name="part")
    assert session.run(replaced) == 15 and op.name == "part/y"


@pytest.mark.parametrize("one_shot", [True, False])
def test_a_pipeline_does_not_come_back_and_says_so(session, tmp_path, one_shot):
    """What stands behind it does, with other input."""
    dataset = tf.data.Dataset.from_tensor_slices([1.0, 2.0]).map(lambda x: x * 2)
    kind = dataset.make_one_shot_iterator if one_shot else dataset.make_initializable_iterator
    iterator = kind()
    tf.identity(iterator.get_next() + 1.0, name="y")
    initializer = None if one_shot else iterator.initializer.name
    meta = tf.train.export_meta_graph()
    with tf.Graph().as_default(), tf.Session() as other:
        tf.train.import_meta_graph(meta)
        with pytest.raises(tf.errors.FailedPreconditionError, match="does not hold the functions of datasets"):
            if initializer:
                other.run(initializer)
            other.run("y:0")
        assert other.run("y:0", {"IteratorGetNext:0": 5.0}) == 6
