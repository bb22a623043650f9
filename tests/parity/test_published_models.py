"""Models that others trained and published with TensorFlow: read, and run, as TensorFlow does."""

import numpy as np
import pytest

from minitf.graph.messages import SavedModel
from tests.parity.published import BASIC_PITCH, GUESSLANG, published

SNIPPETS = np.array([
    b"def f(x):\n    return x + 1\nimport os\nprint(os.getcwd())\n",
    b"#include <stdio.h>\nint main(void) { printf(\"hi\\n\"); return 0; }\n",
    b"package main\nimport \"fmt\"\nfunc main() { fmt.Println(1) }\n",
], object)  # fmt: skip


@pytest.mark.parametrize(
    ("package", "model", "tensors", "values"),
    [("guesslang", GUESSLANG, 10, 674_605), ("basic-pitch", BASIC_PITCH, 74, 50_441)],
)
def test_every_tensor_is_what_tensorflow_reads(tf1, mtf, package, model, tensors, values):
    prefix = str(published(package) / model / "variables" / "variables")
    ours, theirs = mtf.train.load_checkpoint(prefix), tf1.train.load_checkpoint(prefix)
    shapes = ours.get_variable_to_shape_map()
    assert shapes == theirs.get_variable_to_shape_map() and len(shapes) == tensors
    assert ours.debug_string() == theirs.debug_string()
    total = 0
    for name in shapes:
        a, b = ours.get_tensor(name), theirs.get_tensor(name)
        total += a.size if a.dtype != object else 0
        if isinstance(b, bytes):  # TensorFlow gives the one string itself
            assert a.item() == b
        else:
            assert a.dtype == b.dtype and np.array_equal(a, b)
    assert total == values


def test_a_saved_model_of_an_estimator_runs(tf1, mtf):
    """String operations, tables, functions, lists, resource variables: 67 operations and those of 16 functions."""
    folder = str(published("guesslang") / GUESSLANG)
    found = []
    for tf in (mtf, tf1):
        with tf.Graph().as_default(), tf.Session() as session:
            meta = tf.saved_model.loader.load(session, ["serve"], folder)
            signature = meta.signature_def["predict"]
            feed = {signature.inputs["content"].name: SNIPPETS}
            outputs = {k: signature.outputs[k].name for k in ("probabilities", "classes", "class_ids", "all_classes")}
            found.append(session.run(outputs, feed))
    ours, theirs = found
    assert ours["classes"].tolist() == theirs["classes"].tolist() == [[b"py"], [b"c"], [b"go"]]
    np.testing.assert_allclose(ours["probabilities"], theirs["probabilities"], atol=1e-6)
    assert ours["class_ids"].tolist() == theirs["class_ids"].tolist()
    assert ours["all_classes"].tolist() == theirs["all_classes"].tolist()


def test_a_saved_model_of_tensorflow_2_runs(tf1, mtf):
    """A network for music: all of it in functions, restored by a function, too."""
    folder = str(published("basic-pitch") / BASIC_PITCH)
    sound = np.random.default_rng(0).standard_normal((1, 43844, 1)).astype(np.float32) / 10
    found = []
    for tf in (mtf, tf1):
        with tf.Graph().as_default(), tf.Session() as session:
            signature = tf.saved_model.loader.load(session, ["serve"], folder).signature_def["serving_default"]
            (given,) = signature.inputs.values()
            outputs = {k: signature.outputs[k].name for k in ("note", "onset", "contour")}
            found.append(session.run(outputs, {given.name: sound}))
    for name, array in found[0].items():
        np.testing.assert_allclose(array, found[1][name], atol=1e-5)


def test_the_missing_operations_are_named(mtf, tmp_path):
    """Those of the graph and of the functions that it calls, each once."""
    folder = published("guesslang") / GUESSLANG
    model = SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    graph_def = model.meta_graphs[0].graph_def
    graph_def.node[10].op = graph_def.node[20].op = "NotYet"
    graph_def.library.function[0].node_def[0].op = "AnotherOne"
    (tmp_path / "saved_model.pb").write_bytes(model.SerializeToString())
    with mtf.Graph().as_default(), mtf.Session() as session, pytest.raises(ValueError) as caught:
        mtf.saved_model.loader.load(session, ["serve"], str(tmp_path))
    assert str(caught.value) == "No ops named AnotherOne, NotYet in defined operations."
