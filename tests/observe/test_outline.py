"""What a picture of a graph shows, and what it leaves out."""

import numpy as np
import pytest

import minitf as tf
from minitf.observe.outline import MOST, ROOMY, outline


@pytest.fixture
def graph():
    with tf.Graph().as_default() as made:
        yield made


def names(picture):
    return [box.name for box in picture.boxes]


def edges(picture):
    return {(e.source.name, e.target.name) for e in picture.edges}


def kinds(picture):
    return {box.name: box.kind for box in picture.boxes}


def test_a_small_graph_is_shown_whole(graph):
    a, b = tf.constant(3.0, name="a"), tf.placeholder(tf.float32, [], name="b")
    tf.add(a, b, name="sum")
    picture = outline(graph)
    assert kinds(picture) == {"a": "constant", "b": "placeholder", "sum": "operation"}
    assert edges(picture) == {("a", "sum"), ("b", "sum")}
    assert picture.hidden == []


def test_a_variable_is_one_box_and_the_initializer_is_named_only(graph):
    v = tf.Variable(np.zeros((2, 3), np.float32), name="v")
    tf.identity(v, name="seen")
    tf.global_variables_initializer()
    picture = outline(graph)
    assert kinds(picture) == {"v": "variable", "seen": "operation"}
    assert edges(picture) == {("v", "seen")}
    assert picture.hidden == ["init"]


def test_an_operation_and_the_constant_made_for_it_are_one_box(graph):
    x = tf.placeholder(tf.float32, [], name="x")
    tf.multiply(x, 2.0, name="twice")
    assert names(outline(graph)) == ["x", "twice"]


def test_an_axis_is_not_drawn(graph):
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    tf.reduce_sum(x, 0, name="total")
    axis = tf.constant(0, name="axis")
    tf.reduce_sum(x, axis, name="again")
    assert names(outline(graph)) == ["x", "total", "again"]


def scopes_of(count, size):
    x = tf.placeholder(tf.float32, [], name="x")
    for i in range(count):
        with tf.name_scope(f"block_{i}"):
            for _ in range(size):
                x = tf.negative(x)


def test_scopes_open_while_the_picture_is_small(graph):
    scopes_of(5, 10)
    picture = outline(graph)
    assert len(picture.boxes) <= ROOMY
    assert picture.open_scopes and len(picture.open_scopes) < 5
    assert {"x", "block_4"} <= set(names(picture))


def test_depth_opens_that_many_levels(graph):
    with tf.name_scope("outer"):
        x = tf.placeholder(tf.float32, [], name="x")
        with tf.name_scope("inner"):
            tf.negative(x)
    assert names(outline(graph, depth=0)) == ["outer"]
    assert names(outline(graph, depth=1)) == ["outer/x", "outer/inner"]
    assert names(outline(graph, depth=2)) == ["outer/x", "outer/inner/Neg"]
    with pytest.raises(ValueError, match="depth"):
        outline(graph, depth=-1)


def test_one_scope_with_what_it_takes_from_outside(graph):
    scopes_of(2, 2)
    picture = outline(graph, "block_1")
    assert names(picture) == ["block_0/Neg_1", "block_1/Neg", "block_1/Neg_1"]
    assert kinds(picture)["block_0/Neg_1"] == "outside"
    assert edges(picture) == {("block_0/Neg_1", "block_1/Neg"), ("block_1/Neg", "block_1/Neg_1")}
    with pytest.raises(KeyError, match="block_0, block_1"):
        outline(graph, "block_7")


def test_gradients_are_one_box(graph):
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.multiply(x, x, name="y")
    tf.gradients(tf.negative(y, name="z"), x)
    picture = outline(graph)
    assert kinds(picture)["gradients"] == "training"
    assert len([e for e in picture.edges if e.target.name == "gradients"]) == 1
    assert len(outline(graph, "gradients").boxes) > 2


def test_no_picture_has_too_many_boxes(graph):
    for _ in range(MOST + 50):
        tf.placeholder(tf.float32, [])
    picture = outline(graph)
    assert len(picture.boxes) == MOST + 1
    assert picture.boxes[-1].name == "and more" and len(picture.boxes[-1].ops) == 50


def test_operations_that_only_wait_have_an_edge_without_tensors(graph):
    a = tf.placeholder(tf.float32, [], name="a")
    with tf.control_dependencies([a]):
        tf.no_op(name="after")
    (edge,) = outline(graph).edges
    assert (edge.source.name, edge.target.name, edge.tensors) == ("a", "after", [])
