"""Python functions of tensors, traced once and called many times: what datasets map over elements."""

from minitf.graph.function import FunctionGraph
from minitf.graph.graph import get_default_graph
from minitf.graph.operation import Tensor
from minitf.ops.constant import convert_to_tensor, placeholder
from minitf.ops.structure import flatten


def as_components(value):
    """Tuples and dictionaries stay, everything else (a list, too) becomes one tensor."""
    if hasattr(value, "_variant"):
        return value
    if isinstance(value, dict):
        return type(value)({k: as_components(v) for k, v in value.items()})
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*[as_components(v) for v in value])
    if isinstance(value, tuple):
        return tuple(as_components(v) for v in value)
    return (
        value
        if isinstance(value, Tensor) and get_default_graph().captures is None
        else convert_to_tensor(value)
    )


class Function:
    """`function` traced on placeholders for a structure of (dtype, shape) leaves.

    `result` is what it returned, as tensors of its own graph; `captured` are the tensors around it that
    it uses: whoever calls it gives their values, too.
    """

    def __init__(self, function, build_arguments):
        self.graph = FunctionGraph(get_default_graph(), _input_for)
        with self.graph.as_default():
            self.inputs = []
            arguments = build_arguments(self._argument)
            self.result = as_components(function(*arguments))
            leaves = [leaf._variant if hasattr(leaf, "_variant") else leaf for leaf in flatten(self.result)]
            self.outputs = [self.graph.capture(t) for t in leaves]
        self.captured = list(self.graph.captures)

    def _argument(self, dtype, shape):
        made = placeholder(dtype, shape, name="args")
        self.inputs.append(made)
        return made

    def bind(self, state, captured_values):
        """A Python function from arrays to a list of arrays, which runs the graph in a session of its own."""
        session = state.make_session(self.graph)
        fixed = dict(zip(self.graph.captures.values(), captured_values, strict=True))
        inputs, outputs = self.inputs, self.outputs

        def call(*values):
            return session.run(outputs, {**fixed, **dict(zip(inputs, values, strict=True))})

        return call


def _input_for(tensor):
    return placeholder(tensor.dtype.base_dtype, tensor.shape, name="captured")
