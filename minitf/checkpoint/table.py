"""The sorted-string table: the file format of a checkpoint's `.index`.

Keys in ascending order with their values, in blocks; a key is stored as how much it shares with the key
before it and the rest.  An index block maps the last key of each block to its place.  The format is that
of LevelDB's tables (https://github.com/google/leveldb/blob/main/doc/table_format.md).
"""

import struct

from crc32c import crc32c

from minitf.checkpoint.damage import check, get_varint, inside, put_varint, refuse
from minitf.checkpoint.snappy import decompress

_MAGIC = 0xDB4775248B80FB57
_BLOCK_SIZE = 262144
_RESTART_INTERVAL = 16
_U32 = struct.Struct("<I")


def mask(crc):
    """Checksums are stored changed, so that a checksum of data with checksums in it stays good."""
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


# -- writing ---------------------------------------------------------------------------------------------


def _shared(a, b):
    """How many bytes `a` and `b` have in common at their beginning."""
    shortest = min(len(a), len(b))
    return next((i for i in range(shortest) if a[i] != b[i]), shortest)


class _Block:
    """Entries being written; `size` decides when TensorFlow would begin a new block."""

    def __init__(self, interval=_RESTART_INTERVAL):
        self.data, self.restarts, self.interval = bytearray(), [0], interval
        self.count, self.last = 0, b""

    def add(self, key, value):
        shared = 0
        if self.count < self.interval:
            shared = _shared(self.last, key)
        else:
            self.restarts.append(len(self.data))
            self.count = 0
        self.data += put_varint(shared) + put_varint(len(key) - shared) + put_varint(len(value))
        self.data += key[shared:] + value
        self.last = key
        self.count += 1

    @property
    def size(self):
        return len(self.data) + 4 * len(self.restarts) + 4

    def bytes(self):
        return bytes(self.data) + b"".join(map(_U32.pack, self.restarts)) + _U32.pack(len(self.restarts))


def write_table(items):
    """The bytes of a table of (key, value) pairs, which come in ascending order of their keys."""
    out, index, block, pending = bytearray(), _Block(1), _Block(), None

    def emit(block):
        data = block.bytes()
        handle = put_varint(len(out)) + put_varint(len(data))
        out.extend(data + b"\0" + _U32.pack(mask(crc32c(data + b"\0"))))
        return handle

    for key, value in items:
        if pending:
            index.add(_between(pending[0], key), pending[1])
            pending = None
        block.add(key, value)
        if block.size >= _BLOCK_SIZE:
            pending = key, emit(block)
            block = _Block()
    if block.data:
        pending = block.last, emit(block)
    meta = emit(_Block())
    if pending:
        index.add(_after(pending[0]), pending[1])
    handles = meta + emit(index)
    return bytes(out) + handles.ljust(40, b"\0") + struct.pack("<Q", _MAGIC)


def _between(a, b):
    """A short key with a <= key < b."""
    i = _shared(a, b)
    if i < min(len(a), len(b)) and a[i] < 255 and a[i] + 1 < b[i]:
        return a[:i] + bytes([a[i] + 1])
    return a


def _after(a):
    """A short key that is not less than `a`."""
    for i, byte in enumerate(a):
        if byte != 255:
            return a[:i] + bytes([byte + 1])
    return a


# -- reading ---------------------------------------------------------------------------------------------

_FOOTER, _TRAILER = 48, 5
_MOST_KEY_BYTES = 64  # per byte of the file: keys share their beginnings, but names are not that alike


def read_table(data):
    """[(key, value)] of the table with these bytes.  Raises DataLossError for anything that is not a sound table."""
    check(is_table(data), "not an sstable (bad magic number)")
    footer = data[-_FOOTER:-8]
    _, at = get_varint(footer, 0, len(footer))
    _, at = get_varint(footer, at, len(footer))
    _block(data, footer)  # the index of meta blocks, which nobody uses
    budget = _MOST_KEY_BYTES * len(data) + (1 << 20)
    found, blocks = [], _read_block(data, footer[at:], "the index block", budget)
    for i, (last_key, handle) in enumerate(blocks):
        entries = _read_block(data, handle, f"block {i}", budget)
        check(not entries or entries[-1][0] <= last_key, f"block {i}: keys beyond those that the index promises")
        check(not (found and entries) or found[-1][0] < entries[0][0], f"block {i}: keys out of order")
        check(not entries or i == 0 or blocks[i - 1][0] < entries[0][0], f"block {i}: keys before its own")
        found += entries
        budget -= sum(len(key) for key, _ in entries)
    return found


def is_table(data):
    """True where the file ends like a sorted-string table."""
    return len(data) >= _FOOTER and int.from_bytes(data[-8:], "little") == _MAGIC


def _read_block(data, handle, place, budget):
    with inside(place):
        return _entries(_block(data, handle), budget)


def _block(data, handle):
    """The content of the block that `handle` (offset and size) points to."""
    offset, at = get_varint(handle, 0, len(handle))
    size, _ = get_varint(handle, at, len(handle))
    end = offset + size
    check(end + _TRAILER <= len(data) - _FOOTER, f"a block at {offset} of {size} bytes is not inside the file")
    stored = _U32.unpack_from(data, end + 1)[0]
    check(mask(crc32c(data[offset : end + 1])) == stored, f"checksum of the block at {offset} does not match")
    check(data[end] in (0, 1), f"compression {data[end]} is unknown")
    return decompress(data[offset:end]) if data[end] else data[offset:end]


def _entries(raw, budget):
    """[(key, value)] of a block, in strictly ascending order; its restart points must be where they say."""
    check(len(raw) >= 4, "short block")
    restarts = _U32.unpack_from(raw, len(raw) - 4)[0]
    check(1 <= restarts <= (len(raw) - 4) // 4, f"{restarts} restart points do not fit")
    at, end = 0, len(raw) - 4 - 4 * restarts
    points = struct.unpack_from(f"<{restarts}I", raw, end)
    check(points[0] == 0, "the first restart point is not the beginning")
    found, key, passed = [], b"", 0
    while at < end:
        start = at
        shared, fresh, length = raw[at : at + 3].ljust(3, b"\xff")
        if (shared | fresh | length) < 128:
            at += 3
        else:
            shared, at = get_varint(raw, at, end)
            fresh, at = get_varint(raw, at, end)
            length, at = get_varint(raw, at, end)
        middle = at + fresh
        if shared > len(key) or middle + length > end:
            refuse(f"the entry at {start} shares {shared} bytes or ends at {middle + length}, which can't be")
        if passed < restarts and start >= points[passed]:
            if start != points[passed] or shared:
                refuse(f"restart point {points[passed]} is not the beginning of a whole key")
            passed += 1
        before, key = key, key[:shared] + raw[at:middle]
        if key <= before and found:
            refuse(f"key {key[:80]!r} comes after {before[:80]!r}: out of order")
        at = middle + length
        found.append((key, raw[middle:at]))
        budget -= len(key)
        if budget < 0:
            refuse("the keys are too large for the file")
    check(passed == restarts or not found, "a restart point lies past the entries")
    return found
