"""What the index says of the data files and of each tensor, and whether that can be true.

Everything is checked before memory is taken for it: a file that lies costs no more than its own size.
"""

import math
from typing import NamedTuple

from minitf import errors
from minitf.checkpoint.damage import check, refuse
from minitf.checkpoint.table import read_table
from minitf.graph import dtypes
from minitf.graph.messages import BundleEntryProto, BundleHeaderProto

_MAX_RANK = 64  # of a NumPy array; TensorFlow's is 254
_MAX_BYTES = 1 << 63

_DTYPES = {d.as_datatype_enum: d for d in dtypes.all_types() if not d._is_ref_dtype and d.is_numpy_compatible}
_WIDTHS = {enum: dtype.size for enum, dtype in _DTYPES.items()}
_NAMES = BundleEntryProto.DESCRIPTOR.fields_by_name["dtype"].enum_type.values_by_number
_STRING = dtypes.string.as_datatype_enum


class Entry(NamedTuple):
    """A tensor: `size` bytes from `offset` on in data file `shard`; or `slices`, which are entries of their own."""

    dtype: int
    sizes: tuple
    shard: int
    offset: int
    size: int
    crc: int
    slices: tuple

    @property
    def kind(self):
        """The dtype, as an object."""
        return _DTYPES[self.dtype]

    @property
    def kind_name(self):
        """The dtype's name in TensorFlow's files: DT_FLOAT."""
        return _NAMES[self.dtype].name

    @property
    def count(self):
        return math.prod(self.sizes)


def read_index(content):
    """(how many data files there are, [(key, bytes of an entry)]), from the bytes of an index file."""
    items = read_table(content)
    check(items and items[0][0] == b"", "the index has no header")
    head = _parse(BundleHeaderProto, items[0][1])
    check(0 < head.num_shards <= 99999, f"{head.num_shards} data files")
    check(head.endianness == 0, "written by a big-endian machine")
    check(head.version.min_consumer <= 1, "made by a newer writer")
    return head.num_shards, items[1:]


def parse_entry(value, shards):
    """An `Entry`, of which is known that its numbers agree with each other."""
    proto = _parse(BundleEntryProto, value)
    shape, dtype, size, offset = proto.shape, proto.dtype, proto.size, proto.offset
    sizes = tuple([d.size for d in shape.dim])
    width = _WIDTHS.get(dtype)
    if width is None:
        refuse(f"dtype {dtype} is unknown")
    if len(sizes) > _MAX_RANK or shape.unknown_rank or (sizes and min(sizes) < 0):
        refuse(f"shape {_shown(sizes)} is not that of a tensor")
    count = math.prod(sizes)
    if width * (count or math.prod([s for s in sizes if s])) >= _MAX_BYTES:
        refuse(f"shape {_shown(sizes)} is too large")
    slices = tuple(proto.slices)
    if not slices:
        if not 0 <= proto.shard_id < shards:
            refuse(f"there is no data file {proto.shard_id} of {shards}")
        fits = size >= count + 4 * bool(count) if dtype == _STRING else size == count * width
        if not fits or offset < 0:
            refuse(f"{size} bytes from {offset} on do not match shape {_shown(sizes)}")
    return Entry(dtype, sizes, proto.shard_id, offset, size, proto.crc32c, slices)


def _parse(kind, data):
    try:
        return kind.FromString(data)
    except Exception as error:  # protobuf's DecodeError lives in a module that differs between its versions
        raise errors.DataLossError(None, None, f"damaged {kind.__name__}: {error}") from error


def _shown(sizes):
    return str(list(sizes)) if len(sizes) <= 8 else f"of rank {len(sizes)}"


def check_extents(stored, size_of):
    """The [(key, entry)] of tensors lie inside their data files, of `size_of(shard)` bytes, and none over another."""
    last, end, whole = -1, 0, 0
    for shard, offset, size, key in sorted((e.shard, e.offset, e.size, k) for k, e in stored):
        if shard != last:
            last, end, whole = shard, 0, size_of(shard)
        if offset + size > whole:
            refuse(f"{key!r}: ends at byte {offset + size} of a data file of {whole}")
        if offset < end and size:
            refuse(f"{key!r}: begins at byte {offset}, inside another tensor")
        end = max(end, offset + size)
