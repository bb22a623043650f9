"""The functions of a GraphDef: graphs with inputs and outputs, which its operations call.

A `StatelessWhile` becomes minitf's `while_loop`, an `If` its `cond`; a called function is copied to where it is
called.  So there is nothing left of the functions when the graph is there.
"""

from minitf.graph.labels import output_labels
from minitf.graph.shape import TensorShape
from minitf.ops.array import identity, identity_n
from minitf.ops.control_flow import cond, no_op
from minitf.ops.loops import while_loop
from minitf.ops.properties import ensure_shape
from minitf.ops.structure import flatten
from minitf.ops.trust import malformed

_MOST_NODES = 50_000  # that calls may make: functions that call functions twice grow without end

def first_output(kind, label, op):
    """The index of the first output of an op of type `kind`, made as `op`, that belongs to the output `label`."""
    labels = output_labels(kind)
    if kind == "ParseExampleV2" and label in labels:  # of several lists
        return min(labels.index(label), 3) * len(op.attrs["sparse_types"])
    if len(labels) > 1 and label not in labels:
        malformed(f"{kind} has no output '{label[:80]}'")
    return labels.index(label) if len(labels) > 1 else 0


def _origin(nodes, text):
    """The name from which `text` comes by way of Identity nodes."""
    for _ in range(len(nodes) + 1):
        name = text.partition(":")[0]
        node = nodes.get(name)
        if node is None or node.op != "Identity" or len(node.input) != 1:
            return name
        text = node.input[0]
    return None


def _in_shape(tensor, shape):
    """The tensor, checked when it is there where the graph promises more of its shape than is known."""
    if shape.ndims is None or not tensor.dtype.is_numpy_compatible:
        return tensor
    known = tensor.shape.sizes
    same_rank = known is not None and len(known) == shape.ndims
    if same_rank and all(promised in (None, k) for promised, k in zip(shape.sizes, known, strict=True)):
        return tensor
    return ensure_shape(tensor, shape)


class Functions:
    """The functions of a GraphDef, by name."""

    CALLS = frozenset(
        ("If", "StatelessIf", "While", "StatelessWhile", "PartitionedCall", "StatefulPartitionedCall")
    )

    def __init__(self, graph_def):
        self.by_name = {f.signature.name: f for f in graph_def.library.function}
        self._nodes, self._open, self._left = graph_def.node, [], _MOST_NODES
        self.variables = {}  # name -> function that makes what stands for the graph's variable of that name

    def all_nodes(self):
        """The nodes of every function that the graph calls."""
        waiting, seen, found = list(self._nodes), set(), []
        while waiting:
            node = waiting.pop()
            for attr in node.attr.values():
                name = attr.func.name if attr.WhichOneof("value") == "func" else None
                if name in self.by_name and name not in seen:
                    seen.add(name)
                    waiting.extend(self.by_name[name].node_def)
                    found.extend(self.by_name[name].node_def)
        return found

    def call(self, node, inputs, attrs, graph, name):
        """(outputs, operations to wait for) of a node that calls functions; `name` ends in a slash."""
        if node.op.endswith("Call"):
            return self._called(attrs["f"].name, inputs, graph, name)
        outputs = self._if(inputs, attrs, graph, name) if node.op.endswith("If") else self._while(
            inputs, attrs, graph, name
        )  # fmt: skip
        return outputs, [t.op for t in outputs[:1]]

    def _called(self, function, inputs, graph, name):
        """The function's operations, and one with the name of the call, which has its outputs."""
        with graph.name_scope(name):
            outputs, effects = self._body(function, inputs, graph)
        with graph.control_dependencies(effects):
            if any(t.dtype._is_ref_dtype for t in outputs):  # a variable must stay one
                return outputs, [no_op(name=name)]
            op = identity_n(outputs, name=name)[0].op if outputs else no_op(name=name)
        return op.outputs, [op]

    def _inline(self, name, inputs, graph):
        """The outputs of a function, which wait for its effects."""
        outputs, effects = self._body(name, inputs, graph)
        with graph.control_dependencies(effects):
            return [identity(t) for t in outputs] if effects else outputs

    def _if(self, inputs, attrs, graph, name):
        def branch(key):
            return lambda: self._inline(attrs[key].name, inputs[1:], graph)

        return flatten(cond(inputs[0], branch("then_branch"), branch("else_branch"), name=name))

    def _passed_on(self, name):
        """The inputs that function `name` returns as they are, by their places."""
        function = self.by_name.get(name)
        if function is None:
            return set()
        arguments, results = function.signature.input_arg, function.signature.output_arg
        nodes = {n.name: n for n in function.node_def}
        return {
            i for i, (a, r) in enumerate(zip(arguments, results, strict=False))
            if _origin(nodes, function.ret[r.name]) == a.name
        }  # fmt: skip

    def _while(self, inputs, attrs, graph, name):
        """Variables, and what no turn changes, go into the loop as they are.

        The latter stand at the end: the outputs before them keep their numbers, and their names.
        """
        fixed = self._passed_on(attrs["body"].name)
        last = max((i for i in range(len(inputs)) if i not in fixed), default=len(inputs))
        changing = [i for i, t in enumerate(inputs) if not t.dtype._is_ref_dtype and i <= last]

        shapes = attrs.get("output_shapes") or []
        told = len(shapes) == len(inputs)
        shapes = [
            shapes[i] if told and t.dtype.is_numpy_compatible else TensorShape(None) for i, t in enumerate(inputs)
        ]

        def call(function, values):
            everything = list(inputs)
            for i, value in zip(changing, values, strict=True):
                everything[i] = value
            return self._inline(function.name, everything, graph)

        def turn(*values):
            found = call(attrs["body"], values)
            return [_in_shape(found[i], shapes[i]) for i in changing]

        starts = [_in_shape(inputs[i], shapes[i]) for i in changing]
        results = while_loop(
            lambda *values: call(attrs["cond"], values)[0], turn, starts,
            [shapes[i] for i in changing], name=name, return_same_structure=True,
        )  # fmt: skip
        everything = list(inputs)
        for i, value in zip(changing, flatten(results), strict=True):
            everything[i] = value
        return everything

    def _body(self, name, inputs, graph):
        """(outputs, operations that must run) of function `name`, copied into the graph."""
        from minitf.ops.importing import Importer, Made, in_order

        function = self.by_name.get(name)
        arguments = [a.name for a in function.signature.input_arg] if function is not None else []
        if function is None or len(arguments) != len(inputs):
            malformed(f"There is no function '{name[:80]}' of {len(inputs)} inputs")
        self._left -= len(function.node_def) + 1
        if name in self._open or self._left < 0:
            malformed(f"Function '{name[:80]}' calls itself, or functions call each other too often")
        self._open.append(name)
        importer = Importer(graph, "", self)
        importer.made.update((a, Made([t], [t.op])) for a, t in zip(arguments, inputs, strict=True))
        nodes = {n.name: n for n in function.node_def}
        for node in in_order(nodes, set(arguments)):
            shared = node.attr["shared_name"].s.decode("utf-8", "replace") if node.op == "VariableV2" else ""
            if shared in self.variables:
                importer.made[node.name] = self.variables[shared]()
            else:
                importer.add(node)
        self._open.pop()
        outputs = [importer.tensor(function.ret[o.name], function) for o in function.signature.output_arg]
        return outputs, [op for c in function.control_ret.values() for op in importer.made[c].ops]
