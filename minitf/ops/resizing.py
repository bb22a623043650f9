"""Pictures of another size: bilinear, bicubic, by area, or the nearest pixel."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.kernels import resizing
from minitf.kernels.machine import Launch
from minitf.ops.array import shape_of
from minitf.ops.examples import array, example, normal
from minitf.ops.op import REALS, Op


class _Resize(Op):
    inputs = {"images": "T", "size": "int32"}
    types = {"T": REALS}
    attrs = {"align_corners": False, "half_pixel_centers": False}
    static = (1,)
    examples = [
        example(normal(2, 3, 4, 2), array([6, 5]), gradient=False),
        example(normal(1, 4, 5, 1), array([7, 2]), gradient=False, align_corners=True),
        example(normal(1, 4, 5, 1), array([3, 8]), gradient=False, half_pixel_centers=True),
    ]

    def infer(op, images, size):
        return [(_resized_shape(images, size), dtypes.float32)]

    def taps(op, old, new):
        raise NotImplementedError

    def cpu(op, images, size, out):
        return [resizing.resample_launch(both_taps(op, images.shape, out.shape), images, out)]

    def numpy(op, images, size):
        return resample_arrays(images, *both_taps(op, images.shape, (0, int(size[0]), int(size[1]), 0)))


def _resized_shape(images, size):
    shape = images.shape.with_rank(4)
    size.shape.with_rank(1).merge_with([2])
    if size.value is not None and (size.value <= 0).any():
        raise ValueError(f"output dimensions must be positive, got {size.value.tolist()}")
    new = [None, None] if size.value is None else [int(n) for n in size.value]
    return TensorShape([shape.sizes[0], *new, shape.sizes[3]])


def both_taps(op, old_shape, new_shape):
    taps = op.definition.taps
    return [array for d in (1, 2) for array in taps(op, old_shape[d], new_shape[d])]


def tap_matrix(index, weight, old):
    """The taps as a matrix (new size, old size)."""
    matrix = np.zeros((len(index), old), np.float32)
    np.add.at(matrix, (np.arange(len(index))[:, None], index), weight)
    return matrix


def resample_arrays(images, row_index, row_weight, column_index, column_weight):
    rows = tap_matrix(row_index, row_weight, images.shape[1])
    columns = tap_matrix(column_index, column_weight, images.shape[2])
    return np.einsum("ip,jq,bpqc->bijc", rows, columns, images.astype(np.float64)).astype(np.float32)


class _ResizeGradient(Op):
    inputs = {"grads": "float32", "original_image": "T"}
    types = {"T": ("float16", "bfloat16", "float32", "float64")}
    attrs = {"align_corners": False, "half_pixel_centers": False}
    examples = [example(array(np.arange(60, dtype=np.float32).reshape(1, 6, 5, 2)), normal(1, 3, 4, 2), gradient=False,
                        dtypes=("float32",))]  # fmt: skip

    def infer(op, grads, original_image):
        return [(original_image.shape, original_image.dtype)]

    def cpu(op, grads, original_image, out):
        return [Launch(resizing.resample_gradient, *both_taps(op, out.shape, grads.shape), grads, out)]

    def numpy(op, grads, original_image):
        row_index, row_weight, column_index, column_weight = both_taps(op, original_image.shape, grads.shape)
        rows = tap_matrix(row_index, row_weight, original_image.shape[1])
        columns = tap_matrix(column_index, column_weight, original_image.shape[2])
        return np.einsum("ip,jq,bijc->bpqc", rows, columns, grads.astype(np.float64))

    def gradient(op, dy):
        resize = op.definition.forward
        attrs = {n: op.attrs[n] for n in ("align_corners", "half_pixel_centers")}
        return [resize.apply(dy, shape_of(op.inputs[0])[1:3], **attrs), None]


class ResizeBilinear(_Resize):
    """Every new pixel from the four old ones around it; the result is float32."""

    def taps(op, old, new):
        return resizing.bilinear_taps(old, new, op.attrs["align_corners"], op.attrs["half_pixel_centers"])

    def gradient(op, dy):
        return _resize_gradient(ResizeBilinearGrad, op, dy)


class ResizeBilinearGrad(_ResizeGradient):
    """What every old pixel gave, collected from the new ones."""

    forward, taps = ResizeBilinear, ResizeBilinear.taps


class ResizeBicubic(_Resize):
    """Every new pixel from the sixteen old ones around it; the result is float32."""

    def taps(op, old, new):
        return resizing.bicubic_taps(old, new, op.attrs["align_corners"], op.attrs["half_pixel_centers"])

    def gradient(op, dy):
        return _resize_gradient(ResizeBicubicGrad, op, dy)


class ResizeBicubicGrad(_ResizeGradient):
    """What every old pixel gave, collected from the new ones."""

    forward, taps = ResizeBicubic, ResizeBicubic.taps


def _resize_gradient(definition, op, dy):
    if not op.inputs[0].dtype.is_floating:
        return [None, None]
    attrs = {n: op.attrs[n] for n in ("align_corners", "half_pixel_centers")}
    return [definition.apply(dy, op.inputs[0], **attrs), None]


class ResizeArea(_Resize):
    """Every new pixel the mean of the old ones that it covers; the result is float32."""

    attrs = {"align_corners": False}
    examples = [example(normal(2, 4, 6, 2), array([2, 5]), gradient=False)]

    def taps(op, old, new):
        return resizing.area_taps(old, new, op.attrs["align_corners"])

    gradient = None


class ResizeNearestNeighbor(Op):
    """Every new pixel the nearest old one."""

    inputs = {"images": "T", "size": "int32"}
    types = {"T": REALS}
    attrs = {"align_corners": False, "half_pixel_centers": False}
    static = (1,)
    examples = [
        example(normal(2, 3, 4, 2), array([6, 5])),
        example(normal(1, 4, 5, 1), array([7, 2]), align_corners=True),
    ]

    def infer(op, images, size):
        return [(_resized_shape(images, size), images.dtype)]

    def cpu(op, images, size, out):
        return [Launch(resizing.pick, *_nearest(op, images.shape, out.shape), images, out)]

    def numpy(op, images, size):
        rows, columns = _nearest(op, images.shape, (0, int(size[0]), int(size[1]), 0))
        return images[:, rows][:, :, columns]

    def gradient(op, dy):
        attrs = {n: op.attrs[n] for n in ("align_corners", "half_pixel_centers")}
        return [ResizeNearestNeighborGrad.apply(dy, shape_of(op.inputs[0])[1:3], **attrs), None]


class ResizeNearestNeighborGrad(Op):
    """The gradients of the new pixels, added up at the old ones that they repeat."""

    inputs = {"grads": "T", "size": "int32"}
    types = {"T": REALS}
    attrs = {"align_corners": False, "half_pixel_centers": False}
    static = (1,)
    examples = [example(normal(2, 6, 5, 2), array([3, 4]))]

    def infer(op, grads, size):
        return [(_resized_shape(grads, size), grads.dtype)]

    def cpu(op, grads, size, out):
        return [Launch(resizing.pick_gradient, *_nearest(op, out.shape, grads.shape), grads, out)]

    def numpy(op, grads, size):
        out = np.zeros((grads.shape[0], int(size[0]), int(size[1]), grads.shape[3]), grads.dtype)
        rows, columns = _nearest(op, out.shape, grads.shape)
        np.add.at(out, (slice(None), rows[:, None], columns[None, :]), grads)
        return out

    def gradient(op, dy):
        attrs = {n: op.attrs[n] for n in ("align_corners", "half_pixel_centers")}
        return [ResizeNearestNeighbor.apply(dy, shape_of(op.inputs[0])[1:3], **attrs), None]


def _nearest(op, old, new):
    return [resizing.nearest(old[d], new[d], op.attrs["align_corners"], op.attrs["half_pixel_centers"]) for d in (1, 2)]


def resize_bilinear(images, size, align_corners=False, name=None, half_pixel_centers=False):
    """tf.image.resize_bilinear: pictures (batch, height, width, channels) in size (new height, new width)."""
    return ResizeBilinear.apply(images, size, align_corners=align_corners, half_pixel_centers=half_pixel_centers,
                                name=name)  # fmt: skip


def resize_bicubic(images, size, align_corners=False, name=None, half_pixel_centers=False):
    """tf.image.resize_bicubic: the same by cubic convolution."""
    return ResizeBicubic.apply(images, size, align_corners=align_corners, half_pixel_centers=half_pixel_centers,
                               name=name)  # fmt: skip


def resize_nearest_neighbor(images, size, align_corners=False, name=None, half_pixel_centers=False):
    """tf.image.resize_nearest_neighbor: the same, repeating the nearest pixel; the dtype stays."""
    return ResizeNearestNeighbor.apply(images, size, align_corners=align_corners, half_pixel_centers=half_pixel_centers,
                                       name=name)  # fmt: skip


def resize_area(images, size, align_corners=False, name=None):
    """tf.image.resize_area: the same, by the mean of the covered pixels."""
    return ResizeArea.apply(images, size, align_corners=align_corners, name=name)
