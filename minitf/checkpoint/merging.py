"""Several bundles, each with a part of the variables, as one: what a sharded `Saver` does last.

The data files are renamed, not read; only the index is written anew.
"""

import contextlib
import os

from minitf.checkpoint.commit import data_name, index_name, publish_checkpoint, remove_files
from minitf.checkpoint.damage import check, inside
from minitf.checkpoint.entries import parse_entry, read_index
from minitf.checkpoint.ranged import read_whole
from minitf.checkpoint.storage import storage_of
from minitf.checkpoint.table import write_table
from minitf.graph.messages import BundleEntryProto, BundleHeaderProto


def merge_bundles(prefixes, destination, delete_old_dirs=True):
    """Make the bundles at `prefixes` the checkpoint `destination`, on the same storage.

    `delete_old_dirs` removes their folders, if nothing else is in them.  Raises OSError, DataLossError.
    """
    storage, path = storage_of(destination)
    sources = [storage_of(prefix)[1] for prefix in prefixes]
    files, entries = [], {}
    for source, prefix in zip(sources, prefixes, strict=True):
        with inside(index_name(prefix)):
            shards, items = read_index(read_whole(index_name(prefix)))
            for key, value in items:
                parse_entry(value, shards)  # which refuses what can't be
                _add(entries, key, BundleEntryProto.FromString(value), len(files))
        files += [data_name(source, shard, shards) for shard in range(shards)]
    head = BundleHeaderProto(num_shards=len(files))
    head.version.producer = 1
    items = [(b"", head.SerializeToString())]
    items += [(key, entries[key].SerializeToString()) for key in sorted(entries)]

    def publish_data():
        for shard, file in enumerate(files):
            storage.rename(file, data_name(path, shard, len(files)))

    with storage.draft(index_name(path)) as index:
        index.write(write_table(items))
        index.finish()
        publish_checkpoint(storage, path, publish_data, index, len(files))
    for source in sources:
        remove_files(storage, source)
    if delete_old_dirs:
        _remove_empty(storage, {os.path.dirname(source) for source in sources})


def _add(entries, key, entry, first_shard):
    """Take over an entry; a variable whose slices lie in several bundles is described in each of them."""
    if not entry.slices:
        check(key not in entries, f"{key!r} is in two of the checkpoints to be merged")
        entry.shard_id += first_shard
        entries[key] = entry
    elif key in entries:
        entries[key].slices.extend(entry.slices)
    else:
        entries[key] = entry


def _remove_empty(storage, folders):
    for folder in folders:
        with contextlib.suppress(OSError):
            if storage.is_folder(folder) and not storage.list(folder):
                storage.remove_tree(folder)
