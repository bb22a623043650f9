"""`tf.Variable`: the handle on an operation whose value lives in a session; and all variables of a graph."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import control_dependencies, get_default_graph, name_scope
from minitf.graph.operation import OPERATORS, Tensor
from minitf.graph.shape import unknown_shape
from minitf.graph.sparse import IndexedSlices
from minitf.ops.array import identity
from minitf.ops.assignment import (
    VariableV2,
    assign,
    assign_add,
    assign_sub,
    count_up_to,
    is_variable_initialized,
)
from minitf.ops.constant import convert_to_tensor


class Variable:
    """A tensor that keeps its value between runs of one session.

    Arguments: `initial_value`, anything `convert_to_tensor` takes, or a function without arguments
    that returns it (with `dtype`); `trainable` puts it where optimizers look; `collections` (default
    GLOBAL_VARIABLES); `validate_shape=False` leaves the shape open.
    Raises ValueError where the initial value's shape is not known.
    """

    def __init__(self, initial_value=None, trainable=None, collections=None, validate_shape=True,
                 caching_device=None, name=None, variable_def=None, dtype=None, expected_shape=None,
                 import_scope=None, constraint=None, use_resource=None, synchronization=None,
                 aggregation=None, shape=None):  # fmt: skip
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        trainable = True if trainable is None else trainable
        collections = [GraphKeys.GLOBAL_VARIABLES] if collections is None else list(collections)
        if trainable and GraphKeys.TRAINABLE_VARIABLES not in collections:
            collections.append(GraphKeys.TRAINABLE_VARIABLES)
        self._trainable, self._constraint, self._save_slice_info = trainable, constraint, None
        graph = get_default_graph()
        with graph.outside():
            self._build(initial_value, name, dtype, validate_shape, caching_device)
        graph.add_to_collections(collections, self)

    def _build(self, initial_value, name, dtype, validate_shape, caching_device):
        from_function = callable(initial_value)
        graph = get_default_graph()
        with name_scope(name, "Variable", [] if from_function else [initial_value]) as scope:
            if from_function:
                with graph.name_scope("Initializer"), graph.device(None):
                    value = convert_to_tensor(initial_value(), dtype=dtype, name="initial_value")
            else:
                value = convert_to_tensor(initial_value, dtype=dtype, name="initial_value")
            if validate_shape and value.shape.ndims is None:
                raise ValueError(f"initial_value must have a shape specified: {value}")
            shape = value.shape if validate_shape else unknown_shape()
            attrs = {"shape": shape, "dtype": value.dtype.base_dtype, "container": "", "shared_name": ""}
            self._variable = graph.add(VariableV2, [], attrs, scope).outputs[0]
            self._initial_value = value
            self._initializer_op = assign(
                self._variable, value, validate_shape=validate_shape, name="Assign"
            ).op
            with graph.device(caching_device) if caching_device else graph.colocate_with(self.op):
                self._snapshot = identity(self._variable, name="read")

    class SaveSliceInfo:
        """Where a part of a partitioned variable lies in the whole."""

        def __init__(self, full_name=None, full_shape=None, var_offset=None, var_shape=None):
            self.full_name, self.full_shape = full_name, full_shape
            self.var_offset, self.var_shape = var_offset, var_shape

        @property
        def spec(self):
            """'shape of the whole offset,size:offset,size': how a checkpoint names the part."""
            places = ":".join(f"{o},{s}" for o, s in zip(self.var_offset, self.var_shape, strict=True))
            return " ".join(str(s) for s in self.full_shape) + " " + places

    def _set_save_slice_info(self, info):
        self._save_slice_info = info

    def _get_save_slice_info(self):
        return self._save_slice_info

    # -- what it is --------------------------------------------------------------------------------------

    @property
    def name(self):
        return self._variable.name

    @property
    def op(self):
        return self._variable.op

    @property
    def graph(self):
        return self._variable.graph

    @property
    def dtype(self):
        return self._variable.dtype

    @property
    def device(self):
        return self._variable.device

    @property
    def shape(self):
        return self._variable.shape

    def get_shape(self):
        return self._variable.shape

    def set_shape(self, shape):
        self._variable.set_shape(shape)
        self._snapshot.set_shape(shape)

    @property
    def trainable(self):
        return self._trainable

    @property
    def constraint(self):
        return self._constraint

    @property
    def initializer(self):
        """The operation that gives it its initial value."""
        return self._initializer_op

    @property
    def initial_value(self):
        return self._initial_value

    # -- reading -------------------------------------------------------------------------------------------

    def value(self):
        """The value, read once at the start of what uses it."""
        return self._snapshot

    def read_value(self):
        """A new operation that reads the value: at the place where it stands among control dependencies."""
        return identity(self._variable, name="read")

    def initialized_value(self):
        """The value where initialized, else the initial value: for initializing one variable by another."""
        from minitf.ops.control_flow import cond  # control flow makes variables' values conditional

        with get_default_graph().outside():
            return cond(is_variable_initialized(self), self.read_value, lambda: self.initial_value)

    def eval(self, session=None):
        return self._variable.eval(session=session)

    def _ref(self):
        return self._variable

    def _as_graph_element(self):
        return self._variable

    def _as_tensor(self, as_ref=False):
        return self._variable if as_ref else self._snapshot

    _AsTensor = _as_tensor

    # -- writing -------------------------------------------------------------------------------------------

    def assign(self, value, use_locking=False, name=None, read_value=True):
        return assign(self._variable, value, use_locking=use_locking, name=name)

    def assign_add(self, delta, use_locking=False, name=None, read_value=True):
        return assign_add(self._variable, delta, use_locking, name)

    def assign_sub(self, delta, use_locking=False, name=None, read_value=True):
        return assign_sub(self._variable, delta, use_locking, name)

    def scatter_nd_add(self, indices, updates, name=None):
        from minitf.ops import scattering

        return scattering.scatter_nd_add(self._variable, indices, updates, name=name)

    def scatter_nd_sub(self, indices, updates, name=None):
        from minitf.ops import scattering

        return scattering.scatter_nd_sub(self._variable, indices, updates, name=name)

    def scatter_nd_update(self, indices, updates, name=None):
        from minitf.ops import scattering

        return scattering.scatter_nd_update(self._variable, indices, updates, name=name)

    def sparse_read(self, indices, name=None):
        """The rows `indices`."""
        from minitf.ops.gathering import gather

        return gather(convert_to_tensor(self), indices, name=name)

    def gather_nd(self, indices, name=None):
        from minitf.ops.gathering import gather_nd

        return gather_nd(self, indices, name=name)

    def count_up_to(self, limit):
        return count_up_to(self._variable, limit)

    def load(self, value, session=None):
        """Set the value in `session` (default: the default session) from an array, adding no operation."""
        from minitf.graph.stack import sessions

        session = session or sessions.get()
        if session is None:
            raise ValueError("load needs a session: its argument, or a default session")
        session.run(self._initializer_op, {self._initializer_op.inputs[1]: value})

    def __iter__(self):
        raise TypeError("'Variable' object is not iterable.")

    def __hash__(self):
        return id(self)

    def __eq__(self, other):
        return self is other

    def __repr__(self):
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>"

    __array_priority__ = 100


def _operator(name):
    def method(self, *args):
        return Tensor.operators[name](self._snapshot, *args)

    method.__name__ = name
    return method


for _name in OPERATORS:
    setattr(Variable, f"__{_name}__", _operator(f"__{_name}__"))


def _scatter(name):
    """`variable.scatter_...(sparse_delta)`: write the rows of an IndexedSlices."""

    def method(self, sparse_delta, use_locking=False, name=None):
        from minitf.ops import scattering  # scattering needs variables

        if not isinstance(sparse_delta, IndexedSlices):
            raise TypeError(f"sparse_delta is not IndexedSlices: {sparse_delta}")
        function = getattr(scattering, method.__name__)
        return function(self._variable, sparse_delta.indices, sparse_delta.values, use_locking, name)

    method.__name__ = name
    return method


for _name in ("add", "sub", "mul", "div", "min", "max", "update"):
    setattr(Variable, f"scatter_{_name}", _scatter(f"scatter_{_name}"))


def getitem_of_variable(variable, key):
    """`v[1:3]`, with `.assign` to write into that part of the variable."""
    return Tensor.operators["__getitem__"](variable._snapshot, key, variable)


Variable.__getitem__ = getitem_of_variable


# -- all variables of a graph ------------------------------------------------------------------------------


def _collection(key):
    def variables(scope=None):
        return get_default_graph().get_collection(key, scope)

    variables.__doc__ = f"The variables of collection '{key}' (whose names match `scope`)."
    return variables


global_variables = _collection(GraphKeys.GLOBAL_VARIABLES)
local_variables = _collection(GraphKeys.LOCAL_VARIABLES)
trainable_variables = _collection(GraphKeys.TRAINABLE_VARIABLES)
model_variables = _collection(GraphKeys.MODEL_VARIABLES)
moving_average_variables = _collection(GraphKeys.MOVING_AVERAGE_VARIABLES)
all_variables = global_variables


def variables_initializer(var_list, name="init"):
    """tf.variables_initializer: one operation that initializes all of `var_list`."""
    from minitf.ops.control_flow import group, no_op

    if not var_list:
        return no_op(name=name)
    return group(*[v.initializer for v in var_list], name=name)


def global_variables_initializer():
    """tf.global_variables_initializer: an operation that gives all global variables their initial values."""
    return variables_initializer(global_variables())


def local_variables_initializer():
    """tf.local_variables_initializer: the same for local variables."""
    return variables_initializer(local_variables())


def report_uninitialized_variables(var_list=None, name="report_uninitialized_variables"):
    """tf.report_uninitialized_variables: a 1-D string tensor of the names of variables without a value."""
    from minitf.ops.joining import stack
    from minitf.ops.logic import logical_not
    from minitf.ops.masking import boolean_mask

    if var_list is None:
        var_list = global_variables() + local_variables()
    with name_scope(name):
        if not var_list:
            return convert_to_tensor(np.zeros(0, object), dtype=dtypes.string)
        with get_default_graph().device("/cpu:0"):
            missing = logical_not(stack([is_variable_initialized(v) for v in var_list]))
            names = convert_to_tensor([v.op.name for v in var_list])
            return boolean_mask(names, missing)


def assert_variables_initialized(var_list=None):
    """tf.assert_variables_initialized: an op that raises FailedPreconditionError where a value is missing."""
    from minitf.ops.control_flow import group

    var_list = global_variables() + local_variables() if var_list is None else var_list
    with control_dependencies(None):
        return group(*[v.read_value() for v in var_list], name="assert_variables_initialized")
