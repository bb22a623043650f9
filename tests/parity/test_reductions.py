"""Reductions, running sums, segments, order and counts, held against TensorFlow."""

import numpy as np
import pytest

from tests.parity.compare import check, check_error

generator = np.random.default_rng(0)
X = generator.standard_normal((2, 3, 4)).astype(np.float32)
ROWS = generator.standard_normal((3, 2)).astype(np.float32)

REDUCTIONS = ["reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod"]
SHAPES = [[2, 3, 4], [None, 3, 4], None]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("axis", [None, 1, [0, 2], -1], ids=str)
@pytest.mark.parametrize("function", REDUCTIONS)
def test_reduction_and_gradient(function, axis, shape):
    def program(tf):
        x = tf.placeholder(tf.float32, shape, name="x")
        y = getattr(tf, function)(x, axis)
        return [y, *tf.gradients(y, x)], {x: X}

    check(program, names=True)


@pytest.mark.parametrize("function", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["float16", "float64", "int32", "int64", "uint8", "complex64"])
def test_dtypes(function, dtype):
    if dtype == "complex64" and function in ("reduce_max", "reduce_min"):
        pytest.skip("complex numbers have no order")
    values = (np.arange(12).reshape(3, 4) % 5 + 1).astype(dtype)

    def program(tf):
        return [getattr(tf, function)(values, 1), getattr(tf, function)(values, [0, 1], keepdims=True)], {}

    check(program)


def test_arguments():
    def program(tf):
        x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
        axes = tf.placeholder(tf.int32, [None], name="axes")
        return [
            tf.reduce_sum(x, keepdims=True),
            tf.reduce_sum(x, reduction_indices=[1], keep_dims=True),
            tf.reduce_max(x, axes),
            tf.reduce_mean([1.0, 2.0]),
            tf.reduce_sum([], 0),
            tf.reduce_prod(np.zeros((0, 3), np.float32), 0),
            tf.reduce_any(x > 0),
            tf.reduce_all(x > -2, 1),
            tf.count_nonzero(x),
            tf.count_nonzero(x, 1, keepdims=True),
        ], {x: X, axes: [-1, 0]}

    check(program)


def test_nan_travels():
    def program(tf):
        x = tf.constant([[1.0, np.nan, 3.0], [np.nan, 1.0, 2.0], [np.inf, 1.0, -np.inf]])
        return [tf.reduce_max(x, 1), tf.reduce_min(x, 1), tf.reduce_sum(x, 1), tf.argmax(x, 1), tf.argmin(x, 1)], {}

    check(program)


def test_statistics():
    def program(tf):
        x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
        y = tf.reduce_logsumexp(x, 1)
        norm = tf.math.reduce_euclidean_norm(x, [1])
        return [y, *tf.gradients(y, x), norm, *tf.gradients(norm, x), tf.math.reduce_std(x),
                tf.math.reduce_variance(x, 1), tf.reduce_logsumexp(x * 1000)], {x: X}  # fmt: skip

    check(program)


def test_running_results():
    def program(tf):
        x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
        ys = [
            tf.cumsum(x, 1, exclusive=True),
            tf.cumsum(x, -1, reverse=True),
            tf.cumprod(x, -1, reverse=True),
            tf.cumprod(x, 2, exclusive=True),
        ]
        return [*ys, *(tf.gradients(y, x)[0] for y in ys)], {x: X}

    check(program, names=True)


@pytest.mark.parametrize("kind", ["sum", "mean", "max", "min", "prod"])
def test_segments(kind):
    def program(tf):
        x = tf.placeholder(tf.float32, [3, 2], name="x")
        y = getattr(tf, f"segment_{kind}")(x, tf.constant([0, 0, 2]))
        z = getattr(tf, f"unsorted_segment_{kind}")(x, tf.constant([1, -1, 0]), 2)
        empty = getattr(tf, f"unsorted_segment_{kind}")(x, tf.constant([1, 1, 3]), 4)
        return [y, z, empty, tf.gradients(y, x)[0], tf.gradients(z, x)[0]], {x: ROWS}

    check(program)


@pytest.mark.parametrize("kind", ["sum", "mean", "sqrt_n"])
def test_sparse_segments(kind):
    def program(tf):
        x = tf.placeholder(tf.float32, [3, 2], name="x")
        function = getattr(tf, f"sparse_segment_{kind}")
        y, z = function(x, [2, 0, 2], [0, 0, 2]), function(x, [2, 0, 1], [0, 0, 1], num_segments=4)
        return [y, z, tf.gradients(y, x)[0], tf.gradients(z, x)[0]], {x: ROWS}

    check(program)


def test_order():
    def program(tf):
        x = tf.placeholder(tf.float32, [2, 3, 4], name="x")
        numbers = tf.constant(np.array([[3, 1, 2], [1, 1, 0]], np.int32))
        values, indices = tf.nn.top_k(x, 2)
        return [
            values, indices, tf.gradients(values, x)[0], tf.argmax(x), tf.argmin(x, 2),
            tf.argmax(x, 1, output_type=tf.int32), tf.sort(x), tf.sort(x, axis=1, direction="DESCENDING"),
            tf.argsort(numbers), tf.argsort(numbers, direction="DESCENDING", axis=0),
        ], {x: X}  # fmt: skip

    check(program, names=True)


def test_counts():
    def program(tf):
        x = tf.placeholder(tf.float32, [2, 3], name="x")
        return [
            tf.nn.in_top_k(x, [0, 5], 2),
            tf.histogram_fixed_width(x, [-1.0, 1.0], nbins=4),
            tf.histogram_fixed_width_bins([1.0, 2.0, 9.0], [0.0, 5.0], nbins=3),
            tf.bincount([1, 2, 1]),
            tf.bincount([1, 2, 1], weights=[1.0, 2.0, 3.0], minlength=5),
            tf.bincount([1, 7], maxlength=4),
            tf.confusion_matrix([0, 1, 2], [0, 2, 2]),
            tf.confusion_matrix([0, 1, 2], [0, 2, 2], num_classes=4, weights=[1.0, 2.0, 3.0], dtype=tf.float32),
            tf.unique([3, 1, 3, 2]),
            tf.unique(["b", "a", "b"]),
            tf.unique_with_counts([3, 1, 3, 2], out_idx=tf.int64),
            tf.setdiff1d([1, 2, 3], [2]),
            tf.invert_permutation([1, 2, 0]),
        ], {x: X[:, :, 0]}

    check(program)


def test_ranges():
    def program(tf):
        return [tf.range(5), tf.range(1, 5, name="r"), tf.range(1.0, 5, 0.5), tf.range(np.int64(3)),
                tf.range(3, dtype=tf.float32), tf.range(5, 0, -2), tf.range(0.0, 1.0, 0.1)], {}  # fmt: skip

    check(program, names=True, exact=True)


def test_linspace():
    check(lambda tf: ([tf.linspace(0.0, 1.0, 7), tf.linspace(3.0, -1.0, 2), tf.lin_space(2.0, 5.0, 1)], {}))


def test_assertions_hold():
    def program(tf):
        a, b = tf.placeholder(tf.int32, None, name="a"), tf.placeholder(tf.int32, [2], name="b")
        return [
            tf.assert_equal(a, 3), tf.assert_less(b, b + 1, message="m", summarize=2), tf.assert_positive(a),
            tf.assert_non_negative(b), tf.assert_negative(-b, message="q"), tf.assert_rank(a, 1),
            tf.assert_rank_in(a, [1, 2]), tf.assert_rank_at_least(a, 1), tf.assert_type(a, tf.int32),
            tf.assert_integer(a), tf.Assert(tf.reduce_all(a > 0), [a, "x"]),
        ], {a: [3, 3], b: [1, 2]}  # fmt: skip

    check(program, names=True)


REFUSED = {
    "axis": lambda tf: (tf.reduce_sum(X, 7), {}),
    "known to differ": lambda tf: (tf.assert_equal(tf.constant(1), 2), {}),
    "found to differ": lambda tf: (tf.assert_equal(tf.placeholder_with_default([1, 2], None), 2), {}),
    "floats known to differ": lambda tf: (tf.assert_less(tf.constant(1.0), 0.5), {}),
    "rank": lambda tf: (tf.assert_rank(X, 2), {}),
    "rank at run time": lambda tf: (tf.assert_rank(tf.placeholder_with_default(X, None), 2), {}),
    "type": lambda tf: (tf.assert_type(X, tf.int32), {}),
    "step 0": lambda tf: (tf.range(1, 5, 0), {}),
    "k too large": lambda tf: (tf.nn.top_k(X, 9), {}),
    "argmax axis": lambda tf: (tf.argmax(X, 8), {}),
    "segment too large": lambda tf: (tf.unsorted_segment_sum(ROWS, tf.constant([0, 1, 5]), 2), {}),
    "segments out of order": lambda tf: (tf.segment_sum(ROWS, tf.constant([0, 1, 0])), {}),
    "no permutation": lambda tf: (tf.invert_permutation(tf.constant([0, 0])), {}),
    "cumsum axis": lambda tf: (tf.cumsum(X, 5), {}),
    "sum of strings": lambda tf: (tf.reduce_sum("a"), {}),
    "negative count": lambda tf: (tf.bincount([-1]), {}),
    "negative class": lambda tf: (tf.confusion_matrix(tf.placeholder_with_default([-1], [1]), [0]), {}),
}


@pytest.mark.parametrize("program", REFUSED.values(), ids=REFUSED)
def test_refused(program):
    check_error(program)
