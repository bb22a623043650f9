"""Training curves."""

import math

import pytest

import minitf as tf
from minitf.notebook.curves import smoothed

pytest.importorskip("matplotlib")


def test_a_panel_for_each_series():
    curves = tf.notebook.Curves({"loss": [3.0, 2.0, 1.0], "accuracy": ([0, 10], [0.1, 0.9])}, smoothing=0.5)
    loss, accuracy = curves.figure.axes
    assert list(loss.lines[0].get_ydata()) == [3, 2, 1]
    assert list(accuracy.lines[0].get_xdata()) == [0, 10]
    data, size = curves._repr_png_()
    assert data.startswith(b"\x89PNG") and len(data) < 60_000
    assert size["width"] > size["height"] > 100
    assert repr(curves) == "<Curves: loss, accuracy>"


def test_smoothing_keeps_a_constant_and_the_past():
    assert smoothed([2.0] * 5, 0.9) == pytest.approx([2.0] * 5)
    values = [1.0, 5.0, 2.0, 8.0]
    assert smoothed(values, 0.6)[:3] == smoothed(values[:3], 0.6)
    assert smoothed(values, 0) == values


def test_nan_is_marked_and_not_averaged():
    assert smoothed([1.0, math.nan, 1.0], 0.5) == pytest.approx([1, 1, 1])
    assert math.isnan(smoothed([math.nan], 0.5)[0])
    (axes,) = tf.notebook.Curves({"loss": [1.0, math.nan]}).figure.axes
    assert list(axes.lines[-1].get_xdata()) == [1]


@pytest.mark.parametrize("smoothing", [-0.1, 1.0])
def test_smoothing_has_limits(smoothing):
    with pytest.raises(ValueError, match="smoothing"):
        smoothed([1.0], smoothing)
