"""`cond` and `while_loop` in a GraphDef: functions that TensorFlow runs, and that come back."""

import numpy as np
import pytest

import minitf
from minitf.graph.labels import output_labels
from minitf.ops.op import registry
from tests.parity import test_control_flow, test_functional, test_rnn

OWN = {  # what TensorFlow has no operation for, which a graph in a file may therefore not hold for it
    "ImagePatchesGrad", "ListConcatLike", "ListDense", "RandomPositions", "RestoreRandomPositions", "Update",
}  # fmt: skip
INSIDE_ONLY = {
    "If", "While", "WhileGrad", "LoopVariable", "ListAdd", "ListDrop", "ListItemLike", "ListPlace", "ListRowsLike",
    "ListResize", "ListScatter", "ListShorten", "ListZerosLike",
}  # fmt: skip


def training(tf):
    """A step of training through a loop over sequences, with a condition in its body."""
    x = tf.placeholder(tf.float32, [None, 4, 3], name="x")
    cell = tf.nn.rnn_cell.GRUCell(5, kernel_initializer=tf.constant_initializer(0.3))
    outputs, _ = tf.nn.dynamic_rnn(cell, x, sequence_length=[4, 2], dtype=tf.float32)
    loss = tf.reduce_mean(tf.square(outputs - 1.0), name="loss")
    step = tf.train.get_or_create_global_step()
    train = tf.train.AdamOptimizer(0.05).minimize(loss, step)
    with tf.control_dependencies([train]):
        after = tf.identity(step)
    return [loss, after], {x: np.arange(24, dtype=np.float32).reshape(2, 4, 3) / 9 - 1}


def rows_of_a_table(tf):
    table = tf.Variable(np.arange(12, dtype=np.float32).reshape(4, 3))

    def turn(i, total):
        return i + 1, total + tf.reduce_sum(tf.nn.embedding_lookup(table, [i, i + 1]) ** 2)

    total = tf.while_loop(lambda i, _: i < 3, turn, [0, 0.0])[1]
    (gradient,) = tf.gradients(total, [table])
    return [total, gradient.values, gradient.indices], {}


def assigns_in_a_loop(tf):
    v = tf.Variable(1.0)
    p = tf.placeholder(tf.bool, [], name="p")

    def turn(i):
        with tf.control_dependencies([tf.assign_add(v, 2.0)]):
            return i + 1

    with tf.control_dependencies([tf.while_loop(lambda i: i < 4, turn, [0])]):
        y = tf.cond(p, lambda: tf.assign(v, v * 10.0), lambda: tf.identity(v))
    return y, {p: True}


def loop_of_branches(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    w = tf.Variable([1.0, 2.0, 3.0])

    def turn(i, y):
        y = tf.cond(tf.equal(i % 2, 0), lambda: y * w, lambda: tf.cond(y[0] > 100.0, lambda: -y, lambda: tf.sin(y) + w))
        return i + 1, y

    y = tf.while_loop(lambda i, _: i < 5, turn, [0, x])[1]
    return [y, *tf.gradients(y, [x, w])], {x: np.array([0.5, -1, 2], np.float32)}


def second_order(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    y = tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, y * x), [0, x])[1]
    (first,) = tf.gradients(y, x)
    return [y, first, tf.gradients(first, x)[0]], {x: np.float32(2.0)}


CONDS = [value for name, value in vars(test_control_flow).items() if name.startswith(("cond_", "case_"))]
PROGRAMS = {
    **{p.__name__: (lambda tf, p=p: p(tf, 1.5)) for p in CONDS},
    **{p.__name__: p for p in test_control_flow.WHILES},
    **{p.__name__: p for name, p in vars(test_functional).items() if name.startswith("array_")},
    **{p.__name__: p for p in (test_rnn.dynamic, test_rnn.dynamic_lengths, test_rnn.dynamic_time_major, test_rnn.raw)},
    **{p.__name__: p for p in (training, rows_of_a_table, assigns_in_a_loop, loop_of_branches, second_order)},
}


def leaves(tf, fetches):
    """The names of all tensors and operations in a structure of fetches."""
    found = []
    for item in tf.nest.flatten(fetches):
        parts = [item.values, item.indices] if hasattr(item, "indices") else [item]
        found += [p.name for p in parts if p is not None]
    return found


class Exported:
    """A program built here: its GraphDef, what to run before, what to fetch and feed, and the results of two runs."""

    def __init__(self, program):
        with minitf.Graph().as_default() as graph:
            fetches, feeds = program(minitf)
            self.fetches, self.feeds = leaves(minitf, fetches), {t.name: value for t, value in feeds.items()}
            variables = [*minitf.global_variables(), *minitf.local_variables()]
            self.initializers = [v.initializer.name for v in variables]
            self.graph_def = graph.as_graph_def()
            self.values = self.run(graph, minitf)

    def run(self, graph, tf):
        with tf.Session(graph=graph) as session:
            if self.initializers:
                session.run(self.initializers)
            return [session.run(self.fetches, self.feeds) for _ in range(2)]

    def imported(self, tf, data, **keywords):
        with tf.Graph().as_default() as graph:
            tf.import_graph_def(tf.GraphDef.FromString(data), name="", **keywords)
            return graph, self.run(graph, tf)


def assert_equal(found, expected, rtol=0.0):
    for a, b in zip(found, expected, strict=True):
        for x, y in zip(a, b, strict=True):
            if x is not None:
                np.testing.assert_allclose(x, y, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("name", PROGRAMS)
def test_goes_to_tensorflow_and_comes_back(tf1, name):
    exported = Exported(PROGRAMS[name])
    data = exported.graph_def.SerializeToString()
    graph, values = exported.imported(minitf, data)
    assert_equal(values, exported.values)
    again = graph.as_graph_def()
    assert_equal(exported.imported(minitf, again.SerializeToString())[1], exported.values)
    if {n.op for n in exported.graph_def.node} & OWN:
        pytest.skip("has operations that TensorFlow does not have")
    for written in (data, again.SerializeToString()):
        assert_equal(exported.imported(tf1, written)[1], exported.values, 1e-5)


def test_labels_of_outputs():
    pytest.importorskip("tensorflow")
    from tensorflow.python.framework import op_def_registry

    for kind in set(registry) - OWN - INSIDE_ONLY:
        theirs = [a.name for a in op_def_registry.get(kind).output_arg]
        assert not theirs or output_labels(kind) == theirs, kind


def test_a_frozen_loop(tf1):
    """Its variables are constants, those in functions, too."""
    tf = minitf
    with tf.Graph().as_default() as graph, tf.Session() as session:
        y, feeds = loop_of_branches(tf)
        name, feeds = y[0].name, {x.name: value for x, value in feeds.items()}
        session.run(tf.global_variables_initializer())
        expected = session.run(name, feeds)
        frozen = tf.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), [y[0].op.name])
    assert not [n for n in (*frozen.node, *(n for f in frozen.library.function for n in f.node_def))
                if n.op == "VariableV2"]  # fmt: skip
    for reader in (tf1, tf):
        with reader.Graph().as_default(), reader.Session() as session:
            reader.import_graph_def(reader.GraphDef.FromString(frozen.SerializeToString()), name="")
            np.testing.assert_allclose(session.run(name, feeds), expected, rtol=1e-6)


@pytest.mark.parametrize("reader", ["ours", "TensorFlow's"])
@pytest.mark.parametrize("scope", [None, "taken/over"])
def test_training_goes_on_from_a_meta_graph(tf1, tmp_path, reader, scope):
    tf, path = minitf, str(tmp_path / "model")
    with tf.Graph().as_default(), tf.Session() as session:
        (loss, _), feeds = training(tf)
        session.run(tf.global_variables_initializer())
        session.run("Adam", feeds)
        tf.train.Saver().save(session, path)
        feeds, name = {x.name: value for x, value in feeds.items()}, loss.name
        expected = [session.run(["Adam", name], feeds)[1] for _ in range(3)]
    tf = minitf if reader == "ours" else tf1
    prefix = f"{scope}/" if scope else ""
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(path + ".meta", import_scope=scope)
        saver.restore(session, path)
        (train,) = tf.get_collection("train_op")
        loss = tf.get_default_graph().get_tensor_by_name(prefix + name)
        feeds = {prefix + x: value for x, value in feeds.items()}
        np.testing.assert_allclose([session.run([train, loss], feeds)[1] for _ in range(3)], expected, rtol=1e-4)
        assert len(tf.trainable_variables()) == 4


@pytest.mark.parametrize("reader", ["ours", "TensorFlow's"])
def test_a_saved_model_of_a_recurrent_network(tf1, tmp_path, reader):
    tf, folder = minitf, str(tmp_path / "model")
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 4, 3])
        cell = tf.nn.rnn_cell.BasicLSTMCell(5)
        y = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)[0]
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, folder, {"x": x}, {"y": y})
        value = np.ones((2, 4, 3), np.float32)
        expected = session.run(y, {x: value})
    tf = minitf if reader == "ours" else tf1
    with tf.Graph().as_default(), tf.Session() as session:
        signature = tf.saved_model.loader.load(session, ["serve"], folder).signature_def["serving_default"]
        found = session.run(signature.outputs["y"].name, {signature.inputs["x"].name: value})
        np.testing.assert_allclose(found, expected, rtol=1e-5)


THEIRS = {name: p for name, p in PROGRAMS.items() if name != "training"}  # which needs cells that TensorFlow 2 has not


@pytest.fixture(params=["frames", "functions"])
def form(request, tf1):
    """How TensorFlow writes loops: as nodes that send values around, as TensorFlow 1 did, or as functions."""
    if request.param == "functions":
        tf1.enable_control_flow_v2()
        yield request.param
        tf1.disable_control_flow_v2()
    else:
        yield request.param


@pytest.mark.parametrize("name", THEIRS)
def test_comes_from_tensorflow(tf1, form, name):
    with tf1.Graph().as_default() as graph:
        try:
            fetches, feeds = THEIRS[name](tf1)
        except (TypeError, ValueError, AttributeError, AssertionError) as error:
            assert form == "functions" or name == "second_order"
            pytest.skip(f"TensorFlow itself can't build it in this form: {type(error).__name__}")
        exported = Exported.__new__(Exported)
        exported.fetches, exported.feeds = leaves(tf1, fetches), {t.name: value for t, value in feeds.items()}
        variables = [*tf1.global_variables(), *tf1.local_variables()]
        exported.initializers = [v.initializer.name for v in variables]
        expected = exported.run(graph, tf1)
        data = graph.as_graph_def(add_shapes=True).SerializeToString()
    assert_equal(exported.imported(minitf, data)[1], expected, 1e-5)
