"""Hooks that write: lines to the log, checkpoints, summaries.  What a hook is, and what it raises: `hooks.py`."""

import logging
import os

from minitf.graph.graph import get_default_graph
from minitf.graph.messages import SessionLog, Summary
from minitf.training.event_file import FileWriterCache
from minitf.training.hooks import SecondOrStepTimer, SessionRunArgs, SessionRunHook, step_tensor
from minitf.training.meta_graph import write_graph

_log = logging.getLogger("tensorflow")


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
        self._step = step_tensor()
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
        self._step = step_tensor()
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
        self._step, self._next = step_tensor(), None
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
