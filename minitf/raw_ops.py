"""`tf.raw_ops`: every operation by its type, with its inputs and attributes as named arguments.

    tf.raw_ops.Relu(features=x)
"""

from minitf.ops import lstm as _lstm  # no function of another module makes its operations
from minitf.ops.op import registry


def __getattr__(name):
    """The function that makes an operation of type `name`."""
    if name not in registry:
        raise AttributeError(f"minitf has no operation of type {name}", name=name)
    return _function(registry[name])


def __dir__():
    return sorted(registry)


def _function(definition):
    labels = [label.lstrip("*") for label in definition.inputs]

    def make(*values, name=None, **named):
        """The operation's output, a list of several, or the operation itself.

        Raises TypeError where an input is missing.
        """
        given = dict(zip(labels, values, strict=False))
        given.update({label: named.pop(label) for label in labels if label in named})
        missing = [label for label in labels if label not in given]
        if missing or len(values) > len(labels):
            raise TypeError(f"{definition.type} takes the inputs {', '.join(labels)}; missing: {', '.join(missing)}")
        return definition.apply(*(given[label] for label in labels), name=name, **named)

    make.__name__ = definition.type
    return make
