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
    needed, pending = set(), list(dest_nodes)
    while pending:
        name = pending.pop()
        assert name in nodes, f"{name} is not in graph"
        if name not in needed:
            needed.add(name)
            pending.extend(_node_name(text) for text in nodes[name].input)
    out = GraphDef()
    out.node.extend(node for node in graph_def.node if node.name in needed)
    out.versions.CopyFrom(graph_def.versions)
    return out


def convert_variables_to_constants(sess, input_graph_def, output_node_names, variable_names_whitelist=None,
                                   variable_names_blacklist=None):  # fmt: skip
    """tf.graph_util.convert_variables_to_constants: the part that `output_node_names` need, with the values of `sess`.

    `variable_names_whitelist` and `variable_names_blacklist` choose what is frozen.
    """
    graph_def = extract_sub_graph(input_graph_def, output_node_names)
    names = [
        node.name for node in graph_def.node
        if node.op in ("Variable", "VariableV2")
        and (variable_names_whitelist is None or node.name in variable_names_whitelist)
        and (variable_names_blacklist is None or node.name not in variable_names_blacklist)
    ]  # fmt: skip
    values = dict(zip(names, sess.run([f"{name}:0" for name in names]), strict=True)) if names else {}
    out = GraphDef()
    for node in graph_def.node:
        made = out.node.add()
        if node.name in values:
            made.name, made.op, made.device = node.name, "Const", node.device
            made.attr["dtype"].type = node.attr["dtype"].type
            made.attr["value"].tensor.CopyFrom(make_tensor_proto(values[node.name]))
        else:
            made.CopyFrom(node)
    return out


def remove_training_nodes(input_graph, protected_nodes=None):
    """tf.graph_util.remove_training_nodes: without Identity and CheckNumerics nodes, where nothing else changes."""
    protected = set(protected_nodes or ())
    replaced = {
        node.name: node.input[0] for node in input_graph.node
        if node.op in ("Identity", "CheckNumerics") and node.name not in protected and len(node.input) == 1
    }  # fmt: skip
    out = GraphDef()
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
