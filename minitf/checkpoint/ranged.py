"""How a checkpoint's files are read: how large one is, and the bytes of a part of it.  Nothing else reads them."""

import os


class LocalFile:
    """A file of this machine; several threads may read from it at once."""

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


def open_ranged(path):
    """The file at `path`, to be read in parts.  Raises FileNotFoundError where it is not there."""
    return LocalFile(path)


def read_whole(path):
    """All bytes of the file at `path`."""
    file = open_ranged(path)
    try:
        content = bytearray(file.size)
        return bytes(content[: file.read_into(memoryview(content), 0)])
    finally:
        file.close()
