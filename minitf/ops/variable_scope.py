"""`tf.variable_scope` and `tf.get_variable`: variables by name, and what scopes add to the name.

A variable scope opens a name scope of the same name, too.  The difference shows when it is entered again:
variables go by the scope's own name (`a/w`, always), operations by a name scope that is made unique
(`a/add`, then `a_1/add`).
"""

import contextlib
import functools

from minitf.graph import dtypes
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph, name_scope
from minitf.ops.constant import convert_to_tensor
from minitf.ops.inputs import graph_of
from minitf.ops.named_variables import AUTO_REUSE, VariableStore

_INHERITED = ("initializer", "regularizer", "caching_device", "partitioner", "dtype", "use_resource",
              "constraint")  # fmt: skip


class VariableScope:
    """The settings that `get_variable` uses where it was given none, and the name it puts before.

    `reuse`: None or False to make variables, True to find them, AUTO_REUSE for either.
    """

    def __init__(self, reuse, name="", initializer=None, regularizer=None, caching_device=None,
                 partitioner=None, custom_getter=None, name_scope="", dtype=dtypes.float32, use_resource=None,
                 constraint=None):  # fmt: skip
        self._reuse, self._name, self._name_scope = reuse, name, name_scope
        self._initializer, self._regularizer, self._caching_device = initializer, regularizer, caching_device
        self._partitioner, self._custom_getter, self._constraint = partitioner, custom_getter, constraint
        self._dtype, self._use_resource = dtype, use_resource

    @property
    def name(self):
        return self._name

    @property
    def original_name_scope(self):
        """The name scope that was opened with it, with a slash at the end."""
        return self._name_scope

    @property
    def reuse(self):
        return self._reuse

    def reuse_variables(self):
        """From now on, find variables; make none."""
        self._reuse = True

    def get_variable(self, var_store, name, shape=None, dtype=None, initializer=None, regularizer=None,
                     reuse=None, trainable=None, collections=None, caching_device=None, partitioner=None,
                     validate_shape=True, use_resource=None, custom_getter=None, constraint=None,
                     synchronization=None, aggregation=None):  # fmt: skip
        """`var_store.get_variable` with this scope's name and settings."""
        value = initializer if initializer is not None and not callable(initializer) else None
        initializer = self._initializer if initializer is None else initializer
        if value is not None:
            dtype = _dtype_of_value(value, dtype)
        given = {"regularizer": regularizer, "caching_device": caching_device, "partitioner": partitioner,
                 "custom_getter": custom_getter, "constraint": constraint, "dtype": dtype,
                 "reuse": reuse, "use_resource": use_resource}  # fmt: skip
        settings = {k: getattr(self, f"_{k}") if v is None else v for k, v in given.items()}
        with name_scope(None):
            return var_store.get_variable(
                f"{self._name}/{name}" if self._name else name, shape=shape, initializer=initializer,
                trainable=trainable, collections=collections, validate_shape=validate_shape,
                synchronization=synchronization, aggregation=aggregation, **settings,
            )  # fmt: skip

    def get_collection(self, name):
        """The items of a collection whose names begin with this scope's."""
        return get_default_graph().get_collection(name, self._name + "/" if self._name else "")

    def global_variables(self):
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self):
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)

    def trainable_variables(self):
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)


def _setting(name):
    def get(scope):
        return getattr(scope, f"_{name}")

    def set_(scope, value):
        setattr(scope, f"_{name}", value)

    setattr(VariableScope, name, property(get))
    setattr(VariableScope, f"set_{name}", set_)


for _name in (*_INHERITED, "custom_getter"):
    _setting(_name)


def _dtype_of_value(value, dtype):
    found = getattr(value, "dtype", None)
    if not isinstance(found, dtypes.DType):
        found = convert_to_tensor(value).dtype if dtype is not None else None
    if dtype is not None and dtypes.as_dtype(dtype).base_dtype is not found.base_dtype:
        raise ValueError(f"Initializer type '{found!r}' and explicit dtype '{dtype!r}' don't match.")
    return found


# -- the scope that is open ---------------------------------------------------------------------------------


def get_variable_scope():
    """tf.get_variable_scope: the innermost open scope of this thread in the default graph."""
    graph = get_default_graph()
    found = graph._open("variable_scope", None)
    if found is None:
        found = graph._local.variable_scope = VariableScope(False)
    return found


def _counts():
    """How often each variable scope was opened: what makes default names unique."""
    return get_default_graph()._open("variable_scope_counts", {})


def _unique_name(prefix):
    """`prefix`, or `prefix_1`, ...: a name that no scope inside the open one has."""
    outer = get_variable_scope().name
    full, counts = (f"{outer}/{prefix}" if outer else prefix), _counts()
    if not counts.get(full):
        return prefix
    number = 1
    while counts.get(f"{full}_{number}"):
        number += 1
    return f"{prefix}_{number}"


@contextlib.contextmanager
def _open_by_name(name, name_scope, settings):
    outer = get_variable_scope()
    full = f"{outer.name}/{name}" if outer.name else name
    scope = _inheriting(outer, full, name_scope, settings)
    counts = _counts()
    counts[full] = counts.get(full, 0) + 1
    try:
        with get_default_graph()._with("variable_scope", scope):
            yield scope
    finally:
        for key in counts:
            if key.startswith(full + "/"):
                counts[key] = 0


@contextlib.contextmanager
def _open_again(scope, name_scope, settings):
    """Enter a scope made before: default names inside begin again, and the outer ones go on after."""
    counts = _counts()
    counts[scope.name] = counts.get(scope.name, 0) + 1
    before = dict(counts)
    for key in counts:
        if key.startswith(scope.name + "/"):
            counts[key] = 0
    try:
        again = _inheriting(scope, scope.name, name_scope, settings)
        with get_default_graph()._with("variable_scope", again):
            yield again
    finally:
        counts.clear()
        counts.update(before)


def _inheriting(outer, name, name_scope, settings):
    if settings["custom_getter"] is not None and not callable(settings["custom_getter"]):
        raise ValueError(f"The custom_getter {settings['custom_getter']} of scope {name!r} is not callable: "
                         "it takes a getter and what `get_variable` takes")  # fmt: skip
    inherited = {k: getattr(outer, k) if settings[k] is None else settings[k] for k in _INHERITED}
    getter, outer_getter = settings["custom_getter"], outer.custom_getter
    if getter is None:
        getter = outer_getter
    elif outer_getter is not None:
        getter = _around(getter, outer_getter)
    return VariableScope(
        settings["reuse"] or outer.reuse, name=name, name_scope=name_scope, custom_getter=getter, **inherited
    )


def _around(getter, outer_getter):
    """The inner getter, whose `getter` argument is the outer getter."""

    def both(getter, *args, **kwargs):
        return inner(functools.partial(outer_getter, getter), *args, **kwargs)

    inner = getter
    return both


class variable_scope(contextlib.AbstractContextManager):
    """`with tf.variable_scope(name_or_scope, default_name, values, ...) as scope`.

    A name opens a scope inside the open one; a `VariableScope` is entered again, wherever one stands;
    with `name_or_scope=None` the `default_name` is made unique.  Other arguments are settings for the
    variables inside.  `auxiliary_name_scope=False` leaves the name scope as it is.

    Raises TypeError for neither name, ValueError for a `reuse` that is none or comes with a default name.
    """

    def __init__(self, name_or_scope, default_name=None, values=None, initializer=None, regularizer=None,
                 caching_device=None, partitioner=None, custom_getter=None, reuse=None, dtype=None,
                 use_resource=None, constraint=None, auxiliary_name_scope=True):  # fmt: skip
        if name_or_scope is None and default_name is None:
            raise TypeError("If default_name is None then name_or_scope is required")
        if name_or_scope is not None and not isinstance(name_or_scope, (str, VariableScope)):
            raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")
        if reuse not in (None, False, True, AUTO_REUSE):
            raise ValueError("The reuse parameter must be True or False or None.")
        if name_or_scope is None and reuse:
            raise ValueError("reuse=True cannot be used without a name_or_scope")
        self._name_or_scope, self._default_name = name_or_scope, default_name
        self._values, self._auxiliary = values or [], auxiliary_name_scope
        self._settings = {
            "initializer": initializer, "regularizer": regularizer, "caching_device": caching_device,
            "partitioner": partitioner, "custom_getter": custom_getter, "reuse": reuse, "dtype": dtype,
            "use_resource": use_resource, "constraint": constraint,
        }  # fmt: skip
        self._open = []

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            graph = graph_of(self._values)
            if graph is not None:
                stack.enter_context(graph.as_default())
            scope = self._enter(stack)
            self._open.append(stack.pop_all())
            return scope

    def _enter(self, stack):
        given, settings = self._name_or_scope, self._settings
        if given is None:
            opened = stack.enter_context(self._name_scope(self._default_name))
            return stack.enter_context(_open_by_name(_unique_name(self._default_name), opened, settings))
        if isinstance(given, str):
            opened = stack.enter_context(self._name_scope(given))
            return stack.enter_context(_open_by_name(given, opened, settings))
        stack.enter_context(self._name_scope(given.name.split("/")[-1]))
        return stack.enter_context(_open_again(given, given.original_name_scope, settings))

    def _name_scope(self, name):
        """The name scope to open: `name`, or the open one once more."""
        if self._auxiliary and name:
            return name_scope(name)
        here = get_default_graph().scope
        return name_scope(here + "/" if here else None)

    def __exit__(self, *exception):
        return self._open.pop().__exit__(*exception)


def variable_op_scope(values, name_or_scope, default_name=None, initializer=None, regularizer=None,
                      caching_device=None, partitioner=None, custom_getter=None, reuse=None, dtype=None,
                      use_resource=None, constraint=None):  # fmt: skip
    """tf.variable_op_scope: `variable_scope` with its arguments in the order of old."""
    return variable_scope(
        name_or_scope, default_name, values, initializer, regularizer, caching_device, partitioner,
        custom_getter, reuse, dtype, use_resource, constraint,
    )  # fmt: skip


def get_variable(name, shape=None, dtype=None, initializer=None, regularizer=None, trainable=None,
                 collections=None, caching_device=None, partitioner=None, validate_shape=True,
                 use_resource=None, custom_getter=None, constraint=None, synchronization=None,
                 aggregation=None):  # fmt: skip
    """tf.get_variable: the variable `name` of the open variable scope: found or made, as its `reuse` says.

    `initializer` is a function of (shape, dtype), or the initial value itself (then without `shape`); the
    default is Glorot's uniform one for floats, zeros for others.  `regularizer(variable)` goes to the
    collection REGULARIZATION_LOSSES.  Raises ValueError: see `VariableStore.get_variable`.
    """
    return get_variable_scope().get_variable(
        VariableStore(get_default_graph()), name, shape=shape, dtype=dtype, initializer=initializer,
        regularizer=regularizer, trainable=trainable, collections=collections, caching_device=caching_device,
        partitioner=partitioner, validate_shape=validate_shape, use_resource=use_resource,
        custom_getter=custom_getter, constraint=constraint, synchronization=synchronization,
        aggregation=aggregation,
    )  # fmt: skip


def get_local_variable(name, *args, collections=None, trainable=False, **kwargs):
    """tf.get_local_variable: `get_variable` into LOCAL_VARIABLES, not trainable, not saved."""
    collections = [GraphKeys.LOCAL_VARIABLES, *(collections or [])]
    return get_variable(name, *args, collections=collections, trainable=False, **kwargs)


def no_regularizer(_):
    """tf.no_regularizer: keeps the scope's regularizer away from a variable."""
    return None
