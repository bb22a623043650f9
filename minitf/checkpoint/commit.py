"""How the files of a checkpoint take the place of older ones, so that at every moment one can be restored.

Both files are complete, under no name, before any is published, the data before the index.  Where the prefix
is new that is all: a checkpoint without an index is none, and the one before it is still there.  Where it
overwrites a checkpoint, that one is kept as `PREFIX.previous` meanwhile, and its index goes before its data is
replaced: never does an index stand beside data that it does not describe.
"""

import contextlib
import logging
import os
import re

from minitf.checkpoint.storage import storage_of

_PREVIOUS = ".previous"


def index_name(prefix):
    return f"{prefix}.index"


def data_name(prefix, shard=0, shards=1):
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"


def previous_name(prefix):
    """The prefix under which an overwritten checkpoint is kept until its successor is complete."""
    return f"{prefix}{_PREVIOUS}"


def publish_checkpoint(storage, prefix, publish_data, index, shards=1):
    """Publish `shards` data files, by calling `publish_data`, and the finished draft `index` as a checkpoint.

    On one machine's disk, processes that save under one name take turns.
    """
    with storage.alone_in(os.path.dirname(prefix)):
        _publish(storage, prefix, publish_data, index, shards)


def _publish(storage, prefix, publish_data, index, shards):
    folder = os.path.dirname(prefix)
    overwrites = storage.is_file(index_name(prefix))
    if overwrites:
        _keep_previous(storage, prefix)
    publish_data()
    if overwrites:
        storage.settle(folder)
    index.publish()
    storage.settle(folder)
    if overwrites or storage.is_file(index_name(previous_name(prefix))):
        _drop_other_shards(storage, prefix, shards)
        remove_files(storage, previous_name(prefix))


def _keep_previous(storage, prefix):
    previous, folder = previous_name(prefix), os.path.dirname(prefix)
    remove_files(storage, previous)
    base = os.path.basename(prefix)
    for path in _data_files(storage, prefix):
        storage.copy(path, os.path.join(folder, os.path.basename(path).replace(base, base + _PREVIOUS, 1)))
    storage.settle(folder)
    storage.copy(index_name(prefix), index_name(previous))
    storage.settle(folder)
    storage.remove(index_name(prefix))
    storage.settle(folder)


def _data_files(storage, prefix):
    pattern = re.compile(re.escape(os.path.basename(prefix)) + r"\.data-\d{5}-of-\d{5}")
    folder = os.path.dirname(prefix)
    return [os.path.join(folder, name) for name in storage.list(folder) if pattern.fullmatch(name)]


def _drop_other_shards(storage, prefix, shards):
    """An overwritten checkpoint may have had another number of data files than its successor."""
    wanted = {data_name(prefix, shard, shards) for shard in range(shards)}
    for path in _data_files(storage, prefix):
        if path not in wanted:
            storage.remove(path)


def remove_files(storage, prefix, meta_graph_suffix="meta"):
    """Delete the files of a checkpoint, the index first: what is left of a removal that stops is no checkpoint."""
    for path in (index_name(prefix), *_data_files(storage, prefix), f"{prefix}.{meta_graph_suffix}"):
        with contextlib.suppress(FileNotFoundError):
            storage.remove(path)


def clean_drafts(prefix):
    """Delete what saves under this name, of any step, that broke off left behind; `storage.py` says what is old.

    A save that is done does not fail for that: what can't be deleted is told.
    """
    storage, path = storage_of(prefix)
    folder, base = os.path.dirname(path), re.escape(os.path.basename(path))
    files = re.compile(rf"{base}(-\d+)?(\.previous)?\.(index|data-\d{{5}}-of-\d{{5}}|meta)|checkpoint")
    parts = re.compile(rf"{base}(-\d+)?_temp")  # the folders of sharded saves
    try:
        storage.clean(folder, files.fullmatch, parts.fullmatch)
    except OSError as error:
        logging.getLogger("tensorflow").warning("Ignoring: %s", error)
