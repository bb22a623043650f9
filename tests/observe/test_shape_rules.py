"""Why a tensor has its shape."""

import pytest

import minitf as tf
from minitf.observe.shape_rules import chain, explain_shape, sources


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def names(found):
    return [(tensor.name, axis) for tensor, axis in found]


def test_matmul_takes_rows_from_the_left_and_columns_from_the_right():
    x, w = tf.placeholder(tf.float32, [32, 784], name="x"), tf.zeros([784, 10], name="w")
    y = tf.matmul(x, w)
    assert names(sources(y, 0)) == [("x:0", 0)] and names(sources(y, 1)) == [("w:0", 1)]


def test_an_unknown_size_is_followed_too():
    y = tf.nn.relu(tf.placeholder(tf.float32, [None, 3], name="x"))
    assert names(sources(y, 0)) == [("x:0", 0)]


def test_sizes_on_which_both_inputs_agree_come_from_both():
    y = tf.ones([4, 3], name="a") + tf.zeros([4, 3], name="b")
    assert names(sources(y, 1)) == [("a:0", 1), ("b:0", 1)]
    assert names(sources(tf.ones([4, 1], name="c") * tf.ones([1, 3], name="d"), 0)) == [("c:0", 0)]


def test_a_convolution_and_a_transposition():
    image = tf.placeholder(tf.float32, [None, 28, 28, 1], name="image")
    kernel = tf.zeros([5, 5, 1, 8], name="kernel")
    found = tf.nn.conv2d(image, kernel, [1, 2, 2, 1], "VALID")
    assert names(sources(found, 1)) == [("image:0", 1), ("kernel:0", 0)]
    assert names(sources(found, 3)) == [("kernel:0", 3)]
    assert names(sources(tf.transpose(image, [3, 0, 1, 2]), 1)) == [("image:0", 0)]
    assert names(sources(tf.concat([tf.ones([2, 3]), tf.ones([5, 3])], 0), 0)) == [("ones:0", 0), ("ones_1:0", 0)]


def test_why_is_this_32_10():
    x = tf.placeholder(tf.float32, [32, 784], name="x")
    v = tf.Variable(tf.zeros([784, 10]), name="v")
    text = str(tf.explain_shape(tf.nn.relu(tf.matmul(x, v, name="scores"), name="y")))
    assert text.startswith("y:0 has shape (32, 10)\n  32 is axis 0 of y:0 (32, 10), by Relu in ")
    assert "32 is axis 0 of x:0 (32, 784), set by Placeholder in " in text
    assert "10 is axis 1 of v:0 (784, 10), set by VariableV2 in " in text
    assert "read" not in text.replace("v/read:0", "")
    assert [step.tensor.name for step in chain(tf.nn.relu(x), 1)][-1] == "x:0"


def test_a_mismatch_shows_the_two_chains_that_disagree():
    x = tf.nn.relu(tf.placeholder(tf.float32, [None, 784], name="x"), name="hidden")
    w = tf.zeros([10, 3], name="w")
    with pytest.raises(ValueError) as caught:
        tf.matmul(x, w)
    found = tf.explain_shape(caught.value)
    assert [(t.name, axis) for t, axis in found.chains] == [("hidden:0", 1), ("w:0", 0)]
    assert "MatMul can't take hidden:0 (?, 784) and w:0 (10, 3)" in str(found)
    assert "784 is axis 1 of x:0 (?, 784), set by Placeholder" in str(found)
    assert "10 is axis 0 of w:0 (10, 3), set by " in str(found)


def test_a_mismatch_of_broadcasting():
    with pytest.raises(ValueError) as caught:
        tf.ones([4, 3], name="a") + tf.ones([4], name="b")
    assert {(t.name, axis) for t, axis in tf.explain_shape(caught.value).chains} == {("a:0", 1), ("b:0", 0)}


def test_what_has_no_shape_to_explain():
    with pytest.raises(TypeError, match="not int"):
        explain_shape(3)
    with pytest.raises(TypeError, match="does not come from"):
        explain_shape(ValueError("other"))
    assert "number of axes" in str(explain_shape(tf.placeholder(tf.float32)))
