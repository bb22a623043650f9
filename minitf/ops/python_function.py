"""`py_func`: a Python function as an operation of the graph."""

import itertools
import traceback

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.op import Op

_tokens = itertools.count()

_ERRORS = (
    ((ValueError, TypeError), errors.InvalidArgumentError),
    (StopIteration, errors.OutOfRangeError),
    (MemoryError, errors.ResourceExhaustedError),
    (NotImplementedError, errors.UnimplementedError),
    (Exception, errors.UnknownError),
)


class PyFuncStateless(Op):
    """The arrays that attribute `function` returns for the input arrays; it has no effect beside that."""

    inputs = {"*input": "any"}
    type_list = "Tin"
    foldable = False
    reaches = "calls Python"

    def infer(op, *inputs):
        return [(TensorShape(None), dtype) for dtype in op.attrs["Tout"]]

    def run(op, state, *inputs):
        try:
            found = op.attrs["function"](*(i if i.ndim else i[()] for i in inputs))
        except errors.OpError:
            raise
        except Exception as error:
            kind = next(k for classes, k in _ERRORS if isinstance(error, classes))
            text = "".join(traceback.format_exception(error))
            raise kind(None, op, f"{type(error).__name__}: {error}\n{text}") from error
        return _as_outputs(op, found)

    gradient = None


class PyFunc(PyFuncStateless):
    """The arrays that attribute `function` returns; it runs once in every run that asks for it."""

    stateful = True


def _as_outputs(op, found):
    wanted = op.attrs["Tout"]
    values = [] if found is None else list(found) if isinstance(found, (list, tuple)) else [found]
    if len(values) != len(wanted):
        raise errors.InvalidArgumentError(
            None,
            op,
            f"{op.attrs['token']} returns {len(values)} values, but expects to see {len(wanted)} values.",
        )
    return [
        _as_output(op, i, value, dtype) for i, (value, dtype) in enumerate(zip(values, wanted, strict=True))
    ]


def _as_output(op, i, value, dtype):
    array = np.array(value, order="C")
    if array.dtype.kind in "SU":
        found = dtypes.string
        flat = [v.encode("utf-8") if isinstance(v, str) else v for v in array.reshape(-1).tolist()]
        array = np.array([*flat, None], object)[:-1].reshape(array.shape)
    else:
        found = dtypes.string if array.dtype == object else dtypes.as_dtype(array.dtype)
    if found is not dtype:
        raise errors.InvalidArgumentError(
            None,
            op,
            f"{i}-th value returned by {op.attrs['token']} is {found.name}, but expects {dtype.name}",
        )
    return array


def py_func(func, inp, Tout, stateful=True, name=None):
    """tf.py_func: call `func` on the arrays of `inp` in each run; its results become tensors.

    `Tout` is a dtype, or a list of dtypes of the arrays that `func` returns; the shapes are not known.
    With `stateful=False` the function must depend on its inputs only.  No gradient passes.

    Errors in `func` become InvalidArgumentError (ValueError, TypeError), OutOfRangeError (StopIteration),
    ResourceExhaustedError, UnimplementedError, or UnknownError.  Raises TypeError for what is no function.
    """
    if not callable(func):
        raise TypeError(f"py_func takes a function, not {func!r}")
    several = isinstance(Tout, (list, tuple))
    outputs = [dtypes.as_dtype(d) for d in (Tout if several else [Tout])]
    definition = PyFunc if stateful else PyFuncStateless
    op = definition.make(
        list(inp), Tout=outputs, function=func, token=f"pyfunc_{next(_tokens)}", name=name or "PyFunc"
    )
    if not outputs:
        return op if stateful else []
    return list(op.outputs) if several else op.outputs[0]


def numpy_function(func, inp, Tout, name=None):
    """tf.numpy_function: `py_func` under its later name."""
    return py_func(func, inp, Tout, stateful=True, name=name)
