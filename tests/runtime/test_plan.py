"""What runs: operations that others only wait for included, as far as anybody can tell."""

import pytest

import minitf as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def waiting_for(*operations):
    with tf.control_dependencies(operations):
        return tf.constant(1.0) + tf.placeholder_with_default(2.0, [])


def test_a_stepped_run_and_a_trace_show_what_others_only_wait_for():
    x = tf.placeholder(tf.float32, [None], name="x")
    z = waiting_for(tf.tanh(tf.negative(x, name="seen"), name="waited"))
    metadata, options = tf.RunMetadata(), tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    with tf.Session() as session:
        run, steps = session.start(z, {x: [1.0]}), []
        while run.next():
            steps.append(run.op.name)
        assert {"seen", "waited"} <= set(steps) and run.result() == 3
        assert session.run(z, {x: [1.0]}, options, metadata) == 3
    traced = {node.node_name for device in metadata.step_stats.dev_stats for node in device.node_stats}
    assert {"seen", "waited"} <= traced


@pytest.mark.parametrize("make", [tf.add, lambda x, y: tf.tanh(x) * tf.exp(y), lambda x, y: tf.reshape(x, [2, 2])])
def test_shapes_that_do_not_fit_are_an_error_there_too(make):
    x, y = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.float32, [None])
    z = waiting_for(make(x, y))
    with tf.Session() as session:
        assert session.run(z, {x: [1, 2, 3, 4], y: [1, 2, 3, 4]}) == 3
        for _ in range(2):
            with pytest.raises(tf.errors.InvalidArgumentError):
                session.run(z, {x: [1, 2, 3], y: [1, 2, 3, 4]})
        assert session.run(z, {x: [1, 2, 3, 4], y: [1, 2, 3, 4]}) == 3


def test_values_that_can_not_be_are_an_error_there_too():
    x = tf.placeholder(tf.float32, [])
    ways = {
        tf.errors.FailedPreconditionError: waiting_for(tf.Variable(1.0) * 2),
        tf.errors.InvalidArgumentError: waiting_for(tf.check_numerics(tf.log(x), "the logarithm")),
    }
    ways = [*ways.items(), (tf.errors.InvalidArgumentError, waiting_for(tf.range(0.0, 3.0, x)))]
    with tf.Session() as session:
        for kind, z in ways:
            with pytest.raises(kind):
                session.run(z, {x: -1.0})


def test_what_nobody_takes_costs_nothing_in_a_plain_run():
    x = tf.placeholder(tf.float32, [None, 100])
    w = tf.Variable(tf.zeros([100, 10]))
    dx, dw = tf.tuple(tf.gradients(tf.matmul(x, w), [x, w]))
    with tf.Session() as session:
        session.run(w.initializer)
        session.run(dw, {x: [[1.0] * 100]})
        (program,) = [p for idle in session._idle.values() for p in idle if dw in p.plan.fetches]
    plan, products = program.plan, [t.op.inputs[0].op for t in (dx, dw)]
    assert [op.type for op in products] == ["MatMul"] * 2 and set(products) <= set(plan.ops)
    assert [op in plan.idle for op in products] == [True, False]


def test_a_long_chain_of_views_of_a_variable_is_no_recursion():
    v = tf.Variable(1.0)
    end = v
    for _ in range(2000):
        end = tf.identity(end)
    more = tf.assign_add(v, end)
    with tf.Session() as sess:
        sess.run(v.initializer)
        assert sess.run(more) == 2
