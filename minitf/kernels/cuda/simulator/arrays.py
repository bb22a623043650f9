"""Arrays as a simulated kernel sees them: elements one by one, in bounds, wrapping around as on a GPU."""

import operator
import sys

import numpy as np

from minitf.kernels.cuda.simulator.threads import Fault

READ, WRITE, ATOMIC = 0, 1, 2


class Array:
    """An array without negative indices, slices or elements past the end.

    `name` is what the kernel calls it; `space` is "global", "shared" or "local" memory.
    """

    def __init__(self, values, name, space):
        self.values, self.name, self.space = values, name, space
        self.shape, self.ndim, self.size, self.dtype = values.shape, values.ndim, values.size, values.dtype
        # Numba computes with whole numbers of up to 32 bits as with int64, Python with `int`: the same, without end.
        # Only uint64 wraps around within an expression; NumPy's does, too.
        whole = values.dtype.kind in "iub" and values.dtype != np.uint64
        self.take = values.item if whole else values.__getitem__
        self.fit = wrapping(values.dtype)

    def __len__(self):
        return self.shape[0]

    def place(self, index):
        """The index as a tuple.  Raises Fault where there is no such element."""
        place = index if index.__class__ is tuple else (index,)
        if len(place) != self.ndim:
            raise Fault("exception", f"{self.name} has {self.ndim} axes and is indexed by {len(place)}")
        if min(place, default=0) < 0 or any(map(operator.ge, place, self.shape)):
            shown = ", ".join(str(int(n)) for n in place)
            kind = "negative index" if min(place) < 0 else "out of bounds"
            raise Fault(kind, f"{self.name}[{shown}], and {self.name} has the shape {list(self.shape)}")
        return place

    def __getitem__(self, index):
        return self.take(self.place(index))

    def __setitem__(self, index, value):
        self.values[self.place(index)] = self.fit(value)

    def update(self, index, change):
        """The old value, in whose place now stands `change(old)`, in one step."""
        place = self.place(index)
        old = self.take(place)
        self.values[place] = self.fit(change(old))
        return old

    def places4(self, index):
        """The places of four neighbours in memory, of which the first is aligned to 128 bits."""
        if index % 4:
            raise Fault("misaligned", f"128 bits of {self.name} from element {int(index)}, which is no multiple of 4")
        if not 0 <= index <= self.size - 4:
            raise Fault("out of bounds", f"{self.name}: elements {int(index)} to {int(index) + 3} of {self.size}")
        return [np.unravel_index(int(index) + k, self.shape) for k in range(4)]

    def load4(self, index):
        return tuple(self.take(place) for place in self.places4(index))

    def store4(self, index, values):
        for place, value in zip(self.places4(index), values):
            self.values[place] = self.fit(value)


class WatchedArray(Array):
    """An array that tells `recorder` of each access, and knows which of its elements nobody has written yet.

    `key` is equal for what is one array to the reader of a kernel: a shared array of each block.
    """

    def __init__(self, values, name, space, recorder, key):
        super().__init__(values, name, space)
        self.recorder, self.strides = recorder, values.strides
        self.written = np.full(values.shape, space == "global")
        self.number = None if space == "local" else recorder.add(self, key)

    def note(self, kind, place, frame, value=None, count=1):
        if self.space != "local":
            offset = sum(map(operator.mul, place, self.strides))
            self.recorder.note(frame, self.number, offset, kind, count, hash(value))
        if kind == WRITE:
            self.written[place] = True
        elif not self.written[place]:
            self.recorder.unwritten(frame, self, place)

    def __getitem__(self, index):
        place = self.place(index)
        self.note(READ, place, sys._getframe(1))
        return self.take(place)

    def __setitem__(self, index, value):
        place = self.place(index)
        self.note(WRITE, place, sys._getframe(1), value)
        self.values[place] = self.fit(value)

    def update(self, index, change):
        place = self.place(index)
        self.note(ATOMIC, place, sys._getframe(2))
        old = self.take(place)
        self.values[place] = self.fit(change(old))
        return old

    def load4(self, index):
        places = self.places4(index)
        self.note(READ, places[0], sys._getframe(2), count=4)
        return tuple(self.take(place) for place in places)

    def store4(self, index, values):
        places = self.places4(index)
        self.note(WRITE, places[0], sys._getframe(2), values, count=4)
        for place, value in zip(places, values):
            self.written[place] = True
            self.values[place] = self.fit(value)


def wrapping(dtype):
    """The conversion to `dtype` that a GPU makes: whole numbers keep their lowest bits."""
    dtype = np.dtype(dtype)
    if dtype.kind not in "iu":
        return dtype.type
    bits = 8 * dtype.itemsize
    mask, sign = (1 << bits) - 1, 1 << bits - 1 if dtype.kind == "i" else 0
    number = np.uint64 if dtype == np.uint64 else int

    def wrap(value):
        return number(((_whole(value) & mask) ^ sign) - sign)

    return wrap


def _whole(value):
    """Towards zero; NaN is 0, and infinities are the largest numbers, as the GPU's conversion has it."""
    if isinstance(value, float | np.floating) and not np.isfinite(value):
        return 0 if np.isnan(value) else (2**63 - 1 if value > 0 else -(2**63))
    return int(value)
