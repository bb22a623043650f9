"""The tensor bundle: a checkpoint's files, `PREFIX.index` and `PREFIX.data-00000-of-00001`.

The data file holds the elements of the tensors one after another, sorted by name; the index is a
sorted-string table from names to `BundleEntryProto`: dtype, shape, place, checksum.
"""

import os
import struct
import uuid

import numpy as np
from crc32c import crc32c

from minitf import errors
from minitf.checkpoint import slices
from minitf.checkpoint.table import check, get_varint, mask, put_varint, read_table, write_table
from minitf.graph import dtypes
from minitf.graph.messages import BundleEntryProto, BundleHeaderProto
from minitf.graph.serialization import make_shape_proto

_MAX_RANK = 254


def index_name(prefix):
    return f"{prefix}.index"


def data_name(prefix, shard=0, shards=1):
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"


# -- writing ---------------------------------------------------------------------------------------------


def write_bundle(prefix, tensors, parts=()):
    """Write {name: array} to the files of `prefix`; whoever reads meanwhile sees the old files or the new.

    `parts` are slices of larger tensors: [(name, full shape, [(start, length) per axis], array)].
    Both files are written under temporary names, put on the disk, and renamed, the index last.  The
    folder is made where it is missing, but not the one around it.
    """
    mark = f".tmp-{uuid.uuid4().hex[:12]}"
    data, index = data_name(prefix), index_name(prefix)
    folder = os.path.dirname(prefix)
    if folder and not os.path.isdir(folder):
        os.mkdir(folder)
    try:
        entries = _write_data(data + mark, tensors, parts)
        head = BundleHeaderProto(num_shards=1)
        head.version.producer = 1
        items = [(b"", head.SerializeToString())]
        items += [(key, entries[key].SerializeToString()) for key in sorted(entries)]
        with open(index + mark, "wb") as file:
            file.write(write_table(items))
            _to_disk(file)
        os.replace(data + mark, data)
        os.replace(index + mark, index)
        sync_folder(prefix)
    finally:
        for path in (data + mark, index + mark):
            if os.path.exists(path):
                os.unlink(path)


def _to_disk(file):
    file.flush()
    os.fsync(file.fileno())


def sync_folder(path):
    """Put the folder of `path` on the disk: without that, a power cut may undo a rename in it."""
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_data(path, tensors, parts):
    entries = {}
    todo = [(name.encode(), 0, name.encode(), array) for name, array in tensors.items()]
    for i, (name, full_shape, extents, array) in enumerate(parts):
        key = slices.slice_key(name.encode(), extents)
        whole = entries.setdefault(name.encode(), BundleEntryProto(shape=make_shape_proto(full_shape)))
        whole.dtype = dtypes.as_dtype(array.dtype).as_datatype_enum
        slices.add_slice(whole, extents)
        todo.append((name.encode(), i, key, array))
    offset = 0
    with open(path, "wb") as file:
        for _, _, key, array in sorted(todo, key=lambda item: item[:2]):
            content, crc, dtype = _content(np.asarray(array))
            file.write(content)
            entries[key] = BundleEntryProto(
                dtype=dtype.as_datatype_enum, shape=make_shape_proto(np.shape(array)), offset=offset,
                size=len(content), crc32c=mask(crc),
            )  # fmt: skip
            offset += len(content)
        _to_disk(file)
    return entries


def _content(array):
    """(bytes in the file, their checksum, dtype)"""
    if array.dtype == object or array.dtype.kind in "SU":
        strings = [s if isinstance(s, bytes) else str(s).encode() for s in array.reshape(-1).tolist()]
        return (*_pack_strings(strings), dtypes.string)
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return memoryview(flat), crc32c(flat), dtypes.as_dtype(array.dtype)


def _pack_strings(strings):
    """Lengths, their checksum, then the characters; the entry's checksum covers lengths as fixed-size numbers."""
    lengths = [len(s) for s in strings]
    fixed = b"".join(struct.pack("<I" if n < 1 << 32 else "<Q", n) for n in lengths)
    of_lengths = struct.pack("<I", mask(crc32c(fixed)))
    body = b"".join(strings)
    content = b"".join(map(put_varint, lengths)) + of_lengths + body
    return content, crc32c(body, crc32c(of_lengths, crc32c(fixed)))


# -- reading ---------------------------------------------------------------------------------------------


class BundleReader:
    """The tensors of the checkpoint at `prefix`.

    Raises NotFoundError where there is none, DataLossError where its files are damaged or lie.
    """

    def __init__(self, prefix):
        self.prefix = os.fspath(prefix)
        try:
            with open(index_name(self.prefix), "rb") as file:
                items = read_table(file.read())
        except (FileNotFoundError, NotADirectoryError):
            raise errors.NotFoundError(
                None, None, "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for "
                f"{self.prefix}"
            ) from None  # fmt: skip
        key, value = next(items, (None, b""))
        check(key == b"", f"{self.prefix}: the index has no header")
        head = _parse(BundleHeaderProto, value)
        check(0 < head.num_shards <= 99999, f"{self.prefix}: bad number of data files")
        check(head.endianness == 0, f"{self.prefix}: written by a big-endian machine")
        check(head.version.min_consumer <= 1, f"{self.prefix}: made by a newer writer")
        self._shards, self._sizes = head.num_shards, {}
        self.entries, self._parts = {}, {}
        for key, value in items:
            entry = _parse(BundleEntryProto, value)
            if not entry.slices:
                self._check(key, entry)
            if key[:1] == b"\0":
                self._parts[key] = entry
            else:
                self.entries[_decode(key)] = entry
        stored = sum(e.size for e in (*self.entries.values(), *self._parts.values()))
        check(stored <= sum(self._sizes.values()), f"{self.prefix}: tensors overlap")

    def _check(self, key, entry):
        check(0 <= entry.shard_id < self._shards, f"{key!r}: no such data file")
        check(len(entry.shape.dim) <= _MAX_RANK and not entry.shape.unknown_rank, f"{key!r}: bad shape")
        check(all(d.size >= 0 for d in entry.shape.dim), f"{key!r}: bad shape")
        if entry.shard_id not in self._sizes:
            path = data_name(self.prefix, entry.shard_id, self._shards)
            check(os.path.exists(path), f"{path} is missing")
            self._sizes[entry.shard_id] = os.path.getsize(path)
        inside = (
            entry.offset >= 0 and entry.size >= 0 and entry.offset + entry.size <= self._sizes[entry.shard_id]
        )
        check(inside, f"{key!r}: past the end of the data file")
        dtype = _dtype_of(entry)
        if dtype is dtypes.string:
            check(entry.size >= _count(entry), f"{key!r}: size does not match shape")
        else:
            check(entry.size == _count(entry) * dtype.size, f"{key!r}: size does not match shape")

    # -- what readers of TensorFlow offer --

    def has_tensor(self, name):
        return name in self.entries

    def get_variable_to_shape_map(self):
        """{name: [sizes]}"""
        return {name: [d.size for d in entry.shape.dim] for name, entry in self.entries.items()}

    def get_variable_to_dtype_map(self):
        return {name: _dtype_of(entry) for name, entry in self.entries.items()}

    def get_tensor(self, name):
        """The array called `name`.  Raises NotFoundError where there is none."""
        entry = self.entries.get(name)
        if entry is None:
            raise errors.NotFoundError(None, None, f"Key {name} not found in checkpoint {self.prefix}")
        return self._joined(name, entry) if entry.slices else self._read(name, entry)

    def debug_string(self):
        lines = [
            f"{n} ({_dtype_of(e).name}) {[d.size for d in e.shape.dim]}"
            for n, e in sorted(self.entries.items())
        ]
        return "\n".join(lines).encode()

    def _read(self, name, entry):
        with open(data_name(self.prefix, entry.shard_id, self._shards), "rb") as file:
            file.seek(entry.offset)
            content = np.fromfile(file, np.uint8, entry.size)
        check(len(content) == entry.size, f"{name}: the data file ends early")
        sizes = tuple(d.size for d in entry.shape.dim)
        dtype = _dtype_of(entry)
        if dtype is dtypes.string:
            return _unpack_strings(name, content.tobytes(), _count(entry), entry.crc32c).reshape(sizes)
        check(mask(crc32c(content)) == entry.crc32c, f"{name}: checksum does not match, the file is damaged")
        return content.view(dtype.as_numpy_dtype).reshape(sizes)

    def _joined(self, name, entry):
        """A tensor that was saved in slices, put together."""
        out = np.empty([d.size for d in entry.shape.dim], _dtype_of(entry).as_numpy_dtype)
        done = 0
        for key, where in slices.places(name.encode(), entry):
            part = self._parts.get(key)
            check(part is not None and part.dtype == entry.dtype, f"{name}: a slice is missing")
            array = self._read(name, part)
            check(array.shape == out[where].shape, f"{name}: a slice has another shape")
            out[where] = array
            done += array.size
        check(done == out.size, f"{name}: slices do not cover the tensor")
        return out


def _parse(kind, data):
    try:
        return kind.FromString(data)
    except Exception as error:  # protobuf's DecodeError lives in a module that differs between its versions
        raise errors.DataLossError(None, None, f"damaged {kind.__name__}: {error}") from error


def _decode(key):
    try:
        return key.decode()
    except UnicodeDecodeError:
        raise errors.DataLossError(None, None, f"tensor name {key!r} is not UTF-8") from None


def _dtype_of(entry):
    try:
        dtype = dtypes.as_dtype(entry.dtype)
    except TypeError:
        dtype = None
    check(
        dtype is not None and not dtype._is_ref_dtype and dtype.is_numpy_compatible,
        f"dtype {entry.dtype} is unknown",
    )
    return dtype


def _count(entry):
    count = 1
    for d in entry.shape.dim:
        count *= d.size
    return count


def _unpack_strings(name, content, count, crc):
    out = np.empty(count, object)
    if not count:
        return out
    at, lengths = 0, []
    for _ in range(count):
        n, at = get_varint(content, at, len(content))
        lengths.append(n)
    check(at + 4 + sum(lengths) == len(content), f"{name}: the lengths of its strings do not add up")
    at += 4
    for i, n in enumerate(lengths):
        out[i] = content[at : at + n]
        at += n
    check(
        mask(_pack_strings(out.tolist())[1]) == crc, f"{name}: checksum does not match, the file is damaged"
    )
    return out
