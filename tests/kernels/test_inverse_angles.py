"""The inverse angles in float32 against NumPy's in float64, special values included."""

import numpy as np
import pytest

import minitf as tf

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, np.inf, -np.inf, np.nan, 1e-40, -1e-40, 3e38, 2.0, -2.0]
FUNCTIONS = {"atan": np.arctan, "asin": np.arcsin, "acos": np.arccos, "atanh": np.arctanh}


def close(found, expected):
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(found, expected.astype(np.float32), 5e-7, 1e-38)
    assert np.array_equal(np.signbit(found), np.signbit(expected)) or np.isnan(expected).any()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_one_number(name):
    chance = np.random.default_rng(0)
    some = np.concatenate([np.float32(SPECIAL), chance.uniform(-1, 1, 20000), chance.standard_cauchy(20000)])
    some = some.astype(np.float32)
    with np.errstate(all="ignore"), tf.Session() as session:
        close(session.run(getattr(tf, name)(tf.constant(some))), FUNCTIONS[name](some.astype(np.float64)))


def test_angles_of_points():
    chance = np.random.default_rng(0)
    y, x = (np.concatenate([np.repeat(np.float32(SPECIAL), 14), chance.standard_cauchy(20000)]) for _ in range(2))
    x[: 14 * 14] = np.tile(np.float32(SPECIAL), 14)
    y, x = y.astype(np.float32), x.astype(np.float32)
    with tf.Session() as session:
        close(session.run(tf.atan2(tf.constant(y), tf.constant(x))), np.arctan2(y.astype(np.float64), x))
