"""Repeating: tile and broadcast_to."""

import numpy as np

from minitf.kernels import copying
from minitf.ops.examples import array, example, normal
from minitf.ops.op import INDICES, Op


class BroadcastTo(Op):
    """The input repeated along axes of size 1 until it has shape `shape`."""

    inputs = {"input": "T", "shape": "Tidx"}
    types = {"T": (), "Tidx": INDICES}
    static = (1,)
    examples = [example(normal(3, 1), array([2, 3, 4]))]

    def infer(op, input, shape):
        return [(shape.sizes(), input.dtype)]

    def cpu(op, input, shape, out):
        return [copying.view_launch(np.broadcast_to(input, out.shape), out, input, out)]

    def numpy(op, input, shape):
        return np.broadcast_to(input, [int(d) for d in shape]).copy()


def broadcast_to(input, shape, name=None):
    """tf.broadcast_to: `input` repeated to `shape`, by the rules of broadcasting."""
    return BroadcastTo.apply(input, shape, name=name)
