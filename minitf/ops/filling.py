"""Tensors with one value everywhere: fill, zeros, ones."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import copying
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import INDICES, Op


class Fill(Op):
    """A tensor of shape `dims` with `value` everywhere."""

    inputs = {"dims": "index_type", "value": "T"}
    types = {"T": (), "index_type": INDICES}
    static = (0,)
    examples = [example(array([2, 3]), normal())]

    def infer(op, dims, value):
        if value.shape.ndims not in (None, 0):
            raise ValueError(f"Shape must be rank 0 but is rank {value.shape.ndims}")
        dims.shape.with_rank(1)
        if dims.value is not None and (dims.value < 0).any():
            raise ValueError(f"Fill dimensions must be >= 0, got {dims.value.tolist()}")
        return [(dims.sizes(), value.dtype)]

    def cpu(op, dims, value, out):
        return [copying.fill_launch_from(value, out)]

    def numpy(op, dims, value):
        if dims.ndim != 1:
            raise ValueError(f"dims must be a vector, not of shape {dims.shape}")
        return np.full([int(d) for d in dims], value, value.dtype)

    def gradient(op, dy):
        from minitf.ops.reductions import reduce_sum

        return [None, reduce_sum(dy)]


class ZerosLike(Op):
    """Zeros in the shape of the input."""

    inputs = {"x": "T"}
    types = {"T": ()}
    examples = [example(normal(2, 3), gradient=False)]

    def infer(op, x):
        return [(x.shape, x.dtype)]

    def cpu(op, x, out):
        return [copying.fill_launch(0, out)]

    def numpy(op, x):
        if x.dtype == object:
            return np.full(x.shape, b"", object)
        return np.zeros_like(x)

    gradient = None


class OnesLike(ZerosLike):
    """Ones in the shape of the input."""

    examples = [example(normal(2, 3), gradient=False)]

    def cpu(op, x, out):
        return [copying.fill_launch(1, out)]

    def numpy(op, x):
        return np.ones_like(x)


def fill(dims, value, name=None):
    """tf.fill: a tensor of shape `dims` holding the scalar `value`."""
    return Fill.apply(dims, value, name=name)


def zeros(shape, dtype=dtypes.float32, name=None):
    """tf.zeros: zeros of `shape` (False for bool, '' for strings)."""
    dtype = dtypes.as_dtype(dtype).base_dtype
    return _filled(shape, _zero(dtype), dtype, name, "zeros")


def ones(shape, dtype=dtypes.float32, name=None):
    """tf.ones: ones of `shape`."""
    dtype = dtypes.as_dtype(dtype).base_dtype
    return _filled(shape, True if dtype.is_bool else 1, dtype, name, "ones")


def _zero(dtype):
    return b"" if dtype is dtypes.string else False if dtype.is_bool else 0


_SMALL_CONSTANT = 1000  # elements; TensorFlow keeps larger ones as a Fill


def _filled(shape, value, dtype, name, default_name):
    with name_scope(name, default_name, [shape]) as scope:
        if not isinstance(shape, (tuple, list, TensorShape)) or not _is_small_known(shape):
            return fill(_fill_dims(shape), constant(value, dtype), name=scope)
        return constant(value, dtype, shape=shape, name=scope)


def _fill_dims(shape):
    """The sizes as a vector, under the names that TensorFlow gives them here."""
    from minitf.ops.constant import make_shape

    if not isinstance(shape, (tuple, list, TensorShape)):
        return make_shape(shape)
    try:
        return constant(np.array(TensorShape(shape).sizes, np.int32), name="shape_as_tensor")
    except (TypeError, ValueError):
        return convert_to_tensor(shape)


def _is_small_known(shape):
    try:
        count = TensorShape(shape).num_elements()
    except (TypeError, ValueError):
        return False
    return count is not None and count < _SMALL_CONSTANT


def zeros_like(tensor, dtype=None, name=None, optimize=True):
    """tf.zeros_like: zeros in the shape of `tensor`, of its dtype or `dtype`."""
    return _like(tensor, dtype, name, "zeros_like", zeros, ZerosLike, optimize)


def ones_like(tensor, dtype=None, name=None, optimize=True):
    """tf.ones_like: ones in the shape of `tensor`, of its dtype or `dtype`."""
    from minitf.ops.array import shape_of

    with name_scope(name, "ones_like", [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name="tensor")
        known = optimize and tensor.shape.is_fully_defined()
        dims = shape_of(tensor, optimize=optimize, name="Shape/shape_as_tensor" if known else None)
        out = ones(dims, dtype=tensor.dtype.base_dtype if dtype is None else dtype, name=scope)
        out.set_shape(tensor.shape)
        return out


def _like(tensor, dtype, name, default_name, make, same_dtype_op, optimize):
    from minitf.ops.array import shape_of

    with name_scope(name, default_name, [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name="tensor")
        dtype = tensor.dtype.base_dtype if dtype is None else dtypes.as_dtype(dtype).base_dtype
        if optimize and tensor.shape.is_fully_defined() and tensor.dtype.is_numpy_compatible:
            return make(tensor.shape, dtype, name=scope)
        if dtype is tensor.dtype.base_dtype:
            return same_dtype_op.apply(tensor, name=scope)
        return make(shape_of(tensor, optimize=optimize), dtype, name=scope)
