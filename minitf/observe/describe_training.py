"""Training curves as JSON, as SVG and as text, for whoever draws them.

`labextension/src/contract/training.ts` is the other side: whoever changes a field changes both and raises
the version.  A notebook keeps a part of the points, chosen so that no spike and no NaN is lost, with the
smoothed values of all points beside them; while the kernel runs, the view has all points.
"""

import base64
import html

import numpy as np

from minitf.observe.captions import captions
from minitf.observe.limits import limit
from minitf.observe.runs import decimated

TRAINING_MIME = "application/vnd.minitf.training+json"
TRAINING_VERSION = 1
POINT_BYTES = 62  # of a notebook's limit for one point, in base64, and its part of the drawing
CURVES = 40
_WIDTH, _HEIGHT = 320, 150
_COLOURS = ("#1f77b4", "#d95f02", "#2a9d5c", "#8a5bb5", "#c2185b", "#7a6a00", "#00838f", "#6d4c41")


def describe_training(runs, smoothing=0.0, log=False, progress=None, sources=None, title=""):
    """The JSON of some `Runs` (a dict of plain values), which with its SVG has 50 kB at most."""
    shown = list(runs.series.values())
    said = captions(shown, sources)
    points = int(limit("curves") / POINT_BYTES)
    return {
        "version": TRAINING_VERSION,
        "kind": "training",
        "title": title,
        "series": [_series(s, smoothing, max(8, points // len(shown[:CURVES]))) for s in shown[:CURVES]],
        "omitted": max(0, len(shown) - CURVES),
        "captions": said[:20],
        "progress": progress,
        "smoothing": smoothing,
        "log": log,
        "widget": "",
        "text": text(shown, said, progress, title),
    }


def _series(series, smoothing, most):
    places = decimated(series.values, most)
    walls = np.array(series.walls)[places]
    start = float(series.walls[0]) if len(series) else 0.0
    return {
        "run": series.run, "tag": series.tag, "count": len(series), "start": start,
        "steps": _bytes(np.array(series.steps)[places], "<f8"),
        "walls": _bytes(walls - start, "<f4"),
        "values": _bytes(np.array(series.values)[places], "<f4"),
        "smooth": _bytes(np.array(series.smoothed(smoothing))[places], "<f4") if smoothing else "",
    }  # fmt: skip


def _bytes(numbers, kind):
    with np.errstate(over="ignore"):
        return base64.b64encode(numbers.astype(kind).tobytes()).decode()


def text(shown, said, progress, title):
    """A line a curve: the plain-text twin."""
    lines = [title] if title else []
    if progress:
        lines.append(progress_text(progress))
    for series in shown[:CURVES]:
        name = f"{series.tag} ({series.run})" if series.run else series.tag
        first, last = series.values[0], series.values[-1]
        lines.append(f"{name}: {len(series)} points, {first:.4g} at first, {last:.4g} at step {series.steps[-1]:.10g}")
    lines += [f"{c['tag']}: {c['text']}" for c in said]
    return "\n".join(lines) or "no points yet"


def progress_text(progress):
    """`120 of 1,000 steps, 57.1 steps/s, 15 s to go`"""
    total = f" of {progress['total']:,}" if progress["total"] else ""
    rate = f", {progress['rate']:.3g} steps/s" if progress["rate"] else ""
    left = progress["left"]
    rest = "" if left is None or progress["over"] else f", {duration(left)} to go"
    over = f", done in {duration(progress['elapsed'])}" if progress["over"] else ""
    label = f"{progress['label']}: " if progress["label"] else ""
    return f"{label}{progress['done']:,}{total} steps{rate}{rest}{over}"


def duration(seconds):
    """`0.3 s`, `42 s`, `3 min 5 s`, `2 h 4 min`"""
    if seconds < 10:
        return f"{seconds:.1f} s"
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def as_svg(runs, smoothing=0.0, most=8):
    """A panel for each tag: what viewers without the extension show.  '' where there is nothing."""
    shown = [s for s in runs.series.values() if np.isfinite(np.array(s.values)).any()]
    tags = list(dict.fromkeys(s.tag for s in shown))[:4]
    names = list(dict.fromkeys(s.run for s in shown))
    panels = "".join(
        f'<g transform="translate({i * (_WIDTH + 20)} 0)">{_panel(tag, shown, names, smoothing, most)}</g>'
        for i, tag in enumerate(tags)
    )
    width = max(1, len(tags)) * (_WIDTH + 20)
    return panels and (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT + 40}" '
        f'viewBox="0 0 {width} {_HEIGHT + 40}" font-family="sans-serif" font-size="11">{panels}</svg>'
    )


def _panel(tag, shown, names, smoothing, most):
    curves = [s for s in shown if s.tag == tag][:most]
    values = np.concatenate([np.array(s.values) for s in curves])
    steps = np.concatenate([np.array(s.steps) for s in curves])
    values = values[np.isfinite(values)]
    low, high, left, right = values.min(), values.max(), steps.min(), steps.max()
    lines = []
    for s in curves:
        colour = _COLOURS[names.index(s.run) % len(_COLOURS)]
        y = np.array(s.smoothed(smoothing)) if smoothing else np.array(s.values)
        places = [i for i in decimated(y, 420 // len(curves)) if np.isfinite(y[i])]
        points = " ".join(
            f"{_scaled(s.steps[i], left, right, _WIDTH):.1f},{18 + _HEIGHT - _scaled(y[i], low, high, _HEIGHT):.1f}"
            for i in places
        )
        lines.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{points}"/>')
    words = (
        f'<text x="0" y="12" font-weight="bold">{html.escape(tag[:60])}</text>'
        f'<text x="{_WIDTH}" y="12" text-anchor="end">{low:.4g} to {high:.4g}</text>'
        f'<text x="0" y="{_HEIGHT + 34}">step {left:.10g}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + 34}" text-anchor="end">{right:.10g}</text>'
    )
    return f'<rect y="18" width="{_WIDTH}" height="{_HEIGHT}" fill="none" stroke="#bbb"/>{"".join(lines)}{words}'


def _scaled(value, low, high, size):
    return (value - low) / (high - low) * size if high > low else size / 2
