"""Matrix products: NumPy's own OpenBLAS called by address, and a portable kernel beside it.

NumPy's wheels carry a complete OpenBLAS.  `gemm` calls it from machine code, without a copy and
without Python.  The address of its routine changes from process to process, so it is an argument
of the kernel and never part of cached machine code.  Address 0 means "there is no such library"
(or no such routine: integers, complex numbers), and `portable_gemm` does the work.

Read next: `convolution.py`, where a convolution becomes a matrix product.
"""

import ctypes
import functools
import math
import os
import pathlib

import numpy as np
from llvmlite import binding, ir
from numba.core import types
from numba.extending import intrinsic

from minitf.kernels.compile import kernel
from minitf.kernels.machine import Launch

_ROUTINES = {"float32": "scipy_cblas_sgemm64_", "float64": "scipy_cblas_dgemm64_"}
_ROW_MAJOR, _AS_IT_IS, _TRANSPOSED = 101, 111, 112  # CBLAS's numbers
_BLOCK = 128  # inner indices that portable_gemm takes at a time
REDUCTION = {"contract", "reassoc", "nsz", "arcp"}  # sums may be reordered; NaN and Inf travel


@functools.cache
def openblas():
    """The OpenBLAS inside NumPy's wheel as a ctypes library, or None where NumPy has another BLAS."""
    package = pathlib.Path(np.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for path in sorted(folder.glob("*openblas64*")):
            try:
                return ctypes.CDLL(str(path))
            except OSError:
                continue
    return None


@functools.cache
def _prepare_openblas():
    """Settings of OpenBLAS that hold in the whole process; the user's environment variables go first.

    One thread: its threads wait for each other in a busy loop.  Where another program has the
    second core, a product of 128 x 784 x 256 was measured 70 times slower with two threads.

    Kernels for AVX-512 where the processor has it: OpenBLAS does not know some newer processors
    and takes those for AVX2, which are half as fast.
    """
    library = openblas()
    if "OPENBLAS_NUM_THREADS" not in os.environ:
        library.scipy_openblas_set_num_threads64_(1)
    library.scipy_openblas_get_corename64_.restype = ctypes.c_char_p
    chosen = library.scipy_openblas_get_corename64_()
    features = binding.get_host_cpu_features()
    has_avx512 = all(features.get(f"avx512{part}") for part in ("f", "cd", "bw", "dq", "vl"))
    if chosen in (b"Haswell", b"Zen") and has_avx512 and "OPENBLAS_CORETYPE" not in os.environ:
        os.environ["OPENBLAS_CORETYPE"] = "SkylakeX"
        library.gotoblas_dynamic_quit()
        library.gotoblas_dynamic_init()
        del os.environ["OPENBLAS_CORETYPE"]


@functools.cache
def gemm_address(dtype):
    """Where OpenBLAS's matrix product for this dtype name lives in this process; 0 if nowhere."""
    routine = getattr(openblas(), _ROUTINES.get(dtype, "none"), None)
    if routine is None:
        return 0
    _prepare_openblas()
    # OpenBLAS packs its operands into buffers that stay three times slower until one larger
    # product has touched all of their pages.
    square = np.ones((384, 384), dtype)
    np.dot(square, square)
    return ctypes.cast(routine, ctypes.c_void_p).value


@intrinsic
def _cblas(context, address, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, out, ldout):
    """CBLAS `gemm` at `address` on row-major matrices; the type of `alpha` picks float or double."""
    word, real = types.int64, alpha
    signature = types.void(word, *[word] * 5, real, *[word] * 4, real, word, word)

    def generate(context, builder, signature, args):
        if real in (types.float32, types.float64):  # others never come here: their address is 0
            _call_cblas(builder, context.get_value_type(real), args)
        return context.get_dummy_value()

    return signature, generate


def _call_cblas(builder, real, args):
    address, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, out, ldout = args
    word, enum, pointer = ir.IntType(64), ir.IntType(32), ir.IntType(8).as_pointer()
    shape = [enum] * 3 + [word] * 3 + [real, pointer, word, pointer, word, real, pointer, word]
    function = builder.inttoptr(address, ir.FunctionType(ir.VoidType(), shape).as_pointer())

    def order(transposed):
        return builder.add(builder.trunc(transposed, enum), ir.Constant(enum, _AS_IT_IS))

    a, b, out = (builder.inttoptr(value, pointer) for value in (a, b, out))
    orders = [ir.Constant(enum, _ROW_MAJOR), order(transpose_a), order(transpose_b)]
    builder.call(function, [*orders, m, n, k, alpha, a, lda, b, ldb, beta, out, ldout])


@kernel(fastmath=REDUCTION)
def portable_gemm(a, b, transpose_a, transpose_b, alpha, beta, out):
    """out = alpha * A @ B + beta * out, where A is a or its transpose, and B is b or its transpose.

    out = beta * out
    for each block of inner indices:                 # these rows of B stay in the cache
        for each row i:
            for each p in the block, four at a time: # B as it is: whole rows of b are added
                out[i, :] += alpha * A[i, p] * b[p, :]
            for each column j:                       # B transposed: dot products with rows of b
                out[i, j] += alpha * sum over p in the block of A[i, p] * b[j, p]
    """
    inner = a.shape[0] if transpose_a else a.shape[1]
    factor, keep = out.dtype.type(alpha), out.dtype.type(beta)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = keep * out[i, j] if beta != 0 else out.dtype.type(0)  # 0 even where out was NaN
    for first in range(0, inner, _BLOCK):
        last = min(inner, first + _BLOCK)
        for i in range(out.shape[0]):
            if transpose_a:
                _add_product(a[first:last, i], b, first, last, transpose_b, factor, out[i])
            else:
                _add_product(a[i, first:last], b, first, last, transpose_b, factor, out[i])


@kernel
def _add_product(a_row, b, first, last, transpose_b, factor, out_row):
    if transpose_b:
        _add_dot_products(a_row, b, first, last, factor, out_row)
    else:
        _add_rows(a_row, b[first:last], factor, out_row)


@kernel(fastmath=REDUCTION)
def _add_rows(a_row, b, factor, out_row):
    """out_row += factor * a_row @ b"""
    columns, four = out_row.shape[0], a_row.shape[0] // 4 * 4
    for p in range(0, four, 4):  # four rows of b for each pass over out_row
        a0, a1 = factor * a_row[p], factor * a_row[p + 1]
        a2, a3 = factor * a_row[p + 2], factor * a_row[p + 3]
        for j in range(columns):
            out_row[j] += a0 * b[p, j] + a1 * b[p + 1, j] + a2 * b[p + 2, j] + a3 * b[p + 3, j]
    for p in range(four, a_row.shape[0]):
        for j in range(columns):
            out_row[j] += factor * a_row[p] * b[p, j]


@kernel(fastmath=REDUCTION)
def _add_dot_products(a_row, b, first, last, factor, out_row):
    """out_row += factor * a_row @ transpose of b[:, first:last]"""
    for j in range(out_row.shape[0]):
        b_row, total = b[j, first:last], out_row.dtype.type(0)
        for p in range(a_row.shape[0]):
            total += a_row[p] * b_row[p]
        out_row[j] += factor * total


@kernel
def gemm(address, a, b, transpose_a, transpose_b, alpha, beta, out):
    """out = alpha * A @ B + beta * out for matrices, by OpenBLAS at `address`, portably if that is 0.

    A is `a` (rows, inner), or the transpose of `a` (inner, rows) if transpose_a; B likewise.
    With beta == 0 what was in `out` does not matter.
    """
    inner = a.shape[0] if transpose_a else a.shape[1]
    if address == 0:
        portable_gemm(a, b, transpose_a, transpose_b, alpha, beta, out)
    elif out.size > 0:
        _cblas(
            address, transpose_a, transpose_b, out.shape[0], out.shape[1], inner,
            out.dtype.type(alpha), a.ctypes.data, max(1, a.shape[1]), b.ctypes.data, max(1, b.shape[1]),
            out.dtype.type(beta), out.ctypes.data, out.shape[1],
        )  # fmt: skip


@kernel
def batched_gemm(address, a, b, which_a, which_b, transpose_a, transpose_b, alpha, beta, out):
    """One product for each matrix of `out` (batch, rows, columns).

    for each i: out[i] = alpha * A[which_a[i]] @ B[which_b[i]] + beta * out[i]
    """
    for i in range(out.shape[0]):
        gemm(address, a[which_a[i]], b[which_b[i]], transpose_a, transpose_b, alpha, beta, out[i])


def matmul_numpy(a, b, transpose_a=False, transpose_b=False):
    """What `gemm` and `batched_gemm` must equal, with alpha 1 and beta 0."""
    return np.matmul(a.swapaxes(-1, -2) if transpose_a else a, b.swapaxes(-1, -2) if transpose_b else b)


def gemm_launch(a, b, transpose_a, transpose_b, out, alpha=1.0, beta=0.0):
    """The launch that computes out = alpha * A @ B + beta * out.

    a, b: (..., rows, inner) and (..., inner, columns) before transposition, of one dtype; leading
    dimensions broadcast.  out: (..., rows, columns).  All C-contiguous.
    """
    address = gemm_address(out.dtype.name)
    options = int(transpose_a), int(transpose_b), float(alpha), float(beta)
    a_batch, b_batch, out_batch = a.shape[:-2], b.shape[:-2], out.shape[:-2]
    if not out_batch:
        return Launch(gemm, address, a, b, *options, out)
    if not b_batch and not transpose_a:  # one b for all: the batch is nothing but more rows
        return Launch(gemm, address, _merge(a, 2), b, *options, _merge(out, 2))
    which = _which(a_batch, out_batch), _which(b_batch, out_batch)
    return Launch(batched_gemm, address, _merge(a, 3), _merge(b, 3), *which, *options, _merge(out, 3))


def _merge(array, rank):
    """The same memory with the leading dimensions merged into one (or a new one of size 1)."""
    kept = array.shape[array.ndim - rank + 1 :]
    return array.reshape(math.prod(array.shape[: array.ndim - rank + 1]), *kept)


def _which(batch, out_batch):
    """Which matrix of a stack of shape `batch` each matrix of the result uses."""
    numbers = np.arange(math.prod(batch), dtype=np.int64).reshape(batch)
    return np.ascontiguousarray(np.broadcast_to(numbers, out_batch)).reshape(-1)
