"""How much two pictures differ (psnr, ssim), and how much one varies (total variation, edges)."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.ops.array import identity, reshape, shape_of, zeros
from minitf.ops.colors import convert_image_dtype
from minitf.ops.constant import constant, convert_to_tensor


def total_variation(images, name=None):
    """tf.image.total_variation: the sum of the absolute differences of neighbouring pixels.

    (height, width, channels) -> a number; (batch, ...) -> a number per picture.
    """
    from minitf.ops.arithmetic import abs
    from minitf.ops.reductions import reduce_sum

    with name_scope(name, "total_variation"):
        images = convert_to_tensor(images)
        ndims = images.shape.ndims
        if ndims not in (3, 4):
            raise ValueError("'images' must be either 3 or 4-dimensional.")
        if ndims == 3:
            down, across, axes = images[1:, :, :] - images[:-1, :, :], images[:, 1:, :] - images[:, :-1, :], None
        else:
            down, across = images[:, 1:, :, :] - images[:, :-1, :, :], images[:, :, 1:, :] - images[:, :, :-1, :]
            axes = [1, 2, 3]
        return reduce_sum(abs(down), axis=axes) + reduce_sum(abs(across), axis=axes)


def psnr(a, b, max_val, name=None):
    """tf.image.psnr: the peak signal-to-noise ratio in decibels, 20 log10(max_val) - 10 log10(mean squared error)."""
    from minitf.ops.arithmetic import squared_difference, subtract
    from minitf.ops.casting import cast
    from minitf.ops.exponentials import log
    from minitf.ops.reductions import reduce_mean

    with name_scope(name, "PSNR", [a, b]):
        a, b = convert_to_tensor(a), convert_to_tensor(b)
        a.shape.assert_is_compatible_with(b.shape)
        top = convert_image_dtype(cast(max_val, a.dtype), dtypes.float32)
        a, b = convert_image_dtype(a, dtypes.float32), convert_image_dtype(b, dtypes.float32)
        error = reduce_mean(squared_difference(a, b), [-3, -2, -1])
        return identity(subtract(20 * log(top) / log(10.0), np.float32(10 / np.log(10)) * log(error), name="psnr"))


def _gaussian(size, sigma):
    """A Gaussian window (size, size, 1, 1) that sums to 1."""
    x = np.arange(size, dtype=np.float32) - (size - 1) / 2
    g = np.exp(-(x**2) / (2 * sigma**2))
    window = np.outer(g, g)
    return (window / window.sum()).astype(np.float32)[..., None, None]


def _ssim_per_channel(a, b, top, filter_size, filter_sigma, k1, k2):
    """(ssim, contrast and structure only), each (..., channels); Wang and others, *Image quality assessment* (2004)."""
    from minitf.ops.arithmetic import square
    from minitf.ops.depthwise import depthwise_conv2d
    from minitf.ops.joining import concat
    from minitf.ops.reductions import reduce_mean
    from minitf.ops.tiling import tile

    channels = a.shape.sizes[-1]
    kernel = tile(constant(_gaussian(filter_size, filter_sigma)), [1, 1, channels, 1])

    def blur(x):
        flat = reshape(x, concat([[-1], shape_of(x)[-3:]], 0))
        y = depthwise_conv2d(flat, kernel, strides=[1, 1, 1, 1], padding="VALID")
        return reshape(y, concat([shape_of(x)[:-3], shape_of(y)[1:]], 0))

    c1, c2 = (k1 * top) ** 2, (k2 * top) ** 2
    mean_a, mean_b = blur(a), blur(b)
    product, squares = mean_a * mean_b * 2.0, square(mean_a) + square(mean_b)
    luminance = (product + c1) / (squares + c1)
    structure = (blur(a * b) * 2.0 - product + c2) / (blur(square(a) + square(b)) - squares + c2)
    return reduce_mean(luminance * structure, [-3, -2]), reduce_mean(structure, [-3, -2])


def ssim(img1, img2, max_val, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03):
    """tf.image.ssim: the structural similarity of pictures, 1 for equal ones.

    (..., height, width, channels) -> (...).  Raises ValueError where a side is below `filter_size`.
    """
    from minitf.ops.casting import cast
    from minitf.ops.reductions import reduce_mean

    with name_scope(None, "SSIM", [img1, img2]):
        a, b = convert_to_tensor(img1, name="img1"), convert_to_tensor(img2, name="img2")
        a.shape.assert_is_compatible_with(b.shape)
        if any(n is not None and n < filter_size for n in a.shape.sizes[-3:-1]):
            raise ValueError(f"pictures of shape {a.shape} are smaller than the filter, {filter_size}")
        top = convert_image_dtype(cast(max_val, a.dtype), dtypes.float32)
        a, b = convert_image_dtype(a, dtypes.float32), convert_image_dtype(b, dtypes.float32)
        return reduce_mean(_ssim_per_channel(a, b, top, filter_size, filter_sigma, k1, k2)[0], [-1])


_POWERS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def ssim_multiscale(img1, img2, max_val, power_factors=_POWERS, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03):
    """tf.image.ssim_multiscale: the product of the similarities at ever halved sizes (Wang and others, 2003)."""
    from minitf.ops.casting import cast
    from minitf.ops.joining import stack
    from minitf.ops.pooling import avg_pool
    from minitf.ops.powers import pow
    from minitf.ops.rectifiers import relu
    from minitf.ops.reductions import reduce_mean, reduce_prod

    with name_scope(None, "MS-SSIM", [img1, img2]):
        a, b = convert_to_tensor(img1, name="img1"), convert_to_tensor(img2, name="img2")
        top = convert_image_dtype(cast(max_val, a.dtype), dtypes.float32)
        a, b = convert_image_dtype(a, dtypes.float32), convert_image_dtype(b, dtypes.float32)
        found = []
        for k in range(len(power_factors)):
            if k > 0:
                a, b = (avg_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID") for x in (a, b))
            whole, structure = _ssim_per_channel(a, b, top, filter_size, filter_sigma, k1, k2)
            found.append(relu(structure))
        found[-1] = relu(whole)
        return reduce_mean(reduce_prod(pow(stack(found, axis=-1), list(power_factors)), [-1]), [-1])


def sobel_edges(image):
    """tf.image.sobel_edges: (batch, h, w, d) -> (batch, h, w, d, 2): differences downwards and to the right."""
    from minitf.ops.depthwise import depthwise_conv2d
    from minitf.ops.joining import concat
    from minitf.ops.padding import pad
    from minitf.ops.tiling import tile

    image = convert_to_tensor(image)
    sizes, static = shape_of(image), image.shape
    down = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], np.float32)
    kernels = constant(np.stack([down, down.T], -1)[:, :, None, :], dtypes.float32)
    kernels = tile(kernels, [1, 1, sizes[-1], 1], name="sobel_filters")
    padded = pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT")
    edges = reshape(depthwise_conv2d(padded, kernels, [1, 1, 1, 1], "VALID"), concat([sizes, [2]], 0))
    edges.set_shape(static.concatenate([2]))
    return edges


def image_gradients(image):
    """tf.image.image_gradients: (dy, dx), differences of neighbouring pixels; the last row or column is 0."""
    from minitf.ops.joining import concat, stack, unstack

    image = convert_to_tensor(image)
    if image.shape.ndims != 4:
        raise ValueError(f"image_gradients expects a 4D tensor [batch_size, h, w, d], not {image.shape}.")
    batch, height, width, depth = unstack(shape_of(image))
    dy, dx = image[:, 1:, :, :] - image[:, :-1, :, :], image[:, :, 1:, :] - image[:, :, :-1, :]
    dy = concat([dy, zeros(stack([batch, 1, width, depth]), image.dtype)], 1)
    dx = concat([dx, zeros(stack([batch, height, 1, depth]), image.dtype)], 2)
    whole = shape_of(image)
    return reshape(dy, whole), reshape(dx, whole)
