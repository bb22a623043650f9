"""Convolution of volumes, as sums of 2-D convolutions of their planes.

Volumes are NDHWC (batch, depth, height, width, channels) and filters (depth, height, width, in, out).
Output plane p is the sum over i of the 2-D convolution of input plane p * stride - front + i * dilation
with plane i of the filter.  The NumPy twins are those of `convolution.py`.
"""

from minitf.kernels.blas import gemm_address
from minitf.kernels.convolution import conv2d, conv2d_filter_gradient, conv2d_input_gradient, scratch_columns
from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch
from minitf.kernels.windows import spatial


@kernel
def conv3d(begin, end, worker, address, x, filter, stride, dilation, before, columns, out):
    """The convolution of volumes `x` with `filter`; stride, dilation, before: (depth, height, width).

    for each output plane p of volume n (a unit):
        out[n, p] = 0
        for each plane i of the filter:
            z = p * stride - front + i * dilation
            out[n, p] += conv2d(x[n, z], filter[i])     # planes z outside of the volume are 0
    """
    chunks = -(-out.shape[2] * out.shape[3] // columns.shape[1])
    for unit in range(begin, end):
        n, p = divmod(unit, out.shape[1])
        result = out[n, p : p + 1]
        result[:] = 0
        for i in range(filter.shape[0]):
            z = p * stride[0] - before[0] + i * dilation[0]
            if 0 <= z < x.shape[1]:
                geometry = stride[1:], dilation[1:], before[1:]
                conv2d(0, chunks, worker, address, x[n, z : z + 1], filter[i], *geometry, 1, columns, result)


@kernel
def conv3d_filter_gradient(begin, end, worker, address, x, dy, stride, dilation, before, columns, dfilter):
    """The gradient of `conv3d` with respect to its filter, `dy` being that of its output.

    Units are the planes i of the filter:
    for each n, p, z as in `conv3d`: dfilter[i] += conv2d_filter_gradient(x[n, z], dy[n, p])
    """
    for i in range(begin, end):
        plane = dfilter[i : i + 1]
        plane[:] = 0
        for n in range(dy.shape[0]):
            for p in range(dy.shape[1]):
                z = p * stride[0] - before[0] + i * dilation[0]
                if 0 <= z < x.shape[1]:
                    arrays, geometry = (x[n, z : z + 1], dy[n, p : p + 1]), (stride[1:], dilation[1:], before[1:])
                    conv2d_filter_gradient(0, 1, worker, address, *arrays, *geometry, 1, columns, plane)


@kernel
def conv3d_input_gradient(begin, end, worker, address, filter, dy, stride, dilation, before, columns, dx):
    """The gradient of `conv3d` with respect to its volumes, `dy` being that of its output.

    Units are the volumes n:
    for each p, i, z as in `conv3d`: dx[n, z] += conv2d_input_gradient(filter[i], dy[n, p])
    """
    for n in range(begin, end):
        dx[n] = 0
        for p in range(dy.shape[1]):
            for i in range(filter.shape[0]):
                z = p * stride[0] - before[0] + i * dilation[0]
                if 0 <= z < dx.shape[1]:
                    gradient, plane = dy[n, p : p + 1], dx[n, z : z + 1]
                    geometry = stride[1:], dilation[1:], before[1:]
                    conv2d_input_gradient(
                        0, 1, worker, address, filter[i], gradient, *geometry, 1, 1, columns, plane
                    )


def conv3d_launches(x, filter, strides, padding, dilations, out):
    """Launches for out = conv3d(x, filter).

    x (batch, depth, height, width, in), filter (d, h, w, in, out channels), out (batch, ..., out
    channels): float32 or float64, C-contiguous.  strides and dilations: (depth, height, width);
    padding: (front, back, top, bottom, left, right).
    """
    columns, units = scratch_columns(filter[0], out[:1, :1]), out.shape[0] * out.shape[1]
    return [Launch(conv3d, *_where(strides, padding, dilations, x, filter), columns, out, units=units)]


def conv3d_filter_gradient_launches(x, dy, strides, padding, dilations, dfilter):
    """Launches for dfilter, the gradient with respect to the filter; arguments as `conv3d_launches`'s."""
    arguments = _where(strides, padding, dilations, x, dy)
    columns = scratch_columns(dfilter[0], dy[:1, :1])
    return [Launch(conv3d_filter_gradient, *arguments, columns, dfilter, units=len(dfilter))]


def conv3d_input_gradient_launches(filter, dy, strides, padding, dilations, dx):
    """Launches for dx, the gradient with respect to the volumes; arguments as `conv3d_launches`'s."""
    arguments = _where(strides, padding, dilations, filter, dy)
    columns = scratch_columns(filter[0], dy[:1, :1])
    return [Launch(conv3d_input_gradient, *arguments, columns, dx, units=len(dx))]


def _where(strides, padding, dilations, *arrays):
    """The first arguments of a kernel: where BLAS is, two arrays, and the geometry."""
    return gemm_address(arrays[0].dtype.name), *arrays, spatial(strides), spatial(dilations), spatial(padding[0::2])
