"""What Python generators yield, made into elements of a dataset."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.ops.structure import flatten


def generator_converter(types, shapes):
    """A function that makes arrays of what a generator yields.

    It raises InvalidArgumentError for what does not fit.
    """
    kinds = flatten(types)

    def convert(op, value):
        leaves = _leaves_like(types, value)
        if leaves is None:
            raise errors.InvalidArgumentError(
                None,
                op,
                f"`generator` yielded an element that did not match the expected structure: {value!r}",
            )
        arrays = []
        for leaf, dtype, shape in zip(leaves, kinds, shapes, strict=True):
            try:
                array = convert_array(leaf, dtype)
            except (TypeError, ValueError):
                raise errors.InvalidArgumentError(
                    None, op, f"`generator` yielded an element that could not be converted to the expected type. The "
                    f"expected type was {dtype.name}, but the yielded element was {leaf!r}."
                ) from None  # fmt: skip
            if not shape.is_compatible_with(array.shape):
                raise errors.InvalidArgumentError(
                    None, op, f"`generator` yielded an element of shape {array.shape} where an element of shape "
                    f"{shape} was expected."
                )  # fmt: skip
            arrays.append(array)
        return arrays

    return convert


def _leaves_like(types, value):
    """The parts of `value` that stand where `types` has its leaves; None where the structure differs."""
    if isinstance(types, dict):
        keys = sorted(types)
        parts = [value[k] for k in keys] if isinstance(value, dict) and set(keys) == set(value) else None
        kinds = [types[k] for k in keys]
    elif isinstance(types, (tuple, list)):
        parts, kinds = (list(value) if isinstance(value, (tuple, list)) else None), list(types)
    else:
        return [value]
    if parts is None or len(parts) != len(kinds):
        return None
    found = [_leaves_like(kind, part) for kind, part in zip(kinds, parts, strict=True)]
    return None if None in found else [leaf for leaves in found for leaf in leaves]


def convert_array(value, dtype):
    """A Python value as an array of `dtype`."""
    if dtype is dtypes.string:
        out = np.array(value, object)
        for place in np.ndindex(out.shape):
            out[place] = out[place].encode() if isinstance(out[place], str) else out[place]
        return out
    return np.asarray(value, dtype.as_numpy_dtype)
