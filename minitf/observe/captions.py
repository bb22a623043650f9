"""Rules that say in a sentence what a curve means: where it starts, stands still, grows, or is lost."""

import math

LOSS = ("loss", "entropy", "xent", "cost", "nll")
ACCURACY = ("accuracy", "acc", "precision")
CLASSES = (*range(2, 21), 50, 100, 1000)
NEAR = 0.003
STILL = 20  # equal values in a row that are worth a word


def captions(series, sources=None):
    """[{run, tag, step, text}] for some `Series`.  `sources` {(run, tag): "xent/Log"} says what made the first NaN."""
    sources = sources or {}
    found = []
    for curve in series:
        if len(curve):
            for rule in (_uniform, _chance, _lost, _grows, _still):
                said = rule(curve, sources.get((curve.run, curve.tag), ""))
                if said is not None:
                    step, text = said
                    found.append({"run": curve.run, "tag": curve.tag, "step": step, "text": text})
    return found


def _named(curve, words):
    return any(word in curve.tag.lower() for word in words)


def _uniform(curve, _):
    """A cross-entropy of ln k is that of a network which gives k classes the same probability."""
    first = curve.values[0]
    if not _named(curve, LOSS):
        return None
    for k in CLASSES:
        if abs(first - math.log(k)) < NEAR:
            stays = len(curve) >= STILL and all(abs(v - math.log(k)) < NEAR for v in curve.values[-STILL:])
            verb = "still predicts" if stays else "predicts"
            return curve.steps[-1 if stays else 0], f"{first:.3f} = ln {k}: the network {verb} {k} classes uniformly"
    return None


def _chance(curve, _):
    last = curve.values[-1]
    if not _named(curve, ACCURACY) or len(curve) < STILL:
        return None
    for k in CLASSES[:19]:
        if all(abs(v - 1 / k) < NEAR for v in curve.values[-STILL:]):
            return curve.steps[-1], f"{last:.3f} = 1/{k}: no better than guessing among {k} classes"
    return None


def _lost(curve, source):
    for step, value in zip(curve.steps, curve.values):
        if not math.isfinite(value):
            kind = "NaN" if math.isnan(value) else "infinite value"
            return step, f"first {kind} at step {step:.10g}" + (f" from {source}" if source else "")
    return None


def _grows(curve, _):
    finite = [v for v in curve.values if math.isfinite(v)]
    if not _named(curve, LOSS) or len(finite) < 5 or finite[0] <= 0:
        return None
    if finite[-1] > 10 * finite[0] and finite[-1] >= max(finite[-5:]):
        return curve.steps[-1], (
            f"it grew from {finite[0]:.3g} to {finite[-1]:.3g}: the steps are too large (a smaller learning rate?)"
        )
    return None


def _still(curve, _):
    last, same = curve.values[-1], 0
    for value in reversed(curve.values):
        if value != last:
            break
        same += 1
    if same < STILL or not math.isfinite(last):
        return None
    since = f"since step {curve.steps[-same]:.10g}"
    if last == 0 and _named(curve, LOSS):
        return curve.steps[-same], f"is 0 {since}: there is nothing left to learn"
    return curve.steps[-same], f"has not changed {since}: is the update running?"
