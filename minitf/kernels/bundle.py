"""Compiled kernels that come with the package: many object files in one, for each level of x86-64 on Linux.

A bundle is MAGIC, the number of objects, for each of them in the order of their names (name 12 bytes, where its
content begins, how long it is), then the contents, compressed one by one.  `python -m minitf.kernels.bundle`
lists what is there.  They are made by `minitf/warmup/bundling.py` (`make kernels`); a checkout of the sources
has none, and compiles.  A name is a hash of the sources (`identity.py`), so what does not fit is never found.
"""

import functools
import pathlib
import platform
import struct
import sys
import zlib

FOLDER = pathlib.Path(__file__).parent / "compiled"
MAGIC = b"minitf kernels 1"
_COUNT, _RECORD = struct.Struct("<I"), struct.Struct("<12sII")
_START = len(MAGIC) + _COUNT.size


def path(processor):
    """Where the bundle for a `Processor` is, if there is one."""
    return FOLDER / f"{processor.name}.objects"


def serves():
    """True where objects made on Linux for x86-64 can be loaded."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


def is_missing(processor):
    """True where the package has bundles, as wheels have, but none that serves this processor."""
    return FOLDER.is_dir() and not (serves() and path(processor).exists())


def write(target, objects):
    """Write {name: content} to the file `target`; a name is 24 hexadecimal digits."""
    index, contents, at = [], [], _START + _RECORD.size * len(objects)
    for name in sorted(objects):
        packed = zlib.compress(objects[name], 9)
        index.append(_RECORD.pack(bytes.fromhex(name), at, len(packed)))
        contents.append(packed)
        at += len(packed)
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(b"".join([MAGIC, _COUNT.pack(len(objects)), *index, *contents]))


def find(source, name):
    """The content of the object called `name` in the file `source`; None where it is not, or is damaged."""
    content, wanted = _content(source), bytes.fromhex(name)
    if not content.startswith(MAGIC):
        return None
    try:
        low, high = 0, _COUNT.unpack_from(content, len(MAGIC))[0]
        while low < high:
            middle = (low + high) // 2
            found, at, size = _RECORD.unpack_from(content, _START + _RECORD.size * middle)
            if found == wanted:
                return zlib.decompress(content[at : at + size])
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


def count(source):
    """How many objects the file holds."""
    content = _content(source)
    return _COUNT.unpack_from(content, len(MAGIC))[0] if content.startswith(MAGIC) else 0


if __name__ == "__main__":
    for found in sorted(FOLDER.glob("*.objects")):
        print(f"{found.name}: {count(found)} kernels, {found.stat().st_size:,} bytes")
