"""`session.partial_run`: a run in several parts, each of which feeds and fetches some of what was announced."""

import itertools

import numpy as np

from minitf import errors
from minitf.runtime.execute import execute
from minitf.runtime.fetches import Fetches, expand_feeds

_numbers = itertools.count()


class PartialRun:
    """What was announced by `partial_run_setup`, and what the parts so far have computed.

    A part takes what earlier parts computed as if it were fed, so that no operation runs twice.
    """

    def __init__(self, session, fetches, feeds):
        self._session, self.handle = session, f"partial run {next(_numbers)}"
        self._fetches = set(Fetches(session.graph, fetches).elements)
        self._feeds = set(expand_feeds(session.graph, dict.fromkeys(feeds or ())))
        self._known = {}

    def run(self, fetches, feed_dict):
        """The values of `fetches`, as `session.run` gives them.

        Raises InvalidArgumentError for what was not announced, was fed before, or can't be computed yet.
        """
        structure, (elements, fed), values = self._session._prepare(fetches, feed_dict)
        for tensor in fed:
            if tensor not in self._feeds:
                raise errors.InvalidArgumentError(
                    None, None, f"{tensor.name} was not announced as a feed, or was fed before"
                )
        missing = [e.name for e in elements if e not in self._fetches]
        if missing:
            raise errors.InvalidArgumentError(None, None, f"Not announced as fetches: {', '.join(missing)}")
        known = {**self._known, **dict(zip(fed, values, strict=True))}
        frame = self._session._start((elements, tuple(known)), list(known.values()), grouped=False)
        for _ in execute(frame):
            pass
        self._feeds -= set(fed)
        self._known = {**known, **self._computed(frame)}
        return structure.build([v[()] if isinstance(v, np.ndarray) else v for v in frame.fetched()])

    def _computed(self, frame):
        """Of what this part computed, the values; the state of a variable is none."""
        found = {t: frame.value(t) for t in frame.program.plan.slots if not t.dtype._is_ref_dtype}
        return {t: v for t, v in found.items() if v is not None and self._session.graph.is_feedable(t)}
