"""Parts of pictures: sliding windows, boxes cut out, boxes chosen, boxes drawn.

A box is (top, left, bottom, right) in fractions of the picture's sides.
"""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels.copying import fill_launch, view_launch
from minitf.ops.array import shape_of
from minitf.ops.constant import constant
from minitf.ops.examples import array, example, normal
from minitf.ops.op import REALS, Op


class ExtractImagePatches(Op):
    """Every window of the pictures, its pixels one behind the other in the channels.

    ksizes, strides, rates: (1, rows, columns, 1); `rates` is the distance of the pixels of a window.
    """

    inputs = {"images": "T"}
    types = {"T": (*REALS, "bool")}
    examples = [
        example(normal(1, 5, 6, 2), ksizes=[1, 2, 3, 1], strides=[1, 2, 1, 1], rates=[1, 1, 1, 1], padding="VALID"),
        example(normal(2, 4, 4, 1), ksizes=[1, 3, 3, 1], strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="SAME"),
        example(normal(1, 6, 6, 1), ksizes=[1, 2, 2, 1], strides=[1, 2, 2, 1], rates=[1, 2, 2, 1], padding="SAME"),
    ]

    def infer(op, images):
        sizes = images.shape.with_rank(4).sizes
        new = [None if sizes[d] is None else _windows(op, sizes[d], d)[0] for d in (1, 2)]
        depth = None if sizes[3] is None else sizes[3] * op.attrs["ksizes"][1] * op.attrs["ksizes"][2]
        return [(TensorShape([sizes[0], *new, depth]), images.dtype)]

    def cpu(op, images, out):
        copies = [view_launch(a, b, images, out) for a, b in _window_parts(op, images, out)]
        return [fill_launch(0, out), *copies]

    def numpy(op, images):
        new = [_windows(op, images.shape[d], d) for d in (1, 2)]
        k, s, r = (op.attrs[n] for n in ("ksizes", "strides", "rates"))
        around = [(0, 0), *((before, k[d] * r[d] + s[d]) for d, (_, before) in zip((1, 2), new, strict=True)), (0, 0)]
        x = np.pad(images, around)
        rows, columns = (np.arange(n)[:, None] * s[d] + np.arange(k[d]) * r[d]
                         for d, (n, _) in zip((1, 2), new, strict=True))  # fmt: skip
        taken = x[:, rows[:, None, :, None], columns[None, :, None, :]]  # (batch, rows, columns, kr, kc, depth)
        return taken.reshape(*taken.shape[:3], -1)

    def gradient(op, dy):
        attrs = {n: op.attrs[n] for n in ("ksizes", "strides", "rates", "padding")}
        return [ImagePatchesGrad.apply(dy, shape_of(op.inputs[0]), **attrs)]


class ImagePatchesGrad(Op):
    """The gradients of all windows, added up at the pixels that they show."""

    inputs = {"dy": "T", "input_sizes": "int32"}
    types = {"T": REALS}
    static = (1,)
    examples = [
        example(normal(1, 2, 4, 12), array([1, 5, 6, 2]), ksizes=[1, 2, 3, 1], strides=[1, 2, 1, 1],
                rates=[1, 1, 1, 1], padding="VALID")
    ]  # fmt: skip

    def infer(op, dy, input_sizes):
        return [(input_sizes.sizes(), dy.dtype)]

    def numpy(op, dy, input_sizes):
        out = np.zeros([int(n) for n in input_sizes], dy.dtype)
        for pixels, windows in _window_parts(op, out, dy):
            pixels += windows
        return out

    def gradient(op, dy):
        attrs = {n: op.attrs[n] for n in ("ksizes", "strides", "rates", "padding")}
        return [ExtractImagePatches.apply(dy, **attrs), None]


def _windows(op, size, axis):
    """(number of windows, padding before the first) along an axis."""
    k, s, r = (op.attrs[n][axis] for n in ("ksizes", "strides", "rates"))
    span = k + (k - 1) * (r - 1)
    if op.attrs["padding"] == "VALID":
        return max(0, (size - span) // s + 1), 0
    count = -(-size // s)
    return count, max(0, (count - 1) * s + span - size) // 2


def _window_parts(op, images, patches):
    """[(pixels, the same pixels in the windows)], one pair per place in a window."""
    k, depth = op.attrs["ksizes"], images.shape[3]
    parts = []
    for i in range(k[1]):
        for j in range(k[2]):
            rows, columns = _place_slices(op, images.shape[1], 1, i), _place_slices(op, images.shape[2], 2, j)
            first = (i * k[2] + j) * depth
            a, b = images[:, rows[0], columns[0]], patches[:, rows[1], columns[1], first : first + depth]
            if a.size:
                parts.append((a, b))
    return parts


def _place_slices(op, size, axis, place):
    """(pixels, windows) for element `place` of the windows along an axis, without those that show padding."""
    count, before = _windows(op, size, axis)
    stride, start = op.attrs["strides"][axis], place * op.attrs["rates"][axis] - before
    first = max(0, -(start // stride))
    last = min(count, (size - 1 - start) // stride + 1)
    if last <= first:
        return slice(0, 0), slice(0, 0)
    return slice(start + first * stride, start + (last - 1) * stride + 1, stride), slice(first, last)


def extract_image_patches(images, ksizes=None, strides=None, rates=None, padding=None, name=None, sizes=None):
    """tf.extract_image_patches: (batch, h, w, d) -> (batch, rows, columns, ksizes[1] * ksizes[2] * d).

    `padding` is "SAME" or "VALID".
    """
    ksizes = sizes if ksizes is None else ksizes
    return ExtractImagePatches.apply(images, ksizes=list(ksizes), strides=list(strides), rates=list(rates),
                                     padding=padding, name=name)  # fmt: skip


def extract_patches(images, sizes, strides, rates, padding, name=None):
    """tf.image.extract_patches: the same with the argument names of version 2."""
    return extract_image_patches(images, sizes, strides, rates, padding, name)


class CropAndResize(Op):
    """boxes[i] cut out of picture box_ind[i] and resized to `crop_size`; outside is `extrapolation_value`."""

    inputs = {"image": "T", "boxes": "float32", "box_ind": "int32", "crop_size": "int32"}
    types = {"T": REALS}
    attrs = {"method": "bilinear", "extrapolation_value": 0.0}
    static = (3,)
    examples = [
        example(normal(2, 4, 5, 2), array(np.array([[0, 0, 1, 1], [0.2, 0.6, 1.3, 0.1]], np.float32)), array([1, 0]),
                array([3, 2]), gradient=False)
    ]  # fmt: skip

    def infer(op, image, boxes, box_ind, crop_size):
        sizes, count = image.shape.with_rank(4).sizes, boxes.shape.with_rank(2).sizes[0]
        new = [None, None] if crop_size.value is None else [int(n) for n in crop_size.value]
        return [(TensorShape([count, *new, sizes[3]]), dtypes.float32)]

    def numpy(op, image, boxes, box_ind, crop_size):
        height, width = (int(n) for n in crop_size)
        out = np.full((len(boxes), height, width, image.shape[3]), op.attrs["extrapolation_value"], np.float32)
        for k, (top, left, bottom, right) in enumerate(boxes):
            if not 0 <= box_ind[k] < len(image):
                raise errors.OutOfRangeError(None, op, f"box_ind has values outside [0, {len(image)})")
            picture = image[box_ind[k]].astype(np.float32)
            y, inside_y = _crop_places(top, bottom, height, image.shape[1])
            x, inside_x = _crop_places(left, right, width, image.shape[2])
            out[k][np.ix_(inside_y, inside_x)] = _sampled(picture, y[inside_y], x[inside_x], op.attrs["method"])
        return out

    gradient = None


def _crop_places(first, last, new, old):
    if new > 1:
        places = first * (old - 1) + np.arange(new) * ((last - first) * (old - 1) / (new - 1))
    else:
        places = np.array([0.5 * (first + last) * (old - 1)])
    return places, (places >= 0) & (places <= old - 1)


def _sampled(picture, y, x, method):
    if method == "nearest":
        return picture[np.ix_(np.round(y).astype(int), np.round(x).astype(int))]
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    bottom, right = np.ceil(y).astype(int), np.ceil(x).astype(int)
    dy, dx = (y - top)[:, None, None], (x - left)[None, :, None]
    upper = picture[np.ix_(top, left)] * (1 - dx) + picture[np.ix_(top, right)] * dx
    lower = picture[np.ix_(bottom, left)] * (1 - dx) + picture[np.ix_(bottom, right)] * dx
    return upper * (1 - dy) + lower * dy


def crop_and_resize(image, boxes, box_ind=None, crop_size=None, method="bilinear", extrapolation_value=0,
                    name=None, box_indices=None):  # fmt: skip
    """tf.image.crop_and_resize: boxes cut out of pictures, all resized to `crop_size` (height, width).

    boxes: (n, 4); box_ind: (n,), which picture of the batch -> (n, height, width, channels), float32.
    """
    box_ind = box_indices if box_ind is None else box_ind
    return CropAndResize.apply(image, boxes, box_ind, crop_size, method=method,
                               extrapolation_value=float(extrapolation_value), name=name)  # fmt: skip


class NonMaxSuppressionV3(Op):
    """Indices of boxes in the order of their scores, without those that overlap a better one too much."""

    inputs = {"boxes": "T", "scores": "T", "max_output_size": "int32", "iou_threshold": "float32",
              "score_threshold": "float32"}  # fmt: skip
    types = {"T": ("float16", "float32")}
    foldable = False
    examples = [
        example(array(np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, 2, 1, 3]], np.float32)),
                array(np.array([0.9, 0.75, 0.6], np.float32)), array(3), array(np.float32(0.5)), array(np.float32(0)))
    ]  # fmt: skip

    def infer(op, boxes, scores, max_output_size, iou_threshold, score_threshold):
        boxes.shape.with_rank(2).merge_with([scores.shape.with_rank(1).sizes[0], 4])
        return [(TensorShape([None]), dtypes.int32)]

    def numpy(op, boxes, scores, max_output_size, iou_threshold, score_threshold):
        kept = []
        for i in np.argsort(-scores, kind="stable"):
            if len(kept) == max_output_size or scores[i] <= score_threshold:
                break
            if all(_overlap(boxes[i], boxes[j]) <= iou_threshold for j in kept):
                kept.append(i)
        return np.array(kept, np.int32)

    gradient = None


def _overlap(a, b):
    """The area of the intersection of two boxes over that of their union."""
    (ay, by), (ax, bx) = (np.sort([[m[d], m[d + 2]] for m in (a, b)], axis=1) for d in (0, 1))
    height, width = min(ay[1], by[1]) - max(ay[0], by[0]), min(ax[1], bx[1]) - max(ax[0], bx[0])
    areas = [(y[1] - y[0]) * (x[1] - x[0]) for y, x in ((ay, ax), (by, bx))]
    if min(areas) <= 0 or height <= 0 or width <= 0:
        return 0.0
    return height * width / (areas[0] + areas[1] - height * width)


def non_max_suppression(boxes, scores, max_output_size, iou_threshold=0.5, score_threshold=float("-inf"), name=None):
    """tf.image.non_max_suppression: indices of the best boxes that overlap by no more than `iou_threshold`."""
    with name_scope(name, "non_max_suppression"):
        iou = constant(iou_threshold, dtypes.float32, name="iou_threshold")
        least = constant(score_threshold, dtypes.float32, name="score_threshold")
        return NonMaxSuppressionV3.apply(boxes, scores, max_output_size, iou, least)


_COLORS = [(1, 1, 0), (0, 0, 1), (1, 0, 0), (0, 1, 0), (0.5, 0, 0.5), (0.5, 0.5, 0), (0.5, 0, 0), (0, 0, 0.5),
           (0, 1, 1), (1, 0, 1)]  # fmt: skip


class DrawBoundingBoxes(Op):
    """The pictures with the borders of boxes drawn on them."""

    inputs = {"images": "T", "boxes": "float32"}
    types = {"T": ("float16", "float32")}
    examples = [
        example(normal(1, 6, 6, 3), array(np.array([[[0, 0, 0.5, 0.5], [0.2, 0.2, 1, 1]]], np.float32)),
                gradient=False, dtypes=("float32",))
    ]  # fmt: skip

    def infer(op, images, boxes):
        boxes.shape.with_rank(3)
        return [(images.shape.with_rank(4), images.dtype)]

    def numpy(op, images, boxes):
        out = images.copy()
        height, width, depth = images.shape[1:]
        for picture, own in zip(out, boxes, strict=True):
            for k, box in enumerate(own):
                color = np.array([*_COLORS[k % len(_COLORS)], 1], images.dtype)[:depth] if depth > 1 else 1
                y0, x0, y1, x1 = (int(v * (n - 1)) for v, n in zip(box, (height, width) * 2, strict=True))
                rows, columns = slice(max(y0, 0), min(y1, height - 1) + 1), slice(max(x0, 0), min(x1, width - 1) + 1)
                for y in (y0, y1):
                    if 0 <= y < height:
                        picture[y, columns] = color
                for x in (x0, x1):
                    if 0 <= x < width:
                        picture[rows, x] = color
        return out

    gradient = None


def draw_bounding_boxes(images, boxes, name=None, colors=None):
    """tf.image.draw_bounding_boxes: the borders of boxes (batch, n, 4) on pictures, in ten colours in turn."""
    return DrawBoundingBoxes.apply(images, boxes, name=name)


class ExtractGlimpse(Op):
    """From every picture one window of `size` around `offsets`; noise where it reaches outside."""

    inputs = {"input": "float32", "size": "int32", "offsets": "float32"}
    attrs = {"centered": True, "normalized": True, "uniform_noise": True}
    foldable = False
    examples = [
        example(array(np.arange(60, dtype=np.float32).reshape(1, 5, 6, 2)), array([3, 2]),
                array(np.array([[0.2, -0.3]], np.float32)))
    ]  # fmt: skip

    def infer(op, input, size, offsets):
        sizes = input.shape.with_rank(4).sizes
        new = [None, None] if size.value is None else [int(n) for n in size.value]
        batch = offsets.shape.with_rank(2).merge_with([sizes[0], 2]).sizes[0]
        return [(TensorShape([batch, *new, sizes[3]]), dtypes.float32)]

    def numpy(op, input, size, offsets):
        attrs, new = op.attrs, np.array([int(n) for n in size])
        generator = np.random.default_rng(0)
        draw = generator.random if attrs["uniform_noise"] else generator.standard_normal
        out = draw((len(input), *new, input.shape[3])).astype(np.float32)
        old = np.array(input.shape[1:3])
        for picture, glimpse, offset in zip(input, out, offsets, strict=True):
            place = offset * old if attrs["normalized"] else offset
            place = (place + old - new) / 2 if attrs["centered"] else place
            first = np.trunc(place).astype(int)
            begin, end = np.maximum(first, 0), np.minimum(first + new, old)
            if (begin < end).all():
                (a, b), (c, d) = begin - first, end - first
                glimpse[a:c, b:d] = picture[begin[0] : end[0], begin[1] : end[1]]
        return out

    gradient = None


def extract_glimpse(input, size, offsets, centered=True, normalized=True, uniform_noise=True, name=None):
    """tf.image.extract_glimpse: windows of `size` (height, width), one a picture, at `offsets` (batch, 2).

    `centered` offsets count from the middle, `normalized` ones in fractions (from -1 to 1 if centered).
    The noise outside is the same in every run.
    """
    return ExtractGlimpse.apply(input, size, offsets, centered=centered, normalized=normalized,
                                uniform_noise=uniform_noise, name=name)  # fmt: skip
