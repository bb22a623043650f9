"""Tables from keys to values, as operations.  The table itself lives in the session's state.

The output of a table's operation is a handle: what the other operations take.
"""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.op import INDICES, Op


class Table:
    """A dictionary that a session holds.  One that may change is ready at once; another once it is filled."""

    def __init__(self, changes):
        self.entries, self.ready, self.changes = {}, changes, changes

    def fill(self, op, keys, values):
        """The first contents; again only the same ones.  Raises FailedPreconditionError for others."""
        found = self.entries if self.ready else {}
        for key, value in zip(keys, values, strict=True):
            if found.setdefault(key, value) != value:
                raise errors.FailedPreconditionError(
                    None, op, f"HashTable has different value for same key. Key {key!r} has {found[key]!r} and "
                    f"trying to add value {value!r}"
                )  # fmt: skip
        self.entries, self.ready = found, True

    def read(self, op):
        """The dictionary.  Raises FailedPreconditionError before the table was filled."""
        if not self.ready:
            raise errors.FailedPreconditionError(None, op, "Table not initialized.")
        return self.entries


class _TableHandle(Op):
    """A table of this session; equal `shared_name`s mean the same table."""

    stateful = True
    attrs = {"container": "", "shared_name": ""}
    changes = False
    gradient = None

    def infer(op):
        return [(TensorShape([]), dtypes.resource)]

    def run(op, state):
        name = op.attrs["shared_name"] or op.name
        return [state.resource(("table", name), lambda: Table(op.definition.changes))]


class HashTableV2(_TableHandle):
    """A table that is filled once."""

    default_name = "hash_table"


class MutableHashTableV2(_TableHandle):
    """A table whose entries may change while it is in use."""

    default_name = "MutableHashTable"
    changes = True


class LookupTableImportV2(Op):
    """Fills a table."""

    inputs = {"table_handle": "resource", "keys": "Tin", "values": "Tout"}
    types = {"Tin": (), "Tout": ()}
    stateful = True
    gradient = None

    def infer(op, table_handle, keys, values):
        keys.shape.merge_with(values.shape)
        return []

    def run(op, state, table_handle, keys, values):
        table_handle.fill(op, keys.reshape(-1).tolist(), values.reshape(-1).tolist())
        return []


class InitializeTableFromTextFileV2(Op):
    """Fills a table from the lines of a file; an index of -2 means the whole line, of -1 its number."""

    inputs = {"table_handle": "resource", "filename": "string"}
    attrs = {"vocab_size": -1, "delimiter": "\t"}
    stateful = True
    reaches = "reads files"
    gradient = None

    def infer(op, table_handle, filename):
        return []

    def run(op, state, table_handle, filename):
        path = filename.item().decode()
        try:
            with open(path, "rb") as file:
                lines = file.read().splitlines()
        except OSError as error:
            raise errors.NotFoundError(None, op, f"{path}; {error.strerror}") from error
        count = op.attrs["vocab_size"]
        if count > len(lines):
            found = f"expected {count} but got {len(lines)}"
            raise errors.InvalidArgumentError(None, op, f"Invalid vocab_size in {path}: {found}")
        lines = lines if count < 0 else lines[:count]
        keys, values = (_column(op, lines, part) for part in ("key", "value"))
        table_handle.fill(op, keys, values)
        return []


def _column(op, lines, part):
    index, dtype = op.attrs[f"{part}_index"], op.attrs[f"{part}_dtype"]
    if index == -1:
        return list(range(len(lines)))
    delimiter = op.attrs["delimiter"].encode()
    try:
        texts = lines if index == -2 else [line.split(delimiter)[index] for line in lines]
        return texts if dtype is dtypes.string else [dtype.as_numpy_dtype(t.decode()).item() for t in texts]
    except (IndexError, ValueError) as error:
        raise errors.InvalidArgumentError(None, op, f"column {index} can't be read as {dtype.name}: {error}") from error


class LookupTableFindV2(Op):
    """The value of each key, `default_value` where the table has none."""

    inputs = {"table_handle": "resource", "keys": "Tin", "default_value": "Tout"}
    types = {"Tin": (), "Tout": ()}
    stateful = True
    gradient = None

    def infer(op, table_handle, keys, default_value):
        return [(keys.shape.concatenate(default_value.shape), default_value.dtype)]

    def run(op, state, table_handle, keys, default_value):
        entries = table_handle.read(op)
        default = default_value.tolist()
        found = np.empty(keys.size, object)
        found[:] = [entries.get(k, default) for k in keys.reshape(-1).tolist()]
        dtype = op.outputs[0].dtype.as_numpy_dtype
        if default_value.ndim:
            return [np.array(list(found), dtype).reshape(keys.shape + default_value.shape)]
        return [found.astype(dtype).reshape(keys.shape)]


class LookupTableInsertV2(LookupTableImportV2):
    """Sets the values of some keys of a table that may change."""

    def infer(op, table_handle, keys, values):
        return []

    def run(op, state, table_handle, keys, values):
        rows = values.reshape(keys.size, *values.shape[keys.ndim :]).tolist()
        with state.lock:
            table_handle.entries = {**table_handle.entries, **dict(zip(keys.reshape(-1).tolist(), rows, strict=True))}
        return []


class LookupTableSizeV2(Op):
    """The number of entries."""

    inputs = {"table_handle": "resource"}
    stateful = True
    gradient = None

    def infer(op, table_handle):
        return [(TensorShape([]), dtypes.int64)]

    def run(op, state, table_handle):
        return [np.array(len(table_handle.read(op)), np.int64)]


class LookupTableExportV2(Op):
    """All keys and their values."""

    inputs = {"table_handle": "resource"}
    types = {"Tkeys": (), "Tvalues": (), "T": INDICES}
    stateful = True
    gradient = None

    def infer(op, table_handle):
        return [(TensorShape([None]), op.attrs["Tkeys"]),
                (TensorShape([None]).concatenate(op.attrs["value_shape"]), op.attrs["Tvalues"])]  # fmt: skip

    def run(op, state, table_handle):
        entries = table_handle.read(op)
        keys, values = (np.empty(len(entries), t.dtype.as_numpy_dtype) for t in op.outputs)
        keys[:] = list(entries)
        if op.attrs["value_shape"].ndims:
            return [keys, np.array(list(entries.values()), values.dtype)]
        values[:] = list(entries.values())
        return [keys, values]
