"""`optimize_loss`: an optimizer, a decaying learning rate and clipped gradients in one operation."""

from minitf.graph.collections import GraphKeys
from minitf.graph.graph import control_dependencies, get_collection
from minitf.ops.clipping import clip_by_global_norm
from minitf.ops.control_flow import with_dependencies
from minitf.ops.initializing import Constant
from minitf.ops.variable_scope import get_variable, variable_scope
from minitf.ops.variables import trainable_variables
from minitf.training.global_step import get_global_step

OPTIMIZER_SUMMARIES = ["learning_rate", "loss", "gradients", "gradient_norm", "global_gradient_norm"]


def _optimizers():
    from minitf import train

    return {
        "Adagrad": train.AdagradOptimizer, "Adam": train.AdamOptimizer, "Ftrl": train.FtrlOptimizer,
        "Momentum": lambda learning_rate: train.MomentumOptimizer(learning_rate, momentum=0.9),
        "RMSProp": train.RMSPropOptimizer, "SGD": train.GradientDescentOptimizer,
    }  # fmt: skip


def optimize_loss(loss, global_step, learning_rate, optimizer, gradient_noise_scale=None, gradient_multipliers=None,
                  clip_gradients=None, learning_rate_decay_fn=None, update_ops=None, variables=None, name=None,
                  summaries=None, colocate_gradients_with_ops=False, increment_global_step=True):  # fmt: skip
    """tf.contrib.layers.optimize_loss: the operation of one step of training; its value is the loss.

    `optimizer` is a name ("Adagrad", "Adam", "Ftrl", "Momentum", "RMSProp", "SGD"), a class, an optimizer,
    or a function of the learning rate.  `clip_gradients` is the global norm that gradients are held to, or a
    function of the list of (gradient, variable).  Update operations (of batch normalization) run before.
    Raises ValueError for an unknown optimizer or no variables.
    """
    from minitf.train import Optimizer

    if gradient_noise_scale is not None:
        raise NotImplementedError("optimize_loss: gradient_noise_scale is not there")
    with variable_scope(name, "OptimizeLoss", [loss, global_step]):
        global_step = get_global_step() if global_step is None else global_step
        updates = list(get_collection(GraphKeys.UPDATE_OPS) if update_ops is None else update_ops)
        if updates:
            with control_dependencies(updates):
                loss = with_dependencies(updates, loss)
        rate = _learning_rate(learning_rate, learning_rate_decay_fn, global_step)
        made = _make(optimizer, rate, Optimizer)
        pairs = made.compute_gradients(
            loss, variables or trainable_variables(), colocate_gradients_with_ops=colocate_gradients_with_ops
        )
        pairs = _multiplied([p for p in pairs if p[0] is not None], gradient_multipliers)
        if callable(clip_gradients):
            pairs = clip_gradients(pairs)
        elif clip_gradients is not None:
            clipped, _ = clip_by_global_norm([g for g, _ in pairs], clip_gradients)
            pairs = list(zip(clipped, [v for _, v in pairs], strict=True))
        step = made.apply_gradients(
            pairs, global_step=global_step if increment_global_step else None, name="train"
        )
        return with_dependencies([step], loss)


def _learning_rate(rate, decay, global_step):
    if rate is None:
        return None
    if isinstance(rate, (float, int)):
        if rate < 0.0:
            raise ValueError(f"Invalid learning_rate {rate}.")
        rate = get_variable("learning_rate", [], trainable=False, initializer=Constant(float(rate)))
    if decay is None:
        return rate
    if global_step is None:
        raise ValueError("global_step is required for learning_rate_decay_fn.")
    return decay(rate, global_step)


def _make(optimizer, rate, base):
    if isinstance(optimizer, base):
        return optimizer
    if isinstance(optimizer, str):
        known = _optimizers()
        if optimizer not in known:
            raise ValueError(
                f"Optimizer name should be one of [{', '.join(known)}], you provided {optimizer}."
            )
        optimizer = known[optimizer]
    if not callable(optimizer):
        raise ValueError(f"Unrecognized optimizer: {optimizer}")
    if isinstance(optimizer, type):
        return optimizer(learning_rate=rate)
    return optimizer() if rate is None else optimizer(rate)


def _multiplied(pairs, multipliers):
    if not multipliers:
        return pairs
    from minitf.ops.arithmetic import scalar_mul

    factor = {v: multipliers.get(v, multipliers.get(v.name, multipliers.get(v.op.name))) for _, v in pairs}
    return [(g if factor[v] is None else scalar_mul(factor[v], g), v) for g, v in pairs]
