"""W10, run in a fresh process: `python -m benchmarks.first_step ENGINE`, timed by `driver.py`."""

import sys

import numpy as np

from benchmarks import workloads
from benchmarks.worker import programs


def as_large_as_digits(size=32):
    """A batch of the shapes of the digits, which need scikit-learn: its import is nobody's first step."""
    return [(np.ones((size, 64), np.float32), np.zeros(size, np.int32))] * workloads.BATCHES


if __name__ == "__main__":
    workloads.digits = as_large_as_digits
    programs(sys.argv[1])["W4-adam"]()(0)
