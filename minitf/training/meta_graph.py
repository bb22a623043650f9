"""A graph as a file: `MetaGraphDef` (graph, collections, saver), `GraphDef`, and back."""

import os

from google.protobuf import text_format

from minitf import errors
from minitf.checkpoint.state import write_atomically
from minitf.checkpoint.storage import join, storage_of
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph
from minitf.graph.messages import GraphDef, MetaGraphDef
from minitf.ops.importing import import_graph_def
from minitf.training.graph_collections import export_collection, import_items
from minitf.training.graph_excerpt import Excerpt, strip_default_attributes


def write_graph(graph_or_graph_def, logdir, name, as_text=True):
    """tf.train.write_graph: write a graph to `logdir/name`, readable or binary; returns the path."""
    graph_def = graph_or_graph_def
    if hasattr(graph_def, "as_graph_def"):
        graph_def = graph_def.as_graph_def()
    storage, folder = storage_of(logdir)
    storage.make_folder(folder, parents=True)
    path = join(logdir, name)
    content = text_format.MessageToString(graph_def) if as_text else graph_def.SerializeToString()
    write_atomically(path, content)
    return path


def export_meta_graph(filename=None, meta_info_def=None, graph_def=None, saver_def=None, collection_list=None,
                      as_text=False, graph=None, export_scope=None, clear_devices=False,
                      clear_extraneous_savers=False, strip_default_attrs=False,
                      save_debug_info=False):  # fmt: skip
    """tf.train.export_meta_graph: the graph, its collections and its saver as one message; also to `filename`.

    `collection_list`: the collections to export, all by default.  `export_scope`: only what is in this scope,
    without it in the names.  `clear_devices`, `strip_default_attrs`: without devices, without attributes that
    have their default.  `clear_extraneous_savers`: without other savers than that of `saver_def`.

    Raises NotImplementedError for `save_debug_info`: stack traces are not written.
    """
    if save_debug_info:
        raise NotImplementedError("save_debug_info is not supported: stack traces are not written")
    graph = graph or get_default_graph()
    graph_def = graph_def or graph.as_graph_def(add_shapes=True)
    excerpt = Excerpt(graph_def, export_scope, saver_def, clear_extraneous_savers)
    meta = MetaGraphDef()
    excerpt.write(graph_def, meta.graph_def, clear_devices)
    if strip_default_attrs:
        strip_default_attributes(meta.graph_def)
    if meta_info_def is not None:
        meta.meta_info_def.MergeFromString(meta_info_def.SerializeToString())
    meta.meta_info_def.tensorflow_version = "1.15.0"
    if saver_def is not None:
        meta.saver_def.CopyFrom(saver_def)
    for name in graph.get_all_collection_keys() if collection_list is None else collection_list:
        if not export_collection(meta.collection_def[name], graph.get_collection(name), excerpt):
            del meta.collection_def[name]
    if filename:
        write_atomically(filename, text_format.MessageToString(meta) if as_text else meta.SerializeToString())
    return meta


def read_meta_graph_file(filename):
    """The `MetaGraphDef` in a file, readable or binary.  Raises IOError where it is none."""
    storage, path = storage_of(filename)
    if not storage.is_file(path):
        raise OSError(f"File {filename} does not exist.")
    return _read(filename, MetaGraphDef)


def read_graph_file(filename):
    """The `GraphDef` in a `.pb` or `.pbtxt` file."""
    return _read(filename, GraphDef)


def _read(filename, kind):
    storage, path = storage_of(filename)
    content = bytes(storage.read(path))
    try:
        return kind.FromString(content)
    except Exception:  # not binary: protobuf's DecodeError has no stable home
        return parse_text(content, kind, filename)


def parse_text(content, kind, filename):
    """The message of this kind that the bytes of a text file are.  Raises UnreadableFileError where they are none."""
    try:
        return text_format.Parse(content.decode(), kind())
    except Exception as error:  # a number that is none or nesting without end fails in ways of its own
        raise errors.UnreadableFileError(None, None, f"Cannot parse file {filename}: {error}.") from error


def import_meta_graph(meta_graph_or_file, clear_devices=False, import_scope=None, trusted=False, input_map=None,
                      restore_collections_predicate=lambda key: True, graph=None):  # fmt: skip
    """tf.train.import_meta_graph: add a saved graph to `graph`, or the default graph; returns its Saver or None.

    `trusted=True` lets in operations that read or write files, and `input_map` replaces inputs: see
    `tf.import_graph_def`.  `restore_collections_predicate(key)` chooses the collections.

    Raises IOError where the file can't be read (also a DataLossError), ValueError where an operation is not known
    here or the graph is malformed, PermissionDeniedError for what only a trusted graph may do.
    """
    meta = meta_graph_or_file
    if not hasattr(meta, "graph_def"):
        meta = read_meta_graph_file(os.fspath(meta))
    with (graph or get_default_graph()).as_default() as graph:
        return _import(graph, meta, clear_devices, import_scope, trusted, input_map, restore_collections_predicate)


def _import(graph, meta, clear_devices, import_scope, trusted, input_map, chosen):
    from minitf.training.saver import Saver  # which exports meta graphs itself

    graph_def = MetaGraphDef.FromString(meta.SerializeToString()).graph_def
    if clear_devices:
        for node in graph_def.node:
            node.device = ""
    import_scope = graph.unique_name(import_scope, mark_as_used=False) if import_scope else ""
    import_graph_def(graph_def, input_map, name=import_scope, trusted=trusted)
    prefix = f"{import_scope}/" if import_scope else ""
    made = {}
    for name, collection in sorted(meta.collection_def.items()):
        if not chosen(name):
            continue
        try:
            items = import_items(graph, name, collection, prefix, made)
        except Exception as error:  # names of nothing, and messages that are none
            raise errors.MalformedGraphError(None, None, f"Collection '{name}': {error}") from error
        for item in items:
            graph.add_to_collection(name, item)
    if not meta.HasField("saver_def"):
        return Saver(allow_empty=True) if graph.get_collection(GraphKeys.GLOBAL_VARIABLES) else None
    try:
        for field in ("filename_tensor_name", "save_tensor_name", "restore_op_name"):
            graph.as_graph_element(prefix + getattr(meta.saver_def, field))
        return Saver(saver_def=meta.saver_def, name=import_scope)
    except (KeyError, ValueError) as error:
        raise errors.MalformedGraphError(None, None, f"The graph's saver: {error}") from error
