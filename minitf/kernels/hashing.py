"""Distinct whole numbers, by a table with open addressing.  (Knuth, The Art of Computer Programming 3, section 6.4.)"""

import numpy as np

from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch, Stretch

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: neighbours are sent far apart


@kernel
def distinct(x, table, places, first, count):
    """places[i] = the number of x[i] among the distinct elements, by appearance; first[k] = where number k appears.

    table (a power of 2, larger than x) is scratch; count[0] is how many distinct elements there are.
    """
    mask, found = table.size - 1, 0
    for h in range(table.size):
        table[h] = -1
    for i in range(x.size):
        h = np.int64((np.uint64(x[i]) * _SPREAD) >> np.uint64(32)) & mask
        while table[h] >= 0 and x[first[table[h]]] != x[i]:
            h = (h + 1) & mask
        if table[h] < 0:
            table[h], first[found] = found, i
            found += 1
        places[i] = table[h]
    count[0] = found


@kernel
def take(x, first, out):
    """out[k] = x[first[k]]"""
    for k in range(out.size):
        out[k] = x[first[k]]


def _launch(x, places):
    size = 1 << int(2 * x.size).bit_length()
    first, count = np.empty(x.size, np.int64), np.empty(1, np.int64)
    return Launch(distinct, x, np.empty(size, np.int64), places, first, count), first, count


def count_distinct(x, dtype):
    """How many distinct elements a vector has; `dtype` is that of the places that will be asked for."""
    launch, _, count = _launch(x, np.empty(x.shape, dtype))
    Stretch([launch]).run()
    return int(count[0])


def distinct_launches(x, values, places):
    """Launches that write the distinct elements by appearance, and the place of each element among them."""
    launch, first, _ = _launch(x, places)
    return [launch, Launch(take, x, first, values)]
