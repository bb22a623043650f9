"""The sorted-string table: the file format of a checkpoint's `.index`.

Keys in ascending order with their values, in blocks; a key is stored as how much it shares with the key
before it and the rest.  An index block maps the last key of each block to its place.  The format is that
of LevelDB's tables (https://github.com/google/leveldb/blob/main/doc/table_format.md).
"""

import struct

from crc32c import crc32c

from minitf import errors

_MAGIC = 0xDB4775248B80FB57
_BLOCK_SIZE = 262144
_RESTART_INTERVAL = 16
_U32 = struct.Struct("<I")


def check(ok, message):
    if not ok:
        raise errors.DataLossError(None, None, message)


def mask(crc):
    """Checksums are stored changed, so that a checksum of data with checksums in it stays good."""
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def put_varint(n):
    """A whole number in groups of seven bits, the lowest first."""
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def get_varint(data, at, end):
    """(number, position behind it).  Raises DataLossError where it runs past `end`."""
    n = shift = 0
    while True:
        check(at < end and shift < 70, "truncated or overlong varint")
        byte = data[at]
        at += 1
        n |= (byte & 127) << shift
        if byte < 128:
            return n & ((1 << 64) - 1), at
        shift += 7


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


def read_table(data):
    """Yield the (key, value) pairs.  Raises DataLossError for anything that is not a sound table."""
    check(
        len(data) >= 48 and struct.unpack("<Q", data[-8:])[0] == _MAGIC, "not an sstable (bad magic number)"
    )
    footer = data[-48:-8]
    _, at = get_varint(footer, 0, 40)
    _, at = get_varint(footer, at, 40)
    last = None
    for _, handle in _read_block(data, footer[at:]):
        for key, value in _read_block(data, handle):
            check(last is None or key > last, "keys out of order")
            last = key
            yield key, value


def _read_block(data, handle):
    offset, at = get_varint(handle, 0, len(handle))
    size, _ = get_varint(handle, at, len(handle))
    check(offset + size + 5 <= len(data) - 48, "block past the end of the table")
    raw, kind = data[offset : offset + size], data[offset + size]
    stored = _U32.unpack_from(data, offset + size + 1)[0]
    check(mask(crc32c(data[offset : offset + size + 1])) == stored, "block checksum mismatch")
    check(kind in (0, 1), "unknown block compression")
    return _entries(_snappy(raw) if kind else raw)


def _entries(raw):
    check(len(raw) >= 4, "short block")
    restarts = _U32.unpack_from(raw, len(raw) - 4)[0]
    check(restarts <= (len(raw) - 4) // 4, "bad restart count")
    at, end, key = 0, len(raw) - 4 - 4 * restarts, b""
    for i in range(restarts):
        check(_U32.unpack_from(raw, end + 4 * i)[0] <= end, "bad restart offset")
    while at < end:
        shared, at = get_varint(raw, at, end)
        fresh, at = get_varint(raw, at, end)
        length, at = get_varint(raw, at, end)
        check(shared <= len(key) and fresh + length <= end - at, "bad block entry")
        key = key[:shared] + raw[at : at + fresh]
        at += fresh
        yield key, raw[at : at + length]
        at += length


_SNAPPY_LIMIT = 1 << 28


def _snappy(data):
    """Decompress a Snappy block: literals, and copies of what came out before."""
    length, at = get_varint(data, 0, len(data))
    check(length <= _SNAPPY_LIMIT, "snappy block too large")
    out, end = bytearray(), len(data)
    while at < end:
        tag = data[at]
        kind = tag & 3
        if kind == 0 and tag >> 2 < 60:
            extra, count = 0, (tag >> 2) + 1
        elif kind == 0:
            extra = (tag >> 2) - 59
            count = int.from_bytes(data[at + 1 : at + 1 + extra], "little") + 1
        else:
            extra = (1, 2, 4)[kind - 1]
            count = (tag >> 2 & 7) + 4 if kind == 1 else (tag >> 2) + 1
        check(at + 1 + extra <= end, "truncated snappy block")
        at += 1 + extra
        if kind == 0:
            check(at + count <= end, "truncated snappy literal")
            out += data[at : at + count]
            at += count
        else:
            offset = int.from_bytes(data[at - extra : at], "little") | ((tag >> 5) << 8 if kind == 1 else 0)
            check(0 < offset <= len(out), "bad snappy offset")
            for _ in range(count):
                out.append(out[-offset])
        check(len(out) <= length, "snappy block too long")
    check(len(out) == length, "snappy block too short")
    return bytes(out)
