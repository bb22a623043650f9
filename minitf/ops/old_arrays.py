"""The TensorArrays and stacks of TensorFlow 1's graphs, which are resources, as lists, which are values.

There, an operation on an array takes its handle, and the *flow*, a number that says which operation came before.
Here the flow becomes the list itself: what was written is in what came out of writing.  Gradients use arrays of
their own, made by `TensorArrayGradV3`: they become lists of the same length without elements, which stand for zeros.
"""

from minitf.graph import dtypes
from minitf.graph.serialization import get_attr, set_attr
from minitf.ops.trust import malformed

# the inputs, of (handle, ...), that stay; the flow is among them, and comes first
_KINDS = {
    "TensorArrayReadV3": ("TensorListGetItem", (2, 1)), "TensorArrayWriteV3": ("TensorListSetItem", (3, 1, 2)),
    "TensorArrayGatherV3": ("TensorListGather", (2, 1)), "TensorArraySizeV3": ("TensorListLength", (1,)),
    "TensorArrayScatterV3": ("TensorListScatterIntoExistingList", (3, 2, 1)),
    "TensorArrayConcatV3": ("TensorListConcatV2", (1,)), "TensorArraySplitV3": ("TensorListSplit", (1, 2)),
}  # fmt: skip
_SHAPED = {"TensorListGetItem", "TensorListGather", "TensorListConcatV2", "TensorListSplit"}
_WRITES = {"TensorArrayWriteV3": 3, "TensorArrayScatterV3": 3, "TensorArraySplitV3": 3}  # where they take the flow
_PASS_ON = {
    "Identity", "Enter", "Merge", "Switch", "Exit", "NextIteration", "AddN", "Add", "AddV2", "StackPopV2",
}  # fmt: skip
_ZEROS = {"Const", "Fill", "ZerosLike"}


def lists_for_arrays(net):
    """Rewrite the arrays and stacks of a `Net`; nothing where there are none."""
    if any(n.op in ("TensorArrayV3", "StackV2") for n in net.nodes.values()):
        _Rewriting(net).run()


class _Rewriting:
    def __init__(self, net):
        self.net, self.flows = net, set()

    def run(self):
        self._find_flows()
        for node in list(self.net.nodes.values()):
            if node.op == "TensorArrayGradV3":
                self._empty_gradients(node)
        arrays = {n.name: self._array(n) for n in self.net.nodes.values() if n.op in _KINDS}
        for node in list(self.net.nodes.values()):
            if node.op in _KINDS:
                self._rewrite(node, arrays[node.name])
            elif node.op == "StackV2":
                self._stack(node)
            elif node.op in _PASS_ON and node.name in self.flows:
                node.attr.pop("T", None)
        for node in list(self.net.nodes.values()):
            if node.op == "TensorArrayV3":
                self._reserve(node)
            elif node.op == "TensorArrayGradV3":
                node.op, node.input[:] = "NoOp", []
                node.attr.clear()

    def _find_flows(self):
        """The names of nodes whose output is a flow, or a handle."""
        net, waiting = self.net, []
        for node in net.nodes.values():
            if node.op in _WRITES or node.op in ("TensorArrayV3", "TensorArrayGradV3", "StackV2"):
                waiting.append(node.name)
        stacks = {}  # StackV2 -> the names of what pops from it
        for node in net.nodes.values():
            if node.op == "StackPopV2":
                stacks.setdefault(net.root(node.input[0]), []).append(node.name)
        consumers = net.consumers()
        while waiting:
            name = waiting.pop()
            if name in self.flows:
                continue
            self.flows.add(name)
            if self.net.nodes[name].op == "Merge":  # what entered is of the kind of what comes from the turn before
                waiting += [self.net.name(t) for t in self.net.nodes[name].input if not t.startswith("^")]
            for other in consumers.get(name, ()):
                node = net.nodes[other]
                if node.op in _PASS_ON and node.op != "StackPopV2" and self._takes(node, name):
                    waiting.append(other)
                elif node.op == "StackPushV2" and net.name(node.input[1]) == name:
                    waiting += [other, *stacks.get(net.root(node.input[0]), ())]
        for name in list(self.flows):
            self._make_zeros_lists(net.nodes[name])

    def _takes(self, node, name):
        data = [self.net.name(t) for t in node.input if not t.startswith("^")]
        return name in (data[:1] if node.op == "Switch" else data)

    def _make_zeros_lists(self, node):
        """A gradient that begins with the number 0 begins with a list without elements."""
        if node.op not in ("Enter", "Merge", "Add", "AddV2", "AddN"):
            return
        for i, text in enumerate(node.input):
            source = self.net.nodes.get(self.net.name(text))
            if source is None or text.startswith("^"):
                continue
            if source.op == "Switch" and self.net.nodes[self.net.name(source.input[0])].op in _ZEROS:
                source.input[0] = self._empty(f"{source.name}/zeros", dtypes.variant)
            elif source.op in _ZEROS:
                node.input[i] = self._empty(f"{node.name}/zeros", dtypes.variant)
        if node.op in ("Add", "AddV2"):
            node.op = "AddN"

    def _empty(self, name, dtype):
        net = self.net
        shape, most = net.constant(f"{name}/shape", -1), net.constant(f"{name}/most", -1)
        return net.add("EmptyTensorList", name, [shape, most], element_dtype=dtype)

    def _is_forward(self, text):
        """True where a flow comes from writing to the array itself, not to its gradients."""
        net, seen, waiting = self.net, set(), [text]
        while waiting:
            name = net.name(waiting.pop())
            node = net.nodes.get(name)
            if node is None or name in seen or name not in self.flows:
                continue
            seen.add(name)
            if node.op == "TensorArrayV3":
                return True
            if node.op in _WRITES:
                return net.nodes[net.root(node.input[0])].op == "TensorArrayV3"
            if node.op == "TensorArrayGradV3":
                return False
            waiting += [t for t in node.input if not t.startswith("^")]
        return False

    def _empty_gradients(self, node):
        flow = node.input[1]
        zeros = flow
        if self._is_forward(flow):
            zeros = self.net.add("ZerosLike", f"{node.name}/zeros", [flow])
        for other in self.net.nodes.values():
            if other.op == "Identity" and f"^{node.name}" in other.input and other.input[0] == flow:
                other.input[0] = zeros
        self.net.replace_uses(f"{node.name}:1", zeros)

    def _array(self, node):
        """The TensorArrayV3 whose handle a node takes, or None where it is made by the gradients of one."""
        source = self.net.nodes.get(self.net.root(node.input[0]))
        while source is not None and source.op == "TensorArrayGradV3":
            source = self.net.nodes.get(self.net.root(source.input[0]))
        if source is None or source.op != "TensorArrayV3":
            malformed(f"Node '{node.name}' ({node.op}): its array can't be found")
        return source

    def _rewrite(self, node, array):
        kind, places = _KINDS[node.op]
        if len([t for t in node.input if not t.startswith("^")]) <= max(places):
            malformed(f"Node '{node.name}' ({node.op}): an input is missing")
        controls = [t for t in node.input if t.startswith("^")]
        inputs = [node.input[i] for i in places]
        if kind in _SHAPED:
            known = get_attr(node.attr["element_shape"]) if "element_shape" in node.attr else None
            if known is None and "element_shape" in array.attr and kind == "TensorListGetItem":
                known = get_attr(array.attr["element_shape"])
            sizes = None if known is None else known.sizes
            sizes = -1 if sizes is None else [-1 if s is None else s for s in sizes]
            shape = self.net.constant(f"{node.name}/element_shape", sizes)
            inputs = [inputs[0], shape, inputs[1]] if kind == "TensorListSplit" else [*inputs, shape]
        if kind == "TensorListConcatV2":
            inputs.append(self.net.constant(f"{node.name}/leading_dims", []))
        resizes = bool(get_attr(array.attr["dynamic_size"])) if "dynamic_size" in array.attr else False
        node.op, node.input[:] = kind, [*inputs, *controls]
        node.attr.clear()
        node.attr["element_dtype"].type = array.attr["dtype"].type
        if kind == "TensorListSetItem":
            node.attr["resize_if_index_out_of_bounds"].b = resizes

    def _reserve(self, node):
        shape = self.net.constant(f"{node.name}/element_shape", -1)
        dtype = node.attr["dtype"].type
        node.op, node.input[:] = "TensorListReserve", [shape, *node.input]
        node.attr.clear()
        node.attr["element_dtype"].type = dtype
        self.net.replace_uses(f"{node.name}:1", node.name)

    def _stack(self, node):
        """A stack; what it holds may be lists."""
        holds_lists = any(
            n.op == "StackPushV2" and self.net.root(n.input[0]) == node.name and self.net.name(n.input[1]) in self.flows
            for n in self.net.nodes.values()
        )
        dtype = dtypes.variant if holds_lists else dtypes.as_dtype(node.attr["elem_type"].type)
        for other in self.net.nodes.values():
            if other.op in ("StackPushV2", "StackPopV2") and self.net.root(other.input[0]) == node.name:
                other.attr.clear()
                set_attr(other.attr["element_dtype"], dtype)
        shape, most = self.net.constant(f"{node.name}/shape", -1), self.net.constant(f"{node.name}/most", -1)
        controls = [t for t in node.input if t.startswith("^")]
        node.op, node.input[:] = "EmptyTensorList", [shape, most, *controls]
        node.attr.clear()
        set_attr(node.attr["element_dtype"], dtype)
