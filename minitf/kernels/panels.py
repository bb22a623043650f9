"""Many products with one matrix, whose columns are cut into panels beforehand.

OpenBLAS copies its operands in each product, or takes them as they lie.  The rows of a wide matrix lie far from each
other, and where that is a power of 2 they drive each other out of the first cache.  A panel is a block of columns
whose rows are neighbours.  (Measured: 241 instead of 188 GFLOP/s for 64 x 128 x 512.)  Recurrent networks multiply
with the same weights in each step; but already for a few dozen rows the panels pay.
"""

import numpy as np

from minitf.kernels.blas import TILE_FLOPS, cblas, gemm_address, gemm_launch, has_small_kernels, warm_workers
from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch

_PANEL, _ROWS = 64, 16  # columns of a panel, and rows that are multiplied with it at a time
_GRAIN = 32768  # numbers to copy
_LEAST, _DEEPEST = 48, 976  # rows that pay for the panels, and inner elements with which OpenBLAS does not copy them


@kernel
def fill_panels(begin, end, w, panels):
    """panels[p] = columns p * width to (p + 1) * width of w, for the panels begin to end."""
    for p in range(begin, end):
        for k in range(w.shape[0]):
            row, panel = w[k, p * panels.shape[2] : (p + 1) * panels.shape[2]], panels[p, k]
            for j in range(panel.size):
                panel[j] = row[j]


@kernel
def panel_gemm(begin, end, address, a, panels, beta, rows, out):
    """out = a @ w + beta * out, where `panels` (panels, inner, width) holds w: see `fill_panels`.

    Units are pieces of out of `rows` rows and the columns of one panel.
    """
    inner, width = panels.shape[1], panels.shape[2]
    down = -(-out.shape[0] // rows)
    for unit in range(begin, end):
        i, p = unit % down * rows, unit // down
        cblas(
            address, 0, 0, min(rows, out.shape[0] - i), width, inner, out.dtype.type(1),
            a.ctypes.data + a.itemsize * i * inner, inner, panels[p].ctypes.data, width, out.dtype.type(beta),
            out.ctypes.data + out.itemsize * (i * out.shape[1] + p * width), out.shape[1],
        )  # fmt: skip


class Panels:
    """A matrix w (inner, columns) that is multiplied from the left many times, cut into panels beforehand."""

    def __init__(self, w):
        self._w, (inner, columns) = w, w.shape
        self._panels = np.empty((columns // _PANEL, inner, _PANEL), w.dtype) if columns % _PANEL == 0 else None

    def fill_launches(self):
        """What must run before the products whenever w is another."""
        if self._panels is None:
            return []
        grain = _GRAIN // self._panels[0].size
        return [Launch(fill_panels, self._w, self._panels, units=len(self._panels), grain=grain)]

    def launch(self, a, out, beta=0.0):
        """The launch for out = a @ w + beta * out."""
        address, panels = gemm_address(out.dtype.name), self._panels
        if panels is None or not has_small_kernels(out.dtype.name):
            return gemm_launch(a, self._w, False, False, out, beta=beta)
        warm_workers(out.dtype.name)
        units, grain = len(panels) * -(-len(a) // _ROWS), TILE_FLOPS // (_ROWS * panels[0].size)
        return Launch(panel_gemm, address, a, panels, float(beta), _ROWS, out, units=units, grain=grain)


def product_launches(a, b, transpose_a, transpose_b, out):
    """Launches for out = A @ B, by panels of B where that is faster; see `blas.gemm_launch`."""
    (rows, columns), inner = out.shape, b.shape[0]
    wide = columns % _PANEL == 0 and rows >= _LEAST and _PANEL <= inner <= _DEEPEST
    if transpose_a or transpose_b or not wide or not has_small_kernels(out.dtype.name):
        return [gemm_launch(a, b, transpose_a, transpose_b, out)]
    panels = Panels(b)
    return [*panels.fill_launches(), panels.launch(a, out)]
