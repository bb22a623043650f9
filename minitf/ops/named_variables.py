"""Where `tf.get_variable` finds a variable by its name, or makes it.

A graph keeps one dictionary of names (`Graph.variables_by_scope`).  Sharing is explicit: asking for a name
that exists is an error unless `reuse` says that sharing is meant, and asking for one that does not exist
is an error where `reuse=True` says that it must.
"""

import enum
import inspect

from minitf.graph import dtypes
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph, name_scope
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape, as_shape
from minitf.ops.constant import convert_to_tensor
from minitf.ops.initializing import GlorotUniform, Zeros
from minitf.ops.partitioned_variables import PartitionedVariable, PartitionInfo, slices
from minitf.ops.slicing import slice as slice_
from minitf.ops.variables import Variable


class _ReuseMode(enum.Enum):
    """`AUTO_REUSE`: share the variable where it exists, make it where it does not."""

    AUTO_REUSE = 1


AUTO_REUSE = _ReuseMode.AUTO_REUSE


class VariableStore:
    """The variables of `graph` by full name."""

    def __init__(self, graph):
        self._variables = graph.variables_by_scope

    def get_variable(self, name, shape=None, dtype=dtypes.float32, initializer=None, regularizer=None,
                     reuse=None, trainable=None, collections=None, caching_device=None, partitioner=None,
                     validate_shape=True, use_resource=None, custom_getter=None, constraint=None,
                     synchronization=None, aggregation=None):  # fmt: skip
        """The variable called `name`; a `custom_getter` is asked instead and may call the true getter.

        Raises ValueError where it exists and must not, does not and must, or differs in shape or dtype.
        """
        settings = {
            "name": name, "shape": shape, "dtype": dtypes.as_dtype(dtype).base_dtype,
            "initializer": initializer, "regularizer": regularizer, "reuse": reuse, "trainable": trainable,
            "collections": collections,
            "caching_device": caching_device, "partitioner": partitioner, "validate_shape": validate_shape,
            "use_resource": use_resource, "constraint": constraint, "synchronization": synchronization,
            "aggregation": aggregation,
        }  # fmt: skip
        if custom_getter is None:
            return self._true_getter(**settings)
        for late in ("constraint", "synchronization", "aggregation"):
            if not accepts(custom_getter, late):
                del settings[late]
        return custom_getter(getter=self._true_getter, **settings)

    def _true_getter(self, name, shape=None, dtype=dtypes.float32, initializer=None, regularizer=None,
                     reuse=None, trainable=None, collections=None, caching_device=None, partitioner=None,
                     validate_shape=True, use_resource=None, constraint=None, synchronization=None,
                     aggregation=None):  # fmt: skip
        from_value = initializer is not None and not callable(initializer)
        if shape is not None and from_value and partitioner is None:
            raise ValueError("If initializer is a constant, do not specify shape.")
        found = self._variables.get(name)
        if found is not None:
            return _shared(found, name, shape, dtype, reuse)
        if reuse is True:
            raise ValueError(
                f"Variable {name} does not exist, or was not created with tf.get_variable(). "
                "Did you mean to set reuse=tf.AUTO_REUSE in VarScope?"
            )
        settings = {
            "dtype": dtype, "regularizer": regularizer, "trainable": trainable, "collections": collections,
            "caching_device": caching_device, "validate_shape": validate_shape, "constraint": constraint,
        }  # fmt: skip
        if partitioner is not None:
            if from_value:
                initializer = convert_to_tensor(initializer)
                shape = initializer.shape.merge_with(shape)
            made = self._make_parts(name, as_shape(shape), initializer, partitioner, settings)
        else:
            made = self._make(name, shape, initializer, None, **settings)
        self._variables[name] = made
        return made

    def _make_parts(self, name, shape, initializer, partitioner, settings):
        if not callable(partitioner):
            raise ValueError(f"Partitioner must be callable, but received: {partitioner}")
        if not shape.is_fully_defined():
            raise ValueError(f"Shape of a new partitioned variable ({name}) must be fully defined: {shape}.")
        counts = partitioner(shape=shape, dtype=settings["dtype"])
        sizes, parts = shape.as_list(), []
        for i, (offset, part) in enumerate(slices(sizes, counts)):
            part_name = f"{name}/part_{i}"
            info = PartitionInfo(sizes, offset)
            if isinstance(initializer, Tensor):
                made = self._make(part_name, None, slice_(initializer, offset, part), info, **settings)
            else:
                made = self._make(part_name, part, initializer, info, **settings)
            made._set_save_slice_info(Variable.SaveSliceInfo(name, sizes, offset, part))
            self._variables[part_name] = made
            parts.append(made)
        return PartitionedVariable(name, shape, settings["dtype"], parts, counts)

    def _make(self, name, shape, initializer, partition_info, dtype, regularizer, validate_shape, **settings):
        if initializer is None:
            initializer = _default_initializer(name, dtype)
        shape = None if shape is None else as_shape(shape)
        value, value_dtype = _initial_value(name, shape, dtype, initializer, partition_info)
        made = Variable(value, name=name, dtype=value_dtype, validate_shape=validate_shape, **settings)
        if regularizer is not None:
            _regularize(made, regularizer)
        return made


def _shared(found, name, shape, dtype, reuse):
    if not reuse:
        raise ValueError(
            f"Variable {name} already exists, disallowed. Did you mean to set reuse=True or "
            f"reuse=tf.AUTO_REUSE in VarScope? Originally defined at: {_origin(found)}"
        )
    if not TensorShape(shape).is_compatible_with(found.get_shape()):
        raise ValueError(
            f"Trying to share variable {name}, but specified shape {as_shape(shape)} and found shape "
            f"{found.get_shape()}."
        )
    if not dtype.is_compatible_with(found.dtype):
        raise ValueError(
            f"Trying to share variable {name}, but specified dtype {dtype.name} and found dtype "
            f"{found.dtype.name}."
        )
    return found


def _origin(variable):
    first = variable if isinstance(variable, Variable) else next(iter(variable))
    return first.op.origin


def _default_initializer(name, dtype):
    if dtype.is_floating:
        return GlorotUniform()
    if dtype.is_integer or dtype.is_bool or dtype is dtypes.string:
        return Zeros()
    raise ValueError(f"An initializer for variable {name} of {dtype.name} is required")


def _initial_value(name, shape, dtype, initializer, partition_info):
    """(what Variable takes as its initial value, the dtype to insist on or None)."""
    if not callable(initializer):
        return initializer, None
    if inspect.isclass(initializer):
        initializer = initializer()
    if shape is not None and shape.is_fully_defined():
        extra = {"dtype": dtype}
        if partition_info is not None and accepts(initializer, "partition_info"):
            extra["partition_info"] = partition_info
        return (lambda: initializer(shape.as_list(), **extra)), dtype
    if _needs_no_argument(initializer):
        return initializer, None
    if shape is None:
        raise ValueError(f"Variable {name} needs its `shape`: the initializer does not tell it.")
    raise ValueError(f"Shape of a new variable ({name}) must be fully defined, but instead was {shape}.")


def _parameters(function):
    return inspect.signature(function).parameters.values()


def accepts(function, name):
    return any(p.name == name or p.kind is p.VAR_KEYWORD for p in _parameters(function))


def _needs_no_argument(function):
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return all(p.default is not p.empty or p.kind in optional for p in _parameters(function))


def _regularize(variable, regularizer):
    graph = get_default_graph()
    with graph.outside(), graph.colocate_with(variable.op), name_scope(f"{variable.op.name}/Regularizer/"):
        loss = regularizer(variable)
    if loss is not None:
        graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)
