"""Where a run stands: how far an iterator has read, and how many random numbers were drawn.

Variables are not all that a later process needs to go on with the same numbers: see `training/positions.py`.
"""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.op import Op


class SerializeIterator(Op):
    """How many elements an iterator has given since it began: that is all it takes to find the place again.

    (TensorFlow writes the state of all datasets behind the iterator, in a form that only it can read.)
    """

    inputs = {"resource_handle": "resource"}
    stateful = True
    gradient = None

    def infer(op, resource_handle):
        return [(TensorShape([]), dtypes.int64)]

    def run(op, state, resource_handle):
        return [np.array(resource_handle.position, np.int64)]


class DeserializeIterator(Op):
    """Begin anew and pass over so many elements; where the iterator has not begun, when it does."""

    inputs = {"resource_handle": "resource", "serialized": "int64"}
    stateful = True
    gradient = None

    def infer(op, resource_handle, serialized):
        return []

    def run(op, state, resource_handle, serialized):
        resource_handle.go_to(int(serialized))
        return []


class RandomPositions(Op):
    """The random operations of the graph that have drawn numbers: names, sizes of their states, and the states."""

    stateful = True
    gradient = None

    def infer(op):
        return [(TensorShape([None]), dtypes.string), (TensorShape([None]), dtypes.int64),
                (TensorShape([None]), dtypes.uint64)]  # fmt: skip

    def run(op, state):
        drawn = [other for other in _random_operations(op.graph) if state.variable(other).value is not None]
        names = np.empty(len(drawn), object)
        names[:] = [other.name.encode() for other in drawn]
        places = [state.variable(other).value.reshape(-1) for other in drawn]
        sizes = np.array([len(place) for place in places], np.int64)
        return [names, sizes, np.concatenate([np.empty(0, np.uint64), *places])]


class RestoreRandomPositions(Op):
    """Put the random operations with these names where they were.  NotFoundError where the graph has one no more."""

    inputs = {"names": "string", "sizes": "int64", "positions": "uint64"}
    stateful = True
    gradient = None

    def infer(op, names, sizes, positions):
        return []

    def run(op, state, names, sizes, positions):
        found = {other.name.encode(): other for other in _random_operations(op.graph)}
        places = np.split(positions, np.cumsum(sizes)[:-1]) if len(sizes) else []
        for name, place in zip(names.tolist(), places, strict=True):
            if name not in found:
                raise errors.NotFoundError(None, op, f"There is no random operation {name.decode()!r} in the graph")
            home = state.hidden(found[name])
            home.set(place.reshape(home.value.shape))
        return []


def _random_operations(graph):
    return [op for op in graph.get_operations() if op.definition.state is not None]


def serialize_iterator(resource_handle, name=None):
    """A tensor: how many elements the iterator has given."""
    return SerializeIterator.apply(resource_handle, name=name)


def deserialize_iterator(resource_handle, serialized, name=None):
    """An operation that brings an iterator to a place."""
    return DeserializeIterator.make(resource_handle, serialized, name=name)


def random_positions(name=None):
    """Three tensors: names of random operations, sizes of their states (both (n,)), and the states in a row."""
    return RandomPositions.make(name=name).outputs


def restore_random_positions(names, sizes, positions, name=None):
    """An operation that puts random operations to such places."""
    return RestoreRandomPositions.make(names, sizes, positions, name=name)
