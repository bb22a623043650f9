"""Shape and identity: what a tensor is, and the same values in another shape."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.graph.sparse import SparseTensorValue
from minitf.kernels import copying
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.filling import fill as fill
from minitf.ops.filling import ones as ones
from minitf.ops.filling import ones_like as ones_like
from minitf.ops.filling import zeros as zeros
from minitf.ops.filling import zeros_like as zeros_like
from minitf.ops.op import INDICES, Op


class Identity(Op):
    """The input; of a variable, its value at this moment."""

    inputs = {"input": "T"}
    types = {"T": ()}
    alias = True
    foldable = True
    examples = [example(normal(2, 3))]

    def infer(op, input):
        return [(input.shape, input.dtype)]

    def numpy(op, input):
        return input

    def gradient(op, dy):
        return [dy]


class IdentityN(Op):
    """Each of the inputs."""

    inputs = {"*input": "any"}
    type_list = "T"
    examples = [example([normal(2, 3), normal(4)])]

    def infer(op, *inputs):
        return [(x.shape, x.dtype) for x in inputs]

    def cpu(op, *arrays):
        count = len(op.inputs)
        return [copying.copy_launch(x, out) for x, out in zip(arrays[:count], arrays[count:], strict=True)]

    def numpy(op, *inputs):
        return [np.array(x) for x in inputs]

    def gradient(op, *dys):
        return list(dys)


class StopGradient(Identity):
    """The input; gradients do not pass."""

    gradient = None
    examples = [example(normal(2, 3), gradient=False)]


class PreventGradient(Identity):
    """The input; asking for a gradient through it raises LookupError."""

    examples = [example(normal(2, 3), gradient=False, message="stop")]

    def gradient(op, dy):
        raise LookupError(f"Gradient explicitly disabled. Reason: {op.attrs['message']}")


class CheckNumerics(Op):
    """The input; InvalidArgumentError where it holds a NaN or an infinity."""

    inputs = {"tensor": "T"}
    types = {"T": ("float16", "bfloat16", "float32", "float64")}
    examples = [example(normal(3), message="check")]

    def infer(op, tensor):
        return [(tensor.shape, tensor.dtype)]

    def cpu(op, tensor, out):
        return [copying.finite_launch(tensor, out)]

    def explain(op, tensor):
        what = "NaN" if np.isnan(tensor).any() else "Inf"
        return errors.InvalidArgumentError(None, op, f"{op.attrs['message']} : Tensor had {what} values")

    def numpy(op, tensor):
        for found, what in ((np.isnan(tensor), "NaN"), (np.isinf(tensor), "Inf")):
            if found.any():
                raise ValueError(f"{op.attrs['message']} : Tensor had {what} values")
        return tensor.copy()

    def gradient(op, dy):
        return [check_numerics(dy, "Not a number (NaN) or infinity (Inf) values detected in gradient.")]


class Reshape(Op):
    """The same elements in another shape; one size may be -1: what remains."""

    inputs = {"tensor": "T", "shape": "Tshape"}
    types = {"T": (), "Tshape": INDICES}
    static = (1,)
    alias = True
    examples = [example(normal(2, 6), array([3, 4])), example(normal(2, 6), array([4, -1]))]

    def infer(op, tensor, shape):
        if shape.value is None:
            partly = TensorShape(shape.sizes())
            if partly.ndims is None or partly.sizes.count(None) != 1 or tensor.shape.num_elements() is None:
                return [(partly, tensor.dtype)]
            return [(TensorShape(_fill_in([-1 if d is None else d for d in partly.sizes], tensor.shape)), tensor.dtype)]
        wanted = [int(d) for d in shape.value.reshape(-1)]
        if wanted.count(-1) > 1 or any(d < -1 for d in wanted):
            raise ValueError(f"Only one size may be -1, and none below it: {wanted}")
        return [(TensorShape(_fill_in(wanted, tensor.shape)), tensor.dtype)]

    def numpy(op, tensor, shape):
        return tensor.reshape([int(d) for d in shape])

    def gradient(op, dy):
        sizes = op.inputs[0].shape.sizes
        if sizes is not None and sizes.count(None) == 1:
            return [reshape(dy, [-1 if d is None else d for d in sizes]), None]
        return [reshape(dy, shape_of(op.inputs[0])), None]


def _fill_in(wanted, shape):
    total = shape.num_elements()
    known = int(np.prod([d for d in wanted if d != -1]))
    if -1 not in wanted:
        if total is not None and total != known:
            raise ValueError(f"Cannot reshape a tensor with {total} elements to shape {wanted} ({known} elements)")
        return wanted
    if total is None:
        return [None if d == -1 else d for d in wanted]
    if known == 0 or total % known:
        raise ValueError(
            f"Cannot reshape a tensor with {total} elements to shape {wanted}: the number of elements must be "
            f"evenly divisible by {known}"
        )
    return [total // known if d == -1 else d for d in wanted]


class Shape(Op):
    """The sizes of a tensor, as an integer vector."""

    inputs = {"input": "T"}
    types = {"T": (), "out_type": INDICES}
    attrs = {"out_type": dtypes.int32}
    examples = [example(normal(2, 3))]

    def infer(op, input):
        return [(TensorShape([input.shape.ndims]), op.attrs["out_type"])]

    def numpy(op, input):
        return np.array(input.shape, op.attrs["out_type"].as_numpy_dtype)

    gradient = None


class ShapeN(Op):
    """The sizes of several tensors."""

    inputs = {"*input": "T"}
    types = {"T": (), "out_type": INDICES}
    attrs = {"out_type": dtypes.int32}
    examples = [example([normal(2, 3), normal(4)])]

    def infer(op, *input):
        return [(TensorShape([x.shape.ndims]), op.attrs["out_type"]) for x in input]

    def numpy(op, *input):
        return [np.array(x.shape, op.attrs["out_type"].as_numpy_dtype) for x in input]

    gradient = None


class Size(Op):
    """The number of elements."""

    inputs = {"input": "T"}
    types = {"T": (), "out_type": INDICES}
    attrs = {"out_type": dtypes.int32}
    examples = [example(normal(2, 3))]

    def infer(op, input):
        return [(TensorShape([]), op.attrs["out_type"])]

    def numpy(op, input):
        return np.array(input.size, op.attrs["out_type"].as_numpy_dtype)

    gradient = None


class Rank(Op):
    """The number of axes."""

    inputs = {"input": "T"}
    types = {"T": ()}
    examples = [example(normal(2, 3))]

    def infer(op, input):
        return [(TensorShape([]), dtypes.int32)]

    def numpy(op, input):
        return np.array(input.ndim, np.int32)

    gradient = None


class ExpandDims(Op):
    """A new axis of size 1 before axis `dim`."""

    inputs = {"input": "T", "dim": "Tdim"}
    types = {"T": (), "Tdim": INDICES}
    static = (1,)
    alias = True
    examples = [example(normal(2, 3), array(1)), example(normal(2), array(-1))]

    def infer(op, input, dim):
        if input.shape.ndims is None or dim.value is None:
            rank = input.shape.ndims
            return [(TensorShape(None if rank is None else [None] * (rank + 1)), input.dtype)]
        axis = dim.value.item()
        rank = input.shape.ndims + 1
        if not -rank <= axis < rank:
            raise ValueError(f"dim {axis} not in the interval [{-rank}, {rank - 1}].")
        sizes = list(input.shape.sizes)
        sizes.insert(axis % rank, 1)
        return [(TensorShape(sizes), input.dtype)]

    def numpy(op, input, dim):
        return np.expand_dims(input, int(dim.item()))

    def gradient(op, dy):
        return [reshape(dy, shape_of(op.inputs[0])), None]


class Squeeze(Op):
    """Without the axes of size 1: all of them, or those in `squeeze_dims`."""

    inputs = {"input": "T"}
    types = {"T": ()}
    alias = True
    examples = [example(normal(1, 3, 1), squeeze_dims=[]), example(normal(1, 3, 1), squeeze_dims=[0])]

    def infer(op, input):
        sizes, dims = input.shape.sizes, op.attrs["squeeze_dims"]
        if sizes is None or (not dims and None in sizes):
            return [(TensorShape(None), input.dtype)]
        rank = len(sizes)
        axes = _squeezed_axes(sizes, dims)
        for axis in axes:
            if sizes[axis] not in (1, None):
                raise ValueError(f"Can not squeeze dim[{axis}], expected a dimension of 1, got {sizes[axis]}")
        return [(TensorShape([sizes[d] for d in range(rank) if d not in axes]), input.dtype)]

    def numpy(op, input):
        return np.squeeze(input, tuple(_squeezed_axes(input.shape, op.attrs["squeeze_dims"])))

    def gradient(op, dy):
        return [reshape(dy, shape_of(op.inputs[0]))]


def _squeezed_axes(sizes, dims):
    rank = len(sizes)
    for d in dims:
        if not -rank <= d < rank:
            raise ValueError(f"Tried to squeeze dim index {d} for tensor with {rank} dimensions.")
    return {d % rank for d in dims} if dims else {d for d in range(rank) if sizes[d] == 1}


def identity(input, name=None):
    """tf.identity: a new tensor with the same value."""
    return Identity.apply(input, name=name)


def identity_n(input, name=None):
    """tf.identity_n: new tensors with the values of the tensors in a list."""
    return list(IdentityN.make(input, name=name).outputs)


def stop_gradient(input, name=None):
    """tf.stop_gradient: the same value; `gradients` treats it as a constant."""
    return StopGradient.apply(input, name=name)


def check_numerics(tensor, message, name=None):
    """tf.check_numerics: raises InvalidArgumentError with `message` where NaN or Inf occur."""
    return CheckNumerics.apply(tensor, message=message, name=name)


def reshape(tensor, shape, name=None):
    """tf.reshape: the same elements, row by row, in `shape`; one size may be -1."""
    return Reshape.apply(tensor, shape, name=name)


def shape_of(input, name=None, out_type=dtypes.int32, optimize=True):
    """tf.shape: the sizes as a 1-D integer tensor; a constant where they are all known."""
    from minitf.ops.sparse_tensor import SparseTensor

    with name_scope(name, "Shape", [input]) as scope:
        if isinstance(input, (SparseTensor, SparseTensorValue)):
            from minitf.ops.casting import cast

            return cast(input.dense_shape, out_type, name=scope)
        tensor = convert_to_tensor(input)
        if optimize and tensor.shape.is_fully_defined():
            return constant(np.array(tensor.shape.sizes, np.int64), out_type, name=scope)
        return Shape.apply(tensor, out_type=dtypes.as_dtype(out_type), name=scope)


def shape_n(input, out_type=dtypes.int32, name=None):
    """tf.shape_n: the shapes of several tensors."""
    return ShapeN.make(input, out_type=dtypes.as_dtype(out_type), name=name).outputs


def size(input, name=None, out_type=dtypes.int32):
    """tf.size: the number of elements; a constant where it is known."""
    from minitf.ops.sparse_tensor import SparseTensor

    with name_scope(name, "Size", [input]) as scope:
        if isinstance(input, SparseTensor):
            from minitf.ops.casting import cast
            from minitf.ops.reductions import reduce_prod

            return cast(reduce_prod(input.dense_shape, 0), out_type, name=scope)
        tensor = convert_to_tensor(input)
        count = tensor.shape.num_elements()
        if count is not None:
            return constant(count, out_type, name=scope)
        return Size.apply(tensor, out_type=dtypes.as_dtype(out_type), name=scope)


def rank(input, name=None):
    """tf.rank: the number of axes; a constant where it is known."""
    with name_scope(name, "Rank", [input]) as scope:
        tensor = convert_to_tensor(input)
        if tensor.shape.ndims is not None:
            return constant(tensor.shape.ndims, dtypes.int32, name=scope)
        return Rank.apply(tensor, name=scope)


def expand_dims(input, axis=None, name=None, dim=None):
    """tf.expand_dims: a new axis of size 1 at `axis`."""
    axis = dim if axis is None else axis
    if axis is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return ExpandDims.apply(input, axis, name=name)


def squeeze(input, axis=None, name=None, squeeze_dims=None):
    """tf.squeeze: without axes of size 1 (all, or those named).  Raises ValueError where one is larger."""
    axis = squeeze_dims if axis is None else axis
    axes = [] if axis is None else [int(a) for a in np.atleast_1d(axis)]
    return Squeeze.apply(input, squeeze_dims=axes, name=name)
