"""From Python values to the inputs of an operation: tensors of the types that its op takes, or an error that helps."""

from minitf.graph import dtypes
from minitf.graph.operation import Tensor
from minitf.graph.origin import here

_INDICES = ("int32", "int64")


def graph_of(values):
    """The graph of the first tensor among `values`, nested or not; None where there is none."""
    for value in values:
        if isinstance(value, Tensor):
            return value.graph
        if isinstance(value, (list, tuple)):
            found = graph_of(value)
            if found is not None:
                return found
        elif hasattr(value, "_as_graph_element"):
            return value._as_graph_element().graph
    return None


def to_inputs(cls, values, attrs, scope):
    """Flatten `values` into tensors, converting what is none; fills in the type attributes."""
    if len(values) != len(cls.inputs):
        raise TypeError(f"{cls.type} takes {len(cls.inputs)} inputs ({', '.join(cls.inputs)}), got {len(values)}.")
    bound = dict.fromkeys(cls.types)
    given = {letter: dtypes.as_dtype(attrs[letter]) for letter in cls.types if attrs.get(letter) is not None}
    bound.update(given)
    for (label, kind), value in zip(cls.inputs.items(), values, strict=True):
        if kind in bound and bound[kind] is None:
            bound[kind] = _dtype_of(value, label.startswith("*"))
            if isinstance(value, (list, tuple)) and not value and cls.types[kind] == _INDICES:
                bound[kind] = dtypes.int32  # an empty shape, which would be taken for floating point
    tensors, binder = [], {}  # binder: type letter -> (label, tensor) of the input that decided on it
    for position, ((label, kind), value) in enumerate(zip(cls.inputs.items(), values, strict=True)):
        wanted = bound.get(kind) if kind in bound else None if kind == "any" else dtypes.as_dtype(kind)
        if label.startswith("*"):
            parts = _tensors_of_list(value, wanted, label[1:], cls, scope, kind in bound)
            found = parts[0].dtype.base_dtype if parts else wanted
            tensors.extend(parts)
        else:
            how = position in cls.reference, binder.get(kind)
            tensor = to_tensor(value, wanted, label, cls, scope, label, *how)
            found = tensor.dtype.base_dtype
            tensors.append(tensor)
            binder.setdefault(kind, (label, tensor))
        if kind in bound and bound[kind] is None:
            bound[kind] = found
    for letter, dtype in bound.items():
        _check_allowed(cls, letter, dtype)
        attrs[letter] = dtype
    return tensors


def _tensors_of_list(values, dtype, label, cls, scope, alike):
    """The tensors of an input that is a list; `alike` says that all must have one dtype."""
    given = [v for v in values if isinstance(v, Tensor)]
    if alike and len({t.dtype.base_dtype for t in given}) > 1:
        raise TypeError(
            f"Tensors in list passed to '{label}' of '{cls.type}' Op have types "
            f"[{', '.join(t.dtype.base_dtype.name for t in given)}] that don't all match{made_of(given)}"
        )
    return [to_tensor(v, dtype, f"{label}_{i}", cls, scope, label) for i, v in enumerate(values)]


def made_of(tensors):
    """': <tensor> made at <line>, ... (at <line>)', the last being where the user's program is now."""
    made = ", ".join(f"{t.name} {list(t.shape.sizes) if t.shape.ndims is not None else ''} made at {t.op.origin}"
                     for t in tensors)  # fmt: skip
    return f": {made} (at {here()})"


def _dtype_of(value, is_list):
    if is_list:
        return next((d for d in (_dtype_of(v, False) for v in value) if d is not None), None)
    dtype = getattr(value, "dtype", None)
    return dtype.base_dtype if isinstance(dtype, dtypes.DType) else None


def _check_allowed(cls, letter, dtype):
    allowed = cls.types[letter]
    if allowed and dtype is not None and dtype.name not in allowed:
        label = next((n.lstrip("*") for n, kind in cls.inputs.items() if kind == letter), letter)
        raise TypeError(
            f"Value passed to parameter '{label}' has DataType {dtype.name} not in list of allowed values: "
            f"{', '.join(allowed)} (op {cls.type})"
        )


def to_tensor(value, dtype, name, cls, scope, label, as_ref=False, like=None):
    """Input `label` of an operation being made; raises TypeError naming the op where it can't be one.

    `like` is (label, tensor) of another input, which must have the same dtype.
    """
    from minitf.ops.constant import convert_to_tensor  # constants are ops themselves

    try:
        tensor = convert_to_tensor(value, dtype=None if isinstance(value, Tensor) else dtype, name=name, as_ref=as_ref)
    except (TypeError, ValueError) as error:
        expected = f" of type {dtype.name}" if dtype is not None else ""
        raise type(error)(
            f"Input '{label}'{expected} of '{cls.type}' Op ({scope.rstrip('/')}) can't be made from "
            f"{_shorten(value)}: {error}"
        ) from None
    if dtype is not None and tensor.dtype.base_dtype is not dtype.base_dtype:
        wanted = f"expected type of {dtype.name}" if like is None else f"type {dtype.name} of argument '{like[0]}'"
        raise TypeError(
            f"Input '{label}' of '{cls.type}' Op has type {tensor.dtype.base_dtype.name} that does not match "
            f"{wanted}{made_of([tensor] if like is None else [like[1], tensor])}{_cast_hint(tensor, dtype)}"
        )
    if as_ref and not tensor.dtype._is_ref_dtype:
        raise TypeError(f"Input '{label}' of '{cls.type}' Op requires l-value input: a variable, not {tensor.name}.")
    return tensor


def _cast_hint(tensor, dtype):
    """Whoever mixes int and float is told how to go on; no cast makes a number of a string."""
    numbers = all(kind.is_floating or kind.is_integer for kind in (tensor.dtype.base_dtype, dtype.base_dtype))
    return f"; tf.cast(tensor, tf.{dtype.base_dtype.name}) converts" if numbers else ""


def _shorten(value):
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
