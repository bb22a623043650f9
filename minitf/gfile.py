"""`tf.gfile`: files by TensorFlow's names, on the local disk or behind a URL (see `checkpoint/storage.py`)."""

import fnmatch
import glob as _glob
import os
import uuid

from minitf import errors
from minitf.checkpoint.storage import LOCAL, storage_of, translated

_PIECE = 16 << 20  # bytes copied at once


class GFile:
    """tf.gfile.GFile: an open file.  `mode` "r", "w", "a", "r+", "w+" or "a+", with "b" for bytes.

    The file is opened at its first use.  Raises NotFoundError (then) where it is not there.
    """

    def __init__(self, name, mode="r"):
        self._file = self._reading = None
        self._name, self._mode = os.fspath(name), mode
        if mode.replace("b", "") not in ("r", "w", "a", "r+", "w+", "a+"):
            raise errors.InvalidArgumentError(
                None, None, f"mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+': {mode}"
            )

    @property
    def name(self):
        return self._name

    @property
    def mode(self):
        return self._mode

    def _open(self, mode):
        with translated():
            storage, path = storage_of(self._name)
            return storage.open(path, mode)

    def _to_write(self):
        """The file that is written, from its beginning unless the mode is "a"."""
        if self._mode[0] == "r" and "+" not in self._mode:
            raise errors.PermissionDeniedError(None, None, "File isn't open for writing")
        if self._file is None:
            self._file = self._open(("a" if self._mode[0] == "a" else "w") + "b" * ("b" in self._mode))
        return self._file

    def _to_read(self):
        """The file that is read: with a place of its own, and all that was written."""
        if self._mode[0] != "r" and "+" not in self._mode:
            raise errors.PermissionDeniedError(None, None, "File isn't open for reading")
        if self._mode[0] == "w" and self._file is None:
            self._to_write()
        self.flush()
        if self._reading is None:
            self._reading = self._open("r" + "b" * ("b" in self._mode))
        return self._reading

    def read(self, n=-1):
        """The next `n` characters or bytes, or the rest."""
        return self._to_read().read(n)

    def write(self, file_content):
        self._to_write().write(file_content)

    def readline(self):
        return self._to_read().readline()

    def readlines(self):
        return self._to_read().readlines()

    def seek(self, offset=None, whence=0, position=None):
        self._to_read().seek(position if offset is None else offset, whence)

    def seekable(self):
        return True

    def tell(self):
        """The place of what is read next, or, where the file is not read, written."""
        reads = self._mode[0] == "r" or "+" in self._mode
        return (self._to_read() if reads else self._to_write()).tell()

    def size(self):
        """The size in bytes."""
        return Stat(self._name).length

    def flush(self):
        if self._file is not None:
            self._file.flush()

    def close(self):
        for file in (self._file, self._reading):
            if file is not None:
                file.close()
        self._file = self._reading = None

    def __del__(self):
        self.close()

    def __iter__(self):
        return iter(self._to_read())

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    next = __next__

    def __enter__(self):
        return self

    def __exit__(self, exception_type, *exception):
        stored = getattr(self._file, "buffer", self._file)
        if exception_type is not None and hasattr(stored, "discard"):
            stored.discard()  # a URL keeps its old content, and not half of the new
            self._file = None
        self.close()


FastGFile = Open = GFile


def Exists(filename):
    """tf.gfile.Exists: True for a file or a folder."""
    storage, path = storage_of(filename)
    return storage.is_file(path) or storage.is_folder(path)


def IsDirectory(dirname):
    """tf.gfile.IsDirectory: True for a folder."""
    storage, path = storage_of(dirname)
    return storage.is_folder(path)


def MakeDirs(dirname):
    """tf.gfile.MakeDirs: make a folder and those around it; nothing where it is there."""
    with translated():
        storage, path = storage_of(dirname)
        storage.make_folder(path, parents=True)


def MkDir(dirname):
    """tf.gfile.MkDir: make a folder.  Raises AlreadyExistsError, NotFoundError where the one around it is missing."""
    with translated():
        storage, path = storage_of(dirname)
        if storage.is_folder(path):
            raise FileExistsError(f"{os.fspath(dirname)}; File exists")
        storage.make_folder(path)


def ListDirectory(dirname):
    """tf.gfile.ListDirectory: the names in a folder.  Raises NotFoundError where there is none."""
    storage, path = storage_of(dirname)
    if not storage.is_folder(path):
        raise errors.NotFoundError(None, None, f"Could not find directory {dirname}")
    return storage.list(path)


def Glob(filename):
    """tf.gfile.Glob: the paths that match a pattern, or any of a list of patterns.

    Behind a URL, only the last part of the pattern may have wildcards.
    """
    single = isinstance(filename, (str, bytes)) or hasattr(filename, "__fspath__")
    return [path for p in ([filename] if single else filename) for path in _matches(os.fspath(p))]


def _matches(pattern):
    storage, path = storage_of(pattern)
    if storage is LOCAL:
        return sorted(_glob.glob(path))
    folder = os.path.dirname(pattern)
    names = fnmatch.filter(storage.list(os.path.dirname(path)), os.path.basename(pattern))
    return [f"{folder}/{name}" for name in names]


def Remove(filename):
    """tf.gfile.Remove: delete a file.  Raises NotFoundError where there is none."""
    with translated():
        storage, path = storage_of(filename)
        storage.remove(path)


def DeleteRecursively(dirname):
    """tf.gfile.DeleteRecursively: delete a folder with everything in it."""
    with translated():
        storage, path = storage_of(dirname)
        storage.remove(path) if storage.is_file(path) else storage.remove_tree(path)


def Copy(oldpath, newpath, overwrite=False):
    """tf.gfile.Copy: copy a file.  Raises AlreadyExistsError where `newpath` exists and not `overwrite`."""
    with translated():
        (source, old), (target, new) = _pair(oldpath, newpath, overwrite)
        with source.open(old) as file, target.draft(new) as draft:
            while piece := file.read(_PIECE):
                draft.write(piece)
            draft.finish()
            draft.publish()


def Rename(oldname, newname, overwrite=False):
    """tf.gfile.Rename: move a file.  Raises AlreadyExistsError where `newname` exists and not `overwrite`."""
    with translated():
        (source, old), (target, new) = _pair(oldname, newname, overwrite)
        if source is not target and getattr(source, "system", None) is not getattr(target, "system", source):
            Copy(oldname, newname, overwrite)
            source.remove(old)
        else:
            source.rename(old, new)


def _pair(old, new, overwrite):
    if not overwrite and Exists(new):
        raise errors.AlreadyExistsError(None, None, f"file already exists: {new}")
    return storage_of(old), storage_of(new)


class Stat:
    """tf.gfile.Stat: `length`, `mtime_nsec`, `is_directory` of a path.  Raises NotFoundError where there is none."""

    def __init__(self, filename):
        storage, path = storage_of(filename)
        self.is_directory = storage.is_folder(path)
        with translated():
            self.length = 0 if self.is_directory and storage is not LOCAL else storage.size(path)
            self.mtime_nsec = 0 if self.is_directory and storage is not LOCAL else int(storage.modified(path) * 1e9)


def Walk(top, in_order=True):
    """tf.gfile.Walk: (folder, folders in it, files in it) of a tree; `in_order=False`: the deepest first."""
    storage, path = storage_of(top)
    if storage is LOCAL:
        yield from os.walk(path, topdown=in_order)
        return
    names = storage.list(path)
    folders = [name for name in names if storage.is_folder(f"{path}/{name}")]
    here = os.fspath(top), folders, [name for name in names if name not in folders]
    if in_order:
        yield here
    for name in folders:
        yield from Walk(f"{top}/{name}", in_order)
    if not in_order:
        yield here


exists, isdir, makedirs, mkdir, listdir = Exists, IsDirectory, MakeDirs, MkDir, ListDirectory
glob, remove, rmtree, copy, rename, stat, walk = Glob, Remove, DeleteRecursively, Copy, Rename, Stat, Walk


# -- the names of tensorflow.python.lib.io.file_io ----------------------------------------------------------


def read_file_to_string(filename, binary_mode=False):
    """file_io.read_file_to_string: the content of a file."""
    with GFile(filename, "rb" if binary_mode else "r") as file:
        return file.read()


def write_string_to_file(filename, file_content):
    """file_io.write_string_to_file: write a file, in place of an old one."""
    with GFile(filename, "wb" if isinstance(file_content, bytes) else "w") as file:
        file.write(file_content)


def atomic_write_string_to_file(filename, contents, overwrite=True):
    """Write a file that appears under its name only when it is complete.

    Raises AlreadyExistsError where it is there and `overwrite` is false.
    """
    unfinished = f"{os.fspath(filename)}.tmp{uuid.uuid4().hex}"
    write_string_to_file(unfinished, contents)
    try:
        Rename(unfinished, filename, overwrite)
    except errors.OpError:
        Remove(unfinished)
        raise


FileIO = GFile
file_exists, is_directory, get_matching_files, list_directory = Exists, IsDirectory, Glob, ListDirectory
create_dir, recursive_create_dir, delete_file, delete_recursively = MkDir, MakeDirs, Remove, DeleteRecursively
