"""Softmax kernels where a naive formula fails: large scores, infinities, NaN, long rows."""

import numpy as np
import pytest

from minitf.kernels import softmax as kernels
from minitf.kernels.machine import Stretch
from minitf.kernels.threads import aligned


def run(kernel, inputs, *outputs):
    assert Stretch([kernels.launch(kernel, inputs, outputs)]).run() == -1
    return outputs[0] if len(outputs) == 1 else outputs


def exact(x):
    powers = np.exp(x.astype(np.longdouble) - x.max(-1, keepdims=True))
    return (powers / powers.sum(-1, keepdims=True)).astype(x.dtype)


@pytest.mark.parametrize("classes", [1, 2, 15, 16, 17, 100, 5000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_softmax_is_accurate(classes, dtype):
    x = np.random.default_rng(classes).standard_normal((3, classes)).astype(dtype) * 10
    found = run(kernels.softmax, [x], np.empty_like(x))
    np.testing.assert_allclose(found, exact(x), rtol=3e-6 if dtype == "float32" else 1e-13, atol=1e-12)


@pytest.mark.parametrize("offset", [0, 4])
@pytest.mark.parametrize("classes", [16, 272, 5008])
def test_softmax_past_the_caches_is_the_same(classes, offset, monkeypatch):
    x = np.random.default_rng(0).standard_normal((9, classes)).astype(np.float32) * 10
    x[3, 5], x[4] = np.nan, -np.inf
    expected = run(kernels.softmax, [x], np.empty_like(x))
    monkeypatch.setattr(kernels, "_CACHE", 0)
    out = aligned(x.nbytes + offset)[offset:].view(np.float32).reshape(x.shape)
    launch = kernels.launch(kernels.softmax, [x], [out])
    assert launch.kernel is kernels.softmax_past_caches and Stretch([launch]).run() == -1
    np.testing.assert_array_equal(out, expected)


def test_exponential_over_its_whole_range():
    x = -np.linspace(0, 87, 50001, dtype=np.float32)
    pairs = np.stack([np.zeros_like(x), x], 1)
    found = run(kernels.softmax, [pairs], np.empty_like(pairs))[:, 1]
    wide = np.exp(x.astype(np.float64))
    np.testing.assert_allclose(found, wide / (1 + wide), rtol=4e-7)


def test_large_scores_do_not_overflow():
    x = np.array([[1000.0, 0.0, -1000.0], [-1e30, -1e30, -1e30]], np.float32)
    found = run(kernels.softmax, [x], np.empty_like(x))
    np.testing.assert_allclose(found, [[1, 0, 0], [1 / 3, 1 / 3, 1 / 3]], rtol=1e-6)
    logs = run(kernels.log_softmax, [x], np.empty_like(x))
    np.testing.assert_allclose(logs[0], [0, -1000, -2000])


def test_minus_infinity_is_probability_zero():
    x = np.array([[-np.inf, 0.0, 0.0]], np.float32)
    np.testing.assert_array_equal(run(kernels.softmax, [x], np.empty_like(x)), [[0, 0.5, 0.5]])


@pytest.mark.parametrize("row", [[np.nan, 1, 2], [np.inf, 1, 2], [-np.inf, -np.inf, -np.inf]])
def test_nan_travels(row):
    x = np.array([row, [1, 1, 1]], np.float32)
    found = run(kernels.softmax, [x], np.empty_like(x))
    assert np.isnan(found[0]).all() and np.isfinite(found[1]).all()


def test_a_label_that_is_no_class_stops_the_kernel():
    x = np.zeros((2, 3), np.float32)
    launch = kernels.launch(
        kernels.sparse_cross_entropy, [x, np.array([0, 3])], (np.empty(2, np.float32), np.empty_like(x))
    )
    assert Stretch([launch]).run() == 0


def test_a_long_sum_of_squares_keeps_its_digits():
    x = np.full(10_000_000, 0.1, np.float32)
    out = np.empty(1, np.float32)
    assert Stretch(kernels.half_square_sum_launches(x, out)).run() == -1
    assert abs(out[0] - 5e4) < 0.5
