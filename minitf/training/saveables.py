"""What a `Saver` saves: variables, slices of variables, and objects that say themselves how they are saved."""

from minitf.graph.graph import get_default_graph
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.ops.array import reshape, shape_of
from minitf.ops.assignment import assign
from minitf.ops.variables import Variable


class SaveSpec:
    """One tensor to save: its name in the file, and the slice of a larger one that it is ("" for a whole)."""

    def __init__(self, tensor, slice_spec, name, dtype=None, device=None):
        self.tensor, self.slice_spec, self.name = tensor, slice_spec, name
        self.dtype = tensor.dtype if dtype is None else dtype
        self.device = tensor.device if device is None else device


class SaveableObject:
    """Something to save as the tensors of `specs`; subclasses write `restore`.

    Add one to the collection SAVEABLE_OBJECTS, and every later `Saver()` saves it, too.
    """

    def __init__(self, op, specs, name):
        self.op, self.specs, self.name = op, specs, name

    @property
    def device(self):
        return self.specs[0].device

    def restore(self, restored_tensors, restored_shapes):
        """The operation that sets the object to what was restored; `restored_shapes` are None unless `reshape`."""
        raise NotImplementedError


class _VariableSaveable(SaveableObject):
    def __init__(self, variable, slice_spec, name):
        tensor = variable._ref() if isinstance(variable, Variable) else variable
        super().__init__(tensor, [SaveSpec(tensor, slice_spec, name)], name)

    def restore(self, restored_tensors, restored_shapes):
        (value,) = restored_tensors
        if restored_shapes is not None:
            value = reshape(value, restored_shapes[0])
        validate = restored_shapes is None and self.op.shape.is_fully_defined()
        with get_default_graph().colocate_with(self.op):
            return assign(self.op, value, validate_shape=validate).op


def full_shapes(saveable):
    """The shape of each tensor: numbers where they are known, else a tensor that will know."""
    shapes = [TensorShape(spec.tensor.shape) for spec in saveable.specs]
    return [
        s.as_list() if s.is_fully_defined() else shape_of(spec.tensor)
        for s, spec in zip(shapes, saveable.specs, strict=True)
    ]


def saveables_of(var_list):
    """The `SaveableObject`s of a list, or of a dictionary {name in the file: what}, sorted by name.

    Raises ValueError for two of one name or one under two names, TypeError for what can't be saved.
    """
    pairs = var_list.items() if isinstance(var_list, dict) else _named(var_list)
    found = []
    for name, value in sorted(pairs, key=lambda pair: pair[0]):
        found += _saveables(name, value)
    seen = set()
    for saveable in found:
        if id(saveable.op) in seen:
            raise ValueError(f"The same saveable will be restored with two names: {saveable.name}")
        seen.add(id(saveable.op))
    return found


def _named(values):
    """[(name in the file, what)] of a list; the parts of one variable become one entry."""
    if not isinstance(values, (list, tuple, set, frozenset)):
        raise TypeError(f"Variables to save should be passed in a dict or a list. Got {values}")
    found = {}
    for value in sorted(_flat(values), key=lambda v: getattr(v, "name", "")):
        part = getattr(value, "_save_slice_info", None)
        if part is not None:
            slices = found.setdefault(part.full_name, [])
            if not isinstance(slices, list):
                raise ValueError(f"Mixing slices and non-slices with the same name: {part.full_name}")
            slices.append(value)
            continue
        is_named = isinstance(value, SaveableObject) or _is_partitioned(value)
        name = value.name if is_named else _check(value).op.name
        if name in found:
            raise ValueError(f"At least two variables have the same name: {name}")
        found[name] = value
    return found.items()


def _flat(values):
    for value in values:
        if isinstance(value, (list, tuple)) and not _is_partitioned(value):
            yield from _flat(value)
        else:
            yield value


def _is_partitioned(value):
    return hasattr(value, "_get_variable_list")


def _saveables(name, value):
    if isinstance(value, SaveableObject):
        return [value]
    if _is_partitioned(value):
        value = list(value)
    if not isinstance(value, (list, tuple)):
        return [_VariableSaveable(_check(value), _slice_of(value), name)]
    for part in value:
        if not _slice_of(part):
            raise ValueError(f"Slices must all be slices: {part}")
    return [_VariableSaveable(part, _slice_of(part), name) for part in value]


def _check(value):
    if isinstance(value, Variable) or (isinstance(value, Tensor) and value.dtype._is_ref_dtype):
        return value
    raise TypeError(f"Variable to save is not a Variable: {value}")


def _slice_of(variable):
    info = getattr(variable, "_save_slice_info", None)
    return info.spec if info is not None else ""
