"""How a checkpoint's files are read: how large one is, and the bytes of a part of it.  Nothing else reads them."""

import os

from minitf.checkpoint.storage import LOCAL, storage_of


class LocalFile:
    """A file of this machine; several threads may read from it at once."""

    piece = 1 << 20  # bytes to ask for at once: their checksum is computed while they are in the cache

    def __init__(self, path):
        self._file = os.open(path, os.O_RDONLY)
        self.size = os.fstat(self._file).st_size

    def read_into(self, view, offset):
        """Fill the memoryview `view` with the bytes from `offset` on; returns how many there were."""
        done = 0
        while done < len(view):
            count = os.preadv(self._file, [view[done:]], offset + done)
            if not count:
                break
            done += count
        return done

    def close(self):
        os.close(self._file)


class RemoteFile:
    """A file behind a URL: every part is a request."""

    piece = 64 << 20

    def __init__(self, storage, path):
        self._storage, self._path = storage, path
        self.size = storage.size(path)

    def read_into(self, view, offset):
        content = self._storage.read(self._path, offset, offset + len(view))
        view[: len(content)] = content
        return len(content)

    def close(self):
        """Nothing stays open between two requests."""


def open_ranged(path):
    """The file at `path` or URL, to be read in parts.  Raises FileNotFoundError where it is not there."""
    storage, inner = storage_of(path)
    return LocalFile(inner) if storage is LOCAL else RemoteFile(storage, inner)


def read_whole(path):
    """All bytes of the file at `path`."""
    file = open_ranged(path)
    try:
        content = bytearray(file.size)
        return bytes(content[: file.read_into(memoryview(content), 0)])
    finally:
        file.close()
