"""Drawings of graphs for papers and slides: `tf.to_graphviz()`."""

from minitf.graph.graph import get_default_graph
from minitf.observe.drawing import dot_program, dot_source
from minitf.observe.outline import outline


def to_graphviz(graph=None, scope="", depth=None):
    """tf.to_graphviz: the drawing of a graph as a `graphviz.Digraph`, to be changed, rendered and saved at will.

    It is drawn by the system's `dot` where there is one, else by `graphviz-pure`.  Arguments as for
    `tf.show_graph`.  Raises KeyError where there is no such scope.
    """
    import graphviz  # a program without drawings does not pay for it

    made = graphviz.Digraph("graph")
    source = dot_source(outline(get_default_graph() if graph is None else graph, scope, depth))
    made.body.extend(f"{line}\n" for line in source.splitlines()[1:-1])
    program = dot_program()
    if program is not None:
        graphviz.backend.dot_command.DOT_BINARY = type(graphviz.backend.dot_command.DOT_BINARY)(program)
    return made
