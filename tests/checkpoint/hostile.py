"""Files that lie, with good checksums: what each of them claims must be refused before memory is taken for it.

`BUNDLES` {name: function of a folder that writes a checkpoint there and returns its prefix}; `READERS` reads one.
"""

import numpy as np
from crc32c import crc32c

from minitf.checkpoint import bundle as writing
from minitf.checkpoint import slices
from minitf.checkpoint.reader import BundleReader
from tests.checkpoint.forge import (
    FLOAT,
    STRING,
    block,
    bundle,
    entries_block,
    entry,
    floats,
    handle,
    header,
    raw_entry,
    table,
    varint,
    write,
)

GOOD = [(b"", header()), (b"a", entry(crc=crc32c(b"\0" * 8)))]
HUGE = 1 << 60


def read(prefix):
    """Open a checkpoint and read all of it."""
    reader = BundleReader(prefix)
    reader.debug_string()
    return {name: reader.get_tensor(name) for name in reader.entries}


# -- the table ---------------------------------------------------------------------------------------------


def _table(**how):
    return lambda folder: write(folder, table([block(*entries_block(GOOD))], [b"b"], **how))


def _block(content, restarts=(0,), count=None, keys=(b"b",)):
    return lambda folder: write(folder, table([block(content, restarts, count)], keys))


def _snappy(content):
    return lambda folder: write(folder, table([content], [b"b"], kind=1))


_HEAD = raw_entry(0, b"", header())
_GOOD = entries_block(GOOD)[0]
_LONG = b"k" * 60_000


def _twice(handles):
    return block(*entries_block([(b"b", handles[0]), (b"c", handles[0])]))


def _prefix_bomb(folder):
    """30,000 keys that share 60,000 bytes each: 1.8 GB of names in a file of 300 kB."""
    content = _HEAD + raw_entry(0, _LONG, b"")
    content += b"".join(raw_entry(60_000, i.to_bytes(2, "big"), b"") for i in range(30_000))
    return write(folder, table([block(content)], [b"l"]))


TABLES = {
    "bad magic": _table(magic=1),
    "meta index past the end": _table(meta_handle=handle(HUGE, 8)),
    "index past the end": _table(index_handle=handle(HUGE, 8)),
    "index of 2^60 bytes": _table(index_handle=handle(0, HUGE)),
    "index handle overflows": _table(index_handle=handle((1 << 64) - 8, 16)),
    "data block past the end": _table(index=lambda handles: block(*entries_block([(b"b", handle(1 << 40, 9))]))),
    "data block in the footer": _table(index=lambda handles: block(*entries_block([(b"b", handle(0, 400))]))),
    "data block without a handle": _table(index=lambda handles: block(*entries_block([(b"b", b"")]))),
    "one block twice": _table(index=_twice),
    "unknown compression": lambda folder: write(folder, table([block(_GOOD)], [b"b"], kind=2)),
    "index promises other keys": _block(_GOOD, keys=(b"Z",)),
    "no restart points": _block(_GOOD, ()),
    "2^31 restart points": _block(_GOOD, (0,), 1 << 31),
    "restart point past the entries": _block(_GOOD, (0, 4000)),
    "restart point between entries": _block(_GOOD, (0, 3)),
    "first restart point is not 0": _block(_GOOD, (len(_HEAD),)),
    "restart points descend": _block(_GOOD, (0, len(_HEAD), 0)),
    "restart at a shared key": _block(
        _HEAD + raw_entry(0, b"a", b"") + raw_entry(1, b"b", b""), (0, len(_HEAD) + 4)
    ),
    "shares more than there is": _block(_HEAD + raw_entry(200, b"a", b"")),
    "shares 2^60 bytes": _block(_HEAD + raw_entry(HUGE, b"a", b"")),
    "value past the block": _block(_HEAD + raw_entry(0, b"a", b"", length=5000)),
    "value of 2^63 bytes": _block(_HEAD + raw_entry(0, b"a", b"", length=1 << 63)),
    "overlong varint": _block(_HEAD + b"\x80" * 12 + b"\1"),
    "varint of 70 bits": _block(_HEAD + b"\xff" * 9 + b"\x7f" + b"\1\1a"),
    "keys descend": _block(_HEAD + raw_entry(0, b"b", b"") + raw_entry(0, b"a", b"")),
    "a key twice": _block(_GOOD + raw_entry(0, *GOOD[1])),
    "an empty table": lambda folder: write(folder, table([], [])),
    "keys that are one long prefix": _prefix_bomb,
    "snappy: 2^40 bytes promised": _snappy(varint(1 << 40) + b"\0"),
    "snappy: 255 MB promised": _snappy(varint(255 << 20) + b"\x01\x01" * 50),
    "snappy: copy from before the beginning": _snappy(varint(8) + bytes([3 << 2]) + b"abcd" + bytes([1, 200])),
    "snappy: copy from 0 back": _snappy(varint(8) + bytes([3 << 2]) + b"abcd" + bytes([1, 0])),
    "snappy: more than promised": _snappy(varint(5) + bytes([3 << 2]) + b"abcd" + bytes([1, 4])),
    "snappy: less than promised": _snappy(varint(9) + bytes([3 << 2]) + b"abcd"),
    "snappy: literal past the end": _snappy(varint(60) + bytes([62 << 2]) + b"\xff\xff\xff"),
}


# -- header and entries ------------------------------------------------------------------------------------


def _head(**fields):
    return lambda folder: bundle(folder, [], head=header(**fields))


def _newer(folder):
    head = b"\x08\x01\x1a\x04\x08\x03\x10\x02"  # one shard; producer 3, min_consumer 2
    return bundle(folder, [], head=head)


def _entry(*args, data=b"\0" * 64, name=b"a", **how):
    return lambda folder: bundle(folder, [(name, entry(*args, **how))], data)


def _overlaps(folder):
    return bundle(folder, [(b"a", entry()), (b"b", entry(offset=4))])


def _bomb(folder):
    """2,000 tensors that are all the same megabyte."""
    same = entry((1 << 18,), size=1 << 20)
    return bundle(folder, [(b"t%05d" % i, same) for i in range(2000)], b"\0" * (1 << 20))


def _second_shard_missing(folder):
    return bundle(folder, [(b"a", entry(shard=1))], head=header(num_shards=2), shards=2)


ENTRIES = {
    "no header": lambda folder: write(folder, table([block(raw_entry(0, *GOOD[1]))], [b"b"])),
    "header is no message": lambda folder: bundle(folder, [], head=b"\xff\xff\xff"),
    "no shards": _head(num_shards=0),
    "-1 shards": _head(num_shards=-1),
    "2^31 - 1 shards": _head(num_shards=(1 << 31) - 1),
    "big-endian": _head(endianness=1),
    "a newer writer": _newer,
    "entry is no message": lambda folder: bundle(folder, [(b"a", b"\x0a\xff")]),
    "dtype 99": _entry(dtype=99),
    "dtype 0": _entry(dtype=0),
    "dtype of a reference": _entry(dtype=101),
    "dtype of a resource": _entry(dtype=20, size=16),
    "dtype of a variant": _entry(dtype=21, size=16),
    "negative size": _entry((-2,)),
    "two negative sizes": _entry((-1, -2)),
    "300 axes": _entry((1,) * 300, size=4),
    "sizes overflow": _entry((1 << 40, 1 << 40), size=0),
    "sizes overflow to what fits": _entry((1 << 62, 4, 2), size=0),
    "0 times 2^62 times 2^62": _entry((0, 1 << 62, 1 << 62), size=0),
    "rank unknown": _entry((), size=4, unknown_rank=True),
    "too few bytes": _entry(size=4),
    "too many bytes": _entry(size=12),
    "a petabyte": _entry((1 << 48,), size=1 << 50),
    "negative number of bytes": _entry(size=-8),
    "past the end": _entry(offset=60),
    "far past the end": _entry(offset=1 << 62),
    "offset and size overflow": _entry((4,), offset=0x7FFFFFFFFFFFFFF0, size=16),
    "negative offset": _entry(offset=-8),
    "shard 7 of 1": _entry(shard=7),
    "shard -1": _entry(shard=-1),
    "a data file is missing": _second_shard_missing,
    "tensors overlap": _overlaps,
    "2,000 tensors over one place": _bomb,
    "name is not UTF-8": _entry(name=b"\xc3\x28"),
    "wrong checksum of the data": _entry(crc=1),
}


# -- strings and slices --------------------------------------------------------------------------------------


def _strings(count, content, crc=None):
    made = entry((count,), STRING, size=len(content), crc=crc32c(content) if crc is None else crc)
    return lambda folder: bundle(folder, [(b"s", made)], content)


def _good_strings(*strings):
    return writing.pack_strings(list(strings))


def _other_lengths():
    """'ab', 'c' told as 'a', 'bc': only the checksum of the lengths knows."""
    content, crc = _good_strings(b"ab", b"c")
    return _strings(2, b"\1\2" + content[2:], crc)


def _other_inner_checksum():
    content, crc = _good_strings(b"ab", b"c")
    return _strings(2, content[:2] + b"\0\0\0\0" + content[6:], crc)


STRINGS = {
    "fewer bytes than strings": _strings(1 << 40, b"\0" * 8),
    "no room for the checksum": _strings(3, b"\0" * 4),
    "lengths beyond the content": _strings(2, b"\x7f\x7f" + b"\0" * 6),
    "a string of 2^60 bytes": _strings(1, varint(HUGE) + b"\0" * 8),
    "lengths short of the content": _strings(2, b"\1\1" + b"\0" * 30),
    "lengths are unfinished": _strings(8, b"\xff" * 12),
    "other lengths of the same sum": _other_lengths(),
    "wrong checksum of the lengths": _other_inner_checksum(),
}


def _sliced(sizes, parts, listed=None, dtype=FLOAT):
    """A tensor in slices: `parts` are (extents, entry); `listed` are the extents that the whole names."""

    def make(folder):
        data, _ = floats(*range(16))
        listed_ = [extents for extents, _ in parts] if listed is None else listed
        keys = {slices.slice_key(b"v", extents): made for extents, made in parts}
        whole = (b"v", entry(sizes, dtype, size=0, slices=listed_))
        return bundle(folder, sorted([*keys.items(), whole]), data)

    return make


def _part(offset, *sizes, **how):
    data, _ = floats(*range(16))
    size = int(np.prod(sizes)) * 4
    return entry(sizes, offset=offset, size=size, crc=crc32c(data[offset : offset + size]), **how)


SLICES = {
    "a slice is missing": _sliced((4,), [([(0, 2)], _part(0, 2))], listed=[[(0, 2)], [(2, 2)]]),
    "slices do not cover": _sliced((4,), [([(0, 2)], _part(0, 2))]),
    "slices overlap": _sliced((4,), [([(0, 3)], _part(0, 3)), ([(2, 2)], _part(12, 2))]),
    "overlapping slices add up": _sliced((4,), [([(0, 2)], _part(0, 2)), ([(1, 2)], _part(8, 2))]),
    "a slice named twice": _sliced((4,), [([(0, 2)], _part(0, 2))], listed=[[(0, 2)], [(0, 2)]]),
    "a slice outside": _sliced((4,), [([(0, 2)], _part(0, 2)), ([(3, 2)], _part(8, 2))]),
    "a slice of 2^50": _sliced((4,), [([(0, 1 << 50)], _part(0, 2))]),
    "a slice begins before 0": _sliced((4,), [([(-1, 2)], _part(0, 2)), ([(2, 2)], _part(8, 2))]),
    "a slice of negative length": _sliced((4,), [([(0, -3)], _part(0, 2))]),
    "a slice of another rank": _sliced((4,), [([(0, 4), (0, 1)], _part(0, 4, 1))]),
    "a slice of another shape": _sliced((4,), [([(0, 4)], _part(0, 2, 2))]),
    "a slice of another dtype": _sliced((4,), [([(0, 4)], _part(0, 4))], dtype=3),
    "a slice in slices": _sliced((4,), [([(0, 4)], entry((4,), size=0, slices=[[(0, 4)]]))]),
    "2^50 elements in slices": _sliced((1 << 50,), [([(0, 2)], _part(0, 2))]),
    "2^50 elements of one small slice": _sliced((1 << 50,), [([(0, 2)], _part(0, 2))], listed=[[(0, 2)]] * 1000),
}

BUNDLES = {**TABLES, **ENTRIES, **STRINGS, **SLICES}


def good(folder):
    """What the others are made like, and nothing is wrong with it: a test that refuses this refuses all."""
    data, _ = floats(*range(16))
    parts = {slices.slice_key(b"v", [(i, 2)]): _part(4 * i, 2) for i in (0, 2)}
    content, crc = _good_strings(b"ab", b"c")
    items = [
        (b"a", entry(offset=16, crc=crc32c(data[16:24]))),
        (b"s", entry((2,), STRING, offset=64, size=len(content), crc=crc)),
        (b"v", entry((4,), size=0, slices=[[(0, 2)], [(2, 2)]])),
        *parts.items(),
    ]
    return bundle(folder, sorted(items), data + content)
