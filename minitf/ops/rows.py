"""A list of tensors that lie one after another in memory.

To the operations on lists it is a tuple like any other.  A loop that the machine turns reads and writes the block,
and what stacks the elements need not collect them.
"""

import numpy as np


class Rows(tuple):
    """The rows of `block`, an array; None for a row of which `there`, words by row, says that it is not there.

    Like every list it is a value: nobody writes into the block any more.
    """

    def __new__(cls, block, there=None):
        rows = block if block.ndim > 1 else (block[i, ...] for i in range(len(block)))
        made = super().__new__(cls, rows if there is None or there.all() else _known(rows, there))
        made.block, made.there = block, np.ones(len(block), np.int64) if there is None else there
        return made

    def whole(self):
        """True where every row is there."""
        return bool(self.there.all())


def _known(rows, there):
    return [row if known else None for row, known in zip(rows, there)]


def kind_of(items):
    """(shape, dtype) of the elements, (None, None) where there are none; None where they are not alike, or lists."""
    if isinstance(items, Rows):
        return items.block.shape[1:], items.block.dtype
    found = None, None
    for item in items:
        if item is None:
            continue
        if not isinstance(item, np.ndarray) or found not in ((None, None), (item.shape, item.dtype)):
            return None
        found = item.shape, item.dtype
    return found


def as_rows(items, shape, dtype):
    """A list of such elements as `Rows`."""
    if isinstance(items, Rows):
        return items
    block, there = np.empty((len(items), *shape), dtype), np.zeros(len(items), np.int64)
    for i, item in enumerate(items):
        if item is not None:
            block[i], there[i] = item, 1
    return Rows(block, there)


def in_order(indices, count):
    """True where `indices` are 0, 1, ... count - 1."""
    return indices.shape == (count,) and bool((indices == np.arange(count)).all())
