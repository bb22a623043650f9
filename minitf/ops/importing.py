"""`import_graph_def`: the operations of a file added to a graph.

Only operations that minitf defines can come in; whatever else a file names is refused.
"""

from minitf.graph import dtypes
from minitf.graph.graph import get_default_graph
from minitf.graph.messages import GraphDef
from minitf.graph.serialization import get_attr
from minitf.graph.shape import TensorShape
from minitf.ops.constant import convert_to_tensor
from minitf.ops.op import registry

_UNUSED = ("_output_shapes", "_class", "T")  # said by the inputs and by colocation


def import_graph_def(
    graph_def, input_map=None, return_elements=None, name=None, op_dict=None, producer_op_list=None
):
    """tf.import_graph_def: add the nodes of `graph_def` under scope `name` ('import' by default).

    `input_map` {'name:0': tensor} replaces inputs; `return_elements` lists names of operations and
    tensors to return.  Raises TypeError for what is no GraphDef, ValueError for an unknown operation
    or an input that is not there.
    """
    if not hasattr(graph_def, "node"):
        raise TypeError("graph_def must be a GraphDef proto.")
    if not isinstance(graph_def, GraphDef):
        graph_def = GraphDef.FromString(graph_def.SerializeToString())
    graph = get_default_graph()
    input_map = {_tensor_name(k): convert_to_tensor(v) for k, v in (input_map or {}).items()}
    scope = "" if name == "" else graph.unique_name(name or "import") + "/"
    made = {}
    with graph.outside():
        for node in _in_order(graph_def):
            made[node.name] = _import_node(graph, node, scope, made, input_map)
    unused = set(input_map) - {t for n in graph_def.node for t in map(_tensor_name, n.input)}
    if unused:
        raise ValueError(
            f"Attempted to map inputs that were not found in graph_def: [{', '.join(sorted(unused))}]"
        )
    return None if return_elements is None else [_element(made, e) for e in return_elements]


def _tensor_name(name):
    return name if ":" in name or name.startswith("^") else f"{name}:0"


def _in_order(graph_def):
    """The nodes, each behind those it needs."""
    nodes = {node.name: node for node in graph_def.node}
    done, order = set(), []
    for root in graph_def.node:
        stack = [(root, False)]
        while stack:
            node, needs_done = stack.pop()
            if node.name in done:
                continue
            if needs_done:
                done.add(node.name)
                order.append(node)
                continue
            stack.append((node, True))
            for text in node.input:
                before = text.lstrip("^").partition(":")[0]
                if before not in nodes:
                    raise ValueError(f"Node '{node.name}': Unknown input node '{text}'")
                if before not in done:
                    stack.append((nodes[before], False))
    return order


def _import_node(graph, node, scope, made, input_map):
    definition = registry.get(node.op)
    if definition is None:
        raise ValueError(f"No op named {node.op} in defined operations.")
    inputs, controls = [], []
    for text in node.input:
        if text.startswith("^"):
            controls.append(made[text[1:]])
        elif _tensor_name(text) in input_map:
            inputs.append(input_map[_tensor_name(text)])
        else:
            inputs.append(_tensor(made, text, node))
    attrs = {**definition.attrs, **{k: get_attr(v) for k, v in node.attr.items() if k not in _UNUSED}}
    if node.op == "Const":
        attrs["dtype"] = dtypes.as_dtype(attrs["dtype"])
    for letter in definition.types:
        attrs.setdefault(letter, _type_of(definition, letter, inputs))
    if "shape" in attrs and attrs["shape"] is None:
        attrs["shape"] = TensorShape(None)
    with graph.control_dependencies(controls), graph.device(node.device or None):
        return graph.add(definition, inputs, attrs, graph.unique_name(scope + node.name) + "/")


def _type_of(definition, letter, inputs):
    for (label, kind), tensor in zip(definition.inputs.items(), inputs):
        if kind == letter:
            return tensor.dtype.base_dtype
        if label.startswith("*"):
            break
    starred = next((i for i, label in enumerate(definition.inputs) if label.startswith("*")), None)
    return None if starred is None or starred >= len(inputs) else inputs[starred].dtype.base_dtype


def _tensor(made, text, node):
    name, _, index = text.partition(":")
    outputs = made[name].outputs
    if int(index or 0) >= len(outputs):
        raise ValueError(f"Node '{node.name}': Connecting to invalid output {index or 0} of source node {name} "
                         f"which has {len(outputs)} outputs.")  # fmt: skip
    return outputs[int(index or 0)]


def _element(made, text):
    name, colon, index = text.partition(":")
    if name not in made:
        raise ValueError(f"Requested return_element {text!r} not found in graph_def.")
    return made[name].outputs[int(index)] if colon else made[name]
