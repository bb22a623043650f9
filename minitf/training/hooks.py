"""Hooks: what to do before and after each step of a `MonitoredSession`.

All raise ValueError for arguments that contradict each other (every so many steps, or seconds: one of them), and those
that count steps RuntimeError where the graph has no global step.
"""

import logging
import os
import time
from typing import Any, NamedTuple

import numpy as np

from minitf.graph.graph import get_default_graph
from minitf.graph.messages import SessionLog, Summary
from minitf.training.event_file import FileWriterCache
from minitf.training.global_step import get_global_step
from minitf.training.meta_graph import write_graph

_log = logging.getLogger("tensorflow")


class SessionRunArgs(NamedTuple):
    """tf.train.SessionRunArgs: what a hook adds to a run."""

    fetches: Any
    feed_dict: Any = None
    options: Any = None


class SessionRunValues(NamedTuple):
    """tf.train.SessionRunValues: what a hook's fetches gave."""

    results: Any
    options: Any = None
    run_metadata: Any = None


class SessionRunContext:
    """tf.train.SessionRunContext: what hooks are told about a run; `request_stop` ends the loop."""

    def __init__(self, original_args, session):
        self._original_args, self._session, self._stop = original_args, session, False

    @property
    def original_args(self):
        return self._original_args

    @property
    def session(self):
        return self._session

    @property
    def stop_requested(self):
        return self._stop

    def request_stop(self):
        self._stop = True


class SessionRunHook:
    """tf.train.SessionRunHook: override what is needed."""

    def begin(self):
        """Once, before the session is made: the graph may still grow."""

    def after_create_session(self, session, coord):
        """When the session was made: the graph is finalized."""

    def before_run(self, run_context):
        """Before each run; may return SessionRunArgs with more to fetch."""
        return None

    def after_run(self, run_context, run_values):
        """After each run; `run_values.results` is what `before_run` asked for."""

    def end(self, session):
        """Once, at the end, unless an exception ended the loop."""


def _step_tensor():
    step = get_global_step()
    if step is None:
        raise RuntimeError("Global step should be created to use this hook.")
    return step


class SecondOrStepTimer:
    """tf.train.SecondOrStepTimer: whether it is time again, by seconds or by steps."""

    def __init__(self, every_secs=None, every_steps=None):
        if (every_secs is None) == (every_steps is None):
            raise ValueError("Exactly one of every_secs and every_steps should be provided.")
        self._secs, self._steps = every_secs, every_steps
        self.reset()

    def reset(self):
        self._last_step, self._last_time = None, None

    def should_trigger_for_step(self, step):
        """True at the first step, and when enough steps or seconds went by since the last time."""
        if self._last_step is None:
            return True
        if self._last_step == step:
            return False
        if self._secs is not None:
            return time.time() >= self._last_time + self._secs
        return step >= self._last_step + self._steps

    def update_last_triggered_step(self, step):
        """Now is the last time; returns (seconds, steps) since the one before, None at first."""
        now = time.time()
        passed = (None, None) if self._last_step is None else (now - self._last_time, step - self._last_step)
        self._last_step, self._last_time = step, now
        return passed

    def last_triggered_step(self):
        return self._last_step


class StopAtStepHook(SessionRunHook):
    """tf.train.StopAtStepHook: stop after `num_steps` steps, or at step `last_step`."""

    def __init__(self, num_steps=None, last_step=None):
        if (num_steps is None) == (last_step is None):
            raise ValueError("Exactly one of num_steps and last_step must be specified.")
        self._num_steps, self._last_step = num_steps, last_step

    def begin(self):
        self._step = _step_tensor()

    def after_create_session(self, session, coord):
        if self._last_step is None:
            self._last_step = session.run(self._step) + self._num_steps

    def before_run(self, run_context):
        return SessionRunArgs(self._step)

    def after_run(self, run_context, run_values):
        if (
            run_values.results + 1 >= self._last_step
            and run_context.session.run(self._step) >= self._last_step
        ):
            run_context.request_stop()


class LoggingTensorHook(SessionRunHook):
    """tf.train.LoggingTensorHook: log the values of `tensors` (a list, or {tag: tensor}) now and then."""

    def __init__(self, tensors, every_n_iter=None, every_n_secs=None, at_end=False, formatter=None):
        only_at_end = at_end and every_n_iter is None and every_n_secs is None
        if not only_at_end and (every_n_iter is None) == (every_n_secs is None):
            raise ValueError(
                "either at_end and/or exactly one of every_n_iter and every_n_secs must be provided."
            )
        if every_n_iter is not None and every_n_iter <= 0:
            raise ValueError(f"invalid every_n_iter={every_n_iter}.")
        self._tensors = (
            dict(tensors) if isinstance(tensors, dict) else {getattr(t, "name", t): t for t in tensors}
        )
        self._formatter, self._at_end = formatter, at_end
        self._timer = None if only_at_end else SecondOrStepTimer(every_n_secs, every_n_iter)

    def begin(self):
        graph = get_default_graph()
        self._fetches = {tag: graph.as_graph_element(t) for tag, t in self._tensors.items()}
        self._count = 0
        if self._timer:
            self._timer.reset()

    def before_run(self, run_context):
        self._now = self._timer is not None and self._timer.should_trigger_for_step(self._count)
        return SessionRunArgs(self._fetches) if self._now else None

    def after_run(self, run_context, run_values):
        if self._now:
            self._write(run_values.results)
        self._count += 1

    def end(self, session):
        if self._at_end:
            self._write(session.run(self._fetches))

    def _write(self, values):
        seconds = self._timer.update_last_triggered_step(self._count)[0] if self._timer else None
        text = (
            self._formatter(values)
            if self._formatter
            else ", ".join(f"{t} = {values[t]}" for t in self._tensors)
        )
        _log.info(text if seconds is None else f"{text} ({seconds:.3f} sec)")


class CheckpointSaverListener:
    """tf.train.CheckpointSaverListener: told before and after each checkpoint; override what is needed."""

    def begin(self):
        pass

    def before_save(self, session, global_step_value):
        pass

    def after_save(self, session, global_step_value):
        """Returning True stops the training."""

    def end(self, session, global_step_value):
        pass


class CheckpointSaverHook(SessionRunHook):
    """tf.train.CheckpointSaverHook: save every `save_secs` seconds or `save_steps` steps, and at the end."""

    def __init__(self, checkpoint_dir, save_secs=None, save_steps=None, saver=None,
                 checkpoint_basename="model.ckpt", scaffold=None, listeners=None):  # fmt: skip
        if saver is not None and scaffold is not None:
            raise ValueError("You cannot provide both saver and scaffold.")
        self._saver, self._scaffold, self._listeners = saver, scaffold, listeners or []
        self._folder = checkpoint_dir
        self._path = os.path.join(checkpoint_dir, checkpoint_basename)
        self._timer = SecondOrStepTimer(save_secs, save_steps)

    def begin(self):
        self._step = _step_tensor()
        self._writer = FileWriterCache.get(self._folder)
        for listener in self._listeners:
            listener.begin()

    def after_create_session(self, session, coord):
        step = session.run(self._step)
        write_graph(get_default_graph().as_graph_def(add_shapes=True), self._folder, "graph.pbtxt")
        self._writer.add_graph(get_default_graph())
        self._save(session, step)
        self._timer.update_last_triggered_step(step)

    def before_run(self, run_context):
        return SessionRunArgs(self._step)

    def after_run(self, run_context, run_values):
        if self._timer.should_trigger_for_step(run_values.results + 1):
            step = run_context.session.run(self._step)
            if self._timer.should_trigger_for_step(step):
                self._timer.update_last_triggered_step(step)
                if self._save(run_context.session, step):
                    run_context.request_stop()

    def end(self, session):
        step = session.run(self._step)
        if step != self._timer.last_triggered_step():
            self._save(session, step)
        for listener in self._listeners:
            listener.end(session, step)

    def _save(self, session, step):
        """Save; True where a listener asks to stop."""
        for listener in self._listeners:
            listener.before_save(session, step)
        saver = self._saver or self._scaffold.saver
        saver.save(session, self._path, global_step=step)
        self._writer.add_session_log(
            SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=self._path), step
        )
        return any([bool(listener.after_save(session, step)) for listener in self._listeners])  # noqa: C419 - all are told


class StepCounterHook(SessionRunHook):
    """tf.train.StepCounterHook: how many steps a second, as a summary `global_step/sec`."""

    def __init__(self, every_n_steps=100, every_n_secs=None, output_dir=None, summary_writer=None):
        if (every_n_steps is None) == (every_n_secs is None):
            raise ValueError("exactly one of every_n_steps and every_n_secs should be provided.")
        self._timer = SecondOrStepTimer(every_n_secs, every_n_steps)
        self._writer, self._folder = summary_writer, output_dir

    def begin(self):
        if self._writer is None and self._folder:
            self._writer = FileWriterCache.get(self._folder)
        self._step = _step_tensor()
        self._tag = self._step.op.name + "/sec"

    def before_run(self, run_context):
        return SessionRunArgs(self._step)

    def after_run(self, run_context, run_values):
        if not self._timer.should_trigger_for_step(run_values.results + 1):
            return
        step = run_context.session.run(self._step)
        seconds, steps = self._timer.update_last_triggered_step(step)
        if seconds:
            rate = steps / seconds
            if self._writer is not None:
                self._writer.add_summary(
                    Summary(value=[Summary.Value(tag=self._tag, simple_value=rate)]), step
                )
            _log.info("%s: %g", self._tag, rate)


class NanLossDuringTrainingError(RuntimeError):
    """tf.train.NanLossDuringTrainingError: the loss is no number any more."""

    def __str__(self):
        return "NaN loss during training."


class NanTensorHook(SessionRunHook):
    """tf.train.NanTensorHook: stop, or raise NanLossDuringTrainingError, when the loss becomes NaN."""

    def __init__(self, loss_tensor, fail_on_nan_loss=True):
        self._loss, self._fail = loss_tensor, fail_on_nan_loss

    def before_run(self, run_context):
        return SessionRunArgs(self._loss)

    def after_run(self, run_context, run_values):
        if np.isnan(run_values.results):
            _log.error("Model diverged with loss = NaN.")
            if self._fail:
                raise NanLossDuringTrainingError
            run_context.request_stop()


class SummarySaverHook(SessionRunHook):
    """tf.train.SummarySaverHook: write the summaries every `save_steps` steps or `save_secs` seconds."""

    def __init__(self, save_steps=None, save_secs=None, output_dir=None, summary_writer=None, scaffold=None,
                 summary_op=None):  # fmt: skip
        if (scaffold is None) == (summary_op is None):
            raise ValueError("Exactly one of scaffold or summary_op must be provided.")
        self._scaffold, self._summary_op = scaffold, summary_op
        self._writer, self._folder = summary_writer, output_dir
        self._timer = SecondOrStepTimer(save_secs, save_steps)

    def begin(self):
        if self._writer is None and self._folder:
            self._writer = FileWriterCache.get(self._folder)
        self._step, self._next = _step_tensor(), None
        self._timer.reset()

    def before_run(self, run_context):
        self._now = self._next is None or self._timer.should_trigger_for_step(self._next)
        fetches = {"step": self._step}
        op = self._scaffold.summary_op if self._summary_op is None else self._summary_op
        if self._now and op is not None:
            fetches["summary"] = op
        return SessionRunArgs(fetches)

    def after_run(self, run_context, run_values):
        if self._writer is None:
            return
        step = run_values.results["step"]
        if self._next is None or "summary" in run_values.results:
            step = run_context.session.run(self._step)
        if self._now:
            self._timer.update_last_triggered_step(step)
            found = run_values.results.get("summary", [])
            for data in found if isinstance(found, list) else [found]:
                self._writer.add_summary(data, step)
        self._next = step + 1

    def end(self, session=None):
        if self._writer is not None:
            self._writer.flush()


class GlobalStepWaiterHook(SessionRunHook):
    """tf.train.GlobalStepWaiterHook: wait until the step reaches `wait_until_step`."""

    def __init__(self, wait_until_step):
        self._wait_until, self._done = wait_until_step, wait_until_step <= 0

    def begin(self):
        self._step = _step_tensor()

    def before_run(self, run_context):
        while not self._done:
            self._done = run_context.session.run(self._step) >= self._wait_until
            if not self._done:
                time.sleep(0.5)


class FinalOpsHook(SessionRunHook):
    """tf.train.FinalOpsHook: run `final_ops` at the end; their values are `final_ops_values`."""

    def __init__(self, final_ops, final_ops_feed_dict=None):
        self._ops, self._feeds, self._values = final_ops, final_ops_feed_dict, None

    @property
    def final_ops_values(self):
        return self._values

    def end(self, session):
        if self._ops is not None:
            self._values = session.run(self._ops, feed_dict=self._feeds)


class FeedFnHook(SessionRunHook):
    """tf.train.FeedFnHook: feed what `feed_fn()` returns."""

    def __init__(self, feed_fn):
        self._feed_fn = feed_fn

    def before_run(self, run_context):
        return SessionRunArgs(None, self._feed_fn())
