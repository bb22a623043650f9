"""Taps of resized pictures: weights add up to one, places do not leave the picture."""

import numpy as np
import pytest

from minitf.kernels import resizing


@pytest.mark.parametrize("old", [1, 2, 5])
@pytest.mark.parametrize("new", [1, 3, 8])
@pytest.mark.parametrize("corners", [False, True])
def test_taps(old, new, corners):
    found = [resizing.bilinear_taps(old, new, corners, False), resizing.bicubic_taps(old, new, corners, False),
             resizing.area_taps(old, new, corners), resizing.bilinear_taps(old, new, False, True),
             resizing.bicubic_taps(old, new, False, True)]  # fmt: skip
    for index, weight in found if not corners else found[:2]:
        assert len(index) == len(weight) == new
        assert index.min() >= 0 and index.max() < old
        np.testing.assert_allclose(weight.sum(1), 1, atol=1e-5)
