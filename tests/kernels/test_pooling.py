"""Pooling kernels against their NumPy twins, with ties, NaN and windows over the border."""

import numpy as np
import pytest

from minitf.kernels import pooling as kernels
from minitf.kernels import quarters
from minitf.kernels.machine import Stretch
from minitf.kernels.windows import window_output

GEOMETRIES = [
    ((2, 2), (2, 2), "SAME"),
    ((3, 2), (1, 2), "SAME"),
    ((3, 3), (2, 1), "VALID"),
    ((1, 1), (2, 2), "VALID"),
]


def places(x, window, strides, how):
    found = [window_output(s, w, t, 1, how) for s, w, t in zip(x.shape[1:-1], window, strides, strict=True)]
    return [f[0] for f in found], tuple(n for f in found for n in f[1:])


def pictures(dtype="float32", shape=(2, 7, 6, 3)):
    return np.random.default_rng(0).integers(-3, 4, shape).astype(dtype)  # with many ties


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_max_pool(geometry, dtype):
    window, strides, how = geometry
    x = pictures(dtype)
    output, padding = places(x, window, strides, how)
    out = np.empty((2, *output, 3), dtype)
    found = np.empty(out.shape, np.int64)
    best, expected = kernels.max_pool_numpy(x, window, strides, padding)
    Stretch(kernels.pool_launches(kernels.max_pool, x, window, strides, padding, out)).run()
    np.testing.assert_array_equal(out, best)
    Stretch(kernels.places_launches(x, window, strides, padding, True, out, found)).run()
    np.testing.assert_array_equal(out, best)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(x.reshape(-1)[found], best)


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_gradients_of_max_pool_look_at_the_first_maximum(geometry, dtype):
    window, strides, how = geometry
    x = pictures(dtype)
    if dtype == "float32":
        x[0, 1:3, 2] = np.nan
    output, padding = places(x, window, strides, how)
    _, found = kernels.max_pool_numpy(x, window, strides, padding)
    dy = np.arange(2 * np.prod(output) * 3).astype(dtype).reshape(2, *output, 3)
    dx, again, expected = np.empty_like(x), np.empty_like(dy), np.zeros_like(x)
    np.add.at(expected.reshape(-1), found.reshape(-1), dy.reshape(-1))
    Stretch(kernels.max_pool_gradient_launches(kernels.max_pool_gradient, x, dy, window, strides, padding, dx)).run()
    np.testing.assert_array_equal(dx, expected)
    launches = kernels.max_pool_gradient_launches(kernels.max_pool_again, x, dx, window, strides, padding, again)
    Stretch(launches).run()
    np.testing.assert_array_equal(again, expected.reshape(-1)[found])


@pytest.mark.parametrize("with_batch", [True, False])
def test_places_may_count_through_the_batch(with_batch):
    x = pictures()
    out, dx = np.empty((2, 4, 3, 3), np.float32), np.empty_like(x)
    found = np.empty(out.shape, np.int32)
    Stretch(kernels.places_launches(x, (2, 2), (2, 2), (0, 1, 0, 0), with_batch, out, found)).run()
    assert found[1].min() >= (x[0].size if with_batch else 0)
    assert found[1].max() < x[0].size * (2 if with_batch else 1)
    assert Stretch(kernels.scatter_launches(found, with_batch, out, dx)).run() == -1
    np.testing.assert_array_equal(dx[dx != 0], x[dx != 0])
    assert dx.sum() == out.sum()
    found[0, 0, 0, 0] = -1
    assert Stretch(kernels.scatter_launches(found, with_batch, out, dx)).run() == 0


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_avg_pool_and_its_gradient(geometry):
    window, strides, how = geometry
    x = pictures("float64")
    output, padding = places(x, window, strides, how)
    out, dx = np.empty((2, *output, 3)), np.empty_like(x)
    Stretch(kernels.pool_launches(kernels.avg_pool, x, window, strides, padding, out)).run()
    np.testing.assert_allclose(out, kernels.avg_pool_numpy(x, window, strides, padding), atol=1e-14)
    Stretch(kernels.pool_launches(kernels.avg_pool_gradient, out, window, strides, padding, dx)).run()
    expected = kernels.avg_pool_gradient_numpy(out, x.shape, window, strides, padding)
    np.testing.assert_allclose(dx, expected, atol=1e-14)
    np.testing.assert_allclose((dx * x).sum(), (out * out).sum())  # the transpose of a linear map


def test_nan_travels():
    x = pictures()
    x[0, 2, 2, 1] = np.nan
    out = np.empty((2, 4, 3, 3), np.float32)
    Stretch(kernels.pool_launches(kernels.max_pool, x, (2, 2), (2, 2), (0, 1, 0, 0), out)).run()
    assert np.isnan(out[0, 1, 1, 1]) and np.isnan(out).sum() == 1


@pytest.mark.parametrize("dtype", ["float32", "int32"])
@pytest.mark.parametrize("shape", [(2, 6, 4, 3), (2, 2, 8, 16), (3, 2, 4, 6, 5)])
def test_windows_side_by_side(shape, dtype):
    x = pictures(dtype, shape)
    if dtype == "float32":
        x[0, ..., 1:3, 2, :] = np.nan
    window, padding = (1, 2, 2)[5 - len(shape) :], (0, 0) * (len(shape) - 2)
    best, found = kernels.max_pool_numpy(x, window, window, padding)
    out, dx, expected = np.empty_like(best), np.empty_like(x), np.zeros_like(x)
    dy = np.arange(best.size).astype(dtype).reshape(best.shape)
    expected.reshape(-1)[found] = dy
    launches = [
        *kernels.pool_launches(kernels.max_pool, x, window, window, padding, out),
        *kernels.max_pool_gradient_launches(kernels.max_pool_gradient, x, dy, window, window, padding, dx),
    ]
    assert [launch.kernel for launch in launches] == [quarters.max_of_quarters, quarters.max_of_quarters_gradient]
    Stretch(launches).run()
    np.testing.assert_array_equal(out, best)
    np.testing.assert_array_equal(dx, expected)


def test_volumes():
    x = pictures("float64", (1, 4, 5, 3, 2))
    window, strides = (2, 3, 2), (2, 1, 2)
    output, padding = places(x, window, strides, "SAME")
    out = np.empty((1, *output, 2))
    Stretch(kernels.pool_launches(kernels.max_pool, x, window, strides, padding, out)).run()
    np.testing.assert_array_equal(out, kernels.max_pool_numpy(x, window, strides, padding)[0])
