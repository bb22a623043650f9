"""`tf.show_training`: curves and a progress bar that a training loop feeds, live under the cell."""

import math
import os
import sys
import time
import weakref

import numpy as np

from minitf.notebook.view import View, in_notebook
from minitf.observe.captions import captions
from minitf.observe.describe_tensor import describe_tensor
from minitf.observe.describe_training import TRAINING_MIME, as_svg, describe_training, progress_text
from minitf.observe.runs import Runs, Smoother, read_events

PUSH = 0.05  # seconds between two messages to the view: 20 a second
KEEP = 3.0  # seconds between two savings into the notebook, while a cell runs
_newest = []  # the training that was made last, for the side panel
RECORDS = 200  # steps whose tensors are kept; of more, every second one is dropped


class Training(View):
    """Curves, live; made by `show_training`.

    `runs` holds all points (`runs.series[run, tag]`), `at(step)` what was recorded at a step.
    """

    mime = TRAINING_MIME

    def __init__(self, smoothing=0.0, log=False, total=None, label="", title=""):
        super().__init__()
        Smoother(smoothing)  # raises for one that can't be
        self.runs, self._smoothing, self._log, self._title = Runs(), float(smoothing), bool(log), title
        self._progress = Progress(total, label)
        self._records, self._sources, self._files = {}, {}, []
        self._sent, self._pushed, self._kept = {}, 0.0, time.monotonic()
        _newest[:] = [weakref.ref(self)]

    def add(self, step=None, run="", record=None, checkpoint=None, when_nan=None, **values):
        """Add a point to each curve: `curves.add(step, loss=0.3, accuracy=0.9)`.

        `step` counts on by itself where it is left out; one that goes back begins a new curve beside the
        old.  `run` names the curve among others.  `record` {name: array} and `checkpoint` (a path) are
        what a click at this step shows.  `when_nan`, a function without arguments, is called at the
        first value that is not finite and tells where it came from (see `tf.first_nan`).
        """
        step = self._progress.done if step is None else step
        name = self.runs.add(step, values, run, time.time())
        if record or checkpoint:
            self._remember(step, record or {}, checkpoint)
        for tag, value in values.items():
            if when_nan is not None and not math.isfinite(value) and (name, tag) not in self._sources:
                self._sources[name, tag] = str(when_nan())
        self._progress.tick()
        self._flush()

    def at(self, step):
        """(step, {name: array}, checkpoint path or None) recorded last at or before `step`; None if none was."""
        earlier = [s for s in self._records if s <= step]
        return (max(earlier), *self._records[max(earlier)]) if earlier else None

    def read(self, path, run=""):
        """Add the curves of an event file, or of a folder of them (each folder in it is a run)."""
        for series in read_events(path).series.values():
            series.run = "/".join(filter(None, (run, series.run)))
            self.runs.series[series.run, series.tag] = series
        self._files.append((path, run))

    def _remember(self, step, record, checkpoint):
        self._records[step] = ({n: np.array(v) for n, v in record.items()}, checkpoint)
        if len(self._records) > RECORDS:
            for old in list(self._records)[1:-1:2]:
                del self._records[old]

    # -- what the view sees ----------------------------------------------------------------------------

    def describe(self):
        return describe_training(
            self.runs, self._smoothing, self._log, self._progress.describe(), self._sources, self._title
        )

    def fallback(self, description):
        svg = as_svg(self.runs, self._smoothing)
        return {"image/svg+xml": svg} if svg else {}

    def answers(self):
        return {"points": self._points, "step": self._step, "keep": self._keep, "reload": self._reload}

    def _points(self, have=()):
        """All points that the view lacks: `have` [[run, tag, count], ...]."""
        known = {(run, tag): count for run, tag, count in have}
        content, buffers = self._since(known)
        return content | {"captions": self._captions()}, buffers

    def _captions(self):
        return captions(self.runs.series.values(), self._sources)

    def _since(self, known):
        heads, buffers = [], []
        for (run, tag), series in self.runs.series.items():
            start = known.get((run, tag), 0)
            if start < len(series):
                heads.append({"run": run, "tag": tag, "from": start})
                buffers += [column[start:].tobytes() for column in (series.steps, series.walls, series.values)]
        return {"series": heads, "progress": self._progress.describe(), "captions": None}, buffers

    def _step(self, step):
        found = self.at(step)
        if found is None:
            return {"step": step, "checkpoint": "", "tensors": []}, []
        at, tensors, checkpoint = found
        described = [describe_tensor(value, name) for name, value in list(tensors.items())[:6]]
        return {"step": at, "checkpoint": os.fspath(checkpoint) if checkpoint else "", "tensors": described}, []

    def _keep(self, smoothing, log):
        Smoother(smoothing)
        self._smoothing, self._log = float(smoothing), bool(log)
        self.keep()
        return {}, []

    def _reload(self):
        files, self._files, self.runs = self._files, [], Runs()
        for path, run in files:
            self.read(path, run)
        return self._points()

    def _flush(self, last=False):
        now = time.monotonic()
        if self._widget is not None and (last or now - self._pushed >= PUSH):
            content, buffers = self._since(self._sent)
            content["captions"] = self._captions() if last else None
            self.push(content | {"push": "points"}, buffers)
            self._sent = {key: len(series) for key, series in self.runs.series.items()}
            self._pushed = now
        if self._handle is not None and (last or now - self._kept >= KEEP):
            self.keep()
            self._kept = time.monotonic()

    def cell_ended(self):
        if self._progress.changed or any(self._sent.get(k, 0) < len(s) for k, s in self.runs.series.items()):
            self._progress.changed = False
            self._flush(last=True)


class Progress:
    """How far a loop is: `done` of `total` steps, and how fast it went in the last seconds."""

    WINDOW = 5.0

    def __init__(self, total=None, label=""):
        self.total, self.label, self.done, self.over, self.changed = total, label, 0, False, False
        self._start = self._now = time.monotonic()
        self._marks = [(self._start, 0)]

    def tick(self):
        self.done += 1
        self.changed, self._now = True, time.monotonic()
        self.over = self.total is not None and self.done >= self.total
        if self._now - self._marks[-1][0] > self.WINDOW / 10 or len(self._marks) == 1:
            self._marks = [m for m in self._marks if self._now - m[0] <= self.WINDOW] or self._marks[-1:]
            self._marks.append((self._now, self.done))

    def describe(self):
        """None before the first step of a loop without total, which has no bar."""
        if not self.done and self.total is None:
            return None
        since, then = self._marks[0]
        rate = (self.done - then) / (self._now - since) if self._now > since and self.done > then else 0.0
        left = max(0, self.total - self.done) / rate if self.total is not None and rate else None
        return {
            "done": self.done, "total": self.total, "rate": rate, "left": left, "elapsed": self._now - self._start,
            "over": self.over, "label": self.label,
        }  # fmt: skip


def show_training(*logs, smoothing=0.0, log=False, total=None, title=""):
    """tf.show_training: curves that a training loop feeds, under the cell.

        curves = tf.show_training(total=1000)
        for step in range(1000):
            _, loss_value = session.run([train, loss], feeds)
            curves.add(step, loss=loss_value)

    `total` steps give a progress bar with steps/s and the time to go.  `smoothing` from 0 to below 1
    draws a running mean over the points, `log` a logarithmic vertical axis.  `logs` are event files or
    folders of a `FileWriter`, or {name: path} for several runs to be compared.
    Returns the `Training`, whose `add` takes the points.  Raises NotFoundError for logs that are not there,
    ValueError for a smoothing that can't be.
    """
    view = Training(smoothing, log, total, title=title)
    for given in logs:
        for run, path in given.items() if isinstance(given, dict) else [("", given)]:
            view.read(path, run)
    if in_notebook() or logs:
        view.display()
    return view


def newest_runs():
    """The `Runs` of the training that was made last, None where there is none."""
    view = _newest_view()
    return None if view is None else view.runs


def newest_progress():
    """How far that training is, in words; '' where nothing tells."""
    view = _newest_view()
    progress = None if view is None else view._progress.describe()
    return "" if progress is None else progress_text(progress)


def _newest_view():
    return _newest[0]() if _newest else None


def progress(iterable, total=None, label=""):
    """tf.progress: yield what `iterable` yields, with a progress bar: steps/s and the time to go.

    `total` is its length where it has none of its own.  In a terminal the bar is a line on stderr.
    """
    view = Training(total=len(iterable) if total is None and hasattr(iterable, "__len__") else total, label=label)
    in_terminal = not in_notebook() and sys.stderr.isatty()
    if in_notebook():
        view.display()
    try:
        for item in iterable:
            yield item
            view._progress.tick()
            view._flush()
            if in_terminal:
                sys.stderr.write(f"\r{progress_text(view._progress.describe())}   ")
    finally:
        view._progress.over = True
        view._flush(last=True)
        if in_terminal:
            sys.stderr.write("\n")


def first_nan(session, fetches, feed_dict=None):
    """tf.first_nan: the first operation whose result is not finite though what it was given was.

    Runs `fetches` step by step in `session` and takes the run back: variables keep their values.
    Returns words such as "xent/Log (cell [4], line 2)", '' where all is finite.
    """
    run = session.start(fetches, feed_dict)
    try:
        while run.next():
            if run.when == "after" and any(_lost(run.value(t)) for t in run.op.outputs):
                return f"{run.op.name} ({run.op.origin})"
        return ""
    finally:
        run.abandon()


def _lost(value):
    return isinstance(value, np.ndarray) and value.dtype.kind in "fc" and not np.isfinite(value).all()
