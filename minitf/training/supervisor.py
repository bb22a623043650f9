"""`Supervisor`: checkpoints, summaries and queues around a training loop, as programs wrote it before hooks."""

import contextlib
import os
import time

from minitf import errors
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph
from minitf.graph.messages import SessionLog, Summary
from minitf.ops.summaries import merge_all
from minitf.ops.variables import (
    global_variables,
    global_variables_initializer,
    report_uninitialized_variables,
)
from minitf.training.coordinator import Coordinator, LooperThread
from minitf.training.event_file import FileWriter
from minitf.training.meta_graph import write_graph
from minitf.training.queue_runner import start_queue_runners
from minitf.training.saver import Saver
from minitf.training.session_manager import Scaffold, SessionManager, first_in_collection


class Supervisor:
    """tf.train.Supervisor: `with sv.managed_session() as sess: while not sv.should_stop(): ...`.

    `logdir` gets a checkpoint every `save_model_secs` and summaries every `save_summaries_secs`
    seconds; a run continues from the newest checkpoint there.
    """

    USE_DEFAULT = 0

    def __init__(self, graph=None, ready_op=USE_DEFAULT, ready_for_local_init_op=USE_DEFAULT, is_chief=True,
                 init_op=USE_DEFAULT, init_feed_dict=None, local_init_op=USE_DEFAULT, logdir=None,
                 summary_op=USE_DEFAULT, saver=USE_DEFAULT, global_step=USE_DEFAULT, save_summaries_secs=120,
                 save_model_secs=600, recovery_wait_secs=30, stop_grace_secs=120, checkpoint_basename="model.ckpt",
                 session_manager=None, summary_writer=USE_DEFAULT, init_fn=None,
                 local_init_run_options=None):  # fmt: skip
        self._graph = graph if graph is not None else get_default_graph()
        self._is_chief, self._init_fn, self.init_feed_dict = is_chief, init_fn, init_feed_dict
        self._logdir = os.fspath(logdir) if logdir else None
        self.save_summaries_secs, self.save_model_secs = save_summaries_secs, save_model_secs
        self._grace, self.coord = stop_grace_secs, Coordinator()
        self.save_path = os.path.join(self._logdir, checkpoint_basename) if self._logdir else None
        with self._graph.as_default():
            self._make(
                ready_op, ready_for_local_init_op, init_op, local_init_op, summary_op, saver, global_step
            )
        self.session_manager = session_manager or SessionManager(
            local_init_op=self.local_init_op, ready_op=self.ready_op, graph=self._graph,
            recovery_wait_secs=recovery_wait_secs,
        )  # fmt: skip
        self._use_default_writer = summary_writer == Supervisor.USE_DEFAULT
        self.summary_writer = None if self._use_default_writer else summary_writer
        if self._use_default_writer and self._logdir:
            self.summary_writer = FileWriter(self._logdir)
        self._graph.finalize()

    def _make(
        self, ready_op, ready_for_local_init_op, init_op, local_init_op, summary_op, saver, global_step
    ):
        """What was not given, from the collections of the graph or made."""

        def chosen(given, key, make):
            return first_in_collection(key, make) if _is_default(given) else given

        self.ready_op = chosen(ready_op, GraphKeys.READY_OP, report_uninitialized_variables)
        self.ready_for_local_init_op = (
            None if _is_default(ready_for_local_init_op) else ready_for_local_init_op
        )
        self.init_op = chosen(init_op, GraphKeys.INIT_OP, global_variables_initializer)
        self.local_init_op = chosen(local_init_op, GraphKeys.LOCAL_INIT_OP, Scaffold.default_local_init_op)
        self.summary_op = chosen(summary_op, GraphKeys.SUMMARY_OP, merge_all)
        self.saver = chosen(saver, GraphKeys.SAVERS, lambda: Saver() if global_variables() else None)
        self.global_step = self._default_step() if _is_default(global_step) else global_step

    def _default_step(self):
        found = self._graph.get_collection(GraphKeys.GLOBAL_STEP)
        return found[0] if found else None

    @property
    def is_chief(self):
        return self._is_chief

    # -- the session ----------------------------------------------------------------------------------------

    def prepare_or_wait_for_session(self, master="", config=None, wait_for_checkpoint=False, max_wait_secs=7200,
                                    start_standard_services=True):  # fmt: skip
        """A session that is restored or initialized, with the services and the queues started."""
        self.coord.clear_stop()
        if self.summary_writer is not None:
            self.summary_writer.reopen()
        sess = self.session_manager.prepare_session(
            master, init_op=self.init_op, saver=self.saver, checkpoint_dir=self._logdir, config=config,
            init_feed_dict=self.init_feed_dict, init_fn=self._init_fn,
        )  # fmt: skip
        if self._is_chief and self._logdir:
            write_graph(self._graph.as_graph_def(add_shapes=True), self._logdir, "graph.pbtxt")
            self.summary_writer.add_graph(self._graph)
            self.summary_writer.add_session_log(SessionLog(status=SessionLog.START), self._step_value(sess))
        if start_standard_services:
            self.start_standard_services(sess)
        self.start_queue_runners(sess)
        return sess

    PrepareSession = prepare_or_wait_for_session

    def _step_value(self, sess):
        return 0 if self.global_step is None else int(sess.run(self.global_step))

    @contextlib.contextmanager
    def managed_session(
        self, master="", config=None, start_standard_services=True, close_summary_writer=True
    ):
        """A session as above for a `with`: at its end everything stops, and errors of the threads are raised."""
        sess = None
        try:
            sess = self.prepare_or_wait_for_session(
                master, config, start_standard_services=start_standard_services
            )
            yield sess
        except Exception as error:
            self.request_stop(error)
        finally:
            try:
                self.stop(close_summary_writer=close_summary_writer)
            finally:
                if sess is not None:
                    sess.close()

    # -- services -------------------------------------------------------------------------------------------

    def start_standard_services(self, sess):
        """The threads that save checkpoints and summaries, as a list: none without a `logdir`."""
        if not self._is_chief or not self._logdir:
            return []
        started = []
        if self.summary_op is not None and self.save_summaries_secs:
            started.append(self.loop(self.save_summaries_secs, self._write_summary, (sess,)))
        if self.global_step is not None and self.save_summaries_secs:
            self._counted = time.time(), self._step_value(sess)
            started.append(self.loop(self.save_summaries_secs, self._write_speed, (sess,)))
        if self.saver is not None and self.save_model_secs:
            started.append(self.loop(self.save_model_secs, self._save, (sess,)))
        return started

    StartStandardServices = start_standard_services

    def _write_summary(self, sess):
        self.summary_writer.add_summary(sess.run(self.summary_op), self._step_value(sess))

    def _write_speed(self, sess):
        before, step_before = self._counted
        now, step = time.time(), self._step_value(sess)
        self._counted = now, step
        if now > before:
            tag = f"{self.global_step.op.name}/sec"
            rate = (step - step_before) / (now - before)
            self.summary_writer.add_summary(Summary(value=[Summary.Value(tag=tag, simple_value=rate)]), step)

    def _save(self, sess):
        self.saver.save(sess, self.save_path, global_step=self.global_step)
        log = SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=self.save_path)
        self.summary_writer.add_session_log(log, self._step_value(sess))

    def start_queue_runners(self, sess, queue_runners=None):
        """Start the threads of the graph's queues, or of those given; returns the threads."""
        if queue_runners is None:
            return start_queue_runners(sess, coord=self.coord)
        return [
            t
            for qr in queue_runners
            for t in qr.create_threads(sess, coord=self.coord, daemon=True, start=True)
        ]

    StartQueueRunners = start_queue_runners

    def loop(self, timer_interval_secs, target, args=None, kwargs=None):
        """A thread that calls `target` every `timer_interval_secs` seconds until the stop."""
        looper = LooperThread(self.coord, timer_interval_secs, target=target, args=args, kwargs=kwargs)
        looper.start()
        return looper

    Loop = loop

    def summary_computed(self, sess, summary, global_step=None):
        """Write a summary that the program computed itself.  Raises RuntimeError without a writer."""
        if self.summary_writer is None:
            raise RuntimeError("Writing a summary requires a summary writer.")
        step = self._step_value(sess) if global_step is None and self.global_step is not None else global_step
        self.summary_writer.add_summary(summary, step)

    SummaryComputed = summary_computed

    # -- the stop -------------------------------------------------------------------------------------------

    def should_stop(self):
        return self.coord.should_stop()

    ShouldStop = should_stop

    def request_stop(self, ex=None):
        self.coord.request_stop(ex)

    RequestStop = request_stop

    def stop_on_exception(self):
        return self.coord.stop_on_exception()

    StopOnException = stop_on_exception

    def wait_for_stop(self):
        self.coord.wait_for_stop()

    WaitForStop = wait_for_stop

    def stop(self, threads=None, close_summary_writer=True, ignore_live_threads=False):
        """Stop the threads and wait for them; raises what one of them met."""
        self.coord.request_stop()
        try:
            self.coord.join(
                threads, stop_grace_period_secs=self._grace, ignore_live_threads=ignore_live_threads
            )
        finally:
            if close_summary_writer and self.summary_writer is not None:
                self.summary_writer.add_session_log(SessionLog(status=SessionLog.STOP))
                self.summary_writer.close()

    Stop = stop


def _is_default(given):
    return isinstance(given, int) and given == Supervisor.USE_DEFAULT


def basic_train_loop(supervisor, train_step_fn, args=None, kwargs=None, master=""):
    """tf.train.basic_train_loop: `train_step_fn(session, *args, **kwargs)` until the supervisor stops.

    Where a step raises AbortedError, a new session is prepared and the loop goes on.
    """
    goes_on = True
    while goes_on:
        goes_on = False
        try:
            with supervisor.managed_session(master) as sess:
                while not supervisor.should_stop():
                    train_step_fn(sess, *(args or ()), **(kwargs or {}))
        except errors.AbortedError:
            goes_on = True
