"""Many products with one matrix, whose columns are cut into panels beforehand.

OpenBLAS copies its operands in each product, or takes them as they lie.  The rows of a wide matrix lie far from each
other, and where that is a power of 2 they drive each other out of the first cache.  A panel is a block of columns
whose rows are neighbours.  (Measured, one thread, of 272 GFLOP/s that are possible: 241 instead of 188 for
64 x 128 x 512, 244 instead of 204 for 128 x 784 x 256, 258 instead of 239 for 1024 x 1024 x 1024.)  Recurrent
networks multiply with the same weights in each step; but already for a few dozen rows the panels pay.

A few rows with a matrix that fits no second-level cache: that matrix should be read once and copied nowhere.  So the
few rows are turned, and the result is made turned, OUT^T = B^T A^T: now the large matrix is the left operand, whose
pieces serve at once for all columns.  (Measured, two threads, the matrix not in any cache: 1050 instead of 1590 us for
64 x 3136 x 1024, and 1090 instead of 1830 us for 64 x 1024 x 3136 with B transposed.)
"""

import numpy as np

from minitf.kernels.blas import (
    TILE_FLOPS,
    cblas,
    evenly,
    gemm_address,
    gemm_launch,
    has_small_kernels,
    warm_workers,
)
from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch
from minitf.kernels.threads import MOST
from minitf.kernels.transposing import transpose_launches

_PANEL, _ROWS = 64, 16  # columns of a panel, and rows that are multiplied with it at a time
_GRAIN = 32768  # numbers to copy
_DEEPEST = 1024  # inner elements with which OpenBLAS does not copy 12 rows
_TALL = 128  # rows of a large product that are done with a panel while it is near
_LEFT, _LEFT_TURNED = (12, 1024), (128, 120)  # rows and inner elements of a left operand's pieces: as it is, turned
_FEW, _MANY = 48, 512  # rows that pay for the panels, where these stay in the caches and where they do not


@kernel
def fill_panels(begin, end, w, panels):
    """panels[p] = columns p * width to (p + 1) * width of w, for the panels begin to end."""
    for p in range(begin, end):
        for k in range(w.shape[0]):
            row, panel = w[k, p * panels.shape[2] : (p + 1) * panels.shape[2]], panels[p, k]
            for j in range(panel.size):
                panel[j] = row[j]


@kernel
def panel_gemm(begin, end, address, a, panels, beta, rows, tall, depth, out):
    """out = a @ w + beta * out, where `panels` (panels, inner, width) holds w: see `fill_panels`.

    Units are pieces of out of `tall` rows and the columns of one panel.  They are done in pieces of `rows` rows
    with `depth` of the inner elements, which OpenBLAS does not copy.
    """
    inner, width = panels.shape[1], panels.shape[2]
    down = -(-out.shape[0] // tall)
    for unit in range(begin, end):
        top, p = unit % down * tall, unit // down
        bottom = min(out.shape[0], top + tall)
        for k in range(0, inner, depth):
            for i in range(top, bottom, rows):
                cblas(
                    address, 0, 0, min(rows, bottom - i), width, min(depth, inner - k), out.dtype.type(1),
                    a.ctypes.data + a.itemsize * (i * inner + k), inner,
                    panels[p].ctypes.data + panels.itemsize * k * width, width,
                    out.dtype.type(beta if k == 0 else 1.0),
                    out.ctypes.data + out.itemsize * (i * out.shape[1] + p * width), out.shape[1],
                )  # fmt: skip


@kernel
def left_gemm(begin, end, address, b, transpose_b, a, strip, rows, depth, out):
    """out = B^T @ a, where B is `b` or its transpose.

    Units are strips of `strip` rows of out.  They are done in pieces of `rows` rows with `depth` inner elements each,
    which OpenBLAS does not copy; all rows with the same elements one after the other, for there `b` lies together.
    The pieces, and so the bits, do not depend on `strip`, a multiple of `rows`.
    """
    inner, columns = a.shape
    step, deep = (inner, 1) if transpose_b else (1, b.shape[1])  # from row to row of B^T, and along it
    for unit in range(begin, end):
        bottom = min(out.shape[0], (unit + 1) * strip)
        for k in range(0, inner, depth):
            for i in range(unit * strip, bottom, rows):
                cblas(
                    address, 1 - transpose_b, 0, min(rows, bottom - i), columns, min(depth, inner - k),
                    out.dtype.type(1), b.ctypes.data + b.itemsize * (i * step + k * deep), b.shape[1],
                    a.ctypes.data + a.itemsize * k * columns, columns,
                    out.dtype.type(0 if k == 0 else 1), out.ctypes.data + out.itemsize * i * columns, columns,
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
        inner = panels.shape[1]
        depth = -(-inner // -(-inner // _DEEPEST))
        rows = 16 if depth <= 976 else 12
        tall = rows * max(1, _TALL // rows) if inner > depth or len(a) >= 512 else rows
        units, grain = len(panels) * -(-len(a) // tall), TILE_FLOPS // (tall * panels[0].size)
        return Launch(panel_gemm, address, a, panels, float(beta), rows, tall, depth, out, units=units, grain=grain)


def product_launches(a, b, transpose_a, transpose_b, out):
    """Launches for out = A @ B, by panels of B or turned where that is faster; see `blas.gemm_launch`."""
    (rows, columns), inner = out.shape, b.shape[1 if transpose_b else 0]
    if transpose_a or not has_small_kernels(out.dtype.name):
        return [gemm_launch(a, b, transpose_a, transpose_b, out)]
    if _pays_to_turn(rows, columns, inner, transpose_b):
        return _turned_launches(a, b, transpose_b, out)
    wide = columns % _PANEL == 0 and inner >= _PANEL and rows >= (_FEW if inner <= _DEEPEST else _MANY)
    if transpose_b or not wide:
        return [gemm_launch(a, b, transpose_a, transpose_b, out)]
    panels = Panels(b)
    return [*panels.fill_launches(), panels.launch(a, out)]


def _pays_to_turn(rows, columns, inner, transpose_b):
    """Whether OUT^T = B^T A^T was measured to be faster: where the matrix comes from memory, 1.1 to 3 times."""
    if transpose_b:
        return 16 <= rows <= 64 and inner >= 768 and inner * columns >= 1 << 19
    return rows in (16, 32, 64) and inner >= 1024 and columns >= 1024 and columns % _PANEL == 0


def _turned_launches(a, b, transpose_b, out):
    """Launches for out = a @ B, as out^T = B^T @ a^T."""
    warm_workers(out.dtype.name)
    (rows, inner), columns = a.shape, out.shape[1]
    turned_a, turned = np.empty((inner, rows), a.dtype), np.empty((columns, rows), out.dtype)
    tall, deepest = _LEFT if transpose_b else _LEFT_TURNED
    strip = 4 * tall if transpose_b else min(4 * tall, max(tall, columns // MOST // tall * tall))
    product = Launch(
        left_gemm, gemm_address(out.dtype.name), b, int(transpose_b), turned_a, strip, tall, evenly(inner, deepest),
        turned, units=-(-columns // strip), grain=TILE_FLOPS // (strip * rows * inner),
    )  # fmt: skip
    return [*transpose_launches(a, (1, 0), turned_a), product, *transpose_launches(turned, (1, 0), out)]
