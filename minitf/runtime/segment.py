"""A stretch of a program that runs without Python, with all that must be known to run it again."""

import numpy as np

from minitf.runtime.group import Group


class Segment:
    """Instructions that run without Python, and the call that ends them, in Python or on a GPU (`on_device`).

    `entries` are copied in before, `fixed` once per `loop`; `results` are published after; `assumptions`
    are the variables' arrays it was bound to; `memory` is what its own arrays are cut from.  Of each launch,
    `launch_ops` says whose it is; of a group (see `group.py`) that is the first, and `joined` tells the others.
    `locks` says that one of them writes a variable with `use_locking`: of all such segments of a session, one
    runs at a time, so that none overwrites what another one has just written.
    """

    __slots__ = ("assumptions", "call", "end", "entries", "facts", "fixed", "following", "group", "homes", "joined",
                 "launch_ops", "launches", "locks", "loop", "memory", "on_device", "results", "start", "stretch",
                 "wheel", "writes")  # fmt: skip

    def __init__(self, start, facts, homes, memory):
        self.start = self.end = start
        self.facts, self.homes, self.memory = facts, homes, memory
        self.entries, self.fixed, self.results, self.launch_ops = [], [], [], []
        self.launches, self.group, self.joined = [], Group(), {}
        self.loop, self.locks = None, False
        self.assumptions, self.writes = {}, []
        self.stretch = self.call = self.on_device = None
        self.wheel = None  # of which this is the body: see `wheel.py`
        self.following = {}

    def run(self, state):
        """Run the stretch: -1, or the position of the launch whose kernel gave up."""
        if not self.locks:
            return self.stretch.run()
        with state.writing:
            return self.stretch.run()

    def load_fixed(self, values, loop):
        """Copy in what stays the same in all turns of `loop`."""
        for slot, home in self.fixed:
            np.copyto(home, values[slot])
        self.loop = loop

    @property
    def op(self):
        """The operation that the debugger says this segment stands for: the call, or the first launch's."""
        return self.call or (self.launch_ops[0] if self.launch_ops else None)

    def still_holds(self):
        """False where a variable's array was replaced since binding."""
        for state in self.writes:
            if state.shared:
                state.writable()
        for state, array in self.assumptions.items():  # noqa: SIM110 - a generator costs more than the comparison
            if state.value is not array:
                return False
        return True
