"""Variable scopes: names of variables and operations, sharing, inherited settings."""

import functools

import numpy as np
import pytest

from tests.parity.compare import check, check_error


def nested(tf):
    made = []
    with tf.variable_scope("a") as a:
        made += [tf.constant(1, name="c"), tf.get_variable("v", [2])]
        for _ in range(2):
            with tf.variable_scope("b"):
                made.append(tf.constant(1, name="c"))
        for _ in range(2):
            with tf.variable_scope(None, "d"):
                made += [tf.constant(1, name="c"), tf.get_variable("w", [1])]
    with tf.variable_scope("a"):
        made.append(tf.constant(1, name="c"))
    with tf.variable_scope(a, reuse=True):
        made += [tf.constant(1, name="c"), tf.get_variable("v")]
    with tf.variable_scope("q"):
        with tf.variable_scope(a):
            made += [tf.constant(1, name="c"), tf.get_variable("n", [1])]
        with tf.variable_scope(a, auxiliary_name_scope=False):
            made.append(tf.constant(1, name="cc"))
        with tf.variable_scope("x", auxiliary_name_scope=False):
            made += [tf.constant(1, name="cc"), tf.get_variable("y", [1])]
        with tf.name_scope(a.original_name_scope):
            made.append(tf.constant(1, name="cc"))
    with tf.variable_scope(a), tf.variable_scope(None, "d"):
        made += [tf.get_variable("z", [1])]
    return made


def names_and_scopes(tf):
    made = []
    with tf.name_scope("nn"):
        with tf.variable_scope("vv"):
            made += [tf.get_variable("v", [1]), tf.constant(1, name="c")]
        made += [tf.Variable(1.0, name="vn"), tf.get_variable("vg", [1])]
    with tf.variable_scope(""):
        made.append(tf.constant(1, name="c"))
    with tf.variable_scope("a/b"):
        made.append(tf.constant(1, name="c"))
    made += [tf.Variable([1.0, 2.0]), tf.Variable(lambda: tf.zeros([2]), dtype=tf.float32, name="f")]
    return made


def variables_of_all_kinds(tf):
    return [
        tf.get_variable("v", [2, 3]),
        tf.get_variable("i", 3, dtype=tf.int32),
        tf.get_variable("b", [2], dtype=tf.bool),
        tf.get_variable("s", [1], dtype=tf.string),
        tf.get_variable("c", initializer=tf.constant([1.0, 2.0])),
        tf.get_variable("d", initializer=3.0),
        tf.get_variable("e", initializer=lambda: tf.zeros([2])),
        tf.get_variable("g", [2], initializer=tf.ones_initializer),
        tf.get_variable("h", [2], initializer=lambda shape, dtype: tf.zeros(shape, dtype)),
        tf.get_local_variable("l", [2]),
        tf.Variable(np.arange(3), name="n"),
        tf.Variable(1.0, trainable=False),
    ]


def with_getters(tf):
    def outer(getter, name, *args, **kwargs):
        return getter(name + "_outer", *args, **kwargs)

    def inner(getter, *args, **kwargs):
        return getter(*args, **kwargs) * 2.0

    with tf.variable_scope("o", custom_getter=outer), tf.variable_scope("i", custom_getter=inner):
        return [tf.get_variable("v", [2])]


def with_settings(tf):
    with tf.variable_scope("s", initializer=tf.ones_initializer(), dtype=tf.float64):
        first = tf.get_variable("a", [2])
        with tf.variable_scope("t", initializer=tf.zeros_initializer()):
            return [first, tf.get_variable("b", [2]), tf.get_variable("c", [2], dtype=tf.float32)]


def with_template(tf):
    scale = tf.make_template("scale", lambda x: x * tf.get_variable("y", [1]))
    again = tf.make_template("scale", lambda x, by: x * tf.get_variable("y", [1]) * by, by=2.0)
    x = tf.constant(1.0)
    return [scale(x), scale(x), again(x), again(x)]


def reused(tf):
    with tf.variable_scope("r", reuse=tf.AUTO_REUSE):
        first, second = tf.get_variable("x", [1]), tf.get_variable("x", [1])
    with tf.variable_scope("r") as scope:
        scope.reuse_variables()
        third = tf.get_variable("x", [1])
        with tf.variable_scope("inner", reuse=False) as inner:
            assert inner.reuse is True
    assert first is second is third
    return [first]


def in_parts(tf):
    with tf.variable_scope("s", partitioner=tf.fixed_size_partitioner(2)):
        v = tf.get_variable("v", [5, 3])
        product = tf.matmul(v, tf.ones([3, 1]))
    with tf.variable_scope("s", reuse=True):
        assert tf.get_variable("v", [5, 3]) is v
    assert [p._save_slice_info.spec for p in v] == ["5 3 0,3:0,3", "5 3 3,2:0,3"]
    return [product, *v]


PROGRAMS = [nested, names_and_scopes, variables_of_all_kinds, with_getters, with_settings, with_template,
            reused, in_parts]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_names_and_values(program):
    check(lambda tf: (program(tf), {}), names=True, graph_seed=3)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_collections(program, tf1, mtf):
    found = []
    for tf in (tf1, mtf):
        with tf.Graph().as_default():
            program(tf)
            keys = ("variables", "trainable_variables", "local_variables")
            found.append([[v.name for v in tf.get_collection(k)] for k in keys])
    assert found[0] == found[1]


def scopes_seen(tf):
    seen = []

    def see(scope):
        seen.append((scope.name, scope.original_name_scope, bool(scope.reuse)))

    with tf.variable_scope("a") as a:
        see(a)
        with tf.variable_scope("b", reuse=True) as b:
            see(b)
        with tf.variable_scope("b") as b:
            see(b)
    with tf.variable_scope("a") as again:
        see(again)
    with tf.variable_scope("x"), tf.variable_scope(a) as again:
        see(again)
    with tf.variable_scope("x/"), tf.variable_scope(None, "y") as y:
        see(y)
    see(tf.get_variable_scope())
    return seen


def test_scope_names(tf1, mtf):
    with tf1.Graph().as_default():
        expected = scopes_seen(tf1)
    assert scopes_seen(mtf) == expected


def half_of_sum(tf, t):
    return tf.reduce_sum(t) * 0.5


def test_regularizers_are_collected(tf1, mtf):
    found = []
    for tf in (tf1, mtf):
        half = functools.partial(half_of_sum, tf)
        with tf.Graph().as_default(), tf.variable_scope("r", regularizer=half):
            tf.get_variable("v", [3], initializer=tf.ones_initializer())
            tf.get_variable("w", [3], regularizer=tf.no_regularizer)
            losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
            total = tf.add_n([tf.convert_to_tensor(x) for x in losses])
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                found.append((len(losses), session.run(total)))
    assert found[0] == found[1] == (1, 1.5)


def scope(tf, *args, **kwargs):
    with tf.variable_scope(*args, **kwargs):
        return tf.get_variable("v", [1])


def twice(tf, **second):
    tf.get_variable("v", [1])
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        return tf.get_variable("v", **second)


def template_with_new_variables(tf):
    names = iter("abc")
    make = tf.make_template("t", lambda: tf.get_variable(next(names), [1]))
    return [make(), make()]


ERRORS = {
    "no name": lambda tf: scope(tf, None),
    "number as a name": lambda tf: scope(tf, 3),
    "reuse of a default name": lambda tf: scope(tf, None, "d", reuse=True),
    "odd reuse": lambda tf: scope(tf, "d", reuse=3),
    "exists": lambda tf: [tf.get_variable("v", [1]), tf.get_variable("v", [1])],
    "does not exist": lambda tf: scope(tf, "d", reuse=True),
    "other shape": lambda tf: twice(tf, shape=[2]),
    "other dtype": lambda tf: twice(tf, shape=[1], dtype=tf.int32),
    "unknown shape": lambda tf: tf.get_variable("v", [None, 1]),
    "no shape": lambda tf: tf.get_variable("v"),
    "constant and shape": lambda tf: tf.get_variable("v", [1], initializer=3.0),
    "constant of another dtype": lambda tf: tf.get_variable("v", initializer=3.0, dtype=tf.int32),
    "no initial value": lambda tf: tf.Variable(None),
    "initial value of unknown shape": lambda tf: tf.Variable(tf.placeholder(tf.float32)),
    "template": template_with_new_variables,
}


@pytest.mark.parametrize("label", ERRORS)
def test_errors(label):
    check_error(lambda tf: (ERRORS[label](tf), {}))
