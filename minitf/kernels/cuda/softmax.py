"""Softmax of the rows of a matrix, and the losses that contain one: a warp for each row.

    m = the largest x[j]                      # 32 lanes look at every 32nd element, then shuffles
    total = sum of exp(x[j] - m)              # likewise
    out[j] = exp(x[j] - m) / total

The row is read three times, from the cache after the first.  With `shfl_xor` every lane ends with the result, so
that no shared memory and no barrier is needed.  Formulas as on the CPU (`minitf/kernels/softmax.py`).
"""

import math

import numpy as np

from minitf.kernels.cuda.cases import empty, integers, normal, positive, zeros
from minitf.kernels.cuda.launching import Launch
from minitf.kernels.cuda.reduction import ALL, WARP
from minitf.kernels.cuda.toolkit import cuda, device, give_up, kernel, uint32

ROWS = 4  # warps, that is rows, of a block


@device
def row_number():
    return uint32(cuda.blockIdx.x * uint32(ROWS) + cuda.threadIdx.y)


@device
def larger(x, y):
    return x if x > y else y


@device
def warp_maximum(m):
    """The largest of a warp's numbers, in every lane."""
    m = larger(m, cuda.shfl_xor_sync(ALL, m, 16))
    m = larger(m, cuda.shfl_xor_sync(ALL, m, 8))
    m = larger(m, cuda.shfl_xor_sync(ALL, m, 4))
    m = larger(m, cuda.shfl_xor_sync(ALL, m, 2))
    return larger(m, cuda.shfl_xor_sync(ALL, m, 1))


@device
def warp_sum(total):
    """The sum of a warp's numbers, in every lane."""
    total = total + cuda.shfl_xor_sync(ALL, total, 16)
    total = total + cuda.shfl_xor_sync(ALL, total, 8)
    total = total + cuda.shfl_xor_sync(ALL, total, 4)
    total = total + cuda.shfl_xor_sync(ALL, total, 2)
    return total + cuda.shfl_xor_sync(ALL, total, 1)


@device
def row_maximum(x, row):
    m = x[row, 0]
    j = uint32(cuda.threadIdx.x)
    while j < uint32(x.shape[1]):
        m = larger(x[row, j], m)
        j = uint32(j + uint32(WARP))
    return warp_maximum(m)


@device
def row_total(x, row, m):
    """The sum of exp(x[row, j] - m)."""
    total = x.dtype.type(0)
    j = uint32(cuda.threadIdx.x)
    while j < uint32(x.shape[1]):
        total += math.exp(x[row, j] - m)
        j = uint32(j + uint32(WARP))
    return warp_sum(total)


@kernel(threads=WARP * ROWS, registers=40)
def softmax(x, out):
    """out[i] = softmax(x[i]); block (32, 4), a warp for each row."""
    row = row_number()
    if row < uint32(x.shape[0]):
        m = row_maximum(x, row)
        scale = x.dtype.type(1) / row_total(x, row, m)
        j = uint32(cuda.threadIdx.x)
        while j < uint32(x.shape[1]):
            out[row, j] = math.exp(x[row, j] - m) * scale
            j = uint32(j + uint32(WARP))


@kernel(threads=WARP * ROWS, registers=40)
def log_softmax(x, out):
    """out[i] = log softmax(x[i]) = (x[i] - m) - log(total)"""
    row = row_number()
    if row < uint32(x.shape[0]):
        m = row_maximum(x, row)
        log_total = math.log(row_total(x, row, m))
        j = uint32(cuda.threadIdx.x)
        while j < uint32(x.shape[1]):
            out[row, j] = (x[row, j] - m) - log_total
            j = uint32(j + uint32(WARP))


@kernel(threads=WARP * ROWS, registers=40)
def cross_entropy(x, labels, loss, backprop):
    """loss[i] = - sum of labels[i] * log softmax(x[i]);  backprop[i] = softmax(x[i]) - labels[i]"""
    row = row_number()
    if row < uint32(x.shape[0]):
        m = row_maximum(x, row)
        total = row_total(x, row, m)
        log_total, scale = math.log(total), x.dtype.type(1) / total
        part = x.dtype.type(0)
        j = uint32(cuda.threadIdx.x)
        while j < uint32(x.shape[1]):
            part += labels[row, j] * (log_total - (x[row, j] - m))
            backprop[row, j] = math.exp(x[row, j] - m) * scale - labels[row, j]
            j = uint32(j + uint32(WARP))
        part = warp_sum(part)
        if cuda.threadIdx.x == 0:
            loss[row] = part


@kernel(threads=WARP * ROWS, registers=40)
def sparse_cross_entropy(x, labels, loss, backprop, status):
    """The same where labels[i] is the number of the one class; status[0] = 1 where it is no class."""
    row = row_number()
    if row < uint32(x.shape[0]):
        label = labels[row]
        if label < 0 or label >= x.shape[1]:
            give_up(status)
        else:
            m = row_maximum(x, row)
            total = row_total(x, row, m)
            scale = x.dtype.type(1) / total
            j = uint32(cuda.threadIdx.x)
            while j < uint32(x.shape[1]):
                hit = x.dtype.type(1) if j == label else x.dtype.type(0)
                backprop[row, j] = math.exp(x[row, j] - m) * scale - hit
                j = uint32(j + uint32(WARP))
            if cuda.threadIdx.x == 0:
                loss[row] = math.log(total) - (x[row, label] - m)


def launch(kernel, *arguments):
    """The launch of one of these kernels; the first argument is the matrix (rows, classes)."""
    return Launch(kernel, -(-len(arguments[0]) // ROWS), (WARP, ROWS), *arguments)


# -- how these kernels are tried ---------------------------------------------------------------------------------


def _log_softmax(x):
    below = x - x.max(1, keepdims=True)
    return below - np.log(np.exp(below).sum(1, keepdims=True))


softmax.equals(lambda x, out: np.copyto(out, np.exp(_log_softmax(x))))
log_softmax.equals(lambda x, out: np.copyto(out, _log_softmax(x)))


@cross_entropy.equals
def _(x, labels, loss, backprop):
    loss[:] = -(labels * _log_softmax(x)).sum(1)
    backprop[...] = np.exp(_log_softmax(x)) - labels


@sparse_cross_entropy.equals
def _(x, labels, loss, backprop, status):
    for i, label in enumerate(labels):
        if 0 <= label < x.shape[1]:
            loss[i] = -_log_softmax(x[i : i + 1])[0, label]
            backprop[i] = np.exp(_log_softmax(x[i : i + 1]))[0] - np.eye(x.shape[1], dtype=x.dtype)[label]
        else:
            status[0] = 1


for _kernel in (softmax, log_softmax):
    _kernel.example(2, (WARP, ROWS), normal(6, 37), empty(6, 37))
    _kernel.example(1, (WARP, ROWS), normal(3, 10, dtype="float64"), empty(3, 10, dtype="float64"))
cross_entropy.example(2, (WARP, ROWS), normal(5, 37), positive(5, 37), empty(5), empty(5, 37))
sparse_cross_entropy.example(2, (WARP, ROWS), normal(5, 37), integers(0, 37, 5), empty(5), empty(5, 37),
                             zeros(1, dtype="int32"))  # fmt: skip
sparse_cross_entropy.example(1, (WARP, ROWS), normal(3, 4), integers(3, 6, 3, dtype="int64"), empty(3), empty(3, 4),
                             zeros(1, dtype="int32"))  # fmt: skip
