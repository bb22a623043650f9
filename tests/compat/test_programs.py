"""Public TensorFlow 1 programs on minitf. `MINITF_PROGRAMS` names their folder; without it, none run."""

import os

import pytest
from outputs import compare, digest, record
from programs import EXPECTED, check, find_programs, load

FOLDER = os.environ.get("MINITF_PROGRAMS", "")
BAR = 25


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif(not FOLDER, reason="MINITF_PROGRAMS names no folder of programs")
def test_programs_run_and_agree():
    """As many programs as promised run unmodified and print what they print on TensorFlow."""
    expected = load(EXPECTED)
    found = {name: check(FOLDER, name, expected.get(name)) for name in find_programs(FOLDER)}
    failed = [
        f"{name}: {run.get('error') or run.get('first') or run['status']}"
        for name, run in found.items() if not run["passes"]
    ]  # fmt: skip
    assert len(found) - len(failed) >= min(BAR, len(found)), "\n".join(failed)


def test_digest():
    """Lines become a kind and numbers; rows of numbers alone belong to the line before."""
    lines = ["step 1, loss 0.5", "step 2, loss 1e-3", "[[1. 2.]", " [3. nan]]", "<object at 0x7f01>"]
    kinds, numbers = zip(*digest(lines), strict=True)
    assert numbers == ([1.0, 0.5], [2.0, 0.001, 1.0, 2.0, 3.0, numbers[1][-1]], [])
    assert kinds[0] == kinds[1] != kinds[2]


def judged(*runs):
    """The record of three runs given as lists of lines."""
    return record(*(digest(run) for run in runs))


def test_fixed_seeded_and_free():
    """What the three runs of the judge say about a number."""
    expected = judged(["a 1 2 3"], ["a 1 2 4"], ["a 1 5 6"])
    assert [words for _, words in expected["lines"]] == ["1 2s ~"]
    found = compare(expected, digest(["a 1.00001 7 8"]))
    assert (found["lines"], found["fixed_equal"], found["seeded_equal"]) == ("same", 1, 0)


def test_rounding_and_words():
    """A number that rounding changes is not judged, nor are words that seeds or rounding change."""
    expected = judged(["a 1", "got x"], ["a 1", "got x"], ["a 1", "got x"], ["a 2", "got y"])
    assert expected["lines"][0][1] == "1s"
    assert compare(expected, digest(["a 3", "got z"]))["lines"] == "same"
    assert compare(expected, digest(["b 1", "got z"]))["lines"] == "differ"
    assert compare(expected, digest(["a 1"]))["lines"] == "differ"


@pytest.mark.parametrize(
    ("mine", "lines", "first"),
    [
        (["loss 1", "loss 3"], "same", "line 2: 3.0 instead of 2"),
        (["loss 1"], "differ", ""),
        (["loss 1", "cost 2"], "differ", ""),
    ],
)
def test_disagreement(mine, lines, first):
    """Another number, a line too few, another word."""
    expected = judged(*[["loss 1", "loss 2"]] * 3)
    found = compare(expected, digest(mine))
    assert (found["lines"], found["first"]) == (lines, first)


def test_cut_off():
    """A program that was stopped agrees as far as it came."""
    expected = judged(*[["loss 1", "loss 2"]] * 3)
    assert compare(expected, digest(["loss 1"]), complete=False)["lines"] == "same"


def test_irregular():
    """Where the number of lines depends on the seeds, only their kinds count."""
    expected = judged(["a 1", "a 2"], ["a 1", "a 2"], ["a 1", "b 2", "a 3"])
    assert compare(expected, digest(["a 3"]))["lines"] == "same"
    assert compare(expected, digest(["c 3"]))["lines"] == "differ"
