"""What a graph from a file may do: compute, and nothing else.

A graph is a program, and a file may come from anywhere.  So an imported graph holds only operations that minitf
knows, and of these none that reaches files or Python (`Op.reaches`), unless the caller says `trusted=True`.

A Saver's operations do read and write files, and every `.meta` file has them.  They come in, but tied: the name
of the file is taken out of the graph, so that they run only where the caller gives it, as `tf.train.Saver` does.
"""

from minitf import errors
from minitf.graph.messages import AttrValue
from minitf.ops.op import registry

_PATHS = {"SaveV2": (0,), "RestoreV2": (0,), "MergeV2Checkpoints": (0, 1)}  # the inputs that name files
_ON_THE_WAY = {"Identity", "PlaceholderWithDefault", "ShardedFilename", "StringJoin"}


def malformed(message):
    raise errors.MalformedGraphError(None, None, message)


def check_reach(node):
    """Raises PermissionDeniedError where the node reaches outside the graph."""
    reaches = registry[node.op].reaches
    if node.op == "PrintV2" and _attr(node, "output_stream").s.startswith(b"file:"):
        reaches = "writes files"
    if reaches:
        _deny(node, reaches)


def _attr(node, name):
    """An attribute, an empty one where there is none: asking the map itself would make it."""
    return node.attr[name] if name in node.attr else AttrValue()


def _deny(node, what):
    raise errors.PermissionDeniedError(
        None, None, f"Node '{node.name}' ({node.op}) {what}, which a graph from a file may not do unless it is "
        "imported with trusted=True"
    )  # fmt: skip


def tie_savers(nodes, functions):
    """Of {name: NodeDef}, the nodes that name a Saver's files become placeholders; so do those in functions.

    Raises PermissionDeniedError where the graph itself decides which file it is.
    """
    _Tying(functions).tie(nodes)


class _Tying:
    """`tie`, with what is known of `functions` {name: FunctionDef}: which of their inputs name files."""

    def __init__(self, functions):
        self._functions, self._paths = functions, {}

    def tie(self, nodes):
        """Returns the names, beyond `nodes`, from which paths come: those of a function's inputs."""
        outside = set()
        for node in list(nodes.values()):
            data = [text for text in node.input if not text.startswith("^")]
            for i in self._paths_of(node):
                for text in _parts(nodes, data[i]) if i < len(data) else ():
                    root = _root(nodes, node, text)
                    if root in nodes:
                        _give_up_name(nodes[root])
                    else:
                        outside.add(root)
        return outside

    def _paths_of(self, node):
        """The positions of a node's inputs that name files."""
        if node.op in _PATHS:
            return _PATHS[node.op]
        called = [a.func.name for a in node.attr.values() if a.WhichOneof("value") == "func"]
        shift = node.op.endswith("If")  # the first input of an `If` is its condition
        return sorted({i + shift for name in called for i in self._paths_of_function(name)})

    def _paths_of_function(self, name):
        if name not in self._paths:
            self._paths[name] = ()  # of a function that calls itself, which is refused later
            function = self._functions.get(name)
            if function is not None:
                outside = self.tie({n.name: n for n in function.node_def})
                arguments = [a.name for a in function.signature.input_arg]
                self._paths[name] = tuple(i for i, a in enumerate(arguments) if a in outside)
        return self._paths[name]


def _parts(nodes, text):
    source = nodes.get(text.partition(":")[0])
    return source.input if source is not None and source.op == "Pack" else [text]


def _root(nodes, owner, text):
    """The name of the node from which the path `text` begins; what is joined to it may not lead elsewhere."""
    for _ in range(len(nodes) + 1):
        name = text.partition(":")[0]
        node = nodes.get(name)
        if node is None or node.op in ("Const", "Placeholder"):
            return name
        if node.op not in _ON_THE_WAY or not node.input:
            break
        if node.op == "StringJoin":
            for rest in node.input[1:]:
                _check_suffix(nodes, owner, rest, 4)
            if b".." in _attr(node, "separator").s:
                break
        text = node.input[0]
    _deny(owner, "uses files whose names the graph computes")


def _check_suffix(nodes, owner, text, depth):
    node = nodes.get(text.partition(":")[0])
    if text.startswith("^") or node is None:
        return
    if node.op in ("Select", "SelectV2") and depth:
        for branch in node.input[1:3]:
            _check_suffix(nodes, owner, branch, depth - 1)
    elif node.op != "Const" or any(b".." in s for s in _strings(node)):
        _deny(owner, "uses files whose names the graph computes")


def _strings(node):
    tensor = _attr(node, "value").tensor
    return [*tensor.string_val, tensor.tensor_content]


def _give_up_name(node):
    if node.op == "Placeholder":
        return
    node.op = "Placeholder"
    node.attr.pop("value", None)
    node.attr["shape"].shape.SetInParent()
