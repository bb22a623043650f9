"""Operators on tensors whose dtypes do not fit: the same class of error as TensorFlow, and who is to blame."""

import pytest

import minitf as tf
from tests.parity.compare import judge

MIXED = {
    "add": lambda tf, a, b: a + b, "mul": lambda tf, a, b: b * a, "div": lambda tf, a, b: a / b,
    "floordiv": lambda tf, a, b: a // b, "mod": lambda tf, a, b: a % b, "pow": lambda tf, a, b: a**b,
    "less": lambda tf, a, b: a < b, "matmul": lambda tf, a, b: a @ b, "and": lambda tf, a, b: a & b,
    "a number": lambda tf, a, b: a + 1.5, "a text": lambda tf, a, b: a + "x", "nothing": lambda tf, a, b: b + None,
    "tf.add": lambda tf, a, b: tf.add(a, b), "tf.matmul": lambda tf, a, b: tf.matmul(a, b),
    "maximum": lambda tf, a, b: tf.maximum(a, b), "add_n": lambda tf, a, b: tf.add_n([a, b]),
    "concat": lambda tf, a, b: tf.concat([a, b], 0), "stack": lambda tf, a, b: tf.stack([a, b]),
    "where": lambda tf, a, b: tf.where(a > 1, a, b), "float64": lambda tf, a, b: b - tf.constant([[1.0]], tf.float64),
}  # fmt: skip


@pytest.mark.parametrize("name", MIXED)
def test_dtypes_that_do_not_fit(name):
    """TensorFlow's class; and where two tensors are to blame, both are named with the lines that made them."""

    def attempt(tf):
        a, b = tf.placeholder(tf.int32, [1, 1], name="a"), tf.placeholder(tf.float32, [1, 1], name="b")
        return MIXED[name](tf, a, b)

    v1 = judge()
    with v1.Graph().as_default(), pytest.raises((TypeError, ValueError)) as expected:
        attempt(v1)
    with tf.Graph().as_default(), pytest.raises((TypeError, ValueError)) as found:
        attempt(tf)
    assert found.type is expected.type
    if name not in ("a number", "a text", "nothing", "float64"):
        text = str(found.value)
        assert "a:0" in text and "b:0" in text and text.count("test_dtypes.py:") >= 3, text
