"""Activations by name: `tf.layers.dense(x, 10, "relu")`."""

from minitf.ops import activations, exponentials, rectifiers, softmax

NAMED = {
    "elu": rectifiers.elu,
    "exponential": exponentials.exp,
    "linear": None,
    "relu": rectifiers.relu,
    "selu": rectifiers.selu,
    "sigmoid": activations.sigmoid,
    "softmax": softmax.softmax,
    "softplus": activations.softplus,
    "softsign": activations.softsign,
    "tanh": activations.tanh,
}


def activation(given):
    """The function that `given` is or names, None for none.  Raises ValueError for a name that is not known."""
    if not isinstance(given, str):
        return given
    if given not in NAMED:
        raise ValueError(f"Unknown activation {given!r}: give a function such as tf.nn.relu, or one of {list(NAMED)}")
    return NAMED[given]
