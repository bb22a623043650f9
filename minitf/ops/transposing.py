"""Transposing: the axes in another order."""

import numpy as np

from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import elementwise
from minitf.kernels.transposing import transpose_launches
from minitf.ops.array import rank
from minitf.ops.complex_numbers import Conj
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import COMPLEX, INDICES, Op


class Transpose(Op):
    """y[j0, j1, ...] = x[i0, i1, ...] where axis d of y is axis perm[d] of x."""

    inputs = {"x": "T", "perm": "Tperm"}
    types = {"T": (), "Tperm": INDICES}
    static = (1,)
    default_name = "transpose"
    examples = [
        example(normal(2, 3), array([1, 0])),
        example(normal(2, 3, 4), array([2, 0, 1])),
        example(normal(2, 3, 4), array([0, 2, 1])),
    ]

    def infer(op, x, perm):
        ndims = x.shape.ndims
        if perm.shape.ndims == 1 and perm.shape.sizes[0] is not None:
            ndims = perm.shape.sizes[0]
            x.shape.with_rank(ndims)
        if perm.value is None or ndims is None:
            return [(TensorShape(None if ndims is None else [None] * ndims), x.dtype)]
        axes = _checked(perm.value, ndims)
        return [(TensorShape([x.shape.with_rank(ndims).sizes[a] for a in axes]), x.dtype)]

    def cpu(op, x, perm, out):
        return transpose_launches(x, _checked(perm, x.ndim), out)

    def numpy(op, x, perm):
        return np.transpose(x, _checked(perm, x.ndim)).copy()

    def gradient(op, dy):
        return [transpose(dy, _inverse(op.inputs[1])), None]


def _checked(perm, ndims):
    axes = [int(a) for a in perm]
    wrong = [a for a in axes if not -ndims <= a < ndims]
    if wrong:
        raise ValueError(f"perm dim {wrong[0]} is out of range of input rank {ndims}")
    axes = [a % ndims for a in axes]
    if sorted(axes) != list(range(ndims)):
        raise ValueError(f"{axes} is not a permutation of the {ndims} axes")
    return axes


def _inverse(perm):
    from minitf.ops.uniqueness import invert_permutation

    return invert_permutation(perm)


class ConjugateTranspose(Transpose):
    """The complex conjugate, with the axes in another order."""

    types = {"T": COMPLEX, "Tperm": INDICES}
    examples = [example(normal(2, 3), array([1, 0]), dtypes=COMPLEX, gradient=False)]

    def cpu(op, x, perm, out):
        moved = np.empty_like(out)
        return [*transpose_launches(x, _checked(perm, x.ndim), moved), elementwise.launch(Conj.scalar, [moved], out)]

    def numpy(op, x, perm):
        return np.conj(np.transpose(x, _checked(perm, x.ndim)))

    def gradient(op, dy):
        return [transpose(dy, _inverse(op.inputs[1]), conjugate=True), None]


def transpose(a, perm=None, name="transpose", conjugate=False):
    """tf.transpose: axis d of the result is axis `perm[d]` of `a`; the reverse order by default.

    With `conjugate`, complex elements are conjugated.  Raises ValueError where `perm` is no permutation.
    """
    with name_scope(name, "transpose", [a]) as scope:
        a = convert_to_tensor(a, name="a")
        definition = ConjugateTranspose if conjugate and a.dtype.is_complex else Transpose
        if perm is not None:
            return definition.apply(a, perm, name=scope)
        ndims = a.shape.ndims
        perm = np.arange(ndims - 1, -1, -1, dtype=np.int32) if ndims is not None else _reversed_axes(a)
        return definition.apply(a, perm, name=scope)


def _reversed_axes(a):
    from minitf.ops.ranges import Range

    return Range.apply(rank(a) - 1, -1, -1)


def matrix_transpose(a, name="matrix_transpose", conjugate=False):
    """tf.matrix_transpose: the last two axes exchanged.  Raises ValueError for less than two axes."""
    with name_scope(name, "matrix_transpose", [a]):
        a = convert_to_tensor(a, name="a")
        ndims = a.shape.ndims
        if ndims is None:
            return transpose(a, _last_two_exchanged(a), conjugate=conjugate)
        if ndims < 2:
            raise ValueError(f"Argument `a` should be a (batch) matrix with rank >= 2, got shape {a.shape}")
        perm = [*range(ndims - 2), ndims - 1, ndims - 2]
        return transpose(a, perm, conjugate=conjugate)


def _last_two_exchanged(a):
    from minitf.ops.joining import concat
    from minitf.ops.ranges import Range

    count = rank(a)
    return concat([Range.apply(0, count - 2, 1), [count - 1, count - 2]], 0)
