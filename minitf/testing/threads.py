"""Threads whose failure fails the test: an exception in an ordinary thread would be printed and forgotten."""

import threading


class CheckedThread:
    """A thread of a test. `join` fails the test if the thread's function raised."""

    def __init__(self, testcase, target, args=None, kwargs=None):
        self._testcase, self._target = testcase, target
        self._args, self._kwargs = args or (), kwargs or {}
        self._error = None
        self._joined = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        try:
            self._target(*self._args, **self._kwargs)
        except Exception as error:
            self._error = error

    def start(self):
        """Begin."""
        self._thread.start()

    def join(self):
        """Wait for the end; fail the test if the function raised."""
        self._joined = True
        self._thread.join()
        if self._error is not None:
            self._testcase.fail(f"Error in checkedThread: {self._error}")

    def is_alive(self):
        """Whether the function has not returned yet."""
        return self._thread.is_alive()

    def check_termination(self):
        """Fail the test if the thread was neither joined nor has come to its end."""
        if self._joined:
            return
        if self.is_alive():
            self._testcase.fail("A checked thread was not joined and has not terminated.")
        if self._error is not None:
            self._testcase.fail(f"Error in checkedThread that was not joined: {self._error}")
