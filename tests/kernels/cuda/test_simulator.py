"""The simulator computes what a GPU computes, and says what a GPU does not say."""

import math

import numpy as np
import pytest

from minitf.cuda import KernelError, cuda, kernel, simulate
from minitf.kernels.cuda.intrinsics import load4, store4
from minitf.kernels.cuda.toolkit import device, float32, int32, uint32
from tests.kernels.cuda import faults

pytest.importorskip("greenlet")
TILE = 4


def ones(*shape):
    return np.ones(shape, np.float32)


WRONG = {
    "missing_barrier": ("race", 1, 64, [ones(64)]),
    "missing_second_barrier": ("race", 1, (16, 16), [ones(16, 32), ones(32, 16), ones(16, 16)]),
    "some_reach_the_barrier": ("divergent barrier", 1, 64, [ones(64)]),
    "two_barriers": ("divergent barrier", 1, 64, [ones(64)]),
    "negative_index": ("negative index", 2, 8, [ones(16)]),
    "out_of_bounds": ("out of bounds", 2, 8, [ones(16)]),
    "race_in_a_block": ("race", 1, 32, [ones(32)]),
    "race_between_blocks": ("race", 2, 4, [ones(4)]),
    "atomic_and_plain": ("race", 1, 32, [ones(4)]),
    "nobody_has_written": ("uninitialised", 1, 64, [ones(64)]),
    "lanes_stay_away": ("bad shuffle", 1, 32, [ones(32)]),
    "lane_without_a_value": ("bad shuffle", 1, 32, [ones(32)]),
    "misaligned": ("misaligned", 1, 32, [ones(64)]),
}
SLOW = {
    "uncoalesced": (1, 32, [ones(32, 32), ones(32)]),
    "bank_conflict": (1, (32, 32), [ones(32, 32), ones(32, 32)]),
    "idle_lanes": (1, 32, [ones(32)]),
}


@pytest.mark.parametrize("name", WRONG)
def test_planted_faults_are_found_on_their_line(name):
    kind, grid, block, args = WRONG[name]
    fault = getattr(faults, name)
    report = simulate(fault, grid, block, *[a.copy() for a in args])
    assert not report.ok
    first = report.findings[0]
    assert (first.kind, first.line, first.serious) == (kind, faults.marked_line(fault), True)
    assert first.file == faults.__file__ and first.source.endswith("# here")
    assert str(first.line) in str(report) and kind in report._repr_html_()
    with pytest.raises(KernelError, match=f"{kind}, line {first.line}"):
        report.check()


@pytest.mark.parametrize("name", [n for n, (kind, *_) in WRONG.items() if kind not in ("race", "uninitialised")])
def test_without_checks_a_fatal_fault_is_an_error(name):
    kind, grid, block, args = WRONG[name]
    with pytest.raises(KernelError, match=f"{name}: {kind}, line {faults.marked_line(getattr(faults, name))}"):
        simulate(getattr(faults, name), grid, block, *[a.copy() for a in args], checks=False)


@pytest.mark.parametrize("name", SLOW)
def test_what_is_slow_is_advice(name):
    grid, block, args = SLOW[name]
    fault = getattr(faults, name)
    report = simulate(fault, grid, block, *args)
    assert report.ok and report.check() is report
    kinds = {f.kind: f.line for f in report.findings}
    kind = {"uncoalesced": "uncoalesced", "bank_conflict": "bank conflict", "idle_lanes": "divergence"}[name]
    assert kinds == {kind: faults.marked_line(fault)}


def test_costs_are_counted():
    report = simulate(faults.uncoalesced, 1, 32, ones(32, 32), ones(32))
    column, out = report.memory
    # 32 rows of 128 bytes: each of the 32 reads touches 32 sectors, and needs 4.
    assert column[1:] == ("square[i, k]", "read", "global", 32, "32", "1024 sectors", 128, "12%")
    assert out[1:] == ("out[i]", "write", "global", 1, "32", "4 sectors", 4, "100%")
    report = simulate(faults.bank_conflict, 1, (32, 32), ones(32, 32), ones(32, 32))
    assert [row[5:8] for row in report.memory if row[3] == "shared"] == [
        ("32", "32 turns", 32),
        ("32", "1024 turns", 32),
    ]


@kernel
def tiled(a, b, c):
    tile_a = cuda.shared.array((TILE, TILE), float32)
    tile_b = cuda.shared.array((TILE, TILE), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    column, row = cuda.grid(2)
    total = float32(0)
    for start in range(0, a.shape[1], TILE):
        inside = row < a.shape[0] and start + x < a.shape[1]
        tile_a[y, x] = a[row, start + x] if inside else float32(0)
        inside = column < b.shape[1] and start + y < b.shape[0]
        tile_b[y, x] = b[start + y, column] if inside else float32(0)
        cuda.syncthreads()
        for k in range(TILE):
            total += tile_a[y, k] * tile_b[k, x]
        cuda.syncthreads()
    if row < c.shape[0] and column < c.shape[1]:
        c[row, column] = total


@pytest.mark.parametrize("checks", [True, False])
def test_a_tiled_matmul_is_right_and_clean(checks):
    generator = np.random.default_rng(0)
    a, b = (generator.standard_normal(s).astype(np.float32) for s in ((5, 7), (7, 6)))
    c = np.full((5, 6), np.nan, np.float32)
    report = simulate(tiled, (2, 2), (TILE, TILE), a, b, c, checks=checks)
    np.testing.assert_allclose(c, a @ b, rtol=1e-5)
    if checks:
        assert [f for f in report.findings if f.serious] == []
        touched = report.of(thread=(1, 2), block=(1, 0))
        assert [(t.kind, t.array, t.index) for t in touched[:4]] == [
            ("read", "a", (2, 1)), ("write", "tile_a", (2, 1)), ("read", "b", (2, 5)), ("write", "tile_b", (2, 1)),
        ]  # fmt: skip
        assert {t.interval for t in touched} == {0, 1, 2, 3, 4}
        assert (touched[-1].kind, touched[-1].array, touched[-1].index) == ("write", "c", (2, 5))
    else:
        assert report is None


def test_elements_know_how_often_they_were_touched():
    a, b, c = ones(4, 8), ones(8, 6), ones(4, 6)
    report = simulate(tiled, (2, 1), (TILE, TILE), a, b, c)
    assert (report.touched("a") == 2).all() and (report.touched("b") == 1).all()
    assert (report.touched("c", "write") == 1).all() and not report.touched("c").any()
    assert report.traffic == 32 * sum(int(row[6].split()[0]) for row in report.memory if row[3] == "global")
    assert report.threads_of("c", (2, 5)) == [((1, 0, 0), (1, 2, 0), "write")]
    assert len(report.threads_of("a", (0, 0))) == 2
    with pytest.raises(KeyError):
        report.touched("tile_a")


@kernel
def warp_sum(x, out):
    lane = cuda.laneid
    value = x[cuda.grid(1)]
    for step in (16, 8, 4, 2, 1):
        value += cuda.shfl_down_sync(0xFFFFFFFF, value, step)
    if lane == 0:
        cuda.atomic.add(out, 0, value)
    positive = cuda.ballot_sync(0xFFFFFFFF, x[lane] > float32(0))
    if lane == 1:
        cuda.atomic.max(out, 1, float32(cuda.popc(positive)))


def test_a_warp_exchanges_values():
    x, out = np.arange(64, dtype=np.float32), np.zeros(2, np.float32)
    assert simulate(warp_sum, 1, 64, x, out).ok
    assert out.tolist() == [64 * 63 / 2, 31]


@kernel
def handed_round_a_warp(x):
    shared = cuda.shared.array(32, float32)
    i = cuda.threadIdx.x
    shared[i] = x[i]
    cuda.syncwarp()
    x[i] = shared[31 - i]


def test_syncwarp_orders_the_memory_of_its_warp_only():
    x = np.arange(32, dtype=np.float32)
    assert simulate(handed_round_a_warp, 1, 32, x).ok
    assert x.tolist() == list(range(31, -1, -1))


@device
def halved(x):
    return math.exp(x) / float32(2)


@kernel
def typed(x, whole, small):
    i = cuda.threadIdx.x
    x[i] = halved(x[i])
    whole[i] = int32(2**31 + i)
    small[i] = uint32(i) - 1


def test_numbers_are_those_of_a_gpu():
    x, whole, small = np.float32([1, 1000]), np.zeros(2, np.int32), np.zeros(2, np.uint8)
    simulate(typed, 1, 2, x, whole, small)
    assert x.tolist() == [np.exp(np.float32(1)) / np.float32(2), np.inf]
    assert whole.tolist() == [-(2**31), -(2**31) + 1] and small.tolist() == [255, 0]


@kernel
def in_fours(x):
    i = 4 * cuda.grid(1)
    a, b, c, d = load4(x, i)
    store4(x, i, (d, c, b, a))


def test_128_bits_at_a_time():
    x = np.arange(128, dtype=np.float32)
    report = simulate(in_fours, 1, 32, x)
    assert report.findings == [] and x[:5].tolist() == [3, 2, 1, 0, 7]
    assert [row[6:8] for row in report.memory] == [("16 sectors", 16)] * 2
    assert [t.index for t in report.of(1)] == [(4,), (5,), (6,), (7,)] * 2


@kernel
def flag(x, found):
    if x[cuda.grid(1)] > float32(0):
        found[0] = 1


def test_threads_may_write_the_same_value():
    found = np.zeros(1, np.int32)
    assert simulate(flag, 2, 8, ones(16), found).ok and found[0] == 1


@kernel
def copied(x, y):
    i = cuda.grid(1)
    y[i] = x[i + 1]


def test_two_arguments_may_be_one_array():
    x = np.arange(9, dtype=np.float32)
    assert simulate(copied, 1, 8, x, np.zeros_like(x)).ok
    (race,) = simulate(copied, 1, 8, x, x).findings
    assert race.kind == "race" and "7 elements" in race.message


def test_the_order_of_threads_is_shuffled_by_a_seed():
    def last_writer(seed):
        x = np.zeros(1, np.float32)
        simulate(who_was_last, 1, 32, x, checks=False, seed=seed)
        return float(x[0])

    assert last_writer(1) == last_writer(1)
    assert len({last_writer(seed) for seed in range(5)}) > 1


@kernel
def who_was_last(x):
    x[0] = float32(cuda.threadIdx.x)


def test_a_mistake_in_python_is_told_with_its_line():
    report = simulate(divided, 1, 1, np.zeros(1, np.int32))
    assert report.findings[0].kind == "exception" and "ZeroDivisionError" in report.findings[0].message
    assert report.findings[0].source == "x[0] = 1 // x[0]"


@kernel
def divided(x):
    x[0] = 1 // x[0]


def test_without_greenlet_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("minitf.kernels.cuda.simulator.threads.greenlet", None)
    with pytest.raises(ImportError, match=r"pip install greenlet, or pip install 'minitf\[cuda\]'"):
        simulate(divided, 1, 1, np.ones(1, np.int32))


def test_a_kernel_of_numba_is_simulated_too():
    numba_cuda = pytest.importorskip("numba.cuda")
    scope = {"cuda": numba_cuda, "float32": numba_cuda.types.float32}
    exec("def scale(x):\n    i = cuda.grid(1)\n    x[i] *= float32(2)\n", scope)
    x = ones(4)
    simulate(scope["scale"], 1, 4, x)
    assert x.tolist() == [2, 2, 2, 2]
