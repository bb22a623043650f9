"""Sums of products over labelled axes (einsum), as matrix products.

Two operands have four kinds of axes: those that both have and the result keeps (a batch), those that both have
and are summed, and those that only the one or the other has.  With each kind brought together and taken for one
axis, the contraction is a product of matrices for each element of the batch:

    out[batch, a's own, b's own] = sum over summed of a[batch, a's own, summed] * b[batch, summed, b's own]

More operands are taken two at a time, from the left.
"""

import math

import numpy as np

from minitf.kernels import reduction
from minitf.kernels.blas import gemm_launch
from minitf.kernels.copying import copy_launch
from minitf.kernels.transposing import transpose_launches


def _plus(x, y):
    return x + y


def einsum_launches(words, arrays, result, out):
    """Launches for `out`, with the labels `result`, from `arrays` with the labels `words` (one letter an axis).

    None where a label stands twice in a word (a diagonal) or its sizes differ (a broadcast).
    """
    if any(len(set(word)) < len(word) for word in (*words, result)):
        return None
    sizes = {}
    for word, array in zip(words, arrays, strict=True):
        if any(sizes.setdefault(label, n) != n for label, n in zip(word, array.shape, strict=True)):
            return None
    launches, operands = [], []
    for i, (word, array) in enumerate(zip(words, arrays, strict=True)):
        wanted = set(result).union(*words[:i], *words[i + 1 :])
        operands.append(_sum_own(word, array, wanted, launches))
    word, found = operands[0]
    for i, (other, array) in enumerate(operands[1:], 2):
        wanted = set(result).union(*(w for w, _ in operands[i:]))
        word, found = _product(word, found, other, array, wanted, result, out if i == len(words) else None, launches)
    if found is not out:
        launches.extend(_in_order(word, found, result, out))
    return launches


def _sum_own(word, x, wanted, launches):
    """(word, array) without the labels that nobody else wants."""
    axes = {d for d, label in enumerate(word) if label not in wanted}
    if not axes:
        return word, x
    kept = "".join(label for label in word if label in wanted)
    made = np.empty([n for d, n in enumerate(x.shape) if d not in axes], x.dtype)
    launches.extend(reduction.launches(_plus, 0, x, axes, made))
    return kept, made


def _product(left, a, right, b, wanted, result, out, launches):
    """(word, array) of the product of two operands, summed over the labels that are not wanted after it.

    It is written to `out` where that has its axes in this order.
    """
    sizes = dict(zip(left + right, a.shape + b.shape, strict=True))
    batch = "".join(label for label in left if label in right and label in wanted)
    summed = "".join(label for label in left if label in right and label not in wanted)
    rows, columns = ("".join(x for x in word if x not in other) for word, other in ((left, right), (right, left)))
    a, turned_a = _as_matrices(left, a, batch, rows, summed, launches)
    b, turned_b = _as_matrices(right, b, batch, summed, columns, launches)
    word = batch + rows + columns
    made = out if out is not None and word == result else np.empty([sizes[label] for label in word], a.dtype)
    shape = _sizes(sizes, batch, rows, columns)
    launches.append(gemm_launch(a, b, turned_a, turned_b, made.reshape(shape if batch else shape[1:])))
    return word, made


def _as_matrices(word, x, batch, first, second, launches):
    """(array, turned): x as (batch, first, second), or turned as (batch, second, first) where it is so already."""
    sizes = dict(zip(word, x.shape, strict=True))
    turned = word == batch + second + first
    if not turned and word != batch + first + second:
        source, x = x, np.empty([sizes[label] for label in batch + first + second], x.dtype)
        launches.extend(_in_order(word, source, batch + first + second, x))
    shape = _sizes(sizes, batch, *((second, first) if turned else (first, second)))
    return x.reshape(shape if batch else shape[1:]), turned


def _sizes(sizes, *groups):
    return [math.prod(sizes[label] for label in group) for group in groups]


def _in_order(word, x, order, out):
    """Launches for out = x, which has the labels `word`, with its axes in `order`."""
    if word == order:
        return [copy_launch(x, out)]
    return transpose_launches(x, tuple(word.index(label) for label in order), out)
