"""Curves and histograms for papers."""

import math

import pytest

import minitf as tf

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


def test_nan_is_marked():
    (axes,) = tf.notebook.Curves({"loss": [1.0, math.nan]}).figure.axes
    assert list(axes.lines[-1].get_xdata()) == [1]


@pytest.mark.parametrize("smoothing", [-0.1, 1.0])
def test_smoothing_has_limits(smoothing):
    with pytest.raises(ValueError, match="smoothing"):
        tf.notebook.Curves({"loss": [1.0]}, smoothing=smoothing)


def test_the_static_twin_of_show_training():
    training = tf.notebook.Training()
    for step in range(5):
        training.add(step, run="a", loss=1 / (step + 1), accuracy=step / 5)
        training.add(step, run="b", loss=2.0)
    loss, accuracy = tf.plot_curves(training).axes
    assert [line.get_label() for line in loss.lines] == ["a", "b"] and len(accuracy.lines) == 1
    (axes,) = tf.plot_curves({"loss": [1.0, 2.0]}).axes
    assert list(axes.lines[0].get_ydata()) == [1, 2]
    png, size = tf.plot_curves({"loss": [1.0, 2.0]})._repr_png_()  # a notebook shows it without pyplot
    assert png.startswith(b"\x89PNG") and size["width"] > 100


def test_a_histogram_counts_what_is_lost_apart():
    (axes,) = tf.plot_histogram([1.0, 2.0, 2.0, math.nan], bins=4, title="w").axes
    assert sum(bar.get_height() for bar in axes.patches) == 3
    assert axes.get_xlabel() == "1 NaN or infinite, apart" and axes.get_title() == "w"
    with pytest.raises(ValueError, match="no histogram"):
        tf.plot_histogram(["a"])
