"""Products with panels equal those with the matrix."""

import numpy as np
import pytest

from minitf.kernels import panels
from minitf.kernels.machine import Stretch


@pytest.mark.parametrize("columns", [128, 100])
@pytest.mark.parametrize("small_kernels", [False, True])
def test_panels(columns, small_kernels, monkeypatch):
    monkeypatch.setattr(panels, "has_small_kernels", lambda dtype: small_kernels)
    random = np.random.default_rng(0)
    a, w, out = (random.standard_normal(s, np.float32) for s in ((37, 50), (50, columns), (37, columns)))
    expected = a @ w + 2 * out
    made = panels.Panels(w)
    assert Stretch([*made.fill_launches(), made.launch(a, out, beta=2.0)]).run() == -1
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "sizes", [(48, 64, 64), (130, 784, 256), (50, 100, 100), (3, 64, 64), (64, 1025, 64), (530, 2050, 64)]
)
def test_products(sizes, monkeypatch):
    monkeypatch.setattr(panels, "has_small_kernels", lambda dtype: True)
    rows, inner, columns = sizes
    random = np.random.default_rng(0)
    a, b = random.standard_normal((rows, inner), np.float32), random.standard_normal((inner, columns), np.float32)
    found = [np.empty((rows, columns), np.float32) for _ in range(2)]
    for out, threads in zip(found, (1, None), strict=True):
        launches = panels.product_launches(a, b, False, False, out)
        pays = rows >= 48 and columns % 64 == 0 and (inner <= 1024 or rows >= 512)
        assert (launches[-1].kernel is panels.panel_gemm) == pays
        assert Stretch(launches, threads).run() == -1
    np.testing.assert_allclose(found[0], a @ b, rtol=1e-4, atol=1e-3)
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("sizes", [(16, 1100, 1024), (32, 1025, 1088), (64, 1030, 1030), (37, 800, 700)])
def test_a_few_rows_with_a_large_matrix(sizes, transposed, monkeypatch):
    monkeypatch.setattr(panels, "has_small_kernels", lambda dtype: True)
    rows, inner, columns = sizes
    random = np.random.default_rng(0)
    a, b = random.standard_normal((rows, inner), np.float32), random.standard_normal((inner, columns), np.float32)
    given = np.ascontiguousarray(b.T) if transposed else b
    found = [np.empty((rows, columns), np.float32) for _ in range(2)]
    for out, threads in zip(found, (1, None), strict=True):
        launches = panels.product_launches(a, given, False, transposed, out)
        assert (len(launches) == 3) == (transposed or (columns % 64 == 0 and rows != 37))
        assert Stretch(launches, threads).run() == -1
    np.testing.assert_allclose(found[0], a @ b, rtol=1e-4, atol=1e-3)
    np.testing.assert_array_equal(*found)
