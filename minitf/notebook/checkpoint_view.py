"""Checkpoints in a notebook: what they hold, whether they fit a graph, what changed between two of them."""

import os

from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph
from minitf.graph.stack import sessions
from minitf.notebook.tensor_view import TensorView
from minitf.notebook.view import View
from minitf.observe import values
from minitf.observe.checkpoints import Checkpoint, difference, graph_entry, health, rehearse, series_of
from minitf.observe.describe_checkpoint import CHECKPOINT_MIME, as_html, describe_rows, row
from minitf.observe.provenance import stale
from minitf.runtime.session import BaseSession
from minitf.training.saver import Saver


class _Table(View):
    """A table of named tensors; a subclass says which rows."""

    mime = CHECKPOINT_MIME

    def fallback(self, description):
        return {"text/html": as_html(description)}

    def answers(self):
        return {"rows": self._rows_from, "tensor": self._tensor}

    def rows(self):
        raise NotImplementedError

    def value(self, name, place=-1):
        """The array of a row; `place` among the checkpoints of the folder, -1 for the one shown."""
        raise NotImplementedError

    def _rows_from(self, start):
        return {"rows": self.rows()[int(start) :]}, []

    def _tensor(self, name, place=-1):
        view = TensorView(self.value(name, int(place)), name=name)
        description = view.describe()
        if self._widget is not None:
            description["widget"] = view.widget.model_id  # it answers for itself
        return description, []


class CheckpointView(_Table):
    """What a checkpoint holds; only its header is read until a tensor is opened.  Arguments as `show_checkpoint`."""

    def __init__(self, path):
        super().__init__()
        self.checkpoint, self.series, self._health = Checkpoint(path), series_of(path), {}

    def rows(self):
        return [row(e, "ill" if n in self._health else "", self._health.get(n, ""))
                for n, e in self.checkpoint.entries.items()]  # fmt: skip

    def value(self, name, place=-1):
        return (self.checkpoint if place < 0 else Checkpoint(self.series[place])).value(name)

    def describe(self):
        history = [os.path.basename(path) for path in self.series] if len(self.series) > 1 else []
        title = os.path.basename(self.checkpoint.path)
        return describe_rows("browse", title, self.checkpoint.line(), self.rows(), history=history)

    def answers(self):
        return super().answers() | {"health": self._check}

    def health(self):
        """{name: what is wrong} after all tensors were read: NaN, dead, all equal, untouched by training."""
        first = Checkpoint(self.series[0]) if len(self.series) > 1 else None
        self._health = health(self.checkpoint, first)
        return dict(self._health)

    def _check(self):
        self.health()
        self.keep()
        return {"rows": self.rows()}, []


class Rehearsal(_Table):
    """How a checkpoint fits the variables of a graph, before anything is restored.

    `matches` has a `Match` for each variable and each tensor that is left over.  `mapping` {variable's
    name: tensor's name} says what `restore` will do: what matches, and what was suggested; change it at
    will.  Printed, it is a table.
    """

    def __init__(self, path, graph=None):
        super().__init__()
        self.checkpoint = Checkpoint(path)
        self.graph = graph if graph is not None else get_default_graph()
        found = self.graph.get_collection(GraphKeys.GLOBAL_VARIABLES)
        self._variables = {v.op.name: v for v in found}
        self.matches = rehearse(self.checkpoint, found, {op.name for op in stale(self.graph)})
        self.mapping = {m.name: m.source for m in self.matches if m.status != "extra" and m.source}

    def rows(self):
        return [row(m.entry, m.status, self._note(m), self.mapping.get(m.name, "")) for m in self.matches]

    def _note(self, match):
        variable = self._variables.get(match.name)
        made = f"; made in {variable.op.origin}" if variable is not None and match.status != "match" else ""
        return match.note + made

    def value(self, name, place=-1):
        return self.checkpoint.value(self.mapping.get(name, name))

    def describe(self):
        counts = {}
        for match in self.matches:
            counts[match.status] = counts.get(match.status, 0) + 1
        line = ", ".join(f"{n} {status}" for status, n in counts.items())
        title = f"Restoring {os.path.basename(self.checkpoint.path)}"
        return describe_rows("rehearsal", title, line, self.rows(), choices=self.checkpoint.entries)

    def answers(self):
        return super().answers() | {"map": self._map, "restore": self._restore}

    def restore(self, session):
        """Give the variables in `mapping` their tensors; the others keep what they have.  Adds no operations.

        Raises KeyError for a name that is not there, ValueError for a tensor that does not fit, before
        anything is set.
        """
        chosen = {}
        for name, source in self.mapping.items():
            if not source:
                continue
            variable, saved = self._variables[name], self.checkpoint.entries[source]
            if not variable.shape.is_compatible_with(saved.shape) or variable.dtype.base_dtype.name != saved.dtype:
                raise ValueError(f"{name} can't take {source} {saved}: it is {variable.shape} {variable.dtype.name}")
            chosen[variable] = source
        for variable, source in chosen.items():
            variable.load(self.checkpoint.value(source), session)

    def _map(self, name, source):
        if source:
            self.mapping[name] = source
        else:
            self.mapping.pop(name, None)
        self.keep()
        return {"rows": self.rows()}, []

    def _restore(self):
        session = sessions.get()
        if session is None:
            raise ValueError("No session is open: call rehearsal.restore(session).")
        self.restore(session)
        return {"said": f"{len(self.mapping)} variables were restored."}, []


class Difference(_Table):
    """What changed between two checkpoints; `changes` has a `Change` for each tensor."""

    def __init__(self, before, after):
        super().__init__()
        self._before, self._after = Checkpoint(before), Checkpoint(after)
        self.changes = difference(self._before, self._after)

    def rows(self):
        return [row(c.entry, c.status, c.note) for c in self.changes]

    def value(self, name, place=-1):
        return (self._after if name in self._after.entries else self._before).value(name)

    def describe(self):
        same = sum(c.note == "trainable but unchanged" for c in self.changes)
        changed = sum(c.status == "changed" for c in self.changes)
        line = f"{changed} of {len(self.changes)} tensors changed, {same} trainable but unchanged"
        title = f"{os.path.basename(self._before.path)} → {os.path.basename(self._after.path)}"
        return describe_rows("difference", title, line, self.rows())


class VariablesView(_Table):
    """The variables of a session, with those that have no value yet; what a `Saver` saves."""

    def __init__(self, variables, session=None, title="Variables"):
        super().__init__()
        self._variables, self._session, self._title = {v.op.name: v for v in variables}, session, title

    def _state(self, name):
        state = self._session.state.variables.get(name) if self._session is not None else None
        return None if state is None else state.value

    def rows(self):
        found = []
        for name, variable in self._variables.items():
            value = self._state(name)
            status = "" if self._session is None or value is not None else "empty"
            note = "not initialized" if status else "" if value is None else values.line(values.summary(value))
            found.append(row(graph_entry(variable, self._variables), status, note.partition(": ")[2] or note))
        return found

    def value(self, name, place=-1):
        value = self._state(name)
        if value is None:
            raise ValueError(f"{name} is not initialized")
        return value.copy()

    def describe(self):
        ready = sum(self._state(name) is not None for name in self._variables)
        count = len(self._variables)
        line = f"{count} variables" + (f", {ready} initialized" if self._session is not None else "")
        return describe_rows("variables", self._title, line, self.rows())


def show_checkpoint(path):
    """tf.show_checkpoint: what a checkpoint holds: names, shapes, dtypes, bytes, roles, by name scope.

    `path` is a checkpoint's, one with the ending `.index`, or a folder's, for its newest.  Only the header
    is read; a tensor's values are when it is opened.  In a folder of checkpoints a slider follows a tensor
    through them.  Raises NotFoundError and ValueError where there is none, DataLossError for a damaged one.
    """
    CheckpointView(path).display()


def rehearse_restore(path, graph=None):
    """tf.rehearse_restore: would this checkpoint restore this graph (default: the default graph)?

    Returns a `Rehearsal`, which shows all that does not fit at once - missing, left over, another shape or
    dtype - and suggests renamings; its `mapping` can be edited and its `restore(session)` does it.
    """
    return Rehearsal(path, graph)


def diff_checkpoints(before, after):
    """tf.diff_checkpoints: what changed between two checkpoints, by name scope.

    Returns a `Difference`; trainable variables that did not change are noted.
    """
    return Difference(before, after)


def check_checkpoint(path):
    """tf.check_checkpoint: {name: what is wrong} with the tensors of a checkpoint.

    NaN or infinity, dead (all zero), all equal, untouched since the first checkpoint of its folder.
    """
    return CheckpointView(path).health()


def _session_mimebundle(self, include=None, exclude=None):
    variables = self.graph.get_collection(GraphKeys.GLOBAL_VARIABLES)
    return VariablesView(variables, self, f"Session of {self.graph!r}")._repr_mimebundle_()


def _saver_mimebundle(self, include=None, exclude=None):
    kept = self.last_checkpoints
    if kept and os.path.exists(f"{kept[-1]}.index"):
        return CheckpointView(kept[-1])._repr_mimebundle_()
    variables = get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES)
    return VariablesView(variables, sessions.get(), "Saver: nothing saved yet")._repr_mimebundle_()


BaseSession._repr_mimebundle_ = _session_mimebundle  # the engine's classes know no notebook
Saver._repr_mimebundle_ = _saver_mimebundle
