"""Slices of large variables in a checkpoint: the keys under which the index lists them.

A key is the slice written so that keys sort as slices do: numbers with their length first, strings
with 0 and 255 escaped (the "OrderedCode" of TensorFlow's format).
"""

from minitf.checkpoint.damage import check
from minitf.graph.messages import TensorSliceProto


def _number(n):
    data = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([len(data)]) + data


def _string(text):
    escaped = {0: b"\0\xff", 255: b"\xff\0"}
    return b"".join(escaped.get(c) or bytes([c]) for c in text) + b"\0\1"


def _signed(v):
    """n bytes hold 7n - 1 bits; as many ones stand at the top as bytes follow."""
    size = ~v if v < 0 else v
    n = 1
    while size >= 1 << (7 * n - 1):
        n += 1
    check(n <= 8, "extent too large")
    head = ((1 << n) - 1) << (8 - n) << (8 * (n - 1))
    return ((v & ((1 << (8 * n)) - 1)) ^ head if v < 0 else v | head).to_bytes(n, "big")


def slice_key(name, extents):
    """The key of a slice: `extents` has (start, length) per axis, or None for a whole axis."""
    out = _number(0) + _string(name) + _number(len(extents))
    for extent in extents:
        start, length = (0, -1) if extent is None else extent
        out += _signed(start) + _signed(length)
    return out


def add_slice(entry, extents):
    """List a slice in the entry of the whole tensor."""
    proto = TensorSliceProto()
    for extent in extents:
        made = proto.extent.add()
        if extent is not None:
            made.start, made.length = extent
    entry.slices.append(proto)


def places(name, entry):
    """[(key, index into the whole tensor)] of every slice.  Raises DataLossError where one is outside."""
    found = []
    for proto in entry.slices:
        check(len(proto.extent) == len(entry.sizes), f"{name!r}: a slice has another rank than its tensor")
        extents = [(e.start, e.length) if e.WhichOneof("has_length") else None for e in proto.extent]
        where = []
        for extent, size in zip(extents, entry.sizes, strict=True):
            start, length = (0, size) if extent is None else extent
            check(
                start >= 0 and length >= 0 and start + length <= size,
                f"{name!r}: a slice lies outside its tensor, {start} + {length} of {size}",
            )
            where.append(slice(start, start + length))
        found.append((slice_key(name, extents), tuple(where)))
    return found
