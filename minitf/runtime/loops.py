"""Parts of a graph that run many times: the condition and the body of a `while_loop`.

The first turn goes the general way, which also finds out the shapes.  Where a part is one stretch of the
machine, further turns take the short way (`straight.py`); and where both parts of a loop are,
the machine turns the loop by itself (`_Wheel`).
"""

import time

import numpy as np

from minitf.kernels.atomics import address_of
from minitf.kernels.machine import Loop
from minitf.runtime.execute import Frame, execute, fail
from minitf.runtime.straight import straight_run

_ENOUGH = 1 << 24  # bytes of saved values that are taken at once
_PATIENCE = 0.05  # seconds that the machine turns on before Python may look whether the user wants to stop


class Turns:
    """For `with`: a generator function of the values of `fed`, to be called again and again.

    `fixed` {tensor: value} is the same for all turns: it is handed to the machine once.
    """

    def __init__(self, outer, fetches, fed, fixed):
        self._outer, self._fetches, self._fed = outer, fetches, fed
        self._fixed = dict(fixed)
        self._loop = object()  # what the program's segments remember to have loaded the fixed values for
        self._straight = None
        self._first = None  # what a turn that went the general way has left: (segment, changes of variables)

    def __enter__(self):
        outer = self._outer
        fed = (*self._fed, *self._fixed)
        self._program, self._give_back = outer.session._take_program(
            tuple(self._fetches), fed, outer.program.grouped, len(self._fixed)
        )
        self._fixed_values = list(self._fixed.values())
        return self

    def __exit__(self, *exception):
        self._give_back()

    def __call__(self, values):
        straight = self.straight()
        found = straight(values) if straight is not None else None
        if found is not None:
            return found
        outer, changes = self._outer, self._outer.session.state.changes
        every = [*values, *self._fixed_values]
        frame = Frame(outer.session, self._program, every, outer.depth + 1, self._loop)
        yield from execute(frame)
        self._first, self._straight = (frame.segment, changes), None
        return frame.fetched()

    def straight(self):
        """The short way through a further turn, or None."""
        if self._first is not None and self._program.grouped:
            self._straight = straight_run(self._program, *self._first, len(self._fed))
            self._first = None
        return self._straight

    def repeat(self, body, values):
        """Turn a loop of which this is the condition, where the machine can do so by itself.

        Returns (values after it, for each further result of `body` a list of its values), or None.
        """
        wheel = _wheel(self.straight(), body.straight(), len(values))
        return None if wheel is None else wheel.turn(values)


def _wheel(decide, turn, count):
    if decide is None or turn is None or not (decide.holds() and turn.holds()):
        return None
    flag, sources, saved = decide.arrays[0], turn.arrays[:count], turn.arrays[count:]
    if flag is None or None in (decide.stretch, turn.stretch) or any(a is None for a in saved):
        return None
    if decide.locks or turn.locks:
        return None  # others shall write between two turns
    homes = [address_of(home) for home in turn.homes]
    for source, home in zip(sources, turn.homes):
        same = source is None or home is None or (source.shape, source.dtype) == (home.shape, home.dtype)
        if not same or (source is not None and address_of(source) in homes and address_of(source) != address_of(home)):
            return None  # a variable of changing shape, or one that takes over another's value
    return _Wheel(decide, turn, flag, sources, saved)


class _Wheel:
    """A loop whose condition and body are one stretch each, and the copies from results to the next turn's inputs.

    Of each variable: `sources` holds its new value after the body; the condition and the body have a home
    for it if they read it.  A variable that the body hands on as it is has no source.
    """

    def __init__(self, decide, turn, flag, sources, saved):
        self._decide, self._turn, self._sources, self._saved = decide, turn, sources, saved
        moves = [
            (source, home)
            for part in (decide, turn)
            for source, home in zip(sources, part.homes)
            if source is not None and home is not None and address_of(source) != address_of(home)
        ]
        self._loop = Loop(decide.stretch, flag, turn.stretch, moves, saved)

    def turn(self, values):
        for part in (self._decide, self._turn):
            for value, home in zip(values, part.homes):
                if home is not None:
                    np.copyto(home, value)
        columns, turned, at_once, ended = [[] for _ in self._saved], 0, 16, None
        while ended is None:
            begin = time.perf_counter()
            turns, ended, position, kept = self._loop.run(at_once)
            turned += turns
            for column, saved in zip(columns, kept):
                column.extend(saved[i, ...] for i in range(turns))
            quick = time.perf_counter() - begin < _PATIENCE / 2 and sum(k.nbytes for k in kept) < _ENOUGH
            at_once *= 2 if quick else 1
        if position >= 0:
            (self._decide if ended == "condition" else self._turn).fail(position)
        if turned > 0:
            values = [v if s is None else s.copy() for v, s in zip(values, self._sources)]
        return values, columns
