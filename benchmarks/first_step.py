"""W10, run in a fresh process: `python -m benchmarks.first_step ENGINE`, timed by `driver.py`."""

import sys

from benchmarks.worker import programs

if __name__ == "__main__":
    programs(sys.argv[1])["W4-adam"]()(0)
