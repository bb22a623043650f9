"""The same numbers in another dtype; the same bits under another dtype."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.graph.sparse import IndexedSlices
from minitf.kernels import elementwise, scalar_math
from minitf.kernels.copying import copy_launch
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.elementwise import Elementwise
from minitf.ops.examples import array, booleans, example, normal
from minitf.ops.op import COMPLEX, FLOATS, INTS, Op
from minitf.ops.sparse_tensor import SparseTensor


class Cast(Elementwise):
    """y = x in dtype `DstT`: fractions are cut off, 0 is False, imaginary parts are dropped."""

    inputs = {"x": "SrcT"}
    types = {"SrcT": (), "DstT": ()}
    attrs = {"Truncate": False}
    result = "DstT"
    examples = [
        example(normal(3, 4), DstT="float64"),
        example(normal(3, 4), DstT="float32", gradient=False),
        example(normal(3, 4), DstT="int32"),
        example(normal(3, 4), DstT="uint8", dtypes=("int32",)),
        example(normal(3, 4), DstT="bool"),
        example(normal(3, 4), DstT="complex64"),
        example(normal(3, 4), DstT="float16", gradient=False),
        example(booleans(3, 4), DstT="float32"),
    ]

    def cpu(op, x, out):
        if out.dtype.kind == "b" and x.dtype.kind != "b":
            return [elementwise.launch(scalar_math.is_not_zero, [x], out)]
        if x.dtype.kind == "c" and out.dtype.kind != "c":
            return [elementwise.launch(scalar_math.real_part, [x], out)]
        return [elementwise.launch(scalar_math.same, [x], out)]

    @classmethod
    def evaluate(cls, op, arrays):
        (x,), target = arrays, op.outputs[0].dtype.as_numpy_dtype
        if "O" in (x.dtype.kind, np.dtype(target).kind):
            names = f"{op.inputs[0].dtype.base_dtype.name} to {op.outputs[0].dtype.name}"
            raise errors.UnimplementedError(None, op, f"Cast {names} is not supported")
        if x.dtype.kind == "c" and np.dtype(target).kind not in "cb":
            x = x.real
        with np.errstate(all="ignore"):
            return [np.ascontiguousarray(x.astype(target)).reshape(x.shape)]

    def numpy(x):
        return x

    def gradient(op, dy):
        kind = op.inputs[0].dtype.base_dtype
        if (kind.is_floating or kind.is_complex) and (dy.dtype.is_floating or dy.dtype.is_complex):
            return [cast(dy, kind)]
        return [None]


class Bitcast(Op):
    """The bits of `input` read as numbers of dtype `type`; a last axis joins or splits them."""

    inputs = {"input": "T"}
    types = {"T": (*FLOATS, *INTS, *COMPLEX), "type": (*FLOATS, *INTS, *COMPLEX)}
    examples = [
        example(array([[1.0, -2.5]], np.float32), type="int32", gradient=False),
        example(array([1, 2]), type="uint8", gradient=False),
        example(array([[1, 2, 3, 4]], np.uint8), type="int32", gradient=False),
    ]

    def infer(op, input):
        target = op.attrs["type"]
        before, after = input.dtype.size, target.size
        shape = input.shape
        if shape.ndims is None or before == after:
            return [(shape, target)]
        if before > after:
            return [(shape.concatenate([before // after]), target)]
        if shape.ndims == 0 or shape[-1].value not in (None, after // before):
            raise ValueError(f"Cannot bitcast from {input.dtype.name} to {target.name}: shape {shape}")
        return [(TensorShape(shape.sizes[:-1]), target)]

    def cpu(op, input, out):
        return [copy_launch(*(a.reshape(-1).view(np.uint8) for a in (input, out)))]

    def numpy(op, input):
        target = np.dtype(op.outputs[0].dtype.as_numpy_dtype)
        before, after = input.dtype.itemsize, target.itemsize
        shape = input.shape
        if before > after:
            shape = (*shape, before // after)
        elif before < after:
            shape = shape[:-1]
        return np.frombuffer(input.tobytes(), target).reshape(shape).copy()


def cast(x, dtype, name=None):
    """tf.cast: `x` in another dtype; a tensor that has it already is returned as it is.

    Takes tensors, SparseTensors and IndexedSlices.  Fractions are cut off towards 0.
    Raises TypeError where `x` can't be cast (strings).
    """
    dtype = dtypes.as_dtype(dtype).base_dtype
    if getattr(x, "dtype", None) is dtype and hasattr(x, "graph"):
        return x
    with name_scope(name, "Cast", [x]) as scope:
        if isinstance(x, SparseTensor):
            return SparseTensor(x.indices, cast(x.values, dtype, name=scope), x.dense_shape)
        if isinstance(x, IndexedSlices):
            return IndexedSlices(cast(x.values, dtype, name=scope), x.indices, x.dense_shape)
        x = convert_to_tensor(x, name="x")
        if x.dtype.base_dtype is dtype:
            return x
        return Cast.apply(x, DstT=dtype, name=scope)


def saturate_cast(value, dtype, name=None):
    """tf.saturate_cast: `cast`, after numbers outside the range of `dtype` were moved to its ends."""
    from minitf.ops.clipping import ClipByValue

    with name_scope(name, "saturate_cast", [value]) as scope:
        value = convert_to_tensor(value, name="value")
        dtype = dtypes.as_dtype(dtype).base_dtype
        own = value.dtype.base_dtype
        low, high = max(own.min, dtype.min), min(own.max, dtype.max)
        inside = ClipByValue.apply(value, constant(low, own), constant(high, own), name="clamp")
        return cast(inside, dtype, name=scope)


def bitcast(input, type, name=None):
    """tf.bitcast: the bits of `input` as numbers of dtype `type`.

    To a smaller dtype a last axis is added, to a larger one the last axis is used up; ValueError where
    it has another size.
    """
    return Bitcast.apply(input, type=dtypes.as_dtype(type).base_dtype, name=name)


def _to(dtype, default_name):
    def function(x, name=default_name):
        return cast(x, dtype, name=name)

    function.__doc__ = f"""tf.{_snake(default_name)}: `x` as {dtype.name}."""
    return function


def _snake(name):
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


to_float = _to(dtypes.float32, "ToFloat")
to_double = _to(dtypes.float64, "ToDouble")
to_int32 = _to(dtypes.int32, "ToInt32")
to_int64 = _to(dtypes.int64, "ToInt64")
to_bfloat16 = _to(dtypes.bfloat16, "ToBFloat16")
to_complex64 = _to(dtypes.complex64, "ToComplex64")
to_complex128 = _to(dtypes.complex128, "ToComplex128")
