"""What a program has made so far: its default graph, its sessions, and the variables with their values.

JupyterLab's side panel shows this; `labextension/src/contract/workspace.ts` is the other side: whoever
changes a field changes both and raises the version.
"""

import collections
import math

import numpy as np

from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph
from minitf.observe.runs import decimated
from minitf.runtime.session import BaseSession, get_default_session

WORKSPACE_MIME = "application/vnd.minitf.workspace+json"
WORKSPACE_VERSION = 2
MOST_VARIABLES = 500
MOST_SCOPES, NEWEST = 60, 30  # name scopes, and operations made last
MOST_CURVES, POINTS = 8, 60  # of a training, and of each of its curves
MOST_ELEMENTS = 4_000_000  # that are looked at for summaries, so that a large model does not stop the notebook


def describe_workspace(namespace, runs=None, progress=""):
    """The JSON of the contract. `namespace` {name: value} is where a program keeps its sessions.

    `runs` are the `Runs` of the newest training, `progress` says in words how far it is.
    """
    graph = get_default_graph()
    session = current_session(graph, namespace)
    variables = variables_of(graph)
    trainable = set(map(id, graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)))
    budget = _Budget(MOST_ELEMENTS)
    return {
        "version": WORKSPACE_VERSION,
        "kind": "workspace",
        "operations": len(graph.get_operations()),
        "session": _name_of(session, namespace),
        "variables": [_variable(v, id(v) in trainable, session, budget) for v in variables[:MOST_VARIABLES]],
        "omitted": max(0, len(variables) - MOST_VARIABLES),
        "scopes": _scopes(graph),
        "newest": [_operation(op) for op in graph.get_operations()[: -NEWEST - 1 : -1]],
        "curves": [] if runs is None else [_curve(s) for s in list(runs.series.values())[:MOST_CURVES]],
        "progress": progress,
    }


def variables_of(graph):
    """Global and local variables, in order of making."""
    return graph.get_collection(GraphKeys.GLOBAL_VARIABLES) + graph.get_collection(GraphKeys.LOCAL_VARIABLES)


def _scopes(graph):
    """The name scopes at the top, with how many operations each holds."""
    counts = collections.Counter(op.name.partition("/")[0] for op in graph.get_operations() if "/" in op.name)
    return [{"name": name, "operations": count} for name, count in list(counts.items())[:MOST_SCOPES]]


def _operation(op):
    return {"name": op.name, "type": op.type, "origin": str(op.origin)}


def _curve(series):
    """A training curve as a small picture needs it; a value that is not finite is None."""
    places = decimated(series.values, POINTS)
    return {
        "name": f"{series.tag} ({series.run})" if series.run else series.tag,
        "step": series.steps[-1],
        "last": f"{series.values[-1]:.4g}",
        "steps": [series.steps[i] for i in places],
        "values": [series.values[i] if math.isfinite(series.values[i]) else None for i in places],
    }


def current_session(graph, namespace):
    """The session whose values are meant: the default one, else the last open one in the namespace; or None."""
    named = [v for k, v in namespace.items() if isinstance(v, BaseSession) and not k.startswith("_")]
    candidates = [get_default_session(), *reversed(named)]
    return next((s for s in candidates if s is not None and s.graph is graph and not s._closed), None)


def _name_of(session, namespace):
    if session is None:
        return ""
    return next((k for k, v in namespace.items() if v is session and not k.startswith("_")), "default session")


class _Budget:
    """How many more elements may be looked at."""

    def __init__(self, elements):
        self.elements = elements

    def allows(self, array):
        self.elements -= array.size
        return self.elements >= 0


def _variable(variable, is_trainable, session, budget):
    shape = variable.shape.as_list() if variable.shape.ndims is not None else None
    known = shape is not None and None not in shape
    size = math.prod(shape) if known else None
    return {
        "name": variable.op.name,
        "shape": "?" if shape is None else " × ".join("?" if n is None else str(n) for n in shape) or "scalar",
        "dtype": variable.dtype.base_dtype.name,
        "trainable": is_trainable,
        "parameters": size,
        "bytes": None if size is None else size * variable.dtype.base_dtype.size,
        **_value(variable, session, budget),
    }


def _value(variable, session, budget):
    """`state` "none" (no session), "uninitialized", "ready" or "large", and of a ready one what it holds."""
    if session is None:
        return {"state": "none", "summary": "", "lost": 0}
    state = session.state.variables.get(variable.op.name)
    if state is None or state.value is None:
        return {"state": "uninitialized", "summary": "", "lost": 0}
    value = np.asarray(state.value)
    if not budget.allows(value):
        return {"state": "large", "summary": "", "lost": 0}
    summary, lost = summarize(value)
    return {"state": "ready", "summary": summary, "lost": lost}


def summarize(array):
    """(`-0.31 … 0.29, mean 0.002`, how many elements are NaN or infinite) of an array; small ones as they are."""
    if array.dtype.kind not in "fiub" or array.size == 0:
        return (str(array[()])[:40] if array.size == 1 else f"{array.size} elements"), 0
    finite = array[np.isfinite(array)].astype(np.float64)
    lost = array.size - finite.size
    if not finite.size:
        return "no finite element", lost
    if array.size == 1:
        return f"{finite[0]:.6g}", lost
    return f"{finite.min():.4g} … {finite.max():.4g}, mean {finite.mean():.4g}", lost
