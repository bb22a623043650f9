"""`tf.Session`: runs parts of a graph, and remembers the variables' values between runs."""

import threading

import numpy as np

from minitf import errors
from minitf.graph.graph import get_default_graph
from minitf.graph.stack import graphs, sessions
from minitf.runtime.config import ConfigProto
from minitf.runtime.devices import check_placement, gpu_of, list_local_devices
from minitf.runtime.execute import Frame, execute
from minitf.runtime.fetches import Fetches, expand_feeds, feed_value
from minitf.runtime.plan import Plan
from minitf.runtime.program import Program
from minitf.runtime.straight import short_way, straight_run
from minitf.runtime.trace import record
from minitf.runtime.variables import SessionState


class BaseSession:
    """What `Session` and `InteractiveSession` share.

    `state` holds the variables; plans and their programs are kept per (fetches, fed tensors).
    """

    def __init__(self, target="", graph=None, config=None):
        self._graph = graph if graph is not None else get_default_graph()
        if config is not None and not isinstance(config, ConfigProto):
            raise TypeError(f"config must be a tf.ConfigProto, but got {type(config)}")
        self._config, self._target = config, target
        threads = (config.intra_op_parallelism_threads or None) if config is not None else None
        self.state = SessionState(lambda graph: BaseSession(graph=graph, config=config), threads)
        gpu = gpu_of(config)
        if gpu is not None:
            from minitf.runtime.gpu import Placer  # all kernels for a GPU come with it

            self.state.placer = Placer(gpu, self.state, config is not None and config.log_device_placement)
        self._closed = False
        self._lock = threading.Lock()
        self._fed_before = set()  # keys of feed_dicts that are checked: tensors, all of which may be fed
        self._straight = {}  # (kind of collection, *fetches) or fetch -> the short way: see `straight.py`
        self._fetches = {}  # identity of the fetches -> (Fetches, what keeps the identity valid)
        self._idle = {}  # (fetches, fed, grouped) -> programs that nobody is running
        self._partial = {}  # handle -> run in several parts
        self._changes = self._graph.changes
        self._graph.sessions.add(self)

    @property
    def graph(self):
        return self._graph

    @property
    def graph_def(self):
        return self._graph.as_graph_def()

    @property
    def sess_str(self):
        return self._target

    def run(self, fetches, feed_dict=None, options=None, run_metadata=None):
        """Compute `fetches`: a tensor, operation, name, or a nested list, tuple or dict of them.

        `feed_dict` {tensor: value} replaces values of any tensors for this run.  Returns the same
        structure with arrays (scalars for rank 0, None for operations).

        Raises TypeError and ValueError for fetches and feeds that can't be, before anything runs;
        `tf.errors.OpError` for what goes wrong in the run; RuntimeError after `close`.
        """
        if options is None and run_metadata is None:
            kind = type(fetches)
            key = (kind, *fetches) if kind is list or kind is tuple else fetches
            try:
                way = self._straight.get(key)
            except TypeError:  # fetches of another kind
                way = None
            if way is not None:
                found = way(feed_dict) or self._run_as_before(key, feed_dict)
                if found is not None:
                    return found[0]
        structure, plan_key, values = self._prepare(fetches, feed_dict)
        self.state.set_patience(self._timeout(options))
        if run_metadata is not None and options is not None and options.trace_level:
            found = record(self._start(plan_key, values, grouped=False), run_metadata)
        else:
            found = self._run_program(plan_key, values)
        self._open_straight(structure, plan_key, fetches, feed_dict)
        return structure.build([_unwrap(v) for v in found])

    def _run_as_before(self, key, feed_dict):
        """Where the last run with these fetches was fed other tensors: the short way of one that was fed these."""
        try:
            way = self._straight.get((dict, key, *(() if feed_dict is None else feed_dict)))
        except TypeError:
            return None
        return way(feed_dict) if way is not None else None

    def _open_straight(self, structure, plan_key, fetches, feed_dict):
        """Let further runs like this one go the short way: see `straight.py`."""
        idle, fed = self._idle.get((*plan_key, True, 0)), plan_key[1]
        if structure.lasting and not self._closed and idle is not None and fed == tuple(feed_dict or ()):
            kind = type(fetches)
            key = (kind, *fetches) if kind is list or kind is tuple else fetches
            way = short_way(self._graph, idle, structure.build)
            self._straight[key] = self._straight[dict, key, *fed] = way

    def _timeout(self, options):
        """Milliseconds that this run may wait at a queue; 0: for ever."""
        if options is not None and options.timeout_in_ms:
            return options.timeout_in_ms
        return self._config.operation_timeout_in_ms if self._config is not None else 0

    def start(self, fetches, feed_dict=None):
        """Begin a run that is taken step by step: see `runtime/stepping.py`."""
        from minitf.runtime.stepping import SteppedRun

        structure, plan_key, values = self._prepare(fetches, feed_dict)
        return SteppedRun(self, structure, self._start(plan_key, values, grouped=False))

    def _prepare(self, fetches, feed_dict):
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if self._changes != self._graph.changes:
            self._forget_plans()
        structure = self._structure(fetches)
        if type(feed_dict) is not dict:
            feed_dict = expand_feeds(self._graph, feed_dict)
        if not feed_dict:
            return structure, (structure.key, ()), []
        tensors = tuple(feed_dict)
        if tensors not in self._fed_before:
            feed_dict = expand_feeds(self._graph, feed_dict)
            if tensors == tuple(feed_dict):
                self._fed_before.add(tensors)
            tensors = tuple(feed_dict)
        return structure, (structure.key, tensors), [feed_value(t, v) for t, v in feed_dict.items()]

    def _structure(self, fetches):
        several = type(fetches) in (list, tuple)
        key = (type(fetches), *map(id, fetches)) if several else id(fetches)
        found = self._fetches.get(key)
        if found is not None:
            return found[0]
        structure = Fetches(self._graph, fetches)
        items = tuple(fetches) if several else (fetches,)
        if all(hasattr(i, "_as_graph_element") or hasattr(i, "definition") for i in items):
            structure.lasting = True
            self._fetches[key] = structure, items  # items stay alive, so that their ids stay theirs
        return structure

    def _run_program(self, plan_key, values):
        program, give_back = self._take_program(*plan_key, True)
        try:
            changes = self.state.changes
            frame = Frame(self, program, values)
            for _ in execute(frame):
                pass
            if program.straight is None or not program.straight.serves(frame.segment):
                program.straight = straight_run(program, frame.segment, changes)
            return frame.fetched()
        finally:
            give_back()

    def _start(self, plan_key, values, grouped):
        program = Program(self._plan(*plan_key, grouped), self.state, grouped)
        return Frame(self, program, values)

    def _plan(self, fetches, fed, grouped):
        plan = Plan(fetches, fed, seen=not grouped)
        check_placement(plan.ops, self.state.placer, self._config)
        return plan

    def _take_program(self, fetches, fed, grouped, fixed=0):
        """A program for this plan that nobody else runs, and the function that gives it back."""
        if self._changes != self._graph.changes:
            self._forget_plans()
        key = (fetches, fed, grouped, fixed)
        idle = self._idle.get(key)
        if idle is None:
            with self._lock:
                idle = self._idle.setdefault(key, [])
        try:
            program = idle.pop()
        except IndexError:
            program = Program(self._plan(fetches, fed, grouped), self.state, grouped, fixed)
        return program, lambda: idle.append(program)

    def planned_memory(self):
        """[(bytes, least bytes)] of every program so far: what the values of a run take, and what is alive at once."""
        programs = [p for waiting in list(self._idle.values()) for p in list(waiting)]
        return [(m.size, m.bound) for p in programs for m in p.memories()]

    def _forget_plans(self):
        """The graph was changed, not only extended."""
        with self._lock:
            self._idle.clear()
            self._fed_before.clear()
            self._fetches.clear()
            self._straight.clear()
            self._changes = self._graph.changes

    def make_callable(self, fetches, feed_list=None, accept_options=False):
        """A function of the values of `feed_list` that returns the fetches' values."""
        feed_list = list(feed_list or [])
        Fetches(self._graph, fetches)

        def call(*values, options=None, run_metadata=None):
            if len(values) != len(feed_list):
                raise TypeError(f"This callable takes {len(feed_list)} values, one for each of its feed_list")
            return self.run(fetches, dict(zip(feed_list, values, strict=True)), options, run_metadata)

        return call

    def partial_run_setup(self, fetches, feeds=None):
        """Announce a run in several parts: all `fetches` and `feeds` (tensors).  Returns its handle."""
        from minitf.runtime.partial import PartialRun

        made = PartialRun(self, fetches, feeds)
        self._partial[made.handle] = made
        return made.handle

    def partial_run(self, handle, fetches, feed_dict=None):
        """One part of the run with this handle: see `runtime/partial.py`.  InvalidArgumentError for no handle."""
        if handle not in self._partial:
            raise errors.InvalidArgumentError(None, None, f"{handle!r} is no handle of partial_run_setup")
        return self._partial[handle].run(fetches, feed_dict)

    def list_devices(self):
        """The devices of this session: the CPU, and the GPU where it uses one."""
        return list_local_devices(self._config)

    def close(self):
        """Free what the session holds; it can't run any more."""
        self._closed = True
        for resource in list(self.state.resources.values()):
            closer = getattr(resource, "session_closed", None)
            if closer is not None:
                closer()
        self._idle.clear()
        self._straight.clear()

    def as_default(self):
        """Inside `with`, `tensor.eval()` and `operation.run()` use this session."""
        return sessions.push(self)

    def __repr__(self):
        return f"<tf.{type(self).__name__} of {self._graph!r}>"


class Session(BaseSession):
    """tf.Session(target, graph, config): use it with `with`, or call `close` at the end."""

    def __enter__(self):
        graphs.enter(self._graph)
        sessions.enter(self)
        return self

    def __exit__(self, *exception):
        sessions.leave(self)
        graphs.leave(self._graph)
        self.close()

    @staticmethod
    def reset(target, containers=None, config=None):
        """Nothing is shared between sessions here, so there is nothing to reset."""


class InteractiveSession(BaseSession):
    """A session that makes itself the default until it is closed: for shells and notebooks."""

    def __init__(self, target="", graph=None, config=None):
        super().__init__(target, graph, config)
        self._explicit_graph = graph
        sessions.enter(self)
        if graph is not None:
            graphs.enter(graph)

    def close(self):
        super().close()
        sessions.leave(self)
        if self._explicit_graph is not None:
            graphs.leave(self._explicit_graph)


def _unwrap(value):
    """An array of rank 0 becomes a NumPy scalar, a string one becomes bytes."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value[()]
    return value


def get_default_session():
    """The session of the innermost `with session.as_default()`, or None."""
    return sessions.get()
