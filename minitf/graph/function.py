"""`FunctionGraph`: a Python function of tensors, traced once into a graph of its own."""

from minitf.graph.graph import Graph


class FunctionGraph(Graph):
    """A graph in the making inside another: outer tensors that it uses become inputs of it.

    `captures` maps each of them to the placeholder that stands for it; `make_input` makes placeholders
    (they are operations, which this package knows nothing of).
    """

    def __init__(self, outer, make_input):
        super().__init__()
        self.outer, self.captures, self._make_input = outer, {}, make_input
        self.seed = outer.seed

    def capture(self, tensor):
        """The tensor of this graph that stands for `tensor` of another one."""
        if tensor.graph is self:
            return tensor
        found = self.captures.get(tensor)
        if found is None:
            with self.as_default(), self.outside():
                found = self.captures[tensor] = self._make_input(tensor)
        return found
