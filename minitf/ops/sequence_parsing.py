"""`SequenceExample` messages to tensors: a context, and lists of features with one entry per step."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.messages import SequenceExample
from minitf.graph.shape import TensorShape
from minitf.ops.constant import convert_to_tensor
from minitf.ops.op import Op
from minitf.ops.parsing import (
    _dense,
    _get,
    _Wanted,
    feature_values,
    named,
    parse_message,
    sparse_parts,
)


class ParseSingleSequenceExample(Op):
    """One serialized `SequenceExample`: the context's tensors, then those of the lists."""

    inputs = {
        "serialized": "string", "context_sparse_keys": "string", "context_dense_keys": "string",
        "list_sparse_keys": "string", "list_dense_keys": "string", "*context_dense_defaults": "any",
    }  # fmt: skip
    attrs = {"debug_name": b"<unknown>"}
    gradient = None

    def infer(op, serialized, *rest):
        attrs, outputs = op.attrs, []
        for prefix, rank in (("context", 1), ("list", 2)):
            sparse = attrs[f"{prefix}_sparse_types"]
            outputs += [(TensorShape([None, rank]), dtypes.int64)] * len(sparse)
            outputs += [(TensorShape([None]), d) for d in sparse]
            outputs += [(TensorShape([rank]), dtypes.int64)] * len(sparse)
            outputs += list(zip(attrs[f"{prefix}_dense_shapes"], attrs[f"{prefix}_dense_types"], strict=True))
        return outputs

    def numpy(op, serialized, context_sparse, context_dense, list_sparse, list_dense, *defaults):
        attrs, names = op.attrs, [op.attrs["debug_name"]]
        message = parse_message(op, SequenceExample, serialized.item())
        context, lists = message.context.feature, message.feature_lists.feature_list
        sparse = [
            sparse_parts([feature_values(op, _get(context, k), d, f"{named(names)}, Key: {k.decode()}")], d, False)
            for k, d in zip(context_sparse.tolist(), attrs["context_sparse_types"], strict=True)
        ]
        dense = [
            _dense(op, [context], names, k.decode(), d, s, default, False)
            for k, d, s, default in zip(context_dense.tolist(), attrs["context_dense_types"],
                                        attrs["context_dense_shapes"], defaults, strict=True)
        ]  # fmt: skip
        outputs = [part[i] for i in range(3) for part in sparse] + dense
        sparse = [
            sparse_parts(_values(op, lists, k, d), d, True)
            for k, d in zip(list_sparse.tolist(), attrs["list_sparse_types"], strict=True)
        ]
        dense = [
            _rows(op, lists, k, d, s, missing)
            for k, d, s, missing in zip(list_dense.tolist(), attrs["list_dense_types"], attrs["list_dense_shapes"],
                                        attrs["allow_missing"], strict=True)
        ]  # fmt: skip
        return outputs + [part[i] for i in range(3) for part in sparse] + dense


def _steps(lists, key):
    found = _get(lists, key)
    return [] if found is None else list(found.feature)


def _where(op):
    return named([op.attrs["debug_name"]])


def _values(op, lists, key, dtype):
    """The values of each step of a list."""
    where = f"{_where(op)}, Feature list: {key.decode()}, Index: "
    return [feature_values(op, f, dtype, f"{where}{i}") for i, f in enumerate(_steps(lists, key))]


def _rows(op, lists, key, dtype, shape, missing_allowed):
    """A dense list (steps, *shape).  InvalidArgumentError where it is missing and may not be."""
    if _get(lists, key) is None and not missing_allowed:
        raise errors.InvalidArgumentError(
            None, op, f"{_where(op)}, Feature list '{key.decode()}' is required but could not be found.  Did you "
            "mean to include it in feature_list_dense_missing_assumed_empty or feature_list_dense_defaults?"
        )  # fmt: skip
    count = int(np.prod(shape.as_list()[1:]))
    rows = _values(op, lists, key, dtype)
    for i, row in enumerate(rows):
        if row is None or len(row) != count:
            raise errors.InvalidArgumentError(
                None, op, f"{_where(op)}, Key: {key.decode()}, Index: {i}.  Number of {dtypes.message_name(dtype)} "
                f"values != expected.  values size: {0 if row is None else len(row)} but output shape: "
                f"{shape.as_list()[1:]}"
            )  # fmt: skip
    return np.array(rows, dtype.as_numpy_dtype).reshape(len(rows), *shape.as_list()[1:])


def parse_single_sequence_example(serialized, context_features=None, sequence_features=None, example_name=None,
                                  name=None):  # fmt: skip
    """tf.parse_single_sequence_example: (dictionary of the context, dictionary of the lists).

    `sequence_features` are FixedLenSequenceFeature, (steps, *shape), or VarLenFeature, a SparseTensor.
    """
    if not (context_features or sequence_features):
        raise ValueError("Missing features.")
    context, lists = _Wanted(context_features), _Wanted(sequence_features)
    with name_scope(name, "ParseSingleSequenceExample", [serialized]):
        serialized = convert_to_tensor(serialized, dtypes.string, name="serialized")
        serialized.shape.with_rank(0)
        op = ParseSingleSequenceExample.make(
            serialized, context.sparse_keys(), context.dense_keys(), lists.sparse_keys(), lists.dense_keys(),
            context.defaults(),
            context_sparse_types=[d for _, d in context.sparse], context_dense_types=[d for _, d, _ in context.dense],
            context_dense_shapes=context.shapes(), list_sparse_types=[d for _, d in lists.sparse],
            list_dense_types=[d for _, d, _ in lists.dense], list_dense_shapes=lists.shapes(),
            allow_missing=[f.allow_missing for _, _, f in lists.dense],
            debug_name=(example_name or "<unknown>").encode(),
        )  # fmt: skip
    split = 3 * len(context.sparse) + len(context.dense)
    return context.result(op.outputs[:split]), lists.result(op.outputs[split:])
