"""Strings made from numbers and numbers from strings; strings split and joined along an axis."""

import math
import re

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.array import rank as rank_of
from minitf.ops.constant import constant
from minitf.ops.examples import array, booleans, example, normal
from minitf.ops.op import COMPLEX, INTS, Op
from minitf.ops.reductions import kept
from minitf.ops.sparse_tensor import SparseTensor
from minitf.ops.strings import as_strings, elementwise, filled

_TEXT = array(np.array([b"a rose is", b"", b"a,rose"], object))


class AsString(Op):
    """Each number written in decimal digits."""

    inputs = {"input": "T"}
    types = {"T": ("float16", "bfloat16", "float32", "float64", *INTS, *COMPLEX, "bool")}
    attrs = {"precision": -1, "scientific": False, "shortest": False, "width": -1, "fill": ""}
    gradient = None
    examples = [
        example(normal(3)),
        example(normal(3), precision=2, width=9, dtypes=["float32"]),
        example(booleans(3)),
    ]

    def infer(op, input):
        return [(input.shape, dtypes.string)]

    def numpy(op, input):
        pattern = _pattern(op.attrs, input.dtype)
        if input.dtype.kind == "b":
            return elementwise(lambda x: b"true" if x else b"false", input)
        if input.dtype.kind == "c":
            return elementwise(lambda x: f"({pattern % x.real},{pattern % x.imag})".encode(), input)
        return elementwise(lambda x: (pattern % x).encode(), input)


def _pattern(attrs, dtype):
    """The %-format for numbers of `dtype`.  Raises ValueError for attributes that do not go together."""
    whole = dtype.kind in "iub"
    scientific, shortest, fill = attrs["scientific"], attrs["shortest"], attrs["fill"]
    if len(fill) > 1:
        raise ValueError(f"Fill string must be one or fewer characters: '{fill}'")
    if fill not in ("", " ", "-", "0", "+"):
        raise ValueError(f"Fill argument not supported: '{fill}'")
    if scientific and shortest:
        raise ValueError("Cannot select both scientific and shortest notation")
    if whole and (scientific or shortest):
        raise ValueError(f"scientific and shortest format not supported for datatype {dtype}")
    if whole and attrs["precision"] >= 0:
        raise ValueError(f"precision not supported for datatype {dtype}")
    width = str(attrs["width"]) if attrs["width"] > -1 else ""
    precision = f".{attrs['precision']}" if attrs["precision"] > -1 else ""
    kind = "d" if whole else "e" if scientific else "g" if shortest else "f"
    return f"%{fill}{width}{precision}{kind}"


def as_string(input, precision=-1, scientific=False, shortest=False, width=-1, fill="", name=None):
    """tf.as_string: numbers as text, in the manner of C's printf: `precision` digits after the point, `scientific`
    for 1e+00, `shortest` for the shorter form, at least `width` characters, filled with `fill` (' ', '0', '-', '+').

    Raises InvalidArgumentError at run time where the arguments do not go together.
    """
    return AsString.apply(input, precision=precision, scientific=scientific, shortest=shortest, width=width,
                          fill=fill, name=name)  # fmt: skip


class StringToNumber(Op):
    """Each string read as a number of `out_type`."""

    inputs = {"string_tensor": "string"}
    types = {"out_type": ("float32", "float64", "int32", "int64")}
    attrs = {"out_type": dtypes.float32}
    examples = [example(array(np.array([b"1.5", b" -2e3 ", b"inf"], object)))]
    gradient = None

    def infer(op, string_tensor):
        return [(string_tensor.shape, op.attrs["out_type"])]

    def numpy(op, string_tensor):
        dtype = op.attrs["out_type"]
        with np.errstate(over="ignore"):
            return elementwise(lambda s: _number(s, dtype), string_tensor, dtype)


def _number(s, dtype):
    text = s.decode("utf-8", "replace").strip()
    if "_" not in text:
        try:
            read = int if dtype.is_integer else float.fromhex if "0x" in text.lower() else float
            value = read(text)
            if not dtype.is_integer or dtype.min <= value <= dtype.max:
                return value
        except ValueError:
            pass
    raise ValueError(f"StringToNumberOp could not correctly convert string: {text}")


def string_to_number(string_tensor=None, out_type=dtypes.float32, name=None, input=None):
    """tf.string_to_number: strings read as numbers; InvalidArgumentError at run time for other strings."""
    strings = input if string_tensor is None else string_tensor
    return StringToNumber.apply(strings, out_type=dtypes.as_dtype(out_type), name=name)


class DecodeRaw(Op):
    """The bytes of each string as numbers of `out_type`, along a new last axis."""

    inputs = {"bytes": "string"}
    types = {"out_type": ("float16", "float32", "float64", *INTS, *COMPLEX, "bool")}
    attrs = {"little_endian": True}
    foldable = False
    examples = [example(array(np.array([b"abcd", b"efgh"], object)), out_type=dtypes.int16)]
    gradient = None

    def infer(op, bytes):
        rank = bytes.shape.ndims
        return [(TensorShape(None) if rank is None else bytes.shape.concatenate([None]), op.attrs["out_type"])]

    def numpy(op, bytes):
        dtype = np.dtype(op.attrs["out_type"].as_numpy_dtype)
        parts = bytes.reshape(-1).tolist()
        size = len(parts[0]) if parts else 0
        if any(len(p) != size for p in parts):
            i = next(i for i, p in enumerate(parts) if len(p) != size)
            raise ValueError("DecodeRaw requires input strings to all be the same size, but "
                             f"element {i} has size {size} != {len(parts[i])}")  # fmt: skip
        if size % dtype.itemsize:
            raise ValueError(f"Input to DecodeRaw has length {size} that is not a multiple of {dtype.itemsize}, "
                             f"the size of {op.attrs['out_type'].name}")  # fmt: skip
        stored = dtype if op.attrs["little_endian"] else dtype.newbyteorder(">")
        return np.frombuffer(b"".join(parts), stored).astype(dtype).reshape(*bytes.shape, size // dtype.itemsize)


def decode_raw(input_bytes=None, out_type=None, little_endian=True, name=None, bytes=None):
    """tf.decode_raw: the bytes of each string (all of one length) as a vector of `out_type`."""
    given = bytes if input_bytes is None else input_bytes
    return DecodeRaw.apply(given, out_type=dtypes.as_dtype(out_type), little_endian=little_endian, name=name)


class StringSplit(Op):
    """Each string of a vector cut at any of the characters of `delimiter`: a sparse matrix of parts."""

    inputs = {"input": "string", "delimiter": "string"}
    attrs = {"skip_empty": True}
    foldable = False
    examples = [example(_TEXT, array(np.array(b" ,", object)))]
    gradient = None

    def infer(op, input, separator):
        input.shape.with_rank(1)
        separator.shape.with_rank(0)
        return [(TensorShape([None, 2]), dtypes.int64), (TensorShape([None]), dtypes.string),
                (TensorShape([2]), dtypes.int64)]  # fmt: skip

    def numpy(op, input, delimiter):
        return _sparse([_cut(s, delimiter.item(), op.attrs["skip_empty"]) for s in input.tolist()])


def _cut(s, characters, skip_empty):
    if characters:
        parts = re.split(b"[" + re.escape(characters) + b"]", s)
    else:
        parts = [s[i : i + 1] for i in range(len(s))]
    return [p for p in parts if p] if skip_empty else parts


def _sparse(rows):
    """Rows of parts as (indices, values, dense_shape)."""
    indices = np.array([(i, j) for i, row in enumerate(rows) for j in range(len(row))], np.int64).reshape(-1, 2)
    parts = [p for row in rows for p in row]
    return [indices, filled(parts, (len(parts),)), np.array([len(rows), max(map(len, rows), default=0)])]


class StringSplitV2(StringSplit):
    """Each string of a vector cut as Python's `split` does, at `sep`, at most `maxsplit` times."""

    inputs = {"input": "string", "sep": "string"}
    attrs = {"maxsplit": -1}
    examples = [example(_TEXT, array(np.array(b"", object))), example(_TEXT, array(np.array(b"a", object)))]

    def numpy(op, input, sep):
        return _sparse([s.split(sep.item() or None, op.attrs["maxsplit"]) for s in input.tolist()])


def string_split(source, sep=None, skip_empty=True, delimiter=None, result_type="SparseTensor", name=None):
    """tf.string_split: each string of the vector `source` cut at the characters of `sep` (' ' by default).

    An empty `sep` cuts everywhere.  Returns a SparseTensor (strings, largest number of parts).
    """
    _sparse_only(result_type)
    sep = delimiter if sep is None else sep
    with name_scope(name, "StringSplit", [source]):
        parts = StringSplit.apply(as_strings(source, "source"), as_strings(" " if sep is None else sep, "Const"),
                                  skip_empty=skip_empty)  # fmt: skip
        return _sparse_matrix(*parts)


def string_split_v2(input=None, sep=None, maxsplit=-1, result_type="SparseTensor", source=None, name=None):
    """tf.strings.split: each string of a vector cut as Python's `split` does; a SparseTensor."""
    _sparse_only(result_type)
    with name_scope(name, "StringSplit", [input, source]):
        strings = as_strings(source if input is None else input)
        return _sparse_matrix(*StringSplitV2.apply(strings, as_strings(sep or "", "Const"), maxsplit=maxsplit))


def _sparse_only(result_type):
    if result_type != "SparseTensor":
        raise ValueError(f"result_type must be 'SparseTensor', not {result_type!r}")


def _sparse_matrix(indices, values, shape):
    indices.set_shape([None, 2])
    return SparseTensor(indices, values, shape)


class ReduceJoin(Op):
    """The strings along the axes `reduction_indices`, the first of them first, joined with `separator`."""

    inputs = {"inputs": "string", "reduction_indices": "int32"}
    attrs = {"keep_dims": False, "separator": ""}
    gradient = None
    examples = [
        example(array(np.array([[b"a", b"b"], [b"c", b"d"]], object)), array([1, 0]), separator="-"),
        example(array(np.array([[b"a", b"b"], [b"c", b"d"]], object)), array(-1), keep_dims=True),
    ]

    def infer(op, inputs, reduction_indices):
        rank, keep = inputs.shape.ndims, op.attrs["keep_dims"]
        if rank is None or reduction_indices.value is None:
            return [(TensorShape([None] * rank if keep and rank is not None else None), dtypes.string)]
        axes = _axes(reduction_indices.value, rank)
        sizes = [1 if d in axes else s for d, s in enumerate(inputs.shape.sizes) if keep or d not in axes]
        return [(TensorShape(sizes), dtypes.string)]

    def numpy(op, inputs, reduction_indices):
        axes = _axes(reduction_indices, inputs.ndim)
        twice = next((axis for axis in axes if axes.count(axis) > 1), None)
        if twice is not None:
            raise ValueError(f"Duplicate reduction dimension {twice}")
        others = [d for d in range(inputs.ndim) if d not in axes]
        shape = [inputs.shape[d] for d in others]
        rows = inputs.transpose(others + axes[::-1]).reshape(math.prod(shape), -1)
        separator = op.attrs["separator"]
        separator = separator.encode() if isinstance(separator, str) else separator
        if op.attrs["keep_dims"]:
            shape = [1 if d in axes else s for d, s in enumerate(inputs.shape)]
        return filled([separator.join(row) for row in rows.tolist()], shape)


def _axes(values, rank):
    axes = [int(a) for a in np.asarray(values).reshape(-1)]
    for a in axes:
        if not -rank <= a < rank:
            raise ValueError(f"Invalid reduction dimension {a} for input with {rank} dimension(s)")
    return [a % rank for a in axes]


def _last_axis_first(strings):
    from minitf.ops.ranges import range as range_of

    rank = strings.shape.ndims
    if rank is None:
        return range_of(rank_of(strings) - 1, -1, -1)
    return constant(np.arange(rank - 1, -1, -1, dtype=np.int32))


def reduce_join(inputs, axis=None, keep_dims=None, separator="", name=None, reduction_indices=None, keepdims=None):
    """tf.reduce_join: the strings of `inputs` joined along `axis`: an axis or several, joined in this order.

    Without `axis` all strings are joined.  `keepdims` keeps the axes as size 1.
    """
    axis, keep = kept(axis, reduction_indices, keepdims, keep_dims)
    with name_scope(name, "ReduceJoin"):
        strings = as_strings(inputs, "inputs")
        if axis is None:
            axis = _last_axis_first(strings)
        return ReduceJoin.apply(strings, axis, keep_dims=keep, separator=separator)
