"""Which operations a run will execute, and why every other one stands still."""

from minitf.graph.operation import Tensor
from minitf.runtime.fetches import Fetches, expand_feeds
from minitf.runtime.plan import Plan

RUNS, NOT_AN_ANCESTOR, CUT, FOLDED = range(4)
REASONS = (
    "runs",
    "not an ancestor: no fetched value depends on it",
    "cut by feed: what it computes is replaced by a fed value",
    "folded: others wait for it, but nobody takes what it computes",
)


class RunSlice:
    """The part of `graph` that `session.run(fetches, feed_dict)` would execute.

    The answer is the plan's, before anything runs.  Of a `tf.cond` both branches are in it, for only the
    run itself can tell which one is taken.  What is folded is no part of it, although a run that is stepped or
    traced shows it.  Raises what `run` raises for fetches and feeds that can't be;
    a feed may lack its value (`{x: None}`), or be only the list of what is fed.
    """

    def __init__(self, graph, fetches, feed_dict=None):
        if not isinstance(feed_dict, dict):
            feed_dict = dict.fromkeys(feed_dict or ())
        self.fed = tuple(expand_feeds(graph, feed_dict))
        self.fetches = Fetches(graph, fetches).key
        plan = Plan(self.fetches, self.fed, seen=False)
        self._folded, self.ops = plan.idle, [op for op in plan.ops if op not in plan.idle]
        self._runs = set(self.ops)
        self._used = set(Plan(self.fetches, ()).ops)

    def why(self, op):
        """RUNS, or the reason why `op` does not: an index into `REASONS`."""
        if op in self._runs:
            return RUNS
        if op in self._folded:
            return FOLDED
        return CUT if op in self._used else NOT_AN_ANCESTOR

    def reason(self, op):
        """The reason in words; where a feed cuts, it is named."""
        why = self.why(op)
        if why != CUT:
            return REASONS[why]
        cutting = ", ".join(t.name for t in self.fed if t.op is op or op in _ancestors([t], ()))
        return f"{REASONS[CUT]} ({cutting})" if cutting else REASONS[CUT]


def _ancestors(fetches, fed):
    """All operations that a value comes from, or waits for."""
    found = set()
    pending = [f for f in fetches if f not in fed]
    while pending:
        item = pending.pop()
        op = item.op if isinstance(item, Tensor) else item
        if op not in found:
            found.add(op)
            pending.extend(t for t in op.inputs if t not in fed)
            pending.extend(op.control_inputs)
    return found
