"""The tree of name scopes."""

import json

import pytest

import minitf as tf
from minitf.observe.scopes import describe_scopes, scope_rows, size_of


@pytest.fixture
def graph():
    with tf.Graph().as_default() as graph:
        with tf.name_scope("net"):
            tf.Variable(tf.zeros([3, 4]), name="w")
            tf.Variable(tf.zeros([4], tf.float64), name="b", trainable=False)
        tf.placeholder(tf.float32, [], name="x")
    return graph


def test_parameters_and_bytes_add_up(graph):
    rows = {row.path: row for row in scope_rows(graph)}
    assert list(rows)[:2] == ["", "net"]
    net = rows["net"]
    assert (net.variables, net.parameters, net.trainable, net.bytes) == (2, 16, 12, 48 + 32)
    assert (rows["net/w"].shape, rows["net/w"].dtype) == ("3×4", "float32")
    assert rows[""].operations == len(graph.get_operations())
    assert rows[""].parameters == sum(v.shape.num_elements() for v in graph.get_collection("variables"))


def test_a_part_of_the_tree(graph):
    assert scope_rows(graph, "net")[0].parameters == 16
    with pytest.raises(KeyError, match="nothing"):
        scope_rows(graph, "nothing")


def test_it_is_json_and_text(graph):
    found = describe_scopes(graph)
    assert json.loads(json.dumps(found)) == found
    assert "w" in found["text"] and "12 parameters" in found["text"]


def test_sizes_in_words():
    assert [size_of(n) for n in (12, 3100, 2_000_000, 5e9)] == ["12 bytes", "3.1 kB", "2 MB", "5 GB"]
