"""Convolution kernels against their NumPy twins, and both against TensorFlow where it is installed."""

import math

import numpy as np
import pytest

from minitf.kernels import convolution, convolution3d
from minitf.kernels.machine import Stretch
from minitf.kernels.windows import window_output

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}

# input (batch, spatial..., channels), window, output channels, strides, dilations, padding
CASES = [
    ((2, 5, 6, 3), (3, 3), 4, (1, 1), (1, 1), "SAME"),
    ((2, 7, 6, 3), (3, 2), 4, (2, 1), (1, 1), "VALID"),
    ((1, 8, 9, 2), (4, 4), 3, (2, 3), (1, 1), "SAME"),
    ((2, 9, 8, 2), (3, 3), 3, (1, 1), (2, 3), "SAME"),
    ((1, 9, 9, 1), (2, 3), 2, (2, 2), (3, 2), "VALID"),
    ((2, 11, 9, 1), (3, 5), 4, (1, 1), (1, 1), "SAME"),
    ((1, 4, 5, 2), (3, 3), 2, (1, 2), (1, 1), ((2, 1), (0, 3))),
    ((3, 4, 4, 5), (1, 1), 6, (1, 1), (1, 1), "VALID"),
    ((3, 5, 4, 5), (1, 1), 6, (2, 2), (1, 1), "SAME"),
    ((1, 2, 2, 2), (5, 5), 2, (1, 1), (1, 1), "SAME"),
    ((2, 1, 40, 3), (1, 5), 4, (1, 1), (1, 1), "SAME"),
    ((0, 4, 4, 2), (3, 3), 2, (1, 1), (1, 1), "SAME"),
    ((2, 4, 5, 6, 3), (2, 3, 3), 4, (1, 1, 1), (1, 1, 1), "SAME"),
    ((1, 5, 6, 5, 2), (3, 2, 3), 2, (2, 1, 2), (1, 2, 1), "VALID"),
    ((1, 5, 4, 4, 2), (2, 2, 2), 3, (1, 2, 1), (2, 1, 1), "SAME"),
]


class Case:
    """Random operands for one row of CASES."""

    def __init__(self, case, dtype):
        shape, window, channels, self.strides, self.dilations, self.padding = case
        rng = np.random.default_rng(0)
        paddings = [self.padding] * len(window) if isinstance(self.padding, str) else self.padding
        places = [
            window_output(*numbers)
            for numbers in zip(shape[1:-1], window, self.strides, self.dilations, paddings, strict=True)
        ]
        self.amounts = tuple(amount for place in places for amount in place[1:])
        self.x = rng.standard_normal(shape).astype(dtype)
        self.filter = rng.standard_normal((*window, shape[-1], channels)).astype(dtype)
        self.dy = rng.standard_normal((shape[0], *(place[0] for place in places), channels)).astype(dtype)
        self.geometry = self.strides, self.amounts, self.dilations

    def numpy(self):
        window = self.filter.shape[:-2]
        return [
            convolution.conv_numpy(self.x, self.filter, *self.geometry),
            convolution.conv_filter_gradient_numpy(self.x, self.dy, window, *self.geometry),
            convolution.conv_input_gradient_numpy(self.filter, self.dy, self.x.shape, *self.geometry),
        ]

    def kernels(self):
        module, name = (convolution, "conv2d") if self.x.ndim == 4 else (convolution3d, "conv3d")
        results = [np.full_like(a, np.nan) for a in (self.dy, self.filter, self.x)]
        operands = [(self.x, self.filter), (self.x, self.dy), (self.filter, self.dy)]
        kinds = ["_launches", "_filter_gradient_launches", "_input_gradient_launches"]
        for kind, arrays, result in zip(kinds, operands, results, strict=True):
            launches = getattr(module, name + kind)(*arrays, *self.geometry, result)
            assert Stretch(launches).run() == -1
        return results


def check(found, expected):
    for one, other in zip(found, expected, strict=True):
        tolerance = TOLERANCE[one.dtype.name]
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * (1 + abs(other).max(initial=0)))


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_kernels_equal_numpy(case, dtype):
    case = Case(case, dtype)
    check(case.kernels(), case.numpy())


@pytest.mark.parametrize("case", CASES[:4], ids=str)
def test_chunks_do_not_matter(case, monkeypatch):
    case = Case(case, "float64")
    monkeypatch.setattr(convolution, "_CHUNK_BYTES", 1)
    for pixels in (1, 7):
        monkeypatch.setattr(convolution, "_CHUNK_PIXELS", pixels)
        check(case.kernels(), case.numpy())


def test_scratch_stays_bounded():
    filter, out = np.empty((5, 5, 32, 64), np.float32), np.empty((4096, 14, 14, 64), np.float32)
    assert convolution.scratch_columns(filter, out)[0].nbytes <= 2**21
    assert convolution.scratch_columns(np.empty((3, 3, 1024, 8), np.float32), out)[0].nbytes <= 2**25


def test_nan_travels_into_the_windows_that_hold_it_and_no_further():
    case = Case(((1, 6, 6, 2), (3, 3), 4, (1, 1), (1, 1), "SAME"), "float32")
    case.x[0, 0, 0, 0] = np.nan
    out = case.kernels()[0]
    assert np.isnan(out[0, :2, :2]).all() and np.isfinite(out[0, 2:]).all() and np.isfinite(out[0, :, 2:]).all()


def test_window_output():
    for size in range(8):
        for window in range(1, 5):
            for stride in range(1, 4):
                for dilation in range(1, 3):
                    extent = (window - 1) * dilation + 1
                    output, before, after = window_output(size, window, stride, dilation)
                    assert output == math.ceil(size / stride) and 0 <= after - before <= 1
                    if size >= extent:
                        valid = window_output(size, window, stride, dilation, "VALID")
                        assert valid == (len(range(0, size - extent + 1, stride)), 0, 0)
    assert window_output(4, 3, 2, 1, (1, 2)) == (3, 1, 2)
    with pytest.raises(ValueError, match="Negative dimension size"):
        window_output(2, 3, 1, 1, "VALID")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_equal_to_tensorflow(case):
    tf = pytest.importorskip("tensorflow").compat.v1
    dtype = "float32"
    case = Case(case, dtype)
    if isinstance(case.padding, str):
        padding = case.padding
    else:
        padding = [[0, 0], *map(list, case.padding), [0, 0]]
    if case.x.ndim == 5 and max(case.dilations) > 1:
        pytest.skip("TensorFlow's CPU kernel has no dilated conv3d")
    with tf.Graph().as_default(), tf.Session() as session:
        x, filter = tf.constant(case.x), tf.constant(case.filter)
        function = tf.nn.conv2d if case.x.ndim == 4 else tf.nn.conv3d
        y = function(x, filter, [1, *case.strides, 1], padding, dilations=[1, *case.dilations, 1])
        check(case.kernels(), session.run([y, *tf.gradients(y, [filter, x], tf.constant(case.dy))]))
