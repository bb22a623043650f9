"""Numbers that were recorded while training: runs, tags, and the points of each curve."""

import itertools
import math
import os
import pathlib
from array import array

import numpy as np

from minitf import errors
from minitf.graph.serialization import make_ndarray
from minitf.training.event_file import summary_iterator


class Series:
    """One curve: `steps`, `walls` (seconds since 1970) and `values`, in the order in which they came."""

    def __init__(self, run, tag):
        self.run, self.tag = run, tag
        self.steps, self.walls, self.values = array("d"), array("d"), array("d")
        self._smoothing, self._smooth = None, None

    def __len__(self):
        return len(self.values)

    def add(self, step, wall, value):
        self.steps.append(step)
        self.walls.append(wall)
        self.values.append(value)

    def smoothed(self, smoothing):
        """The running mean of all points; points that came since the last call are smoothed then."""
        if smoothing != self._smoothing:
            self._smoothing, self._smooth = smoothing, Smoother(smoothing)
        self._smooth.extend(self.values[len(self._smooth.found) :])
        return self._smooth.found


class Smoother:
    """The running mean in which the last value weighs `1 - smoothing`; its early values are unbiased.

    What is smoothed does not change when more values follow, and a constant stays what it is.  What is
    not finite is left out, and leaves a gap.  (The bias correction is the one of Kingma and Ba, "Adam",
    2015, section 3.)
    Raises ValueError for a smoothing outside [0, 1).
    """

    def __init__(self, smoothing):
        if not 0 <= smoothing < 1:
            raise ValueError(f"smoothing must be in [0, 1), got {smoothing}")
        self._smoothing, self._mean, self._weight = smoothing, 0.0, 0.0
        self.found = array("d")

    def extend(self, values):
        s = self._smoothing
        for value in values:
            if math.isfinite(value):
                self._mean = s * self._mean + (1 - s) * value
                self._weight = s * self._weight + (1 - s)
            self.found.append(self._mean / self._weight if math.isfinite(value) and self._weight else math.nan)


class Runs:
    """All curves of a training, by (run, tag).  A step that goes back begins a new run of the same name."""

    def __init__(self):
        self.series = {}
        self._last, self._again = {}, {}  # by the name that was asked for: its last step, how often it went back

    def add(self, step, values, run="", wall=0.0):
        """Add {tag: number} at `step`; returns the name of the run that took them."""
        if step < self._last.get(run, -math.inf):
            self._again[run] = self._again.get(run, 1) + 1
        self._last[run] = step
        name = f"{run or 'run'} {self._again[run]}" if run in self._again else run
        for tag, value in values.items():
            series = self.series.get((name, tag))
            if series is None:
                series = self.series[name, tag] = Series(name, tag)
            series.add(float(step), wall, float(value))
        return name


def read_events(path, runs=None):
    """The `Runs` of an event file, or of a folder of them: each folder below it is a run.

    Raises NotFoundError where there is none.  A file that is still being written is read to its end.
    """
    runs = runs or Runs()
    path = pathlib.Path(path)
    files = [path] if path.is_file() else sorted(path.rglob("*tfevents*"))
    if not files:
        raise errors.NotFoundError(None, None, f"There are no event files in {os.fspath(path)}")
    for file in files:
        run = "" if file == path else file.parent.relative_to(path).as_posix()
        for event in _events(file):
            scalars = {v.tag: n for v in event.summary.value if (n := _scalar(v)) is not None}
            if scalars:
                runs.add(event.step, scalars, "" if run == "." else run, event.wall_time)
    return runs


def _events(file):
    try:
        yield from summary_iterator(os.fspath(file))
    except errors.DataLossError:  # the writer stands in the middle of a record
        return


def _scalar(value):
    if value.HasField("simple_value"):
        return value.simple_value
    if value.HasField("tensor"):
        found = make_ndarray(value.tensor)
        return found.item() if found.size == 1 and found.dtype.kind in "fiu" else None
    return None


def decimated(values, most):
    """The places of at most about `most` points that show a curve: ends, extremes and first losses of stretches.

    Whatever the number, no highest or lowest point and no stretch with NaN is missed.
    """
    values = np.array(values)
    if len(values) <= most:
        return np.arange(len(values))
    stretches = max(1, most // 5)
    edges = np.linspace(0, len(values), stretches + 1).astype(int)
    kept = set()
    for start, end in itertools.pairwise(edges):
        part = values[start:end]
        finite = np.isfinite(part)
        kept.update((start, end - 1))
        if finite.any():
            kept.add(start + int(np.argmin(np.where(finite, part, np.inf))))
            kept.add(start + int(np.argmax(np.where(finite, part, -np.inf))))
        if not finite.all():
            kept.add(start + int(np.argmin(finite)))
    return np.array(sorted(kept))
