"""Evenly spaced numbers."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.kernels.machine import Launch
from minitf.kernels.spacing import spaced, stepped
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example
from minitf.ops.op import INDICES, REALS, Op


class Range(Op):
    """start, start + delta, start + 2 delta, ... up to but without limit."""

    default_name = "range"
    inputs = {"start": "Tidx", "limit": "Tidx", "delta": "Tidx"}
    types = {"Tidx": REALS}
    examples = [
        example(array(2), array(9), array(3)),
        example(array(5), array(0), array(-2)),
        example(array(0.0, np.float32), array(1.0, np.float32), array(0.3, np.float32), gradient=False),
    ]

    def infer(op, start, limit, delta):
        for label, spec in (("start", start), ("limit", limit), ("delta", delta)):
            if spec.shape.ndims not in (None, 0):
                raise ValueError(f"Shape of {label} must be rank 0 but is rank {spec.shape.ndims}")
        if any(spec.value is None for spec in (start, limit, delta)):
            return [(TensorShape([None]), start.dtype)]
        return [(TensorShape([_count(start.value, limit.value, delta.value)]), start.dtype)]

    def measure(op, start, limit, delta):
        return [(_count(start, limit, delta),)]

    def cpu(op, start, limit, delta, out):
        return [Launch(stepped, start.reshape(1), delta.reshape(1), out)]

    def numpy(op, start, limit, delta):
        return start + np.arange(_count(start, limit, delta)).astype(start.dtype) * delta

    gradient = None


def _count(start, limit, delta):
    """How many numbers a range holds.  Raises ValueError where delta leads away from the limit."""
    start, limit, delta = (x.item() if x.dtype.kind in "iu" else float(x) for x in (start, limit, delta))
    if delta == 0:
        raise ValueError("Requires delta != 0")
    if delta > 0 and start > limit:
        raise ValueError(f"Requires start <= limit when delta > 0, but got {start} and {limit}")
    if delta < 0 and start < limit:
        raise ValueError(f"Requires start >= limit when delta < 0, but got {start} and {limit}")
    if isinstance(delta, int):
        return -((limit - start) // -delta)
    return int(np.ceil(np.abs((limit - start) / delta)))


class LinSpace(Op):
    """`num` numbers from start to stop, both included, evenly spaced."""

    inputs = {"start": "T", "stop": "T", "num": "Tidx"}
    types = {"T": ("float16", "bfloat16", "float32", "float64"), "Tidx": INDICES}
    static = (2,)
    examples = [
        example(array(0.0, np.float32), array(1.0, np.float32), array(5), gradient=False),
        example(array(3.0, np.float64), array(-1.0, np.float64), array(1), gradient=False),
    ]

    def infer(op, start, stop, num):
        for label, spec in (("start", start), ("stop", stop), ("num", num)):
            if spec.shape.ndims not in (None, 0):
                raise ValueError(f"Shape of {label} must be rank 0 but is rank {spec.shape.ndims}")
        if num.value is None:
            return [(TensorShape([None]), start.dtype)]
        if num.value <= 0:
            raise ValueError(f"Requires num > 0: {int(num.value)}")
        return [(TensorShape([int(num.value)]), start.dtype)]

    def cpu(op, start, stop, num, out):
        return [Launch(spaced, start.reshape(1), stop.reshape(1), out)]

    def numpy(op, start, stop, num):
        if num <= 0:
            raise ValueError(f"Requires num > 0: {int(num)}")
        numbers = start + np.arange(int(num)).astype(start.dtype) * ((stop - start) / start.dtype.type(max(num - 1, 1)))
        numbers[-1] = start if num == 1 else stop
        return numbers

    gradient = None


def range(start, limit=None, delta=1, dtype=None, name="range"):
    """tf.range: the numbers from `start` (0 where only one bound is given) up to but without `limit`.

    Without `dtype`, the widest type of the arguments: int32, int64, float32, float64 in this order.
    Raises ValueError where `delta` is 0 or leads away from the limit.
    """
    if limit is None:
        start, limit = 0, start
    with name_scope(name, "range", [start, limit, delta]) as scope:
        given = None if dtype is None else dtypes.as_dtype(dtype)
        bounds = [
            x if isinstance(x, Tensor) else convert_to_tensor(x, given, name=label)
            for x, label in ((start, "start"), (limit, "limit"), (delta, "delta"))
        ]
        wanted = given or _widest([t.dtype.base_dtype for t in bounds])
        return Range.apply(*(_as(t, wanted) for t in bounds), name=scope)


def _as(tensor, dtype):
    if tensor.dtype.base_dtype is dtype:
        return tensor
    from minitf.ops.casting import cast

    return cast(tensor, dtype)


def _widest(found):
    order = [dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64]
    if all(d in order for d in found):
        return max(found, key=order.index)
    return found[0]


def linspace(start, stop, num, name=None):
    """tf.linspace: `num` numbers from `start` to `stop` (floats), both included."""
    return LinSpace.apply(start, stop, num, name=name)


lin_space = linspace
