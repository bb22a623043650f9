"""Curves: smoothing on all points, decimation that hides nothing, event files."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitf as tf
from minitf.observe.runs import Runs, Smoother, decimated, read_events

numbers = st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=1, max_size=60)


def smoothed(values, smoothing):
    made = Smoother(smoothing)
    made.extend(values)
    return list(made.found)


@settings(max_examples=100, deadline=None)
@given(numbers, numbers, st.sampled_from([0.0, 0.5, 0.9, 0.99]))
def test_smoothed_points_never_change_when_data_is_appended(values, more, smoothing):
    np.testing.assert_array_equal(smoothed(values + more, smoothing)[: len(values)], smoothed(values, smoothing))


def test_smoothing_in_parts_is_smoothing_at_once():
    values, parts = np.random.default_rng(0).normal(size=50), Smoother(0.7)
    for start in range(0, 50, 7):
        parts.extend(values[start : start + 7])
    assert list(parts.found) == smoothed(values, 0.7)


def test_a_constant_stays_constant():
    assert smoothed([2.5] * 1000, 0.99) == pytest.approx([2.5] * 1000, rel=1e-12)
    assert smoothed([1.0, 3.0], 0) == [1.0, 3.0]


def test_nan_leaves_a_gap_and_spoils_nothing():
    first, gap, last = smoothed([1.0, math.nan, 1.0], 0.5)
    assert (first, last) == (1, 1) and math.isnan(gap)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 3000), st.integers(5, 400), st.integers(0, 10**6))
def test_decimation_never_hides_a_spike_or_nan_at_any_width(count, most, seed):
    generator = np.random.default_rng(seed)
    values = generator.normal(size=count)
    spike, lost = generator.integers(count, size=2)
    values[spike] = 100
    kept = decimated(values, most)
    assert spike in kept and len(kept) <= max(count if count <= most else 0, most)
    values[lost] = math.nan
    assert lost in decimated(values, most)


def test_a_step_that_goes_back_begins_a_new_curve():
    runs = Runs()
    for step in (0, 1, 2, 0, 1, 0):
        runs.add(step, {"loss": 1.0}, "a")
    assert {run: len(s) for (run, _), s in runs.series.items()} == {"a": 3, "a 2": 2, "a 3": 1}


def write(folder, values, tag="loss"):
    with tf.summary.FileWriter(folder) as writer:
        for step, value in enumerate(values):
            writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag=tag, simple_value=value)]), step)


def test_event_files_and_folders_of_runs(tmp_path):
    write(str(tmp_path / "slow"), [3.0, 2.0])
    write(str(tmp_path / "fast/deep"), [3.0, 1.0, 0.5])
    runs = read_events(tmp_path)
    assert {run: list(s.values) for (run, _), s in runs.series.items()} == {
        "slow": [3, 2], "fast/deep": [3, 1, 0.5],
    }  # fmt: skip
    (file,) = (tmp_path / "slow").iterdir()
    assert list(read_events(file).series) == [("", "loss")]
    with pytest.raises(tf.errors.NotFoundError):
        read_events(tmp_path / "nowhere")


def test_a_file_that_is_still_being_written_is_read_to_its_end(tmp_path):
    write(str(tmp_path), [3.0, 2.0, 1.0])
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-5])
    assert list(read_events(file).series["", "loss"].values) == [3, 2]
