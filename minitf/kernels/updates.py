"""The loops of optimizers: one pass over a variable, its slots and its gradient.

A rule is a scalar function of one element of each array and of the settings; it returns the new elements of
the arrays it writes.  Two kernels come from it: `dense` for a gradient of the variable's shape, `sparse` for
rows of a gradient, each with the index of the row of the variable that it changes.
"""

import functools
import math

from minitf.kernels.compile import kernel_from_source
from minitf.kernels.functions import inline
from minitf.kernels.machine import Launch

_GRAIN = 8192  # elements

_DENSE = """\
def dense(begin, end, {names}):
    # {origin}
    {sliced} = {slices}
    for i in range(var.size):
        {written} = rule({arguments})
"""

_SPARSE = """\
def sparse({names}, indices):
    # {origin}
    for n in range(indices.size):
        if indices[n] < 0 or indices[n] >= var.shape[0]:
            return 1
    for n in range(indices.size):
        row = indices[n]
        for j in range(var.shape[1]):
            {written} = rule({arguments})
    return 0
"""


@functools.cache
def _loop(rule, names, written, per_element, sparse):
    """The kernel of a rule: `written` are elements of the variable's shape, so is the gradient."""
    at = {n: f"{n}[0]" for n in names}
    at.update({n: f"{n}[n, j]" if sparse else f"{n}[i]" for n in per_element})
    at.update({n: f"{n}[row, j]" if sparse else f"{n}[i]" for n in written})
    moving = (*written, *per_element)
    source = (_SPARSE if sparse else _DENSE).format(
        sliced=", ".join(moving),
        slices=", ".join(f"{n}[begin:end]" for n in moving),
        names=", ".join(names),
        origin=f"{rule.__module__}.{rule.__qualname__}",
        written=", ".join(at[n] for n in written),
        arguments=", ".join(at[n] for n in names),
    )
    scope = {"rule": inline(rule)}
    made = kernel_from_source(source, "sparse" if sparse else "dense", scope, rule.__module__)
    made.status = sparse
    return made


def dense_launch(rule, arrays, written, gradient):
    """Apply `rule` to every element.  `arrays` {argument of the rule: array}, settings being of one element."""
    flat = [a.reshape(-1) for a in arrays.values()]
    loop = _loop(rule, tuple(arrays), written, (gradient,), False)
    return Launch(loop, *flat, units=arrays[gradient].size, grain=_GRAIN)


def sparse_launch(rule, arrays, written, gradient, indices):
    """Apply `rule` to the rows `indices` (n,) of the written arrays, one row of the gradient for each."""
    rows = (*written, gradient)
    shaped = [a.reshape(len(a), -1) if name in rows else a.reshape(-1) for name, a in arrays.items()]
    return Launch(_loop(rule, tuple(arrays), written, (gradient,), True), *shaped, indices)


# -- parts of rules ------------------------------------------------------------------------------------------


@inline
def _power(x, exponent):
    """x ** exponent, by a root for the usual exponent of 0.5."""
    return math.sqrt(x) if exponent == 0.5 else x**exponent


@inline
def ftrl(var, accum, linear, grad, shrunk, lr, l1, l2, lr_power):
    """The new (var, accum, linear); `shrunk` is the gradient that enters `linear`."""
    new = accum + grad * grad
    now = _power(new, -lr_power)
    linear = linear + shrunk - (now - _power(accum, -lr_power)) / lr * var
    quadratic = now / lr + type(l2)(2) * l2
    towards = l1 if linear > 0 else -l1
    var = (towards - linear) / quadratic if abs(linear) > l1 else type(var)(0)
    return var, new, linear


@inline
def proximal(var, rate, l1, l2):
    """The number nearest to `var` for the penalty rate * (l1 |x| + l2 x**2 / 2): pulled to 0, often to 0 itself."""
    one, zero = type(rate)(1), type(var)(0)
    kept = max(abs(var) - rate * l1, zero)
    return (kept if var > zero else -kept) / (one + rate * l2)
