"""Fractional pooling: windows where TensorFlow's seeds put them, values, and gradients."""

import numpy as np
import pytest

import minitf
from tests.parity.compare import check, check_error

X = np.random.default_rng(0).normal(0, 3, (2, 11, 14, 3))


@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize("pseudo_random", [False, True])
@pytest.mark.parametrize("overlapping", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_values_and_gradients(kind, pseudo_random, overlapping, dtype):
    for ratio in ((1.0, 1.44, 1.73, 1.0), (1.0, 2.5, 1.0, 1.0), (1.0, 11.0, 3.2, 1.0)):

        def program(tf, ratio=ratio):
            pool = getattr(tf.nn, f"fractional_{kind}_pool")
            x = tf.constant(X.astype(dtype))
            y, rows, columns = pool(x, ratio, pseudo_random, overlapping, deterministic=True, seed=4, seed2=9)
            return [y, rows, columns, *(tf.gradients(y * y, [x]) if dtype != "int32" else ())], {}

        check(program, names=True)


def test_refuses():
    for ratio in ((1.0, 0.5, 2.0, 1.0), (1.0, 2.0, 2.0, 2.0), (1.0, 2.0)):
        with pytest.raises(ValueError, match="pooling"):
            minitf.nn.fractional_max_pool(X, ratio)
    check_error(lambda tf: (tf.nn.fractional_max_pool(X, (1.0, 2.0, 2.0, 1.0), seed=1)[0], {}))


def test_windows_differ_from_run_to_run():
    with minitf.Graph().as_default(), minitf.Session() as session:
        places = minitf.nn.fractional_max_pool(np.zeros((1, 97, 3, 1)), (1.0, 1.3, 1.0, 1.0))[1]
        assert len({session.run(places).tobytes() for _ in range(4)}) > 1
