"""What the side panel is told about a program."""

import json

import numpy as np
import pytest

import minitf as tf
from minitf.notebook.workspace import Workspace
from minitf.observe.workspace import MOST_ELEMENTS, WORKSPACE_MIME, describe_workspace


@pytest.fixture(autouse=True)
def _graph_of_its_own():
    with tf.Graph().as_default():
        yield


def program():
    with tf.name_scope("net"):
        weights = tf.Variable(tf.ones([3, 2]), name="weights")
    step = tf.Variable(0, trainable=False, name="step")
    return weights, step


def test_without_a_session_there_are_shapes_but_no_values():
    program()
    found = describe_workspace({})
    assert found["session"] == ""
    assert [(v["name"], v["shape"], v["dtype"], v["parameters"], v["trainable"]) for v in found["variables"]] == [
        ("net/weights", "3 × 2", "float32", 6, True),
        ("step", "scalar", "int32", 1, False),
    ]
    assert {v["state"] for v in found["variables"]} == {"none"}
    assert found["operations"] == len(tf.get_default_graph().get_operations())


def test_values_are_those_of_the_last_open_session_of_the_default_graph():
    weights, step = program()
    elsewhere = tf.Session(graph=tf.Graph())
    closed, sess = tf.Session(), tf.Session()
    closed.close()
    sess.run(step.initializer)
    found = describe_workspace({"sess": sess, "elsewhere": elsewhere, "closed": closed, "_": closed})
    assert found["session"] == "sess"
    assert [(v["state"], v["summary"]) for v in found["variables"]] == [("uninitialized", ""), ("ready", "0")]
    with tf.Session().as_default() as default:
        default.run(weights.initializer)
        found = describe_workspace({"sess": sess})
    assert found["session"] == "default session"
    assert found["variables"][0]["summary"] == "1 … 1, mean 1"


def test_lost_values_are_counted():
    weights, _ = program()
    sess = tf.Session()
    sess.run(weights.assign(np.float32([[1, np.nan], [np.inf, 2], [3, -4]])))
    (found, _) = describe_workspace({"sess": sess})["variables"]
    assert (found["lost"], found["summary"]) == (2, "-4 … 3, mean 0.5")


def test_large_variables_are_not_looked_at():
    size = MOST_ELEMENTS + 1
    large = tf.get_variable("large", [size], initializer=tf.zeros_initializer())
    sess = tf.Session()
    sess.run(large.initializer)
    (found,) = describe_workspace({"sess": sess})["variables"]
    assert (found["state"], found["parameters"]) == ("large", size)


def test_the_display_is_plain_json():
    program()
    bundle = Workspace({})._repr_mimebundle_()
    assert json.loads(json.dumps(bundle[WORKSPACE_MIME])) == bundle[WORKSPACE_MIME]
    operations = len(tf.get_default_graph().get_operations())
    assert bundle["text/plain"] == f"<Workspace: {operations} operations, 2 variables>"
