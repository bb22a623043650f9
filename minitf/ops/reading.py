"""Files inside a graph: whole files, and readers that take file names from a queue."""

import glob
import os
import threading
from typing import NamedTuple

import numpy as np

from minitf import errors
from minitf.checkpoint.records import TFRecordOptions, open_to_read, tf_record_iterator
from minitf.graph import dtypes
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.ops.dataset_files import lines_of, one_string, pieces_of
from minitf.ops.op import Op


class ReadFile(Op):
    """The content of a file.  NotFoundError where there is none."""

    inputs = {"filename": "string"}
    stateful = True
    reaches = "reads files"
    gradient = None

    def infer(op, filename):
        filename.shape.with_rank(0)
        return [(TensorShape([]), dtypes.string)]

    def run(op, state, filename):
        return [one_string(content_of(filename.item()))]


def content_of(name):
    """The bytes of the file `name`, which is a byte string itself.  Raises NotFoundError where there is none."""
    with open_to_read(name.decode()) as file:
        return file.read()


class WriteFile(Op):
    """Write a string to a file, in folders that are made where they are missing."""

    inputs = {"filename": "string", "contents": "string"}
    stateful = True
    reaches = "writes files"
    gradient = None

    def infer(op, filename, contents):
        return []

    def run(op, state, filename, contents):
        path = filename.item().decode()
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "wb") as file:
            file.write(contents.item())
        return []


class MatchingFiles(Op):
    """The names of the files that match any of the patterns, sorted."""

    inputs = {"pattern": "string"}
    stateful = True
    reaches = "lists files"
    gradient = None

    def infer(op, pattern):
        return [(TensorShape([None]), dtypes.string)]

    def run(op, state, pattern):
        found = {path for p in pattern.reshape(-1).tolist() for path in glob.glob(p.decode())}
        out = np.empty(len(found), object)
        out[:] = [path.encode() for path in sorted(found)]
        return [out]


def read_file(filename, name=None):
    """tf.read_file: the content of a file as a scalar string."""
    return ReadFile.apply(filename, name=name)


def write_file(filename, contents, name=None):
    """tf.write_file: an operation that writes `contents` to a file."""
    return WriteFile.make(filename, contents, name=name)


def matching_files(pattern, name=None):
    """tf.matching_files: the names of the files that match `pattern` (a string or a list), sorted."""
    return MatchingFiles.apply(pattern, name=name)


# -- readers ---------------------------------------------------------------------------------------------------


class _Reading:
    """Where a reader stands: the work (a file name) it is at, and what it has still to give of it."""

    def __init__(self, records):
        self._records_of, self._lock = records, threading.Lock()
        self.reset()

    def reset(self):
        self._records, self.produced, self.finished = None, 0, 0

    def next(self, queue, op):
        """The next (key, value), of the next file in `queue` where one is used up."""
        with self._lock:
            while True:
                if self._records is None:
                    name = queue.take(1, op)[0][0].item()
                    self._records = self._records_of(op, name)
                found = next(self._records, None)
                if found is not None:
                    self.produced += 1
                    return found
                self._records, self.finished = None, self.finished + 1

    def some(self, count, queue, op):
        """Up to `count` pairs, all of one file."""
        found = [self.next(queue, op)]
        with self._lock:
            while len(found) < count and self._records is not None:
                more = next(self._records, None)
                if more is None:
                    self._records, self.finished = None, self.finished + 1
                    break
                self.produced += 1
                found.append(more)
        return found


class _Reader(Op):
    """A reader of this session; subclasses write `records(op, file name)`, a generator of (key, value)."""

    stateful = True
    gradient = None
    attrs = {"container": "", "shared_name": ""}
    reaches = "reads files"

    def infer(op):
        return [(TensorShape([]), dtypes.resource)]

    def run(op, state):
        key = "reader", op.attrs["shared_name"] or op.name
        return [state.resource(key, lambda: _Reading(op.definition.records))]


class WholeFileReaderV2(_Reader):
    """The whole file: its name and its content."""

    @staticmethod
    def records(op, name):
        yield name, content_of(name)


class IdentityReaderV2(_Reader):
    """What the queue gives, as key and value."""

    reaches = ""

    @staticmethod
    def records(op, name):
        yield name, name


class TextLineReaderV2(_Reader):
    """Line by line; the key is `file:number`."""

    @staticmethod
    def records(op, name):
        for number, line in enumerate(lines_of(open_to_read(name.decode())), 1):
            if number > op_attr(op, "skip_header_lines"):
                yield b"%s:%d" % (name, number), line


class TFRecordReaderV2(_Reader):
    """Record by record of a record file; the key is `file:position`."""

    @staticmethod
    def records(op, name):
        position = 0
        for record in tf_record_iterator(name, op_attr(op, "compression_type")):
            yield b"%s:%d" % (name, position), record
            position += len(record) + 16


class FixedLengthRecordReaderV2(_Reader):
    """Piece by piece of `record_bytes` bytes; the key is `file:number`."""

    @staticmethod
    def records(op, name):
        header, size, footer, hop = (op_attr(op, f"{n}_bytes") for n in ("header", "record", "footer", "hop"))
        if hop in (0, size):
            pieces = pieces_of(op, name.decode(), header, size, footer)
        else:
            data = content_of(name)
            pieces = (data[i : i + size] for i in range(header, len(data) - footer - size + 1, hop))
        for number, piece in enumerate(pieces):
            yield b"%s:%d" % (name, number), piece


def op_attr(op, name):
    """An attribute of the reader whose handle operation `op` (a read) takes."""
    return op.inputs[0].op.attrs[name]


class ReaderReadV2(Op):
    """The next record: key and value."""

    inputs = {"reader_handle": "resource", "queue_handle": "resource"}
    stateful = True
    gradient = None

    def infer(op, reader_handle, queue_handle):
        return [(TensorShape([]), dtypes.string)] * 2

    def run(op, state, reader, queue):
        return [one_string(part) for part in reader.next(queue, op)]


class ReaderReadUpToV2(Op):
    """Up to `num_records` records: keys and values."""

    inputs = {"reader_handle": "resource", "queue_handle": "resource", "num_records": "int64"}
    stateful = True
    gradient = None

    def infer(op, reader_handle, queue_handle, num_records):
        return [(TensorShape([None]), dtypes.string)] * 2

    def run(op, state, reader, queue, num_records):
        found = reader.some(int(num_records), queue, op)
        columns = [np.empty(len(found), object) for _ in range(2)]
        for i, pair in enumerate(found):
            columns[0][i], columns[1][i] = pair
        return columns


class _OfReader(Op):
    inputs = {"reader_handle": "resource"}
    stateful = True
    gradient = None

    def infer(op, reader_handle):
        return [(TensorShape([]), dtypes.int64)]


class ReaderNumRecordsProducedV2(_OfReader):
    """How many records the reader gave, int64."""

    def run(op, state, reader):
        return [np.array(reader.produced, np.int64)]


class ReaderNumWorkUnitsCompletedV2(_OfReader):
    """How many files the reader has used up, int64."""

    def run(op, state, reader):
        return [np.array(reader.finished, np.int64)]


class ReaderResetV2(_OfReader):
    """Forget the file at hand."""

    def infer(op, reader_handle):
        return []

    def run(op, state, reader):
        reader.reset()
        return []


class ReaderRead(NamedTuple):
    """What `ReaderBase.read` gives."""

    key: Tensor
    value: Tensor


class ReaderBase:
    """A reader takes file names from a queue and gives (key, value) pairs of strings."""

    def __init__(self, reader_ref, supports_serialize=False):
        self._reader_ref, self._supports_serialize = reader_ref, supports_serialize

    @property
    def reader_ref(self):
        return self._reader_ref

    @property
    def supports_serialize(self):
        return self._supports_serialize

    def read(self, queue, name=None):
        """The next (key, value); `queue` is a queue of file names."""
        handle = queue if isinstance(queue, Tensor) else queue.queue_ref
        return ReaderRead(*ReaderReadV2.apply(self._reader_ref, handle, name=name))

    def read_up_to(self, queue, num_records, name=None):
        """Up to `num_records` (keys, values), as two vectors."""
        handle = queue if isinstance(queue, Tensor) else queue.queue_ref
        return ReaderRead(*ReaderReadUpToV2.apply(self._reader_ref, handle, num_records, name=name))

    def num_records_produced(self, name=None):
        return ReaderNumRecordsProducedV2.apply(self._reader_ref, name=name)

    def num_work_units_completed(self, name=None):
        return ReaderNumWorkUnitsCompletedV2.apply(self._reader_ref, name=name)

    def reset(self, name=None):
        return ReaderResetV2.make(self._reader_ref, name=name)


class WholeFileReader(ReaderBase):
    """tf.WholeFileReader: (file name, content)."""

    def __init__(self, name=None):
        super().__init__(WholeFileReaderV2.apply(name=name), True)


class IdentityReader(ReaderBase):
    """tf.IdentityReader: (name, name)."""

    def __init__(self, name=None):
        super().__init__(IdentityReaderV2.apply(name=name), True)


class TextLineReader(ReaderBase):
    """tf.TextLineReader: the lines of files, without their ends and without `skip_header_lines` first ones."""

    def __init__(self, skip_header_lines=None, name=None):
        super().__init__(TextLineReaderV2.apply(skip_header_lines=skip_header_lines or 0, name=name))


class TFRecordReader(ReaderBase):
    """tf.TFRecordReader: the records of record files."""

    def __init__(self, name=None, options=None):
        kind = TFRecordOptions.get_compression_type_string(options)
        super().__init__(TFRecordReaderV2.apply(compression_type=kind, name=name))


class FixedLengthRecordReader(ReaderBase):
    """tf.FixedLengthRecordReader: pieces of `record_bytes` bytes, `hop_bytes` apart (default: one after the other)."""

    def __init__(
        self, record_bytes, header_bytes=None, footer_bytes=None, hop_bytes=None, name=None, encoding=None
    ):
        if encoding:
            raise errors.UnimplementedError(None, None, f"encoding {encoding!r}")
        super().__init__(FixedLengthRecordReaderV2.apply(
            record_bytes=record_bytes, header_bytes=header_bytes or 0, footer_bytes=footer_bytes or 0,
            hop_bytes=hop_bytes or 0, name=name,
        ))  # fmt: skip
