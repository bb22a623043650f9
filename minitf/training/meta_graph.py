"""A graph as a file: `MetaGraphDef` (graph, collections, saver), `GraphDef`, and back."""

import os

from google.protobuf import text_format

from minitf import errors
from minitf.checkpoint.state import write_atomically
from minitf.checkpoint.storage import join, storage_of
from minitf.graph import serialization
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph
from minitf.graph.messages import GraphDef, MetaGraphDef, VariableDef
from minitf.graph.operation import Operation, Tensor
from minitf.ops.importing import import_graph_def
from minitf.ops.variables import Variable


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
                      clear_extraneous_savers=False, strip_default_attrs=False, save_debug_info=False,
                      **kwargs):  # fmt: skip
    """tf.train.export_meta_graph: the graph, its collections and its saver as one message; also to `filename`."""
    graph = graph or get_default_graph()
    meta = MetaGraphDef()
    meta.graph_def.CopyFrom(graph_def or serialization.as_graph_def(graph, add_shapes=True))
    if clear_devices:
        for node in meta.graph_def.node:
            node.device = ""
    meta.meta_info_def.tensorflow_version = "1.15.0"
    if saver_def is not None:
        meta.saver_def.CopyFrom(saver_def)
    for name in graph.get_all_collection_keys() if collection_list is None else collection_list:
        _export_collection(meta, graph, name)
    if filename:
        write_atomically(filename, text_format.MessageToString(meta) if as_text else meta.SerializeToString())
    return meta


def _export_collection(meta, graph, name):
    """Variables, tensors, operations, numbers and strings; what has no form in a file is left out."""
    items = graph.get_collection(name)
    target = meta.collection_def[name]
    if items and all(isinstance(i, Variable) for i in items):
        target.bytes_list.value.extend(_variable_def(v).SerializeToString() for v in items)
    elif items and all(isinstance(i, (Tensor, Operation)) for i in items):
        target.node_list.value.extend(i.name for i in items)
    elif items and all(isinstance(i, int) for i in items):
        target.int64_list.value.extend(items)
    elif items and all(isinstance(i, float) for i in items):
        target.float_list.value.extend(items)
    elif items and all(isinstance(i, (str, bytes)) for i in items):
        target.bytes_list.value.extend(i.encode() if isinstance(i, str) else i for i in items)
    else:
        del meta.collection_def[name]


def _variable_def(variable):
    return VariableDef(
        variable_name=variable.name, initializer_name=variable.initializer.name,
        snapshot_name=variable.value().name, initial_value_name=variable.initial_value.name,
        trainable=variable.trainable,
    )  # fmt: skip


_OF_VARIABLES = (
    GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES, GraphKeys.TRAINABLE_VARIABLES, GraphKeys.MODEL_VARIABLES,
    GraphKeys.MOVING_AVERAGE_VARIABLES, GraphKeys.METRIC_VARIABLES, GraphKeys.GLOBAL_STEP,
)  # fmt: skip


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


def import_meta_graph(meta_graph_or_file, clear_devices=False, import_scope=None, trusted=False, **kwargs):
    """tf.train.import_meta_graph: add a saved graph to the default graph; returns its Saver, or None.

    `trusted=True` lets in operations that read or write files: see `tf.import_graph_def`.

    Raises IOError where the file can't be read (also a DataLossError), ValueError where an operation is not known
    here or the graph is malformed, PermissionDeniedError for what only a trusted graph may do.
    """
    from minitf.training.saver import Saver  # which exports meta graphs itself

    meta = meta_graph_or_file
    if not hasattr(meta, "graph_def"):
        meta = read_meta_graph_file(os.fspath(meta))
    graph = get_default_graph()
    graph_def = MetaGraphDef.FromString(meta.SerializeToString()).graph_def
    if clear_devices:
        for node in graph_def.node:
            node.device = ""
    import_graph_def(graph_def, name=import_scope or "", trusted=trusted)
    prefix = f"{import_scope}/" if import_scope else ""
    made = {}
    for name, collection in sorted(meta.collection_def.items()):
        try:
            items = _import_items(graph, name, collection, prefix, made)
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


def _import_items(graph, name, collection, prefix, made):
    kind = collection.WhichOneof("kind")
    if kind is None:
        return []
    values = list(getattr(collection, kind).value)
    if kind == "node_list":
        return [graph.as_graph_element(prefix + value) for value in values]
    if name not in _OF_VARIABLES:
        return values
    return [_import_variable(graph, value, prefix, made) for value in values]


def _import_variable(graph, data, prefix, made):
    """The handle on a variable whose operations were imported; the same one in all collections."""
    proto = VariableDef.FromString(data)
    name = prefix + proto.variable_name
    if name not in made:
        variable = Variable.__new__(Variable)
        variable._trainable, variable._constraint, variable._save_slice_info = proto.trainable, None, None
        variable._variable = graph.as_graph_element(name)
        variable._initializer_op = graph.as_graph_element(prefix + proto.initializer_name)
        variable._snapshot = graph.as_graph_element(prefix + proto.snapshot_name)
        if proto.initial_value_name:
            variable._initial_value = graph.as_graph_element(prefix + proto.initial_value_name)
        else:
            variable._initial_value = variable._initializer_op.inputs[1]
        made[name] = variable
    return made[name]
