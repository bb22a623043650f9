"""A proof that a bound segment does what its plan says: for the tests, and under MINITF_CHECK=1.

Kernels check nothing at run time; the planner promises. `check` goes through a segment's launches in their order and
raises AssertionError, which names the operation, where a promise is broken:

* every array of a launch is contiguous, lies at a multiple of its item size, and its record says where;
* what an operation writes is no part of what it reads (kernels are compiled under that promise), unless it changes
  a variable in place;
* a value's array has the shape and dtype that were inferred for it;
* when an operation runs, the memory of each of its inputs still holds that input, and nothing else.
"""

import bisect
import os

import numpy as np

from minitf.kernels.atomics import address_of
from minitf.kernels.compile import record_words

WANTED = os.environ.get("MINITF_CHECK", "") not in ("", "0")


def check(plan, segment):
    """Raise AssertionError where `segment` of `plan` breaks a promise.  See the module's docstring."""
    if segment.stretch is None:
        return
    steps = [segment.joined.get(n, (op,)) for n, op in enumerate(segment.launch_ops)]
    source = _sources(plan, {op for ops in steps for op in ops})
    holds, made = _Holds(), {plan.slots[t] for ops in steps for op in ops for t in op.outputs}
    for op in {op: None for ops in steps for op in ops}:
        for slot in _read(plan, op):
            if source.get(slot, slot) not in made and isinstance(segment.homes.get(slot), np.ndarray):
                holds.now(segment.homes[slot], source.get(slot, slot))
    for launch, record, ops in zip(segment.stretch.launches, segment.stretch.records, steps, strict=True):
        _check_launch(launch, record, ops)
        own = {plan.slots[t] for op in ops for t in op.outputs}
        read = {slot: op for op in ops for slot in _read(plan, op) if slot not in own}
        read = {slot: op for slot, op in read.items() if isinstance(segment.homes.get(slot), np.ndarray)}
        for slot, op in read.items():
            still = holds.still(segment.homes[slot], source.get(slot, slot))
            assert still, f"{op.name}: the memory of an input serves another value already"
        for op in ops:
            for tensor in op.outputs:
                _check_output(plan, segment, op, tensor, holds, [segment.homes[slot] for slot in read])


def _sources(plan, launched):
    """{slot of a view, or of a variable after a write: slot of the value whose memory it is}

    A view that is `launched` is a copy: of a variable that will change.
    """
    source = {}
    for op in plan.ops:
        definition = op.definition
        if (definition.alias and op not in launched) or (definition.reference and op.outputs):
            slot = plan.slots[op.inputs[definition.reference[0] if definition.reference else 0]]
            for tensor in op.outputs:
                source[plan.slots[tensor]] = source.get(slot, slot)
    return source


def _read(plan, op):
    """The slots of the inputs that the kernels of `op` read."""
    read = [t for i, t in enumerate(op.inputs) if i not in op.definition.static]
    return [plan.slots[plan.fresh_uses.get((op, t), t)] for t in read]


def _check_output(plan, segment, op, tensor, holds, read):
    slot = plan.slots[tensor]
    home, fact = segment.homes.get(slot), segment.facts[slot]
    if isinstance(home, np.ndarray):
        wanted = fact.shape.sizes, np.dtype(fact.dtype.as_numpy_dtype)
        found = home.shape, home.dtype
        assert found == wanted, f"{op.name}: {tensor.name} is {wanted}, but its array {found}"
        assert all(_apart(home, array) for array in read), f"{op.name}: {tensor.name} is written over what is read"
        holds.now(home, slot)


def _check_launch(launch, record, ops):
    words = [w for a in launch.arguments for w in record_words(a)] or [0]
    assert record.tolist() == words, f"{ops}: the record of {launch} does not say where its arrays are"
    arrays = [a for a in launch.arguments if isinstance(a, np.ndarray)]
    for array in arrays:
        assert array.flags.c_contiguous, f"{ops}: {launch} has an array with gaps"
        assert address_of(array) % array.itemsize % 8 == 0, f"{ops}: {launch} has an array at an odd address"
    for array in arrays[:-1]:
        same = (address_of(array), array.nbytes) == (address_of(arrays[-1]), arrays[-1].nbytes)
        assert same or _apart(array, arrays[-1]), f"{ops}: {launch} writes into part of what it reads"
    for part in launch.parts:
        _check_launch(part, np.array([w for a in part.arguments for w in record_words(a)]), ops)


def _apart(array, other):
    return _end(array) <= address_of(other) or _end(other) <= address_of(array)


def _end(array):
    return address_of(array) + array.nbytes


class _Holds:
    """Which value each stretch of memory holds: stretches that do not overlap, in the order of their addresses."""

    def __init__(self):
        self._starts, self._held, self._where = [], [], {}  # held: (end, slot); where: slot -> (start, end)

    def now(self, array, slot):
        start, end = address_of(array), _end(array)
        first = bisect.bisect_left(self._starts, start)
        if first > 0 and self._held[first - 1][0] > start:
            first -= 1
        last = bisect.bisect_left(self._starts, end)
        for _, other in self._held[first:last]:
            del self._where[other]
        old = self._where.get(slot)
        if old is not None:
            place = bisect.bisect_left(self._starts, old[0])
            del self._starts[place], self._held[place]
            first, last = (first - 1, last - 1) if place < first else (first, last)
        self._starts[first:last], self._held[first:last] = [start], [(end, slot)]
        self._where[slot] = start, end

    def still(self, array, slot):
        start, end = self._where.get(slot, (0, 0))
        return start <= address_of(array) and _end(array) <= end
