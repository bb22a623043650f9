"""A loop that the machine turns by itself: its condition and its body are one stretch each."""

import contextlib
import time

import numpy as np

from minitf import errors
from minitf.kernels.atomics import address_of
from minitf.kernels.machine import Loop, Stretch
from minitf.ops.rows import Rows, as_rows, kind_of
from minitf.runtime.execute import fail
from minitf.runtime.shelves import Listed, Shelf, Version

_ENOUGH = 1 << 24  # bytes of saved values that are taken at once
_EVER = 1 << 62  # turns
_PATIENCE = 0.05  # seconds that the machine turns on before Python may look whether the user wants to stop


class Part:
    """A program that is one stretch when it is given values of certain kinds.

    Of each value that it is given, `homes` holds where it goes: an array, a `Shelf`, or None where it is not read.
    Of each value that it gives, `results` holds where it is: an array or a `Version`.
    """

    def __init__(self, program, segment):
        plan, homes, entries = program.plan, segment.homes, dict((*segment.entries, *segment.fixed))
        self.segment, self.stretch, self._slots = segment, segment.stretch, plan.slots
        self.homes = [homes[s].shelf if isinstance(homes.get(s), Version) else entries.get(s) for s in plan.fed_slots]
        self.results = [dict(segment.results).get(s) for s in plan.fetch_slots]

    def fail(self, position):
        fail(self.segment, position, self._slots)


def segment_of(program, kinds):
    """The one segment that a program is when it is given values of these kinds (`Listed` for lists), or None."""
    if not program.grouped or any(k is None for k in kinds):
        return None
    try:
        segment = program.first(kinds)
    except errors.OpError:
        return None  # the general way will say so, in its turn
    whole = segment.start == 0 and segment.end == len(program.plan.ops) and segment.call is None
    if not whole or segment.locks or segment.stretch is None:
        return None  # with locks: others shall write between two turns
    return segment


def kinds_of(values, own):
    """What is fed for binding: arrays as they are, lists as `Listed`, None for a list that can't be on a shelf."""
    return [_kind(v, own) for v in values]


def _kind(value, own):
    if not isinstance(value, tuple):
        return value
    kind = kind_of(value)
    return None if kind is None else Listed(*kind, own)


def wheel_of(decide, turn, count, columns=0):
    """The loop of these two (program, segment); `decide` may be None.  None where the machine can't turn it.

    The body is given, and gives, the values of `count` variables first; then it is given the elements of `columns`.
    """
    if turn[1] is None or (decide is not None and decide[1] is None):
        return None
    wheel = turn[1].wheel
    if wheel is not None and wheel.decided_by is (decide and decide[1]):
        return wheel
    turn, decide = Part(*turn), decide and Part(*decide)
    saved = turn.results[count:]
    if not all(isinstance(a, np.ndarray) for a in (*saved, *(decide.results if decide else ()))):
        return None
    homes = {address_of(home) for home in turn.homes if home is not None}
    for source, home in zip(turn.results[:count], turn.homes):
        if not _fits(source, home, homes):
            return None
    turn.segment.wheel = Wheel(decide, turn, count, columns)
    return turn.segment.wheel


def _fits(source, home, homes):
    """False for a variable of changing shape, or one that takes over another's value."""
    if isinstance(source, Version):
        return source.shelf is home and source.holds()
    if source is None:
        return False
    same = home is None or (source.shape, source.dtype) == (home.shape, home.dtype)
    return same and (address_of(source) not in homes or address_of(source) == address_of(home))


class Wheel:
    """A condition, a body, and the copies from results to the next turn's inputs.

    Of each variable: `sources` holds its new value after the body; the condition and the body have a home
    for it if they read it.
    """

    def __init__(self, decide, turn, count, columns):
        self._parts = [turn] if decide is None else [decide, turn]
        self.decided_by = None if decide is None else decide.segment
        self._sources, self._saved = turn.results[:count], turn.results[count:]
        self._shelves = [h for part in self._parts for h in part.homes if isinstance(h, Shelf)]
        self._beyond = [part.homes[count + (columns if part is turn else 0) :] for part in self._parts]
        given = [h for h in turn.homes[count : count + columns] if h is not None]
        moves = [
            (source, home)
            for part in self._parts
            for source, home in zip(self._sources, part.homes)
            if isinstance(source, np.ndarray) and home is not None and address_of(source) != address_of(home)
        ]
        stretch, flag = (Stretch([]), np.ones((), np.bool_)) if decide is None else (decide.stretch, decide.results[0])
        self._loop = Loop(stretch, flag, turn.stretch, given, self._saved, moves)

    def turn(self, values, fixed):
        """Turn while the condition holds, which it does at first.  `fixed` are what each part is given beyond.

        Returns (values afterwards, a list of each saved value by turn).
        """
        longest = max([16, *(len(v) for v in (*values, *fixed[1]) if isinstance(v, tuple))])
        with self._loaded(values, fixed):
            return self._all(values, longest + 1)

    def each(self, values, columns, fixed, turns, forward):
        """Turn `turns` times, given in each turn the next element of each of `columns`, or the one before."""
        homes = self._parts[0].homes[len(values) :]
        blocks = [as_rows(c, h.shape, h.dtype).block[:turns] for c, h in zip(columns, homes) if h is not None]
        with self._loaded(values, [fixed]):
            self._loop.read(blocks, forward)
            return self._all(values, turns, turns, forward)

    @contextlib.contextmanager
    def _loaded(self, values, fixed):
        for value, *homes in zip(values, *(p.homes for p in self._parts)):
            _load(value, homes)
        for given, homes in zip(fixed, self._beyond):
            for value, home in zip(given, homes):
                _load(value, [home])
        self._loop.begin(known=True)
        try:
            yield
        finally:
            for shelf in self._shelves:
                shelf.clear()

    def _all(self, values, room, turns=_EVER, forward=True):
        """Turn to the end, which comes after `turns` at the latest; save in pieces of about `room` turns."""
        pieces, turned, at_once, ended, left, position = [], 0, 16, None, 0, -1
        most = max(16, _ENOUGH // max(1, sum(a.nbytes for a in self._saved))) if turns == _EVER else turns
        while ended is None and turned < turns:
            if left == 0:
                left = room = min(room if not pieces else 2 * room, most)
                pieces.append([np.empty((room, *a.shape), a.dtype) for a in self._saved])
                self._loop.write(pieces[-1], forward)
            begin = time.perf_counter()
            found, ended, position = self._loop.run(min(at_once, left))
            turned, left = turned + found, left - found
            at_once *= 2 if time.perf_counter() - begin < _PATIENCE / 2 else 1
        if position >= 0:
            self._parts[0 if ended == "condition" else -1].fail(position)
        return [_value(s) for s in self._sources], [Rows(_joined(column, turned)) for column in zip(*pieces)]


def _load(value, homes):
    """Put a value where it is read: a list that may be written is copied before."""
    homes = [h for h in homes if h is not None]
    if not isinstance(value, tuple):
        for home in homes:
            np.copyto(home, value)
        return
    shelf = homes[-1]
    shape, dtype = ((0,), np.int8) if shelf.shape is None else (shelf.shape, shelf.dtype)
    rows = as_rows(value, shape, dtype)
    block = rows.block.copy() if rows is value and shelf.changed else rows.block
    there = rows.there.copy() if rows is value and shelf.own else rows.there
    for home in homes:
        home.load(block, there)


def _value(source):
    return source.value if isinstance(source, Version) else source.copy()


def _joined(pieces, turned):
    return pieces[0][:turned] if len(pieces) == 1 else np.concatenate(pieces)[:turned]
