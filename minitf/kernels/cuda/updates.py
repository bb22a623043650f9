"""The loops of optimizers: one thread for each element of a variable, its slots and its gradient.

A rule is a function of one element of each array, the CPU's own (`minitf/kernels/updates.py`, and the classes in
`minitf/ops/updates.py`).  `sparse` applies it to rows of a gradient; a row that comes several times is updated in the
order of the gradient by the thread that met it first (see `gathering.py` for why).
"""

import functools

from minitf.kernels.cuda.cases import exactly, normal, positive, zeros
from minitf.kernels.cuda.intrinsics import quotient, remainder
from minitf.kernels.cuda.launching import over
from minitf.kernels.cuda.scalars import translated
from minitf.kernels.cuda.toolkit import give_up, kernel_from_source, thread_count, thread_index, uint32

_DENSE = """\
def dense({names}):
    i = thread_index()
    while i < uint32(var.size):
        {written} = rule({arguments})
        i = uint32(i + thread_count())
"""

_SPARSE = """\
def sparse({names}, indices, status):
    n, width = uint32(indices.size), uint32(var.shape[1])
    at = thread_index()
    while at < uint32(n * width):
        i, j = quotient(at, width), remainder(at, width)
        row = indices[i]
        if row < 0 or row >= var.shape[0]:
            give_up(status)
        else:
            before = uint32(0)
            while before < i and indices[before] != row:
                before = uint32(before + uint32(1))
            k = i if before == i else n
            while k < n:
                if indices[k] == row:
                    {written} = rule({arguments})
                k = uint32(k + uint32(1))
        at = uint32(at + thread_count())
"""


@functools.cache
def kernel_of(rule, dtype, names, written, gradient, sparse):
    """The kernel of a rule with these argument names; `written` and `gradient` are arrays, the others numbers."""
    at = {n: f"{n}[0]" for n in names}
    at[gradient] = f"{gradient}[k, j]" if sparse else f"{gradient}[i]"
    at.update({n: f"{n}[row, j]" if sparse else f"{n}[i]" for n in written})
    source = (_SPARSE if sparse else _DENSE).format(
        names=", ".join(names),
        written=", ".join(at[n] for n in written),
        arguments=", ".join(at[n] for n in names),
    )
    scope = {
        "uint32": uint32, "thread_index": thread_index, "thread_count": thread_count,
        "quotient": quotient, "remainder": remainder, "give_up": give_up, "rule": None,
    }  # fmt: skip
    template = kernel_from_source(source, "sparse" if sparse else "dense", scope, __name__, registers=64)
    return template.specialise(rule=translated(rule, dtype))


def dense_launch(rule, arrays, written, gradient):
    """Apply `rule` to every element; arguments as for the CPU's `dense_launch`."""
    dtype = arrays[gradient].dtype.name
    flat = [a.reshape(-1) for a in arrays.values()]
    return over(arrays[gradient].size, kernel_of(rule, dtype, tuple(arrays), written, gradient, False), *flat)


def sparse_launch(rule, arrays, written, gradient, indices, status):
    """Apply `rule` to the rows `indices` (n,); arguments as for the CPU's `sparse_launch`."""
    rows, dtype = (*written, gradient), arrays[gradient].dtype.name
    shaped = [a.reshape(len(a), -1) if name in rows else a.reshape(-1) for name, a in arrays.items()]
    made = kernel_of(rule, dtype, tuple(arrays), written, gradient, True)
    return over(arrays[gradient].size, made, *shaped, indices, status)


# -- how these kernels are tried ---------------------------------------------------------------------------------


def _momentum(var, accum, lr, grad, momentum):
    accum = accum * momentum + grad
    return var - lr * accum, accum


def _examples():
    names, written = ("var", "accum", "lr", "grad", "momentum"), ("var", "accum")
    dense = kernel_of(_momentum, "float32", names, written, "grad", False)
    sparse = kernel_of(_momentum, "float32", names, written, "grad", True)

    @dense.equals
    def _(var, accum, lr, grad, momentum):
        var[:], accum[:] = _momentum(var, accum, lr, grad, momentum)

    @sparse.equals
    def _(var, accum, lr, grad, momentum, indices, status):
        for row, g in zip(indices, grad, strict=True):
            if 0 <= row < len(var):
                var[row], accum[row] = _momentum(var[row], accum[row], lr, g, momentum)
            else:
                status[0] = 1

    flag = zeros(1, dtype="int32")
    dense.example(2, 64, normal(200), positive(200), exactly([0.1], "float32"), normal(200), exactly([0.9], "float32"))
    sparse.example(1, 64, normal(5, 9), positive(5, 9), exactly([0.1], "float32"), normal(4, 9),
                   exactly([0.9], "float32"), exactly([3, 1, 3, 0], "int32"), flag)  # fmt: skip
    sparse.example(1, 32, normal(5, 3), positive(5, 3), exactly([0.1], "float32"), normal(2, 3),
                   exactly([0.9], "float32"), exactly([1, 5], "int32"), flag)  # fmt: skip


_examples()
