"""How an op's description for the CPU is read for a GPU: each launch function means its twin.

An op says in `cpu` which launches compute it:

    def cpu(op, params, indices, axis, out):
        return [gathering.gather_launch(params, indices, axis, ..., out)]

The same lines hold for a GPU, if `gathering.gather_launch` means the function that launches the GPU's kernel.  So
`for_gpu` makes a copy of `cpu` in which every launch function of `minitf/kernels` means its twin (`twins.py`), and
`Launch(kernel, ...)` means the twin of that kernel.  It is the same exchange of names that lets a kernel run in the
simulator (`toolkit.rebuild`).  A launch of the CPU's that is left in the result tells the caller that this op can't run
on a GPU.
"""

import functools
import inspect

from minitf.kernels.cuda.toolkit import rebuild
from minitf.kernels.cuda.twins import TWINS

_COMPOSED = "minitf.ops", "minitf.kernels.contraction"  # functions in these are made of launch functions, and told anew


@functools.cache
def for_gpu(function):
    """A copy of an op's `cpu` method whose launches are those of a GPU; its first argument is `OpForGpu(op)`."""
    return rebuild(function, _meaning)


def _meaning(value, rebuilt):
    try:
        found = TWINS.get(value)
    except TypeError:  # can't be a key, so it is no function
        return NotImplemented
    if found is not None:
        return found
    if inspect.isclass(value) and hasattr(value, "infer_outputs"):
        return _Definition(value)
    own = inspect.isfunction(value) and value.__module__.startswith(_COMPOSED)
    return rebuilt(value) if own else NotImplemented


class _Definition:
    """An op class whose functions launch the GPU's kernels: `Sum.cpu`, `Conv2D.kernels[0]`."""

    def __init__(self, definition):
        self._definition = definition

    def __getattr__(self, name):
        value = getattr(self._definition, name)
        if isinstance(value, tuple):
            return tuple(map(self._told, value))
        return self._told(value)

    def _told(self, value):
        found = _meaning(value, for_gpu)
        return value if found is NotImplemented else found


class OpForGpu:
    """An operation as its `cpu` method sees it when told for a GPU."""

    def __init__(self, op):
        self._op, self.definition = op, _Definition(op.definition)

    def __getattr__(self, name):
        return getattr(self._op, name)
