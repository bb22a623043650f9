"""`tf.data.Dataset`: streams of elements, each a structure of tensors, made of one another."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.ops import dataset_batches as batches
from minitf.ops import datasets as ops
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.functions import Function
from minitf.ops.iterators import _flat_shapes, make_initializable_iterator, make_one_shot_iterator
from minitf.ops.op import constant_value
from minitf.ops.reading import matching_files
from minitf.ops.structure import assert_same_structure, flatten, map_structure, pack_sequence_as
from minitf.training.dataset_arguments import batch_rows, components, number, padding_of, seeds
from minitf.training.generators import generator_converter

AUTOTUNE = -1


class Dataset:
    """A stream of elements.  An element is a tensor, or a tuple or dictionary of them.

    Nothing is computed before an iterator's `get_next` runs.  Methods return new datasets.
    """

    def __init__(self, variant, types, shapes):
        self._variant, self._types = variant, types
        self._flat_shapes = [TensorShape(s) for s in shapes]

    @property
    def output_types(self):
        """The dtypes of an element, in its structure."""
        return self._types

    @property
    def output_shapes(self):
        return pack_sequence_as(self._types, self._flat_shapes)

    @property
    def output_classes(self):
        return map_structure(lambda _: Tensor, self._types)

    # -- sources --------------------------------------------------------------------------------------------

    @staticmethod
    def from_tensors(tensors):
        """One element: `tensors`."""
        tensors, flat = components(tensors)
        types = map_structure(lambda t: t.dtype.base_dtype, tensors)
        return Dataset(ops.TensorDataset.apply(flat), types, [t.shape for t in flat])

    @staticmethod
    def from_tensor_slices(tensors):
        """The rows of `tensors`.  Raises ValueError for a scalar, or where the numbers of rows differ."""
        tensors, flat = components(tensors)
        if not flat:
            raise ValueError("Invalid `tensors`: it must hold at least one tensor.")
        rows = TensorShape([None])
        for t in flat:
            if t.shape.ndims == 0:
                raise ValueError("Unbatching a tensor is only supported for rank >= 1")
            rows = rows.merge_with(t.shape[:1] if t.shape.ndims else [None])
        types = map_structure(lambda t: t.dtype.base_dtype, tensors)
        shapes = [t.shape[1:] if t.shape.ndims is not None else None for t in flat]
        return Dataset(ops.TensorSliceDataset.apply(flat), types, shapes)

    @staticmethod
    def from_generator(generator, output_types, output_shapes=None, args=None):
        """What `generator(*args)`, a function that returns something to iterate over, yields.

        `output_types` gives the structure and dtypes of what is yielded.
        Raises TypeError where `generator` can't be called.
        """
        if not callable(generator):
            raise TypeError("`generator` must be a Python callable.")
        types = map_structure(dtypes.as_dtype, output_types)
        shapes = _flat_shapes(types, output_shapes)
        convert = generator_converter(types, shapes)
        inputs = [convert_to_tensor(a) for a in args or ()]
        variant = ops.GeneratorDataset.apply(inputs, _generator=generator, _convert=convert)
        return Dataset(variant, types, shapes)

    @staticmethod
    def range(*args):
        """range(stop), range(start, stop) or range(start, stop, step), of int64 numbers.

        Raises ValueError for another number of arguments.
        """
        if not 1 <= len(args) <= 3:
            raise ValueError(
                f"Invalid `args`. The length of `args` should be between 1 and 3, got {len(args)}."
            )
        start, stop, step = (0, *args, 1) if len(args) == 1 else (*args, 1) if len(args) == 2 else args
        numbers = (number(v, n) for v, n in ((start, "start"), (stop, "stop"), (step, "step")))
        return Dataset(ops.RangeDataset.apply(*numbers), dtypes.int64, [[]])

    @staticmethod
    def zip(datasets):
        """One element of each of a structure of datasets at a time, until the shortest ends.

        Raises TypeError for what is no dataset.
        """
        for part in flatten(datasets):
            if not isinstance(part, Dataset):
                raise TypeError(
                    f"The argument to `Dataset.zip()` must be a nested structure of `Dataset` objects, got {part}"
                )
        flat = flatten(datasets)
        variant = ops.ZipDataset.apply([d._variant for d in flat])
        types = map_structure(lambda d: d._types, datasets)
        return Dataset(variant, types, [s for d in flat for s in d._flat_shapes])

    @staticmethod
    def list_files(file_pattern, shuffle=None, seed=None):
        """The names of the files that match; in random order unless `shuffle=False`."""
        found = Dataset.from_tensor_slices(matching_files(file_pattern))
        return found if shuffle is False else found.shuffle(1 << 20, seed)

    # -- element by element ------------------------------------------------------------------------------------

    def _trace(self, function, types=None, shapes=None):
        """`function` traced on an element of this dataset."""
        types = self._types if types is None else types
        shapes = self._flat_shapes if shapes is None else shapes

        def arguments(make):
            leaves = [make(d, s) for d, s in zip(flatten(types), shapes, strict=True)]
            element = pack_sequence_as(types, leaves)
            unpacked = isinstance(element, tuple) and not hasattr(element, "_fields")
            return element if unpacked else (element,)

        return Function(function, arguments)

    def map(self, map_func, num_parallel_calls=None, deterministic=None):
        """`map_func` of every element; a tuple arrives as several arguments."""
        function = self._trace(map_func)
        variant = ops.MapDataset.apply(self._variant, function.captured, _function=function)
        return _of_result(variant, function.result)

    map_with_legacy_function = map

    def filter(self, predicate):
        """The elements of which `predicate` (a scalar bool tensor) is true.  Raises ValueError for other results."""
        function = self._trace(predicate)
        result = flatten(function.result)
        if (
            len(result) != 1
            or result[0].dtype is not dtypes.bool
            or not result[0].shape.is_compatible_with([])
        ):
            raise ValueError("Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor.")
        return self._like(ops.FilterDataset.apply(self._variant, function.captured, _function=function))

    filter_with_legacy_function = filter

    def _trace_to_dataset(self, map_func):
        function = self._trace(map_func)
        if not isinstance(function.result, Dataset):
            raise TypeError("The `map_func` argument must return a `Dataset` object.")
        return function

    def flat_map(self, map_func):
        """The elements of the datasets that `map_func` gives, one after the other.

        Raises TypeError where it gives none.
        """
        function = self._trace_to_dataset(map_func)
        inner = function.result
        variant = ops.FlatMapDataset.apply(self._variant, function.captured, _function=function)
        return Dataset(variant, inner._types, inner._flat_shapes)

    def interleave(
        self, map_func, cycle_length=-1, block_length=1, num_parallel_calls=None, deterministic=None
    ):
        """As `flat_map`, from `cycle_length` datasets in turns, `block_length` elements from each."""
        function = self._trace_to_dataset(map_func)
        inner = function.result
        cycle_length = 2 if isinstance(cycle_length, int) and cycle_length == AUTOTUNE else cycle_length
        variant = ops.InterleaveDataset.apply(
            self._variant, function.captured, number(cycle_length, "cycle_length"),
            number(block_length, "block_length"), _function=function,
        )  # fmt: skip
        return Dataset(variant, inner._types, inner._flat_shapes)

    def reduce(self, initial_state, reduce_func):
        """`reduce_func(state, element)` for every element; the last state, as tensors."""
        initial, flat = components(initial_state)
        types = map_structure(lambda t: t.dtype.base_dtype, initial)
        function = _trace_with_state(self, reduce_func, types, [t.shape for t in flat])
        found = ops.ReduceDataset.make(
            self._variant, flat, function.captured, _function=function,
            output_types=flatten(types), output_shapes=[t.shape for t in flat],
        )  # fmt: skip
        return pack_sequence_as(types, found.outputs)

    def scan(self, initial_state, scan_func):
        """`scan_func(state, element)` gives the next state and an element that comes out."""
        initial, flat = components(initial_state)
        types = map_structure(lambda t: t.dtype.base_dtype, initial)
        function = _trace_with_state(self, scan_func, types, [t.shape for t in flat])
        variant = ops.ScanDataset.apply(
            self._variant, flat, function.captured, _function=function, _states=len(flat)
        )
        return _of_result(variant, function.result[1])

    # -- order and number ---------------------------------------------------------------------------------------

    def _like(self, variant, types=None, shapes=None):
        return Dataset(
            variant, self._types if types is None else types, self._flat_shapes if shapes is None else shapes
        )

    def shuffle(self, buffer_size, seed=None, reshuffle_each_iteration=None):
        """Elements at random from a buffer of the next `buffer_size`.

        With a seed (or a graph seed) the order is TensorFlow's; `reshuffle_each_iteration=False` gives
        the same order in every pass.
        """
        seed1, seed2 = seeds(seed)
        variant = ops.ShuffleDataset.apply(
            self._variant, number(buffer_size, "buffer_size"), number(seed1, "seed"), number(seed2, "seed2"),
            reshuffle_each_iteration=reshuffle_each_iteration is not False,
        )  # fmt: skip
        return self._like(variant)

    def repeat(self, count=None):
        """The dataset `count` times; None or -1: without end."""
        return self._like(
            ops.RepeatDataset.apply(self._variant, number(-1 if count is None else count, "count"))
        )

    def take(self, count):
        """The first `count` elements; -1: all."""
        return self._like(ops.TakeDataset.apply(self._variant, number(count, "count")))

    def skip(self, count):
        """All but the first `count` elements."""
        return self._like(ops.SkipDataset.apply(self._variant, number(count, "count")))

    def shard(self, num_shards, index):
        """Every `num_shards`-th element, beginning with number `index`.  Raises InvalidArgumentError for others."""
        known = constant_value(convert_to_tensor(num_shards)), constant_value(convert_to_tensor(index))
        if known[0] is not None and known[0] < 1:
            raise errors.InvalidArgumentError(None, None, f"num_shards must be >= 1; got {num_shards}")
        if None not in known and not 0 <= known[1] < known[0]:
            raise errors.InvalidArgumentError(None, None, f"index must be in [0, {num_shards}); got {index}")
        return self._like(
            ops.ShardDataset.apply(self._variant, number(num_shards, "num_shards"), number(index, "index"))
        )

    def cache(self, filename=""):
        """Computes the elements once.  In memory: with a `filename`, too, nothing is written."""
        return self._like(
            ops.CacheDataset.apply(self._variant, convert_to_tensor(filename, dtypes.string, "filename"))
        )

    def prefetch(self, buffer_size):
        """The same elements: here they are computed when they are asked for."""
        return self._like(ops.PrefetchDataset.apply(self._variant, number(buffer_size, "buffer_size")))

    def concatenate(self, dataset):
        """This dataset, then another.  Raises TypeError where their types differ."""
        assert_same_structure(self._types, dataset._types)
        if flatten(self._types) != flatten(dataset._types):
            raise TypeError(
                f"Two datasets to concatenate have different types {self._types} and {dataset._types}"
            )
        pairs = zip(self._flat_shapes, dataset._flat_shapes, strict=True)
        shapes = [a.most_specific_compatible_shape(b) for a, b in pairs]
        return self._like(ops.ConcatenateDataset.apply(self._variant, dataset._variant), shapes=shapes)

    def enumerate(self, start=0):
        """Pairs (number, element), counted from `start`."""
        return Dataset.zip((Dataset.range(start, np.iinfo(np.int64).max), self))

    def apply(self, transformation_func):
        """`transformation_func(self)`, which must return a dataset.  Raises TypeError where it does not."""
        found = transformation_func(self)
        if not isinstance(found, Dataset):
            raise TypeError(f"`transformation_func` must return a Dataset, got {type(found)}")
        return found

    def with_options(self, options):
        """The same dataset: no option changes what comes."""
        return self

    # -- batches ---------------------------------------------------------------------------------------------------

    def batch(self, batch_size, drop_remainder=False, num_parallel_calls=None, deterministic=None):
        """`batch_size` elements stacked along a new first axis; the last batch is smaller, or dropped."""
        size = number(batch_size, "batch_size")
        drop = convert_to_tensor(drop_remainder, dtypes.bool, "drop_remainder")
        shapes = [TensorShape([batch_rows(size, drop)]).concatenate(s) for s in self._flat_shapes]
        return self._like(batches.BatchDatasetV2.apply(self._variant, size, drop), shapes=shapes)

    def padded_batch(self, batch_size, padded_shapes=None, padding_values=None, drop_remainder=False):
        """As `batch`, for elements of different sizes: padded to `padded_shapes`, None there: to the largest.

        `padding_values` default to 0 and the empty string.
        """
        size = number(batch_size, "batch_size")
        drop = convert_to_tensor(drop_remainder, dtypes.bool, "drop_remainder")
        if padded_shapes is None:
            wanted = self._flat_shapes
        else:
            wanted = _flat_shapes(self._types, padded_shapes)
        paddings = padding_of(self._types, padding_values)
        shapes = [TensorShape([batch_rows(size, drop)]).concatenate(s) for s in wanted]
        targets = [constant([-1 if n is None else n for n in s.as_list()], dtypes.int64) for s in wanted]
        return self._like(
            batches.PaddedBatchDatasetV2.apply(self._variant, size, targets, paddings, drop), shapes=shapes
        )

    def unbatch(self):
        """The rows of every element."""
        return self._like(ops.UnbatchDataset.apply(self._variant), shapes=[s[1:] for s in self._flat_shapes])

    # -- iterators -------------------------------------------------------------------------------------------------

    def make_one_shot_iterator(self):
        """An iterator that goes through the dataset once and needs no initializer."""
        return make_one_shot_iterator(self)

    def make_initializable_iterator(self, shared_name=None):
        """An iterator whose `initializer` must be run first: the dataset may depend on what is fed then."""
        return make_initializable_iterator(self, shared_name)

    def __iter__(self):
        raise RuntimeError(
            "dataset.__iter__() is only supported when eager execution is enabled: make an iterator."
        )

    def __repr__(self):
        return f"<{type(self).__name__} shapes: {self.output_shapes}, types: {self._types}>"


def _of_result(variant, result):
    types = map_structure(lambda t: t.dtype.base_dtype, result)
    return Dataset(variant, types, [t.shape for t in flatten(result)])


def _trace_with_state(dataset, function, state_types, state_shapes):
    def arguments(make):
        leaves = [make(d, s) for d, s in zip(flatten(state_types), state_shapes, strict=True)]
        element = [make(d, s) for d, s in zip(flatten(dataset._types), dataset._flat_shapes, strict=True)]
        return pack_sequence_as(state_types, leaves), pack_sequence_as(dataset._types, element)

    return Function(function, arguments)
