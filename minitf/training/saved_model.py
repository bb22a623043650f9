"""SavedModels: a folder with a graph, its variables, and signatures that say how to call it."""

import os

from google.protobuf import text_format

from minitf import errors
from minitf.checkpoint.state import write_atomically
from minitf.checkpoint.storage import storage_of
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph
from minitf.graph.messages import MetaGraphDef, SavedModel, SignatureDef, TensorInfo
from minitf.graph.serialization import make_shape_proto
from minitf.ops.op import constant_value
from minitf.ops.variables import global_variables
from minitf.training.meta_graph import export_meta_graph, import_meta_graph, parse_text
from minitf.training.saver import Saver

SERVING, TRAINING = "serve", "train"
DEFAULT_SERVING_SIGNATURE_DEF_KEY = "serving_default"
PREDICT_METHOD_NAME = "tensorflow/serving/predict"
CLASSIFY_METHOD_NAME = "tensorflow/serving/classify"
REGRESS_METHOD_NAME = "tensorflow/serving/regress"
PREDICT_INPUTS, PREDICT_OUTPUTS = "inputs", "outputs"
CLASSIFY_INPUTS, CLASSIFY_OUTPUT_CLASSES, CLASSIFY_OUTPUT_SCORES = "inputs", "classes", "scores"
REGRESS_INPUTS, REGRESS_OUTPUTS = "inputs", "outputs"
MAIN_OP_KEY, LEGACY_INIT_OP_KEY = "saved_model_main_op", "legacy_init_op"

_FILE = "saved_model.pb"
_ASSETS = "assets"
_TEXT_FILE = "saved_model.pbtxt"
_SCHEMA_VERSION = 1


def build_tensor_info(tensor):
    """tf.saved_model.utils.build_tensor_info: name, dtype and shape of a tensor as a message."""
    return TensorInfo(
        name=tensor.name,
        dtype=tensor.dtype.base_dtype.as_datatype_enum,
        tensor_shape=make_shape_proto(tensor.shape),
    )


def build_signature_def(inputs=None, outputs=None, method_name=None):
    """tf.saved_model.signature_def_utils.build_signature_def: what goes in and out, by the caller's names."""
    signature = SignatureDef(method_name=method_name or "")
    for name, info in (inputs or {}).items():
        signature.inputs[name].CopyFrom(info)
    for name, info in (outputs or {}).items():
        signature.outputs[name].CopyFrom(info)
    return signature


def predict_signature_def(inputs, outputs):
    """tf.saved_model.signature_def_utils.predict_signature_def: of dictionaries of tensors.

    Raises ValueError for empty ones.
    """
    if not inputs or not outputs:
        raise ValueError("Prediction inputs and outputs cannot be None or empty.")
    return build_signature_def(
        {name: build_tensor_info(t) for name, t in inputs.items()},
        {name: build_tensor_info(t) for name, t in outputs.items()},
        PREDICT_METHOD_NAME,
    )


class SavedModelBuilder:
    """tf.saved_model.builder.SavedModelBuilder: makes the folder or URL `export_dir`, which must be empty or new.

    `add_meta_graph_and_variables` once, `add_meta_graph` for further graphs, then `save`; AssertionError for another
    order.  Files that the graph reads travel along: `assets_collection` lists constant string tensors that hold their
    paths; two files of one name raise ValueError.
    """

    def __init__(self, export_dir):
        self._folder = os.fspath(export_dir)
        storage, folder = storage_of(self._folder)
        if storage.list(folder):
            raise AssertionError(f"Export directory already exists, and isn't empty: {self._folder}")
        storage.make_folder(folder, parents=True)
        self._message = SavedModel(saved_model_schema_version=_SCHEMA_VERSION)
        self._has_variables, self._assets = False, {}

    def add_meta_graph_and_variables(self, sess, tags, signature_def_map=None, assets_collection=None,
                                     legacy_init_op=None, clear_devices=False, main_op=None,
                                     strip_default_attrs=False, saver=None):  # fmt: skip
        """Add the graph of `sess` under `tags`, and the values of its variables."""
        if self._has_variables:
            raise AssertionError("Graph state including variables and assets has already been saved. Please invoke "
                                 "`add_meta_graph()` instead.")  # fmt: skip
        storage, folder = storage_of(self._folder)
        storage.make_folder(os.path.join(folder, "variables"))
        with sess.graph.as_default():
            saver = saver or _make_saver()
            saver.save(
                sess,
                os.path.join(self._folder, "variables", "variables"),
                write_meta_graph=False,
                write_state=False,
            )
            self._has_variables = True
            self._add(tags, signature_def_map, clear_devices, main_op or legacy_init_op, strip_default_attrs, saver,
                      assets_collection)  # fmt: skip

    def add_meta_graph(self, tags, signature_def_map=None, assets_collection=None, legacy_init_op=None,
                       clear_devices=False, main_op=None, strip_default_attrs=False, saver=None):  # fmt: skip
        """Add the default graph under other tags; it shares the variables."""
        if not self._has_variables:
            raise AssertionError("Graph state including variables and assets has not been saved yet. Please invoke "
                                 "`add_meta_graph_and_variables()` first.")  # fmt: skip
        self._add(tags, signature_def_map, clear_devices, main_op or legacy_init_op, strip_default_attrs,
                  saver or _make_saver(), assets_collection)  # fmt: skip

    def _add(self, tags, signature_def_map, clear_devices, main_op, strip_default_attrs, saver, assets):
        meta = export_meta_graph(
            saver_def=saver.saver_def, clear_devices=clear_devices, strip_default_attrs=strip_default_attrs
        )
        meta.meta_info_def.tags.extend(tags)
        for name, signature in (signature_def_map or {}).items():
            meta.signature_def[name].MergeFromString(signature.SerializeToString())
        if main_op is not None:
            meta.collection_def[MAIN_OP_KEY].node_list.value.append(main_op.name)
        for tensor in assets or ():
            meta.asset_file_def.add(tensor_info=build_tensor_info(tensor), filename=self._copy_asset(tensor))
        self._message.meta_graphs.append(meta)

    def _copy_asset(self, tensor):
        """Copy the file whose path is in a constant tensor; returns its name in the folder of assets."""
        path = constant_value(tensor)
        if path is None:
            raise ValueError(f"The asset {tensor.name} must be a constant that holds a path")
        path = path.item().decode()
        name = os.path.basename(path)
        if self._assets.setdefault(name, path) != path:
            raise ValueError(f"Two assets are called {name}: {self._assets[name]} and {path}")
        source, place = storage_of(path)
        target, folder = storage_of(os.path.join(self._folder, _ASSETS))
        target.make_folder(folder)
        write_atomically(os.path.join(self._folder, _ASSETS, name), bytes(source.read(place)))
        return name

    def save(self, as_text=False):
        """Write the file with the graphs; returns its path."""
        path = os.path.join(self._folder, _TEXT_FILE if as_text else _FILE)
        content = text_format.MessageToString(self._message) if as_text else self._message.SerializeToString()
        write_atomically(path, content)
        return path


def _make_saver():
    graph = get_default_graph()
    items = global_variables() + graph.get_collection(GraphKeys.SAVEABLE_OBJECTS)
    return Saver(items, sharded=True, allow_empty=True)


def maybe_saved_model_directory(export_dir):
    """tf.saved_model.loader.maybe_saved_model_directory: True where the folder holds a SavedModel."""
    storage, folder = storage_of(export_dir)
    return any(storage.is_file(os.path.join(folder, name)) for name in (_FILE, _TEXT_FILE))


contains_saved_model = maybe_saved_model_directory


def _read(export_dir):
    storage, folder = storage_of(export_dir)
    binary, text = os.path.join(folder, _FILE), os.path.join(folder, _TEXT_FILE)
    if storage.is_file(binary):
        try:
            return SavedModel.FromString(bytes(storage.read(binary)))
        except Exception as error:  # protobuf's DecodeError has no stable home
            raise errors.UnreadableFileError(None, None, f"Cannot parse file {binary}: {error}.") from error
    if storage.is_file(text):
        return parse_text(bytes(storage.read(text)), SavedModel, text)
    raise OSError(f"SavedModel file does not exist at: {export_dir}/{{{_TEXT_FILE}|{_FILE}}}")


def load(sess, tags, export_dir, import_scope=None, trusted=False, **import_options):
    """tf.saved_model.loader.load: the graph with exactly these tags into the graph of `sess`, with its variables.

    `trusted=True` lets in operations that read or write files: see `tf.import_graph_def`.  Further options are
    those of `tf.train.import_meta_graph`, such as `clear_devices`.  Returns the `MetaGraphDef`; its
    `signature_def` names what to feed and to fetch.

    Raises IOError where there is no SavedModel, RuntimeError for other tags, TypeError for an option that is none,
    ValueError that names every operation
    that is not known here.
    """
    export_dir = os.fspath(export_dir)
    meta = next((m for m in _read(export_dir).meta_graphs if set(m.meta_info_def.tags) == set(tags)), None)
    if meta is None:
        raise RuntimeError(
            f"MetaGraphDef associated with tags {sorted(tags)} could not be found in SavedModel."
        )
    with sess.graph.as_default():
        copy = MetaGraphDef.FromString(meta.SerializeToString())
        saver = import_meta_graph(copy, import_scope=import_scope, trusted=trusted, **import_options)
        if saver is not None:
            saver.restore(sess, os.path.join(export_dir, "variables", "variables"))
        prefix = f"{import_scope}/" if import_scope else ""
        assets = {prefix + name: path for name, path in _assets_in(meta, export_dir).items()}
        for name in _first_ops(meta.collection_def):
            sess.run(prefix + name, assets)
    return meta


def _assets_in(meta, export_dir):
    """{tensor that holds a path: where that file lies now}.  UnreadableFileError for a path in place of a name."""
    found = {}
    for asset in meta.asset_file_def:
        if os.path.basename(asset.filename) != asset.filename or asset.filename in ("", ".", ".."):
            raise errors.UnreadableFileError(
                None, None, f"The SavedModel {export_dir} has an asset outside of its folder: {asset.filename!r}"
            )
        found[asset.tensor_info.name] = os.path.join(export_dir, _ASSETS, asset.filename)
    return found


def _first_ops(collections):
    """The names of what runs once after loading (it fills tables, say), under the present key or an older one."""
    key = next((key for key in (MAIN_OP_KEY, LEGACY_INIT_OP_KEY) if key in collections), None)
    return [] if key is None else collections[key].node_list.value


def simple_save(session, export_dir, inputs, outputs, legacy_init_op=None):
    """tf.saved_model.simple_save: the graph of `session` for serving, with one signature of these tensors."""
    builder = SavedModelBuilder(export_dir)
    signatures = {DEFAULT_SERVING_SIGNATURE_DEF_KEY: predict_signature_def(inputs, outputs)}
    builder.add_meta_graph_and_variables(
        session, [SERVING], signatures, main_op=legacy_init_op, clear_devices=True
    )
    builder.save()
