"""Where an array is not 0: such places are counted first, then written down."""

import numpy as np

from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch, Stretch


@kernel
def count_nonzero(begin, end, x, counts):
    """counts[b] = how many elements of row b of `x` (rows, elements) are not 0"""
    for b in range(begin, end):
        row, total = x[b], 0
        for i in range(row.size):
            total += row[i] != 0
        counts[b] = total


@kernel
def nonzero_places(x, sizes, out):
    """out[k] = the multi-index in `sizes` of the k-th element of the flat `x` that is not 0"""
    rank, k = sizes.size, 0
    width = sizes[rank - 1]
    for row in range(x.size // width):
        line = x[row * width : (row + 1) * width]
        first = k
        for j in range(width):
            if line[j] != 0:
                out[k, rank - 1] = j
                k += 1
        rest = row
        for d in range(rank - 2, -1, -1):
            i = rest % sizes[d]
            rest //= sizes[d]
            for found in range(first, k):
                out[found, d] = i


def count(x):
    """How many elements of the array are not 0."""
    counts = np.empty(1, np.int64)
    Stretch([Launch(count_nonzero, x.reshape(1, -1), counts, units=1)]).run()
    return int(counts[0])


def places_launch(x, out):
    return Launch(nonzero_places, x.reshape(-1), np.array(x.shape or (1,), np.int64), out)
