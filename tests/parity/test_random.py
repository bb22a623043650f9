"""Random numbers, bit by bit or to rounding, and the seeds that decide them."""

import numpy as np
import pytest

from tests.parity.compare import check, check_error


def draws(make, **kwargs):
    """Two runs of one operation with a graph seed: the second goes on where the first one stopped."""

    def program(tf):
        return make(tf), {}

    check(program, steps=2, graph_seed=kwargs.pop("graph_seed", 7), **kwargs)


MAKERS = {
    "uniform": lambda tf: tf.random_uniform([3, 5]),
    "uniform with limits": lambda tf: tf.random_uniform([37], -2, 3.5),
    "uniform from zero": lambda tf: tf.random_uniform([37], 0, 2),
    "uniform with tensors": lambda tf: tf.random_uniform(
        [4], tf.constant(1.0), tf.constant([2.0, 3.0, 4.0, 5.0])
    ),
    "uniform float64": lambda tf: tf.random_uniform([5], dtype=tf.float64),
    "uniform float16": lambda tf: tf.random_uniform([9], dtype=tf.float16),
    "uniform int32": lambda tf: tf.random_uniform([9], -5, 10, dtype=tf.int32),
    "uniform int64": lambda tf: tf.random_uniform([9], 0, 10**12, dtype=tf.int64),
    "normal": lambda tf: tf.random_normal([3, 5], 1.0, 2.0),
    "normal float64": lambda tf: tf.random_normal([7], dtype=tf.float64),
    "normal float16": lambda tf: tf.random_normal([7], dtype=tf.float16),
    "normal scalar": lambda tf: tf.random_normal([]),
    "normal empty": lambda tf: tf.random_normal([0, 3]),
    "truncated": lambda tf: tf.truncated_normal([50], stddev=0.1),
    "truncated float64": lambda tf: tf.truncated_normal([50], dtype=tf.float64),
    "op seed": lambda tf: tf.random_normal([4], seed=11),
    "shuffle vector": lambda tf: tf.random_shuffle(tf.range(10)),
    "shuffle rows": lambda tf: tf.random_shuffle(np.arange(12).reshape(4, 3)),
    "shuffle strings": lambda tf: tf.random_shuffle(["a", "b", "c", "d"]),
    "shuffle scalar": lambda tf: tf.random_shuffle(3.0),
    "multinomial": lambda tf: tf.multinomial([[0.0, 1.0, 2.0], [5.0, 0.0, 0.0]], 9),
    "multinomial int32": lambda tf: tf.multinomial([[0.0, 1.0]], 5, output_dtype=tf.int32),
    "categorical": lambda tf: tf.random.categorical([[0.0, 1.0, 2.0]], 6),
    "gamma": lambda tf: tf.random_gamma([3], [0.5, 1.0, 2.5], 2.0),
    "gamma scalar": lambda tf: tf.random_gamma([4], 3.0, dtype=tf.float64),
    "poisson": lambda tf: tf.random_poisson([1.0, 4.0, 40.0], [5]),
    "poisson int": lambda tf: tf.random_poisson(2.5, [5], dtype=tf.int32),
    "crop": lambda tf: tf.random_crop(np.arange(30.0).reshape(5, 6), [2, 3]),
    "shape of a tensor": lambda tf: tf.random_uniform(tf.shape(tf.zeros([2, 3]))),
    "int64 shape": lambda tf: tf.random_normal(np.array([2, 2])),
}


@pytest.mark.parametrize("label", MAKERS)
def test_equal_numbers_and_names(label):
    draws(MAKERS[label], names=True)


STATELESS = {
    "uniform": lambda tf: tf.random.stateless_uniform([3, 5], [1, 2]),
    "uniform limits": lambda tf: tf.random.stateless_uniform([3], [1, 2], -1.0, 4.0),
    "uniform float64": lambda tf: tf.random.stateless_uniform([3], [-1, 2], dtype=tf.float64),
    "uniform int": lambda tf: tf.random.stateless_uniform([6], [3, 4], 0, 100, dtype=tf.int32),
    "full int": lambda tf: tf.random.stateless_uniform([6], [3, 4], None, None, dtype=tf.int64),
    "normal": lambda tf: tf.random.stateless_normal([6], [3, 4], 1.0, 0.5),
    "truncated": lambda tf: tf.random.stateless_truncated_normal([20], [3, 4]),
    "multinomial": lambda tf: tf.random.stateless_multinomial([[0.0, 1.0, 2.0]], 8, [5, 6]),
}


@pytest.mark.parametrize("label", STATELESS)
def test_stateless_numbers(label):
    draws(STATELESS[label])


def test_several_operations_are_numbered():
    def program(tf):
        first = tf.random_uniform([2])
        named = tf.random_uniform([2], seed=3)
        second = tf.random_normal([2])
        return [first, named, second, tf.truncated_normal([2])], {}

    check(program, graph_seed=1234, steps=3)


@pytest.mark.parametrize("graph_seed", [0, -3, 2**31 - 1, 2**40])
def test_seeds(graph_seed):
    draws(
        lambda tf: [tf.random_uniform([2], seed=0), tf.random_uniform([2], seed=2**40 + 1)],
        graph_seed=graph_seed,
    )


def test_get_seed(tf1, mtf):
    for graph_seed in (None, 0, 5):
        tf1.set_random_seed(graph_seed)
        mtf.set_random_seed(graph_seed)
        for op_seed in (None, 0, 9):
            assert mtf.get_seed(op_seed) == tuple(tf1.get_seed(op_seed))


def test_without_seeds_sessions_differ(mtf):
    x = mtf.random_uniform([4])
    with mtf.Session() as first, mtf.Session() as second:
        assert not np.array_equal(first.run(x), second.run(x))


def test_a_new_session_begins_again(mtf):
    mtf.set_random_seed(3)
    x = mtf.random_uniform([4])
    with mtf.Session() as first, mtf.Session() as second:
        values = [first.run(x), first.run(x)]
        assert np.array_equal(values[0], second.run(x))
        assert not np.array_equal(*values)


ERRORS = {
    "no maxval": lambda tf: (tf.random_uniform([2], dtype=tf.int32), {}),
    "wrong dtype": lambda tf: (tf.random_uniform([2], dtype=tf.uint8), {}),
    "scalar shape": lambda tf: (tf.random_uniform(3), {}),
    "empty range": lambda tf: (tf.random_uniform([2], 5, 5, dtype=tf.int32), {}),
    "logits of rank 1": lambda tf: (tf.multinomial([1.0, 2.0], 3), {}),
    "crop too large": lambda tf: (
        tf.random_crop(tf.placeholder_with_default(tf.zeros([2, 2]), [None, 2]), [3, 2]),
        {},
    ),
}


@pytest.mark.parametrize("label", ERRORS)
def test_errors(label):
    check_error(ERRORS[label])


INITIALIZERS = {
    "default": lambda tf: None,
    "zeros": lambda tf: tf.zeros_initializer(),
    "ones": lambda tf: tf.ones_initializer(),
    "constant": lambda tf: tf.constant_initializer([1, 2, 3]),
    "random_uniform": lambda tf: tf.random_uniform_initializer(-1, 2),
    "random_normal": lambda tf: tf.random_normal_initializer(1.0, 2.0),
    "truncated_normal": lambda tf: tf.truncated_normal_initializer(stddev=0.1),
    "uniform_unit_scaling": lambda tf: tf.uniform_unit_scaling_initializer(1.43),
    "variance_scaling": lambda tf: tf.variance_scaling_initializer(2.0, "fan_out"),
    "variance_scaling uniform": lambda tf: tf.variance_scaling_initializer(
        distribution="uniform", mode="fan_avg"
    ),
    "variance_scaling normal": lambda tf: tf.variance_scaling_initializer(distribution="untruncated_normal"),
    "glorot_uniform": lambda tf: tf.glorot_uniform_initializer(seed=3),
    "glorot_normal": lambda tf: tf.glorot_normal_initializer(),
    "he_normal": lambda tf: tf.initializers.he_normal(),
    "he_uniform": lambda tf: tf.initializers.he_uniform(),
    "lecun_normal": lambda tf: tf.initializers.lecun_normal(),
    "lecun_uniform": lambda tf: tf.initializers.lecun_uniform(),
    "orthogonal": lambda tf: tf.orthogonal_initializer(2.0),
    "identity": lambda tf: tf.initializers.identity(),
}


@pytest.mark.parametrize("label", INITIALIZERS)
def test_initializers(label):
    def program(tf):
        shapes = [[3, 3]] if label == "identity" else [[3, 4], [2, 3, 3, 2], [5, 2]]
        made = [
            tf.get_variable(f"v{i}", s, initializer=INITIALIZERS[label](tf)) for i, s in enumerate(shapes)
        ]
        return made, {}

    check(program, graph_seed=5, names=label != "identity", rtol=1e-4 if label == "orthogonal" else None)


BAD_INITIALIZERS = {
    "scale": lambda tf: tf.variance_scaling_initializer(scale=0),
    "mode": lambda tf: tf.variance_scaling_initializer(mode="fan"),
    "distribution": lambda tf: tf.variance_scaling_initializer(distribution="cauchy"),
    "constant": lambda tf: tf.constant_initializer(object()),
    "too many": lambda tf: tf.get_variable("v", [2], initializer=tf.constant_initializer([1, 2, 3])),
    "integer dtype": lambda tf: tf.random_normal_initializer(dtype=tf.int32),
    "identity": lambda tf: tf.get_variable("v", [2], initializer=tf.initializers.identity()),
    "orthogonal": lambda tf: tf.get_variable("v", [2], initializer=tf.orthogonal_initializer()),
}


@pytest.mark.parametrize("label", BAD_INITIALIZERS)
def test_initializer_errors(label):
    check_error(lambda tf: (BAD_INITIALIZERS[label](tf), {}))
