"""Storages behind a URL, by way of `fsspec`, whose packages are optional and imported at the first URL.

Two kinds differ in what a save must beware of:

* `ObjectStorage` (s3, gs, abfs, memory): a file appears whole when its upload is closed.  Closing an upload
  after an exception would commit half of it: it is aborted.
* `FolderStorage` (hdfs, webhdfs, sftp and others): files grow under a temporary name and are renamed.  A
  rename does not replace there, and may fail without a word: the old file goes first, and what a rename did
  is looked at.
"""

import contextlib
import io

from minitf.checkpoint.storage import Draft, Storage, temporary_name

_PART = 16 << 20  # bytes of one part of an upload; less than that is stored in one request
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs", "hdfs": "hdfs", "memory": "remote", "webhdfs": "remote"}
_OBJECTS = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss", "memory"}


def remote_storage(url):
    """(storage, path inside it) of a URL.

    Raises ImportError that says what to install, OSError for an unknown scheme, and without Hadoop for hdfs://.
    """
    protocol = url.partition("://")[0].lower()
    try:
        import fsspec

        system, path = fsspec.url_to_fs(url, use_listings_cache=False)
    except ImportError as error:
        extra = _EXTRAS.get(protocol, "remote")
        raise ImportError(f"{protocol}:// needs more packages: pip install 'minitf[{extra}]' ({error})") from error
    except OSError as error:
        if protocol != "hdfs" or ("libhdfs" not in (text := str(error)) and "libjvm" not in text):
            raise
        raise OSError(
            "hdfs:// needs Java and Hadoop's libhdfs: install both and set JAVA_HOME, HADOOP_HOME and "
            f"CLASSPATH=$($HADOOP_HOME/bin/hadoop classpath --glob), or use webhdfs://, which needs neither ({text})"
        ) from error
    except ValueError as error:
        raise OSError(f"File system scheme '{protocol}' not implemented (file: '{url}')") from error
    kind = ObjectStorage if protocol in _OBJECTS else FolderStorage
    return kind(system, protocol), path


@contextlib.contextmanager
def _named(path):
    """Errors of the packages behind fsspec as OSError with the path."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:  # each package has exceptions of its own
        raise OSError(f"{path}: {type(error).__name__}: {error}") from error


class WholeFile(io.BytesIO):
    """A file that is being written: it is kept in memory, and every `flush` stores all of it."""

    def __init__(self, storage, path, content, at_end):
        super().__init__(content)
        self._storage, self._path, self._changed = storage, path, True
        if at_end:
            self.seek(0, io.SEEK_END)

    def write(self, content):
        self._changed = True
        return super().write(content)

    def flush(self):
        if not self.closed and self._changed:
            self._storage.write(self._path, self.getvalue())
            self._changed = False

    def discard(self):
        """Close without storing what was not stored yet."""
        self._changed = False
        self.close()

    def close(self):
        self.flush()
        super().close()


class _ObjectDraft(Draft):
    """An object: kept here while it is small, else sent part by part; visible when the upload is closed."""

    def __init__(self, system, path, largest=_PART):
        self._system, self._path, self._largest = system, path, largest
        self._small, self._upload = io.BytesIO(), None

    def write(self, content):
        if self._upload is None and self._small.tell() + len(memoryview(content)) <= self._largest:
            self._small.write(content)
            return
        with _named(self._path):
            if self._upload is None:
                self._upload = self._system.open(self._path, "wb", block_size=_PART)
                self._upload.write(self._small.getvalue())
            view = memoryview(content)
            for at in range(0, len(view), _PART):
                self._upload.write(view[at : at + _PART])

    def finish(self):
        """Nothing: what is left is sent by `publish`, which makes all of it visible at once."""

    def publish(self):
        with _named(self._path):
            if self._upload is None:
                self._system.pipe_file(self._path, self._small.getvalue())
            else:
                self._upload.close()
        self._upload = None

    def discard(self):
        upload, self._upload = self._upload, None
        if upload is None:
            return
        try:
            if "gs" not in self._system.protocol:  # there, what is not closed ends by itself after a week
                with contextlib.suppress(Exception):  # what can't be aborted stays invisible all the same
                    upload.discard()
        finally:
            upload.closed = True  # else its finalizer would close it, and commit


class _FolderDraft(Draft):
    """A file under a temporary name; `publish` renames."""

    def __init__(self, storage, path):
        self._storage, self._path, self._temporary = storage, path, temporary_name(path)
        with _named(path):
            self._file = storage.system.open(self._temporary, "wb")
        self._published = False

    def write(self, content):
        with _named(self._path):
            self._file.write(content)

    def finish(self):
        with _named(self._path):
            self._file.close()

    def publish(self):
        self._storage.rename(self._temporary, self._path)
        self._published = True

    def discard(self):
        if self._published:
            return
        with contextlib.suppress(Exception):  # the storage may be gone; the file is cleaned up some day
            self._file.close()
        with contextlib.suppress(Exception):
            self._storage.remove(self._temporary)


class _Remote(Storage):
    """What both kinds share: questions, reading, deleting."""

    def __init__(self, system, protocol):
        self.system, self.protocol = system, protocol

    def settle(self, folder):
        """Nothing: what these storages have answered is stored."""

    def read(self, path, start=0, stop=None):
        with _named(path):
            if stop is not None and stop <= start:
                return b""
            return self.system.cat_file(path, start=start or None, end=stop)

    def open(self, path, mode="rb"):
        kind = mode.replace("b", "")
        with _named(path):
            if kind == "r":
                file = self.system.open(path, "rb")
            else:
                old = b"" if kind[0] == "w" or (kind[0] == "a" and not self.is_file(path)) else self.read(path)
                file = WholeFile(self, path, old, at_end=kind[0] == "a")
        return file if "b" in mode else io.TextIOWrapper(file, "utf-8", write_through=True)

    def size(self, path):
        with _named(path):
            return self.system.info(path)["size"]

    def modified(self, path):
        with _named(path):
            return self.system.modified(path).timestamp()

    def is_file(self, path):
        with _named(path):
            return self.system.isfile(path)

    def is_folder(self, path):
        with _named(path):
            return self.system.isdir(path)

    def list(self, folder):
        with _named(folder):
            try:
                found = self.system.ls(folder, detail=False)
            except (FileNotFoundError, NotADirectoryError):
                return []
        inside = {path.rstrip("/") for path in found} - {folder.rstrip("/")}
        return sorted(path.rpartition("/")[2] for path in inside)

    def remove(self, path):
        with _named(path):
            self.system.rm_file(path)

    def remove_tree(self, folder):
        with _named(folder):
            self.system.rm(folder, recursive=True)

    def copy(self, old, new):
        with _named(old):
            self.system.cp_file(old, new)

    def make_folder(self, path, parents=False):
        with _named(path):
            self.system.makedirs(path, exist_ok=True)


class ObjectStorage(_Remote):
    """Objects under keys; folders are only a way to write the keys."""

    def draft(self, path):
        in_memory = self.protocol == "memory"  # which would show half an object
        return _ObjectDraft(self.system, path, float("inf") if in_memory else _PART)

    def rename(self, old, new):
        self.copy(old, new)
        self.remove(old)

    def make_folder(self, path, parents=False):
        """Nothing to do: a key needs no folder, and the bucket must be there."""
        if self.protocol == "memory":
            super().make_folder(path, parents)

    def clean(self, folder, is_ours, is_our_folder):
        """Nothing to do: there are no drafts under temporary names."""


class FolderStorage(_Remote):
    """Files in folders, where a rename does not replace."""

    def draft(self, path):
        return _FolderDraft(self, path)

    def write(self, path, content):
        """In place: a rename would need the old file gone first.  A reader may meet a part, and must notice."""
        with _named(path):
            self.system.pipe_file(path, bytes(content))
        if self.size(path) != len(content):
            raise OSError(f"{path}: {len(content)} bytes were written, {self.size(path)} are there")

    def rename(self, old, new):
        expected = self.size(old)
        if self.is_file(new):
            self.remove(new)
        with _named(old):
            self.system.mv(old, new)
        if self.is_file(old) or not self.is_file(new) or self.size(new) != expected:
            raise OSError(f"{old}: the storage did not rename it to {new}")

    def copy(self, old, new):
        with self.draft(new) as draft:
            draft.write(self.read(old))
            draft.finish()
            draft.publish()
