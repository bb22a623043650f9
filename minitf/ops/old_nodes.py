"""The nodes of a graph while TensorFlow 1's control flow in it is rewritten; `old_loops.py` tells to what."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.messages import NodeDef
from minitf.graph.serialization import FunctionName, set_attr
from minitf.ops.trust import malformed

_RENAMED = {
    "RefEnter": "Enter", "RefExit": "Exit", "RefMerge": "Merge", "RefSwitch": "Switch",
    "RefNextIteration": "NextIteration", "ControlTrigger": "NoOp",
}  # fmt: skip


def kind_of(node):
    """The type of a node; those on references are as those on values."""
    return _RENAMED.get(node.op, node.op)


class Net:
    """The nodes of a graph, by name, while they are rewritten; inputs are called `name` or `name:1`."""

    def __init__(self, graph_def):
        self.library = graph_def.library
        self.nodes = {}
        for node in graph_def.node:
            made = self.nodes[node.name] = NodeDef.FromString(node.SerializeToString())
            made.op = kind_of(made)
            made.input[:] = [t.removesuffix(":0") for t in made.input]

    @staticmethod
    def name(text):
        return text.removeprefix("^").partition(":")[0]

    def free_name(self, name):
        found, number = name, 0
        while found in self.nodes:
            number += 1
            found = f"{name}_{number}"
        return found

    def add(self, kind, name, inputs, controls=(), **attrs):
        """Add a node under this name, or one like it; returns the name."""
        name = self.free_name(name)
        node = self.nodes[name] = NodeDef(name=name, op=kind, input=[*inputs, *controls])
        for key, value in attrs.items():
            set_attr(node.attr[key], value)
        return name

    def constant(self, name, value):
        """A constant of int32; returns its name."""
        value = np.array(value, np.int32)
        return self.add("Const", name, [], value=value, dtype=dtypes.int32)

    def consumers(self):
        """{name: the names of the nodes that take an output of it}"""
        found = {}
        for node in self.nodes.values():
            for text in node.input:
                if not text.startswith("^"):
                    found.setdefault(self.name(text), []).append(node.name)
        return found

    def replace_uses(self, old, new):
        for node in self.nodes.values():
            for i, text in enumerate(node.input):
                if text == old:
                    node.input[i] = new

    def root(self, text):
        """The name of the node from which `text` comes, by way of nodes that only pass it on."""
        for _ in range(len(self.nodes) + 1):
            node = self.nodes[self.name(text)]
            if node.op not in ("Identity", "Enter", "Switch"):
                return node.name
            text = node.input[0]
        malformed(f"Node '{node.name}' passes on its own value")

    def function(self, label, arguments, nodes, results, effects=()):
        """Add a function of these nodes, which returns `results`, to the library; returns its name."""
        taken = {f.signature.name for f in self.library.function}
        name, number = label, 0
        while name in taken:
            number += 1
            name = f"{label}_{number}"
        function = self.library.function.add()
        function.signature.name = name
        for argument in arguments:
            function.signature.input_arg.add(name=argument)
        for i, text in enumerate(results):
            function.signature.output_arg.add(name=f"out_{i}")
            function.ret[f"out_{i}"] = text
        function.node_def.extend(nodes)
        for effect in effects:
            function.control_ret[effect] = effect
        return FunctionName(name)


class Part:
    """Copies of the nodes that some results need, with other names for what comes from outside.

    `given(text)` is what a text becomes, or None for the output of a node that is copied; `inside(name)` is True for
    nodes that are copied for their effect, where another node waits for them.  `waits` are the others waited for.
    """

    def __init__(self, net, given, inside):
        self._net, self._given, self._inside = net, given, inside
        self.nodes, self.waits = {}, set()

    def take(self, text):
        """Copy what `text` needs; returns what it is called in the copy."""
        found = self._given(text)
        if found is not None:
            return found
        self.take_node(Net.name(text))
        return text

    def take_node(self, name):
        waiting = [name]
        while waiting:
            name = waiting.pop()
            if name in self.nodes:
                continue
            node = self._net.nodes[name]
            made = self.nodes[name] = NodeDef(name=name, op=node.op, device=node.device)
            for key, value in node.attr.items():
                made.attr[key].CopyFrom(value)
            for text in node.input:
                if text.startswith("^"):
                    if self._inside(text[1:]):
                        made.input.append(text)
                        waiting.append(text[1:])
                    else:
                        self.waits.add(text)
                    continue
                given = self._given(text)
                made.input.append(text if given is None else given)
                if given is None:
                    waiting.append(Net.name(text))
