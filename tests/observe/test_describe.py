"""The JSON that the JupyterLab extension reads: complete, small, and equal to the TypeScript contract."""

import base64
import json
import pathlib
import re
import time
import zlib

import pytest

import minitf as tf
from minitf.observe import columns
from minitf.observe import describe as module
from minitf.observe.describe import GRAPH_MIME, GRAPH_VERSION, describe
from minitf.observe.roles import ROLES
from minitf.observe.run_slice import RunSlice

CONTRACT = pathlib.Path(__file__).parents[2] / "labextension/src/contract/graph.ts"


@pytest.fixture
def graph():
    with tf.Graph().as_default() as made:
        yield made


def fields(interface):
    """The fields that the TypeScript contract declares."""
    body = re.search(rf"interface {interface} \{{(.*?)\n\}}", CONTRACT.read_text(), re.S).group(1)
    return set(re.findall(r"^  (\w+):", body, re.M))


def nodes(description):
    """[{name, op, inputs ...}] of the columns, as TypeScript reads them."""
    table = description["table"]
    if isinstance(table, str):
        table = json.loads(zlib.decompress(base64.b64decode(table)))
    strings, paths, producers, found, first = table["strings"], [""], [], [], 0
    for outer, label in table["scopes"]:
        paths.append(f"{paths[outer]}/{label}".lstrip("/"))
    for i, outputs in enumerate(table["outputs"]):
        producers += [(i, k) for k in range(len(outputs))]
    for i, outputs in enumerate(table["outputs"]):
        text = {c: strings[table[c][i]] for c in ("op", "device", "origin")}
        name = f"{paths[table['scope'][i]]}/{strings[table['label'][i]]}".lstrip("/")
        inputs = [producers[first - back] for back in table["inputs"][i]]
        controls = [i - back for back in table["controls"][i]]
        shapes = [strings[n] for n in outputs]
        found.append(text | {"name": name, "inputs": inputs, "controls": controls, "outputs": shapes})
        first += len(outputs)
    return found


def test_both_sides_of_the_contract_have_the_same_fields(graph):
    x = tf.placeholder(tf.float32, [None, 2])
    found = describe(graph, run=RunSlice(graph, x))
    assert set(found) == fields("Graph")
    assert set(found["run"]) == fields("RunSlice")
    table_side = (CONTRACT.parent / "columns.ts").read_text()
    lists = re.findall(r"^const (?:TEXTS|NUMBERS|LISTS) = \[(.*)\]", table_side, re.M)
    named = {name for line in lists for name in re.findall(r"'(\w+)'", line)}
    assert set(found["table"]) == named | {"strings", "scopes"}
    assert f"GRAPH_VERSION = {GRAPH_VERSION};" in CONTRACT.read_text()
    assert f"'{GRAPH_MIME}'" in CONTRACT.read_text()
    assert f"ROLES: Role[] = [{', '.join(map(repr, ROLES))}]" in table_side


def test_an_operation_in_full(graph):
    with tf.name_scope("scope"), tf.device("/cpu:0"):
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        with tf.control_dependencies([x]):
            tf.negative(x, name="y")
    with tf.control_dependencies([x]):
        tf.no_op(name="after")
    _, y, after = nodes(describe(graph))
    assert y.pop("origin").startswith(__file__)
    assert y == {
        "name": "scope/y", "op": "Neg", "device": "/device:CPU:0", "inputs": [(0, 0)], "controls": [],
        "outputs": ["float32 (?, 2)"],
    }  # fmt: skip
    assert after["controls"] == [0] and after["outputs"] == []


def test_it_is_plain_json(graph):
    tf.constant([1.0, 2.0])
    assert json.loads(json.dumps(describe(graph))) == describe(graph)


def test_the_text_lists_the_boxes(graph):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    tf.negative(x, name="y")
    assert describe(graph)["text"] == "x = Placeholder() -> float32 (?, 2)\ny = Neg(x) -> float32 (?, 2)"


def test_an_empty_graph(graph):
    found = describe(graph)
    assert (nodes(found), found["svg"], found["text"]) == ([], "", "an empty graph")


def test_a_large_graph_stays_small_and_quick(graph):
    for i in range(60):
        with tf.name_scope(f"part_{i}"):
            x = tf.placeholder(tf.float32, [None, 2])
            for _ in range(50):
                x = tf.negative(x)
    start = time.process_time()
    found = describe(graph)
    assert time.process_time() - start < 2
    assert len(json.dumps(found)) < 150_000
    assert len(nodes(found)) == found["count"] == 60 * 51
    assert found["svg"]


def test_what_has_no_room_is_counted(graph, monkeypatch):
    monkeypatch.setattr(module, "TABLE", 2 / 150)
    monkeypatch.setattr(columns, "PLAIN_BYTES", 0)
    for i in range(300):
        tf.placeholder(tf.float32, [None, 2], name=f"{i**5 * 7919}")
    found = describe(graph)
    assert len(found["table"]) <= 2_000
    assert 0 < len(nodes(found)) < found["count"] == 300
