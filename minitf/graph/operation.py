"""`Operation`, a use of an op, and `Tensor`, one of its outputs."""

from minitf.graph import serialization
from minitf.graph import shape as shapes
from minitf.graph.stack import sessions


class Tensor:
    """One output of an operation: a promise of an array of this dtype and (partly known) shape.

    The Python operators (`a + b`, `x[1:]`) are entries of `Tensor.operators`, filled in by the ops.
    """

    __array_priority__ = 100  # let NumPy arrays on the left leave the operator to us
    operators = {}

    def __init__(self, op, index, shape, dtype):
        self._op, self._index, self._dtype = op, index, dtype
        self._shape = shapes.as_shape(shape)
        self._consumers = []

    @property
    def op(self):
        return self._op

    @property
    def graph(self):
        return self._op.graph

    @property
    def name(self):
        return f"{self._op.name}:{self._index}"

    @property
    def dtype(self):
        return self._dtype

    @property
    def device(self):
        return self._op.device

    @property
    def value_index(self):
        return self._index

    @property
    def shape(self):
        return self._shape

    def get_shape(self):
        return self._shape

    def set_shape(self, shape):
        """Add what the caller knows of the shape.  Raises ValueError where it contradicts."""
        self._shape = self._shape.merge_with(shape)

    def consumers(self):
        """The operations that take this tensor as an input."""
        return list(self._consumers)

    def eval(self, feed_dict=None, session=None):
        """Run the default session (or `session`) for this one value."""
        return _session(session, self.graph, "evaluate tensor").run(self, feed_dict)

    def __iter__(self):
        raise TypeError(
            "Tensor objects are not iterable: to iterate over this tensor use tf.map_fn, or tf.unstack."
        )

    def __bool__(self):
        raise TypeError(
            "Using a `tf.Tensor` as a Python `bool` is not allowed. Use `if t is not None:` to test if a tensor "
            "is defined, and tf.cond to run a part of the graph depending on the value of a tensor."
        )

    def __len__(self):
        raise TypeError(
            f"object of type 'Tensor' has no len(): {self.name}. Use tf.shape(x)[0] or x.shape[0]."
        )

    def _shape_as_list(self):
        return None if self._shape.ndims is None else self._shape.as_list()

    def __array__(self, dtype=None, copy=None):
        raise NotImplementedError(
            f"Cannot convert a symbolic tf.Tensor ({self.name}) to a numpy array: run it in a session first."
        )

    def __repr__(self):
        return f"<tf.Tensor '{self.name}' shape={self._shape} dtype={self._dtype.name}>"

    def __str__(self):
        shape = "" if self._shape.ndims is None else f", shape={self._shape}"
        return f'Tensor("{self.name}"{shape}, dtype={self._dtype.name})'

    def _as_graph_element(self):
        return self


def _operator(name):
    def method(self, *args):
        return Tensor.operators[name](self, *args)

    method.__name__ = name
    return method


OPERATORS = (
    *("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "floordiv", "rfloordiv", "div", "rdiv"),
    *("mod", "rmod", "pow", "rpow", "matmul", "rmatmul", "and", "rand", "or", "ror", "xor", "rxor"),
    *("neg", "abs", "invert", "lt", "le", "gt", "ge", "getitem"),
)
for _name in OPERATORS:
    setattr(Tensor, f"__{_name}__", _operator(f"__{_name}__"))


class Operation:
    """A use of an op in a graph: its definition, inputs, attributes, name, device, and who made it."""

    def __init__(self, graph, definition, name, inputs, attrs, control_inputs, device, origin):
        self.graph, self.definition, self.name = graph, definition, name
        self.attrs, self.device, self.origin = attrs, device, origin
        self._inputs = tuple(inputs)
        self._control_inputs = list(control_inputs)
        self.outputs = []
        self.id = graph._next_id()
        self.context = graph.context  # the `while_loop` or `cond` branch it was built in, or None
        self.colocated_with = None
        for tensor in self._inputs:
            tensor._consumers.append(self)

    @property
    def type(self):
        return self.definition.type

    @property
    def inputs(self):
        return self._inputs

    @property
    def control_inputs(self):
        return list(self._control_inputs)

    @property
    def traceback(self):
        """[(file, line, function)] of the user's line that made this operation."""
        return [tuple(self.origin[:3])]

    @property
    def node_def(self):
        """This operation as TensorFlow's `NodeDef` message."""
        return serialization.node_def(self)

    def add_output(self, shape, dtype):
        tensor = Tensor(self, len(self.outputs), shape, dtype)
        self.outputs.append(tensor)
        return tensor

    def values(self):
        return tuple(self.outputs)

    def get_attr(self, name):
        """The value of attribute `name`.  Raises ValueError where the op has none of that name."""
        if name not in self.attrs:
            raise ValueError(f"Operation '{self.name}' has no attr named '{name}'.")
        value = self.attrs[name]
        return value.encode() if isinstance(value, str) else value

    def _set_attr(self, name, value):
        self.attrs[name] = value
        self.graph.changes += 1

    def _add_control_inputs(self, ops):
        self._control_inputs.extend(op for op in ops if op not in self._control_inputs)
        self.graph.changes += 1

    def _add_control_input(self, op):
        self._add_control_inputs([op])

    def _update_input(self, index, tensor):
        """Replace one input in place."""
        self._inputs[index]._consumers.remove(self)
        self._inputs = (*self._inputs[:index], tensor, *self._inputs[index + 1 :])
        tensor._consumers.append(self)
        self.graph.changes += 1

    def _set_device(self, device):
        self.device = device

    def colocation_groups(self):
        owner = self.colocated_with or self
        return [b"loc:@" + owner.name.encode()]

    def run(self, feed_dict=None, session=None):
        """Run the default session (or `session`) for this operation's effect."""
        _session(session, self.graph, "execute operation").run(self, feed_dict)

    def __repr__(self):
        return f"<tf.Operation '{self.name}' type={self.type}>"

    def __str__(self):
        inputs = ", ".join(t.name for t in self._inputs)
        return f"{self.name} = {self.type}({inputs})  # {self.origin}"


def _session(session, graph, verb):
    session = session if session is not None else sessions.get()
    if session is None:
        raise ValueError(
            f"Cannot {verb} using `eval()` or `run()`: No default session is registered. Use "
            "`with sess.as_default()` or pass an explicit session to `eval(session=sess)`"
        )
    if session.graph is not graph:
        raise ValueError(
            f"Cannot {verb}: the session's graph is different from the graph that was built "
            "(was the graph reset after the session was made?)."
        )
    return session
