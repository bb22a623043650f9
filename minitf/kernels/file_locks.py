"""One process at a time: a byte of a file that a process locks, and that the system frees when it ends.

Thirty programs that start at once on one server compile a kernel once: the first does it, the others wait and load
what it has made.  Where a folder can't be locked they all compile, and the last one to rename its file wins.
"""

import contextlib
import os
import threading
import zlib

try:
    import fcntl
except ModuleNotFoundError:  # Windows
    fcntl = None
try:
    import msvcrt
except ModuleNotFoundError:  # everywhere else
    msvcrt = None

_FILE, _BYTES = "lock", 1 << 20
_threads = threading.RLock()  # the system's locks are those of a process


def _lock_posix(file, byte):
    fcntl.lockf(file, fcntl.LOCK_EX, 1, byte)


def _lock_windows(file, byte):
    while True:
        file.seek(byte)
        try:
            return msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        except OSError as error:
            if error.errno != 36:  # EDEADLOCK: it has tried for ten seconds
                raise


def _unlock_windows(file, byte):
    file.seek(byte)
    msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)


@contextlib.contextmanager
def alone(folder, name):
    """While no other process is here with this folder and name (or, once in a million, another name)."""
    with _threads, contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(open(os.path.join(folder, _FILE), "a+b"))
            byte = zlib.crc32(name.encode()) % _BYTES
            if fcntl is not None:
                _lock_posix(file, byte)
            elif msvcrt is not None:
                _lock_windows(file, byte)
                stack.callback(_unlock_windows, file, byte)
        except OSError:
            pass  # a file system without locks
        yield
