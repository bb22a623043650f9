"""The static drawing, and what happens where Graphviz is not there."""

import subprocess
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import minitf as tf
from minitf.observe import drawing as module
from minitf.observe.drawing import dot_source, drawing
from minitf.observe.outline import outline

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def picture():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 4], name="x")
        with tf.name_scope("layer"):
            w = tf.Variable(np.ones((4,), np.float32), name="w")
            y = tf.multiply(x, w, name="scaled")
            tf.negative(y)
        tf.constant(2.5, name="c")
        return outline(graph)


def titles(svg, kind):
    groups = [g for g in ET.fromstring(svg).iter(f"{SVG}g") if g.get("class") == kind]
    return [g.find(f"{SVG}title").text for g in groups]


def test_a_node_for_each_box_and_a_cluster_for_each_open_scope(picture):
    svg = drawing(picture)
    assert sorted(titles(svg, "node")) == ["c", "layer/Neg", "layer/scaled", "layer/w", "x"]
    assert titles(svg, "cluster") == ["cluster_layer"]
    assert "x->layer/scaled" in titles(svg, "edge")


def test_labels_tell_shapes_and_values(picture):
    source = dot_source(picture)
    assert '"w\\n4"' in source
    assert '"c\\n2.5"' in source
    assert '"scaled\\nMul"' in source
    assert "?×4" in source


def test_names_cannot_break_the_drawing():
    assert module._quoted('a"b\\c\nd') == '"a\\"b\\\\c\\nd"'


def test_long_names_are_broken():
    assert module._broken("SparseSoftmaxCrossEntropyWithLogits") == "SparseSoftmaxCross\nEntropyWithLogits"
    assert module._broken("a_very_long_name_of_something") == "a_very_long_name\n_of_something"
    assert module._broken("short") == "short" and module._broken("x" * 30) == "x" * 30


@pytest.mark.parametrize("trouble", ["none", "fails", "slow", "cannot run"])
def test_without_graphviz_there_is_no_drawing(picture, monkeypatch, trouble):
    def run(command, **keywords):
        if trouble == "slow":
            raise subprocess.TimeoutExpired(command, 10)
        if trouble == "cannot run":
            raise OSError("exec format error")
        return subprocess.CompletedProcess(command, 1, b"<svg/>", b"error")

    monkeypatch.setattr(module, "dot_program", lambda: None if trouble == "none" else "dot")
    monkeypatch.setattr(module.subprocess, "run", run)
    assert drawing(picture) == ""


def test_a_scope_alone_is_drawn():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [], name="x")
        with tf.name_scope("a"), tf.name_scope("b"):
            tf.negative(x)
    assert sorted(titles(drawing(outline(graph, "a/b")), "node")) == ["a/b/Neg", "x"]
    assert sorted(titles(drawing(outline(graph, "a", depth=2)), "node")) == ["a/b/Neg", "x"]
