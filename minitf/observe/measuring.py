"""A program with a clock in it: how long each launch, and each operation that Python runs, takes."""

import statistics
import time
from typing import NamedTuple

from minitf.kernels.machine import Stretch
from minitf.observe.costs import bytes_of, flops_of
from minitf.observe.kernel_source import kernel_source
from minitf.runtime.execute import Frame, execute
from minitf.runtime.program import Program


class Step(NamedTuple):
    """One step of a plan: an operation, or several that run chunk by chunk (see `runtime/group.py`).

    `kernels` are the names of the kernels that it launches, () for one that Python runs.  `seconds` is the median
    time, `bytes` what it takes and gives at least, `flops` its operations (None where no rule counts them).
    """

    ops: tuple
    kernels: tuple
    seconds: float
    bytes: int
    flops: int | None

    def source(self, language="python"):
        """The code of the step's operations, one after the other: see `tf.kernel_source`."""
        return "\n".join(_source(op, language) for op in self.ops)


class MeasuredProgram(Program):
    """A program that remembers how long everything in it takes."""

    def __init__(self, plan, state):
        super().__init__(plan, state, grouped=True)
        self.forget()

    def forget(self):
        """Forget the times so far: {(segment, number of a launch, or "call"): [seconds]} and [seconds of a run]."""
        self.times, self.runs = {}, []

    def run(self, session, values):
        """Run once, with the values of the fed tensors."""
        self._clock, started = None, time.perf_counter()
        for _ in execute(Frame(session, self, values)):
            pass
        self.runs.append(time.perf_counter() - started)

    def first(self, values):
        return self._begin(super().first(values))

    def next(self, segment, values):
        if segment.call is not None:
            self._note((segment, "call"), time.perf_counter() - self._clock)
        following = super().next(segment, values)
        return following if following is None else self._begin(following)

    def _begin(self, segment):
        if segment.stretch is not None and not isinstance(segment.stretch, _WatchedStretch):
            segment.stretch = _WatchedStretch(self, segment)
        self._clock = time.perf_counter()
        return segment

    def _note(self, key, seconds):
        self.times.setdefault(key, []).append(seconds)
        self._clock = time.perf_counter()

    def steps(self):
        """[Step] in the order of the run."""
        found = []
        for (segment, position), seconds in self.times.items():
            ops, kernels, median = (segment.call,), (), statistics.median(seconds)
            if position != "call":
                ops = segment.joined.get(position, (segment.launch_ops[position],))
                kernels = _kernels(segment.stretch.launches[position])
            if found and found[-1].ops == ops and kernels:  # an operation of several launches
                last = found.pop()
                kernels, median = last.kernels + kernels, last.seconds + median
            found.append(Step(ops, kernels, median, *self._costs(segment, ops)))
        return found

    def _costs(self, segment, ops):
        specs = {t: segment.facts.get(self.plan.slots.get(t)) for op in ops for t in (*op.inputs, *op.outputs)}
        if any(s is None or not s.shape.is_fully_defined() for s in specs.values()):
            return 0, None
        inner = {t for op in ops for t in op.outputs if len(ops) > 1 and self.plan.slots[t] not in segment.homes}
        flops = [flops_of(op, *([specs[t].shape.sizes for t in ts] for ts in (op.inputs, op.outputs))) for op in ops]
        return bytes_of([s for t, s in specs.items() if t not in inner]), sum(filter(None, flops)) or None


class _WatchedStretch:
    """A stretch whose launches run one by one, with a clock."""

    def __init__(self, program, segment):
        self._program, self._segment = program, segment
        self.launches = segment.stretch.launches
        self._single = [Stretch([launch], program.state.threads) for launch in self.launches]

    def run(self):
        for position, stretch in enumerate(self._single):
            started = time.perf_counter()
            failed = stretch.run()
            self._program._note((self._segment, position), time.perf_counter() - started)
            if failed >= 0:
                return position
        return -1


def _kernels(launch):
    return tuple(part.kernel.__name__ for part in launch.parts or [launch])


def _source(op, language):
    try:
        return kernel_source(op, language)
    except ValueError as error:
        return f"# {error}\n"
