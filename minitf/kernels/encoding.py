"""The kernel of one_hot."""

import numpy as np

from minitf.kernels.copying import words
from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch

_GRAIN = 16384  # elements


@kernel
def one_hot(begin, end, indices, on, off, out):
    """out[p, k, s] = on[0] if indices[p, s] == k else off[0]

    indices is (prefix, suffix), out (prefix, depth, suffix); a range is one of prefixes.
    """
    cold, hot, depth = off[0], on[0], out.shape[1]
    for p in range(begin, end):
        block = out[p].reshape(-1)
        for j in range(block.size):
            block[j] = cold
        for s in range(indices.shape[1]):
            if 0 <= indices[p, s] < depth:
                out[p, indices[p, s], s] = hot


def one_hot_launch(indices, axis, on_value, off_value, out):
    prefix = int(np.prod(indices.shape[:axis], dtype=np.int64))
    suffix = indices.size // prefix
    return Launch(one_hot, indices.reshape(prefix, suffix), words(on_value), words(off_value),
                  words(out).reshape(prefix, -1, suffix), units=prefix, grain=_GRAIN * prefix // out.size)  # fmt: skip
