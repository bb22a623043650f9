"""What will run, and why the rest will not."""

import random

import numpy as np
import pytest

import minitf as tf
from minitf.observe.run_slice import CUT, FOLDED, NOT_AN_ANCESTOR, RUNS, RunSlice


def executed(graph, fetches, feeds):
    """The names of the operations that a traced run has executed."""
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    with tf.Session(graph=graph) as session:
        session.run(fetches, feeds, options, metadata)
    return {node.node_name for device in metadata.step_stats.dev_stats for node in device.node_stats}


def random_graph(seed):
    """Operations that take from earlier ones and wait for some; a placeholder now and then."""
    chance = random.Random(seed)
    with tf.Graph().as_default() as graph:
        tensors = [tf.placeholder(tf.float32, [], name="x0"), tf.constant(1.0, name="c0")]
        for i in range(40):
            waits = chance.sample(tensors, chance.choice([0, 0, 0, 1]))
            with tf.control_dependencies([t.op for t in waits]):
                kind = chance.randrange(4)
                if kind == 0:
                    made = tf.placeholder_with_default(float(i), [], name=f"p{i}")
                elif kind == 1:
                    made = tf.negative(chance.choice(tensors), name=f"n{i}")
                else:
                    made = tf.add(chance.choice(tensors), chance.choice(tensors), name=f"a{i}")
            tensors.append(made)
    return graph, tensors, chance


@pytest.mark.parametrize("seed", range(30))
def test_shaded_set_equals_executed_set_on_random_graphs(seed):
    graph, tensors, chance = random_graph(seed)
    fetches = chance.sample(tensors[10:], 3)
    feeds = {t: np.float32(1) for t in [tensors[0], *chance.sample(tensors, 3)]}
    run = RunSlice(graph, fetches, feeds)
    shown = {op.name for op in graph.get_operations() if run.why(op) in (RUNS, FOLDED)}
    assert shown == executed(graph, fetches, feeds)
    folded = {op for op in graph.get_operations() if run.why(op) == FOLDED}
    taken = {t.op for op in run.ops for t in op.inputs} | {t.op for t in fetches}
    assert not folded & taken, "nobody takes what is folded"


def test_every_other_node_says_why_not():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [], name="x")
        y = tf.negative(x, name="y")
        seen = tf.negative(y, name="seen")
        with tf.control_dependencies([tf.negative(y, name="waited")]):
            z = tf.square(y, name="z")
        tf.exp(z, name="after")
    why = {op.name: RunSlice(graph, z, [y]).why(op) for op in graph.get_operations()}
    assert why == {
        "x": CUT, "y": CUT, "seen": NOT_AN_ANCESTOR, "waited": FOLDED, "z": RUNS, "after": NOT_AN_ANCESTOR,
    }  # fmt: skip
    assert "(y:0)" in RunSlice(graph, z, [y]).reason(x.op)
    assert RunSlice(graph, z, [y]).reason(z.op) == "runs"
    assert "not an ancestor" in RunSlice(graph, z).reason(seen.op)


def test_what_run_refuses_is_refused():
    with tf.Graph().as_default() as graph:
        tf.placeholder(tf.float32, [], name="x")
    with pytest.raises((ValueError, KeyError), match="nothing"):
        RunSlice(graph, "nothing:0")
