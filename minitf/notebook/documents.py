"""Files that are shown as they lie on the disk: graphs, checkpoints, event files."""

import pathlib
import re

from minitf import errors
from minitf.graph.graph import Graph
from minitf.notebook.checkpoint_view import show_checkpoint
from minitf.notebook.curves import show_training
from minitf.notebook.graph_view import show_graph
from minitf.ops.importing import import_graph_def
from minitf.training.meta_graph import read_graph_file, read_meta_graph_file

GRAPHS = (".pb", ".pbtxt", ".meta")
DATA = re.compile(r"\.data-\d{5}-of-\d{5}$")  # where a checkpoint's values are; its index tells what they mean
CHECKPOINTS = (".index", ".safetensors", ".ckpt")  # the last: TensorFlow's first format, which the reader refuses


def open_file(path):
    """Show what is in a file, by its name: a graph (.pb, .pbtxt, .meta), a checkpoint (.index, its
    .data-00000-of-00001, .safetensors) or an event file.

    Nothing in the file runs.  Raises ValueError for another kind of file, what the readers raise for a damaged one.
    """
    path = pathlib.Path(path)
    if DATA.search(path.name):
        path = path.with_name(DATA.sub(".index", path.name))
    if path.suffix in GRAPHS:
        show_graph(read_graph(path))
    elif path.suffix in CHECKPOINTS:
        show_checkpoint(path)
    elif "tfevents" in path.name:
        show_training(path)
    else:
        raise ValueError(f"{path.name} is no graph, checkpoint or event file")


def read_graph(path):
    """The `Graph` in a GraphDef or a MetaGraphDef, binary or text.

    Raises UnreadableFileError where it is neither, ValueError for operations that minitf does not know.
    """
    try:
        graph_def = read_graph_file(str(path))
    except errors.UnreadableFileError:
        graph_def = None
    if graph_def is None or not graph_def.node:
        graph_def = read_meta_graph_file(str(path)).graph_def
    graph = Graph()
    with graph.as_default():
        import_graph_def(graph_def, name="", trusted=True)  # it is drawn, never run
    return graph
