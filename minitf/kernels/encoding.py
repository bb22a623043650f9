"""The kernel of one_hot."""

import numpy as np

from minitf.kernels.compile import kernel
from minitf.kernels.copying import words
from minitf.kernels.machine import Launch


@kernel
def one_hot(indices, on, off, out):
    """out[p, k, s] = on[0] if indices[p, s] == k else off[0]

    indices is (prefix, suffix), out (prefix, depth, suffix).
    """
    prefix, depth, suffix = out.shape
    for p in range(prefix):
        for k in range(depth):
            for s in range(suffix):
                out[p, k, s] = on[0] if indices[p, s] == k else off[0]


def one_hot_launch(indices, axis, on_value, off_value, out):
    prefix = int(np.prod(indices.shape[:axis], dtype=np.int64))
    suffix = indices.size // prefix
    return Launch(one_hot, indices.reshape(prefix, suffix), words(on_value), words(off_value),
                  words(out).reshape(prefix, -1, suffix))  # fmt: skip
