"""Strings to tensors: lines of CSV, and `tf.train.Example` messages."""

from typing import NamedTuple

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.messages import Example, TensorProto
from minitf.graph.serialization import make_ndarray, make_tensor_proto
from minitf.graph.shape import TensorShape
from minitf.ops.array import reshape
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, example
from minitf.ops.op import Op
from minitf.ops.sparse_tensor import SparseTensor


class DecodeCSV(Op):
    """The columns of lines of comma-separated values; empty fields take their default.

    Source of the format: RFC 4180.
    """

    inputs = {"records": "string", "*record_defaults": "any"}
    attrs = {"field_delim": ",", "use_quote_delim": True, "na_value": "", "select_cols": []}
    gradient = None
    examples = [
        example(
            array(np.array([b"1,b", b",'"], object)),
            [array(np.array([7], np.int32)), array(np.array([], object))],
        )
    ]

    def infer(op, records, *record_defaults):
        for default in record_defaults:
            if default.shape.ndims is not None and default.shape.ndims > 1:
                raise ValueError("Shape must be at most rank 1 for a default")
            if default.shape.ndims == 1 and default.shape.sizes[0] not in (None, 0, 1):
                raise ValueError("Shape of a default must be a length-0 or length-1 vector, or a scalar.")
        op.attrs.setdefault("OUT_TYPE", [d.dtype for d in record_defaults])
        return [(records.shape, d.dtype) for d in record_defaults]

    def numpy(op, records, *defaults):
        columns = [np.empty(records.shape, d.dtype) for d in defaults]
        for number, place in enumerate(np.ndindex(*records.shape)):
            fields = _fields(op, records[place].decode("utf-8", "surrogateescape"), number)
            chosen = op.attrs["select_cols"]
            if chosen:
                fields = [fields[i] if i < len(fields) else "" for i in chosen]
            if len(fields) != len(defaults):
                raise errors.InvalidArgumentError(
                    None, op, f"Expect {len(defaults)} fields but have {len(fields)} in record {number}"
                )
            for i, (field, default) in enumerate(zip(fields, defaults, strict=True)):
                columns[i][place] = _parse_field(op, field, default, i, number)
        return columns


def _fields(op, line, number):
    """The fields of a line; quotes may hold delimiters, and a doubled quote stands for one."""
    delimiter, quotes = op.attrs["field_delim"], op.attrs["use_quote_delim"]
    if not quotes:
        return line.split(delimiter)
    fields, i = [], 0
    while True:
        if i < len(line) and line[i] == '"':
            end, text = i + 1, ""
            while True:
                close = line.find('"', end)
                if close < 0:
                    raise errors.InvalidArgumentError(None, op, f"Quoted field has to end with quote followed by delim "
                                                                f"or end (record {number})")  # fmt: skip
                text += line[end:close]
                if line[close + 1 : close + 2] != '"':
                    break
                text, end = text + '"', close + 2
            fields.append(text)
            i = close + 1
            if i < len(line) and line[i] != delimiter:
                raise errors.InvalidArgumentError(
                    None, op, "Quoted field has to end with quote followed by delim or end"
                )
        else:
            end = line.find(delimiter, i)
            text = line[i:] if end < 0 else line[i:end]
            if '"' in text:
                raise errors.InvalidArgumentError(None, op, "Unquoted fields cannot have quotes/CRLFs inside")
            fields.append(text)
            i += len(text)
        if i >= len(line):
            return fields
        i += 1


def _parse_field(op, field, default, column, number):
    if field == "" or field == op.attrs["na_value"]:
        if default.size == 0:
            raise errors.InvalidArgumentError(
                None, op, f"Field {column} is required but missing in record {number}!"
            )
        return default.reshape(-1)[0]
    if default.dtype == object:
        return field.encode("utf-8", "surrogateescape")
    try:
        value = default.dtype.type(field.strip())
        if default.dtype.kind in "iu" and int(field) != int(value):
            raise ValueError(field)
        return value
    except (ValueError, OverflowError):
        raise errors.InvalidArgumentError(
            None, op, f"Field {column} in record {number} is not a valid {default.dtype.name}: {field}"
        ) from None


def decode_csv(records, record_defaults, field_delim=",", use_quote_delim=True, name=None, na_value="",
               select_cols=None):  # fmt: skip
    """tf.decode_csv: a list of tensors, one per column, each of the shape of `records`.

    `record_defaults` gives for each column [default], or [] of the right dtype where it is required;
    `select_cols` lists the columns to take, in ascending order.
    Raises ValueError for other `select_cols`, InvalidArgumentError (in the run) for lines that do not fit.
    """
    select_cols = list(select_cols or [])
    if select_cols and (select_cols != sorted(set(select_cols)) or select_cols[0] < 0):
        raise ValueError("select_cols is not strictly increasing, or holds a negative index")
    if select_cols and len(select_cols) != len(record_defaults):
        raise ValueError("Length of select_cols and record_defaults do not match.")
    with name_scope(name, "DecodeCSV", [records]) as scope:
        defaults = [convert_to_tensor(d, name=f"record_defaults_{i}") for i, d in enumerate(record_defaults)]
        op = DecodeCSV.make(records, defaults, field_delim=field_delim, use_quote_delim=use_quote_delim,
                            na_value=na_value, select_cols=select_cols, name=scope)  # fmt: skip
    return list(op.outputs)


# -- examples -------------------------------------------------------------------------------------------------


class FixedLenFeature(NamedTuple):
    """tf.FixedLenFeature: exactly the values of `shape`, or `default_value` where the feature is missing."""

    shape: object
    dtype: object
    default_value: object = None


class VarLenFeature(NamedTuple):
    """tf.VarLenFeature: any number of values: gives a SparseTensor."""

    dtype: object


class FixedLenSequenceFeature(NamedTuple):
    """tf.FixedLenSequenceFeature: any number of rows of `shape`, padded with `default_value`."""

    shape: object
    dtype: object
    allow_missing: bool = False
    default_value: object = None


_LISTS = {"float32": "float_list", "int64": "int64_list", "string": "bytes_list"}


def feature_values(op, feature, dtype, key):
    """The values of a `Feature` as an array, or None where it is missing.  InvalidArgumentError for another kind."""
    kind = None if feature is None else feature.WhichOneof("kind")
    if kind is None:
        return None
    if kind != _LISTS[dtype.name]:
        raise errors.InvalidArgumentError(
            None, op, f"Key: {key}.  Data types don't match. Expected type: {dtype.name}, data type: {kind}"
        )
    values = list(getattr(feature, kind).value)
    out = np.empty(len(values), dtype.as_numpy_dtype)
    out[:] = values
    return out


def parse_message(op, kind, data):
    try:
        return kind.FromString(data)
    except Exception as error:  # protobuf's DecodeError has no stable home
        raise errors.InvalidArgumentError(
            None, op, f"Could not parse example input, value: {data[:100]!r}"
        ) from error


class ParseExampleV2(Op):
    """Serialized `Example`s to tensors: (indices, values, shape) of sparse features, then the dense ones."""

    inputs = {
        "serialized": "string", "names": "string", "sparse_keys": "string", "dense_keys": "string",
        "ragged_keys": "string", "*dense_defaults": "any",
    }  # fmt: skip
    attrs = {"ragged_value_types": [], "ragged_split_types": []}
    gradient = None

    def infer(op, serialized, *rest):
        attrs, rank = op.attrs, serialized.shape.ndims
        sparse, n = attrs["sparse_types"], None if rank is None else rank + 1
        outputs = [(TensorShape([None, n]), dtypes.int64)] * len(sparse)
        outputs += [(TensorShape([None]), d) for d in sparse]
        outputs += [(TensorShape([n]), dtypes.int64)] * len(sparse)
        outputs += [
            (serialized.shape.concatenate(s), d) for s, d in zip(attrs["dense_shapes"], attrs["Tdense"])
        ]
        return outputs

    def numpy(op, serialized, names, sparse_keys, dense_keys, ragged_keys, *defaults):
        attrs = op.attrs
        messages = [parse_message(op, Example, d) for d in serialized.reshape(-1).tolist()]
        maps = [m.features.feature for m in messages]
        many = serialized.ndim == 1
        sparse = [
            sparse_parts([feature_values(op, _get(m, k), d, k.decode()) for m in maps], d, many)
            for k, d in zip(sparse_keys.tolist(), attrs["sparse_types"], strict=True)
        ]
        dense = [
            _dense(op, maps, key.decode(), dtype, shape, default, many)
            for key, dtype, shape, default in zip(
                dense_keys.tolist(), attrs["Tdense"], attrs["dense_shapes"], defaults, strict=True
            )
        ]
        return [part[i] for i in range(3) for part in sparse] + dense


def _get(features, key):
    name = key.decode() if isinstance(key, bytes) else key
    return features[name] if name in features else None  # noqa: SIM401 - `get` of a map of messages makes one


def sparse_parts(rows, dtype, many):
    """(indices, values, shape) of a list of 1-D arrays (None: empty), one per example."""
    rows = [np.zeros(0, dtype.as_numpy_dtype) if r is None else r for r in rows]
    values = np.concatenate([np.zeros(0, dtype.as_numpy_dtype), *rows])
    if not many:
        return np.arange(len(values), dtype=np.int64)[:, None], values, np.array([len(values)], np.int64)
    indices = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
    shape = np.array([len(rows), max((len(r) for r in rows), default=0)], np.int64)
    return np.array(indices, np.int64).reshape(-1, 2), values, shape


def _dense(op, maps, key, dtype, shape, default, many):
    rows, sizes = [], shape.as_list()
    variable = bool(sizes) and sizes[0] is None
    count = int(np.prod(sizes[1:] if variable else sizes))
    for features in maps:
        values = feature_values(op, _get(features, key), dtype, key)
        if values is None:
            if not variable and default.size != count:
                raise errors.InvalidArgumentError(
                    None, op, f"Feature: {key} (data type: {dtype.name}) is required but could not be found."
                )
            values = np.zeros(0, dtype.as_numpy_dtype) if variable else default.reshape(-1)
        if (variable and count and len(values) % count) or (not variable and len(values) != count):
            raise errors.InvalidArgumentError(
                None, op, f"Key: {key}.  Number of {dtype.name} values != expected.  Values size: {len(values)} but "
                f"output shape: {shape}"
            )  # fmt: skip
        rows.append(values)
    if variable:
        longest = max((len(r) for r in rows), default=0)
        fill = default.reshape(-1)[0] if default.size else b"" if dtype is dtypes.string else 0
        rows = [np.concatenate([r, np.full(longest - len(r), fill, r.dtype)]) for r in rows]
        sizes = [longest // max(count, 1), *sizes[1:]]
    stacked = np.array(rows, dtype.as_numpy_dtype).reshape(len(rows), *sizes)
    return stacked if many else stacked[0]


class _Wanted:
    """A dictionary of features, sorted into sparse and dense ones."""

    def __init__(self, features, sequence=False):
        self.sparse, self.dense = [], []
        if not features:
            return
        for key in sorted(features):
            feature = features[key]
            if isinstance(feature, VarLenFeature):
                self.sparse.append((key, _allowed(feature.dtype, key)))
            elif isinstance(feature, (FixedLenFeature, FixedLenSequenceFeature)):
                self.dense.append((key, _allowed(feature.dtype, key), feature))
            else:
                raise ValueError(f"Invalid feature {key}:{feature}.")

    def sparse_keys(self):
        return strings([k for k, _ in self.sparse])

    def dense_keys(self):
        return strings([k for k, *_ in self.dense])

    def shapes(self):
        return [
            TensorShape([None]).concatenate(f.shape)
            if isinstance(f, FixedLenSequenceFeature)
            else TensorShape(f.shape)
            for _, _, f in self.dense
        ]

    def defaults(self):
        """A constant per dense feature: empty where the feature is required."""
        made = []
        for key, dtype, feature in self.dense:
            if feature.default_value is None:
                pad = isinstance(feature, FixedLenSequenceFeature)
                empty = (
                    np.zeros((), dtype.as_numpy_dtype)
                    if dtype is not dtypes.string
                    else np.array(b"", object)
                )
                made.append(constant(empty if pad else np.zeros(0, dtype.as_numpy_dtype), dtype))
            elif isinstance(feature, FixedLenSequenceFeature):
                made.append(constant(feature.default_value, dtype))
            else:
                given = convert_to_tensor(feature.default_value, dtype=dtype, name=f"key_{_clean(key)}")
                made.append(reshape(given, TensorShape(feature.shape).as_list()))
        return made

    def result(self, outputs):
        """{key: tensor or SparseTensor} of the outputs of a parsing operation."""
        n = len(self.sparse)
        found = {
            k: SparseTensor(outputs[i], outputs[n + i], outputs[2 * n + i])
            for i, (k, _) in enumerate(self.sparse)
        }
        found.update({k: outputs[3 * n + i] for i, (k, *_) in enumerate(self.dense)})
        return found


def strings(values):
    out = np.empty(len(values), object)
    out[:] = [v if isinstance(v, bytes) else v.encode() for v in values]
    return out


def _clean(key):
    return "".join(c if c.isalnum() or c in "_.\\-/" else "_" for c in key)


def _allowed(dtype, key):
    if not dtype:
        raise ValueError(f"Missing type for feature {key}.")
    dtype = dtypes.as_dtype(dtype)
    if dtype.name not in _LISTS:
        raise TypeError(f"Feature {key} has dtype {dtype.name}: must be one of float32, int64, string")
    return dtype


def _parse(serialized, features, names, name, default_name):
    if not features:
        raise ValueError("Missing features: a dictionary {key: feature} is needed")
    wanted = _Wanted(features)
    with name_scope(name, default_name, [serialized, names]):
        return _parse_wanted(serialized, wanted, names)


def _parse_wanted(serialized, wanted, names):
    names = strings([]) if names is None else names
    op = ParseExampleV2.make(
        serialized, names, wanted.sparse_keys(), wanted.dense_keys(), strings([]), wanted.defaults(),
        num_sparse=len(wanted.sparse), sparse_types=[d for _, d in wanted.sparse],
        Tdense=[d for _, d, _ in wanted.dense], dense_shapes=wanted.shapes(),
    )  # fmt: skip
    return wanted.result(op.outputs)


def parse_example(serialized, features, name=None, example_names=None):
    """tf.parse_example: a vector of serialized `Example`s as a dictionary of tensors.

    `features` {key: FixedLenFeature, VarLenFeature or FixedLenSequenceFeature} says what is in them.
    Raises InvalidArgumentError (in the run) where a message lacks a feature or has another type of it.
    """
    return _parse(serialized, features, example_names, name, "ParseExample")


def parse_single_example(serialized, features, name=None, example_names=None):
    """tf.parse_single_example: as `parse_example`, of one scalar string; the results have no batch axis."""
    if not features:
        raise ValueError("Missing features.")
    with name_scope(name, "ParseSingleExample", [serialized]):
        serialized = convert_to_tensor(serialized, dtypes.string, name="serialized")
        serialized.shape.with_rank(0)
        return _parse(serialized, features, example_names, None, "ParseExample")


# -- tensors as strings ------------------------------------------------------------------------------------------


class SerializeTensor(Op):
    """A tensor as a serialized `TensorProto`."""

    inputs = {"tensor": "T"}
    types = {"T": ()}
    gradient = None

    def infer(op, tensor):
        return [(TensorShape([]), dtypes.string)]

    def numpy(op, tensor):
        out = np.empty((), object)
        out[()] = make_tensor_proto(tensor).SerializeToString()
        return out


class ParseTensor(Op):
    """The tensor in a serialized `TensorProto`."""

    inputs = {"serialized": "string"}
    stateful = True
    gradient = None

    def infer(op, serialized):
        return [(TensorShape(None), op.attrs["out_type"])]

    def run(op, state, serialized):
        found = make_ndarray(parse_message(op, TensorProto, serialized.item()))
        if found.dtype != op.attrs["out_type"].as_numpy_dtype:
            raise errors.InvalidArgumentError(
                None,
                op,
                f"Type mismatch between parsed tensor ({found.dtype}) and dtype ({op.attrs['out_type'].name})",
            )
        return [found]


def serialize_tensor(tensor, name=None):
    """tf.serialize_tensor: a tensor as a scalar string."""
    return SerializeTensor.apply(tensor, name=name)


def parse_tensor(serialized, out_type, name=None):
    """tf.parse_tensor: the tensor of dtype `out_type` in a scalar string."""
    return ParseTensor.apply(serialized, out_type=dtypes.as_dtype(out_type), name=name)
