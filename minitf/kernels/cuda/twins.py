"""The twins: for each launch function of `minitf/kernels`, the one that launches the GPU's kernel.

Twins take the arguments of the originals; arrays are NumPy arrays that stand for arrays on the device.  What has no
twin stays a launch of the CPU's.  What twins are for: `redirecting.py`.
"""

import math

import numpy as np

from minitf.kernels import blas as cpu_blas
from minitf.kernels import convolution as cpu_convolution
from minitf.kernels import copying as cpu_copying
from minitf.kernels import depthwise as cpu_depthwise
from minitf.kernels import elementwise as cpu_elementwise
from minitf.kernels import encoding as cpu_encoding
from minitf.kernels import gathering as cpu_gathering
from minitf.kernels import machine as cpu_machine
from minitf.kernels import normalization as cpu_normalization
from minitf.kernels import ordering as cpu_ordering
from minitf.kernels import panels as cpu_panels
from minitf.kernels import pooling as cpu_pooling
from minitf.kernels import random as cpu_random
from minitf.kernels import reduction as cpu_reduction
from minitf.kernels import segments as cpu_segments
from minitf.kernels import softmax as cpu_softmax
from minitf.kernels import transposing as cpu_transposing
from minitf.kernels import updates as cpu_updates
from minitf.kernels.copying import words
from minitf.kernels.cuda import (
    convolution,
    copying,
    depthwise,
    elementwise,
    gathering,
    matmul,
    normalization,
    ordering,
    pooling,
    random,
    reduction,
    softmax,
    transposing,
    updates,
)
from minitf.kernels.cuda.launching import STATUS, Late, over

TWINS = {}  # a launch function of the CPU's -> the one of the GPU's
KERNELS = {}  # a kernel of the CPU's -> a function of its arguments that returns a launch


def twin(original):
    """Decorate the GPU's twin of a launch function."""

    def note(function):
        TWINS[original] = function
        return function

    return note


def kernel_twin(original):
    """Decorate the function that launches the GPU's twin of a kernel."""

    def note(function):
        KERNELS[original] = function
        return function

    return note


@twin(cpu_machine.Launch)
def launch_of_kernel(kernel, *arguments, **sizes):
    """The launch of a kernel's twin; the CPU's own where there is none."""
    found = KERNELS.get(kernel)
    made = found(*arguments) if found is not None else None
    return cpu_machine.Launch(kernel, *arguments, **sizes) if made is None else made


TWINS[cpu_elementwise.whole] = launch_of_kernel

# -- those whose twins take the same arguments ---------------------------------------------------------------------

TWINS[cpu_elementwise.launch] = elementwise.launch
TWINS[cpu_elementwise.sum_launches] = elementwise.sum_launches
TWINS[cpu_reduction.launches] = reduction.launches
TWINS[cpu_reduction.mean_launch] = reduction.mean_launch
TWINS[cpu_updates.dense_launch] = updates.dense_launch

# -- moving elements -----------------------------------------------------------------------------------------------

TWINS[cpu_copying.copy_launch] = copying.copy_launch
TWINS[cpu_copying.fill_launch] = copying.fill_launch
TWINS[cpu_copying.fill_launch_from] = copying.fill_launch_from
TWINS[cpu_copying.view_launch] = copying.view_launch


@kernel_twin(cpu_copying.band)
def band_launch(lower, upper, x, out):
    return over(out.size, copying.band, np.int32(lower), np.int32(upper), x, out)


@twin(cpu_transposing.transpose_launches)
def transpose_launches(x, axes, out):
    shape = cpu_transposing._as_exchange(x.shape, axes)
    if shape is not None:
        batch, rows, columns = shape
        made = transposing.launches(words(x).reshape(shape), words(out).reshape(batch, columns, rows))
        if made is not None:
            return made
    return [copying.view_launch(x.transpose(axes), out, x, out)]


@twin(cpu_encoding.one_hot_launch)
def one_hot_launch(indices, axis, on_value, off_value, out):
    prefix = math.prod(indices.shape[:axis])
    shaped = indices.reshape(prefix, -1)
    target = words(out).reshape(prefix, -1, shaped.shape[1])
    return over(out.size, gathering.one_hot, shaped, words(on_value), words(off_value), target)


# -- rows by index -------------------------------------------------------------------------------------------------


@twin(cpu_gathering.gather_launch)
def gather_launch(x, indices, axis, batch_dims, out):
    batch, outer = math.prod(x.shape[:batch_dims]), math.prod(x.shape[batch_dims:axis])
    n, width = indices.size // batch, math.prod(x.shape[axis + 1 :])
    source = words(x).reshape(batch, outer, x.shape[axis], width)
    target = words(out).reshape(batch, outer, n, width)
    return over(out.size, gathering.take_rows, source, indices.reshape(batch, n), target, STATUS)


@twin(cpu_gathering.gather_nd_launch)
def gather_nd_launch(x, indices, batch_dims, out):
    batch, depth = math.prod(x.shape[:batch_dims]), indices.shape[-1]
    sizes = x.shape[batch_dims : batch_dims + depth]
    n, rows = indices.size // (batch * depth), math.prod(sizes)
    source, target = words(x).reshape(batch, rows, -1), words(out).reshape(batch, n, -1)
    places = indices.reshape(batch, n, depth)
    return over(out.size, gathering.take_places, source, np.array(sizes, np.uint32), places, target, STATUS)


@twin(cpu_gathering.scatter_launch)
def scatter_launch(combine, indices, updates, out):
    depth = indices.shape[-1]
    sizes = np.array(out.shape[:depth], np.uint32)
    n, rows = indices.size // depth, math.prod(out.shape[:depth])
    width = out.size // rows
    return gathering.scatter_launches(
        combine, sizes, indices.reshape(n, depth), updates.reshape(n, width), out.reshape(rows, width), STATUS
    )


@twin(cpu_segments.launch)
def segment_launch(combine, start, x, ids, out):
    width = out.size // out.shape[0]
    rows = x.reshape(ids.size, width)
    groups = out.reshape(-1, width)
    fill = copying.fill_launch(start, out)
    return [fill, *gathering.segment_launches(combine, rows, ids.reshape(-1), groups, STATUS)]


@twin(cpu_updates.sparse_launch)
def sparse_launch(rule, arrays, written, gradient, indices):
    return updates.sparse_launch(rule, arrays, written, gradient, indices, STATUS)


# -- mathematics ---------------------------------------------------------------------------------------------------


@kernel_twin(cpu_elementwise.holds_zero)
def holds_zero(x):
    return over(x.size, elementwise.holds_zero, x, STATUS)


@kernel_twin(cpu_elementwise.holds_negative)
def holds_negative(x):
    return over(x.size, elementwise.holds_negative, x, STATUS)


@twin(cpu_blas.gemm_launch)
def gemm_launch(a, b, transpose_a, transpose_b, out, alpha=1.0, beta=0.0):
    if (alpha, beta) != (1.0, 0.0):
        raise ValueError("matrix products on a GPU neither scale nor accumulate")
    return matmul.launch(a, b, transpose_a, transpose_b, out)


@twin(cpu_panels.product_launches)
def product_launches(a, b, transpose_a, transpose_b, out):
    return [matmul.launch(a, b, transpose_a, transpose_b, out)]


@twin(cpu_reduction.scan_launch)
def scan_launch(combine, start, x, axis, exclusive, reverse, out):
    shape = math.prod(x.shape[:axis]), x.shape[axis], math.prod(x.shape[axis + 1 :])
    return ordering.scan_launch(combine, start, x.reshape(shape), exclusive, reverse, out.reshape(shape))


@twin(cpu_ordering.first_launch)
def first_launch(beats, start, x, axis, out):
    shape = math.prod(x.shape[:axis]), x.shape[axis], math.prod(x.shape[axis + 1 :])
    return ordering.first_launch(beats, start, x.reshape(shape), out.reshape(shape[0], shape[2]))


@twin(cpu_ordering.top_k_launch)
def top_k_launch(x, values, indices):
    k = values.shape[-1]
    return ordering.top_k_launch(x.reshape(-1, x.shape[-1]), values.reshape(-1, k), indices.reshape(-1, k))


_SOFTMAX = {
    cpu_softmax.softmax: softmax.softmax,
    cpu_softmax.log_softmax: softmax.log_softmax,
    cpu_softmax.cross_entropy: softmax.cross_entropy,
    cpu_softmax.sparse_cross_entropy: softmax.sparse_cross_entropy,
}


@twin(cpu_softmax.launch)
def softmax_launch(kernel, inputs, outputs):
    status = [STATUS] if kernel is cpu_softmax.sparse_cross_entropy else []
    return softmax.launch(_SOFTMAX[kernel], *inputs, *outputs, *status)


def _half_square(x):
    return x * x * type(x)(0.5)


def _plus(x, y):
    return x + y


@twin(cpu_softmax.half_square_sum_launches)
def half_square_sum_launches(x, out):
    squares = np.empty(x.shape, x.dtype)
    return [
        elementwise.launch(_half_square, [x], squares),
        *reduction.launches(_plus, 0, squares, {0}, out.reshape(())),
    ]


# -- pictures ------------------------------------------------------------------------------------------------------

_POOLS = {
    cpu_pooling.max_pool: pooling.max_pool,
    cpu_pooling.avg_pool: pooling.avg_pool,
    cpu_pooling.avg_pool_gradient: pooling.avg_pool_gradient,
}


@twin(cpu_pooling.pool_launches)
def pool_launches(kernel, x, window, strides, padding, out):
    geometry = cpu_pooling._geometry(window, strides, padding)
    return [pooling.launch(_POOLS[kernel], cpu_pooling.as_volume(x), *geometry, cpu_pooling.as_volume(out))]


@twin(cpu_pooling.places_launches)
def places_launches(x, window, strides, padding, with_batch, out, places):
    geometry = cpu_pooling._geometry(window, strides, padding)
    x, out, places = map(cpu_pooling.as_volume, (x, out, places))
    return [pooling.launch(pooling.max_pool_places, x, *geometry, np.bool_(with_batch), out, places)]


@twin(cpu_pooling.max_pool_gradient_launches)
def max_pool_gradient_launches(kernel, x, g, window, strides, padding, out):
    pooled = g if kernel is cpu_pooling.max_pool_gradient else out
    maxima, places = np.empty(pooled.shape, x.dtype), np.empty(pooled.shape, np.int64)
    found = places_launches(x, window, strides, padding, True, maxima, places)
    if kernel is cpu_pooling.max_pool_again:
        flat = places.reshape(-1), g.reshape(-1), out.reshape(-1)
        return [*found, over(out.size, pooling.gather_places, *flat)]
    geometry = cpu_pooling._geometry(window, strides, padding)
    volumes = map(cpu_pooling.as_volume, (places, g, out))
    places, g, out = volumes
    return [*found, pooling.launch(pooling.max_pool_gradient, places, g, *geometry, out)]


@twin(cpu_pooling.scatter_launches)
def scatter_places_launches(places, with_batch, dy, dx):
    rows = [a.reshape(len(a), math.prod(a.shape[1:])) for a in (places, dy)]
    step = np.uint32(0 if with_batch else dx.size // len(dx))
    add = over(dy.size, pooling.scatter_places, rows[0], step, rows[1], dx.reshape(-1), STATUS)
    return [copying.fill_launch(0, dx), add]


TWINS[cpu_convolution.conv2d_launches] = convolution.conv2d_launches
TWINS[cpu_convolution.conv2d_input_gradient_launches] = convolution.conv2d_input_gradient_launches
TWINS[cpu_convolution.conv2d_filter_gradient_launches] = convolution.conv2d_filter_gradient_launches


def _depthwise(kernel):
    def launches(first, second, strides, padding, dilations, out):
        return [depthwise.launch(kernel, first, second, strides, dilations, padding[0::2], out)]

    return launches


TWINS[cpu_depthwise.launches] = _depthwise(depthwise.depthwise_conv2d)
TWINS[cpu_depthwise.input_gradient_launches] = _depthwise(depthwise.depthwise_input_gradient)
TWINS[cpu_depthwise.filter_gradient_launches] = _depthwise(depthwise.depthwise_filter_gradient)


@kernel_twin(cpu_normalization.channel_moments)
def channel_moments(x, part, mean, variance):
    return normalization.over_channels(normalization.channel_moments, x, x, mean, variance)


@kernel_twin(cpu_normalization.normalize)
def normalize(x, mean, variance, scale, offset, epsilon, factor, out):
    return normalization.normalize_launch(x, mean, variance, scale, offset, epsilon, out)


@kernel_twin(cpu_normalization.running)
def running(old_mean, old_variance, mean, variance, rows, keep, new_mean, new_variance):
    return normalization.running_launch(
        old_mean, old_variance, mean, variance, rows, keep, new_mean, new_variance
    )


@kernel_twin(cpu_normalization.normalize_gradient)
def normalize_gradient(dy, x, scale, mean, variance, epsilon, training, parts, factor, dx, dscale, doffset):
    arguments = dy, x, scale, mean, variance, epsilon, np.int32(training), dx, dscale, doffset
    return normalization.over_channels(normalization.normalize_gradient, x, *arguments)


# -- random numbers ------------------------------------------------------------------------------------------------


_NUMBERS = {
    cpu_random.uniform: "uniform",
    cpu_random.full_int: "full_int",
    cpu_random.standard_normal: "standard_normal",
    cpu_random.truncated_normal: "truncated_normal",
}


@twin(cpu_random.launches)
def random_launches(kernel, state, *arguments):
    if kernel not in _NUMBERS:
        return cpu_random.launches(kernel, state, *arguments)
    (out,) = arguments
    made = random.launch(_NUMBERS[kernel], *(Late(state, position) for position in range(3)), out)
    made.advances = state, cpu_random.RESERVED * out.size
    return [made]
