"""The machine: one short loop that runs a stretch of instructions.

An instruction is four numbers: the address of an entry point, the address of its record, and for a
kernel that can be divided how many pieces of work there are and how few are worth dividing.  That
is all the machine knows: no graph, no shapes, no Python.  Running an instruction costs about 10 ns
beyond the work of its kernel, against 500 ns for a call of a Numba function from Python.  A large
one is shared with the worker threads: see `threads.py`.

The debugger gives the same machine one instruction at a time.
"""

import functools

import numpy as np

from minitf.kernels import compile as kernels
from minitf.kernels import threads
from minitf.kernels.atomics import (
    address_of,
    call_entry,
    check_signals,
    copy_bytes,
    ensure_lock,
    load,
    release_lock,
    seconds,
    store,
)
from minitf.kernels.functions import inline

STOPPED = -2  # a signal's handler has raised a Python exception, as KeyboardInterrupt


@inline
def _stopped():
    held = ensure_lock(0)
    raised = check_signals(0)
    release_lock(held)
    return raised & 0xFFFFFFFF != 0


@kernels.cached
def run_instructions(program, count, pool, limit):
    """Run `count` instructions; the position of the one that gave up, or -1; `STOPPED` where the user stops them.

    Signals wait until Python looks at them: while it waits for a long run, this does, when a second begins.
    """
    now = 0
    for i in range(count):
        at = program + 32 * i
        entry, record, units, grain = load(at), load(at + 8), load(at + 16), load(at + 24)
        if units <= grain or limit <= 1:
            status = call_entry(entry, record, 0, units, 0)
        else:
            status = threads.share(pool, entry, record, units, grain, limit)
        if status != 0:
            return i
        if units > grain or i & 15 == 15:
            before, now = now, seconds(0)
            if before != now and before != 0 and _stopped():
                return STOPPED
    return -1


class Launch:
    """One kernel with the arguments it will run on: what an op hands to the machine.

    Arguments are C-contiguous arrays and numbers.  Arrays are bound by address, so a later run of
    the same launch sees what was written into them meanwhile.  A kernel over a range (`begin`, `end`)
    does `units` pieces of work; up to `grain` of them are not worth dividing among threads.

    Where it can be cut into `pieces` these are as many units each, and as many elements of the last argument, the only
    one that is written.  Piece i uses piece i of other arrays.  (Pointwise kernels, whose pieces are single elements:
    of other arrays of the same size; smaller ones stand still, or repeat.)
    """

    __slots__ = ("arguments", "grain", "kernel", "parts", "pieces", "units")

    def __init__(self, kernel, *arguments, units=None, grain=1, pieces=0):
        if (units is None) == bool(kernel.range):
            raise TypeError(f"{kernel.__name__} {'needs' if kernel.range else 'takes no'} `units`")
        self.kernel, self.arguments, self.pieces = kernel, arguments, pieces
        self.parts = ()  # launches that this one stands for: see `chunks.py`
        self.units, self.grain = (1, 1) if units is None else (units, max(1, grain))

    def entry(self):
        return kernels.entry_point(self.kernel, tuple(map(kernels.layout, self.arguments)))

    def on(self, moved):
        """The same launch on other arrays: those that the function `moved` gives for its own."""
        arguments = [moved(a) for a in self.arguments]
        units = self.units if self.kernel.range else None
        return Launch(self.kernel, *arguments, units=units, grain=self.grain, pieces=self.pieces)

    def __repr__(self):
        return (
            f"<Launch {self.kernel.__name__} on {', '.join(str(kernels.layout(a)) for a in self.arguments)}>"
        )


class Stretch:
    """Launches bound once, run many times, by at most `limit` threads (None: as many as there are)."""

    def __init__(self, launches, limit=None):
        self.launches = launches
        self.records = [
            np.array([w for a in launch.arguments for w in kernels.record_words(a)] or [0], np.int64)
            for launch in launches
        ]
        self._program = np.array(
            [
                (launch.entry(), address_of(record), launch.units, launch.grain)
                for launch, record in zip(launches, self.records, strict=True)
            ],
            np.int64,
        ).reshape(-1, 4)
        self._arguments = address_of(self._program), len(self._program)
        divided = any(launch.units > launch.grain for launch in launches)
        self._limit = min(limit or threads.MOST, threads.MOST) if divided else 1
        if self._limit == 1:  # the same without a look-up on the way: short programs run often
            self.run = functools.partial(run_instructions.entry_point, *self._arguments, 0, 1)
            self.run.memory = self.launches, self.records, self._program  # while it runs, the stretch may be gone

    def run(self):
        """Run every launch; returns -1, or the position of the launch whose kernel gave up."""
        return run_instructions.entry_point(*self._arguments, self.wake_pool().address, self._limit)

    def wake_pool(self):
        """The worker threads, for a run that is about to begin."""
        pool = threads.pool()
        pool.wake()
        return pool

    def instructions(self):
        """(address, count, limit) of what `run_instructions` takes."""
        return (*self._arguments, self._limit)


@inline
def _ended(state, how, position, turns):
    store(state, how)
    store(state + 8, position)
    return turns


@inline
def _move(first, count, turn):
    """Copy for each of `count` moves: see `_repeat`."""
    for i in range(count):
        move = first + 40 * i
        target, source = load(move) + turn * load(move + 24), load(move + 8) + turn * load(move + 32)
        copy_bytes(target, source, load(move + 16))


@kernels.cached
def _repeat(state, pool, most):
    """Turn the loop that `state` describes at most `most` times; returns the number of turns.

    `state` is: how it ended (0: condition, 1: not yet, 2: a kernel of the condition gave up, 3: one of the body),
    position of that kernel, the condition's stretch (3 words), address of its result, the body's stretch (3),
    1 where the condition is known to hold at first, number of turns before these, numbers of moves before and after
    the body, and for each move target, source, bytes, and by how many bytes target and source advance each turn.
    """
    decide, decide_count, decide_limit = load(state + 16), load(state + 24), load(state + 32)
    flag, known, before = load(state + 40), load(state + 72), load(state + 80)
    body, body_count, body_limit = load(state + 48), load(state + 56), load(state + 64)
    given, taken, moves = load(state + 88), load(state + 96), state + 104
    for turn in range(most):
        if turn > 0 or known == 0:
            position = run_instructions(decide, decide_count, pool, decide_limit)
            if position == STOPPED:
                return turn
            if position >= 0 or (load(flag - flag % 8) >> (flag % 8 * 8)) & 255 == 0:
                return _ended(state, 2 if position >= 0 else 0, position, turn)
        _move(moves, given, before + turn)
        position = run_instructions(body, body_count, pool, body_limit)
        if position == STOPPED:
            return turn
        if position >= 0:
            return _ended(state, 3, position, turn)
        _move(moves + 40 * given, taken, before + turn)
    return _ended(state, 1, -1, most)


_KNOWN, _BEFORE, _MOVES = 9, 10, 13  # words of the state


class Loop:
    """Two stretches that take turns: `body` as long as `condition` leaves true in `flag`, a bool array of rank 0.

    Before each turn the next row of a column is put into each array of `given`.  After it the arrays `saved` are put
    into the next rows of other columns, then the `moves` (source array, target array) made, in this order.
    """

    def __init__(self, condition, flag, body, given=(), saved=(), moves=()):
        self._kept = condition, flag, body, given, saved, moves
        parts = *condition.instructions(), address_of(flag), *body.instructions()
        copies = [(address_of(a), 0, a.nbytes, 0, 0) for a in given]
        copies += [(0, address_of(a), a.nbytes, 0, 0) for a in saved]
        copies += [(address_of(target), address_of(source), source.nbytes, 0, 0) for source, target in moves]
        counts = 0, 0, len(given), len(copies) - len(given)
        self._state = np.array([0, -1, *parts, *counts, *(w for copy in copies for w in copy)], np.int64)
        self._moves = self._state[_MOVES:].reshape(-1, 5)
        self._shared = max(condition.instructions()[2], body.instructions()[2]) > 1

    def begin(self, known):
        """The next turn is the first; `known` says that the condition holds."""
        self._state[[_KNOWN, _BEFORE]] = known, 0

    def read(self, columns, forward=True):
        """Give the rows of these arrays from the first turn on: the first row first, or the last one."""
        for move, column in zip(self._moves, columns):
            step = column[:1].nbytes
            move[1], move[4] = address_of(column) + (0 if forward else column.nbytes - step), step if forward else -step

    def write(self, columns, forward=True):
        """Save into the rows of these arrays from the next turn on."""
        for move, column in zip(self._moves[self._state[_MOVES - 2] :], columns):
            step = column[:1].nbytes
            first, step = address_of(column) + (0 if forward else column.nbytes - step), step if forward else -step
            move[0], move[3] = first - int(self._state[_BEFORE]) * step, step

    def run(self, most):
        """Turn at most `most` times.

        Returns (turns, "condition" or "body" or None where `most` turns did not end it, position of the kernel
        that gave up or -1).
        """
        pool = threads.pool() if self._shared else None
        if pool is not None:
            pool.wake()
        turns = _repeat.entry_point(address_of(self._state), pool.address if pool is not None else 0, most)
        self._state[_KNOWN] = 0
        self._state[_BEFORE] += turns
        how, position = map(int, self._state[:2])
        return turns, ("condition", None, "condition", "body")[how], position
