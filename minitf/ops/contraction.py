"""Sums over shared axes: tensordot (by one matrix product) and einsum."""

import string

import numpy as np

from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import contraction as kernels
from minitf.ops.array import ones, reshape, shape_of
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import example, normal
from minitf.ops.matmul import matmul
from minitf.ops.numeric import widen
from minitf.ops.op import NUMBERS, Op, constant_value
from minitf.ops.transposing import transpose


def tensordot(a, b, axes, name=None):
    """tf.tensordot: the sum of a's and b's products over pairs of axes.

    `axes` is a number n (the last n axes of a with the first n of b) or a pair of lists of axes.
    The result has a's other axes, then b's.  Raises ValueError where the lists do not fit.
    """
    with name_scope(name, "Tensordot", [a, b, axes]) as scope:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, name="b")
        a_axes, b_axes = _axes(a, axes)
        left, a_free, a_free_static = _as_matrix(a, a_axes, summed_last=True)
        right, b_free, b_free_static = _as_matrix(b, b_axes, summed_last=False)
        product = matmul(left, right)
        if isinstance(a_free, list) and isinstance(b_free, list):
            if product.shape == TensorShape(a_free + b_free):
                return product
            return reshape(product, a_free + b_free, name=scope)
        from minitf.ops.joining import concat

        parts = [constant(np.array(f, np.int32)) if isinstance(f, list) else f for f in (a_free, b_free)]
        product = reshape(product, concat(parts, 0), name=scope)
        product.set_shape(a_free_static + b_free_static)
        return product


def _axes(a, axes):
    if not isinstance(axes, (int, np.integer, list, tuple)):
        axes = constant_value(convert_to_tensor(axes)).tolist()
    if isinstance(axes, (int, np.integer)):
        if a.shape.ndims is None or not 0 <= axes <= a.shape.ndims:
            raise ValueError(f"'axes' = {axes} must be between 0 and the rank of 'a', which has shape {a.shape}")
        return list(range(a.shape.ndims - axes, a.shape.ndims)), list(range(axes))
    if len(axes) != 2:
        raise ValueError(f"'axes' must be an integer or have length 2, got {axes}")
    pair = [[int(i) for i in np.atleast_1d(side)] for side in axes]
    if len(pair[0]) != len(pair[1]):
        raise ValueError(f"Different number of contraction axes 'a' and 'b', {len(pair[0])} != {len(pair[1])}.")
    return pair


def _as_matrix(x, axes, summed_last):
    """(x as a matrix, its other sizes as a list or a tensor, the same as far as known)."""
    ndims = x.shape.ndims
    if ndims is None:
        raise ValueError("tensordot needs tensors of known rank")
    axes = [i % ndims if -ndims <= i < ndims else _out_of_range(i, x) for i in axes]
    free = [i for i in range(ndims) if i not in axes]
    order = free + axes if summed_last else axes + free
    known = [x.shape.sizes[i] for i in free]
    if x.shape.is_fully_defined():
        groups = (free, axes) if summed_last else (axes, free)
        sizes = [int(np.prod([x.shape.sizes[i] for i in g])) for g in groups]
        x = x if order == list(range(ndims)) else transpose(x, order)
        return x if list(x.shape.sizes) == sizes else reshape(x, sizes), known, known
    return (*_as_matrix_at_run(x, axes, free, summed_last), known)


def _as_matrix_at_run(x, axes, free, summed_last):
    from minitf.ops.gathering import gather
    from minitf.ops.joining import concat, stack
    from minitf.ops.reductions import reduce_prod

    summed, kept = constant(np.array(axes, np.int32), name="axes"), constant(np.array(free, np.int32), name="free")
    sizes = shape_of(x)
    kept_sizes, summed_sizes = gather(sizes, kept), gather(sizes, summed)
    pair = [(kept, reduce_prod(kept_sizes)), (summed, reduce_prod(summed_sizes))]
    pair = pair if summed_last else pair[::-1]
    order, shape = concat([p[0] for p in pair], 0), stack([p[1] for p in pair])
    return reshape(transpose(x, order), shape), kept_sizes


def _out_of_range(i, x):
    raise ValueError(f"axis {i} is out of range of a tensor of shape {x.shape}")


class Einsum(Op):
    """Sums of products, as an equation of axis labels says: "ij,jk->ik" is the matrix product."""

    inputs = {"*inputs": "T"}
    types = {"T": NUMBERS}
    examples = [
        example([normal(2, 3), normal(3, 4)], equation="ij,jk->ik"),
        example([normal(2, 3)], equation="ij->ji"),
        example([normal(2, 3)], equation="ij->i"),
        example([normal(3, 3)], equation="ii->"),
        example([normal(2, 3, 4), normal(2, 4, 5)], equation="bij,bjk->bik"),
        example([normal(2, 3), normal(3, 4), normal(4)], equation="ij,jk,k->i"),
        example([normal(2, 3, 4), normal(4, 5)], equation="...j,jk->...k"),
        example([normal(4, 3, 2), normal(5, 2, 4)], equation="jib,kbj->kbi"),
        example([normal(2, 3), normal(4, 5)], equation="ij,kl->lj"),
    ]

    def infer(op, *inputs):
        if any(x.shape.ndims is None for x in inputs):
            return [(TensorShape(None), op.attrs["T"])]
        labels, result = _expand(op.attrs["equation"], [x.shape.ndims for x in inputs])
        sizes = {}
        for word, x in zip(labels, inputs, strict=True):
            for letter, n in zip(word, x.shape.sizes, strict=True):
                before = sizes.setdefault(letter, n)
                if None not in (before, n) and before != n and 1 not in (before, n):
                    raise ValueError(f"Dimensions must be equal, but are {before} and {n}: label '{letter}' of "
                                     f"einsum '{op.attrs['equation']}'")  # fmt: skip
                if before in (None, 1):
                    sizes[letter] = n
        return [(TensorShape([sizes[letter] for letter in result]), op.attrs["T"])]

    def cpu(op, *arrays):
        inputs, out = arrays[:-1], arrays[-1]
        labels, result = _expand(op.attrs["equation"], [x.ndim for x in inputs])
        return kernels.einsum_launches(labels, inputs, result, out)

    def numpy(op, *inputs):
        labels, result = _expand(op.attrs["equation"], [x.ndim for x in inputs])
        return np.einsum(f"{','.join(labels)}->{result}", *map(widen, inputs), optimize=len(inputs) > 1)

    def gradient(op, dy):
        labels, result = _expand(op.attrs["equation"], [x.shape.ndims for x in op.inputs])
        others = op.inputs if not op.attrs["T"].is_complex else [_conjugate(x) for x in op.inputs]
        return [_operand_gradient(dy, result, labels, others, i) for i in range(len(labels))]


def _conjugate(x):
    from minitf.ops.complex_numbers import conj

    return conj(x)


def _operand_gradient(dy, result, labels, inputs, i):
    """d/d(operand i) is an einsum too: the result's axes and the other operands', summed to operand i's.

    A label that only operand i has was summed: a vector of ones spreads the gradient along it.  A
    label that it has twice was a diagonal: an identity matrix puts the gradient there.
    """
    from minitf.ops.diagonals import eye
    from minitf.ops.reductions import reduce_sum

    x, own = inputs[i], ""
    words, operands = [result], [dy]
    for j, word in enumerate(labels):
        if j != i:
            words.append(word)
            operands.append(inputs[j])
    spare = iter(letter for letter in string.ascii_letters if letter not in "".join([result, *labels]))
    for axis, letter in enumerate(labels[i]):
        size = shape_of(x)[axis] if x.shape.sizes[axis] is None else x.shape.sizes[axis]
        if letter in own:
            twin = next(spare)
            words.append(letter + twin)
            operands.append(eye(size, dtype=x.dtype))
            letter = twin
        elif letter not in "".join(words):
            words.append(letter)
            operands.append(ones([size], x.dtype))
        own += letter
    found = Einsum.apply(operands, equation=f"{','.join(words)}->{own}")
    repeated = [a for a, (n, m) in enumerate(zip(x.shape.sizes, found.shape.sizes, strict=True)) if n == 1 != m]
    return reduce_sum(found, repeated, keepdims=True) if repeated else found


def _expand(equation, ranks):
    """(labels of every operand, labels of the result), with letters in place of `...`."""
    left, arrow, result = equation.replace(" ", "").partition("->")
    words = left.split(",")
    if len(words) != len(ranks):
        raise ValueError(f"Got {len(ranks)} arguments for equation '{equation}', expecting {len(words)}")
    spare = [letter for letter in string.ascii_uppercase[::-1] + string.ascii_lowercase if letter not in equation]
    counts = [rank - len(word.replace("...", "")) for word, rank in zip(words, ranks, strict=True)]
    for word, count in zip(words, counts, strict=True):
        if count < 0 or (count > 0 and "..." not in word):
            raise ValueError(f"'{word}' of einsum '{equation}' does not fit a tensor of rank {count + len(word)}")
    longest = max((c for w, c in zip(words, counts, strict=True) if "..." in w), default=0)
    batch = "".join(spare[:longest])
    words = [w.replace("...", batch[longest - c :]) for w, c in zip(words, counts, strict=True)]
    if not arrow:
        once = sorted(c for c in set("".join(words)) - set(batch) if "".join(words).count(c) == 1)
        return words, batch + "".join(once)
    return words, result.replace("...", batch)


def einsum(equation, *inputs, **kwargs):
    """tf.einsum: sums of products of tensors, as `equation` says.

    "ij,jk->ik" is a matrix product, "ii->" a trace, "ij->ji" a transpose; `...` stands for leading
    axes.  Without "->", the result has the labels that occur once, in alphabetical order.
    Raises ValueError where the equation does not fit the tensors.
    """
    name = kwargs.pop("name", None)
    kwargs.pop("optimize", None)
    if kwargs:
        raise TypeError(f"invalid keyword arguments for this function: {', '.join(kwargs)}")
    with name_scope(name, "einsum", inputs):
        _check_equation(equation, len(inputs))
        return Einsum.apply([convert_to_tensor(x) for x in inputs], equation=equation.replace(" ", ""))


def _check_equation(equation, count):
    left, arrow, result = equation.replace(" ", "").partition("->")
    allowed = set(string.ascii_letters + ",.")
    if set(left + result) - allowed or left.count(",") + 1 != count:
        raise ValueError(f"Indices have incorrect format or do not fit {count} inputs: '{equation}'")
    if arrow and any(c not in left for c in result if c != "."):
        raise ValueError(f"The result of einsum '{equation}' has a label that no input has")
