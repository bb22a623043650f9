"""Stacks of defaults: `with graph.as_default()`, `with session.as_default()`; one stack per thread."""

import contextlib
import threading


class DefaultStack(threading.local):
    """What `get_default_...` returns is the innermost `with` of the calling thread."""

    def __init__(self):
        self.items = []

    def get(self):
        return self.items[-1] if self.items else None

    @contextlib.contextmanager
    def push(self, item):
        self.items.append(item)
        try:
            yield item
        finally:
            if not self.items or self.items[-1] is not item:
                raise AssertionError(f"Nesting violated for default stack of {type(item)} objects")
            self.items.pop()

    def enter(self, item):
        """Push without a `with`: for an InteractiveSession."""
        self.items.append(item)

    def leave(self, item):
        if item in self.items:
            self.items.remove(item)


sessions = DefaultStack()
graphs = DefaultStack()
