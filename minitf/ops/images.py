"""Pictures turned, flipped, cropped, padded, resized.

A picture is (height, width, channels), a batch (batch, height, width, channels); functions take both.
"""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import Dimension
from minitf.ops.array import expand_dims, identity, shape_of, squeeze
from minitf.ops.constant import convert_to_tensor
from minitf.ops.op import constant_value
from minitf.ops.resizing import resize_area, resize_bicubic, resize_bilinear, resize_nearest_neighbor
from minitf.ops.reversing import reverse
from minitf.ops.transposing import transpose


def checked_image(image, batch=True):
    """`image` as a tensor that has 3 axes, or 4 where a `batch` is allowed.  Raises ValueError otherwise."""
    image = convert_to_tensor(image, name="image")
    ndims = image.shape.ndims
    if ndims is None:
        return image
    if ndims != 3 and not (batch and ndims == 4):
        raise ValueError(f"'image' (shape {image.shape}) must be {'at least ' if batch else ''}three-dimensional.")
    if 0 in image.shape.sizes[-3:]:
        raise ValueError(f"all dims of 'image.shape' must be > 0: {image.shape}")
    return identity(image, name="control_dependency")


def _flip(image, axis, default_name):
    with name_scope(None, default_name, [image]):
        image = checked_image(image)
        return reverse(image, [axis if image.shape.ndims != 4 else axis + 1])


def flip_left_right(image):
    """tf.image.flip_left_right: columns in opposite order."""
    return _flip(image, 1, "flip_left_right")


def flip_up_down(image):
    """tf.image.flip_up_down: rows in opposite order."""
    return _flip(image, 0, "flip_up_down")


def _random_flip(image, axis, seed, default_name):
    from minitf.ops.casting import cast
    from minitf.ops.comparison import less
    from minitf.ops.control_flow import cond
    from minitf.ops.random import random_uniform
    from minitf.ops.rounding import round

    with name_scope(None, default_name, [image]) as scope:
        image = checked_image(image)
        if image.shape.ndims != 4:
            turn = less(random_uniform([], 0, 1.0, seed=seed), 0.5)
            result = cond(turn, lambda: reverse(image, [axis]), lambda: image, name=scope)
            result.set_shape(image.shape)
            return result
        from minitf.ops.array import reshape

        draws = random_uniform([shape_of(image)[0]], 0, 1.0, seed=seed, dtype=dtypes.float32)
        turns = cast(round(reshape(draws, [-1, 1, 1, 1])), image.dtype)
        return turns * reverse(image, [axis + 1]) + (1 - turns) * image


def random_flip_left_right(image, seed=None):
    """tf.image.random_flip_left_right: flipped with probability 1/2, each picture of a batch by itself."""
    return _random_flip(image, 1, seed, "random_flip_left_right")


def random_flip_up_down(image, seed=None):
    """tf.image.random_flip_up_down: the same, up and down."""
    return _random_flip(image, 0, seed, "random_flip_up_down")


def transpose_image(image, name=None):
    """tf.image.transpose: rows and columns exchanged."""
    with name_scope(name, "transpose", [image]):
        image = checked_image(image)
        return transpose(image, [1, 0, 2] if image.shape.ndims == 3 else [0, 2, 1, 3])


def rot90(image, k=1, name=None):
    """tf.image.rot90: turned counter-clockwise by k times 90 degrees."""
    from minitf.ops.comparison import equal
    from minitf.ops.control_flow import case

    with name_scope(name, "rot90", [image, k]) as scope:
        image = checked_image(image)
        k = convert_to_tensor(k, dtype=dtypes.int32, name="k") % 4
        first = 0 if image.shape.ndims == 3 else 1
        order = [1, 0, 2] if first == 0 else [0, 2, 1, 3]
        turns = [
            (equal(k, 1), lambda: transpose(reverse(image, [first + 1]), order)),
            (equal(k, 2), lambda: reverse(image, [first, first + 1])),
            (equal(k, 3), lambda: reverse(transpose(image, order), [first + 1])),
        ]
        result = case(turns, default=lambda: image, exclusive=True, name=scope)
        sizes = list(image.shape.sizes)
        result.set_shape([None if d in (first, first + 1) else n for d, n in enumerate(sizes)])
        return result


# -- cut out and put in ----------------------------------------------------------------------------------------


def _size_of(image):
    """(height, width) of a batch: numbers where known, else tensors."""
    sizes = image.shape.sizes
    return [sizes[d] if sizes[d] is not None else shape_of(image)[d] for d in (1, 2)]


def _number(value):
    return value.value if isinstance(value, Dimension) else value


def _require(holds, message):
    """Raise ValueError where a condition on numbers fails; conditions on tensors are left to the run."""
    if isinstance(holds, (bool, np.bool_)) and not holds:
        raise ValueError(message)


def _as_batch(image):
    image = convert_to_tensor(image, name="image")
    if image.shape.ndims not in (3, 4):
        raise ValueError(f"'image' (shape {image.shape}) must have either 3 or 4 dimensions.")
    single = image.shape.ndims == 3
    return checked_image(expand_dims(image, 0) if single else image), single


def crop_to_bounding_box(image, offset_height, offset_width, target_height, target_width):
    """tf.image.crop_to_bounding_box: target_height x target_width pixels from the given corner on.

    Raises ValueError where they do not lie in the picture.
    """
    from minitf.ops.joining import stack
    from minitf.ops.slicing import slice

    with name_scope(None, "crop_to_bounding_box", [image]):
        image, single = _as_batch(image)
        height, width = _size_of(image)
        _require(offset_width >= 0, "offset_width must be >= 0.")
        _require(offset_height >= 0, "offset_height must be >= 0.")
        _require(target_width > 0, "target_width must be > 0.")
        _require(target_height > 0, "target_height must be > 0.")
        _require(width >= target_width + offset_width, "width must be >= target + offset.")
        _require(height >= target_height + offset_height, "height must be >= target + offset.")
        begin = stack([0, offset_height, offset_width, 0])
        size = stack([shape_of(image)[0], target_height, target_width, shape_of(image)[3]])
        result = slice(image, begin, size)
        result.set_shape([image.shape.sizes[0], _known(target_height), _known(target_width), image.shape.sizes[3]])
        return squeeze(result, axis=[0]) if single else result


def _known(value):
    value = _number(value)
    found = value if isinstance(value, (int, np.integer)) else constant_value(convert_to_tensor(value))
    return None if found is None else int(found)


def pad_to_bounding_box(image, offset_height, offset_width, target_height, target_width):
    """tf.image.pad_to_bounding_box: zeros around the picture, which begins at the given corner.

    Raises ValueError where the picture does not fit.
    """
    from minitf.ops.array import reshape
    from minitf.ops.joining import stack
    from minitf.ops.padding import pad

    with name_scope(None, "pad_to_bounding_box", [image]):
        image, single = _as_batch(image)
        height, width = _size_of(image)
        after_width = target_width - offset_width - width
        after_height = target_height - offset_height - height
        _require(offset_height >= 0, "offset_height must be >= 0")
        _require(offset_width >= 0, "offset_width must be >= 0")
        _require(after_width >= 0, "width must be <= target - offset")
        _require(after_height >= 0, "height must be <= target - offset")
        borders = stack([0, 0, offset_height, after_height, offset_width, after_width, 0, 0])
        result = pad(image, reshape(borders, [4, 2]))
        result.set_shape([image.shape.sizes[0], _known(target_height), _known(target_width), image.shape.sizes[3]])
        return squeeze(result, axis=[0]) if single else result


def resize_image_with_crop_or_pad(image, target_height, target_width):
    """tf.image.resize_image_with_crop_or_pad: cropped or padded around the middle to the wanted size."""
    with name_scope(None, "resize_image_with_crop_or_pad", [image]):
        image, single = _as_batch(image)
        _require(target_width > 0, "target_width must be > 0.")
        _require(target_height > 0, "target_height must be > 0.")
        height, width = _size_of(image)
        extra_width, extra_height = target_width - width, target_height - height
        cut = crop_to_bounding_box(image, _at_least_zero(-extra_height // 2), _at_least_zero(-extra_width // 2),
                                   _smaller(target_height, height), _smaller(target_width, width))  # fmt: skip
        result = pad_to_bounding_box(cut, _at_least_zero(extra_height // 2), _at_least_zero(extra_width // 2),
                                     target_height, target_width)  # fmt: skip
        return squeeze(result, axis=[0]) if single else result


def _smaller(x, y):
    from minitf.ops.arithmetic import minimum

    return min(x, y) if isinstance(x, int) and isinstance(y, int) else minimum(x, y)


def _at_least_zero(x):
    from minitf.ops.arithmetic import maximum

    return max(x, 0) if isinstance(x, int) else maximum(x, 0)


def central_crop(image, central_fraction):
    """tf.image.central_crop: the middle of the picture; its sides are `central_fraction` of the whole's.

    Raises ValueError where the fraction is not in (0, 1].
    """
    from minitf.ops.casting import cast
    from minitf.ops.slicing import slice

    if not 0.0 < central_fraction <= 1.0:
        raise ValueError("central_fraction must be within (0, 1]")
    with name_scope(None, "central_crop", [image]):
        image = convert_to_tensor(image, name="image")
        if central_fraction == 1.0:
            return image
        checked_image(image)
        first = image.shape.ndims - 3
        begin, size = [0] * image.shape.ndims, [-1] * image.shape.ndims
        for d in (first, first + 1):
            whole = image.shape.sizes[d]
            if whole is None:
                whole = shape_of(image)[d]
                wide = cast(whole, dtypes.float64)
                begin[d] = cast((wide - wide * central_fraction) / 2, dtypes.int32)
            else:
                begin[d] = int((whole - whole * central_fraction) / 2)
            size[d] = whole - begin[d] * 2
        return slice(image, begin, size)


# -- sizes -----------------------------------------------------------------------------------------------------


class ResizeMethod:
    """How `resize_images` finds new pixels."""

    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


_METHODS = {0: resize_bilinear, 1: resize_nearest_neighbor, 2: resize_bicubic, 3: resize_area}
_NAMES = {"bilinear": 0, "nearest": 1, "bicubic": 2, "area": 3}


def resize_images(images, size, method=ResizeMethod.BILINEAR, align_corners=False, preserve_aspect_ratio=False,
                  name=None):  # fmt: skip
    """tf.image.resize_images: a picture or a batch in size (new_height, new_width).

    float32 comes out, except where the size stays or the method is NEAREST_NEIGHBOR.  With
    `preserve_aspect_ratio`, the largest size of the old shape that fits.
    Raises ValueError for a wrong rank, size or method.
    """
    method = _NAMES.get(method, method)
    with name_scope(name, "resize", [images, size]):
        images = convert_to_tensor(images, name="images")
        if images.shape.ndims not in (3, 4):
            raise ValueError("'images' must have either 3 or 4 dimensions.")
        single = images.shape.ndims == 3
        batch = expand_dims(images, 0) if single else images
        size = convert_to_tensor(size, dtypes.int32, name="size")
        if not size.shape.is_compatible_with([2]):
            raise ValueError("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
        if preserve_aspect_ratio:
            size = _size_of_same_ratio(batch, size)
        wanted = constant_value(size)
        if wanted is not None and tuple(wanted) == tuple(batch.shape.sizes[1:3]):
            return squeeze(batch, axis=[0]) if single else images
        if method not in _METHODS:
            raise ValueError("Resize method is not implemented.")
        result = _METHODS[method](batch, size, align_corners=align_corners)
        return squeeze(result, axis=[0]) if single else result


def _size_of_same_ratio(batch, size):
    from minitf.ops.arithmetic import minimum
    from minitf.ops.casting import cast
    from minitf.ops.joining import stack
    from minitf.ops.rounding import round

    height, width = _size_of(batch)
    wanted = constant_value(size)
    if wanted is not None and isinstance(height, int) and isinstance(width, int):
        ratio = min(np.float32(wanted[0]) / np.float32(height), np.float32(wanted[1]) / np.float32(width))
        return convert_to_tensor(np.rint([ratio * height, ratio * width]).astype(np.int32), name="size")
    height, width = cast(height, dtypes.float32), cast(width, dtypes.float32)
    ratio = minimum(cast(size[0], dtypes.float32) / height, cast(size[1], dtypes.float32) / width)
    return stack([cast(round(ratio * height), dtypes.int32), cast(round(ratio * width), dtypes.int32)])


def resize_image_with_pad(image, target_height, target_width, method=ResizeMethod.BILINEAR, align_corners=False):
    """tf.image.resize_image_with_pad: resized without change of shape, and padded with zeros around the middle."""
    with name_scope(None, "resize_image_with_pad", [image]):
        image, single = _as_batch(image)
        height, width = _size_of(image)
        ratio = max(width / target_width, height / target_height)
        new = height / ratio, width / ratio
        small = resize_images(image, [int(n) for n in new], method, align_corners)
        before = [max(0, int((t - n) // 2)) for t, n in zip((target_height, target_width), new, strict=True)]
        result = pad_to_bounding_box(small, *before, target_height, target_width)
        return squeeze(result, axis=[0]) if single else result
