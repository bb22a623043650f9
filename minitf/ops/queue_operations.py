"""The operations of queues: make one, put in, take out, close.

The queue operation's output is a handle; the queue itself lives in the session's state (see
`waiting.py`).  A run that waits holds nothing that other runs of the session need.
"""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.op import Op
from minitf.ops.waiting import FirstInFirstOut, LowestFirst, Padding, RandomOrder


class _Queue(Op):
    """A queue of this session; equal `shared_name`s mean the same queue."""

    stateful = True
    attrs = {"capacity": -1, "container": "", "shared_name": ""}
    kind = None

    def infer(op):
        return [(TensorShape([]), dtypes.resource)]

    def run(op, state):
        name = op.attrs["shared_name"] or op.name
        queue = state.resource(("queue", name), lambda: op.definition.kind(op))
        problem = queue.contradiction(op)
        if problem:
            raise errors.InvalidArgumentError(None, op, f"Shared queue '{name}' has {problem}")
        return [queue]

    gradient = None


class FIFOQueueV2(_Queue):
    """A queue that gives back in the order of putting in."""

    kind = FirstInFirstOut
    default_name = "fifo_queue"


class PaddingFIFOQueueV2(_Queue):
    """As FIFOQueue, for elements of different sizes: `dequeue_many` pads them with zeros."""

    kind = Padding
    default_name = "padding_fifo_queue"


class RandomShuffleQueueV2(_Queue):
    """A queue that gives back at random, and keeps `min_after_dequeue` elements to choose from."""

    kind = RandomOrder
    default_name = "random_shuffle_queue"


class PriorityQueueV2(_Queue):
    """A queue that gives back the element with the lowest int64 priority first."""

    kind = LowestFirst
    default_name = "priority_queue"


class _OfQueue(Op):
    stateful = True
    gradient = None


class QueueEnqueueV2(_OfQueue):
    """Put one element in; waits while the queue is full.  CancelledError where it is closed."""

    inputs = {"handle": "resource", "*components": "any"}
    type_list = "Tcomponents"
    attrs = {"timeout_ms": -1}

    def infer(op, handle, *components):
        op.attrs.setdefault("Tcomponents", [c.dtype for c in components])
        return []

    def run(op, state, handle, *components):
        handle.put([[np.array(c) for c in components]], op, state.patience())
        return []


class QueueEnqueueManyV2(_OfQueue):
    """Put the rows of the components in, one after the other."""

    inputs = {"handle": "resource", "*components": "any"}
    type_list = "Tcomponents"
    attrs = {"timeout_ms": -1}

    def infer(op, handle, *components):
        op.attrs.setdefault("Tcomponents", [c.dtype for c in components])
        rows = TensorShape([None])
        for c in components:
            rows = rows.merge_with(c.shape.with_rank_at_least(1)[:1])
        return []

    def run(op, state, handle, *components):
        handle.put_rows([np.array(c) for c in components], op, state.patience())
        return []


class QueueDequeueV2(_OfQueue):
    """Take one element out; waits while there is none.  OutOfRangeError where the queue is closed and empty."""

    inputs = {"handle": "resource"}
    attrs = {"timeout_ms": -1}

    def infer(op, handle):
        return list(zip(op.attrs["_shapes"], op.attrs["component_types"], strict=True))

    def run(op, state, handle):
        return handle.take(1, op, seconds=state.patience())[0]


class QueueDequeueManyV2(_OfQueue):
    """Take n elements out, stacked; waits until there are n.  OutOfRangeError where there will never be."""

    inputs = {"handle": "resource", "n": "int32"}
    attrs = {"timeout_ms": -1}

    def infer(op, handle, n):
        count = None if n.value is None else int(n.value)
        if count is not None and count < 0:
            raise ValueError(f"DequeueMany requested {count} < 0 elements")
        return [(TensorShape([count]).concatenate(s), d)
                for s, d in zip(op.attrs["_shapes"], op.attrs["component_types"], strict=True)]  # fmt: skip

    def run(op, state, handle, n):
        handle.check_stackable(op)
        return handle.stack(handle.take(int(n), op, seconds=state.patience()), op)


class QueueDequeueUpToV2(_OfQueue):
    """As DequeueMany; a closed queue gives what it has left."""

    inputs = {"handle": "resource", "n": "int32"}
    attrs = {"timeout_ms": -1}

    def infer(op, handle, n):
        return [(TensorShape([None]).concatenate(s), d)
                for s, d in zip(op.attrs["_shapes"], op.attrs["component_types"], strict=True)]  # fmt: skip

    def run(op, state, handle, n):
        handle.check_stackable(op)
        return handle.stack(handle.take(int(n), op, or_fewer=True, seconds=state.patience()), op)


class QueueSizeV2(_OfQueue):
    """The number of elements in the queue, int32."""

    inputs = {"handle": "resource"}

    def infer(op, handle):
        return [(TensorShape([]), dtypes.int32)]

    def run(op, state, handle):
        return [np.array(handle.size(), np.int32)]


class QueueIsClosedV2(_OfQueue):
    """True where the queue is closed."""

    inputs = {"handle": "resource"}

    def infer(op, handle):
        return [(TensorShape([]), dtypes.bool)]

    def run(op, state, handle):
        return [np.array(handle.closed)]


class QueueCloseV2(_OfQueue):
    """No more elements may come in; `cancel_pending_enqueues` also fails those that wait to."""

    inputs = {"handle": "resource"}
    attrs = {"cancel_pending_enqueues": False}

    def infer(op, handle):
        return []

    def run(op, state, handle):
        handle.close(op.attrs["cancel_pending_enqueues"], op)
        return []


class _ChooseQueue(Op):
    """The handle number `index` of a list: for `QueueBase.from_list`."""

    type = "RefSelect"
    inputs = {"index": "int32", "*handles": "resource"}
    stateful = True

    def infer(op, index, *handles):
        return [(TensorShape([]), dtypes.resource)]

    def run(op, state, index, *handles):
        if not 0 <= index < len(handles):
            raise errors.InvalidArgumentError(
                None, op, f"Index must be in the range [0, {len(handles)}) but got {index}"
            )
        return [handles[int(index)]]

    gradient = None
