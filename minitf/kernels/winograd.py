"""Convolution with fewer multiplications: Winograd's minimal filtering.

A filter of r taps and n = m + r - 1 neighbouring inputs make m outputs.  Filter and inputs are taken to be
polynomials; their product is found from its values at n points (Toom and Cook's way to multiply), with one
multiplication a point:

    outputs = A' [(G filter) * (B' inputs)]

where each row of G and B' evaluates at one point and A' leads back.  In two dimensions each of the three is
applied to the lines and to the columns of a tile, and n x n multiplications serve m x m outputs: a 5 x 5
filter needs 4 of them an output instead of 25, a 3 x 3 filter 2.25 instead of 9.  Over all channels and
tiles, the multiplications at one point are a matrix product:

    for each tile and channel:  inputs[point, tile, c] = (B' tile B)[point]        `to_points`
    for each point:             outputs[point] = inputs[point] @ filter[point]     (tiles, in) (in, out)
    for each tile and channel:  pixels = A' outputs A                              `from_points`

(Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016; the matrices: Winograd,
"Arithmetic complexity of computations", 1980.)

Accuracy: the values at points like 2 and -1/2 are larger than what they are made of, and are rounded with
it.  In float32 the largest error measured was 1e-5 of the largest output, for `convolution.py` 1e-6; a NaN or
Inf reaches all of its tile.  With MINITF_CONVOLUTION=exact in the environment this module is not used.
"""

import fractions
import functools
import math
import os

import numpy as np

from minitf.kernels.blas import gemm, gemm_address
from minitf.kernels.compile import kernel_from_source
from minitf.kernels.machine import Launch
from minitf.kernels.partial_sums import parts_of, sum_launches
from minitf.kernels.threads import MOST
from minitf.kernels.tiled_gemm import REDUCTION
from minitf.kernels.transposing import transpose_launches
from minitf.kernels.windows import spatial

OUTPUTS = 4  # m: each tile makes 4 x 4 pixels
_POINTS = [fractions.Fraction(p) for p in ("0", "1", "-1", "2", "-2", "1/2", "-1/2")]  # and infinity
_TILES = 64  # a block's tiles: its values at the points stay in the cache


def matrices(m, r):
    """(A', G, B') for m outputs of a filter of r taps, as tuples of rows of exact fractions.

    With points a[j]: A' holds their powers, G their powers scaled, and row j of B' the coefficients of the
    polynomial that is 0 at all points but a[j].  The last point is infinity, where a polynomial's value is
    its highest coefficient.
    """
    points = _POINTS[: m + r - 2]
    others = [[b for b in points if b != a] for a in points]
    back = [[a**i for a in points] + [int(i == m - 1)] for i in range(m)]
    scale = [math.prod(a - b for b in rest) for a, rest in zip(points, others, strict=True)]
    filters = [[a**i / s for i in range(r)] for a, s in zip(points, scale, strict=True)]
    filters.append([int(i == r - 1) for i in range(r)])
    inputs = [[*_from_roots(rest), 0] for rest in others] + [_from_roots(points)]
    return tuple(tuple(map(tuple, rows)) for rows in (back, filters, inputs))


def _from_roots(roots):
    """The coefficients, lowest first, of the product of all (x - root)."""
    found = [fractions.Fraction(1)]
    for root in roots:
        found = [low - root * high for low, high in zip([0, *found], [*found, 0], strict=True)]
    return found


# -- to the points and back: loops over channels in which the small matrices are written out --------------------

_TO_POINTS = """\
def to_points(x, picture, top, left, tiles, lines, points, first):
    # points[i * {n} + j, first + q, c] = sum over u and v of matrix[i, u] * matrix[j, v]
    #                                     * x[picture, top + u, {step} * q - left + v, c], 0 beyond the border
    height, width, channels = x.shape[1:]
    pixels = x.reshape(x.shape[0] * height, width * channels)
    zeros = lines[{n}, : width * channels]
    start, stop = left * channels, (left + width) * channels
{rows}
{lines}
    for k in range(width * channels):
{down}
    columns = lines.reshape(lines.shape[0], lines.shape[1] // channels, channels)
    for q in range(tiles):
        for i in range({n}):
            for c in range(channels):
{across}
"""

_FROM_POINTS = """\
def from_points(points, first, tiles, half, strip, out, picture, top):
    # out[picture, top + p, {m} * q + v, c] = sum over i and j of matrix[p, i] * matrix[v, j]
    #                                         * points[i * {n} + j, first + q, c]
    width = out.shape[2] * out.shape[3]
    for q in range(tiles):
        for j in range({n}):
            for c in range(out.shape[3]):
{down}
        for p in range({m}):
            for c in range(out.shape[3]):
{across}
    made = strip.reshape({m}, strip.shape[1] * strip.shape[2])
    lines = out.reshape(out.shape[0], out.shape[1], width)
    for p in range(min({m}, out.shape[1] - top)):
        source, target = made[p, :width], lines[picture, top + p]
        for k in range(width):
            target[k] = source[k]
"""

_ON_FILTER = """\
def on_filter(begin, end, worker, filter, half, out):
    # out[i, j, c, k] = sum over u and v of matrix[i, u] * matrix[j, v] * filter[u, v, c, k]
    for c in range(begin, end):
        for v in range({taken}):
            for k in range(out.shape[3]):
{down}
        for i in range({made}):
            for k in range(out.shape[3]):
{across}
"""


def _product(matrix, source, target, indent):
    """Lines of Python for target(i) = sum over j of matrix[i][j] * source(j)."""
    lines = [f"d{j} = {source.format(j)}" for j in range(len(matrix[0]))]
    for i, row in enumerate(matrix):
        terms = [f"f32({float(factor)!r}) * d{j}" for j, factor in enumerate(row) if factor]
        lines.append(f"{target.format(i)} = {' + '.join(terms)}")
    return "\n".join(" " * indent + line for line in lines)


@functools.cache
def to_points(matrix, step):
    """The kernel that takes a window every `step` pixels to the points: matrix @ window @ matrix'.

    `lines` is scratch (n + 1, (left + width + right) * channels), 0 where nothing was written.
    """
    n = len(matrix)
    rows = "\n".join(
        f"    r{u} = pixels[picture * height + top + {u}] if 0 <= top + {u} < height else zeros"
        for u in range(len(matrix[0]))
    )
    source = _TO_POINTS.format(
        n=n,
        step=step,
        rows=rows,
        lines="\n".join(f"    l{i} = lines[{i}, start:stop]" for i in range(n)),
        down=_product(matrix, "r{}[k]", "l{}[k]", 8),
        across=_product(matrix, f"columns[i, {step} * q + {{}}, c]", f"points[i * {n} + {{}}, first + q, c]", 16),
    )
    return kernel_from_source(source, "to_points", {"f32": np.float32}, __name__, REDUCTION)


@functools.cache
def from_points(matrix):
    """The kernel that leads from the points back to pixels: matrix @ values @ matrix'.

    `half` (m, n, channels) and `strip` (m, m * tiles, channels) are scratch.
    """
    m, n = len(matrix), len(matrix[0])
    source = _FROM_POINTS.format(
        m=m,
        n=n,
        down=_product(matrix, f"points[{{}} * {n} + j, first + q, c]", "half[{}, j, c]", 16),
        across=_product(matrix, "half[p, {}, c]", f"strip[p, {m} * q + {{}}, c]", 16),
    )
    return kernel_from_source(source, "from_points", {"f32": np.float32}, __name__, REDUCTION)


@functools.cache
def on_filter(matrix):
    """The kernel that takes a filter to the points or its gradient back from there; its units are channels.

    `half` (worker, rows of the matrix, its columns, out channels) is scratch.
    """
    source = _ON_FILTER.format(
        made=len(matrix),
        taken=len(matrix[0]),
        down=_product(matrix, "filter[{}, v, c, k]", "half[worker, {}, v, k]", 16),
        across=_product(matrix, "half[worker, i, {}, k]", "out[i, {}, c, k]", 16),
    )
    return kernel_from_source(source, "on_filter", {"f32": np.float32}, __name__, REDUCTION)


def _on_filter_launch(matrix, filter, out):
    half = np.empty((MOST, *np.shape(matrix), out.shape[3]), np.float32)
    channels = min(filter.shape[2], out.shape[2])
    return Launch(on_filter(matrix), filter, half, out, units=channels, grain=max(1, 512 // out.shape[3]))


# -- convolution and the gradient of its filter ------------------------------------------------------------------

_CONVOLVE = """\
def convolve(begin, end, worker, address, x, filter, before, strips, lines, inputs, outputs, half, strip, out):
    # {m} x {m} outputs of {r} x {r} filters; a strip is a row of tiles, a block so many strips
    height, tiles = -(-out.shape[1] // {m}), -(-out.shape[2] // {m})
    for block in range(begin, end):
        first, last = block * strips, min((block + 1) * strips, out.shape[0] * height)
        count = (last - first) * tiles
        for s in range(first, last):
            top = s % height * {m} - before[0]
            cut(x, s // height, top, before[1], tiles, lines[worker], inputs[worker], (s - first) * tiles)
        for point in range(filter.shape[0]):
            values, products = inputs[worker, point, :count], outputs[worker, point, :count]
            gemm(address, values, filter[point, : x.shape[3]], 0, 0, 1.0, 0.0, products)
        for s in range(first, last):
            at, picture, top = (s - first) * tiles, s // height, s % height * {m}
            lay(outputs[worker], at, tiles, half[worker], strip[worker], out, picture, top)
"""

_FILTER_GRADIENT = """\
def filter_gradient(begin, end, worker, address, x, dy, before, strips, lines, dlines, inputs, gradients, sums):
    # {m} x {m} outputs of {r} x {r} filters; the blocks are dealt to the parts, of which each has a sum of its own
    height, tiles = -(-dy.shape[1] // {m}), -(-dy.shape[2] // {m})
    blocks = -(-dy.shape[0] * height // strips)
    for part in range(begin, end):
        start, stop = part * blocks // sums.shape[0], (part + 1) * blocks // sums.shape[0]
        for block in range(start, stop):
            first, last = block * strips, min((block + 1) * strips, dy.shape[0] * height)
            for s in range(first, last):
                at, picture, top = (s - first) * tiles, s // height, s % height * {m}
                cut(x, picture, top - before[0], before[1], tiles, lines[worker], inputs[worker], at)
                cut_gradient(dy, picture, top, 0, tiles, dlines[worker], gradients[worker], at)
            for point in range(sums.shape[1]):
                a = inputs[worker, point, : (last - first) * tiles]
                b = gradients[worker, point, : (last - first) * tiles]
                gemm(address, a, b, 1, 0, 1.0, 0.0 if block == start else 1.0, sums[part, point])
"""


@functools.cache
def _convolve(r):
    back, _, inputs = matrices(OUTPUTS, r)
    scope = {"cut": to_points(inputs, OUTPUTS), "lay": from_points(back), "gemm": gemm}
    return kernel_from_source(_CONVOLVE.format(m=OUTPUTS, r=r), "convolve", scope, __name__)


@functools.cache
def _filter_gradient(r):
    """Its outputs are the r taps of the filter, and its filter is the m outputs' gradient."""
    _, filters, inputs = matrices(r, OUTPUTS)
    scope = {"cut": to_points(inputs, OUTPUTS), "cut_gradient": to_points(filters, OUTPUTS), "gemm": gemm}
    return kernel_from_source(_FILTER_GRADIENT.format(m=OUTPUTS, r=r), "filter_gradient", scope, __name__)


class _Blocks:
    """How the tiles of pictures (batch, height, width, channels) are dealt out, and scratch for a block of them."""

    def __init__(self, pictures, r):
        self.points = (OUTPUTS + r - 1) ** 2
        self.tiles, height = (-(-size // OUTPUTS) for size in pictures.shape[2:0:-1])
        self.strips = max(1, _TILES // self.tiles)
        self.count = -(-pictures.shape[0] * height // self.strips)
        self.width = self.tiles * OUTPUTS + r - 1

    def lines(self, channels):
        return np.zeros((MOST, math.isqrt(self.points) + 1, self.width * channels), np.float32)

    def values(self, channels):
        """(worker, point, tile, channel); one tile more, or all points would fall on the same lines of the cache."""
        return np.empty((MOST, self.points, self.strips * self.tiles + 1, channels), np.float32)


def fits(filter, strides, padding, dilations, made):
    """True where Winograd's way is possible and pays; `made` is what is computed in tiles, or was.

    Possible for a window of 2 x 2 to 5 x 5 that moves by single pixels, in float32.
    """
    height, width = filter.shape[:2]
    return (
        height == width
        and 2 <= height <= 5
        and made.dtype == np.float32
        and made.size > 0
        and all(n == 1 for n in (*strides, *dilations))
        and all(0 <= n < height for n in padding)
        and os.environ.get("MINITF_CONVOLUTION") != "exact"
        and pays(filter.shape, made.shape)
    )


def pays(filter, made):
    """True where there are fewer multiplications, with a quarter on top for the way to the points and back.

    The way of the filter costs what 32 tiles cost.  With one or two channels the matrix products are too thin.
    (Measured on 60 shapes: 1.0 to 5 times faster than `convolution.py` where this is true.)
    """
    r, tiles = filter[0], made[0] * math.prod(-(-size // OUTPUTS) for size in made[1:3])
    fewer = 1.25 * (tiles + 32) * (OUTPUTS + r - 1) ** 2 <= math.prod(made[:3]) * r**2
    return fewer and min(filter[2:]) >= 3


def conv2d_launches(x, filter, before, out, rotated=False):
    """Launches for out = conv2d(x, filter) with `before` (top, left) lines of padding.

    With `rotated`, filter is (h, w, out, in) and turned by 180 degrees: then it is the gradient of a
    convolution with respect to its pictures, x being that of its output.
    """
    r, launches = filter.shape[0], []
    _, matrix, _ = matrices(OUTPUTS, r)
    if rotated:
        matrix = tuple(row[::-1] for row in matrix)
        swapped = np.empty((r, r, filter.shape[3], filter.shape[2]), filter.dtype)
        launches = transpose_launches(filter, (0, 1, 3, 2), swapped)
        filter = swapped
    blocks, n, (channels, made) = _Blocks(out, r), len(matrix), filter.shape[2:]
    values = np.empty((n, n, channels + 1, made), np.float32)  # one more: as in `_Blocks.values`
    half = np.empty((MOST, OUTPUTS, n, made), np.float32)
    strip = np.empty((MOST, OUTPUTS, blocks.tiles * OUTPUTS, made), np.float32)
    convolved = Launch(
        _convolve(r), gemm_address("float32"), x, values.reshape(n * n, channels + 1, made), spatial(before),
        blocks.strips, blocks.lines(channels), blocks.values(channels), blocks.values(made), half, strip, out,
        units=blocks.count,
    )  # fmt: skip
    return [*launches, _on_filter_launch(matrix, filter, values), convolved]


def filter_gradient_launches(x, dy, before, dfilter):
    """Launches for dfilter, the gradient of conv2d(x, filter) with respect to the filter."""
    r, _, channels, made = dfilter.shape
    back, _, _ = matrices(r, OUTPUTS)
    blocks, n = _Blocks(dy, r), len(back[0])
    total = np.empty((n, n, channels, made), np.float32)
    sums = np.empty((parts_of(blocks.count, 4, total.size), n * n, channels, made), np.float32)
    summed = Launch(
        _filter_gradient(r), gemm_address("float32"), x, dy, spatial(before), blocks.strips,
        blocks.lines(channels), blocks.lines(made), blocks.values(channels), blocks.values(made), sums,
        units=len(sums),
    )  # fmt: skip
    return [summed, *sum_launches(sums, total), _on_filter_launch(back, total, dfilter)]
