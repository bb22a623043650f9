"""`session.start`: a run taken step by step."""

import numpy as np
import pytest

import minitf as tf


@pytest.fixture(autouse=True)
def fresh_graph():
    with tf.Graph().as_default():
        yield


def steps(run):
    """[(when, name of the operation, depth)] of the whole run."""
    found = []
    while run.next():
        found.append((run.when, run.op.name, run.depth))
    return found


def test_every_operation_is_seen_before_and_after():
    a = tf.constant(2.0, name="a")
    b = tf.multiply(a, a, name="b")
    run = tf.Session().start(b)
    assert run.op is None and run.when is None and not run.finished
    assert steps(run) == [("before", "a", 0), ("after", "a", 0), ("before", "b", 0), ("after", "b", 0)]
    assert run.finished and run.op is None
    assert run.next() is False
    assert run.result() == 4.0


def test_values_appear_as_they_are_computed():
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.exp(x, name="y")
    z = tf.multiply(y, y, name="z")
    run = tf.Session().start(z, {x: [0.0, 1.0]})
    assert run.next()
    assert run.value(x).tolist() == [0.0, 1.0]
    assert run.value(y) is None
    run.continue_to("y")
    np.testing.assert_allclose(run.value("y:0"), np.exp([0.0, 1.0]), 1e-6)
    assert set(run.values()) == {"x:0", "y:0"}
    run.value(y)[:] = 100.0  # a copy
    np.testing.assert_allclose(run.result(), np.exp([0.0, 2.0]), 1e-6)


def test_override_goes_on_with_another_value():
    x = tf.placeholder(tf.float32, [None], name="x")
    y = tf.add(x, x, name="y")
    z = tf.reduce_sum(y * y, name="z")
    run = tf.Session().start([y, z], {x: [1.0, 2.0]})
    assert run.continue_to(y)
    run.override(y, [1.0, 1.0, 1.0])
    found = run.result()
    assert found[0].tolist() == [1.0, 1.0, 1.0]
    assert found[1] == 3.0


def test_override_refuses_what_cannot_fit():
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.add(x, x, name="y")
    run = tf.Session().start(y, {x: [1.0, 2.0]})
    run.continue_to(y)
    with pytest.raises(ValueError, match="shape"):
        run.override(y, [1.0, 2.0, 3.0])


def test_abandon_restores_variables():
    v = tf.Variable([1.0, 2.0], name="v")
    up = tf.assign_add(v, [10.0, 10.0], name="up")
    double = tf.assign(v, up * 2.0, name="double")
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    session.run(double)
    before = session.run(v)
    run = session.start(double)
    run.continue_to("up")
    assert session.run(v).tolist() == (before + 10).tolist()
    run.abandon()
    assert run.finished
    assert session.run(v).tolist() == before.tolist()
    session.run(double)
    assert session.run(v).tolist() == ((before + 10) * 2).tolist()


def test_an_error_ends_the_run_where_it_happens():
    x = tf.placeholder(tf.int32, [], name="x")
    taken = tf.gather([1, 2, 3], x, name="taken")
    after = tf.add(taken, 1, name="plus")
    run = tf.Session().start(after, {x: 7})
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run.result()
    assert caught.value.op.name == "taken"
    assert run.finished
    assert run.next() is False


def test_steps_of_the_taken_branch_are_deeper():
    x = tf.placeholder(tf.float32, [], name="x")
    y = tf.cond(x > 0.0, lambda: tf.exp(x, name="taken"), lambda: tf.sin(x, name="other"))
    found = steps(tf.Session().start(y, {x: 1.0}))
    names = [(name, depth) for when, name, depth in found if when == "before"]
    assert ("cond/taken", 1) in names
    assert ("cond/other", 1) not in names
    assert ("cond", 0) in names
    inside = [i for i, (_, _, depth) in enumerate(found) if depth == 1]
    assert found[inside[0] - 1] == ("before", "cond", 0)
    assert found[inside[-1] + 1] == ("after", "cond", 0)


def test_turns_of_a_loop():
    _, y = tf.while_loop(
        lambda i, a: i < 3, lambda i, a: (i + 1, tf.multiply(a, 2.0, name="twice")), [0, 1.0]
    )
    run, seen = tf.Session().start(y), []
    while run.continue_to("while/twice"):
        seen.append(float(run.value("while/twice:0")))
    assert seen == [2.0, 4.0, 8.0]
    assert run.result() == 8.0


def test_override_in_one_turn():
    _, y = tf.while_loop(
        lambda i, a: i < 3, lambda i, a: (i + 1, tf.multiply(a, 2.0, name="twice")), [0, 1.0]
    )
    run = tf.Session().start(y)
    run.continue_to("while/twice")
    run.override("while/twice:0", 10.0)
    assert run.result() == 40.0


def test_values_around_the_body_are_seen():
    x = tf.placeholder(tf.float32, [], name="x")
    outer = tf.exp(x, name="outer")
    y = tf.while_loop(lambda a: a < 10.0, lambda a: tf.add(a, outer, name="inner"), [outer])
    run = tf.Session().start(y, {x: 1.0})
    run.continue_to("while/inner")
    assert run.depth == 1
    np.testing.assert_allclose(run.value(outer), np.e, 1e-6)
    np.testing.assert_allclose(run.value(x), 1.0)


def test_depth_of_nested_bodies():
    def body(i, a):
        return i + 1, tf.cond(a > 0.0, lambda: tf.add(a, 1.0, name="deep"), lambda: a)

    _, y = tf.while_loop(lambda i, a: i < 2, body, [0, 1.0])
    run = tf.Session().start(y)
    assert run.continue_to("while/cond/deep", when="before")
    assert run.depth == 2
    assert run.result() == 3.0


def test_an_error_in_a_body():
    y = tf.while_loop(lambda i: i < 5, lambda i: tf.gather([1, 2, 9], i, name="pick"), [0])
    session = tf.Session()
    run = session.start(y)
    assert run.result() == 9
    z = tf.while_loop(lambda i: i < 20, lambda i: tf.gather([1, 2, 9], i, name="pick"), [0])
    run = session.start(z)
    with pytest.raises(tf.errors.InvalidArgumentError):
        run.result()
    assert session.run(y) == 9
    assert session.start(y).result() == 9


def test_abandon_inside_a_body_leaves_the_session_usable():
    v = tf.Variable(1.0, name="v")

    def body(i):
        with tf.control_dependencies([tf.assign_add(v, 1.0, name="up")]):
            return i + 1

    y = tf.while_loop(lambda i: i < 4, body, [tf.constant(0)])
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    run = session.start(y)
    for _ in range(2):
        assert run.continue_to("while/up")
    assert session.run(v) == 3.0
    run.abandon()
    assert session.run(v) == 1.0
    assert session.run(y) == 4
    assert session.run(v) == 5.0


def test_python_functions_are_steps():
    y = tf.py_func(lambda a: a * 3, [tf.constant(2.0)], tf.float32, name="p")
    run = tf.Session().start(y + 1.0)
    assert run.continue_to("p")
    assert run.value(y) == 6.0
    assert run.result() == 7.0


def test_stepped_training_equals_grouped_training():
    x = tf.placeholder(tf.float32, [4, 3])
    w = tf.Variable(np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2), name="w")
    _, h = tf.while_loop(
        lambda i, a: i < 3,
        lambda i, a: (i + 1, tf.tanh(tf.matmul(tf.matmul(a, w), w, transpose_b=True))),
        [0, x],
    )
    loss = tf.cond(tf.reduce_sum(h) > 0.0, lambda: tf.reduce_mean(h * h), lambda: tf.reduce_mean(tf.abs(h)))
    train = tf.assign_sub(w, 0.1 * tf.gradients(loss, w)[0])
    batch = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    found = []
    for stepped in (False, True):
        session = tf.Session()
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            fetches = [loss, train]
            value = (
                session.start(fetches, {x: batch}).result() if stepped else session.run(fetches, {x: batch})
            )[0]
        found.append((value, session.run(w)))
    assert found[0][0] == found[1][0]
    assert np.array_equal(found[0][1], found[1][1])


def test_inside_a_loop_only_what_is_computed_there_can_be_replaced():
    elsewhere = tf.square(tf.constant(3.0), name="elsewhere")
    total = tf.while_loop(lambda i: i < 3, lambda i: tf.add(i, 1, name="inner"), [tf.constant(0)])
    run = tf.Session().start([elsewhere, total])
    while run.next() and not (run.op.name.endswith("inner") and run.when == "after"):
        pass
    with pytest.raises(ValueError, match="elsewhere:0 is not computed where the run stands"):
        run.override(elsewhere, 1.0)
    run.override(run.op.outputs[0], 7)  # the counter is beyond the limit now
    assert run.result() == [9.0, 7]


def test_a_run_says_where_it_stands_and_how_to_go_on():
    run = tf.Session().start(tf.square(tf.constant(3.0), name="square"))
    assert repr(run).startswith("<SteppedRun before the first operation: next()")
    run.continue_to("square")
    assert repr(run).startswith("<SteppedRun after Square 'square': next()")
    run.result()
    assert repr(run) == "<SteppedRun at its end: result() gives what was fetched>"
