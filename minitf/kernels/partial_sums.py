"""Sums over all pixels of a batch that several threads work on: one partial sum for each part of the pixels.

How the pixels are dealt to the parts depends on their number alone, never on the number of threads, and the
parts are added in order: the same bits come out on every machine.
"""

from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch

_BYTES, _PARTS = 1 << 24, 8  # partial sums take memory


def parts_of(chunks, itemsize, size):
    """How many partial sums of `size` numbers the chunks are dealt to: what can be added at the same time."""
    return max(1, min(chunks, _PARTS, max(2, _BYTES // (itemsize * size))))


@kernel
def add_parts(begin, end, parts, out):
    """out = the sum of the rows of `parts` (parts, elements), for elements begin to end."""
    total, first = out[begin:end], parts[0, begin:end]
    for k in range(total.size):
        total[k] = first[k]
    for i in range(1, parts.shape[0]):
        part = parts[i, begin:end]
        for k in range(total.size):
            total[k] += part[k]


def sum_launches(parts, out):
    """Launches for out = the sum of `parts`, an array with one more axis in front."""
    return [Launch(add_parts, parts.reshape(len(parts), out.size), out.reshape(-1), units=out.size, grain=8192)]
