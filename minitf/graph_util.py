"""`tf.graph_util`: parts of graphs, and graphs whose variables are frozen to constants."""

from minitf.graph.messages import GraphDef
from minitf.graph.serialization import make_tensor_proto
from minitf.ops.importing import import_graph_def as import_graph_def


def _node_name(text):
    return text.lstrip("^").partition(":")[0]


def extract_sub_graph(graph_def, dest_nodes):
    """tf.graph_util.extract_sub_graph: the nodes that `dest_nodes` need, as a new GraphDef.

    Raises TypeError where `dest_nodes` is a string, AssertionError for a name that is not there.
    """
    if isinstance(dest_nodes, str):
        raise TypeError("dest_nodes must be a list.")
    nodes = {node.name: node for node in graph_def.node}
    functions = {f.signature.name: f for f in graph_def.library.function}
    shared = {n.attr["shared_name"].s.decode() or n.name: n.name for n in graph_def.node if _is_variable(n)}
    needed, pending = set(), list(dest_nodes)
    while pending:
        name = pending.pop()
        assert name in nodes, f"{name} is not in graph"
        if name not in needed:
            needed.add(name)
            pending.extend(_node_name(text) for text in nodes[name].input)
            inside = (n.attr["shared_name"].s.decode() for n in _called(nodes[name], functions) if _is_variable(n))
            pending.extend(shared[name] for name in inside if name in shared)
    out = GraphDef()
    out.node.extend(node for node in graph_def.node if node.name in needed)
    out.versions.CopyFrom(graph_def.versions)
    out.library.CopyFrom(graph_def.library)
    return out


def _called(node, functions):
    """The nodes of the functions that a node calls, and of those that they call."""
    waiting, seen = [node], set()
    while waiting:
        for attr in waiting.pop().attr.values():
            name = attr.func.name if attr.WhichOneof("value") == "func" else None
            if name in functions and name not in seen:
                seen.add(name)
                waiting += functions[name].node_def
                yield from functions[name].node_def


def _is_variable(node):
    return node.op in ("Variable", "VariableV2")


def _freeze(node, value):
    """Make the node a constant."""
    dtype, device = node.attr["dtype"].type, node.device
    node.attr.clear()
    node.op, node.device = "Const", device
    node.attr["dtype"].type = dtype
    node.attr["value"].tensor.CopyFrom(make_tensor_proto(value))


def convert_variables_to_constants(sess, input_graph_def, output_node_names, variable_names_whitelist=None,
                                   variable_names_blacklist=None):  # fmt: skip
    """tf.graph_util.convert_variables_to_constants: the part that `output_node_names` need, with the values of `sess`.

    `variable_names_whitelist` and `variable_names_blacklist` choose what is frozen.
    """
    graph_def = extract_sub_graph(input_graph_def, output_node_names)
    names = [
        node.name for node in graph_def.node
        if _is_variable(node)
        and (variable_names_whitelist is None or node.name in variable_names_whitelist)
        and (variable_names_blacklist is None or node.name not in variable_names_blacklist)
    ]  # fmt: skip
    values = dict(zip(names, sess.run([f"{name}:0" for name in names]), strict=True)) if names else {}
    by_shared_name = {}
    for node in graph_def.node:
        if node.name in values:
            by_shared_name[node.attr["shared_name"].s or node.name.encode()] = values[node.name]
            _freeze(node, values[node.name])
    for function in graph_def.library.function:
        for node in function.node_def:
            if _is_variable(node) and node.attr["shared_name"].s in by_shared_name:
                _freeze(node, by_shared_name[node.attr["shared_name"].s])
                _rename_output(function, f"{node.name}:ref:0", f"{node.name}:output:0")
    return graph_def


def _rename_output(function, old, new):
    for node in function.node_def:
        node.input[:] = [new if text == old else text for text in node.input]
    for name, text in function.ret.items():
        function.ret[name] = new if text == old else text


def remove_training_nodes(input_graph, protected_nodes=None):
    """tf.graph_util.remove_training_nodes: without Identity and CheckNumerics nodes, where nothing else changes."""
    protected = set(protected_nodes or ())
    replaced = {
        node.name: node.input[0] for node in input_graph.node
        if node.op in ("Identity", "CheckNumerics") and node.name not in protected and len(node.input) == 1
    }  # fmt: skip
    out = GraphDef(library=input_graph.library)
    for node in input_graph.node:
        if node.name in replaced:
            continue
        made = out.node.add()
        made.CopyFrom(node)
        for i, text in enumerate(made.input):
            name = text
            while _node_name(name) in replaced and not name.startswith("^"):
                name = replaced[_node_name(name)]
            made.input[i] = name
    return out


def must_run_on_cpu(node, pin_variables_on_cpu=False):
    """tf.graph_util.must_run_on_cpu: everything does."""
    return True


def tensor_shape_from_node_def_name(graph, input_name):
    """tf.graph_util.tensor_shape_from_node_def_name: the shape of a tensor by its name."""
    return graph.get_tensor_by_name(input_name if ":" in input_name else f"{input_name}:0").shape
