"""tf.queue: queues."""

from minitf.ops.queues import FIFOQueue as FIFOQueue
from minitf.ops.queues import PaddingFIFOQueue as PaddingFIFOQueue
from minitf.ops.queues import PriorityQueue as PriorityQueue
from minitf.ops.queues import QueueBase as QueueBase
from minitf.ops.queues import RandomShuffleQueue as RandomShuffleQueue
