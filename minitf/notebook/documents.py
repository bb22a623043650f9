"""Files that are shown as they lie on the disk: graphs, checkpoints, event files."""

import pathlib

from minitf.graph.graph import Graph
from minitf.notebook.graph_view import show_graph
from minitf.training.meta_graph import import_meta_graph

GRAPHS = (".pb", ".pbtxt", ".meta")


def open_file(path):
    """Show what is in a file, by its name: a graph (.pb, .pbtxt, .meta), a checkpoint or an event file.

    Nothing in the file runs.  Raises ValueError for another kind of file, what the readers raise for a damaged one.
    """
    path = pathlib.Path(path)
    if path.suffix in GRAPHS:
        show_graph(read_graph(path))
    else:
        raise ValueError(f"{path.name} is no graph, checkpoint or event file")


def read_graph(path):
    """The `Graph` in a GraphDef, a MetaGraphDef or a SavedModel, binary or text."""
    graph = Graph()
    with graph.as_default():
        import_meta_graph(str(path))
    return graph
