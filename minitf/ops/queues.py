"""Queues: values that wait between runs of a session, put in and taken out by different threads.

These classes are what users hold; `queue_operations.py` has the operations they make, and `waiting.py` what is
inside a queue.
"""


from minitf.graph import dtypes
from minitf.graph.graph import get_default_graph, name_scope
from minitf.graph.shape import TensorShape, as_shape, unknown_shape
from minitf.ops.constant import convert_to_tensor
from minitf.ops.queue_operations import (
    FIFOQueueV2,
    PaddingFIFOQueueV2,
    PriorityQueueV2,
    QueueCloseV2,
    QueueDequeueManyV2,
    QueueDequeueUpToV2,
    QueueDequeueV2,
    QueueEnqueueManyV2,
    QueueEnqueueV2,
    QueueIsClosedV2,
    QueueSizeV2,
    RandomShuffleQueueV2,
    _ChooseQueue,
)
from minitf.ops.random import get_seed

# -- what users hold ------------------------------------------------------------------------------------------


def _as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


class QueueBase:
    """A queue in the graph: `enqueue`, `dequeue` and their kin make operations.

    An element is a tuple of components, one per entry of `dtypes`; with `names`, a dictionary.
    """

    def __init__(self, dtypes, shapes, names, queue_ref):
        self._dtypes, self._shapes, self._names = dtypes, shapes, names
        self._queue_ref = queue_ref
        self._name = queue_ref.op.name.split("/")[-1]

    @staticmethod
    def from_list(index, queues):
        """The queue `queues[index]` for an index known when building.

        Raises TypeError where there are none or their dtypes differ, ValueError where the index is a
        tensor whose value only a run knows.
        """
        if not queues or not isinstance(queues, list) or not all(isinstance(q, QueueBase) for q in queues):
            raise TypeError("A list of queues expected")
        if any(q.dtypes != queues[0].dtypes for q in queues):
            raise TypeError("Queues do not have matching component dtypes.")
        if any(q.names != queues[0].names for q in queues):
            raise TypeError("Queues do not have matching component names.")
        return _Chosen(index, queues)

    @property
    def queue_ref(self):
        return self._queue_ref

    @property
    def name(self):
        return self._queue_ref.op.name

    @property
    def dtypes(self):
        return self._dtypes

    @property
    def shapes(self):
        return self._shapes

    @property
    def names(self):
        return self._names

    def _check(self, vals, many):
        """The components as tensors of the queue's dtypes, checked against its shapes."""
        if isinstance(vals, dict):
            if not self._names:
                raise ValueError("Queue must have names to enqueue a dictionary")
            if sorted(self._names, key=str) != sorted(vals, key=str):
                raise ValueError(f"Keys in dictionary to enqueue do not match names of Queue. "
                                 f"Dictionary: {sorted(vals)}, Queue: {sorted(self._names)}")  # fmt: skip
            vals = [vals[name] for name in self._names]
        else:
            if self._names:
                raise ValueError("You must enqueue a dictionary in a Queue with names")
            vals = _as_list(vals)
        if len(vals) != len(self._dtypes):
            raise ValueError(f"Expected {len(self._dtypes)} components, got {len(vals)}")
        tensors = [
            convert_to_tensor(v, dtype=d, name=f"component_{i}")
            for i, (v, d) in enumerate(zip(vals, self._dtypes))
        ]
        for tensor, shape in zip(tensors, self._shapes):
            whole = tensor.shape.with_rank_at_least(1)[1:] if many else tensor.shape
            whole.assert_is_compatible_with(shape)
        return tensors

    def enqueue(self, vals, name=None):
        """An operation that puts one element in; it waits while the queue is full.

        Raises (in the run) CancelledError where the queue is closed.
        """
        with name_scope(name, f"{self._name}_enqueue", self._shapes and _as_list(vals)) as scope:
            return QueueEnqueueV2.make(self._queue_ref, self._check(vals, False), name=scope)

    def enqueue_many(self, vals, name=None):
        """An operation that puts in every row of the components."""
        with name_scope(name, f"{self._name}_EnqueueMany", _as_list(vals)) as scope:
            return QueueEnqueueManyV2.make(self._queue_ref, self._check(vals, True), name=scope)

    def dequeue(self, name=None):
        """One element: a tensor, a list of them, or a dictionary; it waits until there is one.

        Raises (in the run) OutOfRangeError where the queue is closed and empty.
        """
        op = QueueDequeueV2.make(self._queue_ref, name=name or f"{self._name}_Dequeue", **self._output())
        return self._packed(op)

    def dequeue_many(self, n, name=None):
        """n elements, stacked along a new first axis; it waits until there are n."""
        op = QueueDequeueManyV2.make(
            self._queue_ref, n, name=name or f"{self._name}_DequeueMany", **self._output()
        )
        return self._packed(op)

    def dequeue_up_to(self, n, name=None):
        """As `dequeue_many`, but a closed queue gives the rest, at least one element."""
        op = QueueDequeueUpToV2.make(
            self._queue_ref, n, name=name or f"{self._name}_DequeueUpTo", **self._output()
        )
        return self._packed(op)

    def _output(self):
        shapes = self._shapes or [unknown_shape()] * len(self._dtypes)
        return {"component_types": list(self._dtypes), "_shapes": shapes}

    def _packed(self, op):
        if self._names:
            return dict(zip(self._names, op.outputs, strict=True))
        return op.outputs[0] if len(op.outputs) == 1 else list(op.outputs)

    def close(self, cancel_pending_enqueues=False, name=None):
        """An operation that closes the queue: what is in it may still be taken out."""
        return QueueCloseV2.make(self._queue_ref, cancel_pending_enqueues=cancel_pending_enqueues,
                                 name=name or f"{self._name}_Close")  # fmt: skip

    def is_closed(self, name=None):
        return QueueIsClosedV2.apply(self._queue_ref, name=name or f"{self._name}_Is_Closed")

    def size(self, name=None):
        """The number of elements, as an int32 tensor."""
        return QueueSizeV2.apply(self._queue_ref, name=name or f"{self._name}_Size")


class _Chosen(QueueBase):
    def __init__(self, index, queues):
        first = queues[0]
        known = [q.shapes for q in queues]
        shapes = list(known[0]) if all(known) else []
        for other in known[1:] if shapes else ():
            shapes = [a.most_specific_compatible_shape(b) for a, b in zip(shapes, other, strict=True)]
        handle = _ChooseQueue.apply(index, [q.queue_ref for q in queues], name="RefSelect")
        super().__init__(first.dtypes, shapes, first.names, handle)


def _dtype_list(types):
    return [dtypes.as_dtype(d).base_dtype for d in _as_list(types)]


def _shape_list(shapes, count, unknown_sizes=False):
    """One TensorShape per component.  Raises ValueError for a wrong number or sizes not known."""
    if shapes is None:
        return []
    if (
        isinstance(shapes, TensorShape)
        or not isinstance(shapes, (list, tuple))
        or (not any(isinstance(s, (list, tuple, TensorShape)) for s in shapes) and (shapes or count == 1))
    ):
        shapes = [shapes]
    made = [as_shape(s) for s in shapes]
    if len(made) != count:
        raise ValueError(f"Queue shapes must have the same length as dtypes, {len(made)} vs {count}")
    if not unknown_sizes and not all(s.is_fully_defined() for s in made):
        raise ValueError(f"All shapes must be fully defined: {made}")
    return made


def _name_list(names, count):
    if names is None:
        return None
    names = _as_list(names)
    if len(names) != count:
        raise ValueError(f"Queue names must have the same length as dtypes, {len(names)} vs {count}")
    return names


def _make(definition, types, shapes, name, shared_name, **attrs):
    return definition.make(
        component_types=types,
        shapes=shapes,
        shared_name=shared_name or "",
        name=name,
        container=get_default_graph().open_container,
        **attrs,
    ).outputs[0]


class FIFOQueue(QueueBase):
    """tf.FIFOQueue: first in, first out.

    `capacity` elements at most (negative: no limit); `dtypes` of the components, their `shapes` (all
    fully defined, needed for `dequeue_many`) and `names`.
    """

    def __init__(self, capacity, dtypes, shapes=None, names=None, shared_name=None, name="fifo_queue"):
        types = _dtype_list(dtypes)
        shapes = _shape_list(shapes, len(types))
        handle = _make(FIFOQueueV2, types, shapes, name, shared_name, capacity=capacity)
        super().__init__(types, shapes, _name_list(names, len(types)), handle)


class PaddingFIFOQueue(QueueBase):
    """tf.PaddingFIFOQueue: sizes in `shapes` may be None; `dequeue_many` pads to the largest element."""

    def __init__(self, capacity, dtypes, shapes, names=None, shared_name=None, name="padding_fifo_queue"):
        types = _dtype_list(dtypes)
        if shapes is None:
            raise ValueError("When providing partial shapes, a list of shapes must be provided.")
        shapes = _shape_list(shapes, len(types), unknown_sizes=True)
        if any(s.ndims is None for s in shapes):
            raise ValueError(f"A shape of a PaddingFIFOQueue must have a defined rank: {shapes}")
        if len(shapes) != len(types):
            raise ValueError(f"Shapes must be provided for all components, but received {len(types)} dtypes "
                             f"and {len(shapes)} shapes.")  # fmt: skip
        handle = _make(PaddingFIFOQueueV2, types, shapes, name, shared_name, capacity=capacity)
        super().__init__(types, shapes, _name_list(names, len(types)), handle)


class RandomShuffleQueue(QueueBase):
    """tf.RandomShuffleQueue: out at random; `min_after_dequeue` elements stay to choose from, until closed."""

    def __init__(self, capacity, min_after_dequeue, dtypes, shapes=None, names=None, seed=None, shared_name=None,
                 name="random_shuffle_queue"):  # fmt: skip
        types = _dtype_list(dtypes)
        shapes = _shape_list(shapes, len(types))
        seed1, seed2 = get_seed(seed)
        if seed1 is None and seed2 is None:
            seed1 = seed2 = 0
        handle = _make(RandomShuffleQueueV2, types, shapes, name, shared_name, capacity=capacity,
                       min_after_dequeue=min_after_dequeue, seed=seed1 or 0, seed2=seed2 or 0)  # fmt: skip
        super().__init__(types, shapes, _name_list(names, len(types)), handle)


class PriorityQueue(QueueBase):
    """tf.PriorityQueue: the first component of an element is its int64 priority; the lowest comes out first."""

    def __init__(self, capacity, types, shapes=None, names=None, shared_name=None, name="priority_queue"):
        types = _dtype_list(types)
        shapes = _shape_list(shapes, len(types))
        handle = _make(PriorityQueueV2, types, shapes, name, shared_name, capacity=capacity)
        types = [dtypes.int64, *types]
        shapes = [TensorShape([]), *shapes] if shapes else shapes
        super().__init__(types, shapes, _name_list(names, len(types)), handle)
