"""`Coordinator`: threads that stop together, and pass on what went wrong in one of them."""

import contextlib
import sys
import threading
import time

from minitf import errors


class Coordinator:
    """tf.train.Coordinator: any thread may ask all to stop; `join` waits for them.

    Exceptions of `clean_stop_exception_types` (default OutOfRangeError: the data is used up) stop the
    threads without being an error.
    """

    def __init__(self, clean_stop_exception_types=None):
        clean = (
            (errors.OutOfRangeError,) if clean_stop_exception_types is None else clean_stop_exception_types
        )
        self._clean = tuple(clean)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._error = None
        self._joined = False
        self._registered_threads = set()

    def request_stop(self, ex=None):
        """Ask all threads to stop.  `ex`, an exception or what `sys.exc_info()` gives, is raised again by `join`."""
        with self._lock:
            error = self._filter(ex)
            if self._joined:
                if error is not None:
                    raise error
                return
            if not self._stop.is_set():
                self._error = error
                self._stop.set()

    def _filter(self, ex):
        """The exception in `ex`; None where it is one that ends the work in good order."""
        error = ex[1] if isinstance(ex, tuple) else ex
        if error is not None and not isinstance(error, BaseException):
            raise TypeError(f"ex must be an exception or the result of sys.exc_info(), got {ex!r}")
        return None if isinstance(error, self._clean) else error

    def clear_stop(self):
        """Forget the request: the threads may be started again."""
        with self._lock:
            self._joined, self._error = False, None
            self._stop.clear()

    def should_stop(self):
        """True once somebody asked to stop."""
        return self._stop.is_set()

    @contextlib.contextmanager
    def stop_on_exception(self):
        """Inside, an exception becomes a request to stop, and goes no further."""
        try:
            yield
        except:  # noqa: E722 - whatever ends a thread must reach the others
            self.request_stop(ex=sys.exc_info())

    def wait_for_stop(self, timeout=None):
        """Sleep until somebody asks to stop, or `timeout` seconds; True where asked."""
        return self._stop.wait(timeout)

    def register_thread(self, thread):
        """Let `join` wait for this thread, too."""
        with self._lock:
            self._registered_threads.add(thread)

    def join(self, threads=None, stop_grace_period_secs=120, ignore_live_threads=False):
        """Wait for the threads to end; raise again what `request_stop` was given.

        Once a stop is requested, the threads have `stop_grace_period_secs` seconds; RuntimeError names
        those that still run then, unless `ignore_live_threads`.
        """
        with self._lock:
            waited = set(threads or ()) | self._registered_threads
        while any(t.is_alive() for t in waited) and not self.wait_for_stop(0.05):
            pass
        end = time.monotonic() + stop_grace_period_secs
        for thread in waited:
            while thread.is_alive() and time.monotonic() < end:
                thread.join(min(0.1, stop_grace_period_secs))
        stragglers = [t.name for t in waited if t.is_alive()]
        with self._lock:
            self._joined = True
            self._registered_threads = set()
            if self._error is not None:
                raise self._error
            if stragglers and not ignore_live_threads:
                raise RuntimeError("Coordinator stopped with threads still running: " + " ".join(stragglers))

    @property
    def joined(self):
        return self._joined

    def raise_requested_exception(self):
        """Raise what `request_stop` was given, if anything."""
        with self._lock:
            if self._error is not None:
                raise self._error


class LooperThread(threading.Thread):
    """tf.train.LooperThread: calls a function again and again until its coordinator stops.

    `timer_interval_secs` seconds lie between two calls; None: no pause.  Raises ValueError without a coordinator.
    """

    def __init__(self, coord, timer_interval_secs, target=None, args=None, kwargs=None):
        if not isinstance(coord, Coordinator):
            raise ValueError(f"'coord' argument must be a Coordinator: {coord}")
        super().__init__(daemon=True)
        self._coord, self._interval = coord, timer_interval_secs
        self._function, self._positional, self._keywords = target, args or (), kwargs or {}
        coord.register_thread(self)

    @staticmethod
    def loop(coord, timer_interval_secs, target, args=None, kwargs=None):
        """Make one and start it."""
        looper = LooperThread(coord, timer_interval_secs, target=target, args=args, kwargs=kwargs)
        looper.start()
        return looper

    def run(self):
        with self._coord.stop_on_exception():
            self.start_loop()
            if self._interval is None:
                while not self._coord.should_stop():
                    self.run_loop()
            else:
                next_time = time.monotonic()
                while not self._coord.wait_for_stop(max(0, next_time - time.monotonic())):
                    next_time += self._interval
                    self.run_loop()
            self.stop_loop()

    def start_loop(self):
        """Called once before the loop; for subclasses."""

    def stop_loop(self):
        """Called once after the loop; for subclasses."""

    def run_loop(self):
        """One turn: calls the target."""
        if self._function is not None:
            self._function(*self._positional, **self._keywords)
