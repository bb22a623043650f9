"""`Graph`: operations in the order they were made; the default graph."""

import contextlib
import re
import weakref

from minitf.graph import origin, writing
from minitf.graph.explaining import explain
from minitf.graph.operation import Operation, Tensor
from minitf.graph.scopes import Scopes
from minitf.graph.stack import graphs

living = weakref.WeakSet()  # all graphs that somebody holds


class Graph(Scopes):
    """A dataflow graph: it only grows, until `finalize`.

    `changes` counts changes to operations that stood already; a plan made before one is stale.
    """

    why = ""  # what is said of tensors of this graph that are used in another
    captures = None  # only a `FunctionGraph` takes in tensors of other graphs

    def __init__(self):
        super().__init__()
        self._operations = {}  # name -> Operation, in order of making
        self._collections = {}
        self._ids = 0
        self._finalized = False
        self.sessions = weakref.WeakSet()  # those that run this graph
        self.seed = None
        self.seeds_given = 0  # operations that took their seed from the graph's
        self.changes = 0
        self.gradient_overrides = {}
        self.variables_by_scope = {}  # what tf.variable_scope keeps with the graph
        living.add(self)

    # -- growing -------------------------------------------------------------------------------------

    def _next_id(self):
        self._ids += 1
        return self._ids

    @property
    def _last_id(self):
        return self._ids

    @property
    def version(self):
        """The number of operations ever made: it grows with the graph."""
        return self._ids

    def add(self, definition, inputs, attrs, name, output_specs=None):
        """Append one operation; the shapes of its outputs come from the definition.

        `name` ending in a slash is taken as it is (the caller opened that scope), else made unique.
        Raises RuntimeError where the graph is finalized, ValueError where the inputs do not fit.
        """
        self._check_not_finalized()
        for tensor in inputs:
            if tensor.graph is not self:
                raise ValueError(
                    f"{tensor!r}, made at {tensor.op.origin}, must be from the same graph as the operation "
                    f"'{name.rstrip('/')}' being made.{tensor.graph.why}"
                )
        if name[-1] != "/" and not self._is_valid(name):
            raise ValueError(f"'{name}' is not a valid node name")
        with self._lock:
            name = name[:-1] if name[-1] == "/" else self.unique_name(name)
            made_by = origin.here()
            controls = self._current_controls(inputs)
            op = Operation(self, definition, name, inputs, attrs, controls, "", made_by)
            try:
                for shape, dtype in definition.infer_outputs(op):
                    op.add_output(shape, dtype)
            except (ValueError, TypeError) as error:
                self._forget(op)
                raise type(error)(explain(error, op)) from error
            written = inputs[definition.reference[0]].op if definition.reference else None
            op.device = self._device_for(op) if written is None else written.device
            op.colocated_with = self._open("colocated", None) if written is None else written
            override = (self._open("overrides", None) or {}).get(op.type)
            if override is not None:
                op.attrs["_gradient_op_type"] = override
            for _, made in self._open("controls", ()) or ():
                made.add(op)
            self._operations[name] = op
        return op

    def _forget(self, op):
        for tensor in op.inputs:
            tensor._consumers.remove(op)

    def finalize(self):
        """No operation can be added after this."""
        self._finalized = True

    def _unsafe_unfinalize(self):
        self._finalized = False

    @property
    def finalized(self):
        return self._finalized

    def _check_not_finalized(self):
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")

    # -- looking things up -----------------------------------------------------------------------------

    def get_operations(self):
        return list(self._operations.values())

    def get_operation_by_name(self, name):
        """The operation of that name.  Raises KeyError where there is none, TypeError for no string."""
        if not isinstance(name, str):
            raise TypeError(f"Operation names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=False)

    def get_tensor_by_name(self, name):
        """The tensor `op_name:index`.  Raises KeyError, ValueError (no index) or TypeError."""
        if not isinstance(name, str):
            raise TypeError(f"Tensor names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_operation=False)

    def as_graph_element(self, obj, allow_tensor=True, allow_operation=True):
        """The tensor or operation of this graph that `obj` (itself, a variable, or a name) stands for."""
        wanted = " or ".join(["Tensor"] * allow_tensor + ["Operation"] * allow_operation)
        if hasattr(obj, "_as_graph_element"):
            obj = obj._as_graph_element()
        if isinstance(obj, str):
            return self._element_by_name(obj, allow_tensor, allow_operation)
        if (isinstance(obj, Tensor) and allow_tensor) or (isinstance(obj, Operation) and allow_operation):
            if obj.graph is not self:
                kind, op = ("Tensor", obj.op) if isinstance(obj, Tensor) else ("Operation", obj)
                raise ValueError(
                    f"{kind} {obj.name}, made at {op.origin}, is not an element of this graph.{obj.graph.why}"
                )
            return obj
        raise TypeError(f"Can not convert a {type(obj).__name__} into a {wanted}.")

    def _element_by_name(self, name, allow_tensor, allow_operation):
        op_name, colon, index = name.partition(":")
        if colon and allow_tensor:
            if not index.isdigit():
                raise ValueError(
                    f"The name {name!r} looks like a Tensor name, but is not a valid one: '<op>:<index>'."
                )
            op = self._operations.get(op_name)
            if op is None:
                raise KeyError(f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                               f"{op_name!r}, does not exist in the graph.")  # fmt: skip
            if int(index) >= len(op.outputs):
                raise KeyError(f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                               f"{op_name!r}, exists but only has {len(op.outputs)} outputs.")  # fmt: skip
            return op.outputs[int(index)]
        if colon:
            raise ValueError(f"Name {name!r} appears to refer to a Tensor, not an Operation.")
        if not allow_operation:
            hint = f" Try {name + ':0'!r}." if name in self._operations else ""
            raise ValueError(f"The name {name!r} refers to an Operation, not a Tensor. Tensor names must be of the "
                             f"form '<op_name>:<output_index>'.{hint}")  # fmt: skip
        if name not in self._operations:
            raise KeyError(f"The name {name!r} refers to an Operation not in the graph.")
        return self._operations[name]

    def is_feedable(self, tensor):
        return "_unfeedable" not in getattr(tensor, "op", tensor).attrs

    def prevent_feeding(self, tensor):
        tensor.op.attrs["_unfeedable"] = True
        self.changes += 1

    def is_fetchable(self, element):
        return "_unfetchable" not in getattr(element, "op", element).attrs

    def prevent_fetching(self, op):
        op.attrs["_unfetchable"] = True

    def as_graph_def(self, from_version=None, add_shapes=False):
        """The graph as TensorFlow's `GraphDef` message."""
        return writing.as_graph_def(self, from_version, add_shapes)

    # -- collections ---------------------------------------------------------------------------------------

    def add_to_collection(self, name, value):
        self._check_not_finalized()
        self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names, value):
        self._check_not_finalized()
        for name in dict.fromkeys((names,) if isinstance(names, str) else names):
            self.add_to_collection(name, value)

    def get_collection_ref(self, name):
        """The list itself: changing it changes the collection."""
        return self._collections.setdefault(name, [])

    def get_collection(self, name, scope=None):
        """A copy of the list; with `scope`, only items whose name matches that regular expression."""
        items = self._collections.get(name, [])
        if scope is None:
            return list(items)
        pattern = re.compile(scope)
        return [item for item in items if hasattr(item, "name") and pattern.match(item.name)]

    def get_all_collection_keys(self):
        return [name for name in self._collections if isinstance(name, str)]

    @property
    def collections(self):
        return self.get_all_collection_keys()

    def clear_collection(self, name):
        self._check_not_finalized()
        self._collections.pop(name, None)

    # -- the default graph -----------------------------------------------------------------------------------

    @contextlib.contextmanager
    def as_default(self):
        """Inside, new operations go to this graph."""
        with graphs.push(self):
            yield self

    def __enter__(self):
        graphs.enter(self)
        return self

    def __exit__(self, *exception):
        graphs.leave(self)

    def __repr__(self):
        return f"<tf.Graph of {len(self._operations)} operations>"


_global_default = Graph()


def get_default_graph():
    """The graph of the innermost `with graph.as_default()`, or the process's own."""
    return graphs.get() or _global_default


def reset_default_graph():
    """Forget the default graph: a new, empty one takes its place.

    Raises AssertionError inside a `with graph.as_default()`.
    """
    global _global_default
    if graphs.items:
        raise AssertionError("Do not use tf.reset_default_graph() to clear nested graphs.")
    _global_default = Graph()


def executing_eagerly():
    """tf.executing_eagerly: False, for here a graph is built first and run later."""
    return False


def get_name_scope():
    """The open name scope of the default graph; '' outside of all."""
    return get_default_graph().scope


def control_dependencies(control_inputs):
    """tf.control_dependencies: operations made inside run after `control_inputs`; None forgets the outer ones."""
    return get_default_graph().control_dependencies(control_inputs)


def device(device_name_or_function):
    """tf.device: operations made inside are placed on this device: a string, a function of the operation, or None."""
    return get_default_graph().device(device_name_or_function)


def colocate_with(op, ignore_existing=False):
    """tf.colocate_with: operations made inside are placed where `op` is."""
    return get_default_graph().colocate_with(op, ignore_existing)


def add_to_collection(name, value):
    """tf.add_to_collection: `value` joins the collection `name` of the default graph."""
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names, value):
    """tf.add_to_collections: `value` joins the collections `names` (one name, or several)."""
    get_default_graph().add_to_collections(names, value)


def get_collection(key, scope=None):
    """tf.get_collection: a copy of a collection as a list; with `scope`, only items whose name matches it."""
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key):
    """tf.get_collection_ref: the list itself: changing it changes the collection."""
    return get_default_graph().get_collection_ref(key)


def container(name):
    """tf.container: queues and variables made inside say that they belong to the container `name`."""
    return get_default_graph().container(name)


def op_scope(values, name, default_name=None):
    """The form of `name_scope` before TensorFlow 1.0."""
    return name_scope(name, default_name, values)


class name_scope(contextlib.AbstractContextManager):
    """`with tf.name_scope(name, default_name, values)`: open a scope for names in the default graph.

    `default_name` serves where `name` is None; `values` are the inputs of the op being built.
    """

    def __init__(self, name, default_name=None, values=None):
        if values is None and default_name is not None and not isinstance(default_name, str):
            values, default_name = default_name, None
        if name is not None and not isinstance(name, str):
            raise TypeError(f"name for name_scope must be a string, got {name!r}.")
        self._name = default_name if name is None else name
        if self._name is None and values is not None:
            raise ValueError(
                f"At least one of name ({name}) and default_name ({default_name}) must be provided."
            )
        self._scopes = []

    @property
    def name(self):
        return self._name

    def __enter__(self):
        scope = get_default_graph().name_scope(self._name)
        opened = scope.__enter__()
        self._scopes.append(scope)
        return opened

    def __exit__(self, *exception):
        return self._scopes.pop().__exit__(*exception)
