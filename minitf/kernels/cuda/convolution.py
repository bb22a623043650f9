"""Convolution of pictures and its two gradients, as matrix products whose operands are never written out.

Under each output pixel lies a window of the picture.  With one window a row, the windows make a matrix, and then

    out = windows @ filter,   dfilter = transpose(windows) @ dout,   dx = (dout over each pixel) @ transpose(filter)

That matrix is 9 times the picture for a 3 x 3 filter.  Here it exists only as a rule: element (pixel, k) is the
picture at the place that pixel and k lead to.  `product` is the tiled matrix product of `matmul.py` (64 x 64 outputs
a block, 4 x 4 a thread), and its operands are read by two device functions, `left` and `right`:

    for each slab of 16 inner indices:
        every thread brings 4 elements of the left slab, left(x, row, k), and 4 of the right one;  barrier
        acc[i, j] += a[i] * b[j] for the 16 indices;  barrier

    name               left, an element of (rows, inner)         right, of (inner, columns)    rows, inner, columns
    conv2d             the picture under output pixel `row`      the filter                    pixels, h w in, out
    input gradient     dout of the output pixels whose windows   the filter, turned            places, h w out, in
                       lie over place `row`
    filter gradient    the pictures again, rows and inner        dout                          h w in, pixels, out
                       exchanged

("Implicit GEMM": Chetlur et al., "cuDNN: efficient primitives for deep learning", 2014.)  The places follow from row
and k by divisions; sizes are therefore constants of the kernel, fixed by `specialise`, so that the compiler turns
each division into a multiplication.  A convolution of other sizes is another kernel; the batch size is free.

`direct` is the kernel to read first: one thread for each output, its window in three loops.
Pictures are NHWC, filters (height, width, in, out).
"""

import numpy as np

from minitf.kernels.convolution import conv_filter_gradient_numpy, conv_input_gradient_numpy, conv_numpy
from minitf.kernels.cuda.cases import empty, normal
from minitf.kernels.cuda.intrinsics import quotient, remainder
from minitf.kernels.cuda.launching import Launch, count, over
from minitf.kernels.cuda.reduction import fold_parts
from minitf.kernels.cuda.toolkit import cuda, device, int64, kernel, thread_count, thread_index, uint32

TILE, SLAB, EACH = 64, 16, 4  # rows and columns of a block; inner indices at a time; rows and columns of a thread
THREADS = (TILE // EACH) ** 2
_SPLIT = 2048  # inner indices of one block: a filter gradient sums over all pixels of a batch
left = right = None  # fixed by `specialise`, and so are the sizes:
H = W = C = P = Q = O = KH = KW = SH = SW = DH = DW = TOP = LEFT = uint32(1)  # noqa: E741


@kernel(registers=64)
def direct(x, filter, out):
    """out[n, p, q, o] = sum over (i, j, c) of x[n, p SH - TOP + i DH, q SW - LEFT + j DW, c] * filter[i, j, c, o]"""
    at = thread_index()
    while at < uint32(out.size):
        o, pixel = remainder(at, O), quotient(at, O)
        q, line = remainder(pixel, Q), quotient(pixel, Q)
        p, n = remainder(line, P), quotient(line, P)
        total = out.dtype.type(0)
        for i in range(KH):
            y = uint32(p * SH + i * DH - TOP)  # below 0, this wraps around to a large number
            if y < H:
                for j in range(KW):
                    w = uint32(q * SW + j * DW - LEFT)
                    if w < W:
                        for c in range(C):
                            total += x[n, y, w, c] * filter[i, j, c, o]
        out[n, p, q, o] = total
        at = uint32(at + thread_count())


@device
def window_element(x, pixel, k):
    """The picture under output pixel `pixel`, at place k of its window."""
    c, place = remainder(k, C), quotient(k, C)
    j, i = remainder(place, KW), quotient(place, KW)
    q, line = remainder(pixel, Q), quotient(pixel, Q)
    p, n = remainder(line, P), quotient(line, P)
    y, w = uint32(p * SH + i * DH - TOP), uint32(q * SW + j * DW - LEFT)
    return x[n, y, w, c] if y < H and w < W else x.dtype.type(0)


@device
def window_turned(x, k, pixel):
    return window_element(x, pixel, k)


@device
def gradient_over(dy, place, k):
    """dy of the output pixel whose window has input place `place` at its own place (i, j), for k = (i, j, o)."""
    o, rest = remainder(k, O), quotient(k, O)
    j, i = remainder(rest, KW), quotient(rest, KW)
    w, line = remainder(place, W), quotient(place, W)
    y, n = remainder(line, H), quotient(line, H)
    down, along = uint32(y + TOP - i * DH), uint32(w + LEFT - j * DW)
    p, q = quotient(down, SH), quotient(along, SW)
    inside = p < P and q < Q and down == uint32(p * SH) and along == uint32(q * SW)
    return dy[n, p, q, o] if inside else dy.dtype.type(0)


@device
def filter_element(filter, k, o):
    """filter[i, j, c, o] for k = (i, j, c)"""
    c, place = remainder(k, C), quotient(k, C)
    return filter[quotient(place, KW), remainder(place, KW), c, o]


@device
def filter_turned(filter, k, c):
    """filter[i, j, c, o] for k = (i, j, o)"""
    o, place = remainder(k, O), quotient(k, O)
    return filter[quotient(place, KW), remainder(place, KW), c, o]


@device
def pixel_element(dy, pixel, o):
    """dy of output pixel `pixel`, channel o"""
    q, line = remainder(pixel, Q), quotient(pixel, Q)
    return dy[quotient(line, P), remainder(line, P), q, o]


@device
def multiply_add(acc, slab_x, slab_y, k, i0, j0):
    """acc[i, j] += slab_x[k, i0 + i] * slab_y[k, j0 + j]"""
    for i in range(EACH):
        for j in range(EACH):
            acc[i, j] += slab_x[k, i0 + i] * slab_y[k, j0 + j]


@kernel(threads=THREADS, registers=96)
def product(x, y, inner, length, out):
    """out[s, i, j] = sum over k in part s of left(x, i, k) * right(y, k, j); a part has `length` inner indices.

    Block 256; grid (tiles of columns, tiles of rows, parts).
    """
    slab_x = cuda.shared.array((SLAB, TILE), x.dtype, alignment=16)
    slab_y = cuda.shared.array((SLAB, TILE), y.dtype, alignment=16)
    acc = cuda.local.array((EACH, EACH), x.dtype)
    thread, part = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.z)
    first_i, first_j = uint32(cuda.blockIdx.y * uint32(TILE)), uint32(cuda.blockIdx.x * uint32(TILE))
    rows, columns = uint32(out.shape[1]), uint32(out.shape[2])
    # 64-bit, so that the compiler sees neighbours and reads four of them at once
    i0, j0 = int64(thread >> uint32(4)) * EACH, int64(thread & uint32(15)) * EACH
    zero = x.dtype.type(0)
    for i in range(EACH):
        for j in range(EACH):
            acc[i, j] = zero
    first = uint32(part * length)
    end = min(uint32(first + length), inner)
    while first < end:
        for step in range(EACH):
            # neighbouring threads bring neighbours: of the inner axis on the left, of the columns on the right
            kx, i = uint32(thread & uint32(15)), uint32((thread >> uint32(4)) + uint32(step * 16))
            row, k = uint32(first_i + i), uint32(first + kx)
            slab_x[kx, i] = left(x, row, k) if row < rows and k < end else zero
            ky, j = uint32((thread >> uint32(6)) + uint32(step * 4)), uint32(thread & uint32(63))
            column, k = uint32(first_j + j), uint32(first + ky)
            slab_y[ky, j] = right(y, k, column) if column < columns and k < end else zero
        cuda.syncthreads()
        for k in range(0, SLAB, 4):  # four at a time: less than half of the instructions are then not arithmetic
            multiply_add(acc, slab_x, slab_y, k, i0, j0)
            multiply_add(acc, slab_x, slab_y, k + 1, i0, j0)
            multiply_add(acc, slab_x, slab_y, k + 2, i0, j0)
            multiply_add(acc, slab_x, slab_y, k + 3, i0, j0)
        cuda.syncthreads()
        first = uint32(first + uint32(SLAB))
    for i in range(EACH):
        row = uint32(first_i + i0 + i)
        for j in range(EACH):
            column = uint32(first_j + j0 + j)
            if row < rows and column < columns:
                out[part, row, column] = acc[i, j]


def _sizes(x_shape, filter_shape, out_shape, strides, padding, dilations):
    """The constants of a kernel, by their names above."""
    names = ("H", "W", "C", "P", "Q", "O", "KH", "KW", "SH", "SW", "DH", "DW", "TOP", "LEFT")
    values = (*x_shape[1:], *out_shape[1:], *filter_shape[:2], *strides, *dilations, padding[0], padding[2])
    return {name: count(value) for name, value in zip(names, values, strict=True)}


def _product_launches(left, right, sizes, x, y, inner, out):
    """Launches for the matrix out (rows, columns) = left(x) @ right(y), sums of many terms in parts."""
    rows, columns = out.shape
    parts = min(max(1, -(-inner // _SPLIT)), 256)
    length = -(-inner // parts)
    length = -(-length // SLAB) * SLAB
    results = out.reshape(1, rows, columns) if parts == 1 else np.empty((parts, rows, columns), out.dtype)
    grid = (-(-columns // TILE), -(-rows // TILE), parts)
    chosen = product.specialise(left=left, right=right, **sizes)
    launch = Launch(chosen, grid, THREADS, x, y, count(inner), count(length), results)
    return [launch, *(fold_parts(results, out) if parts > 1 else [])]


def conv2d_launches(x, filter, strides, padding, dilations, out):
    """Launches for out = conv2d(x, filter); arguments as for the CPU's `conv2d_launches`."""
    sizes = _sizes(x.shape, filter.shape, out.shape, strides, padding, dilations)
    inner, matrix = int(np.prod(filter.shape[:3])), out.reshape(-1, out.shape[3])
    return _product_launches(window_element, filter_element, sizes, x, filter, inner, matrix)


def conv2d_input_gradient_launches(filter, dy, strides, padding, dilations, dx):
    """Launches for dx, the gradient with respect to the pictures."""
    sizes = _sizes(dx.shape, filter.shape, dy.shape, strides, padding, dilations)
    inner, matrix = int(np.prod(filter.shape[:2])) * filter.shape[3], dx.reshape(-1, dx.shape[3])
    return _product_launches(gradient_over, filter_turned, sizes, dy, filter, inner, matrix)


def conv2d_filter_gradient_launches(x, dy, strides, padding, dilations, dfilter):
    """Launches for dfilter, the gradient with respect to the filter."""
    sizes = _sizes(x.shape, dfilter.shape, dy.shape, strides, padding, dilations)
    inner, matrix = int(np.prod(dy.shape[:3])), dfilter.reshape(-1, dfilter.shape[3])
    return _product_launches(window_turned, pixel_element, sizes, x, dy, inner, matrix)


def direct_launch(x, filter, strides, padding, dilations, out):
    """The launch of `direct`."""
    sizes = _sizes(x.shape, filter.shape, out.shape, strides, padding, dilations)
    return over(out.size, direct.specialise(**sizes), x, filter, out)


# -- how these kernels are tried ---------------------------------------------------------------------------------


def _examples():
    x, f, y = (2, 5, 6, 3), (3, 2, 3, 5), (2, 3, 5, 5)
    strides, padding, dilations = (2, 1), (1, 1, 0, 0), (1, 1)
    sizes = _sizes(x, f, y, strides, padding, dilations)
    geometry = strides, padding, dilations

    def forward(x, filter, *rest):
        rest[-1][...] = conv_numpy(x, filter, *geometry).reshape(rest[-1].shape)

    def input_gradient(dy, filter, inner, length, out):
        out[...] = conv_input_gradient_numpy(filter, dy, x, *geometry).reshape(out.shape)

    def filter_gradient(x, dy, inner, length, out):
        parts = out.shape[0]  # each part sums over its own pixels
        for s in range(parts):
            chosen = np.zeros_like(dy).reshape(-1, dy.shape[3])
            some = slice(s * int(length), (s + 1) * int(length))
            chosen[some] = dy.reshape(-1, dy.shape[3])[some]
            gradient = conv_filter_gradient_numpy(x, chosen.reshape(dy.shape), f[:2], *geometry)
            out[s] = gradient.reshape(out.shape[1:])

    direct.specialise(**sizes).equals(forward)
    direct.specialise(**sizes).example(1, 64, normal(*x), normal(*f), empty(*y))
    for readers, reference, inner, first, second, out in (
        ((window_element, filter_element), forward, 18, x, f, (1, 30, 5)),
        ((gradient_over, filter_turned), input_gradient, 30, y, f, (1, 60, 3)),
        ((window_turned, pixel_element), filter_gradient, 30, x, y, (2, 18, 5)),
    ):
        special = product.specialise(left=readers[0], right=readers[1], **sizes)
        special.equals(reference)
        length = 32 if out[0] == 1 else 16
        special.example((1, 1, out[0]), THREADS, normal(*first), normal(*second), count(inner), count(length),
                        empty(*out))  # fmt: skip


_examples()
