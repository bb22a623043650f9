"""tf.contrib.framework: variables found by scope or name, the global step, structures."""

import re

from minitf import nest as nest
from minitf.contrib.arg_scopes import add_arg_scope as add_arg_scope
from minitf.contrib.arg_scopes import arg_scope as arg_scope
from minitf.contrib.arg_scopes import arg_scoped_arguments as arg_scoped_arguments
from minitf.contrib.arg_scopes import current_arg_scope as current_arg_scope
from minitf.contrib.arg_scopes import has_arg_scope as has_arg_scope
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import add_to_collections, device, get_collection
from minitf.graph.graph import get_name_scope as get_name_scope
from minitf.ops.control_flow import group
from minitf.ops.control_flow import smart_cond as smart_cond
from minitf.ops.control_flow import smart_constant_value as smart_constant_value
from minitf.ops.variable_scope import VariableScope, get_variable
from minitf.ops.variables import assign
from minitf.training.global_step import assert_global_step as assert_global_step
from minitf.training.global_step import create_global_step as create_global_step
from minitf.training.global_step import get_global_step as get_global_step
from minitf.training.global_step import get_or_create_global_step as get_or_create_global_step


@add_arg_scope
def variable(name, shape=None, dtype=None, initializer=None, regularizer=None, trainable=True, collections=None,
             caching_device=None, device=None, partitioner=None, custom_getter=None, use_resource=None):  # fmt: skip
    """A variable, found or made; in addition to `get_variable` it may be put on a `device`."""
    collections = list(collections) if collections is not None else [GraphKeys.GLOBAL_VARIABLES]
    with _placed(device):
        return get_variable(
            name, shape, dtype, initializer, regularizer, trainable, list(dict.fromkeys(collections)),
            caching_device=caching_device, partitioner=partitioner, custom_getter=custom_getter,
        )  # fmt: skip


def _placed(where):
    return device(where or "")


@add_arg_scope
def model_variable(name, shape=None, dtype=None, initializer=None, regularizer=None, trainable=True,
                   collections=None, caching_device=None, device=None, partitioner=None, custom_getter=None,
                   use_resource=None):  # fmt: skip
    """`variable`, in the collection of the model's variables as well."""
    collections = [*(collections or []), GraphKeys.GLOBAL_VARIABLES, GraphKeys.MODEL_VARIABLES]
    return variable(name, shape, dtype, initializer, regularizer, trainable, collections, caching_device, device,
                    partitioner, custom_getter)  # fmt: skip


def local_variable(initial_value, validate_shape=True, name=None, use_resource=None):
    """A variable that is not saved, in the collection of local variables."""
    from minitf.ops.variables import Variable

    return Variable(initial_value, trainable=False, collections=[GraphKeys.LOCAL_VARIABLES],
                    validate_shape=validate_shape, name=name)  # fmt: skip


def add_model_variable(var):
    """Put a variable into the collection of the model's variables, once."""
    if var not in get_collection(GraphKeys.MODEL_VARIABLES):
        add_to_collections(GraphKeys.MODEL_VARIABLES, var)


def get_variables(scope=None, suffix=None, collection=GraphKeys.GLOBAL_VARIABLES):
    """The variables of a collection whose names begin with `scope` and end with `suffix`."""
    if isinstance(scope, VariableScope):
        scope = scope.name
    if suffix is not None:
        scope = f"{scope or ''}(.*){suffix}$" if ":" in suffix else f"{scope or ''}(.*){suffix}:"
    return get_collection(collection, scope)


def get_model_variables(scope=None, suffix=None):
    """Those of the collection of model variables; arguments as for `get_variables`."""
    return get_variables(scope, suffix, GraphKeys.MODEL_VARIABLES)


def get_trainable_variables(scope=None, suffix=None):
    """Those that are trained; arguments as for `get_variables`."""
    return get_variables(scope, suffix, GraphKeys.TRAINABLE_VARIABLES)


def get_local_variables(scope=None, suffix=None):
    """Those of the collection of local variables; arguments as for `get_variables`."""
    return get_variables(scope, suffix, GraphKeys.LOCAL_VARIABLES)


def get_variables_by_name(given_name, scope=None):
    """Variables of that last name, in any scope below `scope`."""
    return [
        v for v in get_variables(scope) if v.op.name.split("/")[-1] == given_name or v.op.name == given_name
    ]


def get_variables_by_suffix(suffix, scope=None):
    """Variables whose names end with `suffix`."""
    return get_variables(scope, suffix)


def get_unique_variable(var_op_name):
    """The one variable of that full name.  Raises ValueError where there is none, or more."""
    found = [v for v in get_variables(var_op_name) if v.op.name == var_op_name]
    if len(found) != 1:
        raise ValueError(f"Variable {var_op_name} does not uniquely identify a variable: {len(found)} found")
    return found[0]


def filter_variables(var_list, include_patterns=None, exclude_patterns=None, reg_search=True):
    """Variables whose names some of the `include_patterns`, and none of the `exclude_patterns`, find."""
    find = re.search if reg_search else re.match
    kept = var_list
    if include_patterns is not None:
        kept = [v for v in kept if any(find(p, v.op.name) for p in include_patterns)]
    return [v for v in kept if not any(find(p, v.op.name) for p in exclude_patterns or [])]


def get_variables_to_restore(include=None, exclude=None):
    """Variables in the scopes of `include` (all by default) and in none of `exclude`."""
    included = get_variables() if include is None else [v for scope in include for v in get_variables(scope)]
    excluded = {v for scope in exclude or [] for v in get_variables(scope)}
    return [v for v in dict.fromkeys(included) if v not in excluded]


def assign_from_values(var_names_to_values):
    """(operation, feeds) that set variables, {full name: value}."""
    from minitf.ops.constant import placeholder

    feeds, ops = {}, []
    for name, value in var_names_to_values.items():
        made = get_unique_variable(name)
        fed = placeholder(made.dtype.base_dtype, name="placeholder/" + made.op.name)
        ops.append(assign(made, fed, validate_shape=False))
        feeds[fed] = value
    return group(*ops), feeds


def assign_from_values_fn(var_names_to_values):
    """A function of a session that sets variables, {full name: value}."""
    op, feeds = assign_from_values(var_names_to_values)
    return lambda session: session.run(op, feeds)


def assign_from_checkpoint_fn(model_path, var_list, ignore_missing_vars=False, reshape_variables=False):
    """A function of a session that sets `var_list`, a list or {name in the checkpoint: variable}."""
    from minitf.train import NewCheckpointReader, Saver

    by_name = var_list if isinstance(var_list, dict) else {v.op.name: v for v in var_list}
    if not by_name:
        raise ValueError("var_list cannot be empty")
    if ignore_missing_vars:
        reader = NewCheckpointReader(model_path)
        by_name = {name: v for name, v in by_name.items() if reader.has_tensor(name)}
    if not by_name:
        return None
    saver = Saver(by_name, reshape=reshape_variables)
    return lambda session: saver.restore(session, model_path)
