"""`Estimator`: one graph for each task - training, evaluation, prediction -, joined by checkpoints."""

import inspect
import logging
import os
import tempfile
from typing import NamedTuple

import numpy as np

from minitf import errors
from minitf.checkpoint.state import latest_checkpoint, list_variables, load_variable
from minitf.estimator.spec import EstimatorSpec, ModeKeys, RunConfig
from minitf.graph.graph import Graph
from minitf.nest import flatten, map_structure
from minitf.ops.random import set_random_seed
from minitf.training.datasets import Dataset
from minitf.training.global_step import get_or_create_global_step
from minitf.training.hooks import NanTensorHook, StopAtStepHook
from minitf.training.monitored_session import ChiefSessionCreator, MonitoredSession
from minitf.training.session_manager import Scaffold
from minitf.training.writing_hooks import CheckpointSaverHook, LoggingTensorHook

_log = logging.getLogger("minitf")


class Estimator:
    """tf.estimator.Estimator: trains, evaluates and uses the model that `model_fn` builds.

    `model_fn(features, labels, mode, params, config)` (those of them that it names) returns an `EstimatorSpec`.
    `model_dir` holds the checkpoints, which join one task to the next; without one, a temporary folder.
    """

    def __init__(self, model_fn, model_dir=None, config=None, params=None, warm_start_from=None):
        if warm_start_from is not None:
            raise NotImplementedError("warm_start_from: use tf.train.init_from_checkpoint in the model function")
        self.config = config or RunConfig()
        self.model_dir = model_dir or self.config.model_dir or tempfile.mkdtemp(prefix="minitf-estimator-")
        self._model_fn, self.params = model_fn, dict(params or {})

    def train(self, input_fn, hooks=None, steps=None, max_steps=None, saving_listeners=None):
        """Go on training for `steps` steps, or up to global step `max_steps`, or to the end of the input.

        Raises ValueError where both are given or one is not positive.  Returns the estimator.
        """
        _check_steps(steps, max_steps)
        start = self._step()
        if max_steps is not None and start >= max_steps:
            _log.info("Skipping training since max_steps has already been reached.")
            return self
        with self._graph():
            step = get_or_create_global_step()
            spec = self._call(input_fn, ModeKeys.TRAIN)
            every = self.config.log_step_count_steps
            own = [NanTensorHook(spec.loss), LoggingTensorHook({"loss": spec.loss, "step": step}, every_n_iter=every)]
            if steps is not None or max_steps is not None:
                own.append(StopAtStepHook(steps, max_steps))
            own.append(self._saver_hook(spec, saving_listeners))
            found = [*own, *(hooks or ()), *spec.training_hooks, *spec.training_chief_hooks]
            with self._session(spec, found) as session:
                while not session.should_stop():
                    session.run([spec.train_op, spec.loss])
        return self

    def evaluate(self, input_fn, steps=None, hooks=None, checkpoint_path=None, name=None):
        """{metric: value} over `steps` batches, or the whole input; with "loss" and "global_step".

        Raises ValueError where nothing was trained yet.
        """
        path = self._trained(checkpoint_path)
        with self._graph():
            step = get_or_create_global_step()
            spec = self._call(input_fn, ModeKeys.EVAL)
            metrics = dict(spec.eval_metric_ops or {})
            updates = [update for _, update in metrics.values()]
            losses = []
            with self._session(spec, [*(hooks or ()), *spec.evaluation_hooks], path) as session:
                while not session.should_stop() and (steps is None or len(losses) < steps):
                    try:
                        losses.append(session.run([spec.loss, updates])[0])
                    except errors.OutOfRangeError:
                        break
                    values = session.run([{k: v for k, (v, _) in metrics.items()}, step])
            if not losses:
                raise ValueError("The input has no batch to evaluate on")
            return {**values[0], "loss": np.mean(losses, dtype=np.float32), "global_step": values[1]}

    def predict(self, input_fn, predict_keys=None, hooks=None, checkpoint_path=None, yield_single_examples=True):
        """Yield the predictions for the input: one by one, or (without `yield_single_examples`) by batches.

        `predict_keys` chooses from a dictionary of predictions.  Raises ValueError where nothing was trained yet.
        """
        path = self._trained(checkpoint_path)
        with self._graph():
            get_or_create_global_step()
            spec = self._call(input_fn, ModeKeys.PREDICT)
            wanted = spec.predictions
            if predict_keys is not None:
                keys = [predict_keys] if isinstance(predict_keys, str) else predict_keys
                wanted = {key: wanted[key] for key in keys}
            with self._session(spec, [*(hooks or ()), *spec.prediction_hooks], path) as session:
                while not session.should_stop():
                    try:
                        batch = session.run(wanted)
                    except errors.OutOfRangeError:
                        return
                    yield from _rows(batch) if yield_single_examples else [batch]

    def latest_checkpoint(self):
        return latest_checkpoint(self.model_dir)

    def get_variable_names(self):
        """The names of all variables in the latest checkpoint.  Raises ValueError where nothing was trained yet."""
        return [name for name, _ in list_variables(self._trained(None))]

    def get_variable_value(self, name):
        """The value of a variable in the latest checkpoint, an array."""
        return load_variable(self._trained(None), name)

    def _graph(self):
        graph = Graph()
        context = graph.as_default()
        if self.config.tf_random_seed is not None:
            with graph.as_default():
                set_random_seed(self.config.tf_random_seed)
        return context

    def _call(self, input_fn, mode):
        """The spec of the model, with the input of `input_fn`."""
        given = input_fn()
        if isinstance(given, Dataset):
            given = given.make_one_shot_iterator().get_next()
        features, labels = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
        if mode == ModeKeys.PREDICT:
            labels = None
        wanted = inspect.signature(self._model_fn).parameters
        known = {"labels": labels, "mode": mode, "params": self.params, "config": self.config}
        spec = self._model_fn(features, **{k: v for k, v in known.items() if k in wanted})
        if not isinstance(spec, EstimatorSpec):
            raise ValueError(f"model_fn should return an EstimatorSpec, not {type(spec).__name__}")
        return spec if spec.scaffold is not None else spec._replace(scaffold=Scaffold())

    def _session(self, spec, hooks, path=None):
        creator = ChiefSessionCreator(
            spec.scaffold,
            config=self.config.session_config,
            checkpoint_dir=None if path else self.model_dir,
            checkpoint_filename_with_path=path,
        )
        return MonitoredSession(creator, hooks=hooks)

    def _saver_hook(self, spec, listeners):
        config = self.config
        seconds = config.save_checkpoints_secs
        if seconds is None and config.save_checkpoints_steps is None:
            seconds = 600
        return CheckpointSaverHook(
            self.model_dir, save_secs=seconds, save_steps=config.save_checkpoints_steps, listeners=listeners,
            scaffold=spec.scaffold,
        )  # fmt: skip

    def _step(self):
        path = self.latest_checkpoint()
        return int(load_variable(path, "global_step")) if path else 0

    def _trained(self, path):
        path = path or self.latest_checkpoint()
        if not path:
            raise ValueError(f"Could not find trained model in model_dir: {os.fspath(self.model_dir)}.")
        return path


def _check_steps(steps, max_steps):
    if steps is not None and max_steps is not None:
        raise ValueError("Can not provide both steps and max_steps.")
    for name, value in (("steps", steps), ("max_steps", max_steps)):
        if value is not None and value <= 0:
            raise ValueError(f"Must specify {name} > 0, given: {value}")


def _rows(batch):
    sizes = {len(a) for a in flatten(batch)}
    if len(sizes) != 1:
        raise ValueError(f"Batch length of predictions should be same, found {sorted(sizes)}")
    for i in range(sizes.pop()):
        yield map_structure(lambda a, i=i: a[i], batch)


class TrainSpec(NamedTuple):
    """tf.estimator.TrainSpec: what `train_and_evaluate` trains on."""

    input_fn: object
    max_steps: int = None
    hooks: tuple = ()


class EvalSpec(NamedTuple):
    """tf.estimator.EvalSpec: what `train_and_evaluate` evaluates on."""

    input_fn: object
    steps: int = 100
    name: str = None
    hooks: tuple = ()


def train_and_evaluate(estimator, train_spec, eval_spec):
    """tf.estimator.train_and_evaluate: train to the end, then evaluate; returns (metrics, None)."""
    estimator.train(train_spec.input_fn, hooks=train_spec.hooks, max_steps=train_spec.max_steps)
    metrics = estimator.evaluate(eval_spec.input_fn, steps=eval_spec.steps, hooks=eval_spec.hooks, name=eval_spec.name)
    return metrics, None
