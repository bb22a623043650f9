"""Lookup tables: `StaticHashTable` and its kin, and what fills them."""

import os

from minitf.graph import dtypes
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import add_to_collection, get_collection, name_scope
from minitf.graph.shape import TensorShape
from minitf.ops import tables
from minitf.ops.arithmetic import add
from minitf.ops.array import size
from minitf.ops.casting import cast
from minitf.ops.comparison import not_equal
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.control_flow import group, no_op
from minitf.ops.ranges import range as range_of
from minitf.ops.selection import where_v2
from minitf.ops.sparse_tensor import SparseTensor
from minitf.ops.string_conversion import as_string
from minitf.ops.strings import string_to_hash_bucket_fast


class KeyValueTensorInitializer:
    """Fills a table with `keys` and `values`, two vectors of one length."""

    def __init__(self, keys, values, key_dtype=None, value_dtype=None, name=None):
        self._keys = convert_to_tensor(keys, dtype=key_dtype, name="keys")
        self._values = convert_to_tensor(values, dtype=value_dtype, name="values")
        self._name = name or "key_value_init"

    key_dtype = property(lambda self: self._keys.dtype.base_dtype)
    value_dtype = property(lambda self: self._values.dtype.base_dtype)

    def initialize(self, table):
        """The operation that fills `table`."""
        _check_dtypes(table, self.key_dtype, self.value_dtype)
        with name_scope(self._name, values=[table.resource_handle, self._keys, self._values]):
            op = tables.LookupTableImportV2.make(table.resource_handle, self._keys, self._values)
        add_to_collection(GraphKeys.TABLE_INITIALIZERS, op)
        return op


def _check_dtypes(table, key_dtype, value_dtype):
    if table.key_dtype is not key_dtype or table.value_dtype is not value_dtype:
        raise TypeError(f"Invalid dtypes of table '{table.name}': {table.key_dtype.name} -> {table.value_dtype.name}, "
                        f"filled with {key_dtype.name} -> {value_dtype.name}")  # fmt: skip


class TextFileIndex:
    """Which part of a line of a file is a key or a value: a column by its number, or one of these."""

    WHOLE_LINE = -2
    LINE_NUMBER = -1


class TextFileInitializer:
    """Fills a table from a file, a line an entry; columns are separated by `delimiter`.

    `key_index` and `value_index` are numbers of columns, or TextFileIndex.WHOLE_LINE (string) or LINE_NUMBER (int64).
    """

    def __init__(self, filename, key_dtype, key_index, value_dtype, value_index, vocab_size=None, delimiter="\t",
                 name=None):  # fmt: skip
        if isinstance(filename, (str, bytes, os.PathLike)) and not os.fspath(filename):
            raise ValueError("Filename required")
        self.key_dtype, self.value_dtype = dtypes.as_dtype(key_dtype), dtypes.as_dtype(value_dtype)
        for what, index, dtype in (("key", key_index, self.key_dtype), ("value", value_index, self.value_dtype)):
            _check_index(what, index, dtype)
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError(f"Invalid vocab_size {vocab_size}.")
        self._attrs = {"key_index": key_index, "value_index": value_index, "key_dtype": self.key_dtype,
                       "value_dtype": self.value_dtype, "vocab_size": -1 if vocab_size is None else vocab_size,
                       "delimiter": delimiter}  # fmt: skip
        self._filename = convert_to_tensor(filename, dtypes.string, name="asset_path")
        self._name = name or "text_file_init"

    def initialize(self, table):
        """The operation that fills `table`."""
        _check_dtypes(table, self.key_dtype, self.value_dtype)
        with name_scope(self._name, "text_file_init", [table.resource_handle]):
            op = tables.InitializeTableFromTextFileV2.make(table.resource_handle, self._filename, **self._attrs)
        add_to_collection(GraphKeys.TABLE_INITIALIZERS, op)
        add_to_collection(GraphKeys.ASSET_FILEPATHS, self._filename)
        return op


def _check_index(what, index, dtype):
    if index < -2:
        raise ValueError(f"Invalid {what} index {index}.")
    if index == TextFileIndex.LINE_NUMBER and dtype is not dtypes.int64:
        raise ValueError(f"Signature mismatch. {what.capitalize()}s must be int64, got {dtype.name}.")
    if index == TextFileIndex.WHOLE_LINE and not (dtype.is_integer or dtype is dtypes.string):
        raise ValueError(f"Signature mismatch. {what.capitalize()}s must be integer or string, got {dtype.name}.")


class LookupInterface:
    """What all tables have in common: dtypes, a name, a handle, `lookup` and `size`."""

    def __init__(self, definition, key_dtype, value_dtype, name, **attrs):
        self._key_dtype, self._value_dtype = dtypes.as_dtype(key_dtype), dtypes.as_dtype(value_dtype)
        self.resource_handle = definition.apply(name=name, **attrs)
        self._name = self.resource_handle.op.name.rpartition("/")[2]

    key_dtype = property(lambda self: self._key_dtype)
    value_dtype = property(lambda self: self._value_dtype)
    name = property(lambda self: self._name)
    default_value = property(lambda self: self._default_value)

    def _find(self, keys, name):
        if keys.dtype.base_dtype is not self._key_dtype:
            raise TypeError(f"Signature mismatch. Keys must be dtype {self._key_dtype.name}, got {keys.dtype.name}.")
        values = keys.values if isinstance(keys, SparseTensor) else keys
        with name_scope(name, f"{self._name}_Lookup", [self.resource_handle, keys, self._default_value]):
            found = tables.LookupTableFindV2.apply(self.resource_handle, values, self._default_value)
        return _like(keys, found)

    def lookup(self, keys, name=None):
        """The values of `keys` (a tensor or a SparseTensor), the default value for keys that are not there."""
        return self._find(keys if isinstance(keys, SparseTensor) else convert_to_tensor(keys), name)

    def size(self, name=None):
        """The number of entries, an int64 tensor."""
        with name_scope(name, f"{self._name}_Size", [self.resource_handle]):
            return tables.LookupTableSizeV2.apply(self.resource_handle)


def _like(keys, values):
    """`values` in the form of `keys`: sparse with the same places where keys are sparse."""
    return SparseTensor(keys.indices, values, keys.dense_shape) if isinstance(keys, SparseTensor) else values


class StaticHashTable(LookupInterface):
    """A table filled once, by `initializer`; run `table.initializer` or `tf.tables_initializer()` first.

    FailedPreconditionError is raised at run time where it was not.
    """

    def __init__(self, initializer, default_value, name=None, shared_name=""):
        self._default_value = convert_to_tensor(default_value, dtype=initializer.value_dtype)
        super().__init__(tables.HashTableV2, initializer.key_dtype, initializer.value_dtype, name,
                         shared_name=shared_name or "")  # fmt: skip
        self._initializer = initializer.initialize(self)

    @property
    def initializer(self):
        return self._initializer

    init = initializer


class HashTable(StaticHashTable):
    """tf.contrib.lookup.HashTable: the older name, with a `shared_name`."""

    def __init__(self, initializer, default_value, shared_name=None, name=None):
        super().__init__(initializer, default_value, name, shared_name)


class MutableHashTable(LookupInterface):
    """A table whose entries change: `insert(keys, values)`, `export()`."""

    def __init__(self, key_dtype, value_dtype, default_value, shared_name=None, name="MutableHashTable",
                 checkpoint=True):  # fmt: skip
        self._default_value = convert_to_tensor(default_value, dtype=dtypes.as_dtype(value_dtype))
        super().__init__(tables.MutableHashTableV2, key_dtype, value_dtype, name, shared_name=shared_name or "")

    def insert(self, keys, values, name=None):
        """The operation that sets the values of `keys`."""
        with name_scope(name, f"{self._name}_lookup_table_insert", [self.resource_handle, keys, values]):
            keys = convert_to_tensor(keys, self._key_dtype, name="keys")
            values = convert_to_tensor(values, self._value_dtype, name="values")
            return tables.LookupTableInsertV2.make(self.resource_handle, keys, values)

    def export(self, name=None):
        """(keys, values) of all entries, as two tensors."""
        with name_scope(name, f"{self._name}_lookup_table_export_values", [self.resource_handle]):
            keys, values = tables.LookupTableExportV2.apply(
                self.resource_handle, Tkeys=self._key_dtype, Tvalues=self._value_dtype,
                value_shape=TensorShape(self._default_value.shape),
            )  # fmt: skip
            return keys, values


class StaticVocabularyTable:
    """Numbers for strings: those of the vocabulary by `initializer`, others by their hash into one of the
    `num_oov_buckets` numbers that follow.  Without an initializer all are hashed.
    """

    def __init__(self, initializer, num_oov_buckets, lookup_key_dtype=None, name=None):
        if num_oov_buckets <= 0:
            raise ValueError("oov_buckets must be > 0; use StaticHashTable instead")
        self._buckets, self._table = num_oov_buckets, None
        if initializer is not None:
            self._table = StaticHashTable(initializer, default_value=-1, name=name)
        found = self._table.key_dtype if initializer is not None else dtypes.string
        self._key_dtype = dtypes.as_dtype(lookup_key_dtype or found)
        self._name = self._table.name if self._table else name or "string_to_index"

    key_dtype = property(lambda self: self._key_dtype)
    value_dtype = property(lambda self: dtypes.int64)
    name = property(lambda self: self._name)

    @property
    def initializer(self):
        with name_scope(None, "init"):
            return self._table.initializer if self._table else no_op()

    init = initializer

    def size(self, name=None):
        """The number of entries and buckets, an int64 tensor."""
        with name_scope(name, f"{self._name}_Size"):
            return constant(self._buckets, dtypes.int64) if self._table is None else self._table.size() + self._buckets

    def lookup(self, keys, name=None):
        """The number of each key (a tensor or a SparseTensor), as int64."""
        keys = keys if isinstance(keys, SparseTensor) else convert_to_tensor(keys)
        if keys.dtype.base_dtype is not self._key_dtype:
            raise TypeError(f"Signature mismatch. Keys must be dtype {self._key_dtype.name}, got {keys.dtype.name}.")
        values = keys.values if isinstance(keys, SparseTensor) else keys
        with name_scope(name, f"{self._name}_Lookup"):
            text = values if values.dtype is dtypes.string else as_string(values)
            buckets = string_to_hash_bucket_fast(text, self._buckets, name="hash_bucket")
            if self._table is None:
                return _like(keys, buckets)
            if self._table.key_dtype is not values.dtype:
                values = cast(values, self._table.key_dtype)
            found = self._table.lookup(values)
            buckets = add(buckets, self._table.size())
            return _like(keys, where_v2(not_equal(found, self._table.default_value), found, buckets))


def tables_initializer(name="init_all_tables"):
    """tf.tables_initializer: an operation that fills all tables of the graph."""
    found = get_collection(GraphKeys.TABLE_INITIALIZERS)
    return group(*found, name=name) if found else no_op(name=name)


def index_table_from_tensor(mapping, num_oov_buckets=0, default_value=-1, hasher_spec=None, dtype=dtypes.string,
                            name=None):  # fmt: skip
    """tf.contrib.lookup.index_table_from_tensor: from the strings of the vector `mapping` to their positions."""
    if mapping is None:
        raise ValueError("mapping must be specified.")
    with name_scope(name, "string_to_index"):
        keys = convert_to_tensor(mapping, dtypes.as_dtype(dtype))
        values = cast(range_of(size(keys)), dtypes.int64)
        return _index_table(KeyValueTensorInitializer(keys, values, name="table_init"), num_oov_buckets, default_value)


def index_table_from_file(vocabulary_file=None, num_oov_buckets=0, vocab_size=None, default_value=-1, hasher_spec=None,
                          key_dtype=dtypes.string, name=None):  # fmt: skip
    """tf.contrib.lookup.index_table_from_file: from the lines of a file to their numbers."""
    with name_scope(name, "string_to_index"):
        lines = TextFileInitializer(vocabulary_file, key_dtype, TextFileIndex.WHOLE_LINE, dtypes.int64,
                                    TextFileIndex.LINE_NUMBER, vocab_size, name="table_init")  # fmt: skip
        return _index_table(lines, num_oov_buckets, default_value)


def _index_table(initializer, num_oov_buckets, default_value):
    if num_oov_buckets:
        return StaticVocabularyTable(initializer, num_oov_buckets)
    return StaticHashTable(initializer, default_value)


def index_to_string_table_from_tensor(mapping, default_value="UNK", name=None):
    """tf.contrib.lookup.index_to_string_table_from_tensor: from positions to the strings of `mapping`."""
    if mapping is None:
        raise ValueError("mapping must be specified.")
    with name_scope(name, "index_to_string"):
        values = convert_to_tensor(mapping, dtypes.string)
        keys = cast(range_of(size(values)), dtypes.int64)
        return StaticHashTable(KeyValueTensorInitializer(keys, values, name="table_init"), default_value)


def index_to_string_table_from_file(vocabulary_file, vocab_size=None, default_value="UNK", name=None):
    """tf.contrib.lookup.index_to_string_table_from_file: from numbers to the lines of a file."""
    with name_scope(name, "index_to_string"):
        lines = TextFileInitializer(vocabulary_file, dtypes.int64, TextFileIndex.LINE_NUMBER, dtypes.string,
                                    TextFileIndex.WHOLE_LINE, vocab_size, name="table_init")  # fmt: skip
        return StaticHashTable(lines, default_value)
