"""Sums of several tensors of one shape."""

from collections.abc import Iterable

import numpy as np

from minitf.graph.dtypes import as_dtype
from minitf.graph.operation import Tensor
from minitf.graph.shape import as_shape
from minitf.kernels import elementwise
from minitf.ops.array import identity
from minitf.ops.constant import convert_to_tensor, convert_to_tensor_or_indexed_slices
from minitf.ops.examples import example, normal
from minitf.ops.op import NUMBERS, Op


class AddN(Op):
    """sum = inputs[0] + inputs[1] + ..."""

    joins = True
    inputs = {"*inputs": "T"}
    types = {"T": (*NUMBERS, "variant")}
    examples = [
        example([normal(2, 3)] * 3),
        example([normal(2, 3)]),
        example([normal()] * 2),
        example([normal(5)] * 9),
    ]

    def infer(op, *inputs):
        shape = inputs[0].shape
        for x in inputs[1:]:
            shape = shape.merge_with(x.shape)
        return [(shape, inputs[0].dtype)]

    def cpu(op, *arrays):
        *inputs, out = arrays
        return elementwise.sum_launches(inputs, out)

    def numpy(op, *inputs):
        return sum(inputs[1:], np.array(inputs[0]))

    def gradient(op, dy):
        return [dy] * len(op.inputs)


def add_n(inputs, name=None):
    """tf.add_n: the sum of a list of tensors (or IndexedSlices) of one shape and dtype.

    Raises ValueError for an empty list or something else than a list.
    """
    if isinstance(inputs, str) or not isinstance(inputs, Iterable):
        raise ValueError(_WANTED)
    inputs = list(inputs)
    if not inputs:
        raise ValueError(_WANTED)
    inputs = [convert_to_tensor_or_indexed_slices(x) for x in inputs]
    if len(inputs) == 1:
        value = convert_to_tensor(inputs[0])
        return identity(value, name=name) if name and value is inputs[0] else value
    return AddN.apply(inputs, name=name)


_WANTED = "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape."


def accumulate_n(inputs, shape=None, tensor_dtype=None, name=None):
    """tf.accumulate_n: `add_n` of tensors, whose shape and dtype may be given.

    Raises ValueError for an empty list or shapes that differ, TypeError where the dtype is another one.
    """
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise ValueError(_WANTED)
    inputs = [convert_to_tensor_or_indexed_slices(x) for x in inputs]
    if not all(isinstance(x, Tensor) and x.dtype.base_dtype is inputs[0].dtype.base_dtype for x in inputs):
        raise ValueError(_WANTED)
    known = as_shape(shape)
    for x in inputs:
        known = known.merge_with(x.shape)
    if tensor_dtype is not None and as_dtype(tensor_dtype) is not inputs[0].dtype.base_dtype:
        raise TypeError(
            f"tensor_dtype is {as_dtype(tensor_dtype).name}, but input is of type {inputs[0].dtype.name}"
        )
    if len(inputs) == 1:
        return inputs[0] if name is None else identity(inputs[0], name=name)
    total = add_n(inputs, name=name)
    total.set_shape(known)
    return total
