"""Rule captions: what a curve means."""

import math

import pytest

from minitf.observe.captions import captions
from minitf.observe.runs import Series


def said(tag, values, sources=None):
    series = Series("", tag)
    for step, value in enumerate(values):
        series.add(step, 0.0, value)
    return [caption["text"] for caption in captions([series], sources)]


@pytest.mark.parametrize(("classes", "value"), [(10, 2.3026), (2, 0.6931), (1000, 6.9077)])
def test_ln_of_the_number_of_classes(classes, value):
    assert said("xent_loss", [value, 1.9]) == [
        f"{value:.3f} = ln {classes}: the network predicts {classes} classes uniformly"
    ]


def test_a_network_that_still_predicts_uniformly():
    assert "still predicts" in said("loss", [2.302 + i * 1e-5 for i in range(30)])[0]


@pytest.mark.parametrize("values", [[2.35, 2.0], [0.1, 0.05], [4.0]])
def test_other_beginnings_are_not_explained(values):
    assert said("loss", values) == []


def test_first_nan_with_its_source():
    values = [1.0] * 87 + [math.nan, 1.0]
    assert said("loss", values, {("", "loss"): "xent/Log"}) == ["first NaN at step 87 from xent/Log"]
    assert said("x", [1.0, math.inf]) == ["first infinite value at step 1"]


def test_guessing_growing_and_standing_still():
    assert said("accuracy", [0.1 + i * 1e-4 for i in range(25)]) == [
        "0.102 = 1/10: no better than guessing among 10 classes"
    ]
    assert "a smaller learning rate?" in said("loss", [1, 2, 5, 20, 90])[0]
    assert said("weight", [3.0] * 5 + [4.0] * 20) == ["has not changed since step 5: is the update running?"]
    assert said("loss", [3.0] * 5 + [0.0] * 20) == ["is 0 since step 5: there is nothing left to learn"]
    assert said("loss", []) == [] and said("loss", [5, 4, 3, 2, 1]) == []
