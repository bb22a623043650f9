"""Arrays in one line, and histograms that add up."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minitf.observe import values
from minitf.observe.values import histogram, line, summary

DTYPES = ["float16", "float32", "float64", "int8", "int64", "uint8", "bool", "bfloat16"]


def made(dtype, shape=(7, 300), seed=0):
    array = np.random.default_rng(seed).normal(scale=5, size=shape)
    return array.astype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_first_line_equals_numpy(dtype, monkeypatch):
    monkeypatch.setattr(values, "CHUNK", 64)
    array = made(dtype)
    found, wide = summary(array), array.astype(np.float64)
    assert found["shape"] == [7, 300] and found["bytes"] == array.nbytes and found["dtype"] == dtype
    for name in ("min", "max", "mean", "std"):
        assert found[name] == pytest.approx(getattr(np, name)(wide), rel=1e-6)
    assert found["zero"] == (wide == 0).sum()


def test_nan_inf_and_zero_are_counted_and_kept_out_of_the_moments():
    found = summary(np.array([np.nan, np.inf, -np.inf, 0, 3, 1], np.float32))
    assert [found[name] for name in ("nan", "inf", "zero", "min", "max")] == [1, 2, 1, 0, 3]
    assert found["mean"] == pytest.approx(4 / 3)
    assert line(found).endswith("min 0, max 3, mean 1.333, std 1.247, 1 NaN, 2 Inf, 1 zero")


def test_what_has_no_order_has_no_moments():
    for array in (np.array([1 + 2j, 0]), np.array([b"a", "bé"], object), np.zeros((0, 3)), np.array([np.nan])):
        assert summary(array)["min"] is None
    assert summary(np.array([b"a", "bé"], object))["bytes"] == 4
    assert summary(np.array([1 + 2j, 0]))["zero"] == 1


def test_a_moment_that_overflows_is_not_said():
    found = summary(np.array([1e308, -1e308, 1e308]))
    assert found["std"] is None and found["max"] == 1e308


@pytest.mark.parametrize("dtype", DTYPES)
def test_histogram_counts_sum_to_n(dtype, monkeypatch):
    monkeypatch.setattr(values, "CHUNK", 64)
    array = made(dtype)
    found = histogram(array, summary(array))
    assert sum(found["counts"]) + found["nan"] + found["inf"] == array.size


@settings(max_examples=150, deadline=None)
@given(st.lists(st.floats(width=32), max_size=40), st.sampled_from(["float32", "float64"]))
def test_histogram_counts_sum_to_n_whatever_the_floats(numbers, dtype):
    array = np.array(numbers, dtype)
    found = histogram(array, summary(array))
    if array.size:
        assert sum(found["counts"]) + found["nan"] + found["inf"] == array.size
        assert found["nan"] == np.isnan(array).sum() and found["inf"] == np.isinf(array).sum()
    else:
        assert found is None


def test_whole_numbers_of_a_small_range_have_a_bin_each():
    found = histogram(np.array([3, 3, 5]), summary(np.array([3, 3, 5])))
    assert (found["low"], found["high"], found["counts"]) == (2.5, 5.5, [2, 0, 1])


def test_strings_have_no_histogram():
    assert histogram(np.array([b"a"], object), summary(np.array([b"a"], object))) is None


def test_bytes_in_words():
    assert [values.bytes_text(n) for n in (0, 999, 1000, 1234567, 4 * 10**8, 10**13)] == [
        "0 B", "999 B", "1 kB", "1.23 MB", "400 MB", "10 TB",
    ]  # fmt: skip
