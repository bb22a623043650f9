"""Pictures recoloured: brightness, contrast, hue, saturation, grey; colour spaces; number formats."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.ops.array import expand_dims, identity, rank, shape_of
from minitf.ops.casting import cast
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import Argument, array, example, normal
from minitf.ops.images import checked_image
from minitf.ops.op import Op


def unit_pixels(*shape):
    return Argument(shape, lambda g: g.uniform(0.05, 0.95, shape))


def convert_image_dtype(image, dtype, saturate=False, name=None):
    """tf.image.convert_image_dtype: the same colours in another number format.

    Floats run from 0 to 1, whole numbers from 0 to their maximum.  `saturate` holds values in range.
    """
    from minitf.ops.clipping import clip_by_value

    image = convert_to_tensor(image, name="image")
    dtype = dtypes.as_dtype(dtype).base_dtype
    if dtype is image.dtype.base_dtype:
        return identity(image, name=name)
    with name_scope(name, "convert_image", [image]) as scope:
        old = image.dtype.base_dtype
        if old.is_integer and dtype.is_integer:
            return _between_integers(image, dtype, saturate, scope)
        if old.is_floating and dtype.is_floating:
            return cast(image, dtype, name=scope)
        if old.is_integer:
            return _multiplied(cast(image, dtype), 1.0 / old.max, scope)
        scaled = image * (dtype.max + 0.5)
        if saturate:
            scaled = clip_by_value(scaled, float(dtype.min), float(dtype.max), name="clamp")
        return cast(scaled, dtype, name=scope)


def _multiplied(x, factor, scope):
    from minitf.ops.arithmetic import multiply

    return multiply(x, convert_to_tensor(factor, x.dtype, name="y"), name=scope)


def _between_integers(image, dtype, saturate, scope):
    from minitf.ops.casting import saturate_cast

    old, change = image.dtype.base_dtype, saturate_cast if saturate else cast
    if old.max > dtype.max:
        return change(image // ((old.max + 1) // (dtype.max + 1)), dtype, name=scope)
    factor = (dtype.max + 1) // (old.max + 1)
    return change(image, dtype) * factor


def _in_floats(image, change, default_name):
    """`change(image, scope)` on a float picture; other formats are converted before and back after."""
    with name_scope(None, default_name, [image]) as scope:
        image = convert_to_tensor(image, name="image")
        original = image.dtype.base_dtype
        floats = image if original.is_floating else convert_image_dtype(image, dtypes.float32)
        return convert_image_dtype(change(floats, scope), original, saturate=True)


def adjust_brightness(image, delta):
    """tf.image.adjust_brightness: `delta` (of a range from 0 to 1) added to every value."""
    from minitf.ops.arithmetic import add

    return _in_floats(image, lambda x, scope: add(x, cast(delta, x.dtype), name=scope), "adjust_brightness")


class AdjustContrastv2(Op):
    """(x - mean) * contrast_factor + mean, with the mean of every channel of every picture."""

    inputs = {"images": "T", "contrast_factor": "float32"}
    types = {"T": ("float16", "float32")}
    examples = [example(normal(2, 3, 4, 3), array(np.float32(1.5)), dtypes=("float32",))]

    def infer(op, images, contrast_factor):
        return [(images.shape.with_rank_at_least(3), images.dtype)]

    def numpy(op, images, contrast_factor):
        x = images.astype(np.float32)
        mean = x.mean((-3, -2), keepdims=True, dtype=np.float64).astype(np.float32)
        return (x - mean) * contrast_factor + mean

    gradient = None


def adjust_contrast(images, contrast_factor):
    """tf.image.adjust_contrast: distances from the mean of a channel times `contrast_factor`."""

    def change(x, scope):
        return AdjustContrastv2.apply(x, contrast_factor, name=scope)

    return _in_floats(images, change, "adjust_contrast")


def adjust_gamma(image, gamma=1, gain=1):
    """tf.image.adjust_gamma: gain * image ** gamma.  Raises ValueError for a negative gamma."""
    if not hasattr(gamma, "op") and gamma < 0:
        raise ValueError("Gamma should be a non-negative real number.")
    return _in_floats(image, lambda x, scope: gain * x**gamma, "adjust_gamma")


# -- hue and saturation ---------------------------------------------------------------------------------------


def _map_colors(images, function):
    """`function` on arrays of red, green, blue (float32, channel last)."""
    channels = function(*np.moveaxis(images.astype(np.float32), -1, 0))
    return np.stack(channels, -1)


def rgb_to_hsv_arrays(r, g, b):
    """Hue, saturation and value in [0, 1] (Smith, *Color gamut transform pairs*, 1978)."""
    high, low = np.maximum(np.maximum(r, g), b), np.minimum(np.minimum(r, g), b)
    spread = high - low
    safe = np.where(spread > 0, spread, 1)
    hue = np.where(high == r, (g - b) / safe, np.where(high == g, (b - r) / safe + 2, (r - g) / safe + 4)) / 6
    hue = np.where(spread > 0, hue, 0)
    return np.where(hue < 0, hue + 1, hue), np.where(high > 0, spread / np.where(high > 0, high, 1), 0), high


def hsv_to_rgb_arrays(h, s, v):
    """The reverse of `rgb_to_hsv_arrays`."""
    sector = h * 6
    red = np.clip(np.abs(sector - 3) - 1, 0, 1)
    green = np.clip(2 - np.abs(sector - 2), 0, 1)
    blue = np.clip(2 - np.abs(sector - 4), 0, 1)
    return [((1 - s) + s * c) * v for c in (red, green, blue)]


class RGBToHSV(Op):
    """Red, green, blue in the last axis become hue, saturation, value."""

    inputs = {"images": "T"}
    types = {"T": ("float16", "bfloat16", "float32", "float64")}
    examples = [example(unit_pixels(3, 4, 3), gradient=False)]

    def infer(op, images):
        return [(_three_channels(images), images.dtype)]

    def numpy(op, images):
        return np.stack(rgb_to_hsv_arrays(*np.moveaxis(images, -1, 0)), -1)

    gradient = None


class HSVToRGB(RGBToHSV):
    """Hue, saturation, value in the last axis become red, green, blue."""

    def numpy(op, images):
        return np.stack(hsv_to_rgb_arrays(*np.moveaxis(images, -1, 0)), -1)

    gradient = None


def _three_channels(images):
    shape = images.shape.with_rank_at_least(1)
    if shape.ndims is not None and shape.sizes[-1] not in (None, 3):
        raise ValueError(f"Dimension must be 3 but is {shape.sizes[-1]}: the channels")
    return shape


class AdjustHue(Op):
    """The hue of every pixel turned by `delta` (1 is once around)."""

    inputs = {"images": "T", "delta": "float32"}
    types = {"T": ("float16", "float32")}
    examples = [example(unit_pixels(3, 4, 3), array(np.float32(0.3)), gradient=False, dtypes=("float32",))]

    def infer(op, images, delta):
        return [(images.shape.with_rank_at_least(3), images.dtype)]

    def numpy(op, images, delta):
        def turned(r, g, b):
            h, s, v = rgb_to_hsv_arrays(r, g, b)
            return hsv_to_rgb_arrays((h + delta) % 1, s, v)

        return _map_colors(images, turned)

    gradient = None


class AdjustSaturation(Op):
    """The saturation of every pixel times `scale`, at most 1."""

    inputs = {"images": "T", "scale": "float32"}
    types = {"T": ("float16", "float32")}
    examples = [example(unit_pixels(3, 4, 3), array(np.float32(0.5)), gradient=False, dtypes=("float32",))]

    def infer(op, images, scale):
        return [(images.shape.with_rank_at_least(3), images.dtype)]

    def numpy(op, images, scale):
        def changed(r, g, b):
            h, s, v = rgb_to_hsv_arrays(r, g, b)
            return hsv_to_rgb_arrays(h, np.clip(s * scale, 0, 1), v)

        return _map_colors(images, changed)

    gradient = None


def rgb_to_hsv(images, name=None):
    """tf.image.rgb_to_hsv: colours in [0, 1] as hue, saturation, value."""
    return RGBToHSV.apply(images, name=name)


def hsv_to_rgb(images, name=None):
    """tf.image.hsv_to_rgb: the reverse of `rgb_to_hsv`."""
    return HSVToRGB.apply(images, name=name)


def adjust_hue(image, delta, name=None):
    """tf.image.adjust_hue: every hue turned by `delta`, between -1 and 1."""
    return _in_floats(image, lambda x, scope: AdjustHue.apply(x, delta), name or "adjust_hue")


def adjust_saturation(image, saturation_factor, name=None):
    """tf.image.adjust_saturation: every saturation times `saturation_factor`."""
    return _in_floats(image, lambda x, scope: AdjustSaturation.apply(x, saturation_factor), name or "adjust_saturation")


# -- by chance ---------------------------------------------------------------------------------------------------


def _drawn(lower, upper, seed):
    from minitf.ops.random import random_uniform

    if not hasattr(lower, "op") and not hasattr(upper, "op") and upper <= lower:
        raise ValueError("upper must be > lower.")
    return random_uniform([], lower, upper, seed=seed)


def random_brightness(image, max_delta, seed=None):
    """tf.image.random_brightness: a brightness between -max_delta and max_delta added."""
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_brightness(image, _drawn(-max_delta, max_delta, seed))


def random_contrast(image, lower, upper, seed=None):
    """tf.image.random_contrast: a contrast factor between `lower` and `upper`."""
    if upper <= lower or lower < 0:
        raise ValueError("upper must be > lower, and lower must be non-negative.")
    return adjust_contrast(image, _drawn(lower, upper, seed))


def random_hue(image, max_delta, seed=None):
    """tf.image.random_hue: hues turned by up to `max_delta`, at most 0.5."""
    if not 0 <= max_delta <= 0.5:
        raise ValueError("max_delta must be between 0 and 0.5.")
    return adjust_hue(image, _drawn(-max_delta, max_delta, seed))


def random_saturation(image, lower, upper, seed=None):
    """tf.image.random_saturation: a saturation factor between `lower` and `upper`."""
    if upper <= lower or lower < 0:
        raise ValueError("upper must be > lower, and lower must be non-negative.")
    return adjust_saturation(image, _drawn(lower, upper, seed))


# -- grey, and television's colours ---------------------------------------------------------------------------

_GREY = [0.2989, 0.5870, 0.1140]
_YIQ = [[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]]
_YUV = [[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]]
_FROM_YIQ = [[1, 1, 1], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]]
_FROM_YUV = [[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]]


def rgb_to_grayscale(images, name=None):
    """tf.image.rgb_to_grayscale: one channel, by the eye's weights for red, green and blue."""
    from minitf.ops.contraction import tensordot

    with name_scope(name, "rgb_to_grayscale", [images]) as scope:
        images = convert_to_tensor(images, name="images")
        original = images.dtype.base_dtype
        floats = convert_image_dtype(images, dtypes.float32)
        grey = expand_dims(tensordot(floats, _GREY, [-1, -1]), -1)
        return convert_image_dtype(grey, original, name=scope)


def grayscale_to_rgb(images, name=None):
    """tf.image.grayscale_to_rgb: the one channel three times.  Raises ValueError for more than one."""
    from minitf.ops.array import ones
    from minitf.ops.joining import concat
    from minitf.ops.tiling import tile

    with name_scope(name, "grayscale_to_rgb", [images]) as scope:
        images = convert_to_tensor(images, name="images")
        if images.shape.ndims is not None and (images.shape.ndims == 0 or images.shape.sizes[-1] not in (1, None)):
            raise ValueError("Last dimension of a grayscale image should be size 1.")
        images = identity(images, name="control_dependency")
        before = ones(expand_dims(rank(images) - 1, 0), dtype=dtypes.int32)
        result = tile(images, concat([before, expand_dims(3, 0)], 0), name=scope)
        result.set_shape(images.shape[:-1].concatenate([3]))
        return result


def _linear_colors(kernel, tf_name):
    def convert(images):
        from minitf.ops.contraction import tensordot

        images = convert_to_tensor(images, name="images")
        matrix = convert_to_tensor(np.array(kernel), dtype=images.dtype, name="kernel")
        return tensordot(images, matrix, axes=[[images.shape.ndims - 1], [0]])

    convert.__name__ = convert.__qualname__ = tf_name
    convert.__doc__ = f"tf.image.{tf_name}: the colours of the last axis times a fixed 3 x 3 matrix."
    return convert


rgb_to_yiq = _linear_colors(_YIQ, "rgb_to_yiq")
yiq_to_rgb = _linear_colors(_FROM_YIQ, "yiq_to_rgb")
rgb_to_yuv = _linear_colors(_YUV, "rgb_to_yuv")
yuv_to_rgb = _linear_colors(_FROM_YUV, "yuv_to_rgb")


def per_image_standardization(image):
    """tf.image.per_image_standardization: mean 0 and variance 1; the deviation counts as 1/sqrt(pixels) at least."""
    from minitf.ops.arithmetic import maximum
    from minitf.ops.powers import rsqrt, sqrt
    from minitf.ops.reductions import reduce_mean, reduce_prod

    with name_scope(None, "per_image_standardization", [image]) as scope:
        image = checked_image(image)
        pixels = reduce_prod(shape_of(image)[-3:])
        image = cast(image, dtypes.float32)
        mean = reduce_mean(image, [-1, -2, -3], keepdims=True)
        centred = image - mean
        deviation = sqrt(reduce_mean(centred * centred, [-1, -2, -3], keepdims=True))
        from minitf.ops.division import truediv

        return truediv(centred, maximum(deviation, rsqrt(cast(pixels, dtypes.float32))), name=scope)
