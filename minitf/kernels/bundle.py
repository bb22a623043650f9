"""Compiled kernels that come with the package: many object files in one, for each level of x86-64 on Linux.

A bundle is MAGIC, the number of objects and the length of a dictionary, for each object in the order of their names
(name 12 bytes, where its content begins, how long it is), the dictionary, and the contents: each compressed by
itself, with the dictionary's 32 kB of typical objects as what came before.  (That makes 1 MB of 3.4 MB.  All in one
piece would be 0.4 MB, but unpacking it takes longer than a small program's whole start.)

`python -m minitf.kernels.bundle` lists what is there.  Bundles are made by `minitf/warmup/bundling.py` (`make
kernels`); a checkout of the sources has none, and compiles.  A name is a hash of the sources (`identity.py`), so what
does not fit is never found.
"""

import functools
import os
import pathlib
import platform
import struct
import sys
import zlib

FOLDER = pathlib.Path(__file__).parent / "compiled"
CONVENTION = 1  # to be raised when `compile.py` makes something else of the same source
MAGIC = f"minitf kernels {CONVENTION}\n".encode()
_COUNTS, _RECORD = struct.Struct("<II"), struct.Struct("<12sII")
_START = len(MAGIC) + _COUNTS.size
_WINDOW = 32768  # bytes that zlib looks back


def path(processor):
    """Where the bundle for a `Processor` is, if there is one."""
    return FOLDER / f"{processor.name}.objects"


def serves():
    """True where objects made on Linux for x86-64 can be loaded, unless MINITF_BUNDLES=off forbids it."""
    linux = sys.platform == "linux" and platform.machine() == "x86_64"
    return linux and os.environ.get("MINITF_BUNDLES") != "off"


def is_missing(processor):
    """True where the package has bundles, as wheels have, but none that serves this processor."""
    return FOLDER.is_dir() and not (serves() and path(processor).exists())


def write(target, objects):
    """Write {name: content} to the file `target`; a name is 24 hexadecimal digits."""
    typical = b"".join(sorted(objects.values(), key=len)[: len(objects) // 2 : 10])[-_WINDOW:]
    index, contents, at = [], [], _START + _RECORD.size * len(objects) + len(typical)
    for name in sorted(objects):
        packer = zlib.compressobj(9, zdict=typical)
        contents.append(packer.compress(objects[name]) + packer.flush())
        index.append(_RECORD.pack(bytes.fromhex(name), at, len(contents[-1])))
        at += len(contents[-1])
    target.parent.mkdir(exist_ok=True)
    counts = _COUNTS.pack(len(objects), len(typical))
    target.write_bytes(b"".join([MAGIC, counts, *index, typical, *contents]))
    _content.cache_clear()


def find(source, name):
    """The content of the object called `name` in the file `source`; None where it is not, or is damaged."""
    content, wanted = _content(source), bytes.fromhex(name)
    if not content.startswith(MAGIC):
        return None
    try:
        low, high = 0, count(source)
        while low < high:
            middle = (low + high) // 2
            found, at, size = _RECORD.unpack_from(content, _START + _RECORD.size * middle)
            if found == wanted:
                unpacker = zlib.decompressobj(zdict=_dictionary(source))
                code = unpacker.decompress(content[at : at + size])
                return code if unpacker.eof else None  # zlib has then compared its checksum
            low, high = (middle + 1, high) if found < wanted else (low, middle)
    except (struct.error, zlib.error):
        pass
    return None


@functools.cache
def _content(source):
    try:
        return source.read_bytes()
    except OSError:
        return b""


def _dictionary(source):
    number, size = _COUNTS.unpack_from(_content(source), len(MAGIC))
    start = _START + _RECORD.size * number
    return _content(source)[start : start + size]


def count(source):
    """How many objects the file holds."""
    content = _content(source)
    return _COUNTS.unpack_from(content, len(MAGIC))[0] if content.startswith(MAGIC) else 0


if __name__ == "__main__":
    for found in sorted(FOLDER.glob("*.objects")):
        print(f"{found.name}: {count(found)} kernels, {found.stat().st_size:,} bytes")
