"""Matrix products: NumPy's own OpenBLAS called by address, or the kernel of `tiled_gemm.py`.

NumPy's wheels carry a complete OpenBLAS.  `gemm` calls it from machine code, without a copy and
without Python.  The address of its routine changes from process to process, so it is an argument
of the kernel and never part of cached machine code.  Where there is another BLAS it is the address of
`tiled_gemm`, which serves integers and complex numbers, too.

Large products are cut into tiles of the result, which threads share.  OpenBLAS copies both operands into
buffers, so each tile has all rows of the smaller operand: then little is copied twice.  Where copying would take
longer than it saves, tiles are so small that OpenBLAS leaves it (see `_small_tile`).  The tiles follow from the
shapes alone, and the same bits come out with any number of threads.

Read next: `panels.py`, for many products with one matrix, and `convolution.py`, where a convolution becomes a
matrix product.
"""

import ctypes
import functools
import math
import os
import pathlib

import numpy as np
from llvmlite import binding, ir

from minitf.kernels.functions import Instruction, kernel, types
from minitf.kernels.machine import Launch, Stretch
from minitf.kernels.threads import MOST
from minitf.kernels.tiled_gemm import cblas_address, tiled_gemm

_ROUTINES = {"float32": "scipy_cblas_sgemm64_", "float64": "scipy_cblas_dgemm64_"}
_ROW_MAJOR, _AS_IT_IS, _TRANSPOSED = 101, 111, 112  # CBLAS's numbers
_WORTH_PYTHON = 1 << 21  # multiplications, about 20 microseconds
TILE_FLOPS, _TILE_WIDTH, _WIDE_TILE = 1 << 20, 64, 512  # a tile's multiplications and width at least
_SMALL = 10**6  # multiplications that OpenBLAS does without copying (its `small_matrix_permit`)


@functools.cache
def openblas():
    """The OpenBLAS inside NumPy's wheel as a ctypes library, or None where NumPy has another BLAS."""
    if os.environ.get("MINITF_BLAS") == "portable":
        return None
    package = pathlib.Path(np.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for path in sorted(folder.glob("*openblas64*")):
            try:
                return ctypes.CDLL(str(path))
            except OSError:
                continue
    return None


def numpy_is_faster(out, inner):
    """True for large products of floating numbers where NumPy's BLAS can't be called by address.

    There `np.matmul` (with Apple's Accelerate, say) is worth the way through Python; `tiled_gemm` is not.
    """
    return openblas() is None and out.dtype.name in _ROUTINES and out.size * inner > _WORTH_PYTHON


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
def has_small_kernels(dtype):
    """Whether OpenBLAS has kernels that multiply small matrices without copying them: for AVX-512, say."""
    if dtype != "float32" or gemm_address(dtype) == 0 or openblas() is None:
        return False
    return openblas().scipy_openblas_get_corename64_() in (b"SkylakeX", b"Cooperlake", b"SapphireRapids")


@functools.cache
def gemm_address(dtype):
    """Where the matrix product for this dtype name lives in this process; 0 where it is not floating.

    OpenBLAS's, or where NumPy has another BLAS (or MINITF_BLAS=portable) that of `tiled_gemm.py`.
    """
    if dtype not in _ROUTINES:
        return 0
    routine = getattr(openblas(), _ROUTINES[dtype], None)
    if routine is None:
        return cblas_address(dtype)
    _prepare_openblas()
    # OpenBLAS packs its operands into buffers that stay three times slower until one larger
    # product has touched all of their pages.
    square = np.ones((384, 384), dtype)
    np.dot(square, square)
    return ctypes.cast(routine, ctypes.c_void_p).value


@Instruction
def cblas(context, address, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, out, ldout):
    """CBLAS `gemm` at `address` on row-major matrices; the type of `alpha` picks float or double."""
    word, real = types.int64, alpha
    signature = types.void(word, *[word] * 5, real, *[word] * 4, real, word, word)

    def generate(context, builder, signature, args):
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


@kernel
def gemm(address, a, b, transpose_a, transpose_b, alpha, beta, out):
    """out = alpha * A @ B + beta * out for matrices, by the routine at `address`; floating dtypes.

    A is `a` (rows, inner), or the transpose of `a` (inner, rows) if transpose_a; B likewise.
    With beta == 0 what was in `out` does not matter.
    """
    inner = a.shape[0] if transpose_a else a.shape[1]
    if out.size > 0:
        cblas(
            address, transpose_a, transpose_b, out.shape[0], out.shape[1], inner,
            out.dtype.type(alpha), a.ctypes.data, max(1, a.shape[1]), b.ctypes.data, max(1, b.shape[1]),
            out.dtype.type(beta), out.ctypes.data, out.shape[1],
        )  # fmt: skip


@kernel
def gemm_tiles(begin, end, address, a, b, transpose_a, transpose_b, alpha, beta, rows, columns, depth, out):
    """`gemm` of the tiles of `out`, each of `rows` x `columns`, that have the numbers begin to end.

    A tile is the sum of products over `depth` of the inner elements each.
    """
    across = -(-out.shape[1] // columns)
    inner = a.shape[0] if transpose_a else a.shape[1]
    step_a, step_b = 1 if transpose_a else a.shape[1], b.shape[1] if transpose_b else 1
    deep_a, deep_b = a.shape[1] if transpose_a else 1, 1 if transpose_b else b.shape[1]
    for tile in range(begin, end):
        i, j = tile // across * rows, tile % across * columns
        for k in range(0, inner, depth):
            cblas(
                address, transpose_a, transpose_b, min(rows, out.shape[0] - i), min(columns, out.shape[1] - j),
                min(depth, inner - k), out.dtype.type(alpha),
                a.ctypes.data + a.itemsize * (i * step_a + k * deep_a), a.shape[1],
                b.ctypes.data + b.itemsize * (j * step_b + k * deep_b), b.shape[1],
                out.dtype.type(beta if k == 0 else 1.0),
                out.ctypes.data + out.itemsize * (i * out.shape[1] + j), out.shape[1],
            )  # fmt: skip


@kernel
def batched_gemm(begin, end, address, a, b, which_a, which_b, transpose_a, transpose_b, alpha, beta, out):
    """One product for each matrix of `out` (batch, rows, columns).

    for each i: out[i] = alpha * A[which_a[i]] @ B[which_b[i]] + beta * out[i]
    """
    for i in range(begin, end):
        gemm(address, a[which_a[i]], b[which_b[i]], transpose_a, transpose_b, alpha, beta, out[i])


@kernel
def batched_tiled_gemm(begin, end, a, b, which_a, which_b, transpose_a, transpose_b, alpha, beta, out):
    """`batched_gemm` for dtypes that have no BLAS: integers, complex numbers."""
    inner = a.shape[1] if transpose_a else a.shape[2]
    for i in range(begin, end):
        rows, (left, right) = (out.shape[1] + 3) // 4, (a[which_a[i]], b[which_b[i]])
        tiled_gemm(0, rows, left, right, transpose_a, transpose_b, out.shape[2], inner, alpha, beta, out[i])


def matmul_numpy(a, b, transpose_a=False, transpose_b=False):
    """What `gemm` and `batched_gemm` must equal, with alpha 1 and beta 0."""
    return np.matmul(a.swapaxes(-1, -2) if transpose_a else a, b.swapaxes(-1, -2) if transpose_b else b)


def gemm_launch(a, b, transpose_a, transpose_b, out, alpha=1.0, beta=0.0):
    """The launch that computes out = alpha * A @ B + beta * out.

    a, b: (..., rows, inner) and (..., inner, columns) before transposition, of one dtype; leading
    dimensions broadcast.  out: (..., rows, columns).  All C-contiguous.
    """
    options = int(transpose_a), int(transpose_b), float(alpha), float(beta)
    a_batch, b_batch, out_batch = a.shape[:-2], b.shape[:-2], out.shape[:-2]
    if not out_batch:
        return _matrix_launch(a, b, *options, out)
    if not b_batch and not transpose_a:  # one b for all: the batch is nothing but more rows
        return _matrix_launch(_merge(a, 2), b, *options, _merge(out, 2))
    out, which = _merge(out, 3), (_which(a_batch, out_batch), _which(b_batch, out_batch))
    arguments = _merge(a, 3), _merge(b, 3), *which, *options, out
    grain = TILE_FLOPS // max(1, math.prod(out.shape[1:]) * a.shape[-1])
    address = gemm_address(out.dtype.name)
    if address == 0:
        return Launch(batched_tiled_gemm, *arguments, units=len(out), grain=grain)
    return Launch(batched_gemm, address, *arguments, units=len(out), grain=grain)


def _matrix_launch(a, b, transpose_a, transpose_b, alpha, beta, out):
    address, inner = gemm_address(out.dtype.name), a.shape[0 if transpose_a else 1]
    if address == 0:
        units, grain = -(-out.shape[0] // 4), TILE_FLOPS // max(1, 4 * inner * out.shape[1])
        options = transpose_a, transpose_b, out.shape[1], inner, alpha, beta
        return Launch(tiled_gemm, a, b, *options, out, units=units, grain=grain)
    options = transpose_a, transpose_b, alpha, beta
    small = _small_tile(*out.shape, inner, transpose_a, transpose_b, out.dtype.name)
    rows, columns, depth = small or (*_tile(*out.shape, inner), inner)
    tiles = -(-out.shape[0] // rows) * -(-out.shape[1] // columns)
    if tiles <= 1 and depth == inner:
        return Launch(gemm, address, a, b, *options, out)
    warm_workers(out.dtype.name)
    grain = TILE_FLOPS // (rows * columns * inner)
    return Launch(gemm_tiles, address, a, b, *options, rows, columns, depth, out, units=tiles, grain=grain)


def _small_tile(rows, columns, inner, transpose_a, transpose_b, dtype):
    """(rows, columns, depth) of the tiles for a product whose operands are not worth copying, or None.

    OpenBLAS multiplies matrices of up to a million multiplications without copying them, which it does for some
    shapes only (measured: with few rows and B transposed up to three times as fast, else up to 1.4 times).
    """
    if rows * columns * inner == 0 or not has_small_kernels(dtype):
        return None
    if transpose_a and not transpose_b and inner <= 128:
        return evenly(rows, _SMALL // (64 * inner)), min(64, columns), inner
    if transpose_a and not transpose_b and rows <= 128 and inner > 512:
        return rows, min(64, columns), 64
    if transpose_b and not transpose_a and (rows <= 128 or columns <= 32) and 32 <= inner <= 512:
        return min(32, rows), min(32, columns), inner
    if not (transpose_a or transpose_b) and rows <= 32 and inner <= 784 and rows * columns * inner > _SMALL:
        return min(16, rows), min(64, columns), inner
    return None


def evenly(size, most):
    """The size of as few parts of at most `most` as possible, all nearly the same."""
    return -(-size // -(-size // min(size, most)))


def _tile(rows, columns, inner):
    """(rows, columns) of a tile for a product of this shape."""
    longer = max(rows, columns)
    four = min(4, longer // _TILE_WIDTH)  # more than four only where they are wide: each has copies made
    wanted = min(max(four, longer // _WIDE_TILE), rows * columns * inner // TILE_FLOPS)
    if wanted < 2:
        return max(1, rows), max(1, columns)
    width = -(-longer // wanted // 16) * 16  # OpenBLAS computes 16 columns at a time
    return (rows, width) if longer == columns else (width, columns)


@functools.cache
def warm_workers(dtype):
    """What `gemm_address` does for the calling thread, for the workers."""
    square = np.ones((384, 384), dtype)
    products = np.empty((4 * MOST, 384, 384), dtype)
    same = np.zeros(len(products), np.int64)
    arguments = gemm_address(dtype), square[None], square[None], same, same, 0, 0, 1.0, 0.0, products
    Stretch([Launch(batched_gemm, *arguments, units=len(products))]).run()


def _merge(array, rank):
    """The same memory with the leading dimensions merged into one (or a new one of size 1)."""
    kept = array.shape[array.ndim - rank + 1 :]
    return array.reshape(math.prod(array.shape[: array.ndim - rank + 1]), *kept)


def _which(batch, out_batch):
    """Which matrix of a stack of shape `batch` each matrix of the result uses."""
    numbers = np.arange(math.prod(batch), dtype=np.int64).reshape(batch)
    return np.ascontiguousarray(np.broadcast_to(numbers, out_batch)).reshape(-1)
