"""The few calls on the operating system that a safe save is made of, in one place.

A power cut may undo any of them that was not made sure of: `sync` makes sure of a file's content,
`sync_folder` of the names in a folder.  The tests put a disk that takes notes in the place of this one, and
try what every cut would leave behind (tests/checkpoint/test_power_cut.py).

`reserve` and `begin_sync` make nothing sure, only fast: Linux finds room for the file once, not block by block, and
the disk is at work while the next tensors are still summed up.  Elsewhere they do nothing.
"""

import contextlib
import ctypes
import errno
import os
import shutil
import sys

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_UNABLE = (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM)  # file systems that can't sync a folder
_UNRESERVABLE = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EPERM)  # file systems that can't reserve
_BUFFER = 1 << 16  # larger pieces are written from where they are
_WRITE_ONLY = 2  # of sync_file_range: begin, and wait for nothing


def _linux(name, *arguments):
    """A function of the C library that Python has no name for; None where there is none."""
    function = getattr(ctypes.CDLL(None, use_errno=True), name, None) if sys.platform == "linux" else None
    if function is not None:
        function.argtypes = arguments
    return function


_fallocate = _linux("fallocate64", ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
_sync_file_range = _linux("sync_file_range", ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)


class Disk:
    """The disk itself: every method is one step."""

    def create(self, path):
        """A new file, opened to write bytes."""
        return open(path, "wb", buffering=_BUFFER)

    def reserve(self, file, size):
        """Room for the first `size` bytes of a new file: zeros until they are written.  A full disk is an OSError."""
        if size and _fallocate is not None and _fallocate(file.fileno(), 0, 0, size):
            number = ctypes.get_errno()
            if number not in _UNRESERVABLE:
                raise OSError(number, os.strerror(number), file.name)

    def write(self, file, content):
        file.write(content)

    def begin_sync(self, file, start, stop):
        """Let the disk begin with these bytes; nothing is sure before `sync`, which also tells what failed."""
        if _sync_file_range is not None:
            file.flush()
            _sync_file_range(file.fileno(), start, stop - start, _WRITE_ONLY)

    def sync(self, file):
        """Put what was written to the file on the disk."""
        file.flush()
        os.fsync(file.fileno())

    def rename(self, old, new):
        """Give a file another name, in the place of the file that had it."""
        os.replace(old, new)

    def link(self, old, new):
        """A second name for a file; a copy where the file system knows no second names."""
        try:
            os.link(old, new)
        except FileExistsError:
            raise
        except OSError:
            shutil.copyfile(old, new)
            with open(new, "rb+") as copy:
                self.sync(copy)

    def remove(self, path):
        os.unlink(path)

    @contextlib.contextmanager
    def locked(self, folder):
        """Wait until no other process is in here for this folder; nothing where the file system knows no locks."""
        try:
            opened = os.open(folder, os.O_RDONLY)
        except OSError:
            yield
            return
        try:
            with contextlib.suppress(OSError):
                if fcntl is not None:
                    fcntl.flock(opened, fcntl.LOCK_EX)
            yield
        finally:
            os.close(opened)  # which unlocks it

    def sync_folder(self, path):
        """Put the names in a folder on the disk: without that, a power cut may undo a rename in it."""
        try:
            folder = os.open(path, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            if error.errno not in _UNABLE:
                raise
