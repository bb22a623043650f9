"""`tf.gradients` and its kin, against TensorFlow: values, options, errors."""

import numpy as np
import pytest

import minitf
from minitf.testing.gradient_checker import compute_gradient_error
from tests.parity.compare import check, check_error

A = np.random.default_rng(5).standard_normal((3, 4)).astype(np.float32)


def fed(function):
    """A program whose function takes tf and a placeholder that is fed A."""

    def program(tf):
        x = tf.placeholder(tf.float32, [3, 4], name="x")
        return function(tf, x), {x: A}

    return program


def dense(tf, gradients):
    return [tf.constant(-1.0) if g is None else tf.convert_to_tensor(g) for g in gradients]


def unconnected(tf, x):
    y = tf.constant(3.0)
    return dense(tf, tf.gradients(x * 2.0, [x, y]))


def unconnected_zero(tf, x):
    y = tf.constant([3.0, 2.0])
    kind = tf.UnconnectedGradients.ZERO
    return tf.gradients(x * 2.0, [x, y], unconnected_gradients=kind)


def weighted(tf, x):
    return tf.gradients([x * x, tf.exp(x)], x, grad_ys=[tf.constant(A), None])


def stopped(tf, x):
    a = tf.exp(x)
    return dense(tf, tf.gradients(a * x, [x, a], stop_gradients=[a]))


def stop_gradient_op(tf, x):
    return tf.gradients(tf.stop_gradient(tf.exp(x)) * x, x)


def inner_tensor(tf, x):
    a = tf.exp(x)
    return tf.gradients(tf.sin(a) * a, [a, x])


def same_twice(tf, x):
    return tf.gradients([x, x], [x, x])


def tree(tf, x):
    return tf.gradients(x * x + tf.exp(x) * x, x, aggregation_method=tf.AggregationMethod.EXPERIMENTAL_TREE)


def third(tf, x):
    first = tf.gradients(x**4.0, x)[0]
    second = tf.gradients(first, x)[0]
    return tf.gradients(second, x)


def hessian(tf, x):
    v = x[0]
    return tf.hessians(tf.reduce_sum(v * v * v) + v[0] * v[1], v)


def hessian_of_matrix(tf, x):
    return tf.hessians(tf.reduce_sum(tf.exp(x) * x), x)


def gathers(tf, x):
    y = tf.gather(x, [0, 2, 0]) * 2.0
    z = tf.gather(x, [1])
    return dense(tf, tf.gradients([y, z], x))


def gather_and_dense(tf, x):
    return dense(tf, tf.gradients([tf.gather(x, [0, 2, 0]), x * 3.0], x))


def override(tf, x):
    name = f"Mine{id(tf)}{id(x)}"

    @tf.RegisterGradient(name)
    def rule(op, dy):
        return dy * 100.0

    with tf.get_default_graph().gradient_override_map({"Exp": name}):
        y = tf.exp(x)
    return tf.gradients(y + tf.exp(x), x)


def custom(tf, x):
    @tf.custom_gradient
    def clipped(v):
        return v * 2.0, lambda dy: tf.clip_by_value(dy, -0.1, 0.1)

    return tf.gradients(clipped(x) * x, x)


def custom_of_two(tf, x):
    @tf.custom_gradient
    def both(a, b):
        return (a * b, a + b), lambda da, db: (da * 10.0, db * 20.0)

    p, q = both(x, x * 2.0)
    return [p, q, tf.gradients(p + q, x)]


def through_python_integers(tf, x):
    return tf.gradients(x[1:, ::2] * 3 + 1, x)


PROGRAMS = [v for v in list(globals().values())
            if getattr(v, "__module__", None) == __name__ and v.__code__.co_varnames[:2] == ("tf", "x")]  # fmt: skip


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda p: p.__name__)
def test_values(function):
    check(fed(function))


ERRORS = {
    "numbers of ys": lambda tf: (tf.gradients(tf.constant(1.0), [], grad_ys=[None, None]), {}),
    "method": lambda tf: (wrong_method(tf, tf.constant(1.0)), {}),
    "no rule": lambda tf: (gradient_of_no_rule(tf), {}),
    "twice": lambda tf: (register_twice(tf), {}),
    "no name": lambda tf: (tf.RegisterGradient(3), {}),
    "prevented": lambda tf: (gradient_of_override(tf), {}),
    "custom count": lambda tf: (wrong_custom(tf), {}),
}


def wrong_method(tf, x):
    return tf.gradients(x * 2.0, x, aggregation_method=7)


def gradient_of_no_rule(tf):
    x = tf.constant([1.0, 2.0])
    name = "NoRule"
    with tf.get_default_graph().gradient_override_map({"Exp": name}):
        return tf.gradients(tf.exp(x), x)


def register_twice(tf):
    for _ in range(2):
        tf.RegisterGradient("Twice")(lambda op, dy: dy)


def gradient_of_override(tf):
    x = tf.constant([1.0])
    tf.RegisterGradient(f"Wrong{id(tf)}")(lambda op, dy: [dy, dy])
    with tf.get_default_graph().gradient_override_map({"Exp": f"Wrong{id(tf)}"}):
        return tf.gradients(tf.exp(x), x)


def wrong_custom(tf):
    x = tf.constant([1.0])
    f = tf.custom_gradient(lambda v: (v * 2.0, lambda dy: (dy, dy)))
    return tf.gradients(f(x), x)


@pytest.mark.parametrize("program", ERRORS.values(), ids=list(ERRORS))
def test_errors(program):
    check_error(program)


def test_rows_stay_rows():
    tf = minitf
    with tf.Graph().as_default():
        x = tf.constant(A)
        found = tf.gradients([tf.gather(x, [0, 2]), tf.gather(x, [1])], x)[0]
        assert isinstance(found, tf.IndexedSlices)
        with tf.Session() as session:
            assert sorted(session.run(found.indices).tolist()) == [0, 1, 2]


def test_compute_gradient():
    tf = minitf
    with tf.Graph().as_default(), tf.Session():
        x = tf.constant(A.astype(np.float64))
        assert compute_gradient_error(x, [3, 4], tf.sin(x) * x, [3, 4]) < 1e-5


def test_not_differentiable():
    tf = minitf
    with tf.Graph().as_default():
        tf.NotDifferentiable("FlatExp")
        x = tf.constant(1.0)
        with tf.get_default_graph().gradient_override_map({"Exp": "FlatExp"}):
            assert tf.gradients(tf.exp(x), x) == [None]


def test_recompute_grad():
    tf = minitf
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.constant(2.0)
        f = tf.recompute_grad(lambda v: v * v * v)
        assert session.run(tf.gradients(f(x), x)) == [12.0]
