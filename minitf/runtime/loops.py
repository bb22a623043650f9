"""Parts of a graph that run many times: the condition and the body of a `while_loop`.

Where both parts of a loop are one stretch of the machine, the machine turns the loop by itself (`wheel.py`).
Otherwise the first turn goes the general way, which also finds out the shapes; where a part is one stretch,
further turns take the short way (`straight.py`).
"""

from minitf.ops.rows import kind_of
from minitf.runtime.execute import Frame, execute
from minitf.runtime.straight import straight_run
from minitf.runtime.wheel import kinds_of, segment_of, wheel_of


class Turns:
    """For `with`: a generator function of the values of `fed`, to be called again and again.

    `fixed` {tensor: value} is the same for all turns: it is handed to the machine once.
    """

    def __init__(self, outer, fetches, fed, fixed):
        self._outer, self._fetches, self._fed = outer, fetches, fed
        self._fixed = dict(fixed)
        self._loop = object()  # what the program's segments remember to have loaded the fixed values for
        self._straight = None
        self._first = None  # what a turn that went the general way has left: (segment, changes of variables)

    def __enter__(self):
        outer = self._outer
        fed = (*self._fed, *self._fixed)
        self._program, self._give_back = outer.session._take_program(
            tuple(self._fetches), fed, outer.program.grouped, len(self._fixed)
        )
        self._fixed_values = list(self._fixed.values())
        return self

    def __exit__(self, *exception):
        self._give_back()

    def __call__(self, values):
        straight = self.straight()
        found = straight(values) if straight is not None else None
        if found is not None:
            return found
        outer, changes = self._outer, self._outer.session.state.changes
        every = [*values, *self._fixed_values]
        frame = Frame(outer.session, self._program, every, outer.depth + 1, self._loop)
        yield from execute(frame)
        self._first, self._straight = (frame.segment, changes), None
        return frame.fetched()

    def straight(self):
        """The short way through a further turn, or None."""
        if self._first is not None and self._program.grouped:
            self._straight = straight_run(self._program, *self._first, len(self._fed))
            self._first = None
        return self._straight

    def repeat(self, body, values):
        """Turn a loop of which this is the condition, which holds, where the machine can do so by itself.

        Returns (values after it, for each further result of `body` a list of its values), or None.
        """
        if not self._program.grouped:
            return None
        kinds = kinds_of(values, own=True)
        wheel = wheel_of(self._bound(kinds), body._bound(kinds), len(values))
        return None if wheel is None else wheel.turn(values, [self._fixed_values, body._fixed_values])

    def each(self, values, columns, turns, forward):
        """Turn a loop of which this is the body `turns` times, given `values` and the element of each of `columns`.

        The elements are taken `forward`, or the last one first.  Returns what `repeat` does.
        """
        if not self._program.grouped or turns == 0:
            return None
        elements = [c[0] if kind_of(c) and all(item is not None for item in c) else None for c in columns]
        wheel = wheel_of(None, self._bound([*kinds_of(values, own=True), *elements]), len(values), len(columns))
        if wheel is None:
            return None
        return wheel.each(values, columns, self._fixed_values, turns, forward)

    def _bound(self, kinds):
        return self._program, segment_of(self._program, [*kinds, *kinds_of(self._fixed_values, own=False)])
