"""A proof that a bound segment does what its plan says: for the tests, and under MINITF_CHECK=1.

Kernels check nothing at run time; the planner promises. `check` goes through a segment's launches in their order and
raises AssertionError, which names the operation, where a promise is broken:

* every array of a launch is contiguous, lies at a multiple of its item size, and its record says where;
* what a launch writes is no part of what it reads (kernels are compiled under that promise), but for operations that
  change a variable in place;
* a value's array has the shape and dtype that were inferred for it;
* when an operation runs, the memory of each of its inputs still holds that input, and nothing else.
"""

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
    source = _sources(plan)
    holds, made = _Holds(), {plan.slots[t] for ops in steps for op in ops for t in op.outputs}
    for op in {op: None for ops in steps for op in ops}:
        for slot in _read(plan, op):
            if source.get(slot, slot) not in made and isinstance(segment.homes.get(slot), np.ndarray):
                holds.now(segment.homes[slot], source.get(slot, slot))
    for launch, record, ops in zip(segment.stretch.launches, segment.stretch.records, steps, strict=True):
        _check_launch(launch, record, ops)
        own = {plan.slots[t] for op in ops for t in op.outputs}
        for op in ops:
            for slot in _read(plan, op):
                home, root = segment.homes.get(slot), source.get(slot, slot)
                if isinstance(home, np.ndarray) and slot not in own:
                    assert holds.still(home, root), f"{op.name}: the memory of an input serves another value already"
        for op in ops:
            for tensor in op.outputs:
                _check_output(plan, segment, op, tensor, holds)


def _sources(plan):
    """{slot of a view: slot of the value that it is a view of}"""
    source = {}
    for op in plan.ops:
        if op.definition.alias:
            slot = plan.slots[op.inputs[0]]
            source[plan.slots[op.outputs[0]]] = source.get(slot, slot)
    return source


def _read(plan, op):
    """The slots of the inputs that the kernels of `op` read."""
    read = [t for i, t in enumerate(op.inputs) if i not in op.definition.static]
    return [plan.slots[plan.fresh_uses.get((op, t), t)] for t in read]


def _check_output(plan, segment, op, tensor, holds):
    slot = plan.slots[tensor]
    home, fact = segment.homes.get(slot), segment.facts[slot]
    if isinstance(home, np.ndarray):
        wanted = fact.shape.sizes, np.dtype(fact.dtype.as_numpy_dtype)
        found = home.shape, home.dtype
        assert found == wanted, f"{op.name}: {tensor.name} is {wanted}, but its array {found}"
        holds.now(home, slot)


def _check_launch(launch, record, ops):
    words = [w for a in launch.arguments for w in record_words(a)] or [0]
    assert record.tolist() == words, f"{ops}: the record of {launch} does not say where its arrays are"
    arrays = [a for a in launch.arguments if isinstance(a, np.ndarray)]
    for array in arrays:
        assert array.flags.c_contiguous, f"{ops}: {launch} has an array with gaps"
        assert address_of(array) % array.itemsize % 8 == 0, f"{ops}: {launch} has an array at an odd address"
    in_place = any(op.definition.reference for op in ops)
    for array in arrays[:-1]:
        same = in_place and (address_of(array), array.nbytes) == (address_of(arrays[-1]), arrays[-1].nbytes)
        apart = _end(array) <= address_of(arrays[-1]) or _end(arrays[-1]) <= address_of(array)
        assert same or apart, f"{ops}: {launch} writes into what it reads"
    for part in launch.parts:
        _check_launch(part, np.array([w for a in part.arguments for w in record_words(a)]), ops)


def _end(array):
    return address_of(array) + array.nbytes


class _Holds:
    """Which value each stretch of memory holds."""

    def __init__(self):
        self._ranges = {}  # slot -> (start, end)

    def now(self, array, slot):
        start, end = address_of(array), _end(array)
        for other in [s for s, (a, b) in self._ranges.items() if a < end and start < b and s != slot]:
            del self._ranges[other]
        self._ranges[slot] = start, end

    def still(self, array, slot):
        start, end = self._ranges.get(slot, (0, 0))
        return start <= address_of(array) and _end(array) <= end
