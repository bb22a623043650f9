"""A random part of a picture that still shows enough of an object: how training pictures are varied."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.examples import array, example
from minitf.ops.op import Op
from minitf.ops.random import RandomUniform
from minitf.ops.random_words import RandomWords, advanced

_BOXES = np.array([[[0.1, 0.2, 0.7, 0.9]]], np.float32)


class SampleDistortedBoundingBoxV2(Op):
    """Where to begin, how large, and the same as a box: of random parts, the first that shows enough of a box.

    A part has a random width to height in `aspect_ratio_range` and an area in `area_range` (of the picture's); after
    `max_attempts` in vain it is the whole picture.
    """

    inputs = {"image_size": "T", "bounding_boxes": "float32", "min_object_covered": "float32"}
    types = {"T": ("uint8", "int8", "int16", "int32", "int64")}
    attrs = {"seed": 0, "seed2": 0, "aspect_ratio_range": [0.75, 1.33], "area_range": [0.05, 1.0],
             "max_attempts": 100, "use_image_if_no_bounding_boxes": False}  # fmt: skip
    stateful = True
    state = RandomUniform.state
    gradient = None
    examples = [example(array([40, 50, 3]), array(_BOXES), array(0.3, np.float32), seed=1, seed2=2)]

    def infer(op, image_size, bounding_boxes, min_object_covered):
        image_size.shape.merge_with([3])
        bounding_boxes.shape.merge_with([None, None, 4])
        return [(TensorShape([3]), image_size.dtype)] * 2 + [(TensorShape([1, 1, 4]), dtypes.float32)]

    def numpy(op, state, image_size, bounding_boxes, min_object_covered):
        height, width = int(image_size[0]), int(image_size[1])
        objects = _objects(op, bounding_boxes, height, width)
        words = RandomWords(state)
        state[:] = advanced(state, op.attrs["max_attempts"])
        y, x, rows, columns = _part(op.attrs, words, height, width, objects, min_object_covered)
        box = np.float32([y / height, x / width, (y + rows) / height, (x + columns) / width])
        begin, size = np.array([y, x, 0]), np.array([rows, columns, -1])
        return begin.astype(image_size.dtype), size.astype(image_size.dtype), box.reshape(1, 1, 4)


def _objects(op, boxes, height, width):
    """[(top, left, bottom, right)] in pixels.  Raises ValueError for boxes outside of the picture, and for none."""
    boxes = boxes.reshape(-1, 4)
    if not len(boxes):
        if not op.attrs["use_image_if_no_bounding_boxes"]:
            raise ValueError("No bounding boxes provided as input. One must enable use_image_if_no_bounding_boxes "
                             "if you wish to not provide any bounding boxes.")  # fmt: skip
        return [(0, 0, height, width)]
    if not ((boxes >= 0) & (boxes <= 1)).all():
        raise ValueError("All bounding box coordinates must be in [0.0, 1.0]")
    sides = np.float32([height, width, height, width])
    return [tuple(int(v) for v in box * sides) for box in boxes]


def _part(attrs, words, height, width, objects, least):
    narrow, wide = np.float32(attrs["aspect_ratio_range"])
    for _ in range(attrs["max_attempts"]):
        aspect = words.unit32() * (wide - narrow) + narrow
        found = _random_part(words, height, width, np.float32(attrs["area_range"]), aspect)
        if found is not None and _shows(found, objects, least):
            return found
    return 0, 0, height, width


def _random_part(words, height, width, areas, aspect):
    """(top, left, rows, columns) of a random part with this width to height; None where it does not fit."""
    smallest, largest = areas * np.float32(width) * np.float32(height)
    rows, most = (_rounded(np.sqrt(area / aspect)) for area in (smallest, largest))
    if _rounded(most * aspect) > width:
        most = int((width + 0.5 - 1e-7) / aspect)
        most -= _rounded(most * aspect) > width
    most = min(most, height)
    rows = min(rows, most)
    if rows < most:
        rows += words.below(most - rows + 1)
    columns = _rounded(rows * aspect)
    if columns * rows < smallest:  # rounded down too far
        rows += 1
        columns = _rounded(rows * aspect)
    if columns * rows > largest:
        rows -= 1
        columns = _rounded(rows * aspect)
    if not (smallest <= columns * rows <= largest and 0 < columns <= width and 0 < rows <= height):
        return None
    y = words.below(height - rows) if rows < height else 0
    x = words.below(width - columns) if columns < width else 0
    return y, x, rows, columns


def _rounded(x):
    """To the nearest whole number, in single precision; halves to the even one."""
    return round(float(np.float32(x)))


def _shows(part, objects, least):
    y, x, rows, columns = part
    if rows * columns < 1:
        return False
    for top, left, bottom, right in objects:
        area = (bottom - top) * (right - left)
        seen = max(0, min(bottom, y + rows) - max(top, y)) * max(0, min(right, x + columns) - max(left, x))
        if area >= 1 and np.float32(seen / area) >= least:
            return True
    return False


def sample_distorted_bounding_box(image_size, bounding_boxes, seed=None, seed2=None, min_object_covered=0.1,
                                  aspect_ratio_range=None, area_range=None, max_attempts=None,
                                  use_image_if_no_bounding_boxes=None, name=None):  # fmt: skip
    """tf.image.sample_distorted_bounding_box: (begin, size, box) of a random part of a picture, for `tf.slice`.

    image_size: (height, width, channels); bounding_boxes: (batch, n, 4) of (top, left, bottom, right) in fractions.
    The part shows at least `min_object_covered` of one of these boxes.  `box` is (1, 1, 4), for
    `draw_bounding_boxes`.  Raises InvalidArgumentError in a run without boxes, unless
    `use_image_if_no_bounding_boxes`, and for boxes that reach outside.
    """
    given = {
        "seed": seed, "seed2": seed2, "aspect_ratio_range": aspect_ratio_range, "area_range": area_range,
        "max_attempts": max_attempts, "use_image_if_no_bounding_boxes": use_image_if_no_bounding_boxes,
    }  # fmt: skip
    with name_scope(name, "sample_distorted_bounding_box"):
        return tuple(SampleDistortedBoundingBoxV2.apply(
            image_size, bounding_boxes, min_object_covered, name=name,
            **{key: value for key, value in given.items() if value is not None},
        ))  # fmt: skip
