"""What the methods of `tf.data.Dataset` make of what they are given: tensors, seeds, values to pad with."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import get_default_graph, name_scope
from minitf.ops.constant import convert_to_tensor
from minitf.ops.op import constant_value
from minitf.ops.random import get_seed
from minitf.ops.structure import flatten


def number(value, name):
    """`value` as an int64 tensor."""
    return convert_to_tensor(value, dtype=dtypes.int64, name=name)


def components(tensors):
    """`tensors` with everything in it a tensor, and these as a flat list."""
    with name_scope("tensors"):
        tensors = _named(tensors, iter(range(1 << 30)))
    return tensors, flatten(tensors)


def _named(value, numbers):
    if isinstance(value, dict):
        return type(value)({k: _named(value[k], numbers) for k in sorted(value)})
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*[_named(v, numbers) for v in value])
    if isinstance(value, tuple):
        return tuple(_named(v, numbers) for v in value)
    return convert_to_tensor(value, name=f"component_{next(numbers)}")


def seeds(seed):
    """The two seeds of TensorFlow's `tf.data`: (0, 0) asks for random ones."""
    seed1, seed2 = get_seed(seed)
    seed1, seed2 = seed1 or 0, seed2 or 0
    given = seed is not None or get_default_graph().seed is not None
    return (0, 2**31 - 1) if given and seed1 == 0 and seed2 == 0 else (seed1, seed2)


def batch_rows(size, drop):
    """How many rows every batch has, or None where that is not known before a run."""
    dropped, rows = constant_value(drop), constant_value(size)
    return int(rows) if dropped is not None and dropped and rows is not None else None


def padding_of(types, values):
    """A tensor to pad with for each component of `types`: from `values`, else 0 or the empty string."""
    kinds = flatten(types)
    if values is None:
        given = [None] * len(kinds)
    elif len(kinds) > 1 and not isinstance(values, (tuple, dict, list)):
        given = [values] * len(kinds)
    else:
        given = flatten(values)
    defaults = [b"" if d is dtypes.string else np.zeros((), d.as_numpy_dtype) for d in kinds]
    return [
        convert_to_tensor(default if value is None else value, dtype=d)
        for value, default, d in zip(given, defaults, kinds, strict=True)
    ]
