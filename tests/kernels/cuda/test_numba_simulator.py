"""One look from outside: Numba's own simulator gives what NumPy gives.  (It sees no races and has no shuffles.)"""

import os
import subprocess
import sys

import pytest

from minitf.kernels.cuda import toolkit

if not toolkit.is_installed():
    pytest.skip(toolkit.INSTALL, allow_module_level=True)

PROGRAM = """
import numpy as np
from minitf.kernels.cuda import toolkit

for name in ("elementwise.flat_scaled_relu", "transposing.exchange", "matmul.tiled"):
    kernel = toolkit.all_kernels()[name]
    case = kernel.examples[0]
    found, expected = case.make(), case.make()
    toolkit.numba_cuda().jit(kernel.for_numba)[case.grid, case.block](*found)
    kernel.reference(*expected)
    np.testing.assert_allclose(found[-1], expected[-1], rtol=1e-5, atol=1e-5)
    print(name)
"""


def test_numbas_simulator_agrees():
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 3
