"""Kernels are plain functions until a world gives their names a meaning."""

import sys
import types

import numpy as np
import pytest

from minitf.kernels.cuda import toolkit
from minitf.kernels.cuda.cases import Case, empty, integers, normal
from minitf.kernels.cuda.intrinsics import load4, multiply, store4
from minitf.kernels.cuda.toolkit import cuda, device, kernel, thread_count, thread_index, uint32


@device
def twice(x):
    return multiply(x, type(x)(2))


def scalar(x):
    raise NotImplementedError


@kernel(vectorised=True)
def four_at_a_time(x, out):
    i = uint32(thread_index() * uint32(4))
    while i < uint32(out.size):
        a = load4(x, i)
        store4(out, i, (scalar(a[0]), scalar(a[1]), scalar(a[2]), scalar(a[3])))
        i = uint32(i + uint32(4) * thread_count())


def place(x):
    return types.SimpleNamespace(x=x)


def test_a_kernel_runs_in_a_world_of_plain_python():
    here = types.SimpleNamespace(threadIdx=place(1), blockIdx=place(0), blockDim=place(2), gridDim=place(1))

    def meaning(value, rebuilt):
        return here if value is cuda else toolkit.plain_meaning(value, rebuilt)

    run = toolkit.rebuild(four_at_a_time.specialise(scalar=twice).py_func, meaning)
    out = np.zeros(16, np.float32)
    run(np.arange(16, dtype=np.float32), out)
    np.testing.assert_array_equal(out, [0, 0, 0, 0, 8, 10, 12, 14, 0, 0, 0, 0, 24, 26, 28, 30])


def test_a_specialised_kernel_is_made_once():
    assert four_at_a_time.specialise(scalar=twice) is four_at_a_time.specialise(scalar=twice)
    assert four_at_a_time.specialise(scalar=twice).name == "four_at_a_time_twice"


def test_a_kernel_compiles_to_128_bit_loads():
    pytest.importorskip("numba_cuda")
    numba_cuda = toolkit.numba_cuda()
    vector = numba_cuda.types.float32[::1]
    special = four_at_a_time.specialise(scalar=twice)
    ptx, _ = numba_cuda.compile_ptx(special.for_numba, (vector, vector), cc=(8, 0), **special.options)
    assert "ld.global.v4" in ptx and "st.global.v4" in ptx


def test_the_older_target_of_numba_is_not_taken_for_numba_cuda(monkeypatch):
    toolkit.numba_cuda.cache_clear()
    fake = types.ModuleType("numba.cuda")
    fake.__file__ = "/site-packages/numba/cuda/__init__.py"
    monkeypatch.setitem(sys.modules, "numba.cuda", fake)
    try:
        with pytest.raises(toolkit.NotInstalled, match=r"minitf\[cuda\]"):
            toolkit.numba_cuda()
        assert not toolkit.is_installed()
        with pytest.raises(toolkit.NotInstalled):
            cuda.threadIdx
    finally:
        toolkit.numba_cuda.cache_clear()


def test_cases_are_made_afresh():
    case = Case((2, 1), 32, (normal(3, 4), integers(0, 5, 7), empty(2), np.float32(3)))
    assert case.grid == (2, 1, 1) and case.block == (32, 1, 1)
    first, second = case.make(), case.make()
    np.testing.assert_array_equal(first[0], second[0])
    assert first[0] is not second[0] and np.isnan(first[2]).all() and first[3] == 3
