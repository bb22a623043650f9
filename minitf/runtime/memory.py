"""Memory that values of one run take turns in.

A value dies when its last reader has run.  Its buffer then serves a later value of the same run, so that
a deep network needs the memory of its widest moments and not of all its layers, and stays in the cache.
Who dies when is decided in `plan.py`, before anything runs.
"""

import numpy as np

from minitf.kernels.threads import aligned

_SMALL = 4096  # bytes: smaller arrays may lie anywhere
_LINE = 64  # bytes: buffers begin and end with cache lines, so that sizes repeat


class Memory:
    """Buffers that are free, and those in use by slot."""

    def __init__(self, free=(), used=None):
        self._free, self._used = list(free), dict(used or {})

    def copy(self):
        """The same buffers, for one of several ways in which a run may go on."""
        return Memory(self._free, self._used)

    def take(self, slot, shape, dtype):
        """An array for `slot`, in the smallest free buffer that fits and is not wastefully large."""
        count = int(np.prod(shape))
        wanted = -(-count * dtype.itemsize // _LINE) * _LINE
        fitting = [b for b in self._free if wanted <= b.nbytes <= 2 * wanted]
        buffer = min(fitting, key=lambda b: b.nbytes) if fitting else aligned(wanted)
        self._free = [b for b in self._free if b is not buffer]
        self._used[slot] = buffer
        return buffer[: count * dtype.itemsize].view(dtype).reshape(shape)

    def give_back(self, slot):
        """The value of `slot` is dead; nothing happens where its memory did not come from here."""
        buffer = self._used.pop(slot, None)
        if buffer is not None:
            self._free.append(buffer)


def new_array(shape, dtype):
    """An array with memory of its own: a large one begins with a cache line."""
    size = int(np.prod(shape)) * dtype.itemsize
    if size < _SMALL or dtype.hasobject:
        return np.empty(shape, dtype)
    return aligned(size).view(dtype).reshape(shape)
