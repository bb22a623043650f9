"""Values that enter the graph from Python: constants, placeholders, and `convert_to_tensor`."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import get_default_graph, name_scope
from minitf.graph.operation import Tensor
from minitf.graph.shape import Dimension, TensorShape, as_shape
from minitf.graph.sparse import IndexedSlices
from minitf.ops.op import Op


class Const(Op):
    """A value that is part of the graph: attribute `value`, an array."""

    def infer(op):
        value = op.attrs["value"]
        return [(TensorShape(value.shape), op.attrs["dtype"])]

    def numpy(op):
        return op.attrs["value"]

    gradient = None


LARGEST_MESSAGE = 1 << 31  # bytes: a graph with a larger constant can't be written


class Placeholder(Op):
    """A value that every run must feed."""

    stateful = True

    def infer(op):
        return [(op.attrs["shape"], op.attrs["dtype"])]

    def run(op, state):
        shape = op.attrs["shape"]
        sizes = "" if shape.ndims is None else ",".join("?" if s is None else str(s) for s in shape.sizes)
        known = "" if shape.ndims is None else f" and shape [{sizes}]"
        raise errors.InvalidArgumentError(
            None, op, f"You must feed a value for placeholder tensor '{op.name}' with dtype "
            f"{dtypes.message_name(op.attrs['dtype'])}{known}"
        )  # fmt: skip

    gradient = None


class PlaceholderWithDefault(Op):
    """The input, unless a run feeds another value."""

    inputs = {"input": "dtype"}
    types = {"dtype": ()}
    alias = True
    foldable = False

    def infer(op, input):
        as_shape(op.attrs["shape"]).merge_with(input.shape)
        return [(op.attrs["shape"], input.dtype)]

    def numpy(op, input):
        return input

    def gradient(op, dy):
        return [dy]


def placeholder(dtype, shape=None, name=None):
    """tf.placeholder: a tensor that is fed at each run.  `shape` may hold None where a size varies."""
    return Placeholder.apply(dtype=dtypes.as_dtype(dtype).base_dtype, shape=TensorShape(shape), name=name)


def placeholder_with_default(input, shape, name=None):
    """tf.placeholder_with_default: `input`, unless the run feeds another value of this shape."""
    return PlaceholderWithDefault.apply(input, shape=TensorShape(shape), name=name)


def constant(value, dtype=None, shape=None, name="Const", verify_shape=False):
    """tf.constant: an array as a tensor.

    Python floats become float32 and whole numbers int32, as in TensorFlow; NumPy arrays keep their
    dtype.  With `shape`, the values are laid out in it, the last one repeated as needed.
    Raises TypeError where the values do not fit `dtype`, ValueError where they do not fit `shape` or are 2 GB or more.
    """
    array = make_array(value, dtype)
    if shape is not None:
        array = _lay_out(array, as_shape(shape), verify_shape)
    if array.nbytes >= LARGEST_MESSAGE:
        raise ValueError("Cannot create a tensor proto whose content is larger than 2GB.")
    dtype = dtypes.as_dtype(dtype).base_dtype if dtype is not None else dtypes.as_dtype(array.dtype)
    op = get_default_graph().add(Const, [], {"value": array, "dtype": dtype}, name or "Const")
    return op.outputs[0]


def _lay_out(array, shape, verify_shape):
    if not shape.is_fully_defined():
        raise ValueError(f"A constant needs a fully known shape, got {shape}")
    if tuple(shape.sizes) == array.shape:
        return array
    count = shape.num_elements()
    if verify_shape:
        raise TypeError(f"Expected Tensor's shape: {shape}, got {TensorShape(array.shape)}.")
    if array.size == 1:
        return np.full(shape.sizes, array.reshape(-1)[0], array.dtype)
    if array.size > count:
        raise ValueError(f"Too many elements provided. Needed at most {count}, but received {array.size}")
    flat = array.reshape(-1)
    if array.size == 0 and count:
        raise ValueError(f"No values to fill shape {shape} with")
    filled = np.concatenate([flat, np.repeat(flat[-1:], count - flat.size)])
    return filled.reshape(shape.sizes)


def make_array(value, dtype=None):
    """`value` (numbers, strings, nested lists, arrays) as an array that this process owns.

    Raises TypeError where a value does not fit `dtype`, ValueError for ragged lists.
    """
    dtype = None if dtype is None else dtypes.as_dtype(dtype).base_dtype
    if isinstance(value, (np.ndarray, np.generic)):
        return _from_numpy(np.asarray(value), dtype)
    if isinstance(value, (TensorShape, Dimension)):
        if dtype is not None and dtype not in (dtypes.int32, dtypes.int64):
            raise TypeError(f"Cannot convert {value!r} to dtype {dtype.name}: shapes are int32 or int64")
        value = _shape_numbers(value)
    if value is None:
        raise ValueError("None values not supported.")
    if isinstance(_first(value), (str, bytes)):
        return _text(value, dtype)
    try:
        array = np.array(_plain(value))
    except ValueError:
        raise ValueError(f"Argument must be a dense tensor: {_brief(value)} - got lists of unequal lengths.") from None
    if array.dtype == object and array.size:
        kind = type(value).__name__
        raise TypeError(f"Failed to convert object of type {kind} to Tensor. Contents: {_brief(value)}.")
    if array.size == 0 and array.dtype == np.float64 and dtype is None:
        return array.astype(np.float32)
    _check_fits(array, dtype, value)
    if dtype is not None:
        return _from_numpy(array, dtype)
    if array.dtype == np.float64:
        return array.astype(np.float32)
    if array.dtype == np.int64 and (array == array.astype(np.int32)).all():
        return array.astype(np.int32)
    return _from_numpy(array, None)


def _text(value, dtype):
    """Strings, by way of objects: NumPy's own string arrays drop zero bytes at the end."""
    array = np.array(value, object)
    if any(isinstance(v, (list, tuple)) for v in array.reshape(-1)):
        raise ValueError(f"Argument must be a dense tensor: {_brief(value)} - got lists of unequal lengths.")
    if dtype not in (None, dtypes.string):
        kind = type(_first(value)).__name__
        raise TypeError(f"Expected {dtype.name}, got {_brief(value)} of type '{kind}' instead.")
    return _as_bytes(array)


def _plain(value):
    """Nested lists with scalars of other kinds (Dimension, 0-d arrays) made plain."""
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, Dimension):
        return value.value
    return value


def _shape_numbers(value):
    if isinstance(value, Dimension):
        if value.value is None:
            raise ValueError(f"Cannot convert an unknown Dimension to a Tensor: {value}")
        return value.value
    if not value.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape to a Tensor: {value}")
    return np.array(value.sizes, np.int32)


def _check_fits(array, dtype, value):
    if dtype is None or array.size == 0:
        return
    kind = array.dtype.kind
    wrong = (
        (dtype.is_integer and kind not in "iu")
        or (dtype.is_bool and kind != "b")
        or ((dtype.is_floating or dtype.is_complex) and kind not in "iufc")
        or (dtype.is_floating and kind == "c")
        or (dtype is dtypes.string and kind not in "SU")
    )
    if wrong:
        raise TypeError(f"Expected {dtype.name}, got {_brief(value)} of type '{type(_first(value)).__name__}' instead.")
    if dtype.is_integer and (array.min() < dtype.min or array.max() > dtype.max):
        raise ValueError(f"Value {_brief(value)} is out of range of {dtype.name}.")


def _first(value):
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return value


def _brief(value):
    text = repr(value)
    return text if len(text) <= 100 else text[:97] + "..."


def _from_numpy(array, dtype):
    if array.dtype.kind in "SU" or (array.dtype == object and dtype in (None, dtypes.string)):
        return _as_bytes(array)
    numpy_type = array.dtype if dtype is None else dtype.as_numpy_dtype
    if dtype is None:
        dtypes.as_dtype(array.dtype)
    return np.array(array, numpy_type, order="C")


def _as_bytes(array):
    flat = [v.encode("utf-8") if isinstance(v, str) else v for v in array.reshape(-1).tolist()]
    for v in flat:
        if not isinstance(v, bytes):
            raise TypeError(f"Expected binary or unicode string, got {v!r}")
    out = np.empty(len(flat), object)
    out[:] = flat
    return out.reshape(array.shape)


_conversions = []  # [(priority, type, function(value, dtype, name, as_ref))]


def register_tensor_conversion_function(base_type, conversion_func, priority=100):
    """tf.register_tensor_conversion_function: how values of `base_type` become tensors."""
    _conversions.append((priority, base_type, conversion_func))
    _conversions.sort(key=lambda entry: entry[0])


def convert_to_tensor(value, dtype=None, name=None, preferred_dtype=None, as_ref=False, dtype_hint=None):
    """tf.convert_to_tensor: tensors stay, variables are read, everything else becomes a constant.

    `preferred_dtype` is used where it fits.  Raises TypeError or ValueError where `value` can't be one.
    """
    dtype = None if dtype is None else dtypes.as_dtype(dtype)
    preferred_dtype = preferred_dtype if preferred_dtype is not None else dtype_hint
    if isinstance(value, Tensor):
        if dtype is not None and not dtype.is_compatible_with(value.dtype):
            raise ValueError(
                f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {value.dtype.name}: {value!r}"
            )
        graph = get_default_graph()
        return value if graph.captures is None else graph.capture(value)
    if hasattr(value, "_as_tensor"):
        return convert_to_tensor(value._as_tensor(as_ref), dtype)
    for _, kind, function in _conversions:
        if isinstance(value, kind):
            tensor = function(value, dtype=dtype, name=name, as_ref=as_ref)
            if tensor is not NotImplemented:
                return tensor
    if isinstance(value, (list, tuple)) and _holds_tensor(value):
        return _pack(value, dtype, name)
    if preferred_dtype is not None and dtype is None:
        try:
            return constant(value, preferred_dtype, name=name or "Const")
        except (TypeError, ValueError):
            pass
    return constant(value, dtype, name=name or "Const")


def _holds_tensor(value):
    return any(
        _holds_tensor(v) if isinstance(v, (list, tuple)) else isinstance(v, Tensor) or hasattr(v, "_as_tensor")
        for v in value
    )


def _pack(values, dtype, name):
    """A (nested) list that holds tensors: stacked along a new first axis."""
    from minitf.ops.joining import stack  # ops that join tensors convert their inputs here

    if dtype is None:
        dtype = next(v.dtype.base_dtype for v in _leaves(values) if hasattr(v, "dtype"))
    with name_scope(name, "packed") as scope:
        parts = [
            _pack(v, dtype, str(i)) if isinstance(v, (list, tuple)) else convert_to_tensor(v, dtype, name=str(i))
            for i, v in enumerate(values)
        ]
        return stack(parts, name=scope)


def _leaves(values):
    for v in values:
        if isinstance(v, (list, tuple)):
            yield from _leaves(v)
        else:
            yield v


def convert_n_to_tensor(values, dtype=None, name=None):
    """A tensor for each of `values`, named `name`_0, `name`_1 ..."""
    return [convert_to_tensor(v, dtype, None if name is None else f"{name}_{i}") for i, v in enumerate(values)]


def convert_to_tensor_or_indexed_slices(value, dtype=None, name=None):
    """tf.convert_to_tensor_or_indexed_slices: IndexedSlices stay what they are."""
    return value if isinstance(value, IndexedSlices) else convert_to_tensor(value, dtype, name)


def make_shape(shape):
    """A shape argument (list, TensorShape, tensor) as an int32 or int64 tensor named 'shape'."""
    if isinstance(shape, (list, tuple)) and not shape:
        return constant(np.zeros(0, np.int32), name="shape")
    if isinstance(shape, (int, np.integer, Dimension)):
        shape = [shape]
    return convert_to_tensor(shape, name="shape")
