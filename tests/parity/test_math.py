"""Mathematics, element by element: values, dtypes, names and gradients against TensorFlow.

Every program is an expression on the fed tensors of `Fed`; names and types of all operations must agree too,
but for those in the lists of values only.
"""

import numpy as np
import pytest

from tests.parity.compare import check, check_error

VALUES = {
    "x": np.random.default_rng(1).uniform(0.1, 0.9, (2, 3)).astype(np.float32),
    "y": np.random.default_rng(2).uniform(0.5, 2.0, 3).astype(np.float32),
    "z": np.random.default_rng(3).uniform(0.1, 0.9, (2, 3)).astype(np.float32),
    "i": np.array([[7, -7, 3], [1, 8, -2]], np.int32),
    "j": np.array([2, 3, 1], np.int32),
    "b": np.array([[True, False, True], [False, False, True]]),
    "c": np.array([[1 + 2j, -1j, 3], [0.5 - 1j, -2, 1j]], np.complex64),
}


class Fed:
    """The tensors that programs are made of, as attributes; `known=False` leaves the first size open."""

    def __init__(self, tf, known=True):
        self.feeds = {}
        for name, value in VALUES.items():
            shape = list(value.shape) if known else [None, *value.shape[1:]]
            tensor = tf.placeholder(tf.as_dtype(value.dtype), shape, name=name)
            setattr(self, name, tensor)
            self.feeds[tensor] = value


def run(make, known=True, **how):
    def program(tf):
        fed = Fed(tf, known)
        return make(tf, fed), fed.feeds

    check(program, **how)


def programs(table):
    return [pytest.param(make, id=str(number)) for number, make in enumerate(table)]


OPERATORS = [
    lambda tf, t: [
        t.x + t.y,
        1.0 + t.x,
        np.ones(3, np.float32) + t.x,
        t.x - t.y,
        1 - t.x,
        t.x * t.y,
        2 * t.x,
    ],
    lambda tf, t: [
        t.x / t.y,
        2 / t.x,
        t.i / t.j,
        t.i / 2,
        t.x // t.y,
        t.i // t.j,
        t.i // 2,
        t.x % t.y,
        t.i % t.j,
        -7 % t.j,
    ],
    lambda tf, t: [t.x**2, 2.0**t.x, t.j**2, -t.x, abs(t.i), abs(t.c)],
    lambda tf, t: [t.x < t.y, t.x <= 1, t.x > np.ones(3), t.i >= t.j],
    lambda tf, t: [
        ~t.b,
        t.b & t.b,
        t.b | [True, False, True],
        t.b ^ True,
        ~t.i,
        t.i & 3,
        t.i | t.j,
        t.i ^ t.j,
    ],
    lambda tf, t: [tf.constant("a") + "b", t.x @ tf.ones([3, 2])],
]


@pytest.mark.parametrize("make", programs(OPERATORS))
def test_operators(make):
    run(make, names=True)


FUNCTIONS = [
    lambda tf, t: [
        tf.add(t.x, t.y),
        tf.add(1, 2),
        tf.add("a", ["b", "c"]),
        tf.subtract(t.i, t.j),
        tf.multiply(t.x, 2),
    ],
    lambda tf, t: [
        tf.divide(t.i, t.j),
        tf.divide(2, t.x),
        tf.truediv(7, 2),
        tf.div(-7, 2),
        tf.div(7.0, 2),
        tf.realdiv(t.x, t.y),
    ],
    lambda tf, t: [tf.floordiv(-7.5, 2), tf.floor_div(t.i, t.j), tf.mod(-7.5, 2), tf.floormod(t.i, t.j)],
    lambda tf, t: [tf.truncatediv(t.i, t.j), tf.truncatemod(t.i, t.j), tf.div_no_nan(t.x, [0.0, 1, 2])],
    lambda tf, t: [
        tf.math.multiply_no_nan(np.nan, 0.0),
        tf.math.reciprocal_no_nan([0.0, 2]),
        tf.math.xdivy(0.0, 0.0),
    ],
    lambda tf, t: [
        tf.negative(t.i),
        tf.abs(t.x),
        tf.abs(-3),
        tf.sign([-2.0, 0, 3]),
        tf.square(3),
        tf.squared_difference(t.x, t.y),
    ],
    lambda tf, t: [tf.pow([2, 3], [3, 2]), tf.pow(t.x, 2), tf.sqrt(t.x), tf.rsqrt(t.x), tf.reciprocal(t.x)],
    lambda tf, t: [tf.exp(t.x), tf.expm1(t.x), tf.log(t.x), tf.log1p(t.x), tf.math.xlogy([0.0, 2], [0.0, 3])],
    lambda tf, t: [f(t.x) for f in (tf.sin, tf.cos, tf.tan, tf.asin, tf.acos, tf.atan, tf.sinh, tf.cosh)],
    lambda tf, t: [
        tf.asinh(t.x),
        tf.acosh(t.y + 1),
        tf.atanh(t.x),
        tf.atan2(t.x, t.y),
        tf.math.nextafter(t.x, 2.0),
    ],
    lambda tf, t: [
        tf.maximum([1, 5], 3),
        tf.minimum(t.x, 0.5),
        tf.scalar_mul(3, t.x),
        tf.math.polyval([t.y, t.y], t.x),
    ],
    lambda tf, t: [
        tf.round([0.5, 1.5, 2.5, -0.5]),
        tf.rint([0.5, 1.5, -2.5]),
        tf.ceil([0.5]),
        tf.floor([-0.5]),
        tf.round(t.i),
    ],
    lambda tf, t: [tf.is_nan([1.0, np.nan]), tf.is_inf([1.0, np.inf]), tf.is_finite([1.0, np.inf])],
    lambda tf, t: [
        tf.equal("a", ["a", "b"]),
        tf.equal(t.b, True),
        tf.not_equal(t.c, t.c),
        tf.less([1, 2], 2),
    ],
    lambda tf, t: [
        tf.logical_and(t.b, True),
        tf.logical_or(t.b, t.b),
        tf.logical_xor(t.b, True, name="f"),
        tf.logical_not([True]),
    ],
    lambda tf, t: [
        tf.where(t.b, t.x, t.z),
        tf.where([True, False], t.x, t.z),
        tf.where(True, t.x, t.z),
        tf.where(t.b),
    ],
    lambda tf, t: [tf.where_v2(t.b, t.x, t.y), tf.where([0, 1, 2])],
    lambda tf, t: [
        tf.cast([1.7, -1.7], tf.int32),
        tf.cast(t.c, tf.float32),
        tf.cast(t.b, tf.float32),
        tf.cast(t.x, tf.float16),
    ],
    lambda tf, t: [
        tf.to_float(3),
        tf.to_int64(t.x),
        tf.to_complex64(t.x),
        tf.to_bfloat16(t.x),
        tf.cast(t.x, tf.float32),
    ],
    lambda tf, t: [
        tf.saturate_cast([300.0, -5], tf.uint8),
        tf.bitcast(t.j, tf.uint8),
        tf.bitcast(t.x, tf.int32),
    ],
    lambda tf, t: [
        tf.clip_by_value(t.x, 0.2, 0.5),
        tf.clip_by_value(t.i, 2, 5),
        tf.clip_by_norm(t.x, 0.2),
        tf.clip_by_norm(t.x, 2.0, [0]),
    ],
    lambda tf, t: [
        tf.clip_by_average_norm(t.x, 0.1),
        *tf.clip_by_global_norm([t.x, t.y], 1.0)[0],
        tf.global_norm([t.x, None]),
    ],
    lambda tf, t: [
        tf.nn.relu([-1, 2]),
        tf.nn.relu6([-1.0, 7]),
        tf.nn.elu([-1.0, 1]),
        tf.nn.selu([-1.0, 1]),
        tf.nn.leaky_relu([-1, 1]),
    ],
    lambda tf, t: [
        tf.nn.softplus([-100.0, 0, 100]),
        tf.nn.softsign([-1.0, 1]),
        tf.nn.crelu(t.x),
        tf.log_sigmoid([-100.0, 1]),
    ],
    lambda tf, t: [
        tf.sigmoid([-100.0, 0, 100]),
        tf.tanh([-1.0, 1]),
        tf.tanh(t.c),
        tf.exp(t.c),
        tf.log(t.c),
        tf.sqrt(t.c),
        tf.sin(t.c),
    ],
    lambda tf, t: [
        tf.add_n([t.x, t.z]),
        tf.add_n([t.x], name="q"),
        tf.accumulate_n([t.x, t.z], shape=[2, 3]),
    ],
    lambda tf, t: [
        tf.complex(t.x, t.z),
        tf.real(t.c),
        tf.real(t.x),
        tf.imag(t.c),
        tf.imag(t.x),
        tf.angle(t.c),
        tf.conj(t.c),
    ],
    lambda tf, t: [
        tf.bitwise.left_shift(t.j, 3),
        tf.bitwise.right_shift([-8, 8], 1),
        tf.bitwise.bitwise_xor(t.i, t.j),
    ],
    lambda tf, t: [tf.lgamma(t.x), tf.digamma(t.x), tf.erf(t.x), tf.erfc(t.x), tf.lbeta(t.x)],
    lambda tf, t: [
        tf.igamma(t.x, t.y),
        tf.igammac(t.x, t.y),
        tf.zeta(t.y + 1, t.x),
        tf.polygamma([0.0, 1, 2], t.x),
        tf.betainc(t.x, t.z, t.x),
    ],
    lambda tf, t: [tf.math.bessel_i0e(t.x), tf.math.bessel_i1e(t.x)],
]


@pytest.mark.parametrize("make", programs(FUNCTIONS))
def test_functions(make):
    run(make, names=True)


GRADIENTS = [
    lambda tf, t: tf.gradients(t.x + t.y, [t.x, t.y]),
    lambda tf, t: tf.gradients(t.x - t.z, [t.x, t.z]),
    lambda tf, t: tf.gradients(t.x * t.y, [t.x, t.y]),
    lambda tf, t: tf.gradients(t.x * t.z, [t.x, t.z]),
    lambda tf, t: tf.gradients(t.x / t.y, [t.x, t.y]),
    lambda tf, t: tf.gradients(t.x**2, t.x),
    lambda tf, t: tf.gradients(t.x**t.y, [t.x, t.y]),
    lambda tf, t: tf.gradients(t.x % t.y, [t.x, t.y]),
    lambda tf, t: tf.gradients(tf.div_no_nan(t.x, t.y), [t.x, t.y]),
    lambda tf, t: tf.gradients(tf.squared_difference(t.x, t.y), [t.x, t.y]),
    lambda tf, t: tf.gradients(tf.maximum(t.x, t.y), [t.x, t.y]),
    lambda tf, t: tf.gradients(tf.minimum(t.x, t.z), [t.x, t.z]),
    lambda tf, t: tf.gradients(tf.exp(tf.sqrt(tf.square(t.x))), t.x),
    lambda tf, t: tf.gradients(tf.log(t.x) + tf.log1p(t.x) + tf.expm1(t.x), t.x),
    lambda tf, t: tf.gradients(tf.rsqrt(t.x) + tf.reciprocal(t.x), t.x),
    lambda tf, t: tf.gradients(tf.sin(t.x) + tf.cos(t.x) + tf.tan(t.x), t.x),
    lambda tf, t: tf.gradients(tf.asin(t.x) + tf.acos(t.x) + tf.atan(t.x) + tf.atan2(t.x, t.z), [t.x, t.z]),
    lambda tf, t: tf.gradients(tf.sinh(t.x) + tf.cosh(t.x) + tf.asinh(t.x) + tf.atanh(t.x), t.x),
    lambda tf, t: tf.gradients(tf.abs(t.x) + tf.sign(t.x) + tf.floor(t.x) + tf.round(t.x), t.x),
    lambda tf, t: tf.gradients(tf.where(t.b, t.x, t.z), [t.x, t.z]),
    lambda tf, t: tf.gradients(tf.where_v2(t.b, t.x, t.y), [t.x, t.y]),
    lambda tf, t: tf.gradients(tf.cast(t.x, tf.float64), t.x),
    lambda tf, t: tf.gradients(tf.clip_by_value(t.x, 0.2, 0.5), t.x),
    lambda tf, t: tf.gradients(tf.nn.relu(t.x) + tf.nn.relu6(t.x) + tf.nn.leaky_relu(t.x - 0.5), t.x),
    lambda tf, t: tf.gradients(tf.nn.elu(t.x - 0.5) + tf.nn.selu(t.x - 0.5), t.x),
    lambda tf, t: tf.gradients(tf.nn.softplus(t.x) + tf.nn.softsign(t.x), t.x),
    lambda tf, t: tf.gradients(tf.sigmoid(t.x) + tf.tanh(t.x) + tf.log_sigmoid(t.x), t.x),
    lambda tf, t: tf.gradients(tf.add_n([t.x, t.z, t.x]), [t.x, t.z]),
    lambda tf, t: tf.gradients(tf.lgamma(t.x) + tf.digamma(t.x) + tf.erf(t.x) + tf.erfc(t.x), t.x),
    lambda tf, t: tf.gradients(tf.igamma(t.x, t.y), [t.x, t.y]),
    lambda tf, t: tf.gradients(tf.zeta(t.y + 1, t.x), t.x),
    lambda tf, t: tf.gradients(tf.math.xdivy(t.x, t.y) + tf.math.xlogy(t.x, t.y), [t.x, t.y]),
    lambda tf, t: tf.gradients(tf.betainc(t.x, t.x, t.z), [t.z]),
    lambda tf, t: tf.gradients(tf.real(tf.exp(t.c) * t.c), t.c),
    lambda tf, t: tf.gradients(tf.abs(t.c * t.c), t.c),
    lambda tf, t: tf.gradients(tf.angle(t.c), t.c),
]


@pytest.mark.parametrize("known", [True, False], ids=["known", "open"])
@pytest.mark.parametrize("make", programs(GRADIENTS))
def test_gradients(make, known):
    run(make, known, names=True)


SECOND = [
    lambda tf, t, f: f(t.x * t.x * t.x, t.x),
    lambda tf, t, f: f(tf.tanh(t.x), t.x),
    lambda tf, t, f: f(tf.sigmoid(t.x), t.x),
    lambda tf, t, f: f(tf.sqrt(t.x), t.x),
    lambda tf, t, f: f(tf.rsqrt(t.x), t.x),
    lambda tf, t, f: f(tf.reciprocal(t.x), t.x),
    lambda tf, t, f: f(tf.nn.elu(t.x - 0.5), t.x),
    lambda tf, t, f: f(tf.nn.selu(t.x - 0.5), t.x),
    lambda tf, t, f: f(tf.nn.softplus(t.x), t.x),
    lambda tf, t, f: f(tf.nn.relu(t.x), t.x),
    lambda tf, t, f: f(t.x**3, t.x),
]


@pytest.mark.parametrize("make", programs(SECOND))
def test_second_gradients(make):
    run(lambda tf, t: make(tf, t, lambda y, x: tf.gradients(tf.gradients(y, x), x)))


VALUES_ONLY = [
    lambda tf, t: tf.nn.swish(t.x),
    lambda tf, t: tf.gradients(tf.nn.swish(t.x), t.x),
    lambda tf, t: tf.sign(t.c),
    lambda tf, t: [tf.math.bessel_i0(t.x), tf.math.bessel_i1(t.x)],
    lambda tf, t: tf.gradients(tf.saturate_cast(t.x, tf.float16), t.x),
    lambda tf, t: tf.gradients(tf.clip_by_norm(t.x, 0.5), t.x),
    lambda tf, t: tf.add_n([tf.IndexedSlices(t.x, [0, 1], [2, 3]), t.z]),
    lambda tf, t: tf.clip_by_value(tf.IndexedSlices(t.x, t.j[:2]), 0.2, 0.5).values,
    lambda tf, t: tf.clip_by_norm(tf.IndexedSlices(t.x, t.j[:2]), 0.2).values,
    lambda tf, t: tf.scalar_mul(2.0, tf.IndexedSlices(t.x, [0, 1])).values,
    lambda tf, t: [tf.abs(sparse(tf)).values, tf.square(sparse(tf)).values, tf.tanh(sparse(tf)).values],
    lambda tf, t: tf.cast(sparse(tf), tf.int32).values,
]


def sparse(tf):
    return tf.SparseTensor([[0, 1]], [-2.0], [2, 2])


@pytest.mark.parametrize("make", programs(VALUES_ONLY))
def test_values(make):
    run(make)


MISTAKES = [
    lambda tf, t: t.x + None,
    lambda tf, t: t.x + tf.ones([4]),
    lambda tf, t: t.x + t.i,
    lambda tf, t: t.i + 1.5,
    lambda tf, t: t.x & t.b,
    lambda tf, t: tf.sqrt(t.i),
    lambda tf, t: tf.logical_and(t.x, t.x),
    lambda tf, t: tf.bitwise.bitwise_and(t.x, t.x),
    lambda tf, t: tf.where(t.b, t.x),
    lambda tf, t: tf.where(t.b, t.x, t.y),
    lambda tf, t: tf.clip_by_value(t.y, 0, tf.ones([2, 3])),
    lambda tf, t: tf.clip_by_global_norm(t.x, 1.0),
    lambda tf, t: tf.add_n([]),
    lambda tf, t: tf.add_n([t.x, t.y]),
    lambda tf, t: tf.accumulate_n([t.x, t.i]),
    lambda tf, t: tf.accumulate_n([t.x, t.z], shape=[3, 3]),
    lambda tf, t: tf.complex(1, 2),
    lambda tf, t: tf.scalar_mul([3.0, 1], t.x),
    lambda tf, t: tf.truediv(t.x, t.i),
    lambda tf, t: tf.gradients(tf.bitcast(t.x, tf.int32), t.x),
    lambda tf, t: t.i // (t.i - t.i),
    lambda tf, t: t.i % (t.i - t.i),
    lambda tf, t: tf.pow(t.i, -t.j),
    lambda tf, t: tf.cast("a", tf.int32),
]


@pytest.mark.parametrize("make", programs(MISTAKES))
def test_mistakes(make):
    def program(tf):
        fed = Fed(tf)
        return make(tf, fed), fed.feeds

    check_error(program)
