"""one_hot: class numbers as rows with a single one."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import encoding
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example
from minitf.ops.op import Op


class OneHot(Op):
    """A new axis of length `depth` with `on_value` at place indices[...], `off_value` elsewhere.

    An index out of range gives a row without `on_value`.
    """

    inputs = {"indices": "TI", "depth": "int32", "on_value": "T", "off_value": "T"}
    types = {"T": (), "TI": ("uint8", "int8", "int32", "int64")}
    attrs = {"axis": -1}
    static = (1,)
    default_name = "one_hot"
    examples = [
        example(array([2, 0, 5, -1]), array(4), array(1.0, np.float32), array(0.0, np.float32)),
        example(array([[2, 0], [1, 1]]), array(3), array(5), array(7), axis=1),
    ]

    def infer(op, indices, depth, on_value, off_value):
        for scalar in (depth, on_value, off_value):
            scalar.shape.with_rank(0)
        if depth.value is not None and depth.value < 0:
            raise ValueError(f"The depth of one_hot must be non-negative but is {int(depth.value)}")
        if indices.shape.ndims is None:
            return [(TensorShape(None), on_value.dtype)]
        sizes = list(indices.shape.sizes)
        sizes.insert(_axis(op, len(sizes)), None if depth.value is None else int(depth.value))
        return [(TensorShape(sizes), on_value.dtype)]

    def cpu(op, indices, depth, on_value, off_value, out):
        return [encoding.one_hot_launch(indices, _axis(op, indices.ndim), on_value, off_value, out)]

    def numpy(op, indices, depth, on_value, off_value):
        axis = _axis(op, indices.ndim)
        places = np.arange(int(depth)).reshape([-1 if d == axis else 1 for d in range(indices.ndim + 1)])
        return np.where(np.expand_dims(indices, axis) == places, on_value, off_value)

    gradient = None


def _axis(op, ndims):
    axis = op.attrs["axis"]
    if not -1 <= axis <= ndims:
        raise ValueError(f"Expected axis to be -1 or between [0, {ndims}], but got {axis}")
    return ndims if axis == -1 else axis


def one_hot(indices, depth, on_value=None, off_value=None, axis=None, dtype=None, name=None):
    """tf.one_hot: a new axis (default: the last) of length `depth` with `on_value` (1) at the index.

    Elsewhere stands `off_value` (0).  The dtype is that of the values, or `dtype`, or float32.
    Raises TypeError where these contradict each other.
    """
    with name_scope(name, "one_hot", [indices, depth, on_value, off_value, axis, dtype]) as scope:
        wanted = None if dtype is None else dtypes.as_dtype(dtype).base_dtype
        given = [(n, _value(v, wanted)) for n, v in (("on_value", on_value), ("off_value", off_value)) if v is not None]
        for n, v in given:
            if wanted is not None and v.dtype.base_dtype is not wanted:
                raise TypeError(f"dtype {v.dtype.base_dtype.name} of {n} does not match dtype parameter {wanted.name}")
        kinds = {v.dtype.base_dtype for _, v in given}
        if len(kinds) > 1:
            raise TypeError("dtype of on_value does not match dtype of off_value: " + ", ".join(k.name for k in kinds))
        kind = kinds.pop() if kinds else wanted or dtypes.float32
        values = dict(given)
        on = values.get("on_value")
        off = values.get("off_value")
        on = convert_to_tensor(1, kind, name="on_value") if on is None else on
        off = convert_to_tensor(0, kind, name="off_value") if off is None else off
        return OneHot.apply(indices, depth, on, off, axis=-1 if axis is None else int(axis), name=scope)


def _value(value, dtype):
    return convert_to_tensor(value, preferred_dtype=dtype)
