"""The queues themselves: elements, a lock, and threads that wait for each other.

One condition variable guards a queue (Hoare's monitor, "Monitors: an operating system structuring
concept", CACM 1974): whoever waits lets go of the lock, and every change wakes all who wait.
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


class FirstInFirstOut:
    """What all queues share; elements are lists of arrays, kept in `self._elements`.

    Waiting runs are served in the order in which they came, one per side.
    """

    def __init__(self, op):
        attrs = op.attrs
        self._name, self._capacity, self._types = op.name, attrs["capacity"], list(attrs["component_types"])
        self._shapes = list(attrs["shapes"])
        self._kind = op.type
        self._changed = threading.Condition()
        self._putting, self._taking = collections.deque(), collections.deque()  # waiting runs, the first at the left
        self.closed = self._cancelled = self._gone = False
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

    # -- what operations call --

    def put(self, elements, op):
        """Put elements in, waiting where the queue is full.  CancelledError where it is or gets closed."""
        for element in elements:
            self._check_shapes(element, op)
        with self._turn(self._putting):
            if self.closed:
                raise errors.CancelledError(None, op, f"Queue '{self._name}' is closed.")
            for element in elements:
                self._wait(lambda: self._has_room() or self._cancelled, self._putting)
                if self._cancelled or self._gone:
                    raise errors.CancelledError(None, op, f"Enqueue operation was cancelled: '{self._name}' was closed.")
                self._add(element)
                self._changed.notify_all()

    def _has_room(self):
        return self._capacity < 0 or len(self._elements) < self._capacity

    def _check_shapes(self, element, op):
        for i, (array, shape) in enumerate(zip(element, self._shapes)):
            if not shape.is_compatible_with(array.shape):
                raise errors.InvalidArgumentError(
                    None, op, f"Shape mismatch in tuple component {i}. Expected {shape}, got {list(array.shape)}"
                )  # fmt: skip

    def take(self, count, op, or_fewer=False):
        """The next `count` elements, waiting for them.  OutOfRangeError where there will not be so many.

        What was already taken goes back when the run fails.
        """
        if count < 0:
            raise errors.InvalidArgumentError(None, op, f"DequeueMany requested {count} < 0 elements")
        taken = []
        with self._turn(self._taking):
            while len(taken) < count:
                self._wait(lambda: self._available() or self._done(), self._taking)
                if self._gone:
                    raise errors.CancelledError(None, op, "Dequeue operation was cancelled: the session was closed.")
                if not self._available():
                    if or_fewer and taken:
                        break
                    self._give_back(taken)
                    raise errors.OutOfRangeError(
                        None, op, f"{type(self).__name__} '{self._name}' is closed and has insufficient elements "
                        f"(requested {count}, current size {len(self._elements)})"
                    )  # fmt: skip
                taken.append(self._pop())
                self._changed.notify_all()
        return taken

    def _done(self):
        """Closed, and nobody is putting elements in any more."""
        return self.closed and not self._putting

    def _give_back(self, taken):
        self._elements.extendleft(reversed(taken))

    def stack(self, elements, op):
        """Elements stacked, component by component."""
        if not self._shapes:
            raise errors.InvalidArgumentError(
                None, op, "QueueDequeueMany requires the components to have specified shapes: give `shapes` to the queue"
            )  # fmt: skip
        columns = list(zip(*elements, strict=True)) if elements else [()] * len(self._types)
        return [self._stacked(i, column) for i, column in enumerate(columns)]

    def _stacked(self, i, arrays):
        dtype = self._types[i].as_numpy_dtype
        if not arrays:
            return np.zeros((0, *self._shapes[i].sizes), dtype)
        out = np.empty((len(arrays), *arrays[0].shape), dtype)
        for row, array in zip(range(len(arrays)), arrays, strict=True):
            out[row, ...] = array
        return out

    def size(self):
        return len(self._elements)

    def close(self, cancel_pending, op):
        """No more elements may come in."""
        with self._changed:
            self.closed = True
            self._cancelled |= bool(cancel_pending)
            self._changed.notify_all()

    def session_closed(self):
        """Everybody who still waits fails with CancelledError."""
        with self._changed:
            self.closed = self._gone = self._cancelled = True
            self._changed.notify_all()

    # -- waiting --

    def _turn(self, line):
        return _Turn(self._changed, line)

    def _wait(self, condition, line):
        """Wait until it is this thread's turn and `condition()` holds."""
        me = threading.get_ident()
        while not self._gone and not (line[0] == me and condition()):
            self._changed.wait()


class _Turn:
    """`with _Turn(condition, line)`: hold the lock, and stand in line until done."""

    def __init__(self, condition, line):
        self._condition, self._line = condition, line

    def __enter__(self):
        self._condition.acquire()
        self._line.append(threading.get_ident())

    def __exit__(self, *exception):
        self._line.remove(threading.get_ident())
        self._condition.notify_all()
        self._condition.release()


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
