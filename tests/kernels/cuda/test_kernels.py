"""Every CUDA kernel does to its arguments what NumPy does: its source in the simulator, and its lowered code."""

import numpy as np
import pytest

from minitf.kernels.cuda import devices, toolkit
from minitf.kernels.cuda.arrays import DeviceArray
from minitf.kernels.cuda.launching import Launch
from minitf.kernels.cuda.simulator import simulate

KERNELS = toolkit.all_kernels()
CASES = [pytest.param(k, c, id=f"{name}-{i}") for name, k in KERNELS.items() for i, c in enumerate(k.examples)]
TOLERANCE = {"float32": (2e-5, 1e-5), "float64": (1e-10, 1e-12)}


def assert_does_as_numpy(kernel, case, run):
    found, expected = ([aligned(a) for a in case.make()] for _ in range(2))
    with np.errstate(all="ignore"):
        kernel.reference(*expected)
    run(kernel, case.grid, case.block, *found)
    for position, (f, e) in enumerate(zip(found, expected, strict=True)):
        if isinstance(f, np.ndarray) and f.dtype.kind == "f":
            np.testing.assert_allclose(f, e, *TOLERANCE[f.dtype.name], err_msg=f"argument {position} of {kernel.name}")
        elif isinstance(f, np.ndarray):
            np.testing.assert_array_equal(f, e, err_msg=f"argument {position} of {kernel.name}")


def aligned(value):
    """Arrays begin at multiples of 256 bytes, as on a device."""
    if not isinstance(value, np.ndarray):
        return value
    memory = np.empty(value.nbytes + 256, np.uint8)
    start = -memory.ctypes.data % 256
    copy = memory[start : start + value.nbytes].view(value.dtype).reshape(value.shape)
    copy[...] = value
    return copy


@pytest.mark.parametrize(("kernel", "case"), CASES)
def test_lowered_code_does_as_numpy(kernel, case):
    pytest.importorskip("numba_cuda")
    from minitf.kernels.cuda.lowered import run_lowered

    assert_does_as_numpy(kernel, case, run_lowered)


@pytest.mark.parametrize(("kernel", "case"), CASES)
def test_source_does_as_numpy_and_nothing_wrong(kernel, case):
    pytest.importorskip("greenlet")
    assert_does_as_numpy(kernel, case, lambda *launch: simulate(*launch).check())


@pytest.mark.skipif(devices.missing() is not None, reason=str(devices.missing()))
@pytest.mark.parametrize(("kernel", "case"), CASES)
def test_the_gpu_does_as_numpy(kernel, case):
    gpu = devices.find()

    def run(kernel, grid, block, *arguments):
        on_gpu = [gpu.upload(a) if isinstance(a, np.ndarray) else a for a in arguments]
        views = [a.view() if isinstance(a, DeviceArray) else a for a in on_gpu]
        gpu.launch(Launch(kernel, grid, block), views)
        for host, array in zip(arguments, on_gpu, strict=True):
            if isinstance(array, DeviceArray):
                host[...] = array.numpy()

    assert_does_as_numpy(kernel, case, run)


def test_every_kernel_says_what_it_does():
    for name, kernel in KERNELS.items():
        assert kernel.reference is not None, f"{name} has no NumPy function"
