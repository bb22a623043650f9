"""The count of training steps: one integer variable per graph, called `global_step`."""

from minitf.graph import dtypes
from minitf.graph.collections import GraphKeys
from minitf.graph.graph import get_default_graph, name_scope
from minitf.graph.operation import Tensor
from minitf.ops.initializing import Zeros
from minitf.ops.variable_scope import get_variable
from minitf.ops.variables import Variable


def global_step(sess, global_step_tensor):
    """tf.train.global_step: the count in this session, as a Python int."""
    return int(sess.run(global_step_tensor))


def get_global_step(graph=None):
    """tf.train.get_global_step: the graph's count of steps, or None.

    It is what the collection GLOBAL_STEP holds, else the tensor "global_step:0".  Raises TypeError where
    that is no integer scalar.
    """
    graph = graph or get_default_graph()
    found = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(found) == 1:
        step = found[0]
    elif found:
        return None
    else:
        try:
            step = graph.get_tensor_by_name("global_step:0")
        except KeyError:
            return None
    assert_global_step(step)
    return step


def create_global_step(graph=None):
    """tf.train.create_global_step: make it.  Raises ValueError where it exists."""
    graph = graph or get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), name_scope(None):
        return get_variable(
            GraphKeys.GLOBAL_STEP, shape=[], dtype=dtypes.int64, initializer=Zeros(), trainable=False,
            collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP],
        )  # fmt: skip


def get_or_create_global_step(graph=None):
    """tf.train.get_or_create_global_step"""
    graph = graph or get_default_graph()
    step = get_global_step(graph)
    return create_global_step(graph) if step is None else step


def assert_global_step(global_step_tensor):
    """tf.train.assert_global_step: raises TypeError for what is no integer scalar variable or tensor."""
    if not isinstance(global_step_tensor, (Variable, Tensor)):
        raise TypeError(f'Existing "global_step" must be a Variable or Tensor: {global_step_tensor}.')
    if not global_step_tensor.dtype.base_dtype.is_integer:
        raise TypeError(f'Existing "global_step" does not have integer type: {global_step_tensor.dtype!r}')
    shape = global_step_tensor.get_shape()
    if shape.ndims != 0 and shape.is_fully_defined():
        raise TypeError(f'Existing "global_step" is not scalar: {shape}')
