"""`FileWriter`: event files, which TensorBoard shows."""

import os
import socket
import threading
import time

from minitf import errors
from minitf.checkpoint.records import frame, tf_record_iterator
from minitf.checkpoint.storage import LOCAL, storage_of
from minitf.graph.graph import Graph
from minitf.graph.messages import (
    DeviceStepStats,
    Event,
    NodeExecStats,
    RunMetadata,
    Summary,
    TaggedRunMetadata,
)

_LARGEST_OBJECT = 1 << 18  # bytes of an event file behind a URL, from which on another is begun


class FileWriter:
    """tf.summary.FileWriter: appends events to a new file in `logdir`, which is made where it is not there.

    `graph` is written at once.  Events are on the disk after `flush_secs` seconds, after `max_queue` of
    them, or after `flush`.  Values that repeat their tag keep its description only in the first event.

    `logdir` may be a URL.  There, each flush stores a whole file anew: only `flush_secs` and `flush` cause it, and
    from 256 kB on a further file is begun, so that no more than that is sent again.  TensorBoard reads them all.
    """

    def __init__(self, logdir, graph=None, max_queue=10, flush_secs=120, graph_def=None, filename_suffix=None,
                 session=None):  # fmt: skip
        self._logdir = os.fspath(logdir)
        self._max_queue, self._flush_secs, self._suffix = max_queue, flush_secs, filename_suffix or ""
        self._lock = threading.Lock()
        self._described = set()
        self._file, self._files = None, 0
        self.reopen()
        if graph is not None or graph_def is not None:
            self.add_graph(graph, graph_def=graph_def)

    def get_logdir(self):
        return self._logdir

    def reopen(self):
        """Go on in a new file after `close`; nothing where it is open."""
        if self._file is not None:
            return
        self._storage, self._folder = storage_of(self._logdir)
        self._storage.make_folder(self._folder, parents=True)
        with self._lock:
            self._open()

    def _open(self):
        """Begin a file, whose name sorts behind those of the files before."""
        further = f".{self._files:04d}" if self._files else ""
        name = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}{self._suffix}{further}"
        self._file = self._storage.open(os.path.join(self._folder, name), "ab")
        self._file.write(frame(Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString()))
        self._flush()

    def add_event(self, event):
        """Append an `Event` message."""
        with self._lock:
            if self._file is None:
                return
            self._file.write(frame(event.SerializeToString()))
            self._waiting += 1
            full = self._storage is LOCAL and self._waiting > self._max_queue
            if full or time.monotonic() - self._flushed > self._flush_secs:
                self._flush()
            if self._storage is not LOCAL and self._file.tell() >= _LARGEST_OBJECT:
                self._file.close()
                self._files += 1
                self._open()

    def _add(self, global_step, **what):
        step = None if global_step is None else int(global_step)
        self.add_event(Event(wall_time=time.time(), step=step, **what))

    def add_summary(self, summary, global_step=None):
        """Append a summary: the bytes that a run of a summary operation gave, or a `Summary` message."""
        data = summary if isinstance(summary, bytes) else None
        if hasattr(summary, "item") and data is None:
            data = summary.item()
        message = Summary()
        message.MergeFromString(summary.SerializeToString() if data is None else data)
        for value in message.value:
            if not value.HasField("metadata"):
                continue
            if value.tag in self._described:
                value.ClearField("metadata")
            else:
                self._described.add(value.tag)
        self._add(global_step, summary=message)

    def add_graph(self, graph, global_step=None, graph_def=None):
        """Append the graph.  Raises ValueError for both a graph and a GraphDef, or neither, TypeError for others."""
        if graph is not None and graph_def is not None:
            raise ValueError("Please pass only graph, or graph_def (deprecated), but not both.")
        if isinstance(graph, Graph):
            graph_def = graph.as_graph_def(add_shapes=True)
        elif hasattr(graph, "SerializeToString"):
            graph_def = graph
        elif graph is not None:
            raise TypeError("The passed graph must be an instance of `Graph` or the deprecated `GraphDef`")
        elif graph_def is None:
            raise ValueError("Either graph or graph_def must be passed to add_graph")
        self._add(global_step, graph_def=graph_def.SerializeToString())

    def add_meta_graph(self, meta_graph_def, global_step=None):
        self._add(global_step, meta_graph_def=meta_graph_def.SerializeToString())

    def add_session_log(self, session_log, global_step=None):
        self._add(global_step, session_log=session_log)

    def add_run_metadata(self, run_metadata, tag, global_step=None):
        """Append what a traced run recorded, once per `tag`.  Raises ValueError for a tag used before."""
        if ("run", tag) in self._described:
            raise ValueError("The provided tag was already used for this event type")
        self._described.add(("run", tag))
        data = _run_metadata_message(run_metadata).SerializeToString()
        self._add(global_step, tagged_run_metadata=TaggedRunMetadata(tag=tag, run_metadata=data))

    def flush(self):
        """Make sure that everything is in the file."""
        with self._lock:
            if self._file is not None:
                self._flush()

    def _flush(self):
        self._file.flush()
        self._waiting, self._flushed = 0, time.monotonic()

    def close(self):
        """Write what waits, and close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def __del__(self):
        if getattr(self, "_file", None) is not None:
            self.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


def _run_metadata_message(run_metadata):
    if hasattr(run_metadata, "SerializeToString"):
        return run_metadata
    made = RunMetadata()
    for device in run_metadata.step_stats.dev_stats:
        stats = DeviceStepStats(device=device.device)
        for node in device.node_stats:
            stats.node_stats.append(NodeExecStats(
                node_name=node.node_name, timeline_label=f"{node.node_name} = {node.op_type}",
                all_start_micros=node.all_start_micros, op_end_rel_micros=node.op_end_rel_micros,
                all_end_rel_micros=node.op_end_rel_micros,
            ))  # fmt: skip
        made.step_stats.dev_stats.append(stats)
    return made


class FileWriterCache:
    """tf.summary.FileWriterCache: one writer per folder for the whole process."""

    _writers = {}
    _lock = threading.Lock()

    @staticmethod
    def get(logdir):
        """The writer of `logdir`, made at its first use."""
        with FileWriterCache._lock:
            if logdir not in FileWriterCache._writers:
                FileWriterCache._writers[logdir] = FileWriter(logdir)
            return FileWriterCache._writers[logdir]

    @staticmethod
    def clear():
        """Close all of them."""
        with FileWriterCache._lock:
            for writer in FileWriterCache._writers.values():
                writer.close()
            FileWriterCache._writers.clear()


def summary_iterator(path):
    """tf.train.summary_iterator: the `Event` messages of an event file.

    Where its end is missing, as in a file that is being written, all whole events come first, then a DataLossError;
    but an end within the 12 bytes that begin a record counts as none.  So does TensorFlow.
    """
    for i, record in enumerate(tf_record_iterator(path)):
        try:
            event = Event.FromString(record)
        except Exception as error:  # protobuf's DecodeError has no stable home
            raise errors.DataLossError(None, None, f"{path}: record {i} is no event: {error}") from error
        yield event
