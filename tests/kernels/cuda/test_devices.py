"""Memory of a device, and the class that drives a GPU."""

import gc
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from minitf.kernels.cuda import devices, dlpack


@pytest.fixture
def device():
    return devices.Pretended(lambda *launch: None, "does nothing")


def test_memory_that_is_free_is_taken_again(device):
    before = device.pool.allocated
    first = device.empty((100, 3), np.float32)
    allocated = device.pool.allocated
    assert allocated - before == 2048  # the next power of two
    del first
    second = device.empty((300,), np.float32)
    assert device.pool.allocated == allocated
    third = device.empty((300,), np.float32)
    assert device.pool.allocated == allocated + 2048 and second.view().ctypes.data != third.view().ctypes.data


def test_memory_lives_as_long_as_a_view_of_it(device):
    array = device.upload(np.arange(6.0))
    turned = array.reshape(2, 3)
    del array
    other = device.empty((6,), np.float64)
    other.view()[...] = 7
    np.testing.assert_array_equal(turned.numpy(), np.arange(6.0).reshape(2, 3))


def test_buffers_are_aligned_for_128_bit_loads(device):
    assert all(device.empty((n,), np.float32).view().ctypes.data % 256 == 0 for n in (1, 3, 100, 5000))


def test_a_capsule_keeps_its_owner_until_it_is_used_no_more():
    class Array:
        values = np.arange(12, dtype=np.float32).reshape(3, 4)

        def __dlpack_device__(self):
            return 1, 0

        def __dlpack__(self, **options):
            return dlpack.capsule(self.values.ctypes.data, self.values.shape, self.values.dtype, (1, 0), self)

    held = len(dlpack._lent)
    found = np.from_dlpack(Array())
    np.testing.assert_array_equal(found, Array.values)
    assert len(dlpack._lent) == held + 1
    del found
    gc.collect()
    assert len(dlpack._lent) == held


SMOKE = """
import numpy as np
from minitf.kernels.cuda import copying, devices
gpu = devices.Gpu()
x, out = np.arange(70, dtype=np.uint32), np.zeros(70, np.uint32)
a, b = gpu.upload(x), gpu.empty((70,), np.uint32)
gpu.launch(copying.copy_launch(x, out), [a.view(), b.view()])
assert (b.numpy() == x).all() and (b.copy().numpy() == x).all() and not gpu.gave_up()
assert gpu.upload(np.float32(3)).numpy() == 3
"""


def test_the_gpu_is_driven_in_numbas_own_simulator():
    pytest.importorskip("numba_cuda")
    environment = dict(os.environ, NUMBA_ENABLE_CUDASIM="1", PYTHONPATH=str(pathlib.Path(__file__).parents[3]))
    subprocess.run([sys.executable, "-c", SMOKE], check=True, env=environment, timeout=250)
