"""Matrix products: OpenBLAS by address and the kernel in Numba against NumPy."""

import numpy as np
import pytest

from minitf.kernels import blas, tiled_gemm
from minitf.kernels.machine import Launch, Stretch

TOLERANCE = {"float32": 1e-5, "float64": 1e-12, "complex64": 1e-5, "complex128": 1e-12, "int32": 0, "int64": 0}
SIZES = [(1, 1, 1), (2, 3, 4), (17, 5, 9), (64, 70, 33), (1, 0, 3), (0, 4, 2), (3, 4, 0)]


def random(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    values = 4 * rng.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        values = values + 1j * rng.standard_normal(shape)
    return np.ascontiguousarray(values.astype(dtype))


def operands(rows, inner, columns, transpose_a, transpose_b, dtype, batch_a=(), batch_b=()):
    a = random((*batch_a, *((inner, rows) if transpose_a else (rows, inner))), dtype, 1)
    b = random((*batch_b, *((columns, inner) if transpose_b else (inner, columns))), dtype, 2)
    return a, b


def run(*launches):
    assert Stretch(launches).run() == -1


def check(found, expected):
    tolerance = TOLERANCE[found.dtype.name]
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * (1 + abs(expected).max(initial=0)))


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("transpose_b", [False, True])
@pytest.mark.parametrize("transpose_a", [False, True])
def test_product(dtype, transpose_a, transpose_b):
    for rows, inner, columns in SIZES:
        a, b = operands(rows, inner, columns, transpose_a, transpose_b, dtype)
        out = np.empty((rows, columns), dtype)
        run(blas.gemm_launch(a, b, transpose_a, transpose_b, out))
        check(out, blas.matmul_numpy(a, b, transpose_a, transpose_b))


@pytest.fixture(params=["openblas", "portable"])
def address(request):
    """A function of a dtype: where the matrix product of one or the other library is."""
    return blas.gemm_address if request.param == "openblas" else tiled_gemm.cblas_address


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_alpha_and_beta(address, dtype):
    for transpose_a in (0, 1):
        for transpose_b in (0, 1):
            a, b = operands(7, 13, 6, transpose_a, transpose_b, dtype)
            out = random((7, 6), dtype, 3)
            expected = 0.5 * blas.matmul_numpy(a, b, transpose_a, transpose_b) - 2.0 * out
            run(Launch(blas.gemm, address(dtype), a, b, transpose_a, transpose_b, 0.5, -2.0, out))
            check(out, expected)


@pytest.mark.parametrize("sizes", [(130, 70, 9), (5, 66, 300), (64, 128, 64)])
def test_blocks_of_any_size(sizes):
    rows, inner, columns = sizes
    for transpose_a in (0, 1):
        for transpose_b in (0, 1):
            a, b = operands(rows, inner, columns, transpose_a, transpose_b, "float32")
            out, options = np.empty((rows, columns), np.float32), (transpose_a, transpose_b, 1.0, 0.0)
            run(Launch(blas.gemm, tiled_gemm.cblas_address("float32"), a, b, *options, out))
            check(out, blas.matmul_numpy(a, b, transpose_a, transpose_b))


@pytest.mark.parametrize("sizes", [(7, 40, 150), (150, 40, 7), (129, 16, 129)])
def test_tiles(sizes, address, monkeypatch):
    rows, inner, columns = sizes
    monkeypatch.setattr(blas, "TILE_FLOPS", 1)
    monkeypatch.setattr(blas, "_TILE_WIDTH", 16)
    monkeypatch.setattr(blas, "gemm_address", address)
    monkeypatch.setattr(blas, "has_small_kernels", lambda dtype: False)
    for transpose_a in (False, True):
        for transpose_b in (False, True):
            a, b = operands(rows, inner, columns, transpose_a, transpose_b, "float32")
            out = np.full((rows, columns), np.nan, np.float32)
            launch = blas.gemm_launch(a, b, transpose_a, transpose_b, out)
            assert launch.units > 1
            run(launch)
            check(out, blas.matmul_numpy(a, b, transpose_a, transpose_b))


@pytest.mark.parametrize("transpose_a, transpose_b", [(False, False), (True, False), (False, True)])
@pytest.mark.parametrize(
    "sizes", [(32, 256, 784), (785, 250, 33), (31, 257, 129), (64, 156, 512), (300, 129, 128), (100, 30, 1000)]
)
def test_tiles_that_are_not_worth_copying(sizes, transpose_a, transpose_b, monkeypatch):
    rows, columns, inner = sizes
    a, b = operands(rows, inner, columns, transpose_a, transpose_b, "float32")
    monkeypatch.setattr(blas, "has_small_kernels", lambda dtype: True)
    out = np.empty((rows, columns), np.float32)
    launch = blas.gemm_launch(a, b, transpose_a, transpose_b, out)
    small = blas._small_tile(rows, columns, inner, transpose_a, transpose_b, "float32")
    assert small is None or (np.prod(small) <= blas._SMALL and launch.kernel is blas.gemm_tiles)
    run(launch)
    check(out, blas.matmul_numpy(a, b, transpose_a, transpose_b))
    alone = np.empty_like(out)
    assert Stretch([blas.gemm_launch(a, b, transpose_a, transpose_b, alone)], 1).run() == -1
    np.testing.assert_array_equal(out, alone)


@pytest.mark.parametrize("dtype", ["float32", "int64"])
@pytest.mark.parametrize(
    "batch_a, batch_b", [((3,), (3,)), ((2, 3), ()), ((), (4,)), ((2, 1), (1, 3)), ((1,), (5,)), ((0,), (0,))]
)
def test_batches_broadcast(batch_a, batch_b, dtype):
    for transpose_a, transpose_b in [(False, False), (True, False), (False, True), (True, True)]:
        a, b = operands(4, 3, 5, transpose_a, transpose_b, dtype, batch_a, batch_b)
        out = np.empty((*np.broadcast_shapes(batch_a, batch_b), 4, 5), dtype)
        run(blas.gemm_launch(a, b, transpose_a, transpose_b, out))
        check(out, blas.matmul_numpy(a, b, transpose_a, transpose_b))


def test_old_contents_do_not_matter_but_nan_operands_travel(address):
    a, b = np.ones((2, 6), np.float32), np.zeros((6, 3), np.float32)
    a[0, 5] = np.nan
    out = np.full((2, 3), np.nan, np.float32)
    run(Launch(blas.gemm, address("float32"), a, b, 0, 0, 1.0, 0.0, out))
    assert np.isnan(out[0]).all() and (out[1] == 0).all()


def test_the_launch_sees_new_values_and_no_address_is_compiled_in():
    a, b, out = np.eye(3, dtype=np.float32), np.ones((3, 3), np.float32), np.empty((3, 3), np.float32)
    launch = blas.gemm_launch(a, b, False, False, out)
    assert launch.arguments[0] == blas.gemm_address("float32")
    stretch = Stretch([launch])
    for scale in (1, 2):
        b[:] = scale
        stretch.run()
        assert (out == scale).all()


def test_without_openblas_the_kernel_in_numba_serves(monkeypatch):
    for portable in (True, False):
        if portable:
            monkeypatch.setenv("MINITF_BLAS", "portable")
        else:
            monkeypatch.delenv("MINITF_BLAS")
        blas.openblas.cache_clear()
        blas.gemm_address.cache_clear()
        found = blas.gemm_address("float32")
        assert (found == tiled_gemm.cblas_address("float32")) == (portable or blas.openblas() is None)
        assert blas.gemm_address("int32") == 0
        large = np.empty((2048, 2048), np.float32)
        assert blas.numpy_is_faster(large, 64) == (blas.openblas() is None)
        assert not blas.numpy_is_faster(large[:8, :8], 64)
