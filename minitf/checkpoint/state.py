"""The file `checkpoint`: which checkpoints a folder holds, and which is the newest."""

import os
import uuid

from google.protobuf import text_format

from minitf.checkpoint.bundle import index_name, sync_folder
from minitf.checkpoint.reader import BundleReader, is_version_1
from minitf.graph.messages import CheckpointState


def write_atomically(path, content):
    """Write text or bytes under a temporary name, then rename: nobody sees half a file."""
    data = content if isinstance(content, bytes) else content.encode()
    temporary = f"{path}.tmp-{uuid.uuid4().hex[:12]}"
    with open(temporary, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path)


def _state_path(folder, latest_filename):
    return os.path.join(folder, latest_filename or "checkpoint")


def generate_checkpoint_state_proto(save_dir, model_checkpoint_path, all_model_checkpoint_paths=None,
                                    all_model_checkpoint_timestamps=None, last_preserved_timestamp=None):  # fmt: skip
    """tf.train.generate_checkpoint_state_proto: the message; paths inside `save_dir` become relative to it."""
    paths = list(all_model_checkpoint_paths or [])
    if not paths or paths[-1] != model_checkpoint_path:
        paths.append(model_checkpoint_path)
    times = list(all_model_checkpoint_timestamps or [])
    if times and len(times) != len(paths):
        raise ValueError("Checkpoint timestamps, if provided, must match checkpoint paths")
    if not os.path.isabs(save_dir):
        paths = [p if os.path.isabs(p) else os.path.relpath(p, save_dir) for p in paths]
        if not os.path.isabs(model_checkpoint_path):
            model_checkpoint_path = os.path.relpath(model_checkpoint_path, save_dir)
    return CheckpointState(
        model_checkpoint_path=model_checkpoint_path, all_model_checkpoint_paths=paths,
        all_model_checkpoint_timestamps=times, last_preserved_timestamp=last_preserved_timestamp or 0,
    )  # fmt: skip


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
    if os.path.abspath(file) == os.path.abspath(newest):
        raise RuntimeError(f"Save path '{newest}' conflicts with path used for checkpoint state. "
                           "Please use a different save path.")  # fmt: skip
    if relative:
        newest = os.path.relpath(newest, save_dir) if os.path.isabs(newest) else newest
        paths = [os.path.relpath(p, save_dir) if os.path.isabs(p) else p for p in paths or []]
    state = generate_checkpoint_state_proto(save_dir, newest, paths, times, preserved)
    write_atomically(file, text_format.MessageToString(state))


def get_checkpoint_state(checkpoint_dir, latest_filename=None):
    """tf.train.get_checkpoint_state: the `CheckpointState` of a folder, with full paths; None where there is none."""
    file = _state_path(os.fspath(checkpoint_dir), latest_filename)
    if not os.path.exists(file):
        return None
    with open(file, encoding="utf-8") as opened:
        try:
            state = text_format.Parse(opened.read(), CheckpointState())
        except (text_format.ParseError, UnicodeDecodeError):
            return None
    if not state.model_checkpoint_path:
        raise ValueError(f"Invalid checkpoint state loaded from {checkpoint_dir}")
    state.model_checkpoint_path = _absolute(checkpoint_dir, state.model_checkpoint_path)
    for i, path in enumerate(state.all_model_checkpoint_paths):
        state.all_model_checkpoint_paths[i] = _absolute(checkpoint_dir, path)
    return state


def _absolute(folder, path):
    return path if os.path.isabs(path) else os.path.join(folder, path)


def latest_checkpoint(checkpoint_dir, latest_filename=None):
    """tf.train.latest_checkpoint: the path of the newest checkpoint of a folder, or None."""
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is not None and checkpoint_exists(state.model_checkpoint_path):
        return state.model_checkpoint_path
    return None


def checkpoint_exists(checkpoint_prefix):
    """tf.train.checkpoint_exists: True where there are files of this prefix."""
    prefix = os.fspath(checkpoint_prefix)
    return os.path.isfile(index_name(prefix)) or is_version_1(prefix)


def get_checkpoint_mtimes(checkpoint_prefixes):
    """tf.train.get_checkpoint_mtimes: when each was written, seconds since the epoch."""
    return [os.path.getmtime(index_name(p)) for p in checkpoint_prefixes if os.path.isfile(index_name(p))]


def remove_checkpoint(checkpoint_prefix, checkpoint_format_version=None, meta_graph_suffix="meta"):
    """tf.train.remove_checkpoint: delete the files of a checkpoint; those already gone are no error."""
    folder = os.path.dirname(checkpoint_prefix) or "."
    base = os.path.basename(checkpoint_prefix)
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if name in (f"{base}.index", f"{base}.{meta_graph_suffix}") or name.startswith(f"{base}.data-"):
            os.unlink(os.path.join(folder, name))


def load_checkpoint(ckpt_dir_or_file):
    """tf.train.load_checkpoint: a reader of the newest checkpoint of a folder, or of the one of this prefix.

    Raises ValueError where a folder holds none.
    """
    prefix = os.fspath(ckpt_dir_or_file)
    if os.path.isdir(prefix):
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
