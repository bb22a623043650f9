"""Convolution of volumes, as sums of 2-D convolutions of their planes.

Volumes are NDHWC (batch, depth, height, width, channels) and filters (depth, height, width, in, out).
Output plane p is the sum over i of the 2-D convolution of input plane p * stride - front + i * dilation
with plane i of the filter.  The NumPy twins are those of `convolution.py`.
"""

from minitf.kernels.blas import gemm_address
from minitf.kernels.compile import kernel
from minitf.kernels.convolution import conv2d, conv2d_filter_gradient, conv2d_input_gradient, scratch_columns
from minitf.kernels.machine import Launch
from minitf.kernels.windows import spatial


@kernel
def conv3d(address, x, filter, stride, dilation, before, columns, out):
    """The convolution of volumes `x` with `filter`; stride, dilation, before: (depth, height, width).

    out = 0
    for each output plane p of volume n, each plane i of the filter:
        z = p * stride - front + i * dilation
        out[n, p] += conv2d(x[n, z], filter[i])     # planes z outside of the volume are 0
    """
    out[:] = 0
    for n in range(out.shape[0]):
        for p in range(out.shape[1]):
            for i in range(filter.shape[0]):
                z = p * stride[0] - before[0] + i * dilation[0]
                if 0 <= z < x.shape[1]:
                    plane, result = x[n, z : z + 1], out[n, p : p + 1]
                    conv2d(
                        address, plane, filter[i], stride[1:], dilation[1:], before[1:], 1, columns, result
                    )


@kernel
def conv3d_filter_gradient(address, x, dy, stride, dilation, before, columns, dfilter):
    """The gradient of `conv3d` with respect to its filter, `dy` being that of its output.

    for each p, n, i, z as in `conv3d`: dfilter[i] += conv2d_filter_gradient(x[n, z], dy[n, p])
    """
    dfilter[:] = 0
    for n in range(dy.shape[0]):
        for p in range(dy.shape[1]):
            for i in range(dfilter.shape[0]):
                z = p * stride[0] - before[0] + i * dilation[0]
                if 0 <= z < x.shape[1]:
                    plane, gradient = x[n, z : z + 1], dy[n, p : p + 1]
                    conv2d_filter_gradient(
                        address, plane, gradient, stride[1:], dilation[1:], before[1:], 1, columns, dfilter[i]
                    )


@kernel
def conv3d_input_gradient(address, filter, dy, stride, dilation, before, columns, dx):
    """The gradient of `conv3d` with respect to its volumes, `dy` being that of its output.

    for each p, n, i, z as in `conv3d`: dx[n, z] += conv2d_input_gradient(filter[i], dy[n, p])
    """
    dx[:] = 0
    for n in range(dy.shape[0]):
        for p in range(dy.shape[1]):
            for i in range(filter.shape[0]):
                z = p * stride[0] - before[0] + i * dilation[0]
                if 0 <= z < dx.shape[1]:
                    gradient, plane = dy[n, p : p + 1], dx[n, z : z + 1]
                    conv2d_input_gradient(
                        address, filter[i], gradient, stride[1:], dilation[1:], before[1:], 1, columns, plane
                    )


def conv3d_launches(x, filter, strides, padding, dilations, out):
    """Launches for out = conv3d(x, filter).

    x (batch, depth, height, width, in), filter (d, h, w, in, out channels), out (batch, ..., out
    channels): float32 or float64, C-contiguous.  strides and dilations: (depth, height, width);
    padding: (front, back, top, bottom, left, right).
    """
    geometry = spatial(strides), spatial(dilations), spatial(padding[0::2])
    columns = scratch_columns(filter[0], out[:1, :1])
    return [Launch(conv3d, gemm_address(out.dtype.name), x, filter, *geometry, columns, out)]


def conv3d_filter_gradient_launches(x, dy, strides, padding, dilations, dfilter):
    """Launches for dfilter, the gradient with respect to the filter; arguments as `conv3d_launches`'s."""
    geometry = spatial(strides), spatial(dilations), spatial(padding[0::2])
    columns = scratch_columns(dfilter[0], dy[:1, :1])
    return [Launch(conv3d_filter_gradient, gemm_address(dy.dtype.name), x, dy, *geometry, columns, dfilter)]


def conv3d_input_gradient_launches(filter, dy, strides, padding, dilations, dx):
    """Launches for dx, the gradient with respect to the volumes; arguments as `conv3d_launches`'s."""
    geometry = spatial(strides), spatial(dilations), spatial(padding[0::2])
    columns = scratch_columns(filter[0], dy[:1, :1])
    return [Launch(conv3d_input_gradient, gemm_address(dy.dtype.name), filter, dy, *geometry, columns, dx)]
