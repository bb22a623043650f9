"""The file `checkpoint`: which checkpoints a folder holds, and which is the newest."""

import logging
import os
import posixpath
import re

from google.protobuf import text_format

from minitf import errors
from minitf.checkpoint.commit import index_name, remove_files
from minitf.checkpoint.reader import BundleReader, is_version_1
from minitf.checkpoint.storage import LOCAL, is_absolute, is_url, join, relative_to, storage_of, translated
from minitf.graph.messages import CheckpointState

_log = logging.getLogger("tensorflow")


def write_atomically(path, content):
    """Write text or bytes to a path or URL: nobody sees half a file, but where a storage has no way to that."""
    storage, inner = storage_of(path)
    storage.write(inner, content if isinstance(content, bytes) else content.encode())


def _state_path(folder, latest_filename):
    return join(folder, latest_filename or "checkpoint")


def generate_checkpoint_state_proto(save_dir, model_checkpoint_path, all_model_checkpoint_paths=None,
                                    all_model_checkpoint_timestamps=None, last_preserved_timestamp=None):  # fmt: skip
    """tf.train.generate_checkpoint_state_proto: the message; paths inside `save_dir` become relative to it.

    Raises ValueError where there are not as many timestamps as paths.
    """
    paths = list(all_model_checkpoint_paths or [])
    if not paths or paths[-1] != model_checkpoint_path:
        paths.append(model_checkpoint_path)
    times = list(all_model_checkpoint_timestamps or [])
    if times and len(times) != len(paths):
        raise ValueError("Checkpoint timestamps, if provided, must match checkpoint paths")
    if not os.path.isabs(save_dir):
        paths = [_relative(save_dir, p) for p in paths]
        model_checkpoint_path = _relative(save_dir, model_checkpoint_path)
    return CheckpointState(
        model_checkpoint_path=model_checkpoint_path, all_model_checkpoint_paths=paths,
        all_model_checkpoint_timestamps=times, last_preserved_timestamp=last_preserved_timestamp or 0,
    )  # fmt: skip


def _relative(folder, path):
    return path if is_absolute(path) and not is_url(folder) else relative_to(folder, path)


def update_checkpoint_state(save_dir, model_checkpoint_path, all_model_checkpoint_paths=None, latest_filename=None,
                            all_model_checkpoint_timestamps=None, last_preserved_timestamp=None):  # fmt: skip
    """tf.train.update_checkpoint_state: write the state file of `save_dir`.

    Raises RuntimeError where the state file would overwrite the checkpoint itself.
    """
    _write_state(save_dir, model_checkpoint_path, all_model_checkpoint_paths, latest_filename,
                 all_model_checkpoint_timestamps, last_preserved_timestamp)  # fmt: skip


def _write_state(
    save_dir, newest, paths=None, latest_filename=None, times=None, preserved=None, relative=False
):
    file = _state_path(save_dir, latest_filename)
    if file == newest or (not is_url(file) and os.path.abspath(file) == os.path.abspath(newest)):
        raise RuntimeError(f"Save path '{newest}' conflicts with path used for checkpoint state. "
                           "Please use a different save path.")  # fmt: skip
    if relative:
        newest = relative_to(save_dir, newest) if is_absolute(newest) else newest
        paths = [relative_to(save_dir, p) if is_absolute(p) else p for p in paths or []]
    state = generate_checkpoint_state_proto(save_dir, newest, paths, times, preserved)
    write_atomically(file, text_format.MessageToString(state))


def get_checkpoint_state(checkpoint_dir, latest_filename=None):
    """tf.train.get_checkpoint_state: the `CheckpointState` of a folder, with full paths; None where there is none.

    A file that can't be read as one counts as none, with a warning.  Raises ValueError where it names nothing,
    DataLossError where it names a checkpoint outside of the folder.
    """
    storage, file = storage_of(_state_path(checkpoint_dir, latest_filename))
    if not storage.is_file(file):
        return None
    try:
        state = text_format.Parse(bytes(storage.read(file)).decode(), CheckpointState())
    except (text_format.ParseError, UnicodeDecodeError) as error:
        _log.warning("%s: %s", type(error).__name__, error)
        _log.warning("%s: Checkpoint ignored", file)
        return None
    if not state.model_checkpoint_path:
        raise ValueError(f"Invalid checkpoint state loaded from {checkpoint_dir}")
    _check_inside(checkpoint_dir, file, state)
    state.model_checkpoint_path = join(checkpoint_dir, state.model_checkpoint_path)
    for i, path in enumerate(state.all_model_checkpoint_paths):
        state.all_model_checkpoint_paths[i] = join(checkpoint_dir, path)
    return state


def _check_inside(folder, file, state):
    """Older paths may be absolute and elsewhere: they are only told.  The newest one is followed."""
    older = [path for path in state.all_model_checkpoint_paths if not is_absolute(path)]
    for path in (state.model_checkpoint_path, *older):
        if "\0" in path or not lies_inside(folder, path):
            raise errors.DataLossError(None, None, f"{file}: '{path}' leaves the folder of the state file")


def lies_inside(folder, path):
    """True where `path`, which may be relative to `folder`, lies in it or below."""
    whole = join(folder, path)
    if is_url(whole) != is_url(folder):
        return False
    if is_url(whole):
        return not posixpath.relpath(whole, os.fspath(folder)).startswith("..")
    folder = os.path.realpath(folder)
    return os.path.commonpath([folder, os.path.realpath(os.path.dirname(whole) or ".")]) == folder


def latest_checkpoint(checkpoint_dir, latest_filename=None):
    """tf.train.latest_checkpoint: the path of the newest checkpoint of a folder, or None.

    It is what the state file names.  Where that file is damaged, or names a checkpoint that is not whole, it is
    the newest whole checkpoint of the folder, with a warning.
    """
    storage, file = storage_of(_state_path(checkpoint_dir, latest_filename))
    if not storage.is_file(file):
        return None
    try:
        state = get_checkpoint_state(checkpoint_dir, latest_filename)
    except (ValueError, errors.DataLossError) as error:
        _log.warning("%s", error)
        state = None
    named = state.model_checkpoint_path if state is not None else None
    if named is not None and _is_whole(named):
        return named
    found = _newest_whole(checkpoint_dir)
    if found is not None:
        fault = "is damaged" if named is None else f"names {named}, which is missing or damaged"
        _log.warning("%s %s: going on from %s, the newest whole checkpoint of the folder", file, fault, found)
        return found
    if named is not None and checkpoint_exists(named):
        return named  # restoring it tells what is wrong with it; None would begin the training anew
    if named is not None:
        _log.error("Couldn't match files for checkpoint %s", named)
    return None


def _is_whole(prefix):
    """True where index and data fit together; an old V1 checkpoint counts, so that restoring it tells what it is."""
    try:
        BundleReader(prefix)
    except errors.UnimplementedError:
        return True
    except (errors.OpError, OSError):
        return False
    return True


def _newest_whole(folder):
    storage, inner = storage_of(folder)
    prefixes = [name.removesuffix(".index") for name in storage.list(inner) if name.endswith(".index")]

    def age(name):
        step = re.search(r"-(\d+)$", name)
        return storage.modified(os.path.join(inner, index_name(name))), int(step[1]) if step else -1

    for name in sorted(prefixes, key=age, reverse=True):
        if _is_whole(join(folder, name)):
            return join(folder, name)
    return None


def checkpoint_exists(checkpoint_prefix):
    """tf.train.checkpoint_exists: True where there are files of this prefix."""
    storage, prefix = storage_of(checkpoint_prefix)
    return storage.is_file(index_name(prefix)) or (storage is LOCAL and is_version_1(prefix))


def get_checkpoint_mtimes(checkpoint_prefixes):
    """tf.train.get_checkpoint_mtimes: when each was written, seconds since the epoch."""
    found = [storage_of(p) for p in checkpoint_prefixes]
    return [s.modified(index_name(path)) for s, path in found if s.is_file(index_name(path))]


def remove_checkpoint(checkpoint_prefix, checkpoint_format_version=None, meta_graph_suffix="meta"):
    """tf.train.remove_checkpoint: delete the files of a checkpoint; those already gone are no error."""
    storage, prefix = storage_of(checkpoint_prefix)
    with translated():
        remove_files(storage, prefix, meta_graph_suffix)


def load_checkpoint(ckpt_dir_or_file):
    """tf.train.load_checkpoint: a reader of the newest checkpoint of a folder, or of the one of this prefix.

    Raises ValueError where a folder holds none.
    """
    prefix = os.fspath(ckpt_dir_or_file)
    storage, path = storage_of(prefix)
    if storage.is_folder(path):
        found = latest_checkpoint(prefix)
        if found is None:
            raise ValueError(f"Couldn't find 'checkpoint' file or checkpoints in given directory {prefix}")
        prefix = found
    return BundleReader(prefix)


def load_variable(ckpt_dir_or_file, name):
    """tf.train.load_variable: the array of one variable of a checkpoint."""
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name[:-2] if name.endswith(":0") else name)


def list_variables(ckpt_dir_or_file):
    """tf.train.list_variables: [(name, [sizes])], sorted by name."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())
