"""The tensor bundle, written: a checkpoint's files, `PREFIX.index` and `PREFIX.data-00000-of-00001`.

The data file holds the elements of the tensors one after another, sorted by name; the index is a
sorted-string table from names to `BundleEntryProto`: dtype, shape, place, checksum.
"""

import os
import struct

import numpy as np
from crc32c import crc32c

from minitf.checkpoint import slices
from minitf.checkpoint.commit import data_name, index_name, publish_checkpoint
from minitf.checkpoint.damage import put_varint
from minitf.checkpoint.storage import storage_of
from minitf.checkpoint.table import mask, write_table
from minitf.graph import dtypes
from minitf.graph.messages import BundleEntryProto, BundleHeaderProto
from minitf.graph.serialization import make_shape_proto

_PIECE = 1 << 20  # bytes whose checksum is computed, and which are written while they are in the cache


def write_bundle(prefix, tensors, parts=()):
    """Write {name: array} to the files of `prefix`, a path or URL; see `commit.py` for how that is made safe.

    `parts` are slices of larger tensors: [(name, full shape, [(start, length) per axis], array)].
    The folder is made where it is missing, but not the one around it.  Raises OSError.
    """
    storage, path = storage_of(prefix)
    folder = os.path.dirname(path)
    if folder:
        storage.make_folder(folder)
    with storage.draft(data_name(path)) as data, storage.draft(index_name(path)) as index:
        entries = _write_data(data, tensors, parts)
        head = BundleHeaderProto(num_shards=1)
        head.version.producer = 1
        items = [(b"", head.SerializeToString())]
        items += [(key, entries[key].SerializeToString()) for key in sorted(entries)]
        index.write(write_table(items))
        index.finish()
        publish_checkpoint(storage, path, data.publish, index)


def _write_data(file, tensors, parts):
    entries = {}
    todo = [(name.encode(), 0, name.encode(), array) for name, array in tensors.items()]
    for i, (name, full_shape, extents, array) in enumerate(parts):
        key = slices.slice_key(name.encode(), extents)
        whole = entries.setdefault(name.encode(), BundleEntryProto(shape=make_shape_proto(full_shape)))
        whole.dtype = dtypes.as_dtype(array.dtype).as_datatype_enum
        slices.add_slice(whole, extents)
        todo.append((name.encode(), i, key, array))
    todo = [(key, np.asarray(array)) for _, _, key, array in sorted(todo, key=lambda item: item[:2])]
    file.reserve(sum(array.nbytes for _, array in todo if not _holds_strings(array)))
    offset = 0
    for key, array in todo:
        size, crc, dtype = _write_array(file, array)
        entries[key] = BundleEntryProto(
            dtype=dtype.as_datatype_enum, shape=make_shape_proto(array.shape), offset=offset, size=size,
            crc32c=mask(crc),
        )  # fmt: skip
        offset += size
    file.finish()
    return entries


def _holds_strings(array):
    return array.dtype == object or array.dtype.kind in "SU"


def _write_array(file, array):
    """(bytes written, their checksum, dtype)"""
    if _holds_strings(array):
        strings = [s if isinstance(s, bytes) else str(s).encode() for s in array.reshape(-1).tolist()]
        content, crc = pack_strings(strings)
        file.write(content)
        return len(content), crc, dtypes.string
    flat, crc = memoryview(np.ascontiguousarray(array).reshape(-1).view(np.uint8)), 0
    for at in range(0, len(flat), _PIECE):
        piece = flat[at : at + _PIECE]
        crc = crc32c(piece, crc)
        file.write(piece)
    return len(flat), crc, dtypes.as_dtype(array.dtype)


def pack_strings(strings):
    """Lengths, their checksum, then the characters; the entry's checksum covers lengths as fixed-size numbers."""
    lengths = [len(s) for s in strings]
    fixed = b"".join(struct.pack("<I" if n < 1 << 32 else "<Q", n) for n in lengths)
    of_lengths = struct.pack("<I", mask(crc32c(fixed)))
    body = b"".join(strings)
    content = b"".join(map(put_varint, lengths)) + of_lengths + body
    return content, crc32c(body, crc32c(of_lengths, crc32c(fixed)))
