"""Graphs that TensorFlow wrote with its first control flow run and train here, without TensorFlow."""

import os
import pathlib

import numpy as np
import pytest

import minitf as tf
from minitf import errors

FOLDER = pathlib.Path(__file__).parent / "written_by_tensorflow"
X = np.random.default_rng(0).standard_normal((2, 5, 3)).astype(np.float32)
STEPS = {  # feeds and y before each step of training, as TensorFlow 2.21 gives them
    "loop": ([{"x:0": X, "n:0": [5, 3]}] * 3, [1.1557246, 3.9938193, 6.581177]),
    "branches": ([{"x:0": 1.5}, {"x:0": 0.5}, {"x:0": -1.0}], [3.0, 2.35, 1.0]),
}


def graph_def(name):
    return tf.GraphDef.FromString((FOLDER / f"{name}.pb").read_bytes())


@pytest.mark.parametrize("name", STEPS)
def test_a_graph_of_tensorflow_1_trains(name):
    feeds, expected = STEPS[name]
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.import_graph_def(graph_def(name), name="")
        session.run([op for op in graph.get_operations() if op.type == "Assign"])
        found = []
        for feed in feeds:
            found.append(session.run("y:0", feed))
            session.run("train", feed)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_what_is_no_loop_is_refused_with_its_name():
    broken = graph_def("loop")
    del next(n for n in broken.node if n.op == "NextIteration").input[:]
    with tf.Graph().as_default(), pytest.raises(errors.DataLossError, match="control flow of the graph is broken"):
        tf.import_graph_def(broken)
    broken = graph_def("loop")
    next(n for n in broken.node if n.op == "LoopCond").op = "Identity"
    with tf.Graph().as_default(), pytest.raises(errors.DataLossError, match="has 0 conditions"):
        tf.import_graph_def(broken)


@pytest.mark.skipif("MINITF_SERVING" not in os.environ, reason="MINITF_SERVING names no sources of TensorFlow Serving")
def test_a_saved_model_of_tensorflow_1_0():
    """Of TensorFlow 1.0.0-rc2, from the tests of TensorFlow Serving: y = x / 2 + 3."""
    models = pathlib.Path(os.environ["MINITF_SERVING"], "tensorflow_serving/servables/tensorflow/testdata")
    folder = str(models / "saved_model_half_plus_three/00000123")
    assert tf.train.list_variables(f"{folder}/variables/variables") == [("a", []), ("b", []), ("c", [])]
    example = tf.train.Example()
    example.features.feature["x"].float_list.value.append(4.0)
    with tf.Graph().as_default(), tf.Session() as session:
        signatures = tf.saved_model.loader.load(session, ["serve"], folder).signature_def
        serving, regress = signatures["serving_default"], signatures["tensorflow/serving/regress"]
        assert session.run(serving.outputs["y"].name, {serving.inputs["x"].name: [4.0]}) == 5
        feed = {regress.inputs["inputs"].name: np.array(example.SerializeToString(), object)}
        assert session.run(regress.outputs["outputs"].name, feed) == 5
