"""Training curves as JSON, SVG and text: small, and equal to the TypeScript contract."""

import base64
import json
import math

import numpy as np
import pytest

from minitf.observe.describe_training import (
    TRAINING_MIME,
    TRAINING_VERSION,
    as_svg,
    describe_training,
    duration,
    progress_text,
)
from minitf.observe.runs import Runs

PROGRESS = {
    "done": 120, "total": 1000, "rate": 57.14, "left": 15.4, "elapsed": 2.1, "over": False, "label": "",
}  # fmt: skip


def made(points=40, run="<b>a</b>"):
    runs = Runs()
    for step in range(points):
        runs.add(step, {"loss": math.nan if step == 30 else math.log(10) / (1 + step)}, run, 1000.0 + step)
        runs.add(step, {"accuracy": step / points}, "b", 1000.0 + step)
    return runs


def numbers(text, kind):
    return np.frombuffer(base64.b64decode(text), kind)


def test_typescript_reads_what_python_writes(sample):
    sample("training", describe_training(made(), smoothing=0.5, progress=PROGRESS, title="Two runs"))
    sample("training_part", describe_training(made(3000), smoothing=0.9))
    sample("progress", describe_training(Runs(), progress=PROGRESS))


def test_both_sides_have_the_same_fields(fields, contract):
    found = describe_training(made(), progress=PROGRESS)
    assert set(found) == fields("training", "Training")
    assert set(found["series"][0]) == fields("training", "Curve")
    assert set(found["captions"][0]) == fields("training", "Caption")
    assert set(found["progress"]) == fields("training", "Progress")
    assert f"TRAINING_VERSION = {TRAINING_VERSION};" in contract("training")
    assert f"'{TRAINING_MIME}'" in contract("training")


@pytest.mark.parametrize(("curves", "points"), [(1, 100_000), (8, 5000), (60, 300)])
def test_what_a_notebook_keeps_has_50_kb_at_most(curves, points):
    runs, generator = Runs(), np.random.default_rng(0)
    for i in range(curves):
        for step in range(points):
            runs.add(step, {f"a rather long tag {i % 6}": generator.normal()}, f"run {i}", step)
    found = describe_training(runs, smoothing=0.9)
    svg = as_svg(runs, 0.9)
    assert len(json.dumps(found)) + len(svg) + len(found["text"]) <= 50_000
    assert len(found["series"]) + found["omitted"] == curves


def test_the_kept_points_hold_the_spike_the_nan_and_the_mean_of_all():
    runs = made(3000, "a")
    runs.series["a", "loss"].values[1234] = 99
    (curve, _) = describe_training(runs, smoothing=0.9)["series"]
    values, steps = numbers(curve["values"], "<f4"), numbers(curve["steps"], "<f8")
    assert curve["count"] == 3000 and len(values) < 1000
    assert np.nanmax(values) == 99 and np.isnan(values).any()
    smooth, place = numbers(curve["smooth"], "<f4"), int(steps[50])
    assert smooth[50] == pytest.approx(runs.series["a", "loss"].smoothed(0.9)[place])


def test_the_svg_shows_each_tag_and_nothing_runs():
    svg = as_svg(made())
    assert svg.count("<polyline") == 2 and "loss" in svg and "<b>" not in svg
    assert as_svg(Runs()) == ""
    only_lost = Runs()
    only_lost.add(0, {"loss": math.nan})
    assert as_svg(only_lost) == ""


def test_the_text_is_a_twin():
    text = describe_training(made(), progress=PROGRESS)["text"]
    assert text.startswith("120 of 1,000 steps, 57.1 steps/s, 15 s to go\nloss (<b>a</b>): 40 points, 2.303 at first")
    assert "2.303 = ln 10" in text
    assert progress_text(PROGRESS | {"over": True, "label": "epochs"}).endswith("57.1 steps/s, done in 2.1 s")
    assert describe_training(Runs())["text"] == "no points yet"


def test_durations():
    assert [duration(s) for s in (0.31, 42.4, 185, 7444)] == ["0.3 s", "42 s", "3 min 5 s", "2 h 4 min"]
