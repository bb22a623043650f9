"""Tensors that stay in a session between runs, under a handle."""

import itertools

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import get_default_graph
from minitf.graph.shape import TensorShape
from minitf.ops.constant import convert_to_tensor, placeholder
from minitf.ops.op import Op

_numbers = itertools.count()
_PLACE = "/job:localhost/replica:0/task:0/device:CPU:0"


class TensorHandle:
    """What `session.run(tf.get_session_handle(x))` returns: a name for a value that the session keeps.

    It is deleted with `delete`, or with the session.  Fed to a tensor, it stands for the value.
    """

    def __init__(self, handle, kept):
        self._handle, self._kept = handle, kept

    @property
    def handle(self):
        """The name, a string: what the placeholder of `tf.get_session_tensor` is fed."""
        return self._handle

    def get_raw_handle(self):
        return self._handle

    def eval(self):
        """The value, an array."""
        return self._kept[self._handle].copy()[()]

    def delete(self):
        """Let the session forget the value."""
        self._kept.pop(self._handle, None)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self._kept[self._handle], dtype)

    def __str__(self):
        return self._handle


class GetSessionHandle(Op):
    """A handle (string scalar) of the value, which the session keeps."""

    inputs = {"value": "T"}
    types = {"T": ()}
    stateful = True

    def infer(op, value):
        return [(TensorShape([]), dtypes.string)]

    def run(op, state, value):
        handle, kept = f"{op.name};{next(_numbers)};{_PLACE}", _kept(state)
        kept[handle] = value
        made = np.empty((), object)
        made[()] = TensorHandle(handle, kept)
        return [made]

    gradient = None


class GetSessionTensor(Op):
    """The value that the session keeps under a handle (string scalar)."""

    inputs = {"handle": "string"}
    stateful = True

    def infer(op, handle):
        return [(TensorShape(None), op.attrs["dtype"])]

    def run(op, state, handle):
        return [_kept(state)[_name(op, state, handle)]]

    gradient = None


class DeleteSessionTensor(Op):
    """Let the session forget the value under a handle (string scalar)."""

    inputs = {"handle": "string"}
    stateful = True

    def infer(op, handle):
        return []

    def run(op, state, handle):
        del _kept(state)[_name(op, state, handle)]
        return []

    gradient = None


def _kept(state):
    return state.resource("kept tensors", dict)


def _name(op, state, handle):
    name = handle[()].decode()
    if name not in _kept(state):
        raise errors.InvalidArgumentError(None, op, f"The tensor with handle '{name}' is not in the session store.")
    return name


def get_session_handle(data, name=None):
    """tf.get_session_handle: keep the value of `data` in the session; a run returns its `TensorHandle`."""
    with get_default_graph().colocate_with(convert_to_tensor(data).op):
        return GetSessionHandle.apply(data, name=name)


def get_session_tensor(handle, dtype, name=None):
    """tf.get_session_tensor: (placeholder for a handle, the tensor of that `dtype` that the session keeps under it)."""
    holder = placeholder(dtypes.string)
    return holder, GetSessionTensor.apply(holder, dtype=dtypes.as_dtype(dtype), name=name)


def delete_session_tensor(handle, name=None):
    """tf.delete_session_tensor: (placeholder for a handle, the operation that lets the session forget its value)."""
    holder = placeholder(dtypes.string)
    return holder, DeleteSessionTensor.make(holder, name=name)
