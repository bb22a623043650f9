"""cond, case, while_loop, group, py_func, against TensorFlow."""

import numpy as np
import pytest

import minitf
from tests.parity.compare import check, check_error, execute

ROWS = np.arange(12, dtype=np.float32).reshape(4, 3) / 7 - 0.5


def two(tf, value):
    """A placeholder, and the feeds that give it `value`."""
    x = tf.placeholder(tf.float32, np.shape(value), name="x")
    return x, {x: value}


# -- cond -------------------------------------------------------------------------------------------------------


def cond_plain(tf, value):
    x, feeds = two(tf, value)
    return tf.cond(x > 1.0, lambda: x * 2.0, lambda: x - 5.0), feeds


def cond_structure(tf, value):
    x, feeds = two(tf, value)
    found = tf.cond(x > 1.0, lambda: {"a": x, "b": (x + 1.0, [x])}, lambda: {"a": -x, "b": (x, [x * x])})
    return [found["a"], found["b"][0], found["b"][1][0]], feeds


def cond_nested(tf, value):
    x, feeds = two(tf, value)
    y = tf.cond(
        x > 0.0,
        lambda: tf.cond(x > 2.0, lambda: x * x, lambda: tf.sin(x)),
        lambda: tf.cond(x < -2.0, lambda: -x, lambda: x),
    )
    return [y, tf.gradients(y, x)], feeds


def cond_gradient_of_constant_and_variable(tf, value):
    x, feeds = two(tf, value)
    c, v = tf.constant(3.0), tf.Variable(2.0)
    y = tf.cond(x > 1.0, lambda: x * c * v, lambda: v * v)
    return tf.gradients(y, [x, v]), feeds


def cond_unused_in_one_branch(tf, value):
    x, feeds = two(tf, value)
    w = tf.constant([1.0, 2.0])
    y = tf.cond(x > 1.0, lambda: tf.reduce_sum(w * w) * x, lambda: x)
    return tf.gradients(y, [w, x]), feeds


def cond_assigns_in_the_taken_branch_only(tf, value):
    x, feeds = two(tf, value)
    v = tf.Variable(0.0)
    done = tf.cond(x > 1.0, lambda: tf.assign_add(v, 10.0), lambda: tf.assign_sub(v, 1.0))
    with tf.control_dependencies([done]):
        return v.read_value(), feeds


def cond_of_operations(tf, value):
    x, feeds = two(tf, value)
    v = tf.Variable(0.0)
    done = tf.cond(x > 1.0, lambda: tf.group(tf.assign_add(v, 10.0)), lambda: tf.no_op())
    with tf.control_dependencies([done]):
        return v.read_value(), feeds


def cond_singletons(tf, value):
    x, feeds = two(tf, value)
    return tf.cond(x > 1.0, lambda: [x], lambda: (x + 1.0,)), feeds


def cond_strict(tf, value):
    x, feeds = two(tf, value)
    return tf.cond(x > 1.0, lambda: [x], lambda: [x + 1.0], strict=True), feeds


def cond_indexed_slices(tf, value):
    x, feeds = two(tf, value)
    table = tf.constant(ROWS)
    y = tf.cond(x > 1.0, lambda: tf.gather(table, [0, 2, 2]) * x, lambda: tf.gather(table, [1, 1, 3]))
    return tf.convert_to_tensor(tf.gradients(y, table)[0]), feeds


def case_first(tf, value):
    x, feeds = two(tf, value)
    pairs = [(x < 1.0, lambda: tf.constant(17.0)), (x > 2.0, lambda: x * 2.0)]
    return tf.case(pairs, default=lambda: tf.constant(-1.0)), feeds


def case_exclusive(tf, value):
    x, feeds = two(tf, value)
    pairs = {x < 1.0: lambda: tf.constant(17.0), x > 2.0: lambda: x * 2.0}
    return tf.case(pairs, default=lambda: tf.constant(-1.0), exclusive=True), feeds


@pytest.mark.parametrize("value", [-3.0, 0.5, 1.5, 4.0])
@pytest.mark.parametrize(
    "program",
    [cond_plain, cond_structure, cond_nested, cond_gradient_of_constant_and_variable,
     cond_assigns_in_the_taken_branch_only, cond_of_operations, cond_singletons, cond_strict, cond_indexed_slices,
     case_first, case_exclusive, cond_unused_in_one_branch],
    ids=lambda p: p.__name__,
)  # fmt: skip
def test_cond(program, value):
    check(lambda tf: program(tf, value))


# -- while_loop ---------------------------------------------------------------------------------------------------


def while_counts(tf):
    return tf.while_loop(lambda i: i < 10, lambda i: i + 1, [tf.constant(0)]), {}


def while_no_turn(tf):
    x = tf.placeholder(tf.float32, [2])
    i, y = tf.while_loop(lambda i, a: i < 0, lambda i, a: (i + 1, a * x), [tf.constant(0), x])
    return [i, y, tf.gradients(y, x)], {x: [1.0, 2.0]}


def while_nested_structure(tf):
    start = (tf.constant(0), {"a": tf.constant([1.0]), "b": (tf.constant(2.0), [tf.constant(3)])})

    def body(i, s):
        return i + 1, {"a": s["a"] * 2.0, "b": (s["b"][0] + s["a"][0], [s["b"][1][0] + 1])}

    i, s = tf.while_loop(lambda i, s: i < 4, body, start)
    return [i, s["a"], s["b"][0], s["b"][1][0]], {}


def while_gradient(tf):
    x, w = tf.placeholder(tf.float32, [4, 3]), tf.Variable(np.eye(3, dtype=np.float32) * 0.5 + 0.1)
    c = tf.constant(ROWS)
    _, y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.tanh(tf.matmul(a, w) + c)), [0, x])
    return [y, tf.gradients(tf.reduce_sum(y * y), [x, w, c])], {x: ROWS}


def while_nested_gradient(tf):
    x = tf.placeholder(tf.float32, [3])

    def outer(i, a):
        _, b = tf.while_loop(lambda j, b: j < i + 1, lambda j, b: (j + 1, b * x + a), [0, a])
        return i + 1, tf.sin(b)

    _, y = tf.while_loop(lambda i, a: i < 3, outer, [0, x])
    return [y, tf.gradients(y, x)], {x: [0.1, 0.5, -0.7]}


def while_with_cond(tf):
    x = tf.placeholder(tf.float32, [])
    body = lambda i, a: (i + 1, tf.cond(a < 2.0, lambda: a * a * x, lambda: a - x))  # noqa: E731
    _, y = tf.while_loop(lambda i, a: i < 5, body, [0, x])
    return [y, tf.gradients(y, x)], {x: 1.4}


def while_grows(tf):
    shapes = [tf.TensorShape([]), tf.TensorShape([None, 2])]
    body = lambda i, a: (i + 1, tf.concat([a, a], 0))  # noqa: E731
    i, y = tf.while_loop(lambda i, a: i < 3, body, [tf.constant(0), tf.constant([[1.0, 2.0]])], shapes)
    return [i, y, tf.shape(y)], {}


def while_limited(tf):
    i, y = tf.while_loop(lambda i, a: i < 10, lambda i, a: [i + 1, a * 2.0], [0, 1.0], maximum_iterations=3)
    return [i, y], {}


def while_without_backprop(tf):
    x = tf.constant(2.0)
    _, y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * x), [0, 1.0], back_prop=False)
    assert tf.gradients(y, x) == [None]
    return y, {}


def while_writes_array(tf):
    x = tf.placeholder(tf.float32, [4, 3])
    rows = tf.TensorArray(tf.float32, 4).unstack(x)

    def body(i, out, a):
        a = tf.sin(a + rows.read(i))
        return i + 1, out.write(i, a), a

    _, out, _ = tf.while_loop(lambda i, *_: i < 4, body, [0, tf.TensorArray(tf.float32, 4), x[0]])
    y = out.stack()
    return [y, tf.gradients(y * y, x)], {x: ROWS}


def while_updates_variable(tf):
    v = tf.Variable(1.0)

    def doubled(i):
        with tf.control_dependencies([tf.assign(v, v.read_value() * 2.0)]):
            return i + 1

    with tf.control_dependencies([tf.global_variables_initializer()]):
        i = tf.while_loop(lambda i: i < 5, doubled, [tf.constant(0)])
    with tf.control_dependencies([i]):
        return v.read_value(), {}


def while_gathers(tf):
    table = tf.Variable(ROWS)
    body = lambda i, a: (i + 1, a + tf.reduce_sum(tf.gather(table, [0, i]) ** 2))  # noqa: E731
    _, y = tf.while_loop(lambda i, a: i < 3, body, [0, 0.0])
    found = tf.gradients(y, table)[0]
    assert isinstance(found, tf.IndexedSlices)
    return tf.convert_to_tensor(found), {}


def while_integer_and_float(tf):
    n = tf.placeholder(tf.int32, [])
    _, s, p = tf.while_loop(
        lambda i, s, p: i < n, lambda i, s, p: (i + 1, s + i, p * tf.cast(i + 1, tf.float32)), [0, 0, 1.0]
    )
    return [s, p], {n: 6}


def while_swaps(tf):
    a, b = tf.constant([1.0, 2.0]), tf.constant([5.0, 7.0])
    _, x, y = tf.while_loop(lambda i, x, y: i < 3, lambda i, x, y: (i + 1, y, x), [0, a, b])
    return [x, y, tf.gradients(x * y * x, [a, b])], {}


def second_of_cond(tf):
    x = tf.placeholder(tf.float32, [])
    y = tf.cond(x > 1.0, lambda: x**3, lambda: x * x)
    return tf.gradients(tf.gradients(y, x), x), {x: 2.0}


WHILES = [v for name, v in sorted(globals().items()) if name.startswith("while_")]


@pytest.mark.parametrize("program", [*WHILES, second_of_cond], ids=lambda p: p.__name__)
def test_while(program):
    check(program)


@pytest.mark.parametrize("program", [*WHILES, second_of_cond], ids=lambda p: p.__name__)
def test_stepped_while_equals_grouped(program):
    tf = minitf
    with tf.Graph().as_default():
        fetches, feeds = program(tf)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            grouped = session.run(fetches, feeds)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            stepped = session.start(fetches, feeds).result()
    for a, b in zip(minitf.nest.flatten(grouped), minitf.nest.flatten(stepped), strict=True):
        assert np.array_equal(a, b)


# -- order, and Python ------------------------------------------------------------------------------------------------


def grouped(tf):
    v = tf.Variable(1.0)
    both = tf.group(tf.assign_add(v, 2.0), [tf.no_op()])
    with tf.control_dependencies([both]):
        return v.read_value(), {}


def gated(tf):
    a, b = tf.tuple([tf.constant(1.0), tf.constant([2.0])])
    return [a, b], {}


def python_sums(tf):
    x = tf.placeholder(tf.float32, [2])
    a, b = tf.py_func(lambda v: (v + 1, np.array(7)), [x], [tf.float32, tf.int64])
    return [a, b, tf.py_func(lambda v: v.sum(), [x], tf.float32, stateful=False)], {x: [1.0, 2.0]}


def python_strings(tf):
    return [
        tf.py_func(lambda: "é", [], tf.string),
        tf.py_func(lambda s: [s[0] + b"!", "x"], [["a", "b"]], [tf.string] * 2),
    ], {}


@pytest.mark.parametrize("program", [grouped, gated, python_sums, python_strings], ids=lambda p: p.__name__)
def test_order_and_python(program):
    check(program)


def test_names_of_order():
    def program(tf):
        a = tf.constant(1.0, name="a")
        b = tf.constant(2.0, name="b")
        tf.group(a, b)
        tf.group(a.op, name="g")
        tf.tuple([a, b])
        return tf.py_func(lambda x: x, [a], tf.float32), {}

    check(program, names=True)


# -- errors --------------------------------------------------------------------------------------------------------


def failing(kind):
    def program(tf):
        def function(x):
            raise kind("no")

        return tf.py_func(function, [1.0], tf.float32), {}

    return program


ERRORS = {
    "bool pred": lambda tf: (tf.cond(True, lambda: 1, lambda: 2), {}),
    "none": lambda tf: (tf.cond(tf.constant(True), lambda: None, lambda: 2), {}),
    "none inside": lambda tf: (tf.cond(tf.constant(True), lambda: [None, 1], lambda: [None, 1]), {}),
    "types": lambda tf: (tf.cond(tf.constant(True), lambda: 1.0, lambda: 2), {}),
    "structures": lambda tf: (tf.cond(tf.constant(True), lambda: [1, 2], lambda: 2), {}),
    "pred of rank 1": lambda tf: (tf.cond(tf.constant([True]), lambda: 1, lambda: 2), {}),
    "pred of float": lambda tf: (tf.cond(tf.constant(1.0), lambda: 1, lambda: 2), {}),
    "not callable": lambda tf: (tf.cond(tf.constant(True), 1, lambda: 2), {}),
    "case not callable": lambda tf: (tf.case([(tf.constant(True), 1)]), {}),
    "no variables": lambda tf: (tf.while_loop(lambda i: i < 3, lambda i: i, []), {}),
    "more values": lambda tf: (tf.while_loop(lambda i: i < 3, lambda i: (i, i), [0]), {}),
    "new shape": lambda tf: (tf.while_loop(lambda i: True, lambda i: tf.stack([i, i]), [0]), {}),
    "cond of integer": lambda tf: (tf.while_loop(lambda i: i, lambda i: i + 1, [0]), {}),
    "cond of rank 1": lambda tf: (tf.while_loop(lambda i: tf.stack([i < 3, i < 3]), lambda i: i + 1, [0]), {}),
    "invariant": lambda tf: (
        tf.while_loop(lambda x: True, lambda x: x, [tf.zeros([2])], shape_invariants=[tf.TensorShape([3])]), {}),
    "limit of rank 1": lambda tf: (tf.while_loop(lambda x: True, lambda x: x, [0], maximum_iterations=[1]), {}),
    "array read": lambda tf: (tf.TensorArray(tf.float32, 3).read(0), {}),
    "array beyond": lambda tf: (tf.TensorArray(tf.float32, 3).write(3, 1.0).stack(), {}),
    "python dtype": lambda tf: (tf.py_func(lambda: np.float64(1), [], tf.float32), {}),
    "python count": lambda tf: (tf.py_func(lambda: (1.0, 2.0), [], tf.float32), {}),
    **{k.__name__: failing(k) for k in
       (ValueError, TypeError, KeyError, StopIteration, NotImplementedError, ZeroDivisionError, RuntimeError)},
}  # fmt: skip


@pytest.mark.parametrize("program", ERRORS.values(), ids=list(ERRORS))
def test_errors(program):
    check_error(program)


def test_inner_tensors_cannot_be_fetched():
    inner = []

    def program(tf):
        tf.while_loop(lambda i: i < 3, lambda i: inner.append(i + 1) or inner[-1], [0])
        return inner.pop(), {}

    with pytest.raises(ValueError, match="inside a while_loop or cond"):
        execute(minitf, program)
