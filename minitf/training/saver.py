"""`Saver`: variables to checkpoints and back, and which checkpoints to keep."""

import contextlib
import logging
import os
import time

import numpy as np

from minitf import errors
from minitf.checkpoint import state as checkpoints
from minitf.checkpoint.commit import clean_drafts, previous_name
from minitf.checkpoint.storage import storage_of, translated
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph
from minitf.graph.messages import SaverDef
from minitf.training.saveables import saveables_of
from minitf.training.saver_operations import build

_log = logging.getLogger("tensorflow")


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
        self._kept = []  # [(path, time of saving)], the newest last
        self._to_delete = []
        self._next_preserved = time.time() + keep_checkpoint_every_n_hours * 3600
        self._is_built, self._is_empty = saver_def is not None, False
        self.saver_def = None if saver_def is None else _with_scope(saver_def, name)
        if self._is_built:
            self._next_preserved = time.time() + saver_def.keep_checkpoint_every_n_hours * 3600
        if write_version != SaverDef.V2:
            _log.warning("TensorFlow's V1 format for checkpoints is not written: V2 is, which TensorFlow reads as well")
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
        names = build(saveables_of(var_list), self._name, self._filename, self._sharded, self._reshape)
        self.saver_def = SaverDef(
            filename_tensor_name=names[0], save_tensor_name=names[1], restore_op_name=names[2],
            max_to_keep=self._max_to_keep or 0, sharded=self._sharded,
            keep_checkpoint_every_n_hours=self._every_hours, version=SaverDef.V2,
        )  # fmt: skip

    def as_saver_def(self):
        """The `SaverDef` message: the names of the operations, and how many checkpoints to keep."""
        return self.saver_def

    def to_proto(self, export_scope=None):
        """The same, without the scope `export_scope` in the names; None where they are not in it."""
        if export_scope is None:
            return self.saver_def
        scoped = SaverDef()
        scoped.CopyFrom(self.saver_def)
        for field in _NAMES:
            name = getattr(scoped, field)
            if not name.startswith(f"{export_scope}/"):
                return None
            setattr(scoped, field, name[len(export_scope) + 1 :])
        return scoped

    @staticmethod
    def from_proto(saver_def, import_scope=None):
        """A Saver for operations that are in the graph already, in the scope `import_scope`."""
        return Saver(saver_def=saver_def, name=import_scope)

    def _check_built(self):
        if not self._is_built:
            raise RuntimeError("`build()` should be called before save if defer_build==True")

    # -- saving --------------------------------------------------------------------------------------------

    def save(self, sess, save_path, global_step=None, latest_filename=None, meta_graph_suffix="meta",
             write_meta_graph=True, write_state=True, strip_default_attrs=False, save_debug_info=False):  # fmt: skip
        """Save the variables of `sess` to `save_path-GLOBAL_STEP`, a path or URL; returns that path.

        `global_step` is a number, or a tensor or variable to be read.  In this order are written: data, index,
        the graph (`.meta_graph_suffix`, unless `write_meta_graph=False`), the state file `latest_filename`
        (unless `write_state=False`); then old checkpoints are deleted.  Returns None where there is nothing
        to save.  Raises TypeError where `sess` is no session, ValueError where the folder does not exist or the
        path is that of the state file; where storing fails, an error of `tf.errors`: the checkpoints that were
        there still are.
        """
        self._check_built()
        latest_filename = latest_filename or "checkpoint"
        save_path = os.fspath(save_path)
        if os.path.split(latest_filename)[0]:
            raise ValueError("'latest_filename' must not contain path components")
        path = self._path(sess, save_path, global_step, latest_filename)
        if not hasattr(sess, "run"):
            raise TypeError(f"'sess' must be a Session; {sess}")
        if not self._is_empty:
            path = self._save_variables(sess, save_path, path)
        with translated():
            if write_meta_graph:
                self.export_meta_graph(f"{path}.{meta_graph_suffix}", graph=sess.graph,
                                       strip_default_attrs=strip_default_attrs,
                                       save_debug_info=save_debug_info)  # fmt: skip
            if self._is_empty:
                return None
            if write_state:
                self._remember(path)
                self._write_state(save_path, path, latest_filename)
                self._delete_old(meta_graph_suffix)
            clean_drafts(save_path)
        return path

    def _save_variables(self, sess, save_path, path):
        try:
            saved = sess.run(self.saver_def.save_tensor_name, {self.saver_def.filename_tensor_name: path})
        except (errors.NotFoundError, errors.FailedPreconditionError) as error:
            storage, folder = storage_of(os.path.dirname(save_path))
            if folder and not storage.is_folder(folder):
                raise ValueError(f"Parent directory of {save_path} doesn't exist, can't save.") from error
            raise
        return saved.decode() if isinstance(saved, bytes) else str(saved)

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
        """Put `path` last among the kept ones; the oldest is one too many then."""
        if not self.saver_def.max_to_keep:
            return
        self._kept = [(p, t) for p, t in self._kept if p != path] + [(path, time.time())]
        if len(self._kept) > self.saver_def.max_to_keep:
            self._to_delete.append(self._kept.pop(0))

    def _delete_old(self, meta_graph_suffix):
        """Delete one that is too many; the state file, which names it no more, is stored by now."""
        if not self._to_delete:
            return
        old, saved_at = self._to_delete.pop(0)
        if saved_at > self._next_preserved:
            self._next_preserved += self.saver_def.keep_checkpoint_every_n_hours * 3600
            return
        try:
            checkpoints.remove_checkpoint(old, meta_graph_suffix=meta_graph_suffix)
        except errors.OpError as error:
            _log.warning("Ignoring: %s", error)

    def _write_state(self, save_path, path, latest_filename):
        checkpoints._write_state(os.path.dirname(save_path), path, self.last_checkpoints, latest_filename,
                                 relative=self._relative)  # fmt: skip

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
        found = []
        for path in checkpoint_paths:
            with contextlib.suppress(FileNotFoundError):  # another process may be deleting it
                found += [(path, when) for when in checkpoints.get_checkpoint_mtimes([path])]
        self.set_last_checkpoints_with_time(found)

    def export_meta_graph(self, filename=None, collection_list=None, as_text=False, export_scope=None,
                          clear_devices=False, clear_extraneous_savers=False, strip_default_attrs=False,
                          save_debug_info=False, graph=None):  # fmt: skip
        """Write the graph with this Saver as a `MetaGraphDef`; returns the message."""
        from minitf.training.meta_graph import export_meta_graph

        return export_meta_graph(
            filename, saver_def=self.saver_def, collection_list=collection_list, as_text=as_text,
            export_scope=export_scope, clear_devices=clear_devices, clear_extraneous_savers=clear_extraneous_savers,
            strip_default_attrs=strip_default_attrs, save_debug_info=save_debug_info, graph=graph,
        )  # fmt: skip

    # -- restoring -----------------------------------------------------------------------------------------

    def restore(self, sess, save_path):
        """Set the variables of `sess` to the values saved at `save_path`, a path or URL; they need no initializer.

        Raises ValueError where there is no checkpoint, NotFoundError where it lacks a variable,
        InvalidArgumentError where a variable has another shape or dtype, DataLossError where it is damaged.
        """
        self._check_built()
        if self._is_empty:
            return
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        save_path = os.fspath(save_path)
        save_path = save_path.decode() if isinstance(save_path, bytes) else save_path
        if not checkpoints.checkpoint_exists(save_path):
            save_path = self._previous(save_path)
        _log.info("Restoring parameters from %s", save_path)
        try:
            sess.run(self.saver_def.restore_op_name, {self.saver_def.filename_tensor_name: save_path})
        except (errors.NotFoundError, errors.InvalidArgumentError) as error:
            raise type(error)(
                error.node_def, error.op, f"Restoring from checkpoint {save_path} failed. Most likely the graph is not "
                f"the one that was saved: {error.message}"
            ) from error  # fmt: skip

    @staticmethod
    def _previous(save_path):
        """What an overwriting that broke off has kept of the checkpoint.  Raises ValueError for nothing."""
        previous = previous_name(save_path)
        if not checkpoints.checkpoint_exists(previous):
            raise ValueError(f"The passed save_path is not a valid checkpoint: {save_path}")
        _log.warning("Saving %s broke off: restoring what was there before, %s", save_path, previous)
        return previous


_NAMES = ("filename_tensor_name", "save_tensor_name", "restore_op_name")


def _with_scope(saver_def, scope):
    """A copy of a `SaverDef`, with the scope that its operations were imported into.  Raises ValueError."""
    if not hasattr(saver_def, "restore_op_name"):
        raise ValueError(f"saver_def must be a saver_pb2.SaverDef: {saver_def}")
    for field in _NAMES:
        if not getattr(saver_def, field):
            raise ValueError(f"saver_def must specify the {field}: {saver_def}")
    made = SaverDef.FromString(saver_def.SerializeToString())
    if scope:
        for field in _NAMES:
            setattr(made, field, f"{scope.rstrip('/')}/{getattr(made, field)}")
    return made
