"""What a checkpoint holds, and how it fits a graph or another checkpoint: from its header, without its data."""

import difflib
import os
import pathlib
import re
from typing import NamedTuple

import numpy as np

from minitf import errors
from minitf.checkpoint.exchange import SafetensorsReader
from minitf.checkpoint.state import get_checkpoint_state, load_checkpoint
from minitf.graph.collections import GraphKeys
from minitf.graph.messages import VariableDef
from minitf.observe.values import bytes_text, shape_text
from minitf.training.meta_graph import read_meta_graph_file

_BIAS = re.compile(r"^(bias(es)?|b|beta)(_\d+)?$")
_STEP = re.compile(r"(^|/)(global_step|beta[12]_power)(_\d+)?$")
CLOSE = 0.6  # how alike names must be to be suggested


class Entry(NamedTuple):
    """One tensor: name, sizes, dtype's name, bytes (None for strings), and what it is for."""

    name: str
    shape: tuple
    dtype: str
    bytes: int | None
    role: str

    @property
    def elements(self):
        return int(np.prod(self.shape, dtype=np.int64))

    def __str__(self):
        return f"{shape_text(self.shape)} {self.dtype}"


class Checkpoint:
    """A checkpoint of which only the header was read: `entries` {name: Entry}, `value(name)` an array.

    `path` as in `tf.train.load_checkpoint`, also with the ending `.index`, or a safetensors file.  Raises what
    the readers raise.
    """

    def __init__(self, path):
        path = os.fspath(path)
        is_plain = path.endswith(".safetensors")
        self._reader = SafetensorsReader(path) if is_plain else load_checkpoint(path.removesuffix(".index"))
        self.path = self._reader.prefix
        shapes, dtypes = self._reader.get_variable_to_shape_map(), self._reader.get_variable_to_dtype_map()
        self.entries = {n: entry(n, shapes[n], dtypes[n], shapes) for n in sorted(shapes)}

    def value(self, name):
        return np.asarray(self._reader.get_tensor(name))

    @property
    def trainable(self):
        """Names of the trainable variables, from the `.meta` file beside it; None where there is none."""
        if not os.path.exists(f"{self.path}.meta"):
            return None
        collections = read_meta_graph_file(f"{self.path}.meta").collection_def
        if GraphKeys.TRAINABLE_VARIABLES not in collections:
            return None
        stored = collections[GraphKeys.TRAINABLE_VARIABLES]
        names = [_variable_name(each) for each in stored.bytes_list.value]
        return {name for name in names if name in self.entries}

    def line(self):
        known = [e.bytes for e in self.entries.values() if e.bytes is not None]
        elements = sum(e.elements for e in self.entries.values())
        count = f"{len(self.entries):,} tensor{'s' * (len(self.entries) != 1)}"
        return f"{count}, {elements:,} elements, {bytes_text(sum(known))}"


def _variable_name(data):
    """The name of a variable, `dense/kernel`, from the bytes of its `VariableDef`.  Raises MalformedGraphError."""
    try:
        return VariableDef.FromString(data).variable_name.partition(":")[0]
    except Exception as error:  # protobuf's DecodeError has no stable home
        raise errors.MalformedGraphError(None, None, f"A trainable variable of the .meta file: {error}") from error


def entry(name, shape, dtype, names):
    size = None if dtype.name == "string" else int(np.prod(shape, dtype=np.int64)) * dtype.size
    return Entry(name, tuple(shape), dtype.name, size, role(name, shape, dtype.name, names))


def role(name, shape, dtype, names):
    """ "step", "slot" (what an optimizer keeps beside a variable), "bias", "weight", or "state" for others."""
    parent, _, last = name.rpartition("/")
    if _STEP.search(name):
        return "step"
    if parent in names:
        return "slot"
    if _BIAS.match(last):
        return "bias"
    return "weight" if len(shape) and dtype in ("float16", "bfloat16", "float32", "float64") else "state"


def series_of(path):
    """The checkpoints of the folder in which `path` lies (or which it is), oldest first."""
    path = pathlib.Path(path)
    folder = path if path.is_dir() else path.parent
    state = get_checkpoint_state(os.fspath(folder)) if folder.is_dir() else None
    known = list(state.all_model_checkpoint_paths) if state is not None else []
    found = [os.fspath(p.with_suffix("")) for p in folder.glob("*.index")] if folder.is_dir() else []
    once = {os.path.realpath(p): p for p in [p for p in known if os.path.exists(f"{p}.index")] + found}
    return sorted(once.values(), key=lambda p: (_stem(p), _step(p)))


def _stem(path):
    return re.sub(r"-\d+$", "", path)


def _step(path):
    found = re.search(r"-(\d+)$", path)
    return int(found.group(1)) if found else -1


# -- a checkpoint against a graph ------------------------------------------------------------------------


class Match(NamedTuple):
    """A variable of a graph and what a checkpoint has for it.

    `status` is "match", "missing" (the checkpoint lacks it), "shape", "dtype" or "extra" (the graph lacks
    it); `source` the tensor of the checkpoint that fits or is suggested ('' for none); `note` why.
    """

    name: str
    status: str
    source: str
    note: str
    entry: Entry


def rehearse(checkpoint, variables, stale=()):
    """[Match] for all `variables` and all tensors of a `Checkpoint`, by name; nothing is read or restored.

    `stale` are names of variables that an earlier run of a cell made: what they would take is suggested to
    their successors (`v1_5` takes `v1`).
    """
    wanted = {v.op.name: v for v in variables}
    found = [_against(name, v, checkpoint.entries.get(name)) for name, v in wanted.items()]
    free = {n: e for n, e in checkpoint.entries.items() if n not in wanted or n in stale}
    lost = [m for m in found if m.status in ("missing", "shape") and m.name not in stale]
    suggested = _suggestions(lost, free, wanted)
    given = {m.source for m in suggested.values()}
    found = [suggested.get(m.name, _outdated(m, m.name in given) if m.name in stale else m) for m in found]
    taken = given | {m.source for m in found} | set(wanted)
    return found + [Match(n, "extra", n, "not in the graph", e) for n, e in free.items() if n not in taken]


def _outdated(match, is_given):
    note = "an earlier run of its cell made it, nothing in the notebook leads to it any more"
    return match._replace(note=note, source="" if is_given else match.source)


def _against(name, variable, saved):
    shape, dtype = variable.shape, variable.dtype.base_dtype.name
    sizes = tuple(shape.as_list()) if shape.ndims is not None else ()
    own = graph_entry(variable, ())
    if saved is None:
        return Match(name, "missing", "", "not in the checkpoint", own)
    if not shape.is_compatible_with(saved.shape):
        return Match(name, "shape", "", f"{shape_text(sizes)} here, {shape_text(saved.shape)} in the checkpoint", own)
    if dtype != saved.dtype:
        return Match(name, "dtype", "", f"{dtype} here, {saved.dtype} in the checkpoint", own)
    return Match(name, "match", name, "", own)


def graph_entry(variable, names):
    """The `Entry` of a variable of a graph; sizes that are not known count as 0."""
    sizes = tuple(n or 0 for n in variable.shape.as_list()) if variable.shape.ndims is not None else ()
    return entry(variable.op.name, sizes, variable.dtype.base_dtype, names)


def _suggestions(lost, free, wanted):
    """{name: Match} with a tensor nobody else takes, of the same type and the most similar name."""
    pairs = []
    for match in lost:
        for name, saved in free.items():
            if saved.shape == match.entry.shape and saved.dtype == match.entry.dtype:
                pairs.append((alike(match.name, name), match, name))
    found, taken = {}, set()
    for likeness, match, name in sorted(pairs, key=lambda pair: -pair[0]):
        if likeness >= CLOSE and match.name not in found and name not in taken:
            taken.add(name)
            found[match.name] = match._replace(source=name, note=f"{match.note}; {_why(match.name, name, wanted)}")
    return found


def _why(name, source, wanted):
    if plain(name) != plain(source):
        return f"{source} has its type and the most similar name"
    runs = sum(plain(other) == plain(name) for other in wanted)
    again = f": its cell ran {runs} times" if runs > 1 else ""
    return f"{source} has its type and its name without the number{again}"


def alike(one, other):
    """How alike two names are, 0 to 1; 1 and more where they differ in numbers only."""
    likeness = difflib.SequenceMatcher(None, one, other).ratio()
    return 1 + likeness if plain(one) == plain(other) else likeness


def plain(name):
    """`dense_1/v1_5` -> `dense/v1`: without the numbers that make names unique."""
    return re.sub(r"_\d+(?=/|$)", "", name)


# -- two checkpoints, and one alone ----------------------------------------------------------------------


class Change(NamedTuple):
    """How one tensor differs between two checkpoints; `status` "same", "changed", "added", "removed", "shape"."""

    entry: Entry
    status: str
    note: str


def difference(before, after):
    """[Change] of all tensors of two `Checkpoint`s; "trainable but unchanged" is noted."""
    trainable = after.trainable
    found = []
    for name in sorted({*before.entries, *after.entries}):
        old, new = before.entries.get(name), after.entries.get(name)
        found.append(_change(before, after, old, new, trainable))
    return found


def _change(before, after, old, new, trainable):
    if old is None or new is None:
        return Change(new or old, "removed" if new is None else "added", "")
    if old.shape != new.shape or old.dtype != new.dtype:
        return Change(new, "shape", f"{old} became {new}")
    a, b = before.value(new.name), after.value(new.name)
    if a.dtype == object or a.dtype.kind not in "fiub":
        return Change(new, "same" if np.array_equal(a, b) else "changed", "")
    same = (a == b) | ((a != a) & (b != b))
    if same.all():
        learns = new.name in trainable if trainable is not None else new.role in ("weight", "bias")
        return Change(new, "same", "trainable but unchanged" if learns else "")
    with np.errstate(all="ignore"):
        apart = np.abs(b.astype(np.float64) - a.astype(np.float64))
        size = np.sqrt(np.mean(np.square(a.astype(np.float64))))
        moved = np.sqrt(np.mean(np.square(apart)))
    relative = f", {moved / size:.2g} of its size" if size > 0 and np.isfinite(moved) else ""
    count = int((~same).sum())
    return Change(new, "changed", f"{count:,} of {same.size:,} elements, by {np.nanmax(apart):.3g} at most{relative}")


def health(checkpoint, first=None):
    """{name: what is wrong}: NaN or Inf, dead (all zero), all equal, and what is as in the checkpoint `first`."""
    found = {}
    trainable = checkpoint.trainable
    for name, saved in checkpoint.entries.items():
        said = _ailing(checkpoint.value(name), saved)
        learns = name in trainable if trainable is not None else saved.role in ("weight", "bias")
        older = first is not None and learns and name in first.entries and first.path != checkpoint.path
        if older and np.array_equal(first.value(name), checkpoint.value(name)):
            said.append(f"still has its values of {os.path.basename(first.path)}: untouched by training")
        if said:
            found[name] = "; ".join(said)
    return found


def _ailing(value, saved):
    if value.dtype.kind != "f" or not value.size:
        return []
    lost = int((~np.isfinite(value)).sum())
    if lost:
        return [f"{lost:,} of {value.size:,} elements are NaN or infinite"]
    if saved.role == "weight" and value.size > 1 and (value == value.flat[0]).all():
        return ["dead: all elements are 0" if value.flat[0] == 0 else f"all elements are {value.flat[0]:.4g}"]
    rows = value.reshape(-1, value.shape[-1]) if value.ndim > 1 else None
    if saved.role == "weight" and rows is not None:
        dead = int((~rows.any(axis=0)).sum())
        return [f"{dead} of {rows.shape[1]} outputs are dead (all their weights are 0)"] if dead else []
    return []
