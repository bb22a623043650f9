"""Strings to tensors: `tf.train.Example` messages, and tensors as messages."""

from typing import NamedTuple

import numpy as np
from google.protobuf import json_format

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.messages import Example, TensorProto
from minitf.graph.serialization import make_ndarray, make_tensor_proto
from minitf.graph.shape import TensorShape
from minitf.ops.array import reshape
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.op import Op
from minitf.ops.sparse_composition import sparse_merge
from minitf.ops.sparse_tensor import SparseTensor

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


class SparseFeature(NamedTuple):
    """tf.SparseFeature: a SparseTensor of rank 2 from two features of an example, positions and values.

    `index_key` names the int64 feature with the positions, which are below `size`, `value_key` that with as many
    values of `dtype`.
    """

    index_key: object
    value_key: object
    dtype: object
    size: object
    already_sorted: bool = False


_LISTS = {"float32": "float_list", "int64": "int64_list", "string": "bytes_list"}


def named(names, i=0):
    """How an error speaks of example `i`: "Name: x", with the name it was given."""
    return f"Name: {names[i].decode()}" if i < len(names) else "Name: <unknown>"


def feature_values(op, feature, dtype, where):
    """The values of a `Feature` as an array, or None where it is missing.  InvalidArgumentError for another kind."""
    kind = None if feature is None else feature.WhichOneof("kind")
    if kind is None:
        return None
    if kind != _LISTS[dtype.name]:
        raise errors.InvalidArgumentError(
            None, op,
            f"{where}.  Data types don't match. Expected type: {dtypes.message_name(dtype)}  Feature is: {kind}",
        )  # fmt: skip
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
        attrs, names = op.attrs, names.reshape(-1)
        messages = [parse_message(op, Example, d) for d in serialized.reshape(-1).tolist()]
        maps = [m.features.feature for m in messages]
        many = serialized.ndim == 1
        sparse = [
            sparse_parts(_column(op, maps, names, k.decode(), d), d, many)
            for k, d in zip(sparse_keys.tolist(), attrs["sparse_types"], strict=True)
        ]
        dense = [
            _dense(op, maps, names, key.decode(), dtype, shape, default, many)
            for key, dtype, shape, default in zip(
                dense_keys.tolist(), attrs["Tdense"], attrs["dense_shapes"], defaults, strict=True
            )
        ]
        return [part[i] for i in range(3) for part in sparse] + dense


def _column(op, maps, names, key, dtype):
    """One feature of each example."""
    return [
        feature_values(op, _get(features, key), dtype, f"{named(names, i)}, Key: {key}")
        for i, features in enumerate(maps)
    ]


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


def _dense(op, maps, names, key, dtype, shape, default, many):
    rows, sizes = [], shape.as_list()
    variable = bool(sizes) and sizes[0] is None
    count = int(np.prod(sizes[1:] if variable else sizes))
    for i, values in enumerate(_column(op, maps, names, key, dtype)):
        where = named(names, i)
        if values is None:
            if not variable and default.size != count:
                raise errors.InvalidArgumentError(
                    None, op, f"{where}, Feature: {key} (data type: {dtypes.message_name(dtype)}) is required but "
                    "could not be found."
                )  # fmt: skip
            values = np.zeros(0, dtype.as_numpy_dtype) if variable else default.reshape(-1)
        if (variable and count and len(values) % count) or (not variable and len(values) != count):
            raise errors.InvalidArgumentError(
                None, op, f"{where}, Key: {key}, Index: {i}.  Number of {dtypes.message_name(dtype)} values != "
                f"expected.  Values size: {len(values)} but output shape: {shape}"
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
        self.sparse, self.dense, self.merged = [], [], {}
        self.asked = set(features or ())
        if not features:
            return
        for key in sorted(features):
            feature = features[key]
            if isinstance(feature, VarLenFeature):
                self._add_sparse(key, _allowed(feature.dtype, key))
            elif isinstance(feature, SparseFeature):
                self._add_sparse(feature.index_key, dtypes.int64)
                self._add_sparse(feature.value_key, _allowed(feature.dtype, feature.value_key))
                self.merged[key] = feature
            elif isinstance(feature, (FixedLenFeature, FixedLenSequenceFeature)):
                if feature.shape is None:
                    raise ValueError(f"Missing shape for feature {key}.")
                self.dense.append((key, _allowed(feature.dtype, key), feature))
            else:
                raise ValueError(f"Invalid feature {key}:{feature}.")

    def _add_sparse(self, key, dtype):
        """Two features may share an index, or be read as themselves, too."""
        known = dict(self.sparse).get(key, dtype)
        if known is not dtype:
            raise ValueError(f"Conflicting type {known.name} vs {dtype.name} for feature {key}.")
        if (key, dtype) not in self.sparse:
            self.sparse.append((key, dtype))

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
        found.update({
            k: sparse_merge(found[f.index_key], found[f.value_key], f.size, already_sorted=f.already_sorted)
            for k, f in self.merged.items()
        })
        return {k: found[k] for k in found if k in self.asked}


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


class DecodeJSONExample(Op):
    """`Example`s written as JSON, in protocol buffers' way, as serialized messages."""

    inputs = {"json_examples": "string"}
    gradient = None

    def infer(op, json_examples):
        return [(json_examples.shape, dtypes.string)]

    def numpy(op, json_examples):
        out = np.empty(json_examples.size, object)
        for i, text in enumerate(json_examples.reshape(-1).tolist()):
            try:
                out[i] = json_format.Parse(text, Example()).SerializeToString()
            except json_format.ParseError as error:
                raise errors.InvalidArgumentError(None, op, f"Error while parsing JSON: {error}") from error
        return out.reshape(json_examples.shape)


def decode_json_example(json_examples, name=None):
    """tf.decode_json_example: strings with JSON as serialized `Example`s, of the same shape.

    Raises InvalidArgumentError (in the run) for JSON that is no Example.
    """
    return DecodeJSONExample.apply(json_examples, name=name)


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
