"""The threads of one block, taking turns on one processor.

Each thread is a greenlet: a call that can stop in the middle and go on later.  It runs until it must wait for
others, at a barrier or at an exchange of its warp (shuffle, vote).  When all have stopped, those whose wait is over
go on.  The order within a round is shuffled, so that a kernel which depends on it is found out.

The same scheduler runs a kernel's Python source (`simulate`) and its lowered code (`lowered.py`).
"""

import contextvars
import random

try:
    from greenlet import GreenletExit, getcurrent, greenlet
except ImportError:
    greenlet = None

WARP = 32
EVERYONE = 0xFFFFFFFF


def triple(sizes):
    """The size of a grid or a block in x, y and z: `sizes` is a whole number or a tuple of up to three."""
    sizes = tuple(sizes) if isinstance(sizes, tuple | list) else (sizes,)
    return (*(int(n) for n in sizes), 1, 1)[:3]


class Fault(Exception):
    """What no kernel may do, found where the GPU would go wrong in silence.

    kind      "out of bounds", "divergent barrier", "bad shuffle", "exception"
    site      where the threads stood that could not go on, if they were waiting
    """

    def __init__(self, kind, message, site=None):
        super().__init__(message)
        self.kind, self.site, self.thread = kind, site, None


class Wait:
    """What a stopped thread waits for: `exchange` names an operation of the warp, or is None at a barrier."""

    __slots__ = ("exchange", "lane", "mask", "site", "value")

    def __init__(self, site, exchange=None, mask=EVERYONE, value=None, lane=0):
        self.site, self.exchange, self.mask, self.value, self.lane = site, exchange, mask, value, lane


class Thread:
    """One thread: `place` is its threadIdx, `number` its rank in the block, `answer` what its wait brought."""

    __slots__ = ("answer", "fiber", "lane", "number", "phase", "place", "wait", "warp")

    def __init__(self, number, place, fiber):
        self.number, self.place, self.fiber = number, place, fiber
        self.warp, self.lane = divmod(number, WARP)
        self.phase, self.wait, self.answer = 0, None, None


class Block:
    """Runs `entry()` once for each thread of a block of `shape` (x, y, z).

    `enter(thread)` is called whenever the block's processor turns to a thread, `synchronised()` at each barrier that
    all have reached.  Raises Fault.
    """

    def __init__(self, shape, entry, enter, synchronised=lambda: None, seed=0):
        if greenlet is None:
            raise ImportError(
                "The CUDA simulator runs each thread as a greenlet, and the package greenlet is not installed: "
                "pip install greenlet, or pip install 'minitf[cuda]'."
            )
        self.enter, self.synchronised = enter, synchronised
        self.order = random.Random(seed)
        self.current, self.abandoned = None, False
        self.scheduler = getcurrent()
        x, y, z = shape
        places = ((i, j, k) for k in range(z) for j in range(y) for i in range(x))
        self.threads = [Thread(n, place, self._fiber(entry)) for n, place in enumerate(places)]

    def _fiber(self, entry):
        fiber = greenlet(entry, self.scheduler)
        fiber.gr_context = contextvars.copy_context()  # NumPy keeps there which warnings are wanted
        return fiber

    def run(self):
        ready = self.threads
        try:
            while ready:
                ready = list(ready)
                self.order.shuffle(ready)
                for thread in ready:
                    self._resume(thread)
                ready = self._answered() or self._past_the_barrier()
        except BaseException:
            self._abandon()
            raise

    def wait(self, wait):
        """Called by a thread: stop here until the wait is over.  Returns its answer."""
        if not self.abandoned:
            self.current.wait = wait
            self.scheduler.switch()
        if self.abandoned:
            raise GreenletExit
        return self.current.answer

    def _resume(self, thread):
        self.current, thread.wait = thread, None
        self.enter(thread)
        try:
            thread.fiber.switch()
        except Exception as error:
            fault = error if isinstance(error, Fault) else Fault("exception", f"{type(error).__name__}: {error}")
            fault.thread = thread
            if fault is error:
                raise
            raise fault from error

    def _abandon(self):
        """End the threads that have begun."""
        self.abandoned = True
        for thread in self.threads:
            if thread.fiber:
                self.current = thread
                thread.fiber.switch()

    # -- whose wait is over ------------------------------------------------------------------------------------

    def _past_the_barrier(self):
        """All threads, if all wait at the same barrier."""
        waiting = [thread for thread in self.threads if not thread.fiber.dead]
        if not waiting:
            return []
        if any(thread.wait.exchange for thread in waiting):
            raise self._never_arrive(waiting)
        sites = {thread.wait.site: thread for thread in waiting}
        first = waiting[0]
        gone = [thread for thread in self.threads if thread.fiber.dead]
        if gone:
            raise _fault(
                "divergent barrier",
                f"{len(waiting)} of {len(self.threads)} threads wait here; thread {gone[0].place} has ended without",
                first,
            )
        if len(sites) > 1:
            other = next(thread for site, thread in sites.items() if site != first.wait.site)
            raise _fault(
                "divergent barrier",
                f"thread {first.place} waits here, and thread {other.place} at another barrier: all threads of a "
                "block must come to the same one",
                first,
            )
        for thread in waiting:
            thread.answer = None
        self.synchronised()
        return waiting

    def _answered(self):
        """Those whose warp has come together for an exchange."""
        groups = {}
        for thread in self.threads:
            if not thread.fiber.dead and thread.wait.exchange:
                wait = thread.wait
                groups.setdefault((thread.warp, wait.site, wait.mask, wait.exchange), []).append(thread)
        return [thread for key, group in groups.items() if self._is_complete(group) for thread in _exchange(group)]

    def _is_complete(self, group):
        mask, start = group[0].wait.mask, group[0].warp * WARP
        for thread in group:
            if not mask >> thread.lane & 1:
                raise _fault("bad shuffle", f"lane {thread.lane} is not in its own mask {mask:#x}", thread)
        named = [thread for thread in self.threads[start : start + WARP] if mask >> thread.lane & 1]
        gone = [thread.lane for thread in named if thread.fiber.dead]
        if gone:
            raise _fault("bad shuffle", f"the mask {mask:#x} names lane {gone[0]}, which has ended", group[0])
        return len(group) == len(named)

    def _never_arrive(self, waiting):
        thread = next(thread for thread in waiting if thread.wait.exchange)
        mask = thread.wait.mask
        return _fault("bad shuffle", f"not all lanes of the mask {mask:#x} come here: the warp waits forever", thread)


def _fault(kind, message, thread):
    fault = Fault(kind, message, thread.wait.site)
    fault.thread = thread
    return fault


# -- what a warp exchanges -------------------------------------------------------------------------------------

SOURCES = {
    "index": lambda lane, given: given % WARP,
    "up": lambda lane, given: lane - given,
    "down": lambda lane, given: lane + given,
    "xor": lambda lane, given: lane ^ given,
}


def _exchange(group):
    """Give each thread of a complete group its answer."""
    kind = group[0].wait.exchange
    values = {thread.lane: thread.wait.value for thread in group}
    if kind == "sync":
        for thread in group:
            thread.phase += 1
            thread.answer = None
    elif kind in SOURCES:
        for thread in group:
            thread.answer = _shuffled(thread, values)
    else:
        vote = {"ballot": _ballot, "all": lambda v: all(v.values()), "any": lambda v: any(v.values())}[kind](values)
        for thread in group:
            thread.answer = vote
    return group


def _ballot(values):
    return sum(1 << lane for lane, value in values.items() if value)


def _shuffled(thread, values):
    """The source lane's value; the thread's own where the source lies outside of the warp."""
    source = SOURCES[thread.wait.exchange](thread.lane, thread.wait.lane)
    if not 0 <= source < WARP:
        return thread.wait.value
    if source not in values:
        raise _fault("bad shuffle", f"lane {thread.lane} reads from lane {source}, which takes no part", thread)
    return values[source]
