"""One pool of worker threads for the whole process, and how a kernel becomes parallel.

A kernel becomes parallel by taking a range.  Its first two arguments are called `begin` and `end`: it does
the pieces of work (elements, rows, tiles) numbered begin <= i < end and no others, in any order of ranges.

    @kernel
    def double(begin, end, x, out):
        x, out = x[begin:end], out[begin:end]     # slices from 0 vectorise better than range(begin, end)
        for i in range(out.size):
            out[i] = 2 * x[i]

    Launch(double, x, out, units=out.size, grain=16384)

`units` is how many pieces there are; `grain` of them are about 5 microseconds of work, the least that is
worth a thread's while: up to one grain runs in the calling thread alone.  Where a kernel needs scratch memory
its third argument is called `worker`, the number below `MOST` of the thread that calls it, and it takes the
row of that number of an array made by `scratch`.  A kernel may call BLAS (which works with one thread, see
`blas.py`).  A status above 0 from any piece is the status of the whole.

The pieces must not add into the same number: then results do not depend on how many threads there are.

A *job* is one such launch.  Its chunks are claimed one by one by whoever is free, the caller included, so that
a worker that the machine has given no processor delays nothing but the chunk it holds.  One job runs at a time;
a second thread that comes with one meanwhile does it alone.  Workers look for work for a moment, then park.
"""

import atexit
import ctypes
import os
import sys
import threading
import time

import numpy as np

from minitf.kernels.atomics import (
    add,
    call_entry,
    call_system,
    compare_exchange,
    exchange,
    load,
    pause,
    store,
)
from minitf.kernels.compile import cached
from minitf.kernels.functions import inline

_SPIN = 60  # microseconds that a worker looks for work, and a caller for the last chunk, before they park
_CHUNKS = 8  # chunks a thread, so that an uneven share is never large
_WORTH_WAKING = 6  # grains: waking a parked thread takes about 20 microseconds
_LEFT_BITS = 24  # of the claim: how many chunks are left; above them stands the number of the job
_LEFT = (1 << _LEFT_BITS) - 1


def _usable_processors():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


MOST = max(1, min(256, int(os.environ.get("MINITF_NUM_THREADS") or 0) or _usable_processors()))
PARKING = os.environ.get("MINITF_PARKING", "native")  # "events": without the system's semaphores

def aligned(size):
    """An array of `size` bytes that begins with a cache line: vector instructions are slower across two lines."""
    memory = np.empty(size + 128, np.uint8)
    start = -memory.__array_interface__["data"][0] % 128
    return memory[start : start + size]


def scratch(size, dtype):
    """An array (MOST, size or a little more): memory of its own for each thread, on cache lines of its own."""
    width = -(-size * np.dtype(dtype).itemsize // 128) * 128 + 128
    return aligned(MOST * width).view(dtype).reshape(MOST, -1)


# The pool's words of 64 bits, those that several threads write on cache lines of their own.
_LINE = 16
_CLAIM, _DONE, _OWNER = 0, _LINE, 2 * _LINE
_STATUS, _ENTRY, _RECORD, _UNITS, _CHUNK, _COUNT, _LIMIT = range(3 * _LINE, 3 * _LINE + 7)
_STOP, _WAIT, _POST, _SPINS = range(4 * _LINE, 4 * _LINE + 4)
_SEATS = 5 * _LINE  # one line a thread: whether it is parked, its semaphore's handle, the semaphore


# -- a job, seen by the thread that brings it and by a worker ---------------------------------------------------


@inline
def _word(pool, index):
    return pool + 8 * index


@inline
def _park(pool, seat):
    """Wait for the semaphore of a thread that has said that it parks."""
    call_system(load(_word(pool, _WAIT)), load(_word(pool, _SEATS + _LINE * seat + 1)), -1)


@inline
def _wake(pool, seat):
    """Wake a thread if it is parked."""
    flag = _word(pool, _SEATS + _LINE * seat)
    post = load(_word(pool, _POST))
    if post != 0 and load(flag) != 0 and exchange(flag, 0) != 0:
        call_system(post, load(_word(pool, _SEATS + _LINE * seat + 1)), 1)


@inline
def _work(pool, worker):
    """Claim and do chunks of the present job until none is left; returns how many.

    What is read of the job before a claim is that job's if the claim succeeds: a job's words stay until its
    last chunk is done, and the number of the job is part of what is compared.
    """
    done = 0
    while True:
        seen = load(_word(pool, _CLAIM))
        left = seen & _LEFT
        if left == 0 or worker >= load(_word(pool, _LIMIT)):
            return done
        entry, record = load(_word(pool, _ENTRY)), load(_word(pool, _RECORD))
        units, chunk, count = load(_word(pool, _UNITS)), load(_word(pool, _CHUNK)), load(_word(pool, _COUNT))
        if compare_exchange(_word(pool, _CLAIM), seen, seen - 1) != seen:
            continue
        begin = (count - left) * chunk
        status = call_entry(entry, record, begin, min(units, begin + chunk), worker)
        if status != 0:
            exchange(_word(pool, _STATUS), status)
        done += 1
        if add(_word(pool, _DONE), 1) == count - 1 and worker != 0:
            _wake(pool, 0)


@inline
def share(pool, entry, record, units, grain, limit):
    """Do a job with at most `limit` threads, this one included; returns its status."""
    if compare_exchange(_word(pool, _OWNER), 0, 1) != 0:
        return call_entry(entry, record, 0, units, 0)
    chunk = grain * max(1, units // (grain * _CHUNKS * limit))
    count = (units + chunk - 1) // chunk
    for index, value in (
        (_STATUS, 0), (_ENTRY, entry), (_RECORD, record), (_UNITS, units), (_CHUNK, chunk), (_COUNT, count),
        (_LIMIT, limit), (_DONE, 0),
    ):  # fmt: skip
        store(_word(pool, index), value)
    exchange(_word(pool, _CLAIM), (((load(_word(pool, _CLAIM)) >> _LEFT_BITS) + 1) << _LEFT_BITS) + count)
    if grain == 1 or units >= _WORTH_WAKING * grain:  # a single piece of work may be any size, if it is a grain
        for worker in range(1, min(limit, count)):
            _wake(pool, worker)
    _work(pool, 0)
    _await(pool, count)
    status = load(_word(pool, _STATUS))
    exchange(_word(pool, _OWNER), 0)
    return status


@inline
def _await(pool, count):
    """Wait until the chunks that workers have claimed are done."""
    flag, native = _word(pool, _SEATS), load(_word(pool, _WAIT)) != 0
    spins = 0
    while load(_word(pool, _DONE)) != count:
        pause()
        spins += 1
        if native and spins >= load(_word(pool, _SPINS)):
            exchange(flag, 1)
            if load(_word(pool, _DONE)) != count:
                _park(pool, 0)
            exchange(flag, 0)
            spins = 0


@cached
def _serve(pool, worker):
    """A worker's life: 0 when the pool stops, 1 where it should park in Python."""
    flag = _word(pool, _SEATS + _LINE * worker)
    spins = exchange(flag, 0)
    while load(_word(pool, _STOP)) == 0:
        if _work(pool, worker) > 0:
            spins = 0
        pause()
        spins += 1
        if spins >= load(_word(pool, _SPINS)):
            exchange(flag, 1)
            if load(_word(pool, _WAIT)) == 0:
                return 1
            idle = load(_word(pool, _CLAIM)) & _LEFT == 0 or worker >= load(_word(pool, _LIMIT))
            if idle and load(_word(pool, _STOP)) == 0:
                _park(pool, worker)
            exchange(flag, 0)
            spins = 0
    return 0


@cached
def _pauses(count, pool):
    """Take `count` pauses as `_serve` does: for measuring how long one is."""
    for _ in range(count):
        load(_word(pool, _STOP))
        pause()
    return count


def _pauses_in_a_microsecond(pool):
    """The most of a few tries: the first one loads the function, and another program may come in between."""
    found = []
    for _ in range(5):
        started = time.perf_counter()
        found.append(_pauses(2000, pool) / (time.perf_counter() - started) / 1e6)
    return max(found)


# -- the pool --------------------------------------------------------------------------------------------------


def _semaphores():
    """(make(address of 32 bytes) -> handle, address of wait, address of post) of this system, or None."""
    try:
        if sys.platform == "win32":
            system = ctypes.WinDLL("kernel32")
            make, wait, post = system.CreateSemaphoreW, system.WaitForSingleObject, system.ReleaseSemaphore
            make.restype = ctypes.c_void_p
            create = lambda place: make(None, 0, 1 << 30, None)  # noqa: E731
        elif sys.platform == "darwin":
            system = ctypes.CDLL(None)
            make, wait, post = (
                getattr(system, f"dispatch_semaphore_{n}") for n in ("create", "wait", "signal")
            )
            make.restype, make.argtypes = ctypes.c_void_p, [ctypes.c_long]
            create = lambda place: make(0)  # noqa: E731
        else:
            system = ctypes.CDLL(None)
            make, wait, post = system.sem_init, system.sem_wait, system.sem_post
            create = lambda place: place if make(ctypes.c_void_p(place), 0, 0) == 0 else None  # noqa: E731
        return create, *(ctypes.cast(f, ctypes.c_void_p).value for f in (wait, post))
    except (OSError, AttributeError):
        return None


class Pool:
    """`MOST` - 1 worker threads that have begun to look for work.  `address` is what `share` wants."""

    def __init__(self, parking=PARKING):
        self._words = aligned(8 * (_SEATS + _LINE * MOST)).view(np.int64)
        self._words[:] = 0
        self.address = self._words.__array_interface__["data"][0]
        self._words[_SPINS] = max(100, int(_SPIN * _pauses_in_a_microsecond(self.address)))
        found = _semaphores() if parking == "native" else None
        if found is not None:
            make, self._words[_WAIT], self._words[_POST] = found
            for seat in range(MOST):
                line = _SEATS + _LINE * seat
                self._words[line + 1] = make(self.address + 8 * (line + 2))
        self._events = [threading.Event() for _ in range(MOST)] if found is None else []
        self._threads = [
            threading.Thread(target=self._live, args=(w,), name=f"minitf worker {w}", daemon=True)
            for w in range(1, MOST)
        ]
        for thread in self._threads:
            thread.start()

    def _live(self, worker):
        while _serve(self.address, worker) != 0:
            self._events[worker].wait()
            self._events[worker].clear()

    def wake(self):
        """Before a run: wake workers that have parked in Python.  (The others are woken by a job.)"""
        for worker in range(1, len(self._events)):
            if self._words[_SEATS + _LINE * worker]:
                self._events[worker].set()

    def stop(self):
        """End the threads; waits until they have."""
        self._words[_STOP] = 1
        for worker, thread in enumerate(self._threads, 1):
            while thread.is_alive():
                if self._events:
                    self._events[worker].set()
                else:
                    _wake_one(self.address, worker)
                thread.join(timeout=0.1)


@cached
def _wake_one(pool, seat):
    _wake(pool, seat)
    return 0


_pool, _starting = None, threading.Lock()


def pool():
    """The process's pool, started at its first use; a child process after a fork starts its own."""
    global _pool
    if _pool is None:
        with _starting:
            _pool = _pool or Pool()
    return _pool


def _stop():
    if _pool is not None:
        _pool.stop()


def _forget():
    global _pool, _starting
    _pool, _starting = None, threading.Lock()


atexit.register(_stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
