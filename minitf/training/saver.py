"""`Saver`: variables to checkpoints and back, and which checkpoints to keep."""

import os
import time

import numpy as np

from minitf import errors
from minitf.checkpoint import state as checkpoints
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import control_dependencies, get_default_graph, name_scope
from minitf.graph.messages import SaverDef
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.ops.array import identity, reshape
from minitf.ops.constant import constant, placeholder_with_default
from minitf.ops.control_flow import group
from minitf.ops.saving import restore_v2, save_v2
from minitf.ops.variables import Variable, assign


class _Saved:
    """One thing to save: what is written, under which name, and how it is set again."""

    def __init__(self, name, variable, part=""):
        self.name, self.variable, self.part = name, variable, part
        self.tensor = variable._ref() if isinstance(variable, Variable) else variable

    def restore(self, restored, reshaped):
        if reshaped:
            restored = reshape(restored, TensorShape(self.tensor.shape).as_list())
        return assign(self.tensor, restored, validate_shape=self.tensor.shape.is_fully_defined()).op


def _collect(var_list):
    """What to save, sorted by name.  Raises ValueError for two variables of one name, TypeError for none."""
    found = []
    if isinstance(var_list, dict):
        for name, value in var_list.items():
            parts = list(value) if isinstance(value, (list, tuple)) else [value]
            found += [_Saved(name, _check(v), _slice_of(v)) for v in parts]
    else:
        for value in var_list:
            for v in list(value) if isinstance(value, (list, tuple)) else [value]:
                part = _slice_of(v)
                found.append(_Saved(v._save_slice_info.full_name if part else _check(v).op.name, v, part))
    taken = set()
    for item in found:
        if (item.name, item.part) in taken:
            raise ValueError(f"At least two variables have the same name: {item.name}")
        taken.add((item.name, item.part))
    return sorted(found, key=lambda item: item.name)


def _check(value):
    if isinstance(value, Variable) or (isinstance(value, Tensor) and value.dtype._is_ref_dtype):
        return value
    raise TypeError(f"Variable to save is not a Variable: {value}")


def _slice_of(variable):
    info = getattr(variable, "_save_slice_info", None)
    return info.spec if info is not None else ""


class Saver:
    """tf.train.Saver: saves variables to checkpoints `PATH-STEP` in TensorFlow's format, and restores them.

    Arguments: `var_list`, a list of variables or a dictionary {name in the file: variable} (default: all
    that can be saved); `max_to_keep` checkpoints are kept, older ones deleted (0 or None: all);
    one every `keep_checkpoint_every_n_hours` is kept for good; `reshape` lets a variable of another
    shape take the values; `allow_empty` makes a graph without variables no error.
    Raises ValueError where there is nothing to save, TypeError for what is no variable.
    """

    def __init__(self, var_list=None, reshape=False, sharded=False, max_to_keep=5,
                 keep_checkpoint_every_n_hours=10000.0, name=None, restore_sequentially=False, saver_def=None,
                 builder=None, defer_build=False, allow_empty=False, write_version=SaverDef.V2,
                 pad_step_number=False, save_relative_paths=False, filename=None):  # fmt: skip
        if defer_build and var_list:
            raise ValueError(
                "If `var_list` is provided then build cannot be deferred. Set defer_build=False or var_list=None."
            )
        self._var_list, self._reshape, self._sharded, self._name = var_list, reshape, sharded, name
        self._max_to_keep, self._every_hours = max_to_keep, keep_checkpoint_every_n_hours
        self._allow_empty, self._pad, self._relative = allow_empty, pad_step_number, save_relative_paths
        self._filename = filename
        self.saver_def = saver_def
        self._kept = []  # [(path, time of saving)], the newest last
        self._next_preserved = time.time() + keep_checkpoint_every_n_hours * 3600
        self._is_built = saver_def is not None
        self._is_empty = False
        if not defer_build and not self._is_built:
            self.build()

    # -- the graph -----------------------------------------------------------------------------------------

    def build(self):
        """Add the operations to the graph; done by the constructor unless `defer_build`."""
        if self._is_built:
            return
        self._is_built = True
        var_list = self._var_list
        if var_list is None:
            graph = get_default_graph()
            var_list = graph.get_collection(GraphKeys.GLOBAL_VARIABLES) + graph.get_collection(
                GraphKeys.SAVEABLE_OBJECTS
            )
        if not var_list:
            if not self._allow_empty:
                raise ValueError("No variables to save")
            self._is_empty = True
            return
        items = _collect(var_list)
        with name_scope(self._name, "save", [i.tensor for i in items]):
            self._build(items)

    def _build(self, items):
        filename = placeholder_with_default(
            placeholder_with_default(constant(self._filename or "model", name="filename/input"), [], name="filename"),
            [], name="Const",
        )  # fmt: skip
        names, parts = [i.name for i in items], [i.part for i in items]
        saved = save_v2(filename, names, parts, [i.tensor for i in items])
        with control_dependencies([saved]), get_default_graph().colocate_with(filename):
            written = identity(filename, name="control_dependency")
        restored = restore_v2(filename, names, parts, [i.tensor.dtype for i in items])
        assigned = [item.restore(value, self._reshape) for item, value in zip(items, restored, strict=True)]
        all_restored = group(*assigned, name="restore_all")
        self.saver_def = SaverDef(
            filename_tensor_name=filename.name, save_tensor_name=written.name, restore_op_name=all_restored.name,
            max_to_keep=self._max_to_keep or 0, sharded=self._sharded,
            keep_checkpoint_every_n_hours=self._every_hours, version=SaverDef.V2,
        )  # fmt: skip

    def as_saver_def(self):
        """The `SaverDef` message: the names of the operations, and how many checkpoints to keep."""
        return self.saver_def

    def to_proto(self, export_scope=None):
        return self.saver_def

    @staticmethod
    def from_proto(saver_def, import_scope=None):
        """A Saver for operations that are in the graph already."""
        return Saver(saver_def=saver_def, name=import_scope, max_to_keep=saver_def.max_to_keep)

    def _check_built(self):
        if not self._is_built:
            raise RuntimeError("`build()` should be called before save if defer_build==True")

    # -- saving --------------------------------------------------------------------------------------------

    def save(self, sess, save_path, global_step=None, latest_filename=None, meta_graph_suffix="meta",
             write_meta_graph=True, write_state=True, strip_default_attrs=False, save_debug_info=False):  # fmt: skip
        """Save the variables of `sess` to `save_path-GLOBAL_STEP`; returns that path.

        `global_step` is a number, or a tensor or variable to be read.  Raises TypeError where `sess` is no
        session, ValueError where the folder does not exist or the path is that of the state file.
        """
        self._check_built()
        latest_filename = latest_filename or "checkpoint"
        save_path = os.fspath(save_path)
        if os.path.split(latest_filename)[0]:
            raise ValueError("'latest_filename' must not contain path components")
        path = self._path(sess, save_path, global_step, latest_filename)
        if not hasattr(sess, "run"):
            raise TypeError(f"'sess' must be a Session; {sess}")
        if self._is_empty:
            return path
        try:
            saved = sess.run(self.saver_def.save_tensor_name, {self.saver_def.filename_tensor_name: path})
        except errors.NotFoundError as error:
            folder = os.path.dirname(save_path)
            if folder and not os.path.isdir(folder):
                raise ValueError(f"Parent directory of {save_path} doesn't exist, can't save.") from error
            raise
        path = saved.decode() if isinstance(saved, bytes) else str(saved)
        if write_state:
            self._remember(path)
            self._write_state(save_path, path, latest_filename)
        if write_meta_graph:
            self.export_meta_graph(f"{path}.{meta_graph_suffix}", graph=sess.graph)
        return path

    def _path(self, sess, save_path, global_step, latest_filename):
        if global_step is None:
            if os.path.basename(save_path) == latest_filename and not self._sharded:
                raise ValueError(
                    f"'latest_filename' collides with 'save_path': '{latest_filename}' and '{save_path}'"
                )
            return save_path
        if not isinstance(global_step, (int, np.integer)):
            global_step = sess.run(global_step)
        return f"{save_path}-{int(global_step):08d}" if self._pad else f"{save_path}-{int(global_step)}"

    def _remember(self, path):
        """Put `path` last among the kept ones, and delete what there is too much of."""
        self._kept = [(p, t) for p, t in self._kept if p != path] + [(path, time.time())]
        if not self.saver_def.max_to_keep:
            return
        while len(self._kept) > self.saver_def.max_to_keep:
            old, saved_at = self._kept.pop(0)
            if saved_at > self._next_preserved:
                self._next_preserved += self._every_hours * 3600
            else:
                checkpoints.remove_checkpoint(old)

    def _write_state(self, save_path, path, latest_filename):
        checkpoints._write_state(
            os.path.dirname(save_path), path, self.last_checkpoints, latest_filename,
            [t for _, t in self._kept], relative=self._relative,
        )  # fmt: skip

    @property
    def last_checkpoints(self):
        """The paths of the checkpoints that are kept, the newest last."""
        return [path for path, _ in self._kept]

    def set_last_checkpoints(self, last_checkpoints):
        """Deprecated: as `set_last_checkpoints_with_time`, without the times."""
        self._kept = [(path, np.inf) for path in last_checkpoints]

    def set_last_checkpoints_with_time(self, last_checkpoints_with_time):
        """[(path, seconds since the epoch)] to count among the kept ones, the oldest first."""
        self._kept = list(last_checkpoints_with_time)

    def recover_last_checkpoints(self, checkpoint_paths):
        """Count checkpoints of an earlier run among the kept ones, those that still exist."""
        found = [
            (p, os.path.getmtime(f"{p}.index")) for p in checkpoint_paths if checkpoints.checkpoint_exists(p)
        ]
        self.set_last_checkpoints_with_time(found)

    def export_meta_graph(self, filename=None, collection_list=None, as_text=False, export_scope=None,
                          clear_devices=False, clear_extraneous_savers=False, strip_default_attrs=False,
                          save_debug_info=False, graph=None):  # fmt: skip
        """Write the graph with this Saver as a `MetaGraphDef`; returns the message."""
        from minitf.training.meta_graph import export_meta_graph

        return export_meta_graph(filename, saver_def=self.saver_def, collection_list=collection_list, as_text=as_text,
                                 clear_devices=clear_devices, graph=graph)  # fmt: skip

    # -- restoring -----------------------------------------------------------------------------------------

    def restore(self, sess, save_path):
        """Set the variables of `sess` to the values saved at `save_path`; they need no initializer.

        Raises ValueError where there is no checkpoint, NotFoundError where it lacks a variable,
        InvalidArgumentError where a variable has another shape or dtype.
        """
        self._check_built()
        if self._is_empty:
            return
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        save_path = os.fspath(save_path)
        if not checkpoints.checkpoint_exists(save_path):
            raise ValueError(f"The passed save_path is not a valid checkpoint: {save_path}")
        sess.run(self.saver_def.restore_op_name, {self.saver_def.filename_tensor_name: save_path})
