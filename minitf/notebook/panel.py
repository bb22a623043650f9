"""The side panel while a cell runs: the kernel hears no question then, so the running loop tells.

A panel that is seen opens a comm.  From then on until it closes, `Session.run` is followed by a look at the
variables, twice a second and for a twentieth of the time at most.  While no panel is open, `Session.run` is
the engine's own and nothing is looked at.

A panel that finds a kernel without minitf leaves a wish there; then the import opens the comm, so that the cell that
imports minitf is seen as it runs.
"""

import functools
import threading
import time

from minitf.notebook.view import kernel_shell
from minitf.notebook.workspace import workspace
from minitf.runtime.session import BaseSession

TARGET = "minitf.panel"
WISH = "minitf_panel"  # an attribute of the kernel, as in labextension/src/lab/expressions.ts
PERIOD = 0.5  # seconds between two looks
SHARE = 20  # a look that took t seconds is followed by 20 t without one

_plain_run = BaseSession.run


class Panels:
    """The open panels of this kernel, each a comm."""

    def __init__(self):
        self.comms, self._next = {}, 0.0

    def open(self, comm, message=None):
        """A panel is seen from now on; called by the kernel for a comm with our target."""
        self.comms[comm.comm_id] = comm
        comm.on_close(lambda _: self.close(comm))
        BaseSession.run = self._watched_run()

    def close(self, comm):
        self.comms.pop(comm.comm_id, None)
        if not self.comms:
            BaseSession.run = _plain_run

    def _watched_run(self):
        @functools.wraps(_plain_run)
        def run(session, *arguments, **options):
            found = _plain_run(session, *arguments, **options)
            if time.monotonic() >= self._next and threading.current_thread() is threading.main_thread():
                self._tell_or_give_up()
            return found

        return run

    def _tell_or_give_up(self):
        try:
            self.tell()
        except Exception:  # a look never breaks the run that it follows
            for comm in list(self.comms.values()):
                self.close(comm)

    def tell(self):
        """Send the workspace to all open panels."""
        start = time.monotonic()
        content = {"push": "workspace", "workspace": workspace().description}
        for comm in list(self.comms.values()):
            comm.send(content)
        end = time.monotonic()
        self._next = end + max(PERIOD, SHARE * (end - start))


panels = Panels()


def serve_panels():
    """Let side panels open their comms in this kernel, if this is one."""
    shell = kernel_shell()
    manager = getattr(getattr(shell, "kernel", None), "comm_manager", None)
    if manager is not None:
        manager.register_target(TARGET, panels.open)
        if vars(shell.kernel).pop(WISH, False):
            import comm  # comes with the kernel

            panels.open(comm.create_comm(target_name=TARGET))
