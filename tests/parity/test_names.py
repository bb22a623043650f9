"""Names and types of operations, in their order of making, are TensorFlow's."""

import numpy as np
import pytest

from tests.parity.compare import check, check_error


def constants(tf):
    tf.constant(1.0)
    tf.constant([1, 2], name="c")
    return tf.constant(1.0) + 2.0, {}


def scopes(tf):
    with tf.name_scope("outer"):
        a = tf.constant(1.0, name="a")
        with tf.name_scope("inner"):
            b = a + 1.0
    with tf.name_scope("outer"):
        c = a * b
    with tf.name_scope(None, "default", [c]):
        d = -c
    return [b, c, d], {}


def operators(tf):
    x = tf.placeholder(tf.float32, [2], name="x")
    values = [x + 1, 1 + x, x - x, 2 * x, x / 3, x**2, x % 2, x // 2, -x, abs(x), x < 1, x >= x]
    return values, {x: np.array([0.5, -1.5], np.float32)}


def integer_operators(tf):
    x = tf.constant([7, -7, 5], tf.int32)
    return [x / 2, x // 2, x % 3, 2**x[2:], x > 0, tf.cast(x, tf.float32)], {}


def logical_operators(tf):
    p = tf.constant([True, False])
    return [p & True, p | False, p ^ p, ~p], {}


def slices(tf):
    x = tf.reshape(tf.range(24), [2, 3, 4])
    return [x[0], x[..., 1], x[:, 1:, ::-2], x[:, tf.newaxis], x[1, 2, 3], x[-1:, :2]], {}


def variables(tf):
    v = tf.Variable(tf.zeros([2, 3]), name="v")
    w = tf.Variable(1.0)
    up = tf.assign_add(w, 2.0)
    with tf.control_dependencies([up]):
        return [v + 1.0, w.read_value()], {}


def get_variables(tf):
    with tf.variable_scope("a"):
        v = tf.get_variable("v", [2], initializer=tf.zeros_initializer())
        with tf.variable_scope("b"):
            w = tf.get_variable("w", initializer=tf.constant_initializer(3.0), shape=[2])
    with tf.variable_scope("a", reuse=True):
        same = tf.get_variable("v", [2])
        x = same + w
    return [x, v], {}


def reductions(tf):
    x = tf.placeholder(tf.float32, [2, 3])
    feeds = {x: np.arange(6, dtype=np.float32).reshape(2, 3)}
    return [tf.reduce_sum(x), tf.reduce_mean(x, 1), tf.reduce_max(x, [0, 1]), tf.argmax(x, 1)], feeds


def joining(tf):
    x = tf.constant([[1.0, 2.0]])
    return [tf.concat([x, x], 0), tf.stack([x, x]), tf.split(x, 2, 1), tf.unstack(x), tf.tile(x, [2, 1])], {}


def packing_python_lists(tf):
    x = tf.constant(1.0)
    return [tf.convert_to_tensor([x, 2.0]), tf.reshape(tf.range(4), [tf.constant(2), -1])], {}


def shapes(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    return [tf.shape(x), tf.size(x), tf.rank(x), tf.zeros_like(x), tf.ones([2]), tf.fill([2], 7)], {x: np.ones((2, 3))}


def dense_layer_by_hand(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    with tf.name_scope("layer"):
        w = tf.Variable(tf.ones([3, 4]), name="w")
        b = tf.Variable(tf.zeros([4]), name="b")
        y = tf.nn.relu(tf.matmul(x, w) + b)
    return tf.nn.softmax(y), {x: np.ones((2, 3))}


def grouped(tf):
    v = tf.Variable(0.0)
    both = tf.group(tf.assign_add(v, 1.0), tf.no_op())
    with tf.control_dependencies([both]):
        return tf.tuple([tf.constant(1.0), v + 0.0])[0], {}


PROGRAMS = [
    constants, scopes, operators, integer_operators, logical_operators, slices, variables, get_variables, reductions,
    joining, packing_python_lists, shapes, dense_layer_by_hand, grouped,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_names_and_values(program):
    check(program, names=True)



ERRORS = {
    "shapes that do not multiply": lambda tf: (tf.matmul(tf.ones([2, 3]), tf.ones([4, 5])), {}),
    "shapes that do not broadcast": lambda tf: (tf.ones([2]) + tf.ones([3]), {}),
    "dtypes that do not fit": lambda tf: (tf.constant(1.0) + tf.constant(1), {}),
    "a placeholder that is not fed": lambda tf: (tf.placeholder(tf.float32) + 1.0, {}),
    "a reshape that loses elements": lambda tf: (tf.reshape(tf.ones([4]), [3]), {}),
    "an index out of range": lambda tf: (tf.gather(tf.ones([3]), 5), {}),
    "a wrong feed": lambda tf: ((p := tf.placeholder(tf.float32, [2])), {p: [1.0, 2.0, 3.0]}),
    "a bad name": lambda tf: (tf.constant(1.0, name="a b"), {}),
    "a ragged list": lambda tf: (tf.constant([[1.0], [1.0, 2.0]]), {}),
    "a string as a number": lambda tf: (tf.constant("a", tf.float32), {}),
    "None": lambda tf: (tf.constant(None), {}),
    "get_variable twice": lambda tf: ([tf.get_variable("v", [1]), tf.get_variable("v", [1])], {}),
    "integer division by zero": lambda tf: (tf.constant(1) // tf.placeholder_with_default(0, []), {}),
    "concat of other sizes": lambda tf: (tf.concat([tf.ones([2, 2]), tf.ones([3, 3])], 0), {}),
    "a gradient of integers": lambda tf: (tf.gradients(tf.constant([1]), [tf.constant(1)]), {}),
    "an assertion": lambda tf: (tf.Assert(tf.placeholder_with_default(False, []), [1.0]), {}),
    "fetching nothing": lambda tf: ([tf.constant(1), None], {}),
    "an unknown dtype": lambda tf: (tf.placeholder("float33"), {}),
}


@pytest.mark.parametrize("program", ERRORS.values(), ids=list(ERRORS))
def test_error_classes(program):
    check_error(program)
