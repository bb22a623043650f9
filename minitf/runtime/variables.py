"""What a session remembers between runs."""

import itertools
import threading

import numpy as np

from minitf.runtime.memory import new_array


class VariableState:
    """The value of one variable in one session; None until it is initialized.

    `shared` says that somebody else (a snapshot) holds the array: then a writer replaces it by a copy.
    `changed()` is called after the array was replaced, or has become shared.
    """

    __slots__ = ("_changed", "name", "shared", "value")

    def __init__(self, name, changed):
        self.name, self.value, self.shared = name, None, False
        self._changed = changed

    def set(self, array):
        """Take over the content of `array`: in place where the old memory fits and nobody else sees it.

        The address then stays, and with it every program that was bound to it.
        """
        old = self.value
        if not isinstance(old, np.ndarray) or self.shared or old.shape != array.shape or old.dtype != array.dtype:
            self.value = new_array(array.shape, array.dtype)
            np.copyto(self.value, array)
            self._changed()
        elif old is not array:
            np.copyto(old, array)
        self.shared = False

    def move(self, array):
        """The same value in another memory: on a device, or back."""
        self.value, self.shared = array, False
        self._changed()

    def bring_home(self):
        """The value as an array on the host, where it then stays."""
        if self.value is not None and not isinstance(self.value, np.ndarray):
            self.move(self.value.numpy())
        return self.value

    def writable(self):
        """The array to write in place: a copy of it, if a snapshot holds the old one."""
        if self.shared:
            self.value = self.value.copy()
            self.shared = False
            self._changed()
        return self.value


class SessionState:
    """Everything a session keeps: variables by name, and resources (queues, iterators) by name.

    `make_session(graph)` gives operations that own a graph (the functions of a dataset) a session for it.
    `threads` is how many threads a kernel may use at most; None: as many as there are.
    """

    def __init__(self, make_session=None, threads=None):
        self.make_session, self.threads = make_session, threads
        self.placer = None  # what sends operations to a GPU, where there is one: see `gpu.py`
        self._thread = threading.local()
        self.variables = {}
        self.resources = {}
        self.lock = threading.RLock()
        self.writing = threading.Lock()  # held by a stretch that writes with `use_locking`
        self.run_count = 0
        self._ticks = itertools.count(1)
        self.changes = 0  # another number whenever a program that was bound to variables' arrays must look again

    def _changed(self):
        self.changes = next(self._ticks)

    def variable(self, op):
        """The state of the variable that `op` is; ops with a hidden state have one, too."""
        found = self.variables.get(op.name)
        if found is None:
            with self.lock:
                found = self.variables.setdefault(op.name, VariableState(op.name, self._changed))
        return found

    def hidden(self, op):
        """The hidden variable of an op that defines `state`, such as the position of a random stream."""
        found = self.variable(op)
        if found.value is None:
            with self.lock:
                if found.value is None:
                    found.value = op.definition.state(op)
                    self._changed()
        return found

    def patience(self):
        """How many seconds the run of this thread may wait at a queue; None: for ever."""
        return getattr(self._thread, "seconds", None)

    def set_patience(self, milliseconds):
        self._thread.seconds = milliseconds / 1000 if milliseconds else None

    def resource(self, name, make):
        """The resource called `name`, made by `make()` at its first use."""
        with self.lock:
            if name not in self.resources:
                self.resources[name] = make()
            return self.resources[name]

    def forget(self, name):
        """The operation `name` is no longer in the graph: its variable and resource go with it."""
        with self.lock:
            self.variables.pop(name, None)
            self.resources.pop(name, None)

    def rename(self, name, new):
        """The operation `name` is called `new` from now on."""
        with self.lock:
            for kept in (self.variables, self.resources):
                if name in kept:
                    kept[new] = kept.pop(name)

    def snapshot(self):
        """The present value of every variable: arrays are marked shared, not copied."""
        for state in self.variables.values():
            state.shared = True
        self._changed()
        return {name: state.value for name, state in self.variables.items()}

    def restore(self, snapshot):
        """Make every variable what it was when `snapshot` was taken; newer ones are forgotten."""
        for name, state in self.variables.items():
            state.value = snapshot.get(name)
            state.shared = True
        self._changed()
