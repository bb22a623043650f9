"""Input pipelines made of queues: producers of names and indices, and batches.

Each function adds a queue, the operations that fill it, a `QueueRunner` for `start_queue_runners`, and
a summary of how full it is.
"""

from minitf.graph import dtypes
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import control_dependencies, name_scope
from minitf.ops.arithmetic import maximum
from minitf.ops.array import identity, shape_of, size
from minitf.ops.casting import cast
from minitf.ops.checking import assert_that
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.control_flow import cond, no_op
from minitf.ops.gathering import gather
from minitf.ops.op import constant_value
from minitf.ops.queues import FIFOQueue, PaddingFIFOQueue, RandomShuffleQueue
from minitf.ops.random import random_shuffle
from minitf.ops.ranges import range as range_of
from minitf.ops.reading import matching_files
from minitf.ops.sparse_serialization import deserialize_many_sparse, serialize_many_sparse, serialize_sparse
from minitf.ops.sparse_tensor import SparseTensor
from minitf.ops.structure import flatten
from minitf.ops.summaries import scalar
from minitf.ops.variables import Variable
from minitf.training.queue_runner import QueueRunner, add_queue_runner


def match_filenames_once(pattern, name=None):
    """tf.train.match_filenames_once: a local variable with the names of the files that match `pattern`."""
    with name_scope(name, "matching_filenames", [pattern]) as scope:
        return Variable(matching_files(pattern), trainable=False, name=scope, validate_shape=False,
                        collections=[GraphKeys.LOCAL_VARIABLES])  # fmt: skip


def limit_epochs(tensor, num_epochs=None, name=None):
    """tf.train.limit_epochs: `tensor`, `num_epochs` times, then OutOfRangeError.  Counts in a local variable.

    Raises ValueError where `num_epochs` is not positive.
    """
    if num_epochs is None:
        return tensor
    if num_epochs <= 0:
        raise ValueError(f"num_epochs must be > 0 not {num_epochs}.")
    with name_scope(name, "limit_epochs", [tensor]) as scope:
        epochs = Variable(constant(0, dtypes.int64), name="epochs", trainable=False,
                          collections=[GraphKeys.LOCAL_VARIABLES])  # fmt: skip
        counter = epochs.count_up_to(num_epochs)
        with control_dependencies([counter]):
            return identity(tensor, name=scope)


def input_producer(input_tensor, element_shape=None, num_epochs=None, shuffle=True, seed=None, capacity=32,
                   shared_name=None, summary_name=None, name=None, cancel_op=None):  # fmt: skip
    """tf.train.input_producer: a queue of the rows of `input_tensor`, again and again.

    Each of `num_epochs` epochs (None: no end) is shuffled anew where `shuffle`.
    Raises ValueError where the shape of a row is not known.
    """
    with name_scope(name, "input_producer", [input_tensor]):
        input_tensor = convert_to_tensor(input_tensor, name="input_tensor")
        element_shape = input_tensor.shape[1:].merge_with(element_shape)
        if not element_shape.is_fully_defined():
            raise ValueError(
                "Either `input_tensor` must have a fully defined shape or `element_shape` must be specified"
            )
        if shuffle:
            input_tensor = random_shuffle(input_tensor, seed=seed)
        input_tensor = limit_epochs(input_tensor, num_epochs)
        queue = FIFOQueue(
            capacity, [input_tensor.dtype.base_dtype], [element_shape], shared_name=shared_name, name=name
        )
        add_queue_runner(QueueRunner(queue, [queue.enqueue_many([input_tensor])], cancel_op=cancel_op))
        if summary_name is not None:
            scalar(summary_name, cast(queue.size(), dtypes.float32) * (1.0 / capacity))
        return queue


def _fraction(capacity):
    return f"fraction_of_{capacity}_full"


def string_input_producer(string_tensor, num_epochs=None, shuffle=True, seed=None, capacity=32, shared_name=None,
                          name=None, cancel_op=None):  # fmt: skip
    """tf.train.string_input_producer: a queue of strings, of file names say, again and again.

    Raises ValueError for an empty list (InvalidArgumentError in the run where only a run can tell).
    """
    empty = "string_input_producer requires a non-null input tensor"
    if not hasattr(string_tensor, "dtype") and len(string_tensor) == 0:
        raise ValueError(empty)
    with name_scope(name, "input_producer", [string_tensor]) as scope:
        string_tensor = convert_to_tensor(string_tensor, dtype=dtypes.string)
        with control_dependencies([assert_that(size(string_tensor) > 0, [empty])]):
            string_tensor = identity(string_tensor)
        return input_producer(string_tensor, [], num_epochs, shuffle, seed, capacity, shared_name, _fraction(capacity),
                              scope, cancel_op)  # fmt: skip


def range_input_producer(
    limit, num_epochs=None, shuffle=True, seed=None, capacity=32, shared_name=None, name=None
):
    """tf.train.range_input_producer: a queue of the numbers 0 ... limit - 1, again and again."""
    with name_scope(name, "input_producer", [limit]) as scope:
        return input_producer(range_of(limit), [], num_epochs, shuffle, seed, capacity, shared_name,
                              _fraction(capacity), scope)  # fmt: skip


def slice_input_producer(tensor_list, num_epochs=None, shuffle=True, seed=None, capacity=32, shared_name=None,
                         name=None):  # fmt: skip
    """tf.train.slice_input_producer: the same row of each tensor.  Raises ValueError for an empty list."""
    if not tensor_list:
        raise ValueError("Expected at least one tensor in slice_input_producer().")
    with name_scope(name, "input_producer", tensor_list):
        tensors = [convert_to_tensor(t) for t in tensor_list]
        rows = shape_of(tensors[0])[0]
        queue = range_input_producer(rows, num_epochs, shuffle, seed, capacity, shared_name)
        index = queue.dequeue()
        return [gather(t, index) for t in tensors]


# -- batches -------------------------------------------------------------------------------------------------------


def _entries_of(tensors):
    """What a batch is made of, a list: the values of a dictionary by its sorted keys, or of a list."""
    if isinstance(tensors, dict):
        return [tensors[key] for key in sorted(tensors)]
    return list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]


def _flat(tensors, enqueue_many):
    """The tensors of a list or dictionary; sparse ones as strings, which can wait in a queue."""
    found = _entries_of(tensors)
    if not found:
        raise ValueError("Expected at least one tensor in batch().")
    store = serialize_many_sparse if enqueue_many else serialize_sparse
    return [store(t) if isinstance(t, SparseTensor) else convert_to_tensor(t) for t in found]


def _all_flat(lists, enqueue_many):
    """The tensors of several lists or dictionaries.  Raises ValueError for dictionaries of different keys."""
    for other in lists[1:]:
        if isinstance(other, dict) and isinstance(lists[0], dict) and sorted(other) != sorted(lists[0]):
            raise ValueError(f"All dictionaries must have the same keys: {sorted(lists[0])}, {sorted(other)}")
    return [_flat(tensors, enqueue_many) for tensors in lists]


def _unpacked(structure, taken, enqueue_many):
    """What a queue gave, in the structure that was put in, with its sparse tensors."""
    taken = taken if isinstance(taken, list) else [taken]
    found = []
    for tensor, dense in zip(_entries_of(structure), taken, strict=True):
        if isinstance(tensor, SparseTensor):
            rank = tensor.dense_shape.shape.with_rank(1)[0].value
            each = rank - 1 if enqueue_many and rank is not None else rank
            dense = deserialize_many_sparse(dense, tensor.dtype, each)
        found.append(dense)
    if isinstance(structure, dict):
        return dict(zip(sorted(structure), found, strict=True))
    return found[0] if len(found) == 1 else found


def _shapes(shapes, tensor_lists, enqueue_many, known=True):
    """The shapes of one element.  Raises ValueError where they are not fully known."""
    if shapes is not None:
        return shapes
    found = []
    for column in zip(*tensor_lists, strict=True):
        whole = column[0].shape
        for other in column[1:]:
            whole = whole.most_specific_compatible_shape(other.shape)
        found.append(whole[1:] if enqueue_many else whole)
    if known and any(s.ndims is None for s in found):
        raise ValueError("Cannot infer Tensor's rank: name the shapes, or use tensors of known shape")
    if known and not all(s.is_fully_defined() for s in found):
        raise ValueError(f"All shapes must be fully defined: {found}")
    return found


def _enqueue(queue, tensor_lists, threads, enqueue_many, keep_input):
    kept = constant_value(keep_input)
    make = queue.enqueue_many if enqueue_many else queue.enqueue

    def operation(tensors):
        if kept is not None and kept.ndim == 0:
            return make(tensors) if kept else no_op()
        return cond(keep_input, lambda: _done(make(tensors)), lambda: _done(no_op()))

    ops = [operation(tensors) for tensors in tensor_lists]
    add_queue_runner(QueueRunner(queue, ops if len(ops) > 1 else ops * threads))


def _done(op):
    with control_dependencies([op]):
        return identity(constant(True))


def _keep(keep_input):
    return constant(True) if keep_input is True else convert_to_tensor(keep_input)


def _batch(lists, batch_size, keep_input, threads, capacity, enqueue_many, shapes, dynamic_pad, smaller, shared_name,
           name):  # fmt: skip
    with name_scope(name, "batch", flatten(lists)) as scope:
        keep_input = _keep(keep_input)
        structure, flat_lists = lists[0], _all_flat(lists, enqueue_many)
        types = [t.dtype.base_dtype for t in flat_lists[0]]
        shapes = _shapes(shapes, flat_lists, enqueue_many, known=not dynamic_pad)
        kind = PaddingFIFOQueue if dynamic_pad else FIFOQueue
        queue = kind(capacity, types, shapes, shared_name=shared_name)
        _enqueue(queue, flat_lists, threads, enqueue_many, keep_input)
        scalar(_fraction(capacity), cast(queue.size(), dtypes.float32) * (1.0 / capacity))
        taken = (queue.dequeue_up_to if smaller else queue.dequeue_many)(batch_size, name=scope)
        return _unpacked(structure, taken, enqueue_many)


def _shuffle_batch(lists, batch_size, capacity, min_after_dequeue, keep_input, threads, seed, enqueue_many, shapes,
                   smaller, shared_name, name):  # fmt: skip
    with name_scope(name, "shuffle_batch", flatten(lists)) as scope:
        if capacity <= min_after_dequeue:
            raise ValueError(
                f"capacity {capacity} must be bigger than min_after_dequeue {min_after_dequeue}."
            )
        keep_input = _keep(keep_input)
        structure, flat_lists = lists[0], _all_flat(lists, enqueue_many)
        types = [t.dtype.base_dtype for t in flat_lists[0]]
        shapes = _shapes(shapes, flat_lists, enqueue_many)
        queue = RandomShuffleQueue(
            capacity, min_after_dequeue, types, shapes, seed=seed, shared_name=shared_name
        )
        _enqueue(queue, flat_lists, threads, enqueue_many, keep_input)
        room = capacity - min_after_dequeue
        full = cast(maximum(0, queue.size() - min_after_dequeue), dtypes.float32) * (1.0 / room)
        scalar(f"fraction_over_{min_after_dequeue}_of_{room}_full", full)
        taken = (queue.dequeue_up_to if smaller else queue.dequeue_many)(batch_size, name=scope)
        return _unpacked(structure, taken, enqueue_many)


def batch(tensors, batch_size, num_threads=1, capacity=32, enqueue_many=False, shapes=None, dynamic_pad=False,
          allow_smaller_final_batch=False, shared_name=None, name=None):  # fmt: skip
    """tf.train.batch: batches of `batch_size` of what `tensors` (a tensor, list or dictionary) give, run after run.

    `enqueue_many` says that the tensors hold several examples already; `dynamic_pad` pads axes of size
    None; `allow_smaller_final_batch` gives the rest at the end.
    """
    return _batch([tensors], batch_size, True, num_threads, capacity, enqueue_many, shapes, dynamic_pad,
                  allow_smaller_final_batch, shared_name, name)  # fmt: skip


def maybe_batch(tensors, keep_input, batch_size, num_threads=1, capacity=32, enqueue_many=False, shapes=None,
                dynamic_pad=False, allow_smaller_final_batch=False, shared_name=None, name=None):  # fmt: skip
    """tf.train.maybe_batch: as `batch`, of those runs only in which `keep_input` is true."""
    return _batch([tensors], batch_size, keep_input, num_threads, capacity, enqueue_many, shapes, dynamic_pad,
                  allow_smaller_final_batch, shared_name, name)  # fmt: skip


def batch_join(tensors_list, batch_size, capacity=32, enqueue_many=False, shapes=None, dynamic_pad=False,
               allow_smaller_final_batch=False, shared_name=None, name=None):  # fmt: skip
    """tf.train.batch_join: as `batch`, with one thread for each entry of `tensors_list`."""
    return _batch(_entries(tensors_list), batch_size, True, 1, capacity, enqueue_many, shapes, dynamic_pad,
                  allow_smaller_final_batch, shared_name, name)  # fmt: skip


def maybe_batch_join(tensors_list, keep_input, batch_size, capacity=32, enqueue_many=False, shapes=None,
                     dynamic_pad=False, allow_smaller_final_batch=False, shared_name=None, name=None):  # fmt: skip
    """tf.train.maybe_batch_join: as `batch_join`, of those runs only in which `keep_input` is true."""
    return _batch(_entries(tensors_list), batch_size, keep_input, 1, capacity, enqueue_many, shapes, dynamic_pad,
                  allow_smaller_final_batch, shared_name, name)  # fmt: skip


def shuffle_batch(tensors, batch_size, capacity, min_after_dequeue, num_threads=1, seed=None, enqueue_many=False,
                  shapes=None, allow_smaller_final_batch=False, shared_name=None, name=None):  # fmt: skip
    """tf.train.shuffle_batch: as `batch`, drawn at random from at least `min_after_dequeue` waiting examples."""
    return _shuffle_batch([tensors], batch_size, capacity, min_after_dequeue, True, num_threads, seed, enqueue_many,
                          shapes, allow_smaller_final_batch, shared_name, name)  # fmt: skip


def maybe_shuffle_batch(tensors, batch_size, capacity, min_after_dequeue, keep_input, num_threads=1, seed=None,
                        enqueue_many=False, shapes=None, allow_smaller_final_batch=False, shared_name=None,
                        name=None):  # fmt: skip
    """tf.train.maybe_shuffle_batch: as `shuffle_batch`, of those runs only in which `keep_input` is true."""
    return _shuffle_batch([tensors], batch_size, capacity, min_after_dequeue, keep_input, num_threads, seed,
                          enqueue_many, shapes, allow_smaller_final_batch, shared_name, name)  # fmt: skip


def shuffle_batch_join(tensors_list, batch_size, capacity, min_after_dequeue, seed=None, enqueue_many=False,
                       shapes=None, allow_smaller_final_batch=False, shared_name=None, name=None):  # fmt: skip
    """tf.train.shuffle_batch_join: as `shuffle_batch`, with one thread for each entry of `tensors_list`."""
    return _shuffle_batch(_entries(tensors_list), batch_size, capacity, min_after_dequeue, True, 1, seed, enqueue_many,
                          shapes, allow_smaller_final_batch, shared_name, name)  # fmt: skip


def maybe_shuffle_batch_join(tensors_list, batch_size, capacity, min_after_dequeue, keep_input, seed=None,
                             enqueue_many=False, shapes=None, allow_smaller_final_batch=False, shared_name=None,
                             name=None):  # fmt: skip
    """tf.train.maybe_shuffle_batch_join: as `shuffle_batch_join`, of those runs only in which `keep_input` is true."""
    return _shuffle_batch(_entries(tensors_list), batch_size, capacity, min_after_dequeue, keep_input, 1, seed,
                          enqueue_many, shapes, allow_smaller_final_batch, shared_name, name)  # fmt: skip


def _entries(tensors_list):
    if not tensors_list:
        raise ValueError("Expected at least one entry in tensors_list.")
    return list(tensors_list)
