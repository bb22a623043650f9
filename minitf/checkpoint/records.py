"""Record files (TFRecord): byte strings one after another, each with its length and checksums.

    uint64 length, uint32 checksum of the length, the bytes, uint32 checksum of the bytes

Event files, which TensorBoard reads, are record files of `Event` messages.
"""

import gzip
import os
import struct
import zlib

from crc32c import crc32c

from minitf import errors
from minitf.checkpoint.damage import check, inside, refuse
from minitf.checkpoint.storage import storage_of
from minitf.checkpoint.table import mask


class TFRecordCompressionType:
    """tf.python_io.TFRecordCompressionType: the numbers of the ways to compress a file."""

    NONE, ZLIB, GZIP = 0, 1, 2


class TFRecordOptions:
    """tf.python_io.TFRecordOptions: `compression_type` "GZIP", "ZLIB" or "" (or one of the numbers).

    `compression_level` counts for writers; the other arguments change nothing.  Raises ValueError for another type.
    """

    compression_type_map = {
        TFRecordCompressionType.NONE: "", TFRecordCompressionType.ZLIB: "ZLIB", TFRecordCompressionType.GZIP: "GZIP",
    }  # fmt: skip

    def __init__(self, compression_type=None, flush_mode=None, input_buffer_size=None, output_buffer_size=None,
                 window_bits=None, compression_level=None, compression_method=None, mem_level=None,
                 compression_strategy=None):  # fmt: skip
        self.get_compression_type_string(compression_type)
        self.compression_type, self.compression_level = compression_type, compression_level

    @classmethod
    def get_compression_type_string(cls, options):
        """ "", "GZIP" or "ZLIB" of options, of their name or of their number.  Raises ValueError for others."""
        kind = options.compression_type if isinstance(options, TFRecordOptions) else options
        if not kind:
            return ""
        kind = cls.compression_type_map.get(kind, kind)
        if kind not in ("GZIP", "ZLIB"):
            raise ValueError(f'Not a valid compression_type: "{kind}"')
        return kind


def frame(record):
    """A record with its length and checksums."""
    length = struct.pack("<Q", len(record))
    return b"".join((length, _checksum(length), record, _checksum(record)))


def _checksum(data):
    return struct.pack("<I", mask(crc32c(data)))


def _zipped(file, mode, level=9):
    """A gzip stream through an open file, which is closed with it."""
    zipped = gzip.GzipFile(fileobj=file, mode=mode, compresslevel=level)
    zipped.myfileobj = file
    return zipped


class TFRecordWriter:
    """tf.python_io.TFRecordWriter: writes records to a file; use it in a `with`.

    Raises NotFoundError where the folder is not there.
    """

    def __init__(self, path, options=None):
        if not isinstance(options, TFRecordOptions):
            options = TFRecordOptions(options)
        kind = TFRecordOptions.get_compression_type_string(options)
        level = options.compression_level
        try:
            storage, inner = storage_of(path)
            self._file = storage.open(inner, "wb")
            if kind == "GZIP":
                self._file = _zipped(self._file, "wb", 9 if level is None else level)
        except FileNotFoundError as error:
            raise errors.NotFoundError(None, None, f"{os.fspath(path)}; No such file or directory") from error
        self._pack = zlib.compressobj(-1 if level is None else level) if kind == "ZLIB" else None

    def write(self, record):
        """Append one record, a byte string."""
        data = frame(record.encode() if isinstance(record, str) else record)
        self._file.write(self._pack.compress(data) if self._pack else data)

    def flush(self):
        if self._pack:
            self._file.write(self._pack.flush(zlib.Z_SYNC_FLUSH))
        self._file.flush()

    def close(self):
        if self._pack and not self._file.closed:
            self._file.write(self._pack.flush())
        self._file.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


class _Inflating:
    """A zlib stream as a file to read from; a damaged one raises zlib.error."""

    def __init__(self, file):
        self._file, self._unpack, self._ready = file, zlib.decompressobj(), b""

    def read(self, size):
        while len(self._ready) < size:
            chunk = self._file.read(65536)
            if not chunk:
                break
            self._ready += self._unpack.decompress(chunk)  # a chunk becomes 64 MB at most
        found, self._ready = self._ready[:size], self._ready[size:]
        return found

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._file.close()


def open_to_read(path, compression=""):
    """The file at `path`, opened to read, decompressed on the way.

    Raises NotFoundError where it is not there, FailedPreconditionError where it is a folder.
    """
    try:
        storage, inner = storage_of(path)
        file = storage.open(inner)
        if compression == "GZIP":
            return _zipped(file, "rb")
    except FileNotFoundError:
        raise errors.NotFoundError(None, None, f"{os.fspath(path)}; No such file or directory") from None
    except IsADirectoryError:
        raise errors.FailedPreconditionError(None, None, f"{os.fspath(path)} is a directory") from None
    return _Inflating(file) if compression == "ZLIB" else file


def tf_record_iterator(path, options=None):
    """tf.python_io.tf_record_iterator: the records of a file, as bytes.

    Raises NotFoundError where there is none, DataLossError where it is damaged.
    """
    if isinstance(path, bytes):
        path = path.decode()
    with inside(os.fspath(path)), open_to_read(path, TFRecordOptions.get_compression_type_string(options)) as file:
        yield from _records(file)


def _records(file):
    at = 0
    while len(head := _read(file, 12, at)) == 12:  # half a head is an end, to TensorFlow too: somebody is writing it
        check(head[8:] == _checksum(head[:8]), f"corrupted record at {at}")
        length = int.from_bytes(head[:8], "little")
        record = _read(file, length, at)
        check(len(record) == length, f"truncated record at {at}: {length} bytes promised, {len(record)} there")
        stored = _read(file, 4, at)
        check(len(stored) == 4, f"truncated record at {at}")
        check(stored == _checksum(record), f"corrupted record at {at}")
        at += length + 16
        yield record


_AT_ONCE = 1 << 24  # bytes to ask for: a file that promises more takes no more memory than it has


def _read(file, size, at):
    try:
        if size <= _AT_ONCE:
            return file.read(size)
        pieces = []
        while size and (piece := file.read(min(size, _AT_ONCE))):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)
    except (zlib.error, EOFError, gzip.BadGzipFile) as error:
        refuse(f"damaged compression before record at {at}: {error}")
