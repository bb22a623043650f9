"""`tf.test.TestCase`: each test starts with an empty default graph, known seeds and, on demand, a session."""

import contextlib
import os
import random
import tempfile

import numpy as np

from minitf.graph.graph import get_default_graph, reset_default_graph
from minitf.runtime.session import Session
from minitf.testing.assertions import Assertions
from minitf.testing.threads import CheckedThread

SEED = 87654321  # TensorFlow's own, so that tests that rely on it draw the same numbers


class TestCase(Assertions):
    """A `unittest.TestCase` for code that builds graphs.

    class SquareTest(tf.test.TestCase):
        def testSquare(self):
            with self.test_session():
                self.assertAllClose(tf.square([2.0, 3.0]).eval(), [4.0, 9.0])
    """

    def __init__(self, methodName="runTest"):
        super().__init__(methodName)
        self._threads = []
        self._folder = None
        self._cached_session = None

    def setUp(self):
        """Empty the default graph and set all seeds."""
        self._close_session()
        random.seed(SEED)
        np.random.seed(SEED)
        reset_default_graph()
        get_default_graph().seed = SEED

    def tearDown(self):
        """Check that the test's threads came to an end; close its session."""
        for thread in self._threads:
            thread.check_termination()
        self._close_session()

    def _close_session(self):
        if self._cached_session is not None:
            self._cached_session.close()
            self._cached_session = None

    # -- sessions

    @contextlib.contextmanager
    def session(self, graph=None, config=None, use_gpu=False, force_gpu=False):
        """A new session as the default one; closed at the end of the block."""
        with Session(graph=graph, config=config) as sess, _placement(sess, use_gpu, force_gpu):
            yield sess

    @contextlib.contextmanager
    def cached_session(self, graph=None, config=None, use_gpu=False, force_gpu=False):
        """The test's own session as the default one; it stays open until the test ends.

        Raises:
            ValueError: it was opened with another graph.
        """
        if self._cached_session is None:
            self._cached_session = Session(graph=graph, config=config)
        elif graph is not None and graph is not self._cached_session.graph:
            raise ValueError("The cached session of this test runs another graph.")
        sess = self._cached_session
        with sess.graph.as_default(), sess.as_default(), _placement(sess, use_gpu, force_gpu):
            yield sess

    def test_session(self, graph=None, config=None, use_gpu=False, force_gpu=False):
        """A new session if a graph is given, the test's own otherwise."""
        if graph is None:
            return self.cached_session(None, config, use_gpu, force_gpu)
        return self.session(graph, config, use_gpu, force_gpu)

    test_session.__test__ = False  # it looks like a test, but is not one

    def evaluate(self, tensors):
        """The value of tensors, in the default session or in the test's own."""
        from minitf.runtime.session import get_default_session

        sess = get_default_session() or self._cached_session
        if sess is not None:
            return sess.run(tensors)
        with self.test_session() as sess:
            return sess.run(tensors)

    # -- places and threads

    def get_temp_dir(self):
        """A folder of this test's own, which exists."""
        if self._folder is None:
            self._folder = tempfile.mkdtemp(dir=get_temp_dir(), prefix=f"{type(self).__name__}.")
        return self._folder

    def checkedThread(self, target, args=None, kwargs=None):
        """A thread that is not started yet and whose `join` fails the test if `target` raises."""
        thread = CheckedThread(self, target, args, kwargs)
        self._threads.append(thread)
        return thread


@contextlib.contextmanager
def _placement(sess, use_gpu, force_gpu):
    """Operations made in a test go to the CPU, unless the test asks otherwise."""
    if use_gpu and not force_gpu:
        yield
    else:
        with sess.graph.device("/device:GPU:0" if force_gpu else "/device:CPU:0"):
            yield


def get_temp_dir():
    """The folder for temporary files of tests: that of `TEST_TMPDIR`, or a new one."""
    global _folder
    if _folder is None:
        _folder = os.environ.get("TEST_TMPDIR") or tempfile.mkdtemp(prefix="minitf-")
        os.makedirs(_folder, exist_ok=True)
    return _folder


_folder = None
