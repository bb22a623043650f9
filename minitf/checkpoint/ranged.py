"""How a checkpoint's files are read: how large one is, and the bytes of a part of it.  Nothing else reads them."""

import bisect
import os
import threading

from minitf.checkpoint.storage import LOCAL, storage_of


class LocalFile:
    """A file of this machine; several threads may read from it at once."""

    piece = 1 << 20  # bytes to ask for at once: their checksum is computed while they are in the cache

    def __init__(self, path):
        # a pipe of that name has no bytes, and is not waited for
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        self.size = os.fstat(self._file).st_size

    def expect(self, parts):
        """Nothing to prepare: reading one part costs no more than reading it with its neighbours."""

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


class _Span:
    """Parts of a remote file that are fetched together by the first that is read, and kept until the last is."""

    def __init__(self, start, stop):
        self.start, self.stop, self.left = start, stop, stop - start
        self._content, self._lock = None, threading.Lock()

    def read(self, start, stop, fetch):
        with self._lock:
            if self.left <= 0:  # read before, and thrown away
                return fetch(start, stop)
            if self._content is None:
                self._content = memoryview(fetch(self.start, self.stop))
            part = self._content[start - self.start : stop - self.start]
            self.left -= stop - start
            if self.left <= 0:
                self._content = None
            return part


class RemoteFile:
    """A file behind a URL: every part is a request, unless `expect` told that its neighbours are read, too."""

    piece = 64 << 20

    def __init__(self, storage, path):
        self._storage, self._path, self._spans = storage, path, []
        self.size = storage.size(path)

    def expect(self, parts):
        """The parts [(start, stop)] will be read: those without a gap between them are fetched together."""
        self._spans = []
        for start, stop in sorted(parts):
            last = self._spans[-1] if self._spans else None
            if last is not None and start == last.stop and stop - last.start <= self.piece:
                last.stop, last.left = stop, stop - last.start
            elif stop - start <= self.piece:
                self._spans.append(_Span(start, stop))

    def read_into(self, view, offset):
        stop = offset + len(view)
        at = bisect.bisect_right(self._spans, offset, key=lambda span: span.start) - 1
        if at >= 0 and stop <= self._spans[at].stop:
            content = self._spans[at].read(offset, stop, self._fetch)
        else:
            content = self._fetch(offset, stop)
        view[: len(content)] = content
        return len(content)

    def _fetch(self, start, stop):
        return self._storage.read(self._path, start, stop)

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
