"""Depthwise kernels against their NumPy twins: strides, dilations, multipliers, windows over the border."""

import numpy as np
import pytest

from minitf.kernels import depthwise as kernels
from minitf.kernels.machine import Stretch
from minitf.kernels.windows import window_output

GEOMETRIES = [  # window, strides, dilations, padding
    ((3, 3), (1, 1), (1, 1), "SAME"),
    ((3, 2), (2, 3), (1, 1), "SAME"),
    ((2, 3), (2, 1), (1, 2), "VALID"),
    ((3, 3), (1, 1), (2, 3), "SAME"),
    ((1, 1), (3, 2), (1, 1), "VALID"),
    ((5, 4), (1, 2), (1, 1), "SAME"),
]


@pytest.mark.parametrize("multiplier", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_the_convolution_and_its_gradients(geometry, multiplier):
    window, strides, dilations, how = geometry
    chance = np.random.default_rng(multiplier)
    x = chance.standard_normal((3, 9, 11, 5))
    filter = chance.standard_normal((*window, 5, multiplier))
    found = [window_output(*each, how) for each in zip(x.shape[1:3], window, strides, dilations, strict=True)]
    padding = tuple(n for f in found for n in f[1:])
    place = strides, padding, dilations
    out, dx, dfilter = np.empty((3, *(f[0] for f in found), 5 * multiplier)), np.empty_like(x), np.empty_like(filter)
    dy = chance.standard_normal(out.shape)
    for _ in range(2):  # the second time the scratch is no longer empty
        Stretch(kernels.launches(x, filter, *place, out)).run()
        np.testing.assert_allclose(out, kernels.depthwise_numpy(x, filter, *place), 1e-12, 1e-12)
        Stretch(kernels.input_gradient_launches(filter, dy, *place, dx)).run()
        np.testing.assert_allclose(
            dx, kernels.depthwise_input_gradient_numpy(filter, dy, x.shape, *place), 1e-12, 1e-12
        )
        Stretch(kernels.filter_gradient_launches(x, dy, *place, dfilter)).run()
        expected = kernels.depthwise_filter_gradient_numpy(x, dy, filter.shape, *place)
        np.testing.assert_allclose(dfilter, expected, 1e-12, 1e-12)
