"""What a model function is told (the mode) and what it returns (the spec)."""

from typing import NamedTuple


class ModeKeys:
    """tf.estimator.ModeKeys: why the model function is called."""

    TRAIN = "train"
    EVAL = "eval"
    PREDICT = "infer"


class _Spec(NamedTuple):
    mode: str
    predictions: object = None
    loss: object = None
    train_op: object = None
    eval_metric_ops: dict = None
    export_outputs: dict = None
    training_chief_hooks: tuple = ()
    training_hooks: tuple = ()
    scaffold: object = None
    evaluation_hooks: tuple = ()
    prediction_hooks: tuple = ()


class EstimatorSpec(_Spec):
    """tf.estimator.EstimatorSpec: the tensors and operations of a model in one mode.

    Raises ValueError where the mode lacks what it needs: a loss and a train_op to train, a loss to evaluate,
    predictions to predict.
    """

    def __new__(cls, mode, *args, **kwargs):
        spec = super().__new__(cls, mode, *args, **kwargs)
        needed = {
            ModeKeys.TRAIN: ("loss", "train_op"),
            ModeKeys.EVAL: ("loss",),
            ModeKeys.PREDICT: ("predictions",),
        }
        for name in needed.get(mode, ()):
            if getattr(spec, name) is None:
                raise ValueError(f"Missing {name}: an EstimatorSpec of mode {mode!r} needs it")
        return spec


class RunConfig(NamedTuple):
    """tf.estimator.RunConfig: where checkpoints go and how often; None: not by this measure."""

    model_dir: str = None
    tf_random_seed: int = None
    save_summary_steps: int = 100
    save_checkpoints_steps: int = None
    save_checkpoints_secs: float = None
    session_config: object = None
    keep_checkpoint_max: int = 5
    log_step_count_steps: int = 100

    def replace(self, **changes):
        return self._replace(**changes)
