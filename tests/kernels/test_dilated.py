"""Dilated convolutions as ordinary ones of smaller pictures equal those that are computed window by window."""

import numpy as np
import pytest

from minitf.kernels import convolution, dilated
from minitf.kernels.machine import Stretch
from minitf.kernels.windows import window_output


@pytest.mark.parametrize("how", ["SAME", "VALID"])
@pytest.mark.parametrize("dilations", [(2, 2), (3, 3), (1, 2), (4, 3)])
@pytest.mark.parametrize("sizes", [(28, 28), (13, 17)])
def test_dilated_convolutions(sizes, dilations, how):
    chance = np.random.default_rng(0)
    x = chance.standard_normal((2, *sizes, 8)).astype(np.float32)
    filter = chance.standard_normal((3, 3, 8, 16)).astype(np.float32)
    found = [window_output(*each, how) for each in zip(sizes, (3, 3), (1, 1), dilations, strict=True)]
    padding = tuple(n for f in found for n in f[1:])
    out = np.full((2, *(f[0] for f in found), 16), np.nan, np.float32)
    assert dilated.fits(filter, (1, 1), dilations, out) or min(sizes) < 20
    for _ in range(2):
        Stretch(convolution.conv2d_launches(x, filter, (1, 1), padding, dilations, out)).run()
        np.testing.assert_allclose(out, convolution.conv_numpy(x, filter, (1, 1), padding, dilations), 1e-3, 1e-4)
