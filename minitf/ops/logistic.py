"""Losses of yes-or-no questions and of counts, computed from logits without overflow."""

import math

from minitf.graph.graph import name_scope
from minitf.ops.arithmetic import abs, add, multiply, negative, subtract
from minitf.ops.array import ones_like, zeros_like
from minitf.ops.constant import constant, convert_to_tensor


def sigmoid_cross_entropy_with_logits(_sentinel=None, labels=None, logits=None, name=None):
    """tf.nn.sigmoid_cross_entropy_with_logits: - z log(sigmoid(x)) - (1 - z) log(1 - sigmoid(x)).

    labels (z) and logits (x): of one shape and dtype; each element is a question of its own.  Computed as
    max(x, 0) - x z + log(1 + exp(-|x|)).  Raises ValueError for positional arguments and unequal shapes.
    """
    from minitf.ops.comparison import greater_equal
    from minitf.ops.exponentials import exp, log1p
    from minitf.ops.selection import where

    if _sentinel is not None:
        raise ValueError(
            "Only call sigmoid_cross_entropy_with_logits with named arguments (labels=..., logits=...)"
        )
    if labels is None or logits is None:
        raise ValueError("Both labels and logits must be provided.")
    with name_scope(name, "logistic_loss", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        _check_same_shape(logits, labels)
        zeros = zeros_like(logits, dtype=logits.dtype)
        is_positive = greater_equal(logits, zeros)
        positive_part = where(is_positive, logits, zeros)
        minus_absolute = where(is_positive, negative(logits), logits)
        linear = subtract(positive_part, multiply(logits, labels, name="mul"), name="sub")
        return add(linear, log1p(exp(minus_absolute)), name=scope)


def _check_same_shape(logits, labels):
    try:
        logits.shape.merge_with(labels.shape)
    except ValueError:
        raise ValueError(
            f"logits and labels must have the same shape, received ({logits.shape} vs {labels.shape})."
        ) from None


def weighted_cross_entropy_with_logits(labels=None, logits=None, pos_weight=None, name=None, targets=None):
    """tf.nn.weighted_cross_entropy_with_logits: - z q log(sigmoid(x)) - (1 - z) log(1 - sigmoid(x)).

    labels (z), logits (x): of one shape; pos_weight (q) above 1 makes a missed yes cost more.  `targets` is
    the old name of `labels`.  Raises ValueError for unequal shapes.
    """
    from minitf.ops.exponentials import exp, log1p
    from minitf.ops.rectifiers import relu

    if labels is not None and targets is not None:
        raise ValueError("Cannot specify both 'labels' and 'targets'.")
    labels = targets if labels is None else labels
    with name_scope(name, "logistic_loss", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        _check_same_shape(logits, labels)
        log_weight = 1 + (pos_weight - 1) * labels
        linear = (1 - labels) * logits
        softplus = add(log1p(exp(negative(abs(logits)))), relu(negative(logits)), name="add")
        return add(linear, multiply(log_weight, softplus, name="mul"), name=scope)


def log_poisson_loss(targets, log_input, compute_full_loss=False, name=None):
    """tf.nn.log_poisson_loss: exp(log_input) - log_input * targets, for counts with the mean
    exp(log_input).

    With `compute_full_loss`, Stirling's approximation of log(targets!) is added where targets is above 1.
    Raises ValueError for unequal shapes.
    """
    from minitf.ops.exponentials import exp

    with name_scope(name, "log_poisson_loss", [log_input, targets]):
        log_input = convert_to_tensor(log_input, name="log_input")
        targets = convert_to_tensor(targets, name="targets")
        try:
            targets.shape.merge_with(log_input.shape)
        except ValueError:
            raise ValueError(
                f"log_input and targets must have the same shape ({log_input.shape} vs {targets.shape})"
            ) from None
        loss = exp(log_input) - log_input * targets
        return loss + _stirling(targets) if compute_full_loss else loss


def _stirling(counts):
    """log(counts!) by n log(n) - n + log(2 pi n) / 2, and 0 for counts from 0 to 1."""
    from minitf.ops.comparison import greater_equal, less_equal
    from minitf.ops.exponentials import log
    from minitf.ops.logic import logical_and
    from minitf.ops.selection import where

    half, turn = constant(0.5, counts.dtype), constant(2 * math.pi, counts.dtype)
    approximation = (counts * log(counts) - counts) + half * log(turn * counts)
    zeros = zeros_like(counts, dtype=counts.dtype)
    ones = ones_like(counts, dtype=counts.dtype)
    small = logical_and(greater_equal(counts, zeros), less_equal(counts, ones))
    return where(small, zeros, approximation)
