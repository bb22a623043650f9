"""The plan of a run as a table: what the machine does, in which order, how long it takes and how long it must.

The run is the grouped one that `Session.run` does.  It is done a few times, each launch timed by itself, and the
session's variables are put back.  So nothing is trained by being looked at.
"""

import html
import statistics

from minitf.graph.stack import sessions
from minitf.observe.measuring import MeasuredProgram
from minitf.observe.roofline import roofline

_RUNS = 7
_WARMING = 2  # runs that bind the program and wake the threads
_HEAD = ("step", "operations", "kernels", "time", "bytes", "FLOP", "GB/s", "GFLOP/s", "of the roofline")


class Explanation:
    """What `tf.explain` gives: `steps`, the machine's `roofline`, `seconds` of a whole run.

    A notebook shows it as a table with the code of each step folded away, `print` as text.
    """

    def __init__(self, title, steps, found, seconds):
        self.title, self.steps, self.roofline, self.seconds = title, steps, found, seconds

    def share(self, step):
        """How much of a step's time the machine needs at its best: 1 is as fast as can be; None for no arithmetic."""
        return self.roofline.seconds(step.flops or 0, step.bytes) / step.seconds if step.bytes else None

    def _rows(self):
        return [(str(n), *_cells(step, self.share(step))) for n, step in enumerate(self.steps, 1)]

    def _line(self):
        total = sum(step.seconds for step in self.steps)
        return (
            f"{self.title}: {len(self.steps)} steps, {_time(total)} in them and {_time(self.seconds)} a run; "
            f"this machine at its best: {self.roofline}"
        )

    def __str__(self):
        rows = [_HEAD, *self._rows()]
        widths = [max(len(row[c]) for row in rows) for c in range(len(_HEAD))]
        lines = ["  ".join(_aligned(c, cell, w) for c, (cell, w) in enumerate(zip(row, widths))) for row in rows]
        return "\n".join([self._line(), *(line.rstrip() for line in lines)])

    __repr__ = __str__

    def _repr_html_(self):
        head = "".join(f"<th{_style(c)}>{name}</th>" for c, name in enumerate(_HEAD))
        body = "".join(self._html_row(step, row) for step, row in zip(self.steps, self._rows(), strict=True))
        return f"<p>{html.escape(self._line())}</p><table><tr>{head}</tr>{body}</table>"

    def _html_row(self, step, row):
        number, names, kernels, *rest = map(html.escape, row)
        names = names.replace("/", "/<wbr>")  # a long name takes lines, not the place of the numbers
        code = html.escape(step.source())
        folded = f"<details><summary>{kernels}</summary><pre style='text-align:left'>{code}</pre></details>"
        cells = enumerate((number, names, folded, *rest))
        return f"<tr>{''.join(f'<td{_style(c)}>{cell}</td>' for c, cell in cells)}</tr>"


def explain(fetches, feed_dict=None, session=None):
    """tf.explain: the plan of `session.run(fetches, feed_dict)` as a table, with measured times.

    For each step: its operations, its kernels and their code, the median time, the bytes that it takes and gives, its
    operations (FLOP), both a second, and how near that comes to what this machine can do (its roofline, which the
    first call measures).  Small arrays that stay in the cache can be faster than the roofline, which knows main memory
    only; convolutions by Winograd's way can, too, because they multiply less than they are counted.

    `session` defaults to the default session.  The run is done several times and the variables are put back
    after it; where it reads files or queues, or calls Python, it is done once.
    Returns an `Explanation`; raises what `session.run` raises, and ValueError without a session.
    """
    session = session or sessions.get()
    if session is None:
        raise ValueError("tf.explain needs a session: pass one, or call it inside `with tf.Session():`")
    _, plan_key, values = session._prepare(fetches, feed_dict)
    program = MeasuredProgram(session._plan(*plan_key, grouped=True), session.state)
    before = session.state.snapshot()
    once = any(op.definition.run is not None for op in program.plan.ops)
    try:
        for turn in range(1 if once else _WARMING + _RUNS):
            if turn == _WARMING:
                program.forget()
            program.run(session, values)
    finally:
        session.state.restore(before)
    fetched = dict.fromkeys(getattr(fetch, "op", fetch).name for fetch in program.plan.fetches)
    steps, best = program.steps(), roofline(session.state.threads)
    return Explanation(", ".join(fetched), steps, best, statistics.median(program.runs))


def _cells(step, share):
    per_second = step.bytes / step.seconds / 1e9, (step.flops or 0) / step.seconds / 1e9
    names = ", ".join(op.name for op in step.ops)
    kernels = ", ".join(dict.fromkeys(step.kernels)) or "(Python)"
    numbers = [f"{value:.3g}" if value else "" for value in per_second]
    counts = [f"{step.bytes:,}" if step.bytes else "", f"{step.flops:,}" if step.flops else ""]
    return names, kernels, _time(step.seconds), *counts, *numbers, "" if share is None else f"{share:.0%}"


def _style(column):
    return " style='text-align:left;overflow-wrap:anywhere'" if column in (1, 2) else " style='white-space:nowrap'"


def _aligned(column, cell, width):
    return cell.ljust(width) if column in (1, 2) else cell.rjust(width)


def _time(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"
