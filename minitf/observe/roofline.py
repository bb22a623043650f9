"""How fast this machine can be: arithmetic and memory, measured once a process.

The roofline (Williams, Waterman and Patterson, Communications of the ACM, 2009): a kernel takes at least as long as
its arithmetic takes at the machine's best, and as long as its bytes take to come from and go to memory.
"""

import functools
import time
from typing import NamedTuple

import numpy as np

from minitf.kernels.blas import gemm_launch
from minitf.kernels.copying import copy_launch
from minitf.kernels.machine import Stretch

_SIDE = 512  # of the matrices that are multiplied
_BYTES = 64 << 20  # that are copied: more than caches hold
_TRIES = 12  # of which the best counts: others may be using the machine


class Roofline(NamedTuple):
    """`flops`: operations of float32 a second in a matrix product; `bandwidth`: bytes a second in a copy."""

    flops: float
    bandwidth: float

    def seconds(self, flops, size):
        """The least time that so many operations and bytes take."""
        return max(flops / self.flops, size / self.bandwidth)

    def __str__(self):
        return f"{self.flops / 1e9:.3g} GFLOP/s (a matrix product), {self.bandwidth / 1e9:.3g} GB/s (a copy)"


@functools.cache
def roofline(threads=None):
    """The machine's `Roofline` with at most so many threads (None: as many as a session uses); takes about 0.2 s."""
    a, b, c = (np.ones((_SIDE, _SIDE), np.float32) for _ in range(3))
    source, target = np.ones(_BYTES // 4, np.float32), np.empty(_BYTES // 4, np.float32)
    product = _best(Stretch([gemm_launch(a, b, False, False, c)], threads))
    copy = _best(Stretch([copy_launch(source, target)], threads))
    return Roofline(2 * _SIDE**3 / product, 2 * _BYTES / copy)


def _best(stretch):
    seconds = []
    for _ in range(_TRIES):
        started = time.perf_counter()
        stretch.run()
        seconds.append(time.perf_counter() - started)
    return min(seconds)
