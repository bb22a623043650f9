"""Hooks: what to do before and after each step of a `MonitoredSession`.

All raise ValueError for arguments that contradict each other (every so many steps, or seconds: one of them), and those
that count steps RuntimeError where the graph has no global step.
"""

import logging
import time
from typing import Any, NamedTuple

import numpy as np

from minitf.training.global_step import get_global_step

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


def step_tensor():
    """The global step of the default graph.  Raises RuntimeError where there is none."""
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
        self._step = step_tensor()

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


class GlobalStepWaiterHook(SessionRunHook):
    """tf.train.GlobalStepWaiterHook: wait until the step reaches `wait_until_step`."""

    def __init__(self, wait_until_step):
        self._wait_until, self._done = wait_until_step, wait_until_step <= 0

    def begin(self):
        self._step = step_tensor()

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
