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
