"""What operations are there for."""

import pytest

import minitf as tf
from minitf.observe.roles import AUXILIARY, BACKWARD, FORWARD, UPDATE, partners, roles


@pytest.fixture(scope="module")
def graph():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 4], name="x")
        h = tf.layers.dense(x, 3, tf.nn.relu, name="layer")
        loss = tf.reduce_mean(tf.square(h) + h, name="loss")
        tf.summary.scalar("loss_value", loss)
        tf.train.AdamOptimizer().minimize(loss)
        tf.global_variables_initializer()
        tf.train.Saver()
    return graph


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("layer/MatMul", FORWARD),
        ("layer/kernel", FORWARD),
        ("gradients/layer/MatMul_grad/MatMul", BACKWARD),
        ("Adam/update_layer/kernel/ApplyAdam", UPDATE),
        ("layer/kernel/Adam", UPDATE),
        ("beta1_power", UPDATE),
        ("init", AUXILIARY),
        ("save/SaveV2", AUXILIARY),
        ("loss_value", AUXILIARY),
        ("loss_value/tags", AUXILIARY),
        ("Const", AUXILIARY),  # the axes of the mean
    ],
)
def test_layers_forward_backward_update(graph, name, role):
    assert roles(graph.get_operations())[graph.get_operation_by_name(name)] == role


def test_forward_gradient_pairing(graph):
    """Every gradient node is tied to a forward operation, every update to its variable."""
    ops = graph.get_operations()
    role, partner = roles(ops), partners(ops)
    backward = [op for op in ops if role[op] == BACKWARD]
    assert len(backward) > 20
    untied = [op.name for op in backward if op not in partner]
    assert untied == []
    assert all(role[partner[op]] == FORWARD for op in backward)
    by_name = {op.name: partner[op].name for op in partner}
    assert by_name["gradients/layer/MatMul_grad/MatMul"] == "layer/MatMul"
    assert by_name["gradients/AddN"] == "layer/Relu"  # the sum of what flows back into it
    assert by_name["Adam/update_layer/kernel/ApplyAdam"] == "layer/kernel"
