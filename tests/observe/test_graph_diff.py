"""Two builds of a graph."""

import minitf as tf
from minitf.observe.graph_diff import graph_diff, plain_name


def two_builds(first, second):
    with tf.Graph().as_default() as graph:
        first()
        before = graph.get_operations()
        second()
        return graph_diff(before, graph.get_operations()[len(before) :])


def network(width=4, activation=tf.nn.relu):
    def build():
        x = tf.placeholder(tf.float32, [None, 3])
        with tf.name_scope("net"):
            y = activation(tf.matmul(x, tf.ones([3, width])))
            tf.reduce_sum(y)

    return build


def test_a_rerun_of_an_unchanged_cell_is_an_empty_diff():
    found = two_builds(network(), network())
    assert not found and len(found.same) > 5
    assert str(found) == "no change"


def test_a_changed_attribute_is_found_where_it_is():
    found = two_builds(network(4), network(5))
    changed = {plain_name(new.name) for _, new, _ in found.changed}
    assert "net/MatMul" in changed and "Placeholder" not in changed
    assert not found.added and not found.removed


def test_what_comes_and_goes():
    found = two_builds(network(), network(activation=tf.nn.tanh))
    assert [op.type for op in found.added] == ["Tanh"] and [op.type for op in found.removed] == ["Relu"]
    assert any("input 0 was net/Relu:0" in what for *_, what in found.changed)


def test_another_wiring_is_a_change():
    def build(crossed):
        a, b = tf.constant(1.0, name="a"), tf.constant(2.0, name="b")
        tf.subtract(b, a) if crossed else tf.subtract(a, b)

    found = two_builds(lambda: build(False), lambda: build(True))
    assert [what for *_, what in found.changed] == ["input 0 was a:0, is b_1:0"]
