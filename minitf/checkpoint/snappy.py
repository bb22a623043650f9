"""Snappy, decompressed: literals, and copies of what came out before.

The format: https://github.com/google/snappy/blob/main/format_description.txt
"""

from minitf.checkpoint.damage import check, get_varint

_MOST = 22  # no element makes more than 64 bytes of 3


def decompress(data):
    """The bytes that `data` stands for.  Raises DataLossError where it is no Snappy stream.

    The length it promises is compared with the most that so many bytes can become before anything is made.
    """
    length, at = get_varint(data, 0, len(data))
    check(length <= _MOST * len(data), f"a snappy block of {len(data)} bytes can't become {length}")
    out, end = bytearray(), len(data)
    while at < end:
        kind, extra, count = _element(data, at)
        check(at + 1 + extra <= end, "truncated snappy block")
        operand = int.from_bytes(data[at + 1 : at + 1 + extra], "little")
        if kind == 0:
            count = operand + 1 if extra else count
            at += 1 + extra
            check(at + count <= end, "truncated snappy literal")
            out += data[at : at + count]
            at += count
        else:
            offset = operand | ((data[at] >> 5) << 8 if kind == 1 else 0)
            check(0 < offset <= len(out), "bad snappy offset")
            _copy(out, offset, count)
            at += 1 + extra
        check(len(out) <= length, "snappy block too long")
    check(len(out) == length, "snappy block too short")
    return bytes(out)


def _element(data, at):
    """(kind, bytes behind the tag, length); a long literal has its length behind the tag."""
    tag = data[at]
    kind, size = tag & 3, tag >> 2
    if kind == 0:
        return 0, max(0, size - 59), size + 1
    if kind == 1:
        return 1, 1, (size & 7) + 4
    return kind, 2 if kind == 2 else 4, size + 1


def _copy(out, offset, count):
    """Append `count` bytes from `offset` before the end; what is appended may be copied, too."""
    piece = bytes(out[-offset:])
    out += (piece * (count // offset + 1))[:count]
