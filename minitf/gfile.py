"""`tf.gfile`: files by TensorFlow's names, on the local disk."""

import glob as _glob
import os
import shutil

from minitf import errors


class GFile:
    """tf.gfile.GFile: an open file.  `mode` "r", "w", "a", "r+", "w+" or "a+", with "b" for bytes.

    The file is opened at its first use.  Raises NotFoundError (then) where it is not there.
    """

    def __init__(self, name, mode="r"):
        self._file = None
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

    def _opened(self):
        if self._file is None:
            encoding = None if "b" in self._mode else "utf-8"
            self._file = _checked(open, self._name, self._mode, encoding=encoding)
        return self._file

    def read(self, n=-1):
        """The next `n` characters or bytes, or the rest."""
        return self._opened().read(n)

    def write(self, file_content):
        self._opened().write(file_content)

    def readline(self):
        return self._opened().readline()

    def readlines(self):
        return self._opened().readlines()

    def seek(self, offset=None, whence=0, position=None):
        self._opened().seek(position if offset is None else offset, whence)

    def seekable(self):
        return True

    def tell(self):
        return self._opened().tell()

    def size(self):
        """The size in bytes."""
        return Stat(self._name).length

    def flush(self):
        if self._file is not None:
            self._file.flush()

    def close(self):
        if self._file is not None:
            self._file.close()
            self._file = None

    def __del__(self):
        self.close()

    def __iter__(self):
        return iter(self._opened())

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    next = __next__

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


FastGFile = Open = GFile


def _checked(function, *args, **keywords):
    """Call, with the operating system's errors as TensorFlow's."""
    try:
        return function(*args, **keywords)
    except FileNotFoundError as error:
        raise errors.NotFoundError(None, None, f"{error.filename}; No such file or directory") from error
    except FileExistsError as error:
        raise errors.AlreadyExistsError(None, None, f"{error.filename}; File exists") from error
    except PermissionError as error:
        raise errors.PermissionDeniedError(None, None, f"{error.filename}; Permission denied") from error
    except (IsADirectoryError, NotADirectoryError) as error:
        raise errors.FailedPreconditionError(None, None, str(error)) from error
    except OSError as error:
        raise errors.FailedPreconditionError(None, None, str(error)) from error


def Exists(filename):
    """tf.gfile.Exists: True for a file or a folder."""
    return os.path.exists(filename)


def IsDirectory(dirname):
    return os.path.isdir(dirname)


def MakeDirs(dirname):
    """tf.gfile.MakeDirs: make a folder and those around it; nothing where it is there."""
    _checked(os.makedirs, dirname, exist_ok=True)


def MkDir(dirname):
    _checked(os.mkdir, dirname)


def ListDirectory(dirname):
    """tf.gfile.ListDirectory: the names in a folder.  Raises NotFoundError where there is none."""
    if not os.path.isdir(dirname):
        raise errors.NotFoundError(None, None, f"Could not find directory {dirname}")
    return os.listdir(dirname)


def Glob(filename):
    """tf.gfile.Glob: the paths that match a pattern, or any of a list of patterns."""
    patterns = (
        [filename] if isinstance(filename, (str, bytes)) or hasattr(filename, "__fspath__") else filename
    )
    return [path for p in patterns for path in sorted(_glob.glob(os.fspath(p)))]


def Remove(filename):
    """tf.gfile.Remove: delete a file.  Raises NotFoundError where there is none."""
    _checked(os.remove, filename)


def DeleteRecursively(dirname):
    """tf.gfile.DeleteRecursively: delete a folder with everything in it."""
    if os.path.isfile(dirname):
        Remove(dirname)
    else:
        _checked(shutil.rmtree, dirname)


def Copy(oldpath, newpath, overwrite=False):
    """tf.gfile.Copy: copy a file.  Raises AlreadyExistsError where `newpath` exists and not `overwrite`."""
    _refuse_existing(newpath, overwrite)
    _checked(shutil.copyfile, oldpath, newpath)


def Rename(oldname, newname, overwrite=False):
    """tf.gfile.Rename: move a file.  Raises AlreadyExistsError where `newname` exists and not `overwrite`."""
    _refuse_existing(newname, overwrite)
    _checked(os.replace, oldname, newname)


def _refuse_existing(path, overwrite):
    if not overwrite and os.path.exists(path):
        raise errors.AlreadyExistsError(None, None, f"file already exists: {path}")


class Stat:
    """tf.gfile.Stat: `length`, `mtime_nsec`, `is_directory` of a path.  Raises NotFoundError where there is none."""

    def __init__(self, filename):
        found = _checked(os.stat, filename)
        self.length, self.mtime_nsec = found.st_size, found.st_mtime_ns
        self.is_directory = os.path.isdir(filename)


def Walk(top, in_order=True):
    """tf.gfile.Walk: (folder, folders in it, files in it) of a tree; `in_order=False`: the deepest first."""
    return os.walk(top, topdown=in_order)


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


FileIO = GFile
file_exists, is_directory, get_matching_files, list_directory = Exists, IsDirectory, Glob, ListDirectory
create_dir, recursive_create_dir, delete_file, delete_recursively = MkDir, MakeDirs, Remove, DeleteRecursively
