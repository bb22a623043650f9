"""Each barrier in each kernel is needed: without it the simulator finds a race.

This tries the kernels' examples, too: one that is too small for a second turn of a loop would not need the barrier.
"""

import inspect
import sys

import pytest

from minitf.kernels.cuda import toolkit
from minitf.kernels.cuda.simulator import simulate
from minitf.kernels.cuda.simulator.meaning import Cuda
from minitf.kernels.cuda.simulator.recorder import position

pytest.importorskip("greenlet")


def barriers(function, seen):
    """The places of the barriers in a function and in the device functions that it calls."""
    code = function.__code__
    if code in seen:
        return
    seen.add(code)
    for name in code.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, toolkit.Device):
            yield from barriers(value.py_func, seen)
    if "syncthreads" in code.co_names:
        source = [line.strip() for line in inspect.getsource(function).splitlines()]
        first = code.co_firstlineno
        yield from ((code.co_filename, first + n) for n, line in enumerate(source) if line == "cuda.syncthreads()")


def all_barriers():
    found = {}
    for name, kernel in toolkit.all_kernels().items():
        for place in barriers(kernel.py_func, set()):
            found.setdefault(place, (name, kernel))
    return [pytest.param(*place, kernel, id=f"{name}-{place[1]}") for place, (name, kernel) in found.items()]


@pytest.mark.parametrize("file, line, kernel", all_barriers())
def test_no_barrier_can_be_left_out(file, line, kernel, monkeypatch):
    left_out = []

    def syncthreads(self):
        frame = sys._getframe(1)
        if position(frame.f_code, frame.f_lasti)[:2] == (file, line):
            left_out.append(line)
        else:
            self._wait()

    monkeypatch.setattr(Cuda, "syncthreads", syncthreads)
    reports = [simulate(kernel, case.grid, case.block, *case.make()) for case in kernel.examples]
    assert left_out
    assert any(finding.kind == "race" for report in reports for finding in report.findings)
