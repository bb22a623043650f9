"""Launches: a kernel, a grid, a block, and arguments; and how large grids are.

A launch is bound to memory by whoever runs it (`runtime/gpu.py`): its arrays are NumPy arrays that stand for arrays
of the same shapes on the device.  Sizes are passed as 32-bit numbers, see `toolkit.py`.
"""

import numpy as np

BLOCK = 256  # threads of a block where nothing asks for another number: eight warps
_MOST_BLOCKS = 4096  # of a loop over elements: several for each multiprocessor of a large GPU, not millions


STATUS = np.zeros(1, np.int32)  # stands for the device's number that is 1 when a kernel could not take its data


class Late:
    """An argument read when the launch runs: element `position` of an array on the host, such as a random state."""

    def __init__(self, array, position):
        self.array, self.position = array, position


class Launch:
    """One kernel with all that a launch needs.

    `advances` is None, or (state, blocks): the random state on the host that the launch uses up.
    `product` is None, or (transpose a, transpose b): the last three arguments are a plain product a @ b = out of
    float32, which a library may compute instead.
    """

    def __init__(self, kernel, grid, block, *arguments):
        self.kernel, self.arguments = kernel, arguments
        self.advances = self.product = None
        self.grid, self.block = _three(grid), _three(block)

    def __repr__(self):
        return f"<CUDA launch {self.kernel.name} grid {self.grid} block {self.block}>"


def _three(sizes):
    sizes = tuple(sizes) if isinstance(sizes, (tuple, list)) else (sizes,)
    return (*map(int, sizes), 1, 1)[:3]


def blocks(count, block=BLOCK):
    """How many blocks of `block` threads a loop over `count` elements gets: one for each, up to a limit."""
    return max(1, min(-(-int(count) // block), _MOST_BLOCKS))


def over(count, kernel, *arguments):
    """The launch of a kernel that loops over `count` elements with `thread_index` and `thread_count`."""
    return Launch(kernel, blocks(count), BLOCK, *arguments)


def number(value, dtype):
    """A scalar argument of exactly this dtype."""
    return np.dtype(dtype).type(value)


def count(value):
    """A size or an index as an argument."""
    return np.uint32(value)
