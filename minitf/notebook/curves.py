"""Training curves, drawn by Matplotlib."""

import io
import math

_BLUE = "#4a6fa5"


class Curves:
    """A figure with one panel for each series of numbers; a notebook shows it.

        tf.notebook.Curves({"loss": losses, "accuracy": accuracies})

    `series` {title: values} or {title: (steps, values)}.  With `smoothing` above 0 (below 1) a running
    mean is drawn over the faint values; `log` draws the vertical axis in powers of ten.  NaN leaves a
    gap and is marked at the bottom.  `figure` is Matplotlib's, to be changed at will.
    """

    def __init__(self, series, smoothing=0.0, log=False, x_label="step"):
        from matplotlib.figure import Figure  # a session without pictures does not pay for Matplotlib

        self.figure = Figure(figsize=(4.6 * len(series), 2.8), layout="constrained")
        panels = self.figure.subplots(1, len(series), squeeze=False)[0]
        for axes, (title, values) in zip(panels, series.items(), strict=True):
            steps, values = values if isinstance(values, tuple) else (range(len(values)), values)
            _draw(axes, list(steps), [float(v) for v in values], smoothing)
            axes.set(title=title, xlabel=x_label, yscale="log" if log else "linear")

    def _repr_png_(self):
        found = io.BytesIO()
        self.figure.savefig(found, format="png", dpi=144)
        width, height = self.figure.get_size_inches()
        return found.getvalue(), {"width": int(width * 72 * 1.15), "height": int(height * 72 * 1.15)}

    def __repr__(self):
        return f"<Curves: {', '.join(axes.get_title() for axes in self.figure.axes)}>"


def _draw(axes, steps, values, smoothing):
    axes.plot(steps, values, color=_BLUE, alpha=0.25 if smoothing else 1, linewidth=1 if smoothing else 1.6)
    if smoothing:
        axes.plot(steps, smoothed(values, smoothing), color=_BLUE, linewidth=1.8)
    lost = [step for step, value in zip(steps, values, strict=True) if not math.isfinite(value)]
    if lost:
        axes.plot(lost, [0.02] * len(lost), "x", color="#c0392b", transform=axes.get_xaxis_transform())
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def smoothed(values, smoothing):
    """The running mean in which the last value weighs `1 - smoothing`; its early values are unbiased.

    What is smoothed does not change when more values follow, and a constant stays what it is.
    (The bias correction is the one of Kingma and Ba, "Adam", 2015, section 3.)
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must be in [0, 1), got {smoothing}")
    mean, weight, found = 0.0, 0.0, []
    for value in values:
        if math.isfinite(value):
            mean = smoothing * mean + (1 - smoothing) * value
            weight = smoothing * weight + (1 - smoothing)
        found.append(mean / weight if weight else math.nan)
    return found
