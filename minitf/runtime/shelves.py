"""Lists in the hands of the machine: how a loop's operations on them become instructions.

A list is a value: writing makes a new one.  In a loop that the machine turns, a loop variable's list is written in
place, for nobody else sees it: at the beginning of the loop it is copied.  Who would look at a list as it was before
a write is bound as ever, to Python, and so the loop is not turned by the machine.
"""

from typing import NamedTuple

import numpy as np

from minitf.graph.shape import TensorShape
from minitf.kernels import copying, shelves
from minitf.kernels.atomics import address_of
from minitf.ops.op import MACHINE_TYPES, Spec
from minitf.ops.rows import Rows


class Listed(NamedTuple):
    """What is fed for a list while binding: shape and dtype of its elements, None where no turn has told them yet.

    `own` says that it may be written.
    """

    shape: tuple
    dtype: np.dtype
    own: bool


class Shelf:
    """A list that instructions read and write; `load` says which.  `writes` counts the writes of one turn."""

    def __init__(self, listed):
        self.shape, self.dtype, self.own = listed
        self.table, self.writes, self.changed = np.zeros(3, np.int64), 0, False
        self.block = self.there = None

    def load(self, block, there):
        self.block, self.there = block, there
        self.table[:] = address_of(block), address_of(there), len(block)

    def clear(self):
        """Let go of the list: it may be large."""
        self.block = self.there = None

    def fits(self, spec):
        """True where elements are such values; a list of which nothing is known holds them from now on."""
        if self.shape is None:
            self.shape, self.dtype = spec.shape.sizes, np.dtype(spec.dtype.as_numpy_dtype)
        return (self.shape, self.dtype) == (spec.shape.sizes, np.dtype(spec.dtype.as_numpy_dtype))


class Version(NamedTuple):
    """The list as it is after the first `writes` writes of a turn."""

    shelf: Shelf
    writes: int

    def holds(self):
        return self.shelf.writes == self.writes

    @property
    def value(self):
        return Rows(self.shelf.block, self.shelf.there)


class Placed(NamedTuple):
    """A list with one element, which is to be added to another one."""

    index: np.ndarray
    value: np.ndarray

    def holds(self):
        return True


def given(slots, values):
    """{slot: what stands for the list} of what is fed as `Listed`."""
    return {s: Version(Shelf(values[s]), 0) for s in slots if isinstance(values[s], Listed)}


def is_list(tensor):
    return tensor.dtype.base_dtype.name == "variant"


def bind(program, segment, op, inputs):
    """Launches of `op`, an operation on lists; None where Python must run it."""
    slots = program.plan.slots
    lists = [segment.homes.get(slots[t]) for t in op.inputs if is_list(t)]
    binder = _BINDERS.get(op.type)
    if binder is None or not lists or not all(isinstance(v, (Version, Placed)) and v.holds() for v in lists):
        return None
    program._settle(segment)
    return binder(_Binding(program, segment, op, inputs), *lists)


class _Binding:
    """One operation that is being bound."""

    def __init__(self, program, segment, op, inputs):
        self._program, self._segment, self.op, self.inputs = program, segment, op, inputs
        self._out = program.plan.slots[op.outputs[0]]

    def array(self, position):
        return self._program._array(self._segment, self.op, position, self.op.inputs[position])

    def new(self, shape, dtype):
        """An array for the output, of the dtype of the tensor."""
        spec = self._segment.facts[self._out] = Spec(TensorShape(shape), dtype)
        home = self._segment.homes[self._out] = self._program._new(self._segment, self._out, spec)
        return home

    def gives(self, value):
        self._segment.homes[self._out] = value

    def written(self, shelf):
        """The output is the list as it is after this operation."""
        shelf.writes += 1
        self.gives(Version(shelf, shelf.writes))


def _identity(binding, version):
    binding.gives(version)
    return []


def _size(binding, version):
    if isinstance(version, Placed):
        return None
    return [shelves.count_launch(version.shelf.table, binding.new((), binding.op.outputs[0].dtype.base_dtype))]


def _read(binding, version):
    op = binding.op
    if isinstance(version, Placed) or version.shelf.shape is None or op.attrs.get("_zeros"):
        return None
    shelf, dtype = version.shelf, op.attrs["dtype"]
    if shelf.dtype not in MACHINE_TYPES or shelf.dtype != np.dtype(dtype.as_numpy_dtype) or 0 in shelf.shape:
        return None
    return [shelves.read_launch(shelf.table, binding.array(1), binding.new(shelf.shape, dtype))]


def _read_like(binding, version):
    like = binding.inputs[2]
    if isinstance(version, Placed) or not _takes(version.shelf, like):
        return None
    out = binding.new(like.shape, like.dtype)
    return [shelves.read_or_zeros_launch(version.shelf.table, binding.array(1), out)]


def _takes(shelf, spec):
    known = spec.shape.is_fully_defined() and spec.shape.num_elements() > 0
    return known and np.dtype(spec.dtype.as_numpy_dtype) in MACHINE_TYPES and shelf.fits(spec)


def _may_write(version, spec):
    return isinstance(version, Version) and version.shelf.own and _takes(version.shelf, spec)


def _write(binding, version):
    if binding.op.attrs.get("dynamic_size") or not _may_write(version, binding.inputs[2]):
        return None
    once = bool(binding.op.attrs.get("_once"))
    launch = shelves.write_launch(version.shelf.table, binding.array(1), binding.array(2), once)
    version.shelf.changed = True
    binding.written(version.shelf)
    return [launch]


def _drop(binding, version):
    if not _may_write(version, binding.inputs[2]):
        return None
    launch = shelves.drop_launch(version.shelf.table, binding.array(1))
    binding.written(version.shelf)
    return [launch]


def _place(binding, _):
    """The element waits, in memory of its own, for the list that it is added to."""
    value = binding.inputs[2]
    if not value.shape.is_fully_defined() or is_list(binding.op.inputs[2]) or value.shape.num_elements() == 0:
        return None
    if np.dtype(value.dtype.as_numpy_dtype) not in MACHINE_TYPES:
        return None
    sources = binding.array(1), binding.array(2)
    placed = Placed(*(np.empty_like(a) for a in sources))
    binding.gives(placed)
    return [copying.copy_launch(a, b) for a, b in zip(sources, placed)]


def _add(binding, x, y):
    version, placed = (x, y) if isinstance(y, Placed) else (y, x)
    if not isinstance(placed, Placed) or not isinstance(version, Version) or not version.shelf.own:
        return None
    shelf, found = version.shelf, (placed.value.shape, placed.value.dtype)
    if shelf.shape is None:
        shelf.shape, shelf.dtype = found
    if (shelf.shape, shelf.dtype) != found:
        return None
    shelf.changed = True
    binding.written(shelf)
    return [shelves.add_launch(shelf.table, placed.index, placed.value)]


_BINDERS = {
    "Identity": _identity,
    "TensorArraySizeV3": _size,
    "TensorArrayReadV3": _read,
    "TensorArrayWriteV3": _write,
    "ListItemLike": _read_like,
    "ListDrop": _drop,
    "ListPlace": _place,
    "ListAdd": _add,
}
