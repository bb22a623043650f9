"""A run taken step by step: `session.start(fetches, feed_dict)`.

    run = session.start(loss, {x: batch})
    while run.next():
        print(run.when, run.op.name, run.value(run.op.outputs[0]))
    loss_value = run.result()

Each `next` is one short request, so a notebook stays alive between them.
"""

import numpy as np

from minitf.runtime.execute import execute


class SteppedRun:
    """A run that has begun and advances by `next`.

    `op` is the operation it stands at and `when` says "before" or "after" it.  Operations inside a
    loop's body or a taken branch are steps of their own; `depth` counts how deep the run stands.
    """

    def __init__(self, session, structure, frame):
        self._session, self._structure, self._frame = session, structure, frame
        self._before = session.state.snapshot()
        self._steps = execute(frame)
        self._pause = None
        self.finished = False

    def __repr__(self):
        if self.finished:
            return "<SteppedRun at its end: result() gives what was fetched>"
        place = "the first operation" if self._pause is None else f"{self.op.type} '{self.op.name}'"
        return f"<SteppedRun {self.when or 'before'} {place}: next() goes on, result() runs to the end>"

    @property
    def op(self):
        return None if self._pause is None else self._pause.op

    @property
    def when(self):
        return None if self._pause is None else self._pause.when

    @property
    def depth(self):
        return 0 if self._pause is None else self._pause.frame.depth

    def next(self):
        """Advance to the next pause; False when the run is over."""
        if self.finished:
            return False
        try:
            self._pause = next(self._steps)
        except StopIteration:
            self._pause, self.finished = None, True
        except BaseException:
            self.finished = True
            raise
        return not self.finished

    def continue_to(self, name, when="after"):
        """Advance until operation (or tensor) `name` is reached; False when the run ended before."""
        name = getattr(name, "name", name).partition(":")[0]
        while self.next():
            if self.op.name == name and self.when == when:
                return True
        return False

    def value(self, tensor):
        """The present value (a copy) of a tensor, in the body the run stands in or around it; None if none yet."""
        tensor = self._session.graph.as_graph_element(tensor, allow_operation=False)
        for frame in [self._pause.frame] * (self._pause is not None) + [self._frame]:
            value = frame.value(tensor)
            if value is not None:
                return value.copy() if isinstance(value, np.ndarray) else value
        return None

    def values(self):
        """{tensor name: value} of everything computed so far, in the body where the run stands."""
        frame = self._frame if self._pause is None else self._pause.frame
        found = {t.name: frame.value(t) for t in frame.program.plan.slots}
        return {
            name: v.copy() if isinstance(v, np.ndarray) else v for name, v in found.items() if v is not None
        }

    def override(self, tensor, value):
        """Replace the value of a tensor that was computed or fed, and go on with it.

        Raises ValueError where the value does not fit, or the tensor is no part of the loop or branch where the
        run stands.
        """
        tensor = self._session.graph.as_graph_element(tensor, allow_operation=False)
        frame = self._frame if self._pause is None else self._pause.frame
        frame.override(tensor, value)

    def result(self):
        """Run to the end and return what `session.run` would have returned."""
        while self.next():
            pass
        return self._structure.build(
            [v[()] if isinstance(v, np.ndarray) else v for v in self._frame.fetched()]
        )

    def abandon(self):
        """Stop here, and leave the session's variables as they were before this run."""
        self._steps.close()
        self._session.state.restore(self._before)
        self._pause, self.finished = None, True
