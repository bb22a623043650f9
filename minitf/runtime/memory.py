"""Memory that values of one run take turns in.

A value dies when its last reader has run.  Its memory then serves other values of the same run, so that
a deep network needs the memory of its widest moments and not of all its layers, and stays in the cache.
Who dies when is decided in `plan.py`, before anything runs.

While a segment is bound, a value gets an array that only stands for it.  When all births and deaths are known,
`settle` gives each value a place in one large block, an *arena*: the largest values first, each into the
narrowest gap that is free as long as it lives.  (Pisarchyk and Lee, "Efficient memory management for deep
neural net inference", 2020: greedy by size.)  Small values have a simpler life: see `_take_small`.
"""

import bisect
import math

import numpy as np

from minitf.kernels.atomics import address_of
from minitf.kernels.threads import aligned

_SMALL = 1024  # bytes: what is not larger comes from a list of free buffers, at once
_LARGE = 4096  # bytes: smaller arrays of other origin may lie anywhere
_LINE = 64  # bytes: values begin with cache lines
_FOR_EVER = 1 << 60


class Memory:
    """The values of a segment; `before` is the memory of the segment before it, whose values live on.

    `size` is how many bytes all arenas and buffers have, `bound` how many are in use in the widest moment: no plan
    can do with less.
    """

    def __init__(self, before=None):
        self._arenas = list(before._arenas) if before else []
        self._alive = dict(before._alive) if before else {}  # slot -> (arena, offset, bytes): of segments before
        self._small, self._free = (dict(before._small), list(before._free)) if before else ({}, [])
        self._clock = 0
        self._open = {}  # slot -> (array, birth) of values that live
        self._closed = []  # (slot, array, birth, death)
        self._ends = {}  # slot of an earlier segment -> death
        self.size = self.bound = 0

    def take(self, slot, shape, dtype):
        """An array for `slot`; one that is not small gets its place from `settle`."""
        size = math.prod(shape) * dtype.itemsize
        if size <= _SMALL:
            return self._take_small(slot, size).view(dtype).reshape(shape)
        array = np.empty(shape, dtype)
        self._open[slot] = array, self._tick()
        return array

    def _take_small(self, slot, size):
        """A free buffer of as many lines, or a new one."""
        wanted = -(-size // _LINE) * _LINE
        place = next((i for i, b in enumerate(self._free) if b.nbytes == wanted), None)
        buffer = self._free.pop(place) if place is not None else aligned(wanted)
        self._small[slot] = buffer
        return buffer[:size]

    def give_back(self, slot):
        """The value of `slot` is dead; nothing happens where its memory did not come from here."""
        if slot in self._small:
            self._free.append(self._small.pop(slot))
        elif slot in self._open:
            self._closed.append((slot, *self._open.pop(slot), self._tick()))
        elif slot in self._alive:
            self._ends[slot] = self._tick()

    def _tick(self):
        self._clock += 1
        return self._clock

    def settle(self):
        """A function that maps each array that stands for a value, or a part of one, to its place in an arena."""
        values = self._closed + [(slot, *found, _FOR_EVER) for slot, found in self._open.items()]
        values.sort(key=lambda value: (-value[1].nbytes, value[2]))
        places = _Places(self._arenas, self._alive, self._ends, len(values))
        found = [places.find(array.nbytes, birth, death) for _, array, birth, death in values]
        if places.height:
            self._arenas.append(aligned(places.height))
        self._alive = {slot: place for slot, place in self._alive.items() if slot not in self._ends}
        self._alive.update((v[0], place) for v, place in zip(values, found) if v[3] == _FOR_EVER)
        small = [b.nbytes for b in (*self._free, *self._small.values())]
        self.size, self.bound = sum(a.nbytes for a in self._arenas) + sum(small), places.widest() + sum(small)
        return _Moved([value[1] for value in values], [self._arenas[a][o : o + n] for a, o, n in found])


class _Places:
    """Which bytes of which arena are taken from when to when; the last arena is still to be made."""

    def __init__(self, arenas, alive, ends, count):
        self._sizes = [a.nbytes for a in arenas]
        self.height = 0  # of the last arena
        self._count, total = 0, len(alive) + count
        self._arena, self._offset, self._bytes, self._birth, self._death = np.zeros((5, total), np.int64)
        for slot, place in alive.items():
            self._put(*place, 0, ends.get(slot, _FOR_EVER))

    def _put(self, arena, offset, size, birth, death):
        n, self._count = self._count, self._count + 1
        self._arena[n], self._offset[n], self._bytes[n] = arena, offset, size
        self._birth[n], self._death[n] = birth, death

    def find(self, size, birth, death):
        """(arena, offset, size) in the narrowest gap that is free from birth to death."""
        wanted = -(-size // _LINE) * _LINE
        n = self._count
        there = np.flatnonzero((self._birth[:n] < death) & (self._death[:n] > birth))
        for arena in range(len(self._sizes) + 1):
            limit = self._sizes[arena] if arena < len(self._sizes) else _FOR_EVER
            offset = self._gap(there[self._arena[there] == arena], wanted, limit)
            if offset is not None:
                break
        if arena == len(self._sizes):
            self.height = max(self.height, offset + wanted)
        self._put(arena, offset, wanted, birth, death)
        return arena, offset, size

    def _gap(self, there, wanted, limit):
        there = there[np.argsort(self._offset[there], kind="stable")]
        begins, ends = np.append(self._offset[there], limit), np.zeros(len(there) + 1, np.int64)
        np.maximum.accumulate(self._offset[there] + self._bytes[there], out=ends[1:])
        gaps = begins - ends
        fitting = np.flatnonzero(gaps >= wanted)
        return int(ends[fitting[np.argmin(gaps[fitting])]]) if fitting.size else None

    def widest(self):
        """The most bytes that are taken at one time."""
        n = self._count
        times = np.concatenate([self._birth[:n], self._death[:n]])
        changes = np.concatenate([self._bytes[:n], -self._bytes[:n]])
        return int(np.cumsum(changes[np.lexsort((changes, times))]).max(initial=0))


class _Moved:
    """Maps arrays inside of `stand_ins` to the same part of `places`; other arrays stay as they are."""

    def __init__(self, stand_ins, places):
        pairs = sorted(((address_of(s), s.nbytes, p) for s, p in zip(stand_ins, places)), key=lambda pair: pair[0])
        self._starts, self._pairs = [start for start, _, _ in pairs], pairs
        self._alive = stand_ins  # until all are moved: no other array may have their addresses

    def __call__(self, array):
        if not isinstance(array, np.ndarray):
            return array
        address = address_of(array)
        found = bisect.bisect_right(self._starts, address) - 1
        if found < 0:
            return array
        start, size, place = self._pairs[found]
        if address >= start + size:
            return array
        return place[address - start : address - start + array.nbytes].view(array.dtype).reshape(array.shape)


def new_array(shape, dtype):
    """An array with memory of its own: a large one begins with a cache line."""
    size = math.prod(shape) * dtype.itemsize
    if size < _LARGE or dtype.hasobject:
        return np.empty(shape, dtype)
    return aligned(size).view(dtype).reshape(shape)
