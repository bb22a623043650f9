"""What Python writes and TypeScript reads: the samples that the TypeScript tests open are today's output.

`MINITF_WRITE_SAMPLES=1 pytest tests/labextension/test_samples.py` writes them anew.
"""

import base64
import json
import math
import os
import pathlib
import zlib

import numpy as np
import pytest

import minitf as tf
from minitf.observe import columns
from minitf.observe.describe import describe
from minitf.observe.run_slice import RunSlice
from minitf.observe.runs import Runs
from minitf.observe.scopes import describe_scopes
from minitf.observe.workspace import describe_workspace

WRITE = os.environ.get("MINITF_WRITE_SAMPLES")
SAMPLES = pathlib.Path(__file__).parent / "samples"


def network():
    """A layer, its loss, its training, and what stands around a program."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 8], name="x")
        labels = tf.placeholder(tf.int64, [None], name="labels")
        logits = tf.layers.dense(x, 3, name="logits")
        with tf.name_scope("loss"):
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            loss = tf.reduce_mean(losses)
        tf.summary.scalar("loss", loss)
        tf.train.AdamOptimizer().minimize(loss, name="train")
        tf.global_variables_initializer()
    return graph


def graph_sample():
    graph = network()
    found = describe(graph, key="sample", notes=["a note"], run=RunSlice(graph, "loss/Mean:0", ["x:0"]))
    return found | {"svg": "<svg/>"}  # the drawing depends on the Graphviz of the machine


def workspace_sample():
    """A program that has made a session, lost a value, and recorded a curve."""
    runs = Runs()
    for step in range(100):
        runs.add(step, {"loss": 1 / (1 + step) if step != 50 else math.nan}, run="fast")
    with network().as_default() as graph, tf.Session() as session:
        weights = graph.get_collection("variables")[0]
        session.run(weights.assign(np.full([8, 3], np.inf, np.float32)))
        found = describe_workspace({"session": session}, runs, "100 of 200 steps")
    newest = [operation | {"origin": "cell [3], line 2"} for operation in found["newest"]]
    return found | {"newest": newest}


def without_places(sample):
    """The line numbers of this file change when it is edited."""
    table = sample["table"]
    table["strings"] = [text.partition(str(pathlib.Path(__file__).parent))[0] for text in table["strings"]]
    return sample


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("network", lambda: without_places(graph_sample())),
        ("scopes", lambda: describe_scopes(network())),
        ("workspace", workspace_sample),
    ],
)
def test_the_samples_are_what_is_written_today(name, make, monkeypatch):
    monkeypatch.setattr(columns, "PLAIN_BYTES", 1_000_000)
    path, found = SAMPLES / f"{name}.json", json.loads(json.dumps(make()))
    if WRITE:
        path.write_text(json.dumps(found, indent=1) + "\n")
    assert json.loads(path.read_text()) == found


def test_the_packed_sample_holds_the_same_table_as_the_plain_one(monkeypatch):
    monkeypatch.setattr(columns, "PLAIN_BYTES", 0)
    plain, path = json.loads((SAMPLES / "network.json").read_text())["table"], SAMPLES / "packed.json"
    if WRITE:
        path.write_text(json.dumps({"table": columns.packed(plain)}) + "\n")
    packed = json.loads(path.read_text())["table"]
    assert json.loads(zlib.decompress(base64.b64decode(packed))) == plain
