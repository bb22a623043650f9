"""Variables that begin with the values of a checkpoint: how a model is taken over for another task."""

import os

from minitf.checkpoint.state import latest_checkpoint, load_checkpoint
from minitf.checkpoint.storage import storage_of
from minitf.graph.graph import device, get_default_graph
from minitf.ops.assignment import assign
from minitf.ops.saving import restore_v2
from minitf.ops.variables import Variable


def init_from_checkpoint(ckpt_dir_or_file, assignment_map):
    """tf.train.init_from_checkpoint: the initializers of variables load values from a checkpoint.

    `assignment_map` is a dictionary or a list of pairs from what the checkpoint has to what the graph has:

    * a name to a variable, to a list of the parts of one, or to the name of one made by `get_variable`;
    * "scope/" to "other_scope/": every variable in that scope of the graph, by its name in the other;
    * "/" stands for all of the checkpoint, or of the graph.

    The values are read when the initializers run.  Raises ValueError for a name that the checkpoint has not, for
    another shape, and for a scope that is to come from a single tensor.
    """
    shapes = load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map()
    storage, path = storage_of(ckpt_dir_or_file)
    prefix = latest_checkpoint(ckpt_dir_or_file) if storage.is_folder(path) else os.fspath(ckpt_dir_or_file)
    pairs = assignment_map.items() if hasattr(assignment_map, "items") else assignment_map
    for saved, target in sorted(pairs, key=lambda pair: pair[0]):
        for name, variable in _variables(saved, target):
            if name not in shapes:
                raise ValueError(f"Tensor {name} is not found in {ckpt_dir_or_file} checkpoint {shapes}")
            _begin_with(variable, prefix, name, shapes[name])


def _variables(saved, target):
    """[(name in the checkpoint, variable or list of parts)] that one entry of the map means."""
    if isinstance(target, (Variable, list, tuple)):
        return [(saved, target)]
    known = _by_name()
    if target in known:
        return [(saved, known[target])]
    scope = target.rpartition("/")[0]
    if not saved.endswith("/"):
        raise ValueError(f"Assignment map with scope only name {scope} should map to scope only {saved}. Should be "
                         "'scope/': 'other_scope/'.")  # fmt: skip
    inside = f"{scope}/" if scope else ""
    source = "" if saved == "/" else saved
    return [(source + name[len(inside) :], v) for name, v in sorted(known.items()) if name.startswith(inside)]


def _by_name():
    """The variables of `get_variable` by name; of a partitioned one, the list of its parts by the name of the whole."""
    found = {}
    for name, variable in get_default_graph().variables_by_scope.items():
        if not isinstance(variable, Variable):
            continue
        part = variable._save_slice_info
        if part is None:
            found[name] = variable
        else:
            found.setdefault(part.full_name, []).append(variable)
    return found


def _begin_with(variable, prefix, name, sizes):
    if not isinstance(variable, Variable):
        names = {part._save_slice_info.full_name for part in variable}
        if len(names) != 1:
            raise ValueError(f"Slices must all be from the same tensor: {sorted(names)}")
        for part in variable:
            _set_initializer(part, prefix, name, part._save_slice_info.spec)
        return
    if not variable.shape.is_compatible_with(sizes):
        raise ValueError(f"Shape of variable {variable.name} ({variable.shape}) doesn't match with shape of tensor "
                         f"{name} ({sizes}) from checkpoint reader.")  # fmt: skip
    _set_initializer(variable, prefix, name, "")


def _set_initializer(variable, prefix, name, part):
    with device(variable.device or None), device("/cpu:0"):
        (value,) = restore_v2(prefix, [name], [part], [variable.dtype], name="checkpoint_initializer")
    shape = variable.shape
    variable._initializer_op = assign(variable._ref(), value, validate_shape=shape.is_fully_defined()).op
    value.set_shape(shape)
    variable._initial_value = value
