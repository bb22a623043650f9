"""Variables: operations whose value lives in a session, and `tf.Variable`, the handle on one."""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import control_dependencies, get_default_graph, name_scope
from minitf.graph.operation import OPERATORS, Tensor
from minitf.graph.shape import TensorShape, unknown_shape
from minitf.graph.sparse import IndexedSlices
from minitf.kernels import copying, elementwise
from minitf.ops.array import identity
from minitf.ops.constant import convert_to_tensor
from minitf.ops.op import NUMBERS, Op


class VariableV2(Op):
    """A variable: its output is a *reference*, read when an operation that takes it runs."""

    stateful = True
    variable = True

    def infer(op):
        return [(op.attrs["shape"], op.attrs["dtype"]._as_ref)]

    gradient = None


class Assign(Op):
    """ref = value; the output is the variable itself."""

    inputs = {"ref": "T", "value": "T"}
    types = {"T": ()}
    attrs = {"validate_shape": True, "use_locking": True}
    reference = (0,)
    initializes = True

    def infer(op, ref, value):
        if not op.attrs["validate_shape"]:
            return [(value.shape, ref.dtype._as_ref)]
        return [(ref.shape.merge_with(value.shape), ref.dtype._as_ref)]

    def cpu(op, ref, value):
        return [copying.copy_launch(value, ref)]

    def numpy(op, ref, value):
        return value

    gradient = None


class _Update(Op):
    inputs = {"ref": "T", "value": "T"}
    types = {"T": NUMBERS}
    attrs = {"use_locking": False}
    reference = (0,)

    def infer(op, ref, value):
        return [(ref.shape.merge_with(value.shape), ref.dtype._as_ref)]

    gradient = None


def _plus(x, y):
    return x + y


def _minus(x, y):
    return x - y


class AssignAdd(_Update):
    """ref = ref + value"""

    def cpu(op, ref, value):
        return [elementwise.launch(_plus, [ref, value], ref)]

    def numpy(op, ref, value):
        return ref + value


class AssignSub(_Update):
    """ref = ref - value"""

    def cpu(op, ref, value):
        return [elementwise.launch(_minus, [ref, value], ref)]

    def numpy(op, ref, value):
        return ref - value


class IsVariableInitialized(Op):
    """True where the variable has a value in this session."""

    inputs = {"ref": "dtype"}
    types = {"dtype": ()}
    reference = (0,)
    stateful = True
    initializes = True

    def infer(op, ref):
        return [(TensorShape([]), dtypes.bool)]

    def run(op, state, ref):
        return [np.array(ref.value is not None)]

    gradient = None


class CountUpTo(Op):
    """Add 1 to an integer variable and return its former value.  Raises OutOfRangeError at `limit`."""

    inputs = {"ref": "T"}
    types = {"T": ("int32", "int64")}
    reference = (0,)
    stateful = True

    def infer(op, ref):
        return [(TensorShape([]), ref.dtype)]

    def run(op, state, ref):
        before = ref.value.copy()
        if before >= op.attrs["limit"]:
            raise errors.OutOfRangeError(None, op, f"Reached limit of {op.attrs['limit']}")
        ref.set(before + np.ones((), before.dtype))
        return [before]

    gradient = None


def assign(ref, value, validate_shape=None, use_locking=None, name=None):
    """tf.assign: the operation that sets variable `ref` to `value`; its output is the new value."""
    if validate_shape is None:
        validate_shape = True
    return Assign.apply(ref, value, validate_shape=validate_shape, name=name)


def assign_add(ref, value, use_locking=None, name=None):
    """tf.assign_add: ref = ref + value."""
    return AssignAdd.apply(ref, value, name=name)


def assign_sub(ref, value, use_locking=None, name=None):
    """tf.assign_sub: ref = ref - value."""
    return AssignSub.apply(ref, value, name=name)


def is_variable_initialized(variable):
    """tf.is_variable_initialized: a boolean tensor."""
    return IsVariableInitialized.apply(variable)


def count_up_to(ref, limit, name=None):
    """tf.count_up_to: count calls in `ref`; OutOfRangeError at `limit`."""
    return CountUpTo.apply(ref, limit=limit, name=name)


class Variable:
    """A tensor that keeps its value between runs of one session.

    Arguments: `initial_value`, anything `convert_to_tensor` takes, or a function without arguments
    that returns it (with `dtype`); `trainable` puts it where optimizers look; `collections` (default
    GLOBAL_VARIABLES); `validate_shape=False` leaves the shape open; `expected_shape` is checked.
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
            self._build(initial_value, name, dtype, validate_shape, expected_shape, caching_device)
        graph.add_to_collections(collections, self)

    def _build(self, initial_value, name, dtype, validate_shape, expected_shape, caching_device):
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
            if expected_shape is not None:
                value.shape.assert_is_compatible_with(expected_shape)
            shape = value.shape if validate_shape else unknown_shape()
            attrs = {"shape": shape, "dtype": value.dtype.base_dtype, "container": "", "shared_name": ""}
            self._variable = graph.add(VariableV2, [], attrs, scope).outputs[0]
            self._initial_value = value
            self._initializer_op = assign(
                self._variable, value, validate_shape=validate_shape, name="Assign"
            ).op
            self._snapshot = identity(self._variable, name="read")

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
        return assign(self._variable, value, name=name)

    def assign_add(self, delta, use_locking=False, name=None, read_value=True):
        return assign_add(self._variable, delta, name=name)

    def assign_sub(self, delta, use_locking=False, name=None, read_value=True):
        return assign_sub(self._variable, delta, name=name)

    def scatter_sub(self, sparse_delta, use_locking=False, name=None):
        """Subtract the rows of an IndexedSlices."""
        from minitf.ops.scattering import scatter_sub

        if not isinstance(sparse_delta, IndexedSlices):
            raise TypeError(f"sparse_delta is not IndexedSlices: {sparse_delta}")
        return scatter_sub(self._variable, sparse_delta.indices, sparse_delta.values, name=name)

    def count_up_to(self, limit):
        return count_up_to(self._variable, limit)

    def load(self, value, session=None):
        """Set the value in `session` (default: the default session) from an array, adding no operation."""
        from minitf.graph.stack import sessions

        session = session or sessions.get()
        if session is None:
            raise ValueError("Either session argument should be provided or default session should be established")
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


def getitem_of_variable(variable, key):
    """`v[1:3]`, with `.assign` to write into that part of the variable."""
    return Tensor.operators["__getitem__"](variable._snapshot, key, variable)


Variable.__getitem__ = getitem_of_variable


# -- all variables of a graph ---------------------------------------------------------------------------------


def _collection(key):
    def variables(scope=None):
        return get_default_graph().get_collection(key, scope)

    variables.__doc__ = f"The variables of collection '{key}', those whose name matches `scope` if it is given."
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
    return variables_initializer(global_variables())


def local_variables_initializer():
    return variables_initializer(local_variables())


def report_uninitialized_variables(var_list=None, name="report_uninitialized_variables"):
    """tf.report_uninitialized_variables: a 1-D string tensor of the names of variables without a value."""
    from minitf.ops.array import boolean_mask
    from minitf.ops.comparison import logical_not
    from minitf.ops.joining import stack

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
