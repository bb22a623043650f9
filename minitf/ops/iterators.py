"""Iterators over datasets: where a session stands in a stream of elements."""

import itertools
import threading

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import get_default_graph
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.ops.constant import convert_to_tensor
from minitf.ops.datasets import from_program
from minitf.ops.op import Op
from minitf.ops.structure import flatten, map_structure, pack_sequence_as


class _Place:
    """How far one session has read a dataset; `handle` is its name for `from_string_handle`.

    `position` counts the elements that were read.  A place that was set before there is a dataset waits for it.
    """

    def __init__(self, handle):
        self.handle, self._elements, self._lock = handle, None, threading.Lock()
        self._recipe, self.position = None, 0

    def start(self, recipe):
        with self._lock:
            waiting = self.position if self._elements is None else 0
            self._recipe, self._elements, self.position = recipe, iter(recipe), 0
            self._pass_over(waiting)

    def go_to(self, position):
        """Read from the beginning to `position`, as nobody did before."""
        with self._lock:
            if self._elements is None:
                self.position = position
                return
            self._recipe, self.position = self._recipe.anew(), 0
            self._elements = iter(self._recipe)
            self._pass_over(position)

    def _pass_over(self, count):
        self.position += sum(1 for _ in itertools.islice(self._elements, count))

    @property
    def started(self):
        return self._elements is not None

    def next(self, op):
        if self._elements is None:
            raise errors.FailedPreconditionError(
                None, op, "GetNext() failed because the iterator has not been initialized. Ensure that you have run "
                "the initializer operation for this iterator before getting the next element."
            )  # fmt: skip
        with self._lock:
            try:
                element = next(self._elements)
                self.position += 1
                return element
            except StopIteration:
                self._elements = iter(())
                raise errors.OutOfRangeError(None, op, "End of sequence") from None


def _place(op, state):
    handle = b"iterator:" + (op.attrs.get("shared_name") or op.name).encode()
    return state.resource(handle, lambda: _Place(handle))


class IteratorV2(Op):
    """A place in a dataset that an initializer chooses."""

    stateful = True
    gradient = None

    def infer(op):
        return [(TensorShape([]), dtypes.resource)]

    def run(op, state):
        return [_place(op, state)]


class OneShotIterator(Op):
    """A place in a dataset that depends on no variable and no fed value: it needs no initializer."""

    stateful = True
    gradient = None

    def infer(op):
        return [(TensorShape([]), dtypes.resource)]

    def run(op, state):
        place = _place(op, state)
        if not place.started:
            dataset = from_program(op, "_dataset")
            place.start(state.make_session(dataset.graph).run(dataset))
        return [place]


class MakeIterator(Op):
    """Go to the beginning of a dataset."""

    inputs = {"dataset": "variant", "iterator": "resource"}
    stateful = True
    gradient = None

    def infer(op, dataset, iterator):
        return []

    def run(op, state, dataset, iterator):
        iterator.start(dataset)
        return []


class IteratorGetNext(Op):
    """The next element.  OutOfRangeError at the end, FailedPreconditionError before initialization."""

    inputs = {"iterator": "resource"}
    stateful = True
    gradient = None

    def infer(op, iterator):
        return list(zip(op.attrs["output_shapes"], op.attrs["output_types"], strict=True))

    def run(op, state, iterator):
        return [_as_array(v, t) for v, t in zip(iterator.next(op), op.outputs, strict=True)]


def _as_array(value, tensor):
    if not tensor.dtype.is_numpy_compatible:
        return value
    return np.asarray(value, tensor.dtype.as_numpy_dtype)


class IteratorToStringHandle(Op):
    """A string that stands for the iterator, to be fed where `from_string_handle` takes it."""

    inputs = {"resource_handle": "resource"}
    stateful = True
    gradient = None

    def infer(op, resource_handle):
        return [(TensorShape([]), dtypes.string)]

    def run(op, state, resource_handle):
        out = np.empty((), object)
        out[()] = resource_handle.handle
        return [out]


class IteratorFromStringHandleV2(Op):
    """The iterator that a string stands for."""

    inputs = {"string_handle": "string"}
    stateful = True
    gradient = None

    def infer(op, string_handle):
        return [(TensorShape([]), dtypes.resource)]

    def run(op, state, string_handle):
        place = state.resources.get(string_handle.item())
        if place is None:
            raise errors.InvalidArgumentError(
                None, op, "The handle does not stand for an iterator of this session"
            )
        return [place]


class Iterator:
    """tf.data.Iterator: `get_next` makes the operation that gives the next element.

    Made by `make_one_shot_iterator`, `make_initializable_iterator`, `from_structure` or
    `from_string_handle`.
    """

    def __init__(self, iterator_resource, initializer, output_types, output_shapes, output_classes=None):
        self._resource, self._initializer = iterator_resource, initializer
        self._types, self._shapes = output_types, output_shapes
        self._classes = (
            map_structure(lambda _: Tensor, output_types) if output_classes is None else output_classes
        )

    @staticmethod
    def from_structure(output_types, output_shapes=None, shared_name=None, output_classes=None):
        """An iterator that `make_initializer` can put on any dataset of these types and shapes."""
        types = map_structure(dtypes.as_dtype, output_types)
        shapes = _shapes_like(types, output_shapes)
        resource = IteratorV2.apply(shared_name=shared_name or "", **_attributes(types, shapes))
        return Iterator(resource, None, types, shapes, output_classes)

    @staticmethod
    def from_string_handle(string_handle, output_types, output_shapes=None, output_classes=None):
        """The iterator that the fed `string_handle` stands for: which dataset, each run decides."""
        types = map_structure(dtypes.as_dtype, output_types)
        shapes = _shapes_like(types, output_shapes)
        handle = convert_to_tensor(string_handle, dtypes.string)
        resource = IteratorFromStringHandleV2.apply(handle, **_attributes(types, shapes))
        return Iterator(resource, None, types, shapes, output_classes)

    def make_initializer(self, dataset, name=None):
        """An operation that goes to the beginning of `dataset`.  Raises TypeError, ValueError where it does not fit."""
        for ours, theirs in zip(flatten(self._types), flatten(dataset.output_types), strict=True):
            if ours is not theirs:
                raise TypeError(f"Expected output types {self._types} but got dataset with output types "
                                f"{dataset.output_types}.")  # fmt: skip
        for ours, theirs in zip(_flat_shapes(self._types, self._shapes), dataset._flat_shapes, strict=True):
            if not ours.is_compatible_with(theirs):
                raise TypeError(f"Expected output shapes compatible with {self._shapes} but got dataset with output "
                                f"shapes {dataset.output_shapes}.")  # fmt: skip
        with get_default_graph().colocate_with(self._resource):
            return MakeIterator.make(dataset._variant, self._resource, name=name or "make_initializer")

    @property
    def initializer(self):
        """The operation that goes to the beginning.  Raises ValueError where the iterator has none."""
        if self._initializer is None:
            raise ValueError("The iterator does not have an initializer. This means it was likely created using "
                             "`make_one_shot_iterator()`, or `from_structure()`: `make_initializer()`.")  # fmt: skip
        return self._initializer

    def get_next(self, name=None):
        """The next element, as a structure of tensors: each call adds an operation that moves on by one."""
        op = IteratorGetNext.make(self._resource, name=name, **_attributes(self._types, self._shapes))
        return pack_sequence_as(self._types, op.outputs)

    def string_handle(self, name=None):
        """A string tensor whose value stands for this iterator in this session."""
        return IteratorToStringHandle.apply(self._resource, name=name)

    @property
    def output_types(self):
        return self._types

    @property
    def output_shapes(self):
        return self._shapes

    @property
    def output_classes(self):
        return self._classes


def _flat_shapes(types, shapes):
    """The shapes of the leaves: a TensorShape is a leaf here, a list or tuple of numbers becomes one."""
    if isinstance(types, dict):
        return [
            s
            for key in sorted(types)
            for s in _flat_shapes(types[key], None if shapes is None else shapes[key])
        ]
    if isinstance(types, (tuple, list)):
        parts = [None] * len(types) if shapes is None else shapes
        return [s for t, part in zip(types, parts, strict=True) for s in _flat_shapes(t, part)]
    return [TensorShape(shapes)]


def _shapes_like(types, shapes):
    return pack_sequence_as(types, _flat_shapes(types, shapes))


def _attributes(types, shapes):
    return {"output_types": flatten(types), "output_shapes": _flat_shapes(types, shapes)}


def make_one_shot_iterator(dataset):
    """tf.data.make_one_shot_iterator.  Raises ValueError where the dataset depends on a variable or a placeholder."""
    _check_constant(dataset._variant)
    attrs = _attributes(dataset.output_types, dataset.output_shapes)
    resource = OneShotIterator.apply(_dataset=dataset._variant, shared_name="", **attrs)
    return Iterator(resource, None, dataset.output_types, dataset.output_shapes)


def _check_constant(tensor):
    pending, seen = [tensor.op], set()
    while pending:
        op = pending.pop()
        if op in seen:
            continue
        seen.add(op)
        if op.type in ("Placeholder", "VariableV2") or op.type.startswith(("HashTable", "MutableHashTable")):
            raise ValueError(f"Failed to create a one-shot iterator for a dataset. Cannot capture a stateful node "
                             f"(name:{op.name}, type:{op.type}) by value. Make an initializable one.")  # fmt: skip
        pending.extend(t.op for t in op.inputs)


def make_initializable_iterator(dataset, shared_name=None):
    """tf.data.make_initializable_iterator."""
    attrs = _attributes(dataset.output_types, dataset.output_shapes)
    resource = IteratorV2.apply(shared_name=shared_name or "", **attrs)
    initializer = MakeIterator.make(dataset._variant, resource)
    return Iterator(resource, initializer, dataset.output_types, dataset.output_shapes)
