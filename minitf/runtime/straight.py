"""The short way through a run: feeds in, the machine, fetches out.

Most runs of a training loop are alike: the same fetches, the same fed tensors with the same shapes, and all that
happens between is one stretch of the machine.  A `StraightRun` is made after such a run has gone the general way
(`session.py`, `execute.py`), and has looked up beforehand all that way would look up.  At anything
unforeseen (another shape or type, a variable that was replaced) it declines, and the run goes the general way.
"""

import functools

import numpy as np

from minitf.graph.operation import Tensor
from minitf.runtime.execute import fail


class StraightRun:
    """One segment of a grouped program, with the number of changes of variables for which it holds."""

    __slots__ = ("_changes", "_feeds", "_fetches", "_run", "_segment", "_slots", "_state")

    def __init__(self, segment, state, changes, feeds, fetches, slots):
        self._segment, self._state, self._changes = segment, state, changes
        self._feeds, self._fetches, self._slots = feeds, fetches, slots
        self._run = segment.stretch.run if segment.stretch is not None else lambda: -1

    def __call__(self, values):
        """The fetched values, given those of the fed tensors; None where the run must go the general way."""
        if self._state.changes != self._changes:
            return None
        for (home, shape, dtype, scalars), value in zip(self._feeds, values):
            if type(value) is np.ndarray:
                if value.dtype is not dtype or value.shape != shape:
                    return None
                home[...] = value
            elif type(value) in scalars:
                home[()] = value
            else:
                return None
        failed = self._run()
        if failed >= 0:
            fail(self._segment, failed, self._slots)
        return [get() for get in self._fetches]


def straight_run(program, segment, changes):
    """The `StraightRun` of a program that has just run `segment`, or None where it can't have one."""
    plan = program.plan
    homes = dict(segment.entries)
    whole = segment.start == 0 and segment.end == len(plan.ops) and segment.call is None
    if not whole or segment.fixed or any(slot not in homes for slot in plan.fed_slots):
        return None
    published, fetches = dict(segment.results), []
    for fetch, slot in zip(plan.fetches, plan.fetch_slots):
        array = published.get(slot)
        if not isinstance(fetch, Tensor):
            fetches.append(_nothing)
        elif isinstance(array, np.ndarray) and slot not in homes:
            fetches.append(functools.partial(array.__getitem__, ()) if array.ndim == 0 else array.copy)
        else:
            return None
    feeds = [(homes[s], homes[s].shape, homes[s].dtype, _scalars(homes[s])) for s in plan.fed_slots]
    return StraightRun(segment, program.state, changes, feeds, fetches, plan.slots)


def _nothing():
    """What an operation gives to who fetches it."""


def _scalars(home):
    """The types of numbers that `home` takes as they are; () where it has elements."""
    if home.ndim > 0:
        return ()
    more = {"f": (float, int), "b": (bool,)}.get(home.dtype.kind, ())
    return frozenset((home.dtype.type, *more))
