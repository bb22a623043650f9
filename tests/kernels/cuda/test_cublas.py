"""The call of cuBLAS, proven on a library that counts in columns as cuBLAS does, and works on the host."""

import ctypes

import numpy as np
import pytest

from minitf.kernels.cuda.cublas import Products


class ByColumns:
    """sgemm as NVIDIA's reference describes it: matrices lie in memory column by column."""

    def cublasCreate_v2(self, handle):
        return 0

    def cublasSetStream_v2(self, handle, stream):
        return 0

    def cublasSgemm_v2(self, handle, turn_a, turn_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc):
        def matrix(pointer, rows, columns, leading):
            flat = np.ctypeslib.as_array(ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float)), (leading * columns,))
            return flat.reshape(columns, leading).T[:rows]

        left = matrix(a, k, m, lda).T if turn_a else matrix(a, m, k, lda)
        right = matrix(b, n, k, ldb).T if turn_b else matrix(b, k, n, ldb)
        matrix(c, m, n, ldc)[...] = left @ right
        return 0


@pytest.mark.parametrize("transpose_a", [False, True])
@pytest.mark.parametrize("transpose_b", [False, True])
def test_products_by_columns(transpose_a, transpose_b):
    generator = np.random.default_rng(0)
    a = generator.standard_normal((5, 3) if transpose_a else (3, 5)).astype(np.float32)
    b = generator.standard_normal((4, 5) if transpose_b else (5, 4)).astype(np.float32)
    out = np.zeros((3, 4), np.float32)
    matrices = ((m.ctypes.data, m.shape) for m in (a, b, out))
    Products(ByColumns(), 0).sgemm(transpose_a, transpose_b, *matrices)
    np.testing.assert_allclose(out, (a.T if transpose_a else a) @ (b.T if transpose_b else b), 1e-5)


def test_an_error_is_raised():
    library = ByColumns()
    library.cublasCreate_v2 = lambda handle: 1
    with pytest.raises(RuntimeError, match="cuBLAS reports error 1"):
        Products(library, 0)
