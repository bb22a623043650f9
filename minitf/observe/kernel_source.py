"""What runs for an operation, as a person can read it: Python, LLVM's instructions, the processor's, a GPU's."""

import inspect
from textwrap import dedent

import numpy as np

from minitf.graph.graph import get_default_graph
from minitf.graph.shape import TensorShape
from minitf.kernels.compile import layout, listing
from minitf.kernels.identity import functions_in
from minitf.ops.op import MACHINE_TYPES, Spec

LANGUAGES = ("python", "llvm", "assembly", "ptx")
_SIZE = 64  # stands for a size that nobody knows yet


class Source(str):
    """A text whose lines are seen as lines where it is the last of a cell."""

    def _repr_pretty_(self, printer, cycle):
        printer.text(str(self))


def kernel_source(op, language="python"):
    """tf.kernel_source: the code that an operation runs, as text.

    `op`: an operation, a tensor (its operation is meant), or a name in the default graph.
    `language`: "python" gives the kernel and the functions that it calls, as Numba compiles them; "llvm" and
    "assembly" what becomes of them for this machine and the element types of the operation; "ptx" the kernel for
    a GPU, which needs numba-cuda but no GPU.

    Raises ValueError for another language, and where there is no such code: the operation runs in Python, or nothing
    runs for it; ImportError, which says what to install, for "ptx" without numba-cuda.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {language!r}")
    return Source(_source(operation_of(op), language))


def _source(op, language):
    if language == "ptx":
        return _ptx(op)
    launches = launches_of(op)
    if not launches:
        return _python_of(op, language)
    if language == "python":
        sources = {}
        for launch in launches:
            sources.update(functions_in(launch.kernel.py_func))
        return "\n\n".join(f"# {name}\n{dedent(source)}" for name, source in sources.items())
    kinds = dict.fromkeys((launch.kernel, tuple(map(layout, launch.arguments))) for launch in launches)
    return "\n".join(listing(kernel, layouts, language) for kernel, layouts in kinds)


def operation_of(value):
    """The operation that an operation, a tensor, a variable or a name in the default graph means."""
    found = value if hasattr(value, "definition") else get_default_graph().as_graph_element(value)
    return getattr(found, "op", found)


def launches_of(op):
    """The launches of an operation on arrays without meaning; sizes that nobody knows are 64.  [] without kernels."""
    definition = op.definition
    types = {np.dtype(t.dtype.base_dtype.as_numpy_dtype) for t in (*op.inputs, *op.outputs)}
    if definition.cpu is None or not types <= MACHINE_TYPES:
        return []
    inputs, outputs = _specs(op)
    arrays = [_array(s) if s.value is None else s.value for s in inputs]
    hidden = [] if definition.state is None else [definition.state(op)]
    made = [] if definition.reference else [_array(s) for s in outputs]
    return list(definition.cpu(op, *hidden, *arrays, *made) or [])


def _specs(op):
    inputs = [_known(Spec.of(t)) for t in op.inputs]
    return inputs, [_known(Spec(TensorShape(shape), dtype)) for shape, dtype in op.definition.infer(op, *inputs)]


def _known(spec):
    sizes = spec.shape.sizes
    if sizes is None:
        raise ValueError("not even the number of axes is known before it runs")
    return Spec(TensorShape([_SIZE if n is None else n for n in sizes]), spec.dtype.base_dtype, spec.value)


def _array(spec):
    return np.zeros(spec.shape.sizes, spec.dtype.as_numpy_dtype)


def _python_of(op, language):
    """The source of an operation without kernels, which Python runs."""
    definition = op.definition
    function = definition.run or definition.enter or definition.__dict__.get("numpy")
    if language != "python" or function is None:
        raise ValueError(f"{op.name} ({op.type}) has no machine code of its own: see docs/ops.md for what runs where")
    return dedent(inspect.getsource(getattr(function, "__func__", function)))


def _ptx(op):
    from minitf.kernels.cuda.compiling import ptx, types_of  # numba-cuda comes with it
    from minitf.runtime.gpu import translate

    hidden = None if op.definition.state is None else op.definition.state(op)
    found = None if op.definition.cpu is None else translate(op, *_specs(op), hidden)
    if found is None:
        raise ValueError(f"{op.name} ({op.type}) has no kernel for a GPU: it runs on the CPU")
    return "\n".join(ptx(launch.kernel, types_of(launch.arguments)) for launch in found[0])
