"""`tf.explain`: the steps of a plan, what they cost, and that nothing is changed by looking."""

import numpy as np
import pytest

import minitf as tf
from minitf.observe import costs
from minitf.observe.roofline import Roofline


@pytest.fixture(autouse=True)
def new_graph():
    tf.reset_default_graph()


@pytest.fixture
def known_machine(monkeypatch):
    monkeypatch.setattr("minitf.observe.explain.roofline", lambda threads: Roofline(1e9, 1e9))


def shapes(*tensors):
    return [tuple(t.shape.as_list()) for t in tensors]


def test_a_training_step_is_explained_and_trains_nothing(known_machine):
    x = tf.placeholder(tf.float32, [None, 6])
    loss = tf.reduce_sum(tf.square(tf.layers.dense(x, 4, name="layer")))
    train = tf.train.AdamOptimizer().minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        before = session.run(tf.global_variables())
        found = tf.explain([train, loss], {x: np.ones((8, 6), np.float32)})
        for old, new in zip(before, session.run(tf.global_variables()), strict=True):
            np.testing.assert_array_equal(old, new)
    by_name = {step.ops[0].name: step for step in found.steps}
    product = by_name["layer/MatMul"]
    assert product.kernels == ("gemm",)
    assert product.flops == 2 * 8 * 6 * 4
    assert product.bytes == 4 * (8 * 6 + 6 * 4 + 8 * 4)
    assert product.seconds > 0
    assert found.share(product) == pytest.approx(product.bytes / 1e9 / product.seconds)
    assert "def gemm(" in product.source()
    assert [step.ops[0].type for step in found.steps].count("ApplyAdam") == 2
    text, page = str(found), found._repr_html_()
    assert "layer/MatMul" in text and "384" in text and "1 GFLOP/s" in text
    assert "layer/<wbr>MatMul" in page and "white-space:nowrap" in page
    assert page.count("<tr>") == len(found.steps) + 1
    assert "<details>" in page and "out = alpha * A @ B" in page


def test_a_group_is_one_step_whose_temporaries_cost_no_memory(known_machine):
    x = tf.Variable(np.ones(10_000, np.float32))
    y = tf.exp(tf.tanh(x) * x)
    with tf.Session() as session:
        session.run(x.initializer)
        found = tf.explain(y, session=session)
    (step,) = found.steps
    assert [op.type for op in step.ops] == ["Tanh", "Mul", "Exp"]
    assert step.bytes == 2 * 40_000
    assert step.flops == 3 * 10_000


def test_what_python_runs_is_run_once(known_machine):
    calls = []
    x = tf.constant(2.0) + tf.placeholder_with_default(1.0, [])
    y = tf.py_func(lambda x: calls.append(1) or x, [x], tf.float32)
    found = tf.explain(y, session=tf.Session())
    assert calls == [1]
    assert found.steps[-1].kernels == () and "(Python)" in str(found)


def test_the_names_of_operations_can_not_become_html(known_machine):
    found = tf.explain(tf.constant(1.0) + tf.placeholder_with_default(1.0, []), session=tf.Session())
    found.title = "<script>"
    assert "<script>" not in found._repr_html_()


def test_a_session_is_needed():
    with pytest.raises(ValueError, match="needs a session"):
        tf.explain(tf.constant(1.0))
    with tf.Session(), pytest.raises(tf.errors.InvalidArgumentError, match="must feed"):
        tf.explain(tf.placeholder(tf.float32, []) + 1)


def test_operations_are_counted_as_in_a_text_book():
    x = tf.zeros([2, 8, 8, 3])
    y = tf.nn.conv2d(x, tf.zeros([3, 5, 3, 7]), [1, 1, 1, 1], "SAME")
    inputs = shapes(*y.op.inputs)
    assert costs.flops_of(y.op, inputs, shapes(y)) == 2 * (2 * 8 * 8 * 7) * (3 * 5 * 3)
    batch = tf.matmul(tf.zeros([5, 4, 3]), tf.zeros([5, 6, 4]), transpose_a=True, transpose_b=True)
    assert costs.flops_of(batch.op, shapes(*batch.op.inputs), shapes(batch)) == 2 * 5 * 3 * 4 * 6
    total = tf.reduce_sum(x)
    assert costs.flops_of(total.op, [(2, 8, 8, 3)], [()]) == 2 * 8 * 8 * 3
    assert costs.flops_of(tf.shape(x).op, [(2, 8, 8, 3)], [(4,)]) is None
