"""Winograd's convolution against the exact one, and the matrices against the convolution they stand for."""

import numpy as np
import pytest

from minitf.kernels import convolution, winograd
from minitf.kernels.machine import Stretch

ACCURACY = 1e-5  # of the largest output, as the module's docstring says


@pytest.mark.parametrize("r", [2, 3, 4, 5])
@pytest.mark.parametrize("m", [2, 3, 4])
def test_the_matrices_make_a_convolution(m, r):
    back, filters, inputs = (np.array(rows, float) for rows in winograd.matrices(m, r))
    rng = np.random.default_rng(0)
    taps, d = rng.standard_normal(r), rng.standard_normal(m + r - 1)
    np.testing.assert_allclose(back @ ((filters @ taps) * (inputs @ d)), np.correlate(d, taps), atol=1e-13)


# pictures (batch, height, width, in), window, out channels, padding (top, bottom, left, right)
CASES = [
    ((2, 9, 7, 5), 3, 6, (1, 1, 1, 1)),
    ((1, 5, 11, 3), 3, 4, (0, 0, 0, 0)),
    ((3, 8, 8, 4), 5, 3, (2, 2, 2, 2)),
    ((1, 6, 70, 2), 5, 3, (1, 3, 0, 4)),
    ((2, 12, 5, 3), 4, 7, (1, 2, 2, 1)),
    ((2, 6, 4, 8), 2, 3, (0, 1, 1, 0)),
    ((2, 1, 1, 3), 3, 4, (1, 1, 1, 1)),
]


class Case:
    """Random operands; what convolution and its gradients make of them by one way or the other."""

    def __init__(self, shape, r, channels, padding):
        rng = np.random.default_rng(0)
        out = shape[1] + sum(padding[:2]) - r + 1, shape[2] + sum(padding[2:]) - r + 1
        self.x = rng.standard_normal(shape).astype(np.float32)
        self.filter = rng.standard_normal((r, r, shape[3], channels)).astype(np.float32)
        self.dy = rng.standard_normal((shape[0], *out, channels)).astype(np.float32)
        self.geometry = (1, 1), padding, (1, 1)

    def exact(self):
        x, filter, dy = (a.astype(np.float64) for a in (self.x, self.filter, self.dy))
        return [
            convolution.conv_numpy(x, filter, *self.geometry),
            convolution.conv_filter_gradient_numpy(x, dy, filter.shape[:2], *self.geometry),
            convolution.conv_input_gradient_numpy(filter, dy, x.shape, *self.geometry),
        ]

    def launched(self):
        results = [np.full_like(a, np.nan) for a in (self.dy, self.filter, self.x)]
        makers = (
            convolution.conv2d_launches(self.x, self.filter, *self.geometry, results[0]),
            convolution.conv2d_filter_gradient_launches(self.x, self.dy, *self.geometry, results[1]),
            convolution.conv2d_input_gradient_launches(self.filter, self.dy, *self.geometry, results[2]),
        )
        kernels = {launch.kernel.__name__.partition("_")[0] for launches in makers for launch in launches}
        for launches in makers:
            assert Stretch(launches).run() == -1
        return results, kernels


def check(found, expected):
    for one, other in zip(found, expected, strict=True):
        assert abs(one - other).max() <= ACCURACY * abs(other).max()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_shape(case, monkeypatch):
    monkeypatch.setattr(winograd, "pays", lambda *arguments: True)
    monkeypatch.setattr(winograd, "_TILES", 6)  # several blocks, the last of which is not full
    case = Case(*case)
    results, kernels = case.launched()
    assert {"convolve", "filter"} <= kernels
    check(results, case.exact())


def test_the_shapes_decide_and_the_environment(monkeypatch):
    case = Case((4, 20, 20, 8), 5, 8, (2, 2, 2, 2))
    fast, kernels = case.launched()
    assert "convolve" in kernels
    monkeypatch.setenv("MINITF_CONVOLUTION", "exact")
    exact, kernels = case.launched()
    assert "convolve" not in kernels
    check(fast, exact)
    check(exact, case.exact())


@pytest.mark.parametrize(
    "shape, window, strides, padding, dilations",
    [
        ((8, 20, 20, 8), (3, 3), (2, 1), (1, 1, 1, 1), (1, 1)),
        ((8, 20, 20, 8), (3, 3), (1, 1), (1, 1, 1, 1), (1, 2)),
        ((8, 20, 20, 8), (3, 5), (1, 1), (1, 1, 1, 1), (1, 1)),
        ((8, 20, 20, 8), (7, 7), (1, 1), (1, 1, 1, 1), (1, 1)),
        ((8, 20, 20, 8), (3, 3), (1, 1), (3, 1, 1, 1), (1, 1)),
        ((8, 20, 20, 1), (3, 3), (1, 1), (1, 1, 1, 1), (1, 1)),
        ((1, 4, 4, 8), (3, 3), (1, 1), (1, 1, 1, 1), (1, 1)),
        ((0, 20, 20, 8), (3, 3), (1, 1), (1, 1, 1, 1), (1, 1)),
    ],
)
def test_where_it_does_not_fit(shape, window, strides, padding, dilations):
    filter = np.zeros((*window, shape[3], 8), np.float32)
    assert not winograd.fits(filter, strides, padding, dilations, np.zeros(shape, np.float32))


def test_float64_stays_exact():
    filter, made = np.zeros((3, 3, 8, 8)), np.zeros((8, 20, 20, 8))
    assert not winograd.fits(filter, (1, 1), (1, 1, 1, 1), (1, 1), made)
    assert winograd.fits(filter.astype("f4"), (1, 1), (1, 1, 1, 1), (1, 1), made.astype("f4"))


def test_the_number_of_threads_does_not_matter():
    case = Case((4, 20, 20, 8), 5, 8, (2, 2, 2, 2))
    out, dfilter = np.empty_like(case.dy), np.empty_like(case.filter)
    launches = [
        *convolution.conv2d_launches(case.x, case.filter, *case.geometry, out),
        *convolution.conv2d_filter_gradient_launches(case.x, case.dy, *case.geometry, dfilter),
    ]
    found = []
    for limit in (1, None):
        Stretch(launches, limit).run()
        found.append((out.copy(), dfilter.copy()))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])
