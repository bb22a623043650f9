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
from minitf.kernels.atomics import call_entry, load


@kernels.cached("int64(int64, int64, int64, int64)")
def _run(program, count, pool, limit):
    """Run `count` instructions; the position of the one that gave up, or -1."""
    for i in range(count):
        at = program + 32 * i
        entry, record, units, grain = load(at), load(at + 8), load(at + 16), load(at + 24)
        if units <= grain or limit <= 1:
            status = call_entry(entry, record, 0, units, 0)
        else:
            status = threads.share(pool, entry, record, units, grain, limit)
        if status != 0:
            return i
    return -1


class Launch:
    """One kernel with the arguments it will run on: what an op hands to the machine.

    Arguments are C-contiguous arrays and numbers.  Arrays are bound by address, so a later run of
    the same launch sees what was written into them meanwhile.  A kernel over a range (`begin`, `end`)
    does `units` pieces of work; up to `grain` of them are not worth dividing among threads.

    It is `pointwise` where the pieces are the elements of the last argument, the only one that is written,
    and piece i uses element i of every other array of that size.
    """

    __slots__ = ("arguments", "grain", "kernel", "parts", "pointwise", "units")

    def __init__(self, kernel, *arguments, units=None, grain=1, pointwise=False):
        if (units is None) == bool(kernel.range):
            raise TypeError(f"{kernel.__name__} {'needs' if kernel.range else 'takes no'} `units`")
        self.kernel, self.arguments, self.pointwise = kernel, arguments, pointwise
        self.parts = ()  # launches that this one stands for: see `chunks.py`
        self.units, self.grain = (1, 1) if units is None else (units, max(1, grain))

    def entry(self):
        return kernels.entry_point(self.kernel, tuple(map(kernels.layout, self.arguments)))

    def __repr__(self):
        return (
            f"<Launch {self.kernel.__name__} on {', '.join(str(kernels.layout(a)) for a in self.arguments)}>"
        )


class Stretch:
    """Launches bound once, run many times, by at most `limit` threads (None: as many as there are)."""

    def __init__(self, launches, limit=None):
        self.launches = launches
        self._records = [
            np.array([w for a in launch.arguments for w in kernels.record_words(a)] or [0], np.int64)
            for launch in launches
        ]
        self._program = np.array(
            [
                (launch.entry(), record.__array_interface__["data"][0], launch.units, launch.grain)
                for launch, record in zip(launches, self._records, strict=True)
            ],
            np.int64,
        ).reshape(-1, 4)
        self._arguments = self._program.__array_interface__["data"][0], len(self._program)
        divided = any(launch.units > launch.grain for launch in launches)
        self._limit = min(limit or threads.MOST, threads.MOST) if divided else 1
        if self._limit == 1:  # the same without a look-up on the way: short programs run often
            self.run = functools.partial(_run.entry_point, *self._arguments, 0, 1)

    def run(self):
        """Run every launch; returns -1, or the position of the launch whose kernel gave up."""
        pool = threads.pool()
        pool.wake()
        return _run.entry_point(*self._arguments, pool.address, self._limit)
