"""The few calls on the operating system that a safe save is made of, in one place.

A power cut may undo any of them that was not made sure of: `sync` makes sure of a file's content,
`sync_folder` of the names in a folder.  The tests put a disk that takes notes in the place of this one, and
try what every cut would leave behind (tests/checkpoint/test_power_cut.py).
"""

import errno
import os
import shutil

_UNABLE = (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM)  # file systems that can't sync a folder
_BUFFER = 1 << 20


class Disk:
    """The disk itself: every method is one step."""

    def create(self, path):
        """A new file, opened to write bytes."""
        return open(path, "wb", buffering=_BUFFER)

    def write(self, file, content):
        file.write(content)

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
