"""Large matrix products by NVIDIA's cuBLAS, where it is installed: `pip install nvidia-cublas`.

Our `registers` kernel is the one to read, and the one that runs without cuBLAS; for large products NVIDIA's is the
right default.  cuBLAS counts in columns: what we call the matrix out = A @ B (row by row in memory), it calls
transpose(out) = transpose(B) @ transpose(A), so the factors change places and nothing is moved.
"""

import ctypes
import functools

_AS_IT_IS, _TRANSPOSED = 0, 1
_LARGE = 1 << 18  # multiplications below which a launch of our own is as good


@functools.cache
def library():
    """The library, or None where it is not installed."""
    try:
        from cuda.pathfinder import load_nvidia_dynamic_lib

        return ctypes.CDLL(load_nvidia_dynamic_lib("cublas").abs_path)
    except (ImportError, OSError, RuntimeError):
        return None


class Products:
    """Matrix products on one stream.  Raises RuntimeError where cuBLAS reports an error."""

    def __init__(self, found, stream):
        self._library = found
        self._handle = ctypes.c_void_p()
        self._check(found.cublasCreate_v2(ctypes.byref(self._handle)))
        self._check(found.cublasSetStream_v2(self._handle, ctypes.c_void_p(stream)))

    def serves(self, rows, columns, inner):
        """Whether a product is worth it."""
        return rows * columns * inner >= _LARGE

    def sgemm(self, transpose_a, transpose_b, a, b, out):
        """out = A @ B of float32 matrices on the device, given as (address, shape)."""
        (a, a_shape), (b, b_shape), (out, (rows, columns)) = a, b, out
        inner = a_shape[0] if transpose_a else a_shape[1]
        one, zero = ctypes.c_float(1), ctypes.c_float(0)
        self._check(
            self._library.cublasSgemm_v2(
                self._handle, _TRANSPOSED if transpose_b else _AS_IT_IS, _TRANSPOSED if transpose_a else _AS_IT_IS,
                columns, rows, inner, ctypes.byref(one), ctypes.c_void_p(b), b_shape[1], ctypes.c_void_p(a),
                a_shape[1], ctypes.byref(zero), ctypes.c_void_p(out), columns,
            )
        )  # fmt: skip

    def _check(self, status):
        if status != 0:
            raise RuntimeError(f"cuBLAS reports error {status}")
