"""Files changed at random: nothing but the clear error, in a little memory."""

import pathlib
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.checkpoint.fuzz import LAYERS, Samples, outcome

ROOT = pathlib.Path(__file__).parent.parent.parent
NOTHING = [(0.9999999, 1, 0)]  # flips a bit behind the end
CHANGES = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 5), st.integers(0, 255)), min_size=1, max_size=6
)


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    return Samples(tmp_path_factory.mktemp("sound"))


@pytest.mark.parametrize("layer", [name for name in LAYERS if not name.endswith(("_length", "_fields"))])
def test_an_unchanged_file_is_accepted(samples, layer):
    assert outcome(samples, layer, NOTHING)[0] == "accepted"


@pytest.mark.parametrize("layer", LAYERS)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(changes=CHANGES)
def test_a_changed_file_is_accepted_or_refused(samples, layer, changes):
    assert outcome(samples, layer, changes)[0] in ("accepted", "refused")


def test_no_file_takes_much_memory():
    """In a process of its own, which may take 1 GB more than it began with."""
    command = [sys.executable, "-m", "tests.checkpoint.fuzz", "--minutes", "0.05"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "files, slowest" in done.stdout
