"""The short way through a run: feeds in, the machine, fetches out.

Most runs of a training loop are alike: the same fetches, the same fed tensors with the same shapes, and all that
happens between is one stretch of the machine.  A `StraightRun` is made after such a run has gone the general way
(`session.py`, `execute.py`), and has looked up once what that way looks up in every run.  At anything
unforeseen (another shape or type, a variable that was replaced) it declines, and the run goes the general way.
"""

import functools

import numpy as np

from minitf.graph.operation import Tensor
from minitf.kernels import feeding
from minitf.runtime.execute import fail

_DONE = -1  # what the machine returns where no kernel gave up


class StraightRun:
    """One segment of a grouped program, for as long as no variable's array is replaced.

    `homes` are the arrays that the fed values are copied into (None: no kernel reads it), `arrays` those
    that the fetched values stand in (None: an operation).
    """

    __slots__ = ("_changes", "_fed", "_feed_and_run", "_feeding", "_feeds", "_get", "_only", "_run", "_segment",
                 "_slots", "_state", "arrays", "homes", "locks", "stretch")  # fmt: skip

    def __init__(self, program, segment, changes, homes, arrays, scalars):
        self._state, self._changes = program.state, changes
        self._segment, self._slots, self.stretch = segment, program.plan.slots, segment.stretch
        self.homes, self.arrays = homes, arrays
        self._feeds = [None if h is None else (h, h.shape, h.dtype, _scalars(h)) for h in homes]
        self._get = [_getter(array, scalars) for array in arrays]
        self._only = self._get[0] if len(arrays) == 1 else None  # a comprehension costs as much as a fetch
        self.locks, self._run = segment.locks, lambda: -1
        if segment.stretch is not None:
            self._run = functools.partial(segment.run, self._state) if self.locks else segment.stretch.run
        self._fed, self._feed_and_run = program.plan.fed, _declines
        if scalars and segment.stretch is not None and not self.locks and feeding.understood():
            self._feeding = feeding.Feeding(segment.stretch, self._fed, homes, arrays)
            self._feed_and_run = self._feeding.run

    def holds(self):
        return self._state.changes == self._changes

    def serves(self, segment):
        """Whether what ran `segment` the general way may run it the short way."""
        return self._segment is segment and self.holds()

    def given(self, feed_dict):
        """The fetched values, given the feed_dict of a session's run; None where the run must go the general way."""
        if self._state.changes != self._changes:
            return None
        failed = self._feed_and_run(feed_dict)
        if failed != _DONE:
            return self._otherwise(failed, feed_dict)
        return [self._only()] if self._only is not None else [get() for get in self._get]

    def _otherwise(self, failed, feed_dict):
        fed = {} if feed_dict is None else feed_dict
        if failed == feeding.DECLINED:
            return self(fed.values()) if isinstance(fed, dict) and tuple(fed) == self._fed else None
        self._feed(fed.values())  # the error tells what was fed
        self.fail(failed)

    def __call__(self, values):
        """The fetched values, given those of the fed tensors; None where the run must go the general way."""
        if self._state.changes != self._changes or not self._feed(values):
            return None
        failed = self._run()
        if failed >= 0:
            self.fail(failed)
        return [self._only()] if self._only is not None else [get() for get in self._get]

    def _feed(self, values):
        """Copy the values home; False where one is not of the kind that is expected."""
        for feed, value in zip(self._feeds, values):
            if feed is None:
                continue
            home, shape, dtype, scalars = feed
            if type(value) in scalars:
                home[()] = value
            elif type(value) is np.ndarray and value.shape == shape and _becomes(value.dtype, dtype):
                home[...] = value
            else:
                return False
        return True

    def fail(self, position):
        fail(self._segment, position, self._slots)


def short_way(graph, idle, build):
    """A function of a feed_dict that gives what a session's run returns, in a tuple; None where it declines.

    It takes one of the programs that nobody is running; `build` gives the values the form of the fetches.
    """
    changes = graph.changes

    def run(feed_dict):
        if graph.changes != changes:
            return None
        try:
            program = idle.pop()
        except IndexError:
            return None
        try:
            straight = program.straight
            found = straight.given(feed_dict) if straight is not None else None
        finally:
            idle.append(program)
        return None if found is None else (build(found),)

    return run


def straight_run(program, segment, changes, fed=None):
    """The `StraightRun` of a program that has just run `segment`, or None where it can't have one.

    A session gives the values of all fed tensors, and takes numbers.  The part of a graph that a loop runs gives
    those of the first `fed` of them, of which it need not read all, and takes arrays.
    """
    plan, homes, published = program.plan, dict(segment.entries), dict(segment.results)
    whole = segment.start == 0 and segment.end == len(plan.ops) and segment.call is None
    if not whole or (fed is None and (segment.fixed or any(s not in homes for s in plan.fed_slots))):
        return None
    arrays = [published.get(slot) if isinstance(f, Tensor) else None for f, slot in zip(plan.fetches, plan.fetch_slots)]
    taken = [a for a, f in zip(arrays, plan.fetches) if isinstance(f, Tensor)]
    if not all(isinstance(a, np.ndarray) for a in taken):
        return None
    if fed is None and any(slot in homes for slot in plan.fetch_slots):
        return None
    return StraightRun(program, segment, changes, [homes.get(s) for s in plan.fed_slots[:fed]], arrays, fed is None)


def _becomes(given, wanted):
    """Whether copying makes elements of the type `given` those that are `wanted`, as `fetches.feed_value` would."""
    return given is wanted or (given.kind in "fiub" and wanted.kind in "fiub")


def _getter(array, scalars):
    if array is None:
        return _nothing
    return functools.partial(array.__getitem__, ()) if scalars and array.ndim == 0 else array.copy


def _declines(feed_dict):
    """What stands for `Feeding.run` where there is none."""
    return feeding.DECLINED


def _nothing():
    """What an operation gives to who fetches it."""


def _scalars(home):
    """The types of numbers that `home` takes as they are; () where it has elements."""
    if home.ndim > 0:
        return ()
    more = {"f": (float, int), "b": (bool,)}.get(home.dtype.kind, ())
    return frozenset((home.dtype.type, *more))
