"""The tensor bundle, read: the tensors of a checkpoint by name.

The index is read whole and checked when a reader is made; a tensor's bytes are read when it is asked for.
"""

import concurrent.futures
import glob
import os

import numpy as np
from crc32c import crc32c

from minitf import errors
from minitf.checkpoint import slices
from minitf.checkpoint.bundle import pack_strings
from minitf.checkpoint.commit import data_name, index_name
from minitf.checkpoint.damage import check, get_varint, inside, refuse
from minitf.checkpoint.entries import check_extents, parse_entry, read_index
from minitf.checkpoint.ranged import open_ranged, read_whole
from minitf.checkpoint.table import is_table, mask
from minitf.graph import dtypes

_THREADS = min(4, os.cpu_count() or 1)


class BundleReader:
    """tf.train.NewCheckpointReader: the tensors of the checkpoint at `prefix`.

    Raises NotFoundError where there is none, UnimplementedError for TensorFlow's old V1 format, DataLossError
    where its files are damaged or lie; the message says what is wrong and where.
    """

    def __init__(self, prefix):
        self.prefix = os.fspath(prefix)
        self._files = {}  # shard -> opened data file
        self.entries, self._parts = {}, {}
        with inside(index_name(self.prefix)):
            self._read_index(_index_of(self.prefix))

    def _read_index(self, content):
        self._shards, items = read_index(content)
        stored = []
        for key, value in items:
            try:
                entry = parse_entry(value, self._shards)
                target, name = (self._parts, key) if key[:1] == b"\0" else (self.entries, key.decode())
            except errors.DataLossError as error:
                refuse(f"{key!r}: {error.message}")
            except UnicodeDecodeError:
                refuse(f"tensor name {key!r} is not UTF-8")
            target[name] = entry
            if not entry.slices:
                stored.append((key, entry))
        check_extents(stored, lambda shard: self._file(shard).size)

    def _file(self, shard):
        if shard not in self._files:
            path = data_name(self.prefix, shard, self._shards)
            try:
                self._files[shard] = open_ranged(path)
            except FileNotFoundError:
                refuse(f"{path} is missing")
        return self._files[shard]

    def __del__(self):
        for file in getattr(self, "_files", {}).values():
            file.close()

    # -- what it tells ---------------------------------------------------------------------------------------

    def has_tensor(self, name):
        return name in self.entries

    def get_variable_to_shape_map(self):
        """{name: [sizes]}"""
        return {name: list(entry.sizes) for name, entry in self.entries.items()}

    def get_variable_to_dtype_map(self):
        """{name: DType}"""
        return {name: entry.kind for name, entry in self.entries.items()}

    def debug_string(self):
        """A line `name (DT_FLOAT) [sizes]` for each tensor, as bytes."""
        return "".join(
            f"{name} ({entry.kind_name}) [{','.join(map(str, entry.sizes))}]\n"
            for name, entry in self.entries.items()
        ).encode()

    # -- what it reads ---------------------------------------------------------------------------------------

    def get_tensor(self, name):
        """The array called `name`.  Raises NotFoundError where there is none, DataLossError where it is damaged."""
        entry = self.entries.get(name)
        if entry is None:
            raise errors.NotFoundError(None, None, f"Key {name} not found in checkpoint {self.prefix}")
        with inside(self.prefix):
            return self._joined(name, entry) if entry.slices else self._read(name, entry)

    def get_tensors(self, names):
        """The arrays called so, as a list, read by several threads.  Raises what `get_tensor` does."""
        self._expect(names)
        largest_first = sorted(set(names), key=lambda n: -self.entries[n].size if n in self.entries else 0)
        with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
            found = dict(zip(largest_first, pool.map(self.get_tensor, largest_first), strict=True))
        return [found[name] for name in names]

    def _expect(self, names):
        """Tell the data files what will be read of them."""
        parts = {}
        for entry in (self.entries[name] for name in set(names) if name in self.entries):
            if entry.size and not entry.slices:
                parts.setdefault(entry.shard, []).append((entry.offset, entry.offset + entry.size))
        for shard, found in parts.items():
            self._file(shard).expect(found)

    def _read(self, name, entry):
        content = np.empty(entry.size, np.uint8)
        file, view, crc = self._file(entry.shard), memoryview(content), 0
        for at in range(0, entry.size, file.piece):
            piece = view[at : at + file.piece]
            check(file.read_into(piece, entry.offset + at) == len(piece), f"{name!r}: the data file ends early")
            crc = crc32c(piece, crc)
        if entry.kind is dtypes.string:
            return _unpack_strings(name, content.tobytes(), entry)
        check(mask(crc) == entry.crc, f"{name!r}: checksum does not match, the data file is damaged")
        return content.view(entry.kind.as_numpy_dtype).reshape(entry.sizes)

    def _joined(self, name, entry):
        """A tensor that was saved in slices, put together; they cover it and do not overlap."""
        found = [(self._parts.get(key), where) for key, where in slices.places(name.encode(), entry)]
        check(len(set(map(id, (p for p, _ in found)))) == len(found), f"{name!r}: a slice is missing or named twice")
        for part, where in found:
            check(part is not None and part.dtype == entry.dtype, f"{name!r}: a slice is missing")
            check(not part.slices, f"{name!r}: a slice is in slices itself")
            sizes = tuple([s.stop - s.start for s in where])
            check(part.sizes == sizes, f"{name!r}: a slice has shape {part.sizes} where {sizes} is needed")
        check(sum(part.count for part, _ in found) == entry.count, f"{name!r}: its slices do not cover it")
        covered = np.zeros(entry.sizes, bool)
        for _, where in found:
            check(not covered[where].any(), f"{name!r}: its slices overlap")
            covered[where] = True
        out = np.empty(entry.sizes, entry.kind.as_numpy_dtype)
        for part, where in found:
            out[where] = self._read(name, part)
        return out


def _index_of(prefix):
    try:
        return read_whole(index_name(prefix))
    except (FileNotFoundError, NotADirectoryError):
        pass
    if is_version_1(prefix):
        raise errors.UnimplementedError(
            None, None, f"{prefix} is a checkpoint of TensorFlow's V1 format, which was replaced in 2016.  TensorFlow "
            "turns it into one that can be read: restore it there and save it with tf.train.Saver()"
        )  # fmt: skip
    raise errors.NotFoundError(
        None, None, f"Unsuccessful TensorSliceReader constructor: Failed to find any matching files for {prefix}"
    )


def is_version_1(prefix):
    """True where the files of `prefix` are those of a checkpoint in TensorFlow's V1 format."""
    paths = [prefix, *sorted(glob.glob(f"{glob.escape(prefix)}-?????-of-?????"))[:1]]
    return any(os.path.isfile(path) and is_table(_end_of(path)) for path in paths)


def _end_of(path):
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - 48))
        return file.read(48)


def _unpack_strings(name, content, entry):
    out = np.empty(entry.count, object)
    if not content:
        return out.reshape(entry.sizes)
    at, lengths = 0, []
    for _ in range(entry.count):
        n, at = get_varint(content, at, len(content))
        lengths.append(n)
    check(at + 4 + sum(lengths) == len(content), f"{name!r}: the lengths of its strings do not add up")
    at += 4
    for i, n in enumerate(lengths):
        out[i] = content[at : at + n]
        at += n
    again, crc = pack_strings(out.tolist())
    check(again == content and mask(crc) == entry.crc, f"{name!r}: checksum does not match, the data file is damaged")
    return out.reshape(entry.sizes)
