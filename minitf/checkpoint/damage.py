"""The error for files that are damaged or lie, and whole numbers of variable length, which all readers need.

Every reader of this package raises `tf.errors.DataLossError` with what is wrong and where, and nothing else, for a
file that is not what it should be; `NotFoundError` says that there is none.
"""

import contextlib

from minitf import errors


def check(ok, message):
    if not ok:
        refuse(message)


def refuse(message):
    raise errors.DataLossError(None, None, message)


@contextlib.contextmanager
def inside(place):
    """Whatever is found wrong in the block happened in `place`: a file, or a part of one."""
    try:
        yield
    except errors.DataLossError as error:
        raise errors.DataLossError(None, None, f"{place}: {error.message}") from None


def put_varint(n):
    """The bytes of a number, the lowest seven bits first; the top bit says that more follow."""
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def get_varint(data, at, end):
    """(number, position behind it).  Raises DataLossError where it runs past `end` or has more than 64 bits."""
    n = shift = 0
    while True:
        if at >= end or shift > 63:
            refuse("truncated or overlong varint")
        byte = data[at]
        at += 1
        n |= (byte & 127) << shift
        if byte < 128:
            if n >> 64:
                refuse("a varint of more than 64 bits")
            return n, at
        shift += 7
