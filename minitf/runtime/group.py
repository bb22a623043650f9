"""Which neighbours are joined: operations that run chunk by chunk.

A chain such as `sqrt(abs(x * y - x))` on ten million numbers would pass over main memory four times, once
for each operation.  Joined, each operation does a chunk that fits the cache before the next one does the same
chunk, and what only they use needs no array at all.

Joined are operations that

* follow each other in the program with nothing between them that runs a kernel or Python,
* have results of more than one chunk, whose pieces can be made apart (see `Launch`).  Most are pointwise: element i of
  the result depends on elements i of the inputs of the same size, and on smaller inputs (which stand still, or
  repeat) that come from outside of the group.  The maximum of 2 x 2 windows needs two lines for one,
* write as many elements as an operation of the group, or use what one writes.

The same kernels run on the same numbers, so nothing changes in the results.  What an operation in the middle of
a group gives is a temporary if it dies in the group; otherwise it gets memory like everything else.
"""

import numpy as np

from minitf.kernels import chunks
from minitf.kernels.atomics import address_of


class Group:
    """Operations joined so far.  Their results have memory of no meaning until `settle` gives them real memory."""

    def __init__(self):
        self.ops, self._launches = [], []
        self._pieces, self._sizes = 0, set()  # the fewest of a launch, the sizes of the results
        self._lent = {}  # slot -> (array that stands for the result, its Spec)
        self.temporaries = []  # slots, after `settle`
        self.dying = []  # slots whose last use was met since the group began

    def lend(self, slot, spec):
        """An array that stands for the result in `slot` of an operation that may join."""
        array = np.empty(spec.shape.sizes, spec.dtype.as_numpy_dtype)
        self._lent[slot] = array, spec
        return array

    def take_back(self, slot):
        """The operation did not join."""
        del self._lent[slot]

    def holds(self, slot):
        return slot in self._lent

    def accepts(self, launches):
        """True where an operation of these launches may join: the fewest pieces must be made of whole others."""
        pieces = min((launch.pieces for launch in launches), default=0)
        if pieces == 0:
            return False
        lent = {address_of(array) for array, _ in self._lent.values()}
        sizes = set()
        for launch in launches:
            found = {a.size for a in launch.arguments if address_of(a) in lent}
            if launch.pieces == launch.arguments[-1].size and found != {launch.units}:
                return False  # it repeats what the group gives
            sizes |= found
        few, many = sorted((pieces, self._pieces or pieces))
        fits = many % few == 0 and max(sizes | self._sizes) // few <= chunks.LARGEST
        return fits and not (self.ops and sizes.isdisjoint(self._sizes))

    def join(self, op, launches):
        self.ops.append(op)
        self._launches.extend(launches)
        self._sizes.add(launches[-1].arguments[-1].size)
        self._pieces = min(launch.pieces for launch in self._launches)

    def settle(self, take):
        """(launches, {slot: array}) of the group: `take(slot, spec)` gives memory to what is used outside of it."""
        used = {address_of(a) for launch in self._launches for a in launch.arguments[:-1]}
        dying, settled, temporaries, homes = set(self.dying), {}, {}, {}
        for slot, (array, spec) in self._lent.items():
            address = address_of(array)
            if slot in dying and address in used and len(self.ops) > 1:
                temporaries[address] = array
                self.temporaries.append(slot)
            else:
                settled[address] = homes[slot] = take(slot, spec)

        def moved(argument):
            array = settled.get(address_of(argument))
            return argument if array is None else array.reshape(argument.shape).view(argument.dtype)

        launches = [launch.on(moved) for launch in self._launches]
        return ([_Joined(launches, temporaries)] if len(self.ops) > 1 else launches), homes


class _Joined:
    """Launches that will be one, as soon as their arrays have their places."""

    def __init__(self, launches, temporaries):
        self._launches, self._temporaries = launches, temporaries

    def on(self, moved):
        return chunks.chunked_launch([launch.on(moved) for launch in self._launches], self._temporaries)
