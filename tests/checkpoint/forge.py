"""Checkpoint files made by hand: every checksum is good, whatever else is wrong."""

import struct

import numpy as np
from crc32c import crc32c

from minitf.checkpoint.commit import data_name, index_name
from minitf.checkpoint.damage import put_varint
from minitf.checkpoint.table import mask
from minitf.graph.messages import BundleEntryProto, BundleHeaderProto

MAGIC = 0xDB4775248B80FB57
FLOAT, STRING = 1, 7


def varint(n):
    return put_varint(n & ((1 << 64) - 1))


def handle(offset, size):
    return varint(offset) + varint(size)


def raw_entry(shared, key, value, length=None):
    return varint(shared) + varint(len(key)) + varint(len(value) if length is None else length) + key + value


def entries_block(items):
    """A block of (key, value) pairs that share nothing, with one restart point."""
    return b"".join(raw_entry(0, k, v) for k, v in items), [0]


def block(content, restarts=(0,), count=None):
    count = len(restarts) if count is None else count
    return content + b"".join(struct.pack("<I", r) for r in restarts) + struct.pack("<I", count)


def sealed(content, kind=0):
    """A block's bytes in the file: its content, how it is compressed, its checksum."""
    data = content + bytes([kind])
    return data + struct.pack("<I", mask(crc32c(data)))


def table(blocks, keys, kind=0, meta_handle=None, index_handle=None, index=None, magic=MAGIC):
    """A table of finished data blocks; `keys` are those of the index."""
    out, handles = b"", []
    for content in blocks:
        handles.append(handle(len(out), len(content)))
        out += sealed(content, kind)
    meta = handle(len(out), 8)
    out += sealed(block(b""))
    index = block(*entries_block(zip(keys, handles, strict=True))) if index is None else index(handles)
    place = handle(len(out), len(index))
    out += sealed(index)
    return out + ((meta_handle or meta) + (index_handle or place)).ljust(40, b"\0") + struct.pack("<Q", magic)


def header(**fields):
    head = BundleHeaderProto(num_shards=1)
    head.version.producer = 1
    for name, value in fields.items():
        setattr(head, name, value)
    return head.SerializeToString()


def entry(sizes=(2,), dtype=FLOAT, offset=0, size=8, crc=0, shard=0, slices=(), **shape):
    made = BundleEntryProto(dtype=dtype, offset=offset, size=size, shard_id=shard, crc32c=mask(crc))
    made.shape.SetInParent()
    for n in sizes:
        made.shape.dim.add(size=n)
    for name, value in shape.items():
        setattr(made.shape, name, value)
    for extents in slices:
        proto = made.slices.add()
        for start, length in extents:
            proto.extent.add(start=start, length=length)
    return made.SerializeToString()


def write(folder, index, data=b"\0" * 64, shards=1):
    """The files of a checkpoint; returns its prefix."""
    prefix = str(folder / "ckpt")
    with open(index_name(prefix), "wb") as file:
        file.write(index)
    with open(data_name(prefix, 0, shards), "wb") as file:
        file.write(data)
    return prefix


def bundle(folder, items, data=b"\0" * 64, head=None, shards=1):
    """A checkpoint of (name, entry) pairs, as they come."""
    items = [(b"", header() if head is None else head), *items]
    content = block(*entries_block(items))
    return write(folder, table([content], [b"\xff"]), data, shards)


def floats(*values):
    """(bytes, checksum)"""
    data = np.array(values, np.float32).tobytes()
    return data, crc32c(data)
