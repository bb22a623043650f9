"""A kernel's lowered code, run on the CPU, does what its source says."""

import math

import numpy as np
import pytest

from minitf.kernels.cuda import toolkit
from minitf.kernels.cuda.intrinsics import add, load4, multiply, store4
from minitf.kernels.cuda.toolkit import cuda, float32, kernel, thread_count, thread_index, uint32
from tests.kernels.cuda import faults

if not toolkit.is_installed():
    pytest.skip(toolkit.INSTALL, allow_module_level=True)

from minitf.cuda import KernelError, simulate
from minitf.kernels.cuda.lowered import count_operations, run_lowered

TILE = 16


@kernel
def tiled(a, b, c):
    tile_a = cuda.shared.array((TILE, TILE), float32)
    tile_b = cuda.shared.array((TILE, TILE), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    column, row = cuda.grid(2)
    total = float32(0)
    for start in range(0, a.shape[1], TILE):
        tile_a[y, x] = a[row, start + x] if row < a.shape[0] and start + x < a.shape[1] else float32(0)
        tile_b[y, x] = b[start + y, column] if column < b.shape[1] and start + y < b.shape[0] else float32(0)
        cuda.syncthreads()
        for k in range(TILE):
            total += tile_a[y, k] * tile_b[k, x]
        cuda.syncthreads()
    if row < c.shape[0] and column < c.shape[1]:
        c[row, column] = total


@pytest.mark.parametrize("m, k, n", [(1, 1, 1), (16, 16, 16), (17, 19, 23), (33, 5, 2), (64, 64, 64)])
def test_a_tiled_matmul_on_ragged_shapes(m, k, n):
    generator = np.random.default_rng(0)
    a, b = (generator.standard_normal(s).astype(np.float32) for s in ((m, k), (k, n)))
    c = np.full((m, n), np.nan, np.float32)
    run_lowered(tiled, (-(-n // TILE), -(-m // TILE)), (TILE, TILE), a, b, c)
    np.testing.assert_allclose(c, a @ b, rtol=1e-4, atol=1e-5)


@kernel
def everything(x, out, whole):
    i = thread_index()
    while i < uint32(x.size):
        value = x[i]
        below = cuda.shfl_up_sync(0xFFFFFFFF, value, 1)
        mirrored = cuda.shfl_sync(0xFFFFFFFF, value, 31 - cuda.laneid)
        out[0, i] = below + mirrored
        whole[0, i] = cuda.ballot_sync(0xFFFFFFFF, value > float32(0)) & 255
        whole[1, i] = cuda.all_sync(0xFFFFFFFF, value > float32(-9)) + 2 * cuda.any_sync(0xFFFFFFFF, value > float32(9))
        cuda.atomic.max(out, (1, 0), value)
        cuda.atomic.min(out, (1, 1), value)
        cuda.atomic.add(out, (1, 2), float32(1))
        cuda.atomic.add(whole, (2, 0), 1)
        out[2, i] = math.tanh(value) + math.pow(abs(value), float32(0.5)) + add(value, multiply(value, value))
        cuda.syncwarp()
        i = uint32(i + thread_count())


def test_what_only_a_gpu_has():
    x = np.random.default_rng(0).standard_normal(128).astype(np.float32)
    results = []
    for run in (run_lowered, simulate):
        out, whole = np.zeros((3, 128), np.float32), np.zeros((3, 128), np.int32)
        run(everything, 2, 32, x, out, whole)
        results.append((out, whole))
    for lowered, simulated in zip(*results):
        np.testing.assert_allclose(lowered, simulated, rtol=1e-6, atol=1e-6)
    (out, whole), _ = results
    assert out[1, :3].tolist() == [max(x.max(), 0), x.min(), 128] and whole[2, 0] == 128
    warps = x.reshape(4, 32)
    np.testing.assert_array_equal(out[0].reshape(4, 32)[:, 1:], warps[:, :-1] + warps[:, -2::-1])
    assert whole[1].tolist() == [1] * 128


@kernel
def in_fours(x):
    i = 4 * cuda.grid(1)
    a, b, c, d = load4(x, i)
    store4(x, i, (d, c, b, a))


def test_128_bits_at_a_time():
    x = np.arange(64, dtype=np.float32)
    run_lowered(in_fours, 2, 8, x)
    np.testing.assert_array_equal(x, np.arange(64, dtype=np.float32).reshape(16, 4)[:, ::-1].ravel())


@kernel
def scaled(factor, count, x):
    i = cuda.grid(1)
    if i < count:
        x[i] *= factor


@pytest.mark.parametrize("factor, count", [(np.float32(2), 3), (2.0, np.int32(3)), (np.float64(2), np.uint32(3))])
def test_numbers_are_arguments_too(factor, count):
    x = np.ones(4, np.float32)
    run_lowered(scaled, 1, 4, factor, count, x)
    assert x.tolist() == [2, 2, 2, 1]


def test_operations_are_counted():
    a, b, c = np.ones((17, 19), np.float32), np.ones((19, 23), np.float32), np.zeros((17, 23), np.float32)
    for _ in range(2):  # 2 x 2 blocks of 256 threads, and for each 32 products and sums over two tiles
        assert count_operations(tiled, (2, 2), (TILE, TILE), a, b, c) == 4 * 256 * 32 * 2
    assert count_operations(scaled, 1, 4, np.float32(2), 3, np.ones(4, np.float32)) == 3
    assert count_operations(roots, 1, 4, np.ones(4, np.float32)) == 4 * (2 + 1 + 1)


@kernel
def roots(x):
    i = cuda.grid(1)
    x[i] = math.exp(cuda.fma(x[i], x[i], x[i])) / x[i]


def test_types_that_the_source_does_not_show_are_proven():
    """A difference of unsigned numbers: the simulator follows Python, the lowered code shows the GPU."""
    simulated, lowered = np.zeros(8, np.float32), np.zeros(8, np.float32)
    simulate(faults.unsigned_difference, 1, 8, simulated)
    run_lowered(faults.unsigned_difference, 1, 8, lowered)
    assert simulated.tolist() == [1] * 8
    assert lowered.tolist() == [0] * 5 + [1] * 3


@pytest.mark.parametrize(
    "name, kind", [("some_reach_the_barrier", "divergent barrier"), ("lanes_stay_away", "bad shuffle")]
)
def test_faults_end_the_run(name, kind):
    with pytest.raises(KernelError, match=f"{name}.*{kind}"):
        run_lowered(getattr(faults, name), 1, 64, np.ones(64, np.float32))


def test_a_missing_barrier_changes_the_answer():
    x = np.arange(64, dtype=np.float32)
    run_lowered(faults.missing_barrier, 1, 64, x)
    assert x.tolist() != list(range(63, -1, -1))


@kernel
def unknown(x):
    x[0] = cuda.libdevice.normcdff(x[0])


def test_a_function_that_the_cpu_lacks_is_named():
    with pytest.raises(NotImplementedError, match="__nv_normcdff"):
        run_lowered(unknown, 1, 1, np.ones(1, np.float32))
