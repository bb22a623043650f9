"""Sums of several tensors of one shape."""

import numpy as np

from minitf.ops.examples import example, normal
from minitf.ops.op import NUMBERS, Op


class AddN(Op):
    """sum = inputs[0] + inputs[1] + ..."""

    inputs = {"*inputs": "T"}
    types = {"T": (*NUMBERS, "variant")}
    examples = [example([normal(2, 3), normal(2, 3), normal(2, 3)])]

    def infer(op, *inputs):
        shape = inputs[0].shape
        for x in inputs[1:]:
            shape = shape.merge_with(x.shape)
        return [(shape, inputs[0].dtype)]

    def numpy(op, *inputs):
        return sum(inputs[1:], np.array(inputs[0]))

    def gradient(op, dy):
        return [dy] * len(op.inputs)


def add_n(inputs, name=None):
    """tf.add_n: the sum of a list of tensors of one shape and dtype."""
    return AddN.apply(inputs, name=name)
