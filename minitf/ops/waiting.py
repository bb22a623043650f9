"""The queues themselves: elements, a lock, and runs that wait for each other.

Whoever puts or takes leaves an *attempt* in a line.  Under the lock, `_move` lets the first attempts of both
lines go as far as they can; a thread sleeps until its own attempt is finished.  So an attempt that waits is
served by the very thread that makes it possible (a monitor with hand-over: Hoare, "Monitors: an operating
system structuring concept", CACM 1974).
"""

import collections
import heapq
import random
import threading

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.kernels.philox import advance, block, philox_state


class _Attempt:
    """Elements still to be put, or a number of elements to be taken."""

    def __init__(self, elements=(), count=0, or_fewer=False):
        self.waiting, self.count, self.or_fewer = collections.deque(elements), count, or_fewer
        self.taken, self.finished, self.error = [], False, None

    def fail(self, kind, message):
        self.error, self.finished = (kind, message), True


class FirstInFirstOut:
    """What all queues share; elements are lists of arrays, kept in `self._elements`."""

    def __init__(self, op):
        attrs = op.attrs
        self._name, self._capacity, self._types = op.name, attrs["capacity"], list(attrs["component_types"])
        self._shapes = list(attrs["shapes"])
        self._kind = op.type
        self._changed = threading.Condition()
        self._putting, self._taking = (
            collections.deque(),
            collections.deque(),
        )  # attempts, the first at the left
        self.closed = False
        self._elements = self._empty()

    def contradiction(self, op):
        """What does not fit where another operation shares this queue; None where all fits."""
        if self._kind != op.type:
            return f"type {self._kind}, not {op.type}"
        if self._capacity != op.attrs["capacity"]:
            return f"capacity {self._capacity} but requested capacity was {op.attrs['capacity']}."
        if self._types != list(op.attrs["component_types"]):
            return f"component types {self._types} but requested component types were {op.attrs['component_types']}"
        if self._shapes != list(op.attrs["shapes"]):
            return f"component shapes {self._shapes} but requested component shapes were {op.attrs['shapes']}"
        return None

    # -- how elements are kept: what differs between the kinds --

    def _empty(self):
        return collections.deque()

    def _add(self, element):
        self._elements.append(element)

    def _pop(self):
        return self._elements.popleft()

    def _available(self):
        return len(self._elements)

    def _give_back(self, taken):
        self._elements.extendleft(reversed(taken))

    # -- what operations call --

    def put(self, elements, op, seconds=None):
        """Put elements in, waiting where the queue is full.  CancelledError where it is or gets closed."""
        for element in elements:
            self._check_shapes([a.shape for a in element], self._shapes, op)
        attempt = _Attempt(elements)
        with self._changed:
            if self.closed:
                raise errors.CancelledError(None, op, f"{self._label} '{self._name}' is closed.")
            self._wait(attempt, self._putting, op, seconds)

    def put_rows(self, columns, op, seconds=None):
        """Put in the rows of the components."""
        rows = len(columns[0])
        if any(len(c) != rows for c in columns):
            counts = [len(c) for c in columns]
            raise errors.InvalidArgumentError(
                None, op, f"All components need the same number of rows, not {counts}"
            )
        wanted = [TensorShape([rows]).concatenate(s) for s in self._shapes]
        self._check_shapes([c.shape for c in columns], wanted, op)
        self.put([[c[i, ...] if c.ndim > 1 else np.asarray(c[i], c.dtype) for c in columns] for i in range(rows)],
                 op, seconds)  # fmt: skip

    def _check_shapes(self, found, wanted, op):
        for i, (sizes, shape) in enumerate(zip(found, wanted)):
            if not shape.is_compatible_with(sizes):
                raise errors.InvalidArgumentError(
                    None, op, f"Shape mismatch in tuple component {i}. Expected {_brief(shape.as_list())}, "
                    f"got {_brief(sizes)}"
                )  # fmt: skip

    def take(self, count, op, or_fewer=False, seconds=None):
        """The next `count` elements, waiting for them.  OutOfRangeError where there will not be so many.

        What was already taken goes back when the run fails.
        """
        if count < 0:
            raise errors.InvalidArgumentError(None, op, f"DequeueMany requested {count} < 0 elements")
        attempt = _Attempt(count=count, or_fewer=or_fewer)
        with self._changed:
            self._wait(attempt, self._taking, op, seconds)
        return attempt.taken

    def stack(self, elements, op):
        """Elements stacked, component by component."""
        columns = list(zip(*elements, strict=True)) if elements else [()] * len(self._types)
        return [self._stacked(i, column) for i, column in enumerate(columns)]

    def check_stackable(self, op):
        if not self._shapes:
            raise errors.InvalidArgumentError(
                None,
                op,
                f"{self._label}'s DequeueMany and DequeueUpTo require the components to have specified shapes.",
            )

    def _stacked(self, i, arrays):
        dtype = self._types[i].as_numpy_dtype
        if not arrays:
            return np.zeros((0, *self._shapes[i].sizes), dtype)
        out = np.empty((len(arrays), *arrays[0].shape), dtype)
        for row, array in enumerate(arrays):
            out[row, ...] = array
        return out

    def size(self):
        return len(self._elements)

    def close(self, cancel_pending, op):
        """No more elements may come in."""
        with self._changed:
            self.closed = True
            if cancel_pending:
                self._fail(self._putting, "Enqueue operation was cancelled")
            self._move()

    def session_closed(self):
        """Everybody who still waits fails with CancelledError."""
        with self._changed:
            self.closed = True
            self._fail(self._putting, "Enqueue operation was cancelled")
            self._fail(self._taking, "Dequeue operation was cancelled")

    # -- waiting --

    @property
    def _label(self):
        return self._kind.removesuffix("V2")

    def _fail(self, line, message):
        for attempt in line:
            if line is self._taking:
                self._give_back(attempt.taken)
            attempt.fail(errors.CancelledError, message)
        line.clear()
        self._changed.notify_all()

    def _wait(self, attempt, line, op, seconds):
        """Stand in line until the attempt is finished; raises what it failed with."""
        line.append(attempt)
        self._move()
        try:
            if not self._changed.wait_for(lambda: attempt.finished, seconds):
                raise errors.DeadlineExceededError(None, op, "Timed out waiting for notification")
        finally:
            if not attempt.finished:
                line.remove(attempt)
                self._give_back(attempt.taken)
                self._move()
        if attempt.error is not None:
            kind, message = attempt.error
            raise kind(None, op, message)

    def _move(self):
        """Let the first attempts of both lines go as far as they can."""
        moved = True
        while moved:
            moved = self._move_in() | self._move_out()
        self._changed.notify_all()

    def _move_in(self):
        moved = False
        while self._putting:
            attempt = self._putting[0]
            while attempt.waiting and (self._capacity < 0 or len(self._elements) < self._capacity):
                self._add(attempt.waiting.popleft())
                moved = True
            if attempt.waiting:
                break
            attempt.finished = moved = True
            self._putting.popleft()
        return moved

    def _move_out(self):
        moved = False
        while self._taking:
            attempt = self._taking[0]
            while len(attempt.taken) < attempt.count and self._available():
                attempt.taken.append(self._pop())
                moved = True
            missing = attempt.count - len(attempt.taken)
            if missing and not (self.closed and not self._putting):
                break
            if missing and not (attempt.or_fewer and attempt.taken):
                self._give_back(attempt.taken)
                attempt.fail(errors.OutOfRangeError, f"{self._label} '{self._name}' is closed and has insufficient "
                             f"elements (requested {attempt.count}, current size {len(self._elements)})")  # fmt: skip
            attempt.finished = moved = True
            self._taking.popleft()
        return moved


def _brief(sizes):
    return "[" + ",".join("?" if n is None else str(n) for n in sizes) + "]"


class Padding(FirstInFirstOut):
    """Elements of different sizes, padded with zeros when stacked."""

    def _stacked(self, i, arrays):
        dtype = self._types[i]
        if not arrays:
            return np.zeros((0, *[s or 0 for s in self._shapes[i].sizes]), dtype.as_numpy_dtype)
        largest = np.max([a.shape for a in arrays], axis=0).astype(int) if arrays[0].ndim else ()
        known = [int(n) if s is None else s for n, s in zip(largest, self._shapes[i].sizes)]
        out = np.full((len(arrays), *known), b"" if dtype.name == "string" else 0, dtype.as_numpy_dtype)
        for row, array in enumerate(arrays):
            out[(row, *map(slice, array.shape))] = array
        return out


class RandomOrder(FirstInFirstOut):
    """Elements at random; a few stay until the queue is closed, so that there is something to choose from."""

    def __init__(self, op):
        super().__init__(op)
        self._keep = op.attrs["min_after_dequeue"]
        seeds = op.attrs["seed"], op.attrs["seed2"]
        if seeds == (0, 0):
            seeds = random.getrandbits(64), random.getrandbits(64)
        self._seeds = op.attrs["seed"], op.attrs["seed2"]
        self._numbers = words(philox_state(*seeds))

    def _empty(self):
        return []

    def _available(self):
        return max(0, len(self._elements) - (0 if self.closed else self._keep))

    def _pop(self):
        elements = self._elements
        i = next(self._numbers) % len(elements)
        elements[i], elements[-1] = elements[-1], elements[i]
        return elements.pop()

    def _give_back(self, taken):
        self._elements.extend(taken)

    def contradiction(self, op):
        if self._kind == op.type and self._keep != op.attrs["min_after_dequeue"]:
            return (f"min_after_dequeue {self._keep} but requested min_after_dequeue was "
                    f"{op.attrs['min_after_dequeue']}.")  # fmt: skip
        seeds = op.attrs["seed"], op.attrs["seed2"]
        if self._kind == op.type and (0, 0) != seeds != self._seeds:
            return f"random seeds {self._seeds}, but requested seeds were {seeds}."
        return super().contradiction(op)


def words(state):
    """The 32-bit words of a Philox stream, one after the other."""
    while True:
        yield from (int(w) for w in block(state, 0))
        advance(state, 1)


class LowestFirst(FirstInFirstOut):
    """Elements by the int64 priority in their first component; equal ones in the order of coming."""

    def __init__(self, op):
        super().__init__(op)
        self._types = [dtypes.int64, *self._types]
        self._shapes = [TensorShape([]), *self._shapes] if self._shapes else []
        self._count = 0

    def contradiction(self, op):
        return None if self._kind == op.type else f"type {self._kind}, not {op.type}"

    def _empty(self):
        return []

    def _add(self, element):
        self._count += 1
        heapq.heappush(self._elements, (int(element[0]), self._count, element))

    def _pop(self):
        return heapq.heappop(self._elements)[2]

    def _give_back(self, taken):
        for element in taken:
            self._add(element)
