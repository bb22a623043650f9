"""`SessionManager` and `Scaffold`: a session whose variables are restored from a checkpoint, or initialized."""

import time

from minitf import errors
from minitf.checkpoint.state import checkpoint_exists, get_checkpoint_state, latest_checkpoint, lies_inside
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph
from minitf.ops.control_flow import group
from minitf.ops.summaries import merge_all
from minitf.ops.variables import (
    global_variables,
    global_variables_initializer,
    local_variables_initializer,
    report_uninitialized_variables,
)
from minitf.runtime.session import Session
from minitf.training.saver import Saver


class SessionManager:
    """tf.train.SessionManager: makes sessions, and restores or initializes their variables.

    `ready_op` gives the names of what is not initialized: empty where all is well.  `ready_for_local_init_op` does the
    same for what `local_init_op` reads.  A session that is not ready is made anew every `recovery_wait_secs`.

    Raises ValueError for a `ready_for_local_init_op` without a `local_init_op`.
    """

    def __init__(self, local_init_op=None, ready_op=None, ready_for_local_init_op=None, graph=None,
                 recovery_wait_secs=30, local_init_run_options=None):  # fmt: skip
        if ready_for_local_init_op is not None and local_init_op is None:
            raise ValueError("If you pass a ready_for_local_init_op you must also pass a local_init_op , "
                             f"ready_for_local_init_op [{ready_for_local_init_op}]")  # fmt: skip
        self._local_init_op, self._ready_op = local_init_op, ready_op
        self._ready_for_local_init_op = ready_for_local_init_op
        self._graph = graph if graph is not None else get_default_graph()
        self._wait = recovery_wait_secs

    def _restore(self, sess, saver, checkpoint_dir, checkpoint_path):
        """True where a checkpoint was found and restored."""
        if saver is None:
            return False
        if checkpoint_path is None and checkpoint_dir:
            checkpoint_path = latest_checkpoint(checkpoint_dir)
            saver.recover_last_checkpoints(_known(checkpoint_dir, checkpoint_path))
        if not checkpoint_path or not checkpoint_exists(checkpoint_path):
            return False
        saver.restore(sess, checkpoint_path)
        return True

    def prepare_session(self, master, init_op=None, saver=None, checkpoint_dir=None,
                        checkpoint_filename_with_path=None, wait_for_checkpoint=False, max_wait_secs=7200,
                        config=None, init_feed_dict=None, init_fn=None):  # fmt: skip
        """A session in which every variable has its value: from the newest checkpoint, or by `init_op`.

        Raises RuntimeError where there is neither, or where something stays uninitialized.
        """
        sess = Session(master, graph=self._graph, config=config)
        if not self._restore(sess, saver, checkpoint_dir, checkpoint_filename_with_path):
            if init_op is None and not init_fn and self._local_init_op is None:
                raise RuntimeError(
                    "Model is not initialized and no init_op or init_fn or local_init_op was given"
                )
            if init_op is not None:
                sess.run(init_op, feed_dict=init_feed_dict)
            if init_fn:
                init_fn(sess)
        for missing, what in ((self._missing_after_local_init(sess), "model ready for local_init"),
                              (_missing(sess, self._ready_op), "model ready")):  # fmt: skip
            if missing:
                raise RuntimeError(f"Init operations did not make {what}.  Init op: {getattr(init_op, 'name', None)}, "
                                   f"init fn: {init_fn}, local_init_op: {getattr(self._local_init_op, 'name', None)}, "
                                   f"error: {missing}")  # fmt: skip
        return sess

    def _missing_after_local_init(self, sess):
        """Runs the local initializer, if what it reads is there; else says what is missing."""
        if self._local_init_op is None:
            return ""
        missing = _missing(sess, self._ready_for_local_init_op)
        if not missing:
            sess.run(self._local_init_op)
        return missing

    def recover_session(self, master, saver=None, checkpoint_dir=None, checkpoint_filename_with_path=None,
                        wait_for_checkpoint=False, max_wait_secs=7200, config=None):  # fmt: skip
        """(session, True where it was restored and is ready)"""
        sess = Session(master, graph=self._graph, config=config)
        restored = self._restore(sess, saver, checkpoint_dir, checkpoint_filename_with_path)
        missing = self._missing_after_local_init(sess)
        return sess, restored and not missing and not _missing(sess, self._ready_op)

    def wait_for_session(self, master, config=None, max_wait_secs=float("inf")):
        """A session that is ready.  Only another process could make it so, and here is none: at once, or never.

        Raises DeadlineExceededError where none is after `max_wait_secs`.
        """
        end = time.monotonic() + (float("inf") if max_wait_secs is None else max_wait_secs)
        while True:
            sess = Session(master, graph=self._graph, config=config)
            if not self._missing_after_local_init(sess) and not _missing(sess, self._ready_op):
                return sess
            sess.close()
            if time.monotonic() + self._wait > end:
                raise errors.DeadlineExceededError(
                    None, None, f"Session was not ready after waiting {max_wait_secs} secs."
                )
            time.sleep(self._wait)


def _missing(sess, ready_op):
    """What `ready_op` says is not initialized, as text: empty where all is."""
    if ready_op is None:
        return ""
    try:
        names = sess.run(ready_op)
    except errors.FailedPreconditionError as error:
        return error.message
    found = ", ".join(n.decode() for n in names.reshape(-1).tolist()) if hasattr(names, "reshape") else ""
    return found and f"Variables not initialized: {found}"


def _known(folder, newest):
    """The paths that the state file lists, if it can be read, and the checkpoint that was found."""
    try:
        state = get_checkpoint_state(folder)
    except (ValueError, errors.DataLossError):  # `latest_checkpoint` has told of it
        state = None
    paths = [] if state is None else [p for p in state.all_model_checkpoint_paths if lies_inside(folder, p)]
    return paths if newest is None or newest in paths else [*paths, newest]


def first_in_collection(key, make):
    """The item of a collection that holds one, made by `make` where it is empty.  Raises RuntimeError for several."""
    graph = get_default_graph()
    found = graph.get_collection(key)
    if len(found) > 1:
        raise RuntimeError(f"More than one item in the collection {key!r}. Please indicate which one to use.")
    if found:
        return found[0]
    made = make()
    if made is not None:
        graph.add_to_collection(key, made)
    return made


class Scaffold:
    """tf.train.Scaffold: the operations a training loop needs around the model; those not given are made.

    `finalize` makes them: init_op, ready_op, local_init_op, summary_op, saver.
    """

    def __init__(self, init_op=None, init_feed_dict=None, init_fn=None, ready_op=None, ready_for_local_init_op=None,
                 local_init_op=None, summary_op=None, saver=None, copy_from_scaffold=None,
                 local_init_feed_dict=None):  # fmt: skip
        self._user_init_fn = init_fn
        self.init_op, self.init_feed_dict, self.ready_op = init_op, init_feed_dict, ready_op
        self.ready_for_local_init_op, self.local_init_op = ready_for_local_init_op, local_init_op
        self.summary_op, self.saver = summary_op, saver

    @property
    def init_fn(self):
        if self._user_init_fn is None:
            return None
        return lambda sess: self._user_init_fn(self, sess)

    def finalize(self):
        """Make what is missing, and close the graph."""
        if self.init_op is None:
            self.init_op = first_in_collection(GraphKeys.INIT_OP, global_variables_initializer)
        if self.ready_op is None:
            self.ready_op = first_in_collection(GraphKeys.READY_OP, report_uninitialized_variables)
        if self.ready_for_local_init_op is None:
            self.ready_for_local_init_op = first_in_collection(
                GraphKeys.READY_FOR_LOCAL_INIT_OP, lambda: report_uninitialized_variables(global_variables())
            )
        if self.local_init_op is None:
            self.local_init_op = first_in_collection(GraphKeys.LOCAL_INIT_OP, self.default_local_init_op)
        if self.summary_op is None:
            self.summary_op = first_in_collection(GraphKeys.SUMMARY_OP, merge_all)
        if self.saver is None:
            self.saver = first_in_collection(
                GraphKeys.SAVERS, lambda: Saver(allow_empty=True) if global_variables() else None
            )
        get_default_graph().finalize()
        return self

    @staticmethod
    def default_local_init_op():
        """Initializes local variables and tables."""
        tables = get_default_graph().get_collection(GraphKeys.TABLE_INITIALIZERS)
        return group(local_variables_initializer(), *tables)
