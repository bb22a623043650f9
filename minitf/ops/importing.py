"""`import_graph_def`: the operations of a file added to a graph.

Only operations that minitf knows can come in, and what a file says of them is checked here: a file may lie.
`trust.py` tells what a graph from a file may not do.
"""

import functools
import math
import re

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import get_default_graph
from minitf.graph.messages import GraphDef
from minitf.graph.serialization import get_attr
from minitf.ops.adding import add_operation
from minitf.ops.constant import convert_to_tensor
from minitf.ops.imported_functions import Functions, first_output
from minitf.ops.old_loops import functions_for_control_flow
from minitf.ops.op import registry
from minitf.ops.translating import TRANSLATIONS
from minitf.ops.trust import check_reach, malformed, tie_savers

_UNUSED = ("_output_shapes", "_class")  # said by the inputs and by colocation
_MOST_EXPANDED = 1 << 29  # bytes: what constants that repeat one value may become, all together
_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")


def import_graph_def(graph_def, input_map=None, return_elements=None, name=None, op_dict=None,
                     producer_op_list=None, trusted=False):  # fmt: skip
    """tf.import_graph_def: add the nodes of `graph_def` under scope `name` ('import' by default).

    `input_map` {'name:0': tensor} replaces inputs; `return_elements` lists names of operations and
    tensors to return.  `trusted=True` lets in what reaches files: operations that read, write or list them.

    Raises TypeError for what is no GraphDef; ValueError for operations that are not known here, all of which it
    names, and for a graph that is malformed (also a DataLossError); PermissionDeniedError for an operation that
    only a trusted graph may have.
    """
    if not hasattr(graph_def, "node"):
        raise TypeError("graph_def must be a GraphDef proto.")
    copy = GraphDef.FromString(graph_def.SerializeToString())
    graph = get_default_graph()
    input_map = {_tensor_name(k): convert_to_tensor(v) for k, v in (input_map or {}).items()}
    functions_for_control_flow(copy)
    functions = Functions(copy)
    nodes = _checked(copy.node, functions, trusted)
    unused = set(input_map) - {t for n in nodes.values() for t in map(_tensor_name, n.input)}
    if unused:
        raise ValueError(
            f"Attempted to map inputs that were not found in graph_def: [{', '.join(sorted(unused))}]"
        )
    if not trusted:
        tie_savers(nodes, functions.by_name)
    scope = "" if name == "" else graph.unique_name(name or "import") + "/"
    importer = Importer(graph, scope, functions, input_map)
    functions.variables = {
        _shared_name(n): functools.partial(importer.find, n)
        for n in copy.node if n.op == "VariableV2" and not n.input
    }
    importer.names = {name: graph.unique_name(scope + name) for name in nodes}  # no function takes one of them
    with graph.outside():
        for node in in_order(nodes):
            importer.find(node)
    return None if return_elements is None else [_element(importer.made, e) for e in return_elements]


def _tensor_name(name):
    return name if ":" in name or name.startswith("^") else f"{name}:0"


def _shared_name(node):
    """The name under which functions find the variable."""
    name = node.attr["shared_name"].s if "shared_name" in node.attr else b""
    return name.decode("utf-8", "replace") or node.name


# -- before anything is made -----------------------------------------------------------------------------


def _checked(node_defs, functions, trusted):
    """{name: node} of nodes that are known, allowed, and not too large."""
    everything = [*node_defs, *functions.all_nodes()]
    unknown = sorted({n.op for n in everything} - set(registry) - set(TRANSLATIONS) - functions.CALLS)
    if unknown:
        malformed(f"No op{'s' * (len(unknown) > 1)} named {', '.join(unknown)} in defined operations.")
    for node in everything:
        if not _NAME.match(node.name):
            malformed(f"Node '{node.name[:80]}': its name contains invalid characters.")
        if not trusted and node.op in registry:
            check_reach(node)
    expanded = sum(_expansion(attr, node) for node in everything for attr in node.attr.values())
    if expanded > _MOST_EXPANDED:
        malformed(f"The constants of the graph would take {expanded} bytes, though the file holds few of them")
    nodes = {node.name: node for node in node_defs}
    if len(nodes) < len(node_defs):
        twice = next(n.name for i, n in enumerate(node_defs) if nodes[n.name] is not n)
        malformed(f"Node name '{twice}' already exists in the graph")
    return nodes


def _expansion(attr, node):
    """How many bytes the tensors of an attribute take beyond those that are in the file."""
    total = 0
    for proto in [attr.tensor] if attr.WhichOneof("value") == "tensor" else attr.list.tensor:
        sizes = [d.size for d in proto.tensor_shape.dim]
        if min(sizes, default=0) < 0 or len(sizes) > 64 or proto.tensor_shape.unknown_rank:
            malformed(f"Node '{node.name}': a tensor of shape {sizes[:8]} can't be")
        total += max(0, 8 * math.prod(sizes) - 8 * proto.ByteSize())
    return total


def in_order(nodes, given=()):
    """The nodes of {name: node}, each behind those it needs; names in `given` are there already.

    Raises MalformedGraphError for a cycle or a missing input.
    """
    opened, done, order = set(), set(), []
    for root in nodes.values():
        stack = [(root, False)]
        while stack:
            node, needs_done = stack.pop()
            if needs_done:
                done.add(node.name)
                order.append(node)
            elif node.name not in done:
                if node.name in opened:
                    malformed(f"Node '{node.name}' needs its own result: the graph has a cycle")
                opened.add(node.name)
                stack.append((node, True))
                stack += [(n, False) for n in _sources(nodes, node, given) if n.name not in done]
    return order


def _sources(nodes, node, given):
    found, controls_began = [], False
    for text in node.input:
        is_control = text.startswith("^")
        if controls_began and not is_control:
            malformed(f"Node '{node.name}': control inputs must come after its data inputs")
        controls_began = is_control
        name, colon, _ = text.removeprefix("^").partition(":")
        if is_control and colon:
            malformed(f"Node '{node.name}': control input '{text}' names an output")
        if name in given:
            continue
        if name not in nodes:
            malformed(f"Node '{node.name}': Unknown input node '{text}'")
        found.append(nodes[name])
    return found


# -- making operations -------------------------------------------------------------------------------------


class Made:
    """What became of a node of type `kind`: its outputs, and the operations that others can wait for."""

    def __init__(self, outputs, ops, kind=None):
        self.outputs, self.ops, self.kind = list(outputs), list(ops), kind

    def output(self, place):
        """The output that '1' names, or in a function 'indices:0'; None where there is none."""
        label, _, index = place.rpartition(":")
        if not (index.isascii() and index.isdigit()):
            return None
        at = int(index) + (first_output(self.kind, label, self.ops[0]) if label else 0)
        return self.outputs[at] if at < len(self.outputs) else None


class Importer:
    """Adds nodes to `graph` under `scope`; `made` {node name: Made} grows with each."""

    def __init__(self, graph, scope, functions, input_map=None):
        self.graph, self.scope, self.functions, self.input_map = graph, scope, functions, input_map
        self.made, self.names = {}, {}

    def find(self, node):
        """What became of a node; it is added where that was not done yet."""
        if node.name not in self.made:
            with self.graph.outside():
                self.add(node)
        return self.made[node.name]

    def add(self, node):
        """Add one node, whose inputs are there.  Raises MalformedGraphError where it can't be what it says."""
        try:
            self.made[node.name] = self._make(node)
        except (errors.MalformedGraphError, errors.PermissionDeniedError):
            raise
        except Exception as error:  # an attribute that is missing, or of another kind, fails in many ways
            text = f"attribute {error} is missing" if isinstance(error, KeyError) else str(error)
            raise errors.MalformedGraphError(None, None, f"Node '{node.name}' ({node.op}): {text}") from error

    def _make(self, node):
        inputs = [self.tensor(text, node) for text in node.input if not text.startswith("^")]
        controls = [op for text in node.input if text.startswith("^") for op in self.made[text[1:]].ops]
        attrs = {k: get_attr(v) for k, v in node.attr.items() if k not in _UNUSED and k != "value"}
        attrs = {k: v for k, v in attrs.items() if not k.startswith("_") or k == "_gradient_op_type"}
        if "value" in node.attr:
            attrs["value"] = _tensor_value(node)
        with self.graph.control_dependencies(controls), self.graph.device(node.device or None):
            name = (self.names.get(node.name) or self.graph.unique_name(self.scope + node.name)) + "/"
            if node.op in self.functions.CALLS:
                return Made(*self.functions.call(node, inputs, attrs, self.graph, name))
            if node.op in TRANSLATIONS:
                return Made(*TRANSLATIONS[node.op](self.graph, name, inputs, attrs), node.op)
            op = add_operation(self.graph, registry[node.op], name, inputs, attrs)
            return Made(op.outputs, [op], node.op)

    def tensor(self, text, node):
        """The tensor that `text` names among what was made, for an input of `node`."""
        if self.input_map and _tensor_name(text) in self.input_map:
            return self.input_map[_tensor_name(text)]
        name, _, place = text.partition(":")
        found = self.made[name].output(place or "0")
        if found is None:
            malformed(f"Node '{node.name}': Connecting to invalid output {place or 0} of source node {name} "
                      f"which has {len(self.made[name].outputs)} outputs.")  # fmt: skip
        return found


def _tensor_value(node):
    value = get_attr(node.attr["value"])
    if node.op == "Const" and (
        node.attr["value"].WhichOneof("value") != "tensor"
        or dtypes.as_dtype(node.attr["dtype"].type) is not dtypes.as_dtype(node.attr["value"].tensor.dtype)
    ):
        malformed(f"Node '{node.name}': a Const needs a tensor of its own dtype")
    return value


def _element(made, text):
    name, colon, index = text.partition(":")
    if name not in made:
        raise ValueError(f"Requested return_element {text!r} not found in graph_def.")
    if not colon:
        return made[name].ops[0]
    if not index.isdigit() or int(index) >= len(made[name].outputs):
        raise ValueError(f"Requested return_element {text!r} not found in graph_def.")
    return made[name].outputs[int(index)]
