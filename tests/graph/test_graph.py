"""The graph: names, scopes, lookups, control dependencies, collections, devices, finalize."""

import threading

import pytest

import minitf as tf
from minitf.graph.scopes import merge_devices


@pytest.fixture
def graph():
    with tf.Graph().as_default() as made:
        yield made


def names(graph):
    return [op.name for op in graph.get_operations()]


def test_default_names_count_up(graph):
    for _ in range(3):
        tf.constant(1)
    tf.constant(1, name="Const_1")
    tf.constant(1, name="const")
    assert names(graph) == ["Const", "Const_1", "Const_2", "Const_1_1", "const_3"]


def test_name_scopes_nest_repeat_and_reenter(graph):
    with tf.name_scope("a") as a:
        x = tf.constant(1, name="x")
        with tf.name_scope("b"):
            y = tf.constant(1, name="x")
    with tf.name_scope("a"):
        z = tf.constant(1, name="x")
    with tf.name_scope(a), tf.name_scope(None):
        top = tf.constant(1, name="x")
    with tf.name_scope(a):
        again = tf.constant(1, name="x")
    assert [t.op.name for t in (x, y, z, top, again)] == ["a/x", "a/b/x", "a_1/x", "x", "a/x_1"]


@pytest.mark.parametrize("name", ["a b", "-x", "x:0", ""])
def test_bad_operation_names(graph, name):
    if name == "":
        assert tf.constant(1, name=name).op.name == "Const"
    else:
        with pytest.raises(ValueError, match="not a valid"):
            tf.constant(1, name=name)


def test_lookup(graph):
    x = tf.constant([1.0], name="x")
    assert graph.get_tensor_by_name("x:0") is x
    assert graph.get_operation_by_name("x") is x.op
    assert graph.as_graph_element("x") is x.op and graph.as_graph_element("x:0") is x
    for wrong, error in (("x", ValueError), ("y:0", KeyError), ("x:1", KeyError), ("x:y", ValueError)):
        with pytest.raises(error):
            graph.get_tensor_by_name(wrong)
    with pytest.raises(KeyError):
        graph.get_operation_by_name("y")
    with pytest.raises(TypeError):
        graph.get_operation_by_name(3)
    with pytest.raises(TypeError, match="Can not convert a float"):
        graph.as_graph_element(3.5)
    with tf.Graph().as_default() as other, pytest.raises(ValueError, match="not an element of this graph"):
        other.as_graph_element(x)


def test_operations_of_two_graphs_do_not_mix(graph):
    x = tf.constant(1)
    with tf.Graph().as_default():
        y = tf.constant(1)
    with pytest.raises(ValueError, match="same graph"):
        x + y


def test_origin_is_the_users_line(graph):
    x = tf.constant(1)
    assert x.op.origin.file == __file__
    assert "test_origin_is_the_users_line" in x.op.traceback[0]


def test_control_dependencies_add_up_and_are_pruned(graph):
    a, b = tf.constant(1, name="a"), tf.constant(1, name="b")
    with tf.control_dependencies([a]):
        c = tf.constant(1, name="c")
        with tf.control_dependencies([b]):
            d = tf.constant(1, name="d")
            e = tf.identity(c, name="e")
        with tf.control_dependencies(None):
            f = tf.constant(1, name="f")
    assert c.op.control_inputs == [a.op]
    assert d.op.control_inputs == [a.op, b.op]
    assert e.op.control_inputs == [b.op], "c, its input, waits for a already"
    assert f.op.control_inputs == []


def test_devices_merge(graph):
    with tf.device("/job:worker"), tf.device("/cpu:0"):
        x = tf.constant(1)
        with tf.device("/gpu:1"):
            y = tf.constant(1)
        with tf.device(None):
            z = tf.constant(1)
        with tf.device(lambda op: "/gpu:2" if op.type == "Const" else ""):
            w = tf.constant(1)
    assert [t.device for t in (x, y, z, w)] == [
        "/job:worker/device:CPU:0", "/job:worker/device:GPU:1", "", "/job:worker/device:GPU:2",
    ]  # fmt: skip
    assert merge_devices("/job:a/gpu:0", "/job:b") == "/job:b/device:GPU:0"


def test_collections(graph):
    v = tf.Variable(1.0, name="v")
    w = tf.Variable(1.0, name="w", trainable=False)
    graph.add_to_collection("mine", v)
    graph.add_to_collections(["mine", "yours", "mine"], w)
    assert graph.get_collection("mine") == [v, w] and graph.get_collection("yours") == [w]
    assert tf.get_collection("variables", "w") == [w]
    copy = graph.get_collection("mine")
    copy.append(1)
    assert graph.get_collection("mine") == [v, w]
    graph.get_collection_ref("mine").append(1)
    assert graph.get_collection("mine") == [v, w, 1]
    graph.clear_collection("mine")
    assert graph.get_collection("mine") == []


def test_finalize(graph):
    tf.constant(1)
    graph.finalize()
    with pytest.raises(RuntimeError, match="finalized"):
        tf.constant(2)
    with pytest.raises(RuntimeError):
        graph.add_to_collection("a", 1)


def test_failed_operation_leaves_no_trace(graph):
    x = tf.placeholder(tf.float32, [2])
    y = tf.placeholder(tf.float32, [3])
    before = names(graph)
    with pytest.raises(ValueError, match=r"\[2\], \[3\].*test_graph.py"):
        tf.add(x, y)
    assert names(graph) == before and x.consumers() == []


def test_reset_default_graph():
    before = tf.get_default_graph()
    tf.reset_default_graph()
    assert tf.get_default_graph() is not before
    with tf.Graph().as_default(), pytest.raises(AssertionError):
        tf.reset_default_graph()


def test_each_thread_has_its_own_default_graph(graph):
    found = []
    thread = threading.Thread(target=lambda: found.append(tf.get_default_graph()))
    thread.start()
    thread.join()
    assert found[0] is not graph


def test_tensors_are_not_values(graph):
    x = tf.constant([1.0, 2.0])
    with pytest.raises(TypeError, match="bool"):
        bool(x)
    with pytest.raises(TypeError, match="not iterable"):
        list(x)
    with pytest.raises(TypeError):
        len(x)
    assert str(x) == 'Tensor("Const:0", shape=(2,), dtype=float32)'
    assert repr(x) == "<tf.Tensor 'Const:0' shape=(2,) dtype=float32>"


def test_set_shape_adds_knowledge(graph):
    x = tf.placeholder(tf.float32)
    x.set_shape([None, 3])
    x.set_shape([2, None])
    assert x.shape.as_list() == [2, 3]
    with pytest.raises(ValueError):
        x.set_shape([4, 3])
