"""Gradient rules under names of their own, for `graph.gradient_override_map`."""

_rules = {}


class RegisterGradient:
    """`@tf.RegisterGradient("Name")`: the function below is the rule called Name.

    The function takes the operation and one gradient per output, and returns one gradient (or None)
    per input.  Raises KeyError where the name is taken.
    """

    def __init__(self, op_type):
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, function):
        if self._op_type in _rules:
            raise KeyError(f"Registering two gradient with name '{self._op_type}'!")
        _rules[self._op_type] = function
        return function


def NotDifferentiable(op_type):
    """Say that no gradient flows through ops of this type (`tf.NoGradient` of old)."""
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")
    RegisterGradient(op_type)(None)


def rule(op):
    """The function that differentiates `op`, or None where no gradient flows.

    Raises LookupError where a name of `gradient_override_map` is not registered.
    """
    own = op.attrs.get("_gradient_function")
    if own is not None:
        return own
    name = op.attrs.get("_gradient_op_type")
    if name is None:
        return _rules.get(op.type, op.definition.gradient)
    if name not in _rules:
        raise LookupError(f"gradient registry has no entry for: {name}")
    return _rules[name]
