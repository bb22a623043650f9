"""Ten of the kills that `python -m tests.checkpoint.kill 200` does."""

import subprocess
import sys


def test_no_kill_loses_a_checkpoint():
    """In a process of its own, which has no threads when it forks."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.checkpoint.kill", "10"], capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
    assert "'kills': 10" in done.stdout and "'lost': 0" in done.stdout, done.stdout
