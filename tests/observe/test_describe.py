"""The JSON that the JupyterLab extension reads: complete, small, and equal to the TypeScript contract."""

import json
import pathlib
import re
import time

import pytest

import minitf as tf
from minitf.observe import describe as module
from minitf.observe.describe import GRAPH_MIME, GRAPH_VERSION, describe

CONTRACT = pathlib.Path(__file__).parents[2] / "labextension/src/contract/graph.ts"


@pytest.fixture
def graph():
    with tf.Graph().as_default() as made:
        yield made


def fields(interface):
    """The fields that the TypeScript contract declares."""
    body = re.search(rf"interface {interface} \{{(.*?)\n\}}", CONTRACT.read_text(), re.S).group(1)
    return set(re.findall(r"^  (\w+):", body, re.M))


def test_both_sides_of_the_contract_have_the_same_fields(graph):
    tf.placeholder(tf.float32, [None, 2])
    found = describe(graph)
    assert set(found) == fields("Graph")
    assert set(found["nodes"][0]) == fields("GraphNode")
    assert f"GRAPH_VERSION = {GRAPH_VERSION};" in CONTRACT.read_text()
    assert f"'{GRAPH_MIME}'" in CONTRACT.read_text()


def test_an_operation_in_full(graph):
    with tf.name_scope("scope"), tf.device("/cpu:0"):
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        with tf.control_dependencies([x]):
            tf.negative(x, name="y")
    with tf.control_dependencies([x]):
        tf.no_op(name="after")
    _, y, after = describe(graph)["nodes"]
    assert y.pop("origin").startswith(__file__)
    assert y == {
        "name": "scope/y", "op": "Neg", "device": "/device:CPU:0", "inputs": ["scope/x:0"],
        "outputs": ["float32 (?, 2)"], "scope": "scope", "stale": False,
    }  # fmt: skip
    assert after["inputs"] == ["^scope/x"] and after["outputs"] == []


def test_it_is_plain_json(graph):
    tf.constant([1.0, 2.0])
    assert json.loads(json.dumps(describe(graph))) == describe(graph)


def test_the_text_lists_the_boxes(graph):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    tf.negative(x, name="y")
    assert describe(graph)["text"] == "x = Placeholder() -> float32 (?, 2)\ny = Neg(x) -> float32 (?, 2)"


def test_an_empty_graph(graph):
    found = describe(graph)
    assert (found["nodes"], found["svg"], found["text"]) == ([], "", "an empty graph")


def test_a_large_graph_stays_small_and_quick(graph):
    for i in range(60):
        with tf.name_scope(f"part_{i}"):
            x = tf.placeholder(tf.float32, [None, 2])
            for _ in range(50):
                x = tf.negative(x)
    start = time.process_time()
    found = describe(graph)
    assert time.process_time() - start < 2
    assert len(json.dumps(found)) < 150_000 - len(found["svg"])
    assert len(found["nodes"]) + found["omitted"] == 60 * 51
    assert found["svg"]


def test_what_is_drawn_comes_before_what_is_not(graph, monkeypatch):
    tf.Variable([0.0], name="v")
    tf.placeholder(tf.float32, name="x")
    monkeypatch.setattr(module, "NODE_BYTES", 450)
    assert [node["name"] for node in describe(graph)["nodes"]] == ["v", "x"]
