"""Where files are kept: the local disk, or any storage that `fsspec` has a URL for.

`storage_of(path)` gives the storage and the path inside it.  Everything that saves goes through
`Storage.draft`: a draft is written under no name that a reader knows, and `publish` gives it its name.
Whatever goes wrong before that leaves the old file as it was.  Read next: `remote.py`.
"""

import contextlib
import errno
import os
import posixpath
import re
import shutil
import socket
import time
import uuid
import zlib
from abc import ABC, abstractmethod

import numpy as np

from minitf import errors
from minitf.checkpoint.disk import Disk

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_DAY = 24 * 3600
_AT_ONCE = 8 << 20  # bytes that the disk begins with while others are written
_MACHINE = f"{zlib.crc32(socket.gethostname().encode()):08x}"
_TEMPORARY = re.compile(r"(.+)\.tmp-([0-9a-f]{8})-(\d+)-[0-9a-f]{12}")


def is_url(path):
    """True for `scheme://...`."""
    return _URL.match(os.fspath(path)) is not None


def storage_of(path):
    """(the `Storage` of a path or URL, the path inside it).  Raises ImportError for a missing package."""
    path = os.fspath(path)
    path = path.decode() if isinstance(path, bytes) else path
    if path.startswith("file://"):
        return LOCAL, path[len("file://") :]
    if not is_url(path):
        return LOCAL, path
    from minitf.checkpoint.remote import remote_storage  # which needs fsspec

    return remote_storage(path)


def join(folder, name):
    """A name in a folder, unless it is an absolute path or a URL itself."""
    return name if is_url(name) else os.path.join(os.fspath(folder), name)


def is_absolute(path):
    return is_url(path) or os.path.isabs(path)


def relative_to(folder, path):
    """`path` as seen from `folder`: both local, or both on one storage."""
    folder, path = os.fspath(folder), os.fspath(path)
    if not is_url(path) and not is_url(folder):
        return os.path.relpath(path, folder)
    return posixpath.relpath(path, folder) if is_url(path) and is_url(folder) else path


def temporary_name(path):
    """A name for a draft of `path`, which says whose it is."""
    return f"{path}.tmp-{_MACHINE}-{os.getpid()}-{uuid.uuid4().hex[:12]}"


@contextlib.contextmanager
def translated(op=None):
    """The operating system's errors as TensorFlow's, with the operation that met them."""
    try:
        yield
    except OSError as error:
        raise _translation(error)(None, op, _message(error)) from error


def _translation(error):
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return errors.ResourceExhaustedError
    for kind, translation in (
        (FileNotFoundError, errors.NotFoundError), (PermissionError, errors.PermissionDeniedError),
        (FileExistsError, errors.AlreadyExistsError), (IsADirectoryError, errors.FailedPreconditionError),
        (NotADirectoryError, errors.FailedPreconditionError),
    ):  # fmt: skip
        if isinstance(error, kind):
            return translation
    return errors.UnknownError


def _message(error):
    return f"{error.filename}; {error.strerror}" if error.filename and error.strerror else str(error)


class Draft(ABC):
    """A file in the making: `write` as often as needed, `finish`, then `publish`; else nothing is left of it."""

    def reserve(self, size):  # noqa: B027 - most storages have no way to that
        """At least so many bytes will be written: a full disk says so now."""

    @abstractmethod
    def write(self, content):
        """Append bytes, or anything with a buffer of them."""

    @abstractmethod
    def finish(self):
        """Make sure that all of it is stored, as far as that can be done under another name."""

    @abstractmethod
    def publish(self):
        """Give the file its name, in the place of an older one."""

    @abstractmethod
    def discard(self):
        """Throw away what was not published; nothing once it was."""

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.discard()


class Storage(ABC):
    """A place for files.  Errors are OSError and its kinds (FileNotFoundError...)."""

    @abstractmethod
    def draft(self, path):
        """A `Draft` of the file `path`."""

    def write(self, path, content):
        """Write a whole file: readers see the old one or the new one, after a power cut, too."""
        with self.draft(path) as draft:
            draft.write(content)
            draft.finish()
            draft.publish()
            self.settle(os.path.dirname(path))

    @abstractmethod
    def settle(self, folder):
        """Make sure that the names of a folder outlast a power cut."""

    def alone_in(self, folder):
        """A context that one process at a time is in, where the storage has a way to that."""
        return contextlib.nullcontext()

    @abstractmethod
    def read(self, path, start=0, stop=None):
        """The bytes from `start` to `stop` (or to the end), as a buffer; no others are fetched."""

    @abstractmethod
    def open(self, path, mode="rb"):
        """An open file, as Python's `open`; text is UTF-8.  Behind a URL, what is written is kept in memory, and
        `flush` stores all of it anew.
        """

    @abstractmethod
    def size(self, path):
        """The size of a file in bytes."""

    @abstractmethod
    def modified(self, path):
        """When a file was written, in seconds since 1970."""

    @abstractmethod
    def is_file(self, path):
        pass

    @abstractmethod
    def is_folder(self, path):
        pass

    @abstractmethod
    def list(self, folder):
        """The names in a folder, sorted; none where it is not there."""

    @abstractmethod
    def copy(self, old, new):
        """A file under a second name, in the place of an older one."""

    @abstractmethod
    def rename(self, old, new):
        """Another name for a file, in the place of an older one; noticed where it does not happen."""

    @abstractmethod
    def remove(self, path):
        """Delete a file.  Raises FileNotFoundError."""

    @abstractmethod
    def remove_tree(self, folder):
        """Delete a folder with everything in it."""

    @abstractmethod
    def make_folder(self, path, parents=False):
        """Make a folder, nothing where it is there; `parents`: those around it, too."""

    def clean(self, folder, is_ours, is_our_folder):
        """Delete drafts that nobody works on any more, and folders that are a day old.

        `is_ours(name of the file drafted)` and `is_our_folder(name)` choose.
        """
        for name in self.list(folder):
            path, match = os.path.join(folder, name), _TEMPORARY.fullmatch(name)
            with contextlib.suppress(FileNotFoundError):  # another process may clean as well
                if match is not None and is_ours(match[1]):
                    if _is_abandoned(match[2], int(match[3]), self.modified(path)):
                        self.remove(path)
                elif is_our_folder(name) and self.is_folder(path) and time.time() - self.modified(path) > _DAY:
                    self.remove_tree(path)


def _is_abandoned(machine, process, modified):
    """Its process ran on this machine and does so no more; a draft from elsewhere must be a day old."""
    if time.time() - modified > _DAY:
        return True
    return machine == _MACHINE and not _is_alive(process)


def _is_alive(process):
    try:
        with contextlib.suppress(PermissionError):  # it is somebody else's
            os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


class _LocalDraft(Draft):
    def __init__(self, disk, path):
        self._disk, self._path, self._temporary = disk, path, temporary_name(path)
        self._file = disk.create(self._temporary)
        self._published, self._written, self._begun = False, 0, 0

    def reserve(self, size):
        self._disk.reserve(self._file, size)

    def write(self, content):
        self._disk.write(self._file, content)
        self._written += len(content)
        if self._written - self._begun >= _AT_ONCE:
            self._disk.begin_sync(self._file, self._begun, self._written)
            self._begun = self._written

    def finish(self):
        self._disk.sync(self._file)
        self._file.close()

    def publish(self):
        self._disk.rename(self._temporary, self._path)
        self._published = True

    def discard(self):
        if self._published:
            return
        with contextlib.suppress(OSError):  # a full disk can't flush; the file goes anyway
            self._file.close()
        with contextlib.suppress(FileNotFoundError):
            self._disk.remove(self._temporary)


class LocalStorage(Storage):
    """The local disk: drafts lie beside the file, and are renamed."""

    def __init__(self):
        self.disk = Disk()

    def draft(self, path):
        return _LocalDraft(self.disk, path)

    def settle(self, folder):
        self.disk.sync_folder(folder or ".")

    def alone_in(self, folder):
        return self.disk.locked(folder or ".")

    def read(self, path, start=0, stop=None):
        with open(path, "rb", buffering=0) as file:
            size = max(os.fstat(file.fileno()).st_size - start, 0)
            out = np.empty(size if stop is None else min(stop - start, size), np.uint8)
            file.seek(start)
            rest = memoryview(out)
            while len(rest) and (count := file.readinto(rest)):
                rest = rest[count:]
        return out[: len(out) - len(rest)]

    def open(self, path, mode="rb"):
        return open(path, mode, encoding=None if "b" in mode else "utf-8")

    def size(self, path):
        return os.path.getsize(path)

    def modified(self, path):
        return os.path.getmtime(path)

    def is_file(self, path):
        return os.path.isfile(path)

    def is_folder(self, path):
        return os.path.isdir(path)

    def list(self, folder):
        try:
            return sorted(os.listdir(folder or "."))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def copy(self, old, new):
        temporary = temporary_name(new)
        try:
            self.disk.link(old, temporary)
            self.disk.rename(temporary, new)
        except OSError:
            with contextlib.suppress(OSError):
                self.disk.remove(temporary)
            raise

    def rename(self, old, new):
        self.disk.rename(old, new)

    def remove(self, path):
        self.disk.remove(path)

    def remove_tree(self, folder):
        shutil.rmtree(folder)

    def make_folder(self, path, parents=False):
        if os.path.isdir(path):
            return
        if parents and os.path.dirname(path):
            self.make_folder(os.path.dirname(path), parents)
        try:
            os.mkdir(path)
        except FileExistsError:
            if not os.path.isdir(path):
                raise
        self.settle(os.path.dirname(os.path.abspath(path)))


LOCAL = LocalStorage()
