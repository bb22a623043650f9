"""Curves and histograms for papers and slides, drawn by Matplotlib."""

import functools
import io
import math

import numpy as np

from minitf.observe.runs import Runs, Smoother, read_events
from minitf.observe.values import histogram, summary

_BLUE = "#4a6fa5"


class Curves:
    """A figure with one panel for each series of numbers; a notebook shows it.

        tf.notebook.Curves({"loss": losses, "accuracy": accuracies})

    `series` {title: values} or {title: (steps, values)}.  With `smoothing` above 0 (below 1) a running
    mean is drawn over the faint values; `log` draws the vertical axis in powers of ten.  NaN leaves a
    gap and is marked at the bottom.  `figure` is Matplotlib's, to be changed at will.
    Raises ValueError for a smoothing outside [0, 1).
    """

    def __init__(self, series, smoothing=0.0, log=False, x_label="step"):
        self.figure = _figure(panels=len(series))
        panels = self.figure.subplots(1, len(series), squeeze=False)[0]
        for axes, (title, values) in zip(panels, series.items(), strict=True):
            steps, values = values if isinstance(values, tuple) else (range(len(values)), values)
            _draw(axes, list(steps), [float(v) for v in values], smoothing)
            axes.set(title=title, xlabel=x_label, yscale="log" if log else "linear")

    def _repr_png_(self):
        return self.figure._repr_png_()

    def __repr__(self):
        return f"<Curves: {', '.join(axes.get_title() for axes in self.figure.axes)}>"


@functools.cache
def _figure_class():
    from matplotlib.figure import Figure  # a session without pictures does not pay for Matplotlib

    class NotebookFigure(Figure):
        """Matplotlib's figure; a notebook shows it whether pyplot is used or not."""

        def _repr_png_(self):
            found = io.BytesIO()
            self.savefig(found, format="png", dpi=144)
            width, height = self.get_size_inches()
            return found.getvalue(), {"width": int(width * 72 * 1.15), "height": int(height * 72 * 1.15)}

    return NotebookFigure


def _figure(panels=1):
    return _figure_class()(figsize=(4.6 * panels, 2.8), layout="constrained")


def _draw(axes, steps, values, smoothing):
    axes.plot(steps, values, color=_BLUE, alpha=0.25 if smoothing else 1, linewidth=1 if smoothing else 1.6)
    if smoothing:
        smoother = Smoother(smoothing)
        smoother.extend(values)
        axes.plot(steps, smoother.found, color=_BLUE, linewidth=1.8)
    lost = [step for step, value in zip(steps, values, strict=True) if not math.isfinite(value)]
    if lost:
        axes.plot(lost, [0.02] * len(lost), "x", color="#c0392b", transform=axes.get_xaxis_transform())
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def plot_curves(source, smoothing=0.0, log=False):
    """tf.plot_curves: a Matplotlib figure of training curves, a panel for each tag and a line for each run.

    `source` is what `tf.show_training` returned, the path of an event file or of a folder of them, or
    {title: values}.  Raises NotFoundError for a path without event files, ValueError for a smoothing
    outside [0, 1).
    """
    if isinstance(source, dict):
        return Curves(source, smoothing, log).figure
    runs = getattr(source, "runs", None) or read_events(source, Runs())
    tags = list(dict.fromkeys(tag for _, tag in runs.series)) or ["no points"]
    figure = _figure(panels=len(tags))
    for axes, tag in zip(figure.subplots(1, len(tags), squeeze=False)[0], tags):
        for series in (s for s in runs.series.values() if s.tag == tag):
            values = series.smoothed(smoothing) if smoothing else series.values
            axes.plot(np.array(series.steps), np.array(values), label=series.run or None, linewidth=1.5)
        axes.set(title=tag, xlabel="step", yscale="log" if log else "linear")
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        if axes.get_legend_handles_labels()[1]:
            axes.legend()
    return figure


def plot_histogram(values, bins=40, title=""):
    """tf.plot_histogram: a Matplotlib figure of the histogram of an array, NaN and infinity counted apart.

    Raises ValueError for what has no order: strings and complex numbers, or no elements.
    """
    array = np.asarray(values)
    found = histogram(array, summary(array), bins)
    if found is None:
        raise ValueError(f"There is no histogram of {array.size} elements of dtype {array.dtype}")
    figure = _figure()
    axes = figure.subplots()
    edges = np.linspace(found["low"], found["high"], len(found["counts"]) + 1)
    width = (edges[-1] - edges[0]) / max(1, len(found["counts"])) or 1
    axes.bar(edges[:-1], found["counts"], width=width, align="edge", color=_BLUE)
    lost = found["nan"] + found["inf"]
    axes.set(title=title, ylabel="elements", xlabel=f"{lost} NaN or infinite, apart" if lost else "")
    axes.spines[["top", "right"]].set_visible(False)
    return figure
