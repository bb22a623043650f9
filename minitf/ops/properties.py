"""Assertions on what a tensor is: its rank, its dtype, its order."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import control_dependencies, name_scope
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.graph.sparse import IndexedSlices
from minitf.ops import comparison
from minitf.ops.array import check_numerics, identity, reshape, shape_of
from minitf.ops.array import rank as rank_of
from minitf.ops.checking import assert_that
from minitf.ops.constant import convert_to_tensor
from minitf.ops.control_flow import no_op
from minitf.ops.examples import example, normal
from minitf.ops.logic import logical_or
from minitf.ops.op import Op, constant_value
from minitf.ops.reductions import reduce_all
from minitf.ops.sparse_tensor import SparseTensor


def _of(x, name="x"):
    return x if isinstance(x, SparseTensor) else convert_to_tensor(x, name=name)


def _name(x):
    return x.values.name if isinstance(x, SparseTensor) else x.name


def _assert_rank(x, ranks, relation, condition, words, data, summarize, message):
    """Assert that x's rank stands in a relation to `ranks`: relation(rank, ranks), or condition of tensors."""
    if data is None:
        failure = f"Tensor {_name(x)} must have {words}"
        data = [message or "", failure, *ranks, "Received shape: ", shape_of(x)]
    ranks = [_whole_scalar(r) for r in ranks]
    known = [constant_value(r) for r in ranks]
    if x.shape.ndims is None or any(v is None for v in known):
        return assert_that(condition(rank_of(x), ranks), data, summarize=summarize)
    numbers = [int(v) for v in known]
    if not relation(x.shape.ndims, numbers):
        wanted = tuple(numbers) if words == "rank in" else numbers[0]
        raise ValueError(f"{message or ''}Tensor {_name(x)} must have {words} {wanted}.  "
                         f"Received rank {x.shape.ndims}, shape {x.shape}")  # fmt: skip
    return no_op(name="static_checks_determined_all_ok")


def _whole_scalar(rank):
    """`rank`, which must be an int32 scalar."""
    assert_type(rank, dtypes.int32)
    if rank.shape.ndims not in (None, 0):
        raise ValueError("Rank must be a scalar.")
    if rank.shape.ndims == 0:
        return rank
    scalar = assert_that(comparison.equal(rank_of(rank), 0), ["Rank must be a scalar."])
    with control_dependencies([scalar]):
        return identity(rank)


def assert_rank(x, rank, data=None, summarize=None, message=None, name=None):
    """tf.assert_rank: ValueError, or InvalidArgumentError at run time, where `x` has not `rank` axes."""
    with name_scope(name, "assert_rank", [x, rank, data]):
        x, rank = _of(x), convert_to_tensor(rank, name="rank")
        return _assert_rank(x, [rank], lambda a, b: a == b[0], lambda a, b: comparison.equal(a, b[0]), "rank",
                            data, summarize, message)  # fmt: skip


def assert_rank_at_least(x, rank, data=None, summarize=None, message=None, name=None):
    """tf.assert_rank_at_least: as `assert_rank`, where `x` has fewer than `rank` axes."""
    with name_scope(name, "assert_rank_at_least", [x, rank, data]):
        x, rank = _of(x), convert_to_tensor(rank, name="rank")
        return _assert_rank(x, [rank], lambda a, b: a >= b[0], lambda a, b: comparison.greater_equal(a, b[0]),
                            "rank at least", data, summarize, message)  # fmt: skip


def assert_rank_in(x, ranks, data=None, summarize=None, message=None, name=None):
    """tf.assert_rank_in: as `assert_rank`, where the number of axes is none of `ranks`."""

    def one_of(have, wanted):
        found = comparison.equal(wanted[0], have)
        for rank in wanted[1:]:
            found = logical_or(found, comparison.equal(rank, have))
        return found

    with name_scope(name, "assert_rank_in", [x, *ranks]):
        x, ranks = _of(x), [convert_to_tensor(r, name="rank") for r in ranks]
        return _assert_rank(x, ranks, lambda a, b: a in b, one_of, "rank in", data, summarize, message)


def assert_scalar(tensor, name=None, message=None):
    """tf.assert_scalar: the tensor; ValueError where its shape is known not to be []."""
    with name_scope(name, "assert_scalar", [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name=f"{scope}tensor")
        if tensor.shape.ndims not in (None, 0):
            failure = f"Expected scalar shape for {tensor.name}, saw shape: {tensor.shape}."
            raise ValueError((message or "") + failure)
        return tensor


def assert_type(tensor, tf_type, message=None, name=None):
    """tf.assert_type: TypeError where `tensor` has another dtype than `tf_type`."""
    tf_type = dtypes.as_dtype(tf_type)
    with name_scope(name, "assert_type", [tensor]):
        tensor = _of(tensor, "tensor")
        if tensor.dtype.base_dtype is not tf_type.base_dtype:
            failure = f"{_name(tensor)} must be of type {tf_type!r}; got {tensor.dtype!r}"
            raise TypeError((message or "") + failure)
        return no_op("statically_determined_correct_type")


def assert_integer(x, message=None, name=None):
    """tf.assert_integer: TypeError where `x` is not of an integer dtype."""
    with name_scope(name, "assert_integer", [x]):
        x = convert_to_tensor(x, name="x")
        if not x.dtype.is_integer:
            failure = f'Expected "x" to be integer type.  Found: {x.name} of dtype {x.dtype!r}'
            raise TypeError((message or "") + failure)
        return no_op("statically_determined_was_integer")


def assert_proper_iterable(values):
    """tf.assert_proper_iterable: TypeError for tensors, arrays and strings: they are no collections."""
    if not (hasattr(values, "__iter__") or isinstance(values, SparseTensor)):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')
    if isinstance(values, (Tensor, SparseTensor, np.ndarray, bytes, str)):
        raise TypeError(f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}')


def assert_same_float_dtype(tensors=None, dtype=None):
    """tf.assert_same_float_dtype: the one floating dtype of all `tensors` (float32 for none of them).

    Raises ValueError where they differ or are not floating.
    """
    found = [t.dtype.base_dtype for t in tensors or [] if t is not None]
    wanted = dtypes.as_dtype(dtype).base_dtype if dtype else found[0] if found else dtypes.float32
    for t, have in zip([t for t in tensors or [] if t is not None], found, strict=True):
        if have is not wanted:
            raise ValueError(f"Tensor {t.name} must be of dtype {wanted.name}, but has {have.name}.")
    if not wanted.is_floating:
        raise ValueError(f"Expected floating point type, got {wanted.name}.")
    return wanted


def is_numeric_tensor(tensor):
    """tf.is_numeric_tensor: True for a tensor of integer, floating or complex numbers."""
    return isinstance(tensor, Tensor) and (
        tensor.dtype.is_integer or tensor.dtype.is_floating or tensor.dtype.is_complex
    )


def is_tensor(x):
    """tf.is_tensor: True for tensors, sparse tensors, slices of tensors and variables."""
    return isinstance(x, (Tensor, SparseTensor, IndexedSlices)) or hasattr(x, "_as_tensor")


def _neighbours(x, compare, name, default_name):
    with name_scope(name, default_name, [x]):
        flat = reshape(convert_to_tensor(x, name="x"), [-1])
        return reduce_all(compare(flat[1:], flat[:-1]))


def is_strictly_increasing(x, name=None):
    """tf.is_strictly_increasing: whether each element of `x`, row by row, is above the one before."""
    return _neighbours(x, comparison.greater, name, "is_strictly_increasing")


def is_non_decreasing(x, name=None):
    """tf.is_non_decreasing: whether no element of `x`, row by row, is below the one before."""
    return _neighbours(x, comparison.greater_equal, name, "is_non_decreasing")


class EnsureShape(Op):
    """The input; InvalidArgumentError where its shape is not `shape`."""

    inputs = {"input": "T"}
    types = {"T": ()}
    alias = True
    examples = [example(normal(2, 3), shape=TensorShape([None, 3]))]

    def infer(op, input):
        wanted = op.attrs["shape"]
        if not wanted.is_compatible_with(input.shape):
            given = f"{op.inputs[0].name} {input.shape}"
            raise ValueError(f"Shape of tensor {given} is not compatible with expected shape {wanted}.")
        return [(wanted.merge_with(input.shape), input.dtype)]

    def numpy(op, input):
        return input

    def gradient(op, dy):
        return [dy]


def ensure_shape(x, shape, name=None):
    """tf.ensure_shape: `x`, whose shape is held against `shape` (None: any size) when it runs, and now."""
    return EnsureShape.apply(x, shape=TensorShape(shape), name=name)


def assert_all_finite(t=None, msg=None, name=None, x=None, message=None):
    """tf.verify_tensor_all_finite: the tensor; InvalidArgumentError with the message where it has NaN or Inf."""
    with name_scope(name, "VerifyFinite", [t, x]):
        x = convert_to_tensor(t if x is None else x, name="t")
        with control_dependencies([check_numerics(x, message=msg if message is None else message)]):
            return identity(x)


def assert_shapes(shapes, data=None, summarize=None, message=None, name=None):
    """tf.debugging.assert_shapes: sizes of tensors held against numbers and against each other by symbol.

    `shapes` is a dictionary or a list of pairs: tensor -> (sizes), a size being a number, a symbol (the same
    size everywhere it occurs) or None.  Raises ValueError where known shapes do not fit; others are not checked.
    """
    sizes = {}
    for x, wanted in shapes.items() if isinstance(shapes, dict) else shapes:
        x, wanted = _of(x), tuple(wanted) if isinstance(wanted, (list, tuple)) else (wanted,)
        if x.shape.ndims is None:
            continue
        if x.shape.ndims != len(wanted):
            raise ValueError(f"{message or ''}Tensor {_name(x)} must have rank {len(wanted)}, not {x.shape.ndims}")
        for axis, (size, symbol) in enumerate(zip(x.shape.sizes, wanted, strict=True)):
            expected = symbol if isinstance(symbol, int) else sizes.setdefault(symbol, size)
            if symbol is not None and None not in (size, expected) and size != expected:
                raise ValueError(f"{message or ''}Tensor {_name(x)} dimension {axis} must have size {expected}, "
                                 f"not {size}")  # fmt: skip
    return no_op(name="static_checks_determined_all_ok")
