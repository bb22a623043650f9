"""The operations that a `Saver` puts into the graph: one bundle for all, or one part for each device."""

import os
from itertools import groupby

from minitf.graph.graph import control_dependencies, device, get_default_graph, name_scope
from minitf.ops.array import identity
from minitf.ops.constant import constant, placeholder_with_default
from minitf.ops.control_flow import group
from minitf.ops.saving import merge_v2_checkpoints, restore_v2, save_v2, sharded_filename
from minitf.ops.selection import where
from minitf.ops.strings import regex_full_match, string_join
from minitf.training.saveables import full_shapes


def build(saveables, name, filename, sharded, reshape):
    """Returns the names of (the tensor to feed the path to, the one that saves, the operation that restores)."""
    with name_scope(name, "save", [s.op for s in saveables]):
        path = placeholder_with_default(
            placeholder_with_default(constant(filename or "model", name="filename/input"), [], name="filename"),
            [], name="Const",
        )  # fmt: skip
        if sharded:
            per_device = _by_device(saveables)
            saved = _save_parts(path, per_device)
            restored = _restore_parts(path, per_device, reshape)
        else:
            saved = _save(path, saveables)
            restored = _restore(path, saveables, reshape, "restore_all")
    return path.name, saved.name, restored.name


def _specs(saveables):
    specs = [spec for saveable in saveables for spec in saveable.specs]
    return specs, [s.name for s in specs], [s.slice_spec for s in specs]


def _save(path, saveables):
    specs, names, slices = _specs(saveables)
    saved = save_v2(path, names, slices, [spec.tensor for spec in specs])
    with control_dependencies([saved]), get_default_graph().colocate_with(path):
        return identity(path, name="control_dependency")


def _restore(path, saveables, reshape, name):
    specs, names, slices = _specs(saveables)
    with device("/device:CPU:0"):
        values = iter(restore_v2(path, names, slices, [spec.dtype for spec in specs]))
    set_again = [
        s.restore([next(values) for _ in s.specs], full_shapes(s) if reshape else None) for s in saveables
    ]
    return group(*set_again, name=name)


def _by_device(saveables):
    """[(device, saveables)], sorted by device."""

    def place(saveable):
        return saveable.device or ""

    return [(where, list(items)) for where, items in groupby(sorted(saveables, key=place), place)]


def _save_parts(path, per_device):
    """Each part is saved in a folder of its own, or under a name of its own on S3; then they become one."""
    with device("CPU"):
        on_s3 = regex_full_match(path, "^s3://.*")
        suffix = where(on_s3, constant(".part"), constant(os.path.join("_temp", "part")))
        base = string_join([path, suffix])
    count = constant(len(per_device), name="num_shards")
    parts, saved = [], []
    for shard, (place, saveables) in enumerate(per_device):
        with device(_on_cpu(place)):
            parts.append(sharded_filename(base, shard, count))
            saved.append(_save(parts[-1], saveables))
    with control_dependencies(saved), device(_on_cpu(per_device[-1][0])):
        merged = merge_v2_checkpoints(parts, path, delete_old_dirs=True)
        with control_dependencies([merged]):
            return identity(path)


def _restore_parts(path, per_device, reshape):
    restored = []
    for place, saveables in per_device:
        with device(place or None):
            restored.append(_restore(path, saveables, reshape, "restore_shard"))
    return group(*restored, name="restore_all")


def _on_cpu(place):
    """The CPU of the machine that a device belongs to: files are written there."""
    machine = "/".join(part for part in place.split("/") if part and not part.startswith("device:"))
    return f"/{machine}/device:CPU:0" if machine else "/device:CPU:0"
