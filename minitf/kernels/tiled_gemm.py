"""A matrix product in plain Numba: the fallback where NumPy has no OpenBLAS, and a lesson in why blocks pay.

The textbook's three loops read two numbers from memory for each multiplication.  Here

* a block of B, small enough for the first-level cache, is used for all rows of A before the next is read;
* in it, 4 rows of the result take from 4 rows of B at a time: 16 multiplications for 12 numbers read or
  written, which is what the arithmetic units of a processor need to be busy;
* the innermost loop runs along rows, so that one instruction does 8 or 16 numbers.

(Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.  They also copy blocks of A
and B to where they are neighbours in memory; here that is left out.)  Where B is transposed its rows are
columns, and 4 x 4 sums along them are made instead.
"""

import functools

from minitf.kernels.compile import c_address
from minitf.kernels.functions import Function, carray, inline, kernel
from minitf.kernels.windows import place

REDUCTION = {"contract", "reassoc", "nsz", "arcp"}  # sums may be reordered; NaN and Inf travel
_INNER, _COLUMNS = 64, 128  # a block of B: 32 KiB of float32


@kernel(fastmath=REDUCTION)
def tiled_gemm(begin, end, a, b, transpose_a, transpose_b, columns, inner, alpha, beta, out):
    """out = alpha * A @ B + beta * out, where A is a or its transpose, and B is b or its transpose.

    Units are groups of 4 rows of `out`.  The arrays may be wider than the matrices, which have `columns`
    columns in `out` and `inner` numbers to be summed for each.
    """
    factor, keep = out.dtype.type(alpha), out.dtype.type(beta)
    for i in range(4 * begin, min(4 * end, out.shape[0])):
        for j in range(columns):
            out[i, j] = keep * out[i, j] if beta != 0 else out.dtype.type(0)  # 0 even where out was NaN
    for first in range(0, inner, _INNER):
        last = min(inner, first + _INNER)
        for left in range(0, columns, _COLUMNS):
            right = min(columns, left + _COLUMNS)
            for i in range(4 * begin, min(4 * end, out.shape[0]), 4):
                if transpose_b:
                    add_dot_products(a, b, transpose_a, i, first, last, left, right, factor, out)
                else:
                    add_rows(a, b, transpose_a, i, first, last, left, right, factor, out)


@kernel(fastmath=REDUCTION)
def add_rows(a, b, transpose_a, i, first, last, left, right, factor, out):
    """Rows i to i + 3 of out, columns left to right: += factor * A[:, first:last] @ b[first:last]."""
    if i + 4 > out.shape[0]:
        for r in range(i, out.shape[0]):
            add_row(a, b, transpose_a, r, first, last, left, right, factor, out)
        return
    whole = first + (last - first) // 4 * 4
    for p in range(first, whole, 4):
        f0, f1 = four(a, transpose_a, i, p, factor), four(a, transpose_a, i + 1, p, factor)
        f2, f3 = four(a, transpose_a, i + 2, p, factor), four(a, transpose_a, i + 3, p, factor)
        for k in range(right - left):
            j = place(left + k)
            b0, b1, b2, b3 = b[p, j], b[p + 1, j], b[p + 2, j], b[p + 3, j]
            out[i, j] += f0[0] * b0 + f0[1] * b1 + f0[2] * b2 + f0[3] * b3
            out[i + 1, j] += f1[0] * b0 + f1[1] * b1 + f1[2] * b2 + f1[3] * b3
            out[i + 2, j] += f2[0] * b0 + f2[1] * b1 + f2[2] * b2 + f2[3] * b3
            out[i + 3, j] += f3[0] * b0 + f3[1] * b1 + f3[2] * b2 + f3[3] * b3
    for r in range(i, i + 4):
        add_row(a, b, transpose_a, r, whole, last, left, right, factor, out)


@inline
def four(a, transposed, i, p, factor):
    """factor * A[i, p : p + 4]"""
    if transposed:
        return factor * a[p, i], factor * a[p + 1, i], factor * a[p + 2, i], factor * a[p + 3, i]
    return factor * a[i, p], factor * a[i, p + 1], factor * a[i, p + 2], factor * a[i, p + 3]


@kernel(fastmath=REDUCTION)
def add_row(a, b, transpose_a, i, first, last, left, right, factor, out):
    """One row of out, columns left to right: += factor * A[i, first:last] @ b[first:last]."""
    for p in range(first, last):
        f = factor * (a[p, i] if transpose_a else a[i, p])
        for k in range(right - left):
            j = place(left + k)
            out[i, j] += f * b[p, j]


@kernel(fastmath=REDUCTION)
def add_dot_products(a, b, transpose_a, i, first, last, left, right, factor, out):
    """Rows i to i + 3 of out, columns left to right: += factor * A[:, first:last] @ transpose(b[:, first:last])."""
    rows = min(4, out.shape[0] - i)
    whole = left + (right - left) // 4 * 4 if rows == 4 and not transpose_a else left
    for j in range(left, whole, 4):
        s00 = s01 = s02 = s03 = s10 = s11 = s12 = s13 = out.dtype.type(0)
        s20 = s21 = s22 = s23 = s30 = s31 = s32 = s33 = out.dtype.type(0)
        for k in range(last - first):
            p = place(first + k)
            a0, a1, a2, a3 = a[i, p], a[i + 1, p], a[i + 2, p], a[i + 3, p]
            b0, b1, b2, b3 = b[j, p], b[j + 1, p], b[j + 2, p], b[j + 3, p]
            s00, s01, s02, s03 = s00 + a0 * b0, s01 + a0 * b1, s02 + a0 * b2, s03 + a0 * b3
            s10, s11, s12, s13 = s10 + a1 * b0, s11 + a1 * b1, s12 + a1 * b2, s13 + a1 * b3
            s20, s21, s22, s23 = s20 + a2 * b0, s21 + a2 * b1, s22 + a2 * b2, s23 + a2 * b3
            s30, s31, s32, s33 = s30 + a3 * b0, s31 + a3 * b1, s32 + a3 * b2, s33 + a3 * b3
        sums = ((s00, s01, s02, s03), (s10, s11, s12, s13), (s20, s21, s22, s23), (s30, s31, s32, s33))
        for r in range(4):
            for c in range(4):
                out[i + r, j + c] += factor * sums[r][c]
    for r in range(i, i + rows):
        for j in range(whole, right):
            total = out.dtype.type(0)
            for k in range(last - first):
                p = place(first + k)
                total += (a[p, r] if transpose_a else a[r, p]) * b[j, p]
            out[r, j] += factor * total


def _as_cblas(order, transpose_a, transpose_b, rows, columns, inner, alpha, a, lda, b, ldb, beta, out, ldout):
    """`tiled_gemm` as CBLAS calls it; 112 is CBLAS's number for "transposed"."""
    turned_a, turned_b = int(transpose_a == 112), int(transpose_b == 112)
    a = carray(a, (inner if turned_a else rows, lda))
    b = carray(b, (columns if turned_b else inner, ldb))
    result = carray(out, (rows, ldout))
    tiled_gemm(0, (rows + 3) // 4, a, b, turned_a, turned_b, columns, inner, alpha, beta, result)


@functools.cache
def cblas_address(dtype):
    """The address of a routine that is called like CBLAS's `gemm` of this floating dtype."""
    pointer = f"{dtype}*"
    arguments = ["int32"] * 3 + ["int64"] * 3 + [dtype, pointer, "int64", pointer, "int64", dtype, pointer, "int64"]
    return c_address(Function(_as_cblas, error_model="numpy"), arguments, "void")
