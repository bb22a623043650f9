"""`QueueRunner`: threads that keep a queue full, by running its enqueue operations in a session."""

import contextlib
import threading
import weakref

from minitf import errors
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import add_to_collection, get_default_graph
from minitf.graph.messages import QueueRunnerDef
from minitf.runtime.session import BaseSession, get_default_session


class QueueRunner:
    """tf.train.QueueRunner: one thread per operation in `enqueue_ops` runs it until the data ends.

    Then the queue is closed.  What ends the data: OutOfRangeError or one of
    `queue_closed_exception_types`.  Raises ValueError without a queue or operations, TypeError for types that are
    not of `tf.errors`.
    """

    def __init__(self, queue=None, enqueue_ops=None, close_op=None, cancel_op=None,
                 queue_closed_exception_types=None, queue_runner_def=None, import_scope=None):  # fmt: skip
        if queue_runner_def is not None:
            if queue is not None or enqueue_ops:
                raise ValueError("queue_runner_def and queue are mutually exclusive.")
            queue, enqueue_ops, close_op, cancel_op, queue_closed_exception_types = _parts(
                queue_runner_def, import_scope
            )
        if not queue or not enqueue_ops:
            raise ValueError("Must provide queue and enqueue_ops.")
        types = (
            (errors.OutOfRangeError,)
            if queue_closed_exception_types is None
            else queue_closed_exception_types
        )
        if (
            not isinstance(types, tuple)
            or not types
            or not all(isinstance(t, type) and issubclass(t, errors.OpError) for t in types)
        ):
            raise TypeError("queue_closed_exception_types, when provided, must be a tuple of tf.error types, "
                            f"but saw: {types}")  # fmt: skip
        self._queue, self._enqueue_ops, self._ends = queue, list(enqueue_ops), types
        self._close_op = queue.close() if close_op is None else close_op
        self._cancel_op = queue.close(cancel_pending_enqueues=True) if cancel_op is None else cancel_op
        self._lock = threading.Lock()
        self._running = weakref.WeakKeyDictionary()  # session -> number of threads that still run
        self._raised = []

    @property
    def queue(self):
        return self._queue

    @property
    def enqueue_ops(self):
        return self._enqueue_ops

    @property
    def close_op(self):
        return self._close_op

    @property
    def cancel_op(self):
        return self._cancel_op

    @property
    def queue_closed_exception_types(self):
        return self._ends

    @property
    def exceptions_raised(self):
        """What the threads met that no coordinator was told."""
        return self._raised

    @property
    def name(self):
        return self._queue.name

    def _run(self, sess, enqueue_op, coord=None):
        """The body of one thread: enqueue until the end; the last thread to end closes the queue."""
        ended = False
        try:
            while not (coord and coord.should_stop()):
                try:
                    sess.run(enqueue_op)
                except self._ends:
                    ended = True
                    if self._leave(sess):
                        self._try(sess, self._close_op)
                    return
        except Exception as error:
            if coord:
                coord.request_stop(error)
            else:
                self._raised.append(error)
                raise
        finally:
            if not ended:
                self._leave(sess)

    def _leave(self, sess):
        """One thread less; True where it was the last."""
        with self._lock:
            self._running[sess] = self._running.get(sess, 1) - 1
            return self._running[sess] == 0

    @staticmethod
    def _try(sess, op):
        with contextlib.suppress(errors.OpError, RuntimeError):  # the session may be closed by now
            sess.run(op)

    def _close_on_stop(self, sess, cancel_op, coord):
        """The body of a thread that waits for the stop, and then frees those that wait at the queue."""
        coord.wait_for_stop()
        self._try(sess, cancel_op)

    def create_threads(self, sess, coord=None, daemon=False, start=False):
        """The threads for one session: none where those of an earlier call still run in it."""
        with self._lock:
            if self._running.get(sess, 0) > 0:
                return []
            self._running[sess] = len(self._enqueue_ops)
            self._raised = []
        prefix = f"QueueRunnerThread-{self.name}"
        threads = [
            threading.Thread(target=self._run, args=(sess, op, coord), name=f"{prefix}-{getattr(op, 'name', op)}")
            for op in self._enqueue_ops
        ]
        if coord:
            closer = threading.Thread(target=self._close_on_stop, args=(sess, self._cancel_op, coord),
                                      name=f"{prefix}-close_on_stop")  # fmt: skip
            threads.append(closer)
        for thread in threads:
            thread.daemon = daemon
            if coord:
                coord.register_thread(thread)
            if start:
                thread.start()
        return threads

    def to_proto(self, export_scope=None):
        """The names of its queue and operations as a message."""
        return QueueRunnerDef(
            queue_closed_exception_types=[errors.error_code_from_exception_type(t) for t in self._ends],
            queue_name=self.queue.name, enqueue_op_name=[op.name for op in self._enqueue_ops],
            close_op_name=self._close_op.name, cancel_op_name=self._cancel_op.name,
        )  # fmt: skip


    @staticmethod
    def from_proto(queue_runner_def, import_scope=None):
        """The queue runner whose names a message gives, in the default graph."""
        return QueueRunner(queue_runner_def=queue_runner_def, import_scope=import_scope)


def _parts(message, scope):
    """(queue, enqueue operations, close operation, cancel operation, types of errors) that a message names."""

    def find(name):
        return get_default_graph().as_graph_element(f"{scope}/{name}" if scope else name)

    types = tuple(map(errors.exception_type_from_error_code, message.queue_closed_exception_types))
    cancel = find(message.cancel_op_name) if message.cancel_op_name else None
    enqueue = [find(name) for name in message.enqueue_op_name]
    return find(message.queue_name), enqueue, find(message.close_op_name), cancel, types or None


def add_queue_runner(qr, collection=GraphKeys.QUEUE_RUNNERS):
    """tf.train.add_queue_runner: let `start_queue_runners` start it."""
    add_to_collection(collection, qr)


def start_queue_runners(sess=None, coord=None, daemon=True, start=True, collection=GraphKeys.QUEUE_RUNNERS):
    """tf.train.start_queue_runners: start all threads of the collection; returns them.

    Raises ValueError without a session, TypeError where `sess` is none.
    """
    if sess is None:
        sess = get_default_session()
        if sess is None:
            raise ValueError("Cannot start queue runners: No default session is registered. Use `with "
                             "sess.as_default()` or give `sess`.")  # fmt: skip
    elif not isinstance(sess, BaseSession) and not hasattr(sess, "graph"):
        raise TypeError(f"sess must be a `tf.Session` object. Given class: {type(sess)}")
    with sess.graph.as_default():
        runners = get_default_graph().get_collection(collection)
    return [t for qr in runners for t in qr.create_threads(sess, coord=coord, daemon=daemon, start=start)]
