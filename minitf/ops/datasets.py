"""Datasets: streams of elements, each a list of arrays.

The output of a dataset operation is a `Recipe`: iterating over it computes the elements one by one, so
that no more of the data is in memory than what a step needs.  Elements are computed when they are
asked for: `prefetch` and parallel calls change nothing about what comes, nor here about when.
"""

import itertools
import random

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.kernels.philox import philox_state
from minitf.ops.op import Op
from minitf.ops.waiting import words


def from_program(op, name):
    """What the program that made the operation gave to it; raises FailedPreconditionError where a file made it."""
    if name not in op.attrs:
        raise errors.FailedPreconditionError(
            None, op, f"{op.type} '{op.name}' comes from a file, which does not hold the functions of datasets: feed "
            "what the pipeline would give, or replace that with input_map when the graph is imported"
        )  # fmt: skip
    return op.attrs[name]


class Recipe:
    """A dataset in a run: iterating begins it anew.  `memory` is what it keeps between iterations."""

    def __init__(self, op, state, inputs):
        self.op, self.state, self.memory = op, state, {}
        self.inputs = [np.array(v) if isinstance(v, np.ndarray) else v for v in inputs]

    def __iter__(self):
        return self.op.definition.elements(self, *self.inputs)

    def anew(self):
        """The same dataset, which remembers nothing of earlier iterations."""
        return Recipe(self.op, self.state, [v.anew() if isinstance(v, Recipe) else v for v in self.inputs])

    def bind(self, captured):
        """The function of the operation, with the values of the tensors around it."""
        return from_program(self.op, "_function").bind(self.state, captured)


class _Dataset(Op):
    """Subclasses write `elements(recipe, *inputs)`, a generator of lists of arrays."""

    stateful = True
    gradient = None

    def infer(op, *inputs):
        return [(TensorShape([]), dtypes.variant)]

    def run(op, state, *inputs):
        return [Recipe(op, state, inputs)]


# -- where elements come from ----------------------------------------------------------------------------------


class TensorDataset(_Dataset):
    """One element: the components themselves."""

    inputs = {"*components": "any"}

    @staticmethod
    def elements(recipe, *components):
        yield list(components)


class TensorSliceDataset(_Dataset):
    """The rows of the components."""

    inputs = {"*components": "any"}

    @staticmethod
    def elements(recipe, *components):
        for row in range(len(components[0])):
            yield [_row(c, row) for c in components]


def _row(array, i):
    return array[i] if array.ndim > 1 else np.asarray(array[i : i + 1]).reshape(())


class RangeDataset(_Dataset):
    """start, start + step ... before stop, int64."""

    inputs = {"start": "int64", "stop": "int64", "step": "int64"}

    @staticmethod
    def elements(recipe, start, stop, step):
        if step == 0:
            raise errors.InvalidArgumentError(None, recipe.op, "step must be a non-zero integer.")
        for number in range(int(start), int(stop), int(step)):
            yield [np.array(number, np.int64)]


class GeneratorDataset(_Dataset):
    """What a Python generator yields, converted to `output_types`."""

    inputs = {"*args": "any"}

    @staticmethod
    def elements(recipe, *args):
        attrs = recipe.op.attrs
        for value in from_program(recipe.op, "_generator")(*args):
            yield attrs["_convert"](recipe.op, value)


# -- one dataset from another -------------------------------------------------------------------------------------


class MapDataset(_Dataset):
    """A function of every element."""

    inputs = {"input_dataset": "variant", "*other_arguments": "any"}

    @staticmethod
    def elements(recipe, source, *captured):
        call = recipe.bind(captured)
        for element in source:
            yield call(*element)


class FilterDataset(_Dataset):
    """The elements of which a function is true."""

    inputs = {"input_dataset": "variant", "*other_arguments": "any"}

    @staticmethod
    def elements(recipe, source, *captured):
        call = recipe.bind(captured)
        for element in source:
            if call(*element)[0]:
                yield element


class FlatMapDataset(_Dataset):
    """A function gives a dataset for every element; their elements one dataset after the other."""

    inputs = {"input_dataset": "variant", "*other_arguments": "any"}

    @staticmethod
    def elements(recipe, source, *captured):
        call = recipe.bind(captured)
        for element in source:
            yield from call(*element)[0]


class InterleaveDataset(_Dataset):
    """As FlatMap, from `cycle_length` datasets in turns, `block_length` elements from each."""

    inputs = {
        "input_dataset": "variant", "*other_arguments": "any", "cycle_length": "int64", "block_length": "int64"
    }  # fmt: skip

    @staticmethod
    def elements(recipe, source, *rest):
        *captured, cycle_length, block_length = rest
        call = recipe.bind(captured)
        source, places = iter(source), [None] * int(cycle_length)
        position, ended = 0, False
        while not ended or any(p is not None for p in places):
            place = position % len(places)
            position += 1
            if places[place] is None and not ended:
                element = next(source, None)
                ended = element is None
                places[place] = None if ended else iter(call(*element)[0])
            for _ in range(int(block_length) if places[place] is not None else 0):
                found = next(places[place], None)
                if found is None:
                    places[place] = None
                    break
                yield found


class ShuffleDataset(_Dataset):
    """Elements at random from a buffer of the next `buffer_size`, in TensorFlow's order for the same seeds."""

    inputs = {"input_dataset": "variant", "buffer_size": "int64", "seed": "int64", "seed2": "int64"}

    @staticmethod
    def elements(recipe, source, buffer_size, seed, seed2):
        if buffer_size < 1:
            raise errors.InvalidArgumentError(
                None, recipe.op, "buffer_size must be greater than zero or UNKNOWN_CARDINALITY"
            )
        numbers = _epoch_numbers(recipe, int(seed), int(seed2))
        source, size = iter(source), int(buffer_size)
        buffer, start, count, ended = [], 0, 0, False
        while True:
            while not ended and count < size:
                element = next(source, None)
                ended = element is None
                if not ended:
                    place = (start + count) % size
                    if place == len(buffer):
                        buffer.append(element)
                    else:
                        buffer[place] = element
                    count += 1
            if not count:
                return
            first = start % size
            chosen = (start + next(numbers) % count) % size
            yield buffer[chosen]
            buffer[chosen] = buffer[first]
            buffer[first] = None
            start, count = start + 1, count - 1


def _epoch_numbers(recipe, seed, seed2):
    """Random words for one pass: new ones for each pass where `reshuffle_each_iteration`."""
    if not recipe.op.attrs["reshuffle_each_iteration"]:
        seeds = recipe.memory.setdefault("seeds", _never_zero(seed, seed2))
        return words(philox_state(*seeds))
    if "numbers" not in recipe.memory:
        recipe.memory["numbers"] = words(philox_state(*_never_zero(seed, seed2)))
    numbers = recipe.memory["numbers"]
    first = next(numbers)
    return words(philox_state(first, next(numbers)))


def _never_zero(seed, seed2):
    if seed == 0 and seed2 == 0:
        return random.getrandbits(64), random.getrandbits(64)
    return seed, seed2


class RepeatDataset(_Dataset):
    """The dataset `count` times; -1: without end."""

    inputs = {"input_dataset": "variant", "count": "int64"}

    @staticmethod
    def elements(recipe, source, count):
        turn = 0
        while count < 0 or turn < count:
            found = False
            for element in source:
                found = True
                yield element
            if not found:
                return
            turn += 1


class TakeDataset(_Dataset):
    """The first `count` elements; -1: all."""

    inputs = {"input_dataset": "variant", "count": "int64"}

    @staticmethod
    def elements(recipe, source, count):
        yield from source if count < 0 else itertools.islice(source, int(count))


class SkipDataset(_Dataset):
    """All but the first `count` elements; -1: none."""

    inputs = {"input_dataset": "variant", "count": "int64"}

    @staticmethod
    def elements(recipe, source, count):
        yield from () if count < 0 else itertools.islice(source, int(count), None)


class ShardDataset(_Dataset):
    """Every `num_shards`-th element, beginning with number `index`."""

    inputs = {"input_dataset": "variant", "num_shards": "int64", "index": "int64"}

    @staticmethod
    def elements(recipe, source, num_shards, index):
        if not 0 <= index < num_shards:
            raise errors.InvalidArgumentError(
                None,
                recipe.op,
                f"Index must be between 0 and {int(num_shards) - 1} (currently index = {int(index)}).",
            )
        yield from itertools.islice(source, int(index), None, int(num_shards))


class CacheDataset(_Dataset):
    """Computes the elements in the first pass, and keeps them for the others (in memory)."""

    inputs = {"input_dataset": "variant", "filename": "string"}

    @staticmethod
    def elements(recipe, source, filename):
        if "elements" in recipe.memory:
            yield from recipe.memory["elements"]
            return
        kept = []
        for element in source:
            kept.append(element)
            yield element
        recipe.memory["elements"] = kept


class PrefetchDataset(_Dataset):
    """The same elements: see the module's docstring."""

    inputs = {"input_dataset": "variant", "buffer_size": "int64"}

    @staticmethod
    def elements(recipe, source, buffer_size):
        yield from source


class ZipDataset(_Dataset):
    """One element of each dataset, until the shortest ends."""

    inputs = {"*input_datasets": "variant"}

    @staticmethod
    def elements(recipe, *sources):
        for parts in zip(*sources, strict=False):
            yield [component for part in parts for component in part]


class ConcatenateDataset(_Dataset):
    """One dataset, then the other."""

    inputs = {"input_dataset": "variant", "another_dataset": "variant"}

    @staticmethod
    def elements(recipe, source, another):
        yield from source
        yield from another


class UnbatchDataset(_Dataset):
    """The rows of every element."""

    inputs = {"input_dataset": "variant"}

    @staticmethod
    def elements(recipe, source):
        for element in source:
            for row in range(len(element[0])):
                yield [_row(np.asarray(c), row) for c in element]


class ScanDataset(_Dataset):
    """A function of a state and each element gives the new state and what comes out."""

    inputs = {"input_dataset": "variant", "*initial_state": "any", "*other_arguments": "any"}

    @staticmethod
    def elements(recipe, source, *rest):
        count = from_program(recipe.op, "_states")
        state, captured = list(rest[:count]), rest[count:]
        call = recipe.bind(captured)
        for element in source:
            found = call(*state, *element)
            state = found[:count]
            yield found[count:]


class ReduceDataset(Op):
    """The last state of a function of the state and each element."""

    inputs = {"input_dataset": "variant", "*initial_state": "any", "*other_arguments": "any"}
    stateful = True
    gradient = None

    def infer(op, *inputs):
        return list(zip(op.attrs["output_shapes"], op.attrs["output_types"], strict=True))

    def run(op, state, source, *rest):
        count = len(op.attrs["output_types"])
        values = list(rest[:count])
        call = from_program(op, "_function").bind(state, rest[count:])
        for element in source:
            values = call(*values, *element)
        return [np.asarray(v) for v in values]
