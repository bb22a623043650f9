"""`MonitoredSession`: a session that restores itself, starts the queues, runs hooks, and stops with them."""

import logging

from minitf import errors
from minitf.graph.graph import get_default_graph
from minitf.training.coordinator import Coordinator
from minitf.training.global_step import get_or_create_global_step
from minitf.training.hooks import SessionRunArgs, SessionRunContext, SessionRunValues
from minitf.training.queue_runner import start_queue_runners
from minitf.training.session_manager import Scaffold, SessionManager
from minitf.training.writing_hooks import CheckpointSaverHook, StepCounterHook, SummarySaverHook

USE_DEFAULT = object()
_PREEMPTION = (errors.AbortedError, errors.UnavailableError)


class SessionCreator:
    """tf.train.SessionCreator: something with `create_session()`."""

    def create_session(self):
        raise NotImplementedError(f"create_session is not implemented for {self}.")


class ChiefSessionCreator(SessionCreator):
    """tf.train.ChiefSessionCreator: restores the newest checkpoint of a folder, or initializes."""

    def __init__(
        self, scaffold=None, master="", config=None, checkpoint_dir=None, checkpoint_filename_with_path=None
    ):
        self._scaffold, self._master, self._config = scaffold or Scaffold(), master, config
        self._folder, self._path = checkpoint_dir, checkpoint_filename_with_path

    def create_session(self):
        scaffold = self._scaffold.finalize()
        manager = SessionManager(local_init_op=scaffold.local_init_op, ready_op=scaffold.ready_op,
                                 graph=get_default_graph())  # fmt: skip
        return manager.prepare_session(
            self._master, init_op=scaffold.init_op, saver=scaffold.saver, checkpoint_dir=self._folder,
            checkpoint_filename_with_path=self._path, config=self._config, init_feed_dict=scaffold.init_feed_dict,
            init_fn=scaffold.init_fn,
        )  # fmt: skip


class WorkerSessionCreator(ChiefSessionCreator):
    """tf.train.WorkerSessionCreator: there is only one process here, so the same as the chief's."""

    def __init__(self, scaffold=None, master="", config=None, max_wait_secs=1800):
        super().__init__(scaffold, master, config)


class MonitoredSession:
    """tf.train.MonitoredSession: use it in a `with`; `while not sess.should_stop(): sess.run(train_op)`.

    At the end of the data (OutOfRangeError), the `with` ends in good order.  After AbortedError or
    UnavailableError in a run, a new session is made and the checkpoint restored, unless
    `recover=False` (SingularMonitoredSession).
    """

    def __init__(self, session_creator=None, hooks=None, stop_grace_period_secs=120, recover=True):
        self._hooks, self._recover, self._grace = list(hooks or []), recover, stop_grace_period_secs
        self._creator = session_creator or ChiefSessionCreator()
        for hook in self._hooks:
            hook.begin()
        self._stop = False
        self._start()

    def _start(self):
        self._coord = Coordinator()
        self._session = self._creator.create_session()
        start_queue_runners(sess=self._session, coord=self._coord)
        for hook in self._hooks:
            hook.after_create_session(self._session, self._coord)

    @property
    def graph(self):
        """The graph; None once the session is closed."""
        return None if self._session is None else self._session.graph

    def raw_session(self):
        """The plain session inside: for tests."""
        return self._session

    _sess = property(raw_session)

    def should_stop(self):
        """True when the loop should end."""
        return self._session is None or self._stop or self._coord.should_stop()

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        """As `Session.run`, with the hooks around it.  Raises RuntimeError once it should stop."""
        while True:
            if self._session is None:
                raise RuntimeError("Run called even after should_stop requested.")
            try:
                return self._run_with_hooks(fetches, feed_dict, options, run_metadata)
            except _PREEMPTION as error:
                if not self._recover:
                    raise
                logging.getLogger("tensorflow").info(
                    "An error was raised: %s. The session is made anew.", error
                )
                self._session.close()
                self._start()

    def _run_with_hooks(self, fetches, feed_dict, options, run_metadata):
        context = SessionRunContext(SessionRunArgs(fetches, feed_dict, options), self._session)
        asked, feeds = {}, dict(feed_dict or {})
        for hook in self._hooks:
            request = hook.before_run(context)
            if request is None:
                continue
            if request.fetches is not None:
                asked[hook] = request.fetches
            for key, value in (request.feed_dict or {}).items():
                if key in feeds:
                    raise RuntimeError("Same tensor is fed by two hooks, or by a hook and the caller.")
                feeds[key] = value
        try:
            found = self._session.run(
                {"caller": fetches, "hooks": list(asked.values())}, feeds or None, options, run_metadata
            )
        except Exception:
            self._coord.raise_requested_exception()  # a queue's thread may have failed first
            raise
        results = dict(zip(asked, found["hooks"], strict=True))
        for hook in self._hooks:
            hook.after_run(context, SessionRunValues(results.get(hook), options, run_metadata))
        self._stop |= context.stop_requested
        return found["caller"]

    def run_step_fn(self, step_fn):
        """Call `step_fn(step_context)`, whose `run_with_hooks` is `run` and whose `session` has no hooks."""
        return step_fn(StepContext(self._session, self.run, self._request_stop))

    def _request_stop(self):
        self._stop = True

    def close(self):
        """End the hooks, stop the threads, close the session."""
        self._close(None)

    def _close(self, exception):
        if self._session is None:
            return
        try:
            if exception is None:
                for hook in self._hooks:
                    hook.end(self._session)
        finally:
            try:
                self._coord.request_stop()
                self._coord.join(stop_grace_period_secs=self._grace, ignore_live_threads=True)
            finally:
                self._session.close()
                self._session = None

    def __enter__(self):
        return self

    def __exit__(self, exception_type, exception, traceback):
        used_up = isinstance(exception, errors.OutOfRangeError)
        self._close(None if used_up else exception)
        return used_up


class StepContext:
    """What `run_step_fn` gives its function."""

    def __init__(self, session, run_with_hooks, request_stop):
        self.session, self.run_with_hooks, self.request_stop = session, run_with_hooks, request_stop


MonitoredSession.StepContext = StepContext


class SingularMonitoredSession(MonitoredSession):
    """tf.train.SingularMonitoredSession: a MonitoredSession that passes all errors on."""

    def __init__(self, hooks=None, scaffold=None, master="", config=None, checkpoint_dir=None,
                 stop_grace_period_secs=120, checkpoint_filename_with_path=None):  # fmt: skip
        creator = ChiefSessionCreator(scaffold, master, config, checkpoint_dir, checkpoint_filename_with_path)
        super().__init__(creator, hooks, stop_grace_period_secs, recover=False)


def MonitoredTrainingSession(master="", is_chief=True, checkpoint_dir=None, scaffold=None, hooks=None,
                             chief_only_hooks=None, save_checkpoint_secs=USE_DEFAULT, save_summaries_steps=USE_DEFAULT,
                             save_summaries_secs=USE_DEFAULT, config=None, stop_grace_period_secs=120,
                             log_step_count_steps=100, max_wait_secs=7200, save_checkpoint_steps=USE_DEFAULT,
                             summary_dir=None, save_graph_def=True):  # fmt: skip
    """tf.train.MonitoredTrainingSession: a MonitoredSession with hooks that save checkpoints and summaries.

    With `checkpoint_dir`: a checkpoint every `save_checkpoint_secs` seconds (600) or
    `save_checkpoint_steps` steps, summaries every `save_summaries_steps` steps (100) or
    `save_summaries_secs` seconds, the speed every `log_step_count_steps` steps.
    """
    if save_summaries_steps is USE_DEFAULT and save_summaries_secs is USE_DEFAULT:
        save_summaries_steps, save_summaries_secs = 100, None
    save_summaries_steps, save_summaries_secs = _none(save_summaries_steps), _none(save_summaries_secs)
    if save_checkpoint_secs is USE_DEFAULT and save_checkpoint_steps is USE_DEFAULT:
        save_checkpoint_secs, save_checkpoint_steps = 600, None
    save_checkpoint_secs, save_checkpoint_steps = _none(save_checkpoint_secs), _none(save_checkpoint_steps)
    scaffold = scaffold or Scaffold()
    get_or_create_global_step()
    all_hooks, summary_dir = [], summary_dir or checkpoint_dir
    if summary_dir:
        if log_step_count_steps and log_step_count_steps > 0:
            all_hooks.append(StepCounterHook(every_n_steps=log_step_count_steps, output_dir=summary_dir))
        if (save_summaries_steps and save_summaries_steps > 0) or (
            save_summaries_secs and save_summaries_secs > 0
        ):
            all_hooks.append(
                SummarySaverHook(save_summaries_steps, save_summaries_secs, summary_dir, scaffold=scaffold)
            )
    if checkpoint_dir and (
        (save_checkpoint_secs and save_checkpoint_secs > 0)
        or (save_checkpoint_steps and save_checkpoint_steps > 0)
    ):
        all_hooks.append(
            CheckpointSaverHook(
                checkpoint_dir, save_checkpoint_secs, save_checkpoint_steps, scaffold=scaffold
            )
        )
    all_hooks.extend(hooks or [])
    all_hooks.extend((chief_only_hooks or []) if is_chief else [])
    creator = ChiefSessionCreator(scaffold, master, config, checkpoint_dir)
    return MonitoredSession(creator, all_hooks, stop_grace_period_secs)


def _none(value):
    return None if value is USE_DEFAULT else value
