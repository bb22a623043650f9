"""Operations as nodes: of a `GraphDef`, or of a function of its library.

Most operations are one node (`serialization.py`).  One that owns parts of the graph, as `cond` and `while_loop`
make them, becomes a node that calls functions, as TensorFlow has them since 1.15: its class says so in `write`.
The operations inside such a part are nodes of the function, and of the graph no more.
"""

import re
import zlib

import numpy as np

from minitf.graph import dtypes, serialization
from minitf.graph.labels import output_labels
from minitf.graph.messages import FunctionDef, GraphDef
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape

PRODUCER = 24  # the version of graphs that TensorFlow 1 wrote: newer readers know it


class Node:
    """A node that was written, to name its outputs."""

    def __init__(self, name, kind, in_function):
        self.name, self._labels, self._in_function = name, output_labels(kind), in_function

    def output(self, index=0):
        """How another node's input names the output."""
        if not self._in_function:
            return f"{self.name}:{index}" if index else self.name
        if len(self._labels) == 1:  # which may stand for a list
            return f"{self.name}:{self._labels[0]}:{index}"
        return f"{self.name}:{self._labels[index]}:0"


class Writer:
    """Writes the operations of a graph as nodes of `graph_def`."""

    def __init__(self, graph_def, with_shapes=False):
        self.graph_def, self._nodes, self._with_shapes = graph_def, graph_def.node, with_shapes
        self._texts, self._in_function = {}, False
        self.shared = set()  # names of variables that functions use

    def write(self, op):
        """Add the nodes of `op`."""
        if op.definition.write is not None:
            op.definition.write(op, self)
        else:
            made = serialization.fill_node(self._nodes.add(), op, self._with_shapes)
            for i, tensor in enumerate(op.inputs):
                made.input[i] = self.text(tensor)

    def finish(self):
        """Let the variables that functions use be found by their names, whatever scope the graph comes to."""
        for node in self.graph_def.node:
            if node.name in self.shared and not node.attr["shared_name"].s:
                node.attr["shared_name"].s = node.name.encode()

    def text(self, tensor):
        """How a node's input names `tensor`."""
        found = self._texts.get(tensor)
        return found or tensor.op.name + (f":{tensor.value_index}" if tensor.value_index else "")

    def node(self, op, kind, inputs, label=None, **attrs):
        """Add a node of type `kind`: that of `op`, or, with a label, one that helps it; inputs are tensors or texts."""
        name = self._helper_name(op, label) if label else self._name(op)
        node = self._nodes.add(name=name, op=kind, device=op.device or "")
        node.input.extend(self.text(i) if isinstance(i, Tensor) else i for i in inputs)
        if label is None:
            node.input.extend(f"^{c}" for c in self._controls(op))
            if self._with_shapes:
                shapes = attrs.get("output_shapes") or [t.shape for t in op.outputs]
                node.attr["_output_shapes"].list.shape.extend(map(serialization.make_shape_proto, shapes))
        for key, value in attrs.items():
            serialization.set_attr(node.attr[key], value)
        return Node(name, kind, self._in_function)

    def replace(self, op, kind, inputs, **attrs):
        """The node of `op`, of another type, with the same outputs."""
        node = self.node(op, kind, inputs, **attrs)
        self.name_outputs(op, node)

    def name_outputs(self, op, node, places=None):
        """The outputs of `op` are those of `node`, at `places` (in order, where not given)."""
        for i, tensor in enumerate(op.outputs):
            self._texts[tensor] = node.output(i if places is None else places[i])

    def constant(self, op, label, value):
        """A constant that helps `op`; returns how to name it."""
        value = np.asarray(value)
        return self.node(op, "Const", [], label, value=value, dtype=dtypes.as_dtype(value.dtype)).output()

    def shape(self, op, label, shape):
        """A shape as a constant: -1 for sizes, or a rank, not known."""
        sizes = TensorShape(shape).sizes
        known = -1 if sizes is None else [-1 if s is None else s for s in sizes]
        return self.constant(op, label, np.array(known, np.int32))

    def _name(self, op):
        return op.name

    def _helper_name(self, op, label):
        name, number = f"{op.name}/{label}", 0
        while name in op.graph._operations:
            number += 1
            name = f"{op.name}/{label}_{number}"
        return name

    def _controls(self, op):
        return [c.name for c in op.control_inputs]

    def function(self, owner, label, context, arguments, given):
        """A `FunctionWriter` of the part of `owner` in `context`.

        `arguments` are the dtypes of its inputs; `given` {tensor: index of the input that is its value}.
        """
        return FunctionWriter(self, owner, label, context, arguments, given)


class FunctionWriter(Writer):
    """Writes a part of a graph as a function: what its outputs need, in order."""

    def __init__(self, outer, owner, label, context, arguments, given):
        super().__init__(outer.graph_def)
        self.shared, self._in_function, self._context = outer.shared, True, context
        self._function, self._owner, self._label = FunctionDef(), owner.name, label
        self._nodes, self._names, self._taken = self._function.node_def, {}, set()
        for i, dtype in enumerate(arguments):
            self._function.signature.input_arg.add(name=self.argument(i), type=dtype.base_dtype.as_datatype_enum)
        self._texts.update((tensor, self.argument(i)) for tensor, i in given.items())

    def give(self, tensor, text):
        """Let `text` be what the nodes take for `tensor`."""
        self._texts[tensor] = text

    @staticmethod
    def argument(index):
        return f"arg_{index}"

    def text(self, tensor):
        if tensor not in self._texts:
            self._write_with_sources(tensor.op)
        return self._texts[tensor]

    def _write_with_sources(self, op):
        """Write `op` behind what it needs; integer constants and variables from outside are copied in."""
        stack = [(op, False)]
        while stack:
            op, ready = stack.pop()
            if op in self._names:
                continue
            if ready:
                self._names[op] = self._free_name(op.name.removeprefix(f"{self._owner}/"))
                self.write(op)
                continue
            needed = [t.op for t in op.inputs if t not in self._texts]
            needed += [c for c in op.control_inputs if c in self._context]
            stack.append((op, True))
            stack += [(source, False) for source in needed if source not in self._names]

    def write(self, op):
        if op.definition.write is not None:
            op.definition.write(op, self)
            return
        made = self._nodes.add()
        serialization.fill_node(made, op)
        made.name = self._names[op]
        made.input[:] = [self._texts[t] for t in op.inputs] + [f"^{c}" for c in self._controls(op)]
        made.attr.pop("_class", None)
        if getattr(op.definition, "variable", False):
            self.shared.add(op.name)
            made.attr["shared_name"].s = made.attr["shared_name"].s or op.name.encode()
        self.name_outputs(op, Node(made.name, op.type, True))

    def _free_name(self, bare):
        name, number = bare, 0
        while name.lower() in self._taken:
            number += 1
            name = f"{bare}_{number}"
        self._taken.add(name.lower())
        return name

    def _name(self, op):
        return self._names[op]

    def _helper_name(self, op, label):
        return self._free_name(f"{self._names[op]}/{label}" if op in self._names else label)

    def _controls(self, op):
        return [self._names[c] for c in op.control_inputs if c in self._names]

    def close(self, outputs):
        """Add the function, which returns `outputs` [(text, dtype)], to the library; returns its name."""
        signature = self._function.signature
        for i, (text, dtype) in enumerate(outputs):
            signature.output_arg.add(name=f"out_{i}", type=dtype.base_dtype.as_datatype_enum)
            self._function.ret[f"out_{i}"] = text
        signature.is_stateful = True
        content = zlib.crc32(self._function.SerializeToString(deterministic=True))
        signature.name = f"{re.sub('[^A-Za-z0-9_]', '_', self._owner)}_{self._label}_{content:08x}"
        library = self.graph_def.library.function
        if all(f.signature.name != signature.name for f in library):
            library.add().CopyFrom(self._function)
        return serialization.FunctionName(signature.name)


def as_graph_def(graph, from_version=None, add_shapes=False):
    """The whole graph as a `GraphDef`; only operations made after `from_version` where it is given."""
    graph_def = GraphDef()
    graph_def.versions.producer = PRODUCER
    writer = Writer(graph_def, add_shapes)
    for op in graph.get_operations():
        if op.context is None and (from_version is None or op.id > from_version):
            writer.write(op)
    writer.finish()
    return graph_def
