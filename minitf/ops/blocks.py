"""Blocks of a picture moved to the batch (space_to_batch) or to the channels (space_to_depth), and back."""

import itertools

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels.copying import fill_launch, view_launch
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import INDICES, Op, constant_value


class SpaceToBatchND(Op):
    """Element (i*b + k) of every padded space axis becomes element i of batch part k.

    input: (batch, *space, ...) -> (batch * prod(block_shape), *padded space / block_shape, ...)
    """

    inputs = {"input": "T", "block_shape": "Tblock_shape", "paddings": "Tpaddings"}
    types = {"T": (), "Tblock_shape": INDICES, "Tpaddings": INDICES}
    static = (1, 2)
    examples = [
        example(normal(2, 4, 6, 3), array([2, 3]), array([[0, 0], [0, 0]])),
        example(normal(1, 3, 4), array([2, 3]), array([[1, 0], [2, 0]])),
    ]

    def infer(op, input, block_shape, paddings):
        return [(_block_shape_rule(input, block_shape, paddings, _to_batch), input.dtype)]

    def cpu(op, input, block_shape, paddings, out):
        copies = _pieces(input, out, block_shape, paddings)
        return [fill_launch(0, out), *(view_launch(a, b, input, out) for a, b in copies)]

    def numpy(op, input, block_shape, paddings):
        m, block = len(block_shape), [int(b) for b in block_shape]
        width = [(0, 0), *((int(a), int(b)) for a, b in paddings), *[(0, 0)] * (input.ndim - m - 1)]
        x = np.pad(input, width)
        sizes = [n for d, b in zip(x.shape[1:], block, strict=False) for n in (d // b, b)]
        x = x.reshape(x.shape[0], *sizes, *x.shape[m + 1 :])
        inside = [2 + 2 * d for d in range(m)]
        outside = [1 + 2 * d for d in range(m)]
        x = x.transpose(*inside, 0, *outside, *range(2 * m + 1, x.ndim))
        return x.reshape(-1, *x.shape[m + 1 :])

    def gradient(op, dy):
        return [batch_to_space_nd(dy, op.inputs[1], op.inputs[2]), None, None]


class BatchToSpaceND(Op):
    """The reverse of SpaceToBatchND, without `crops` elements at the ends of the space axes."""

    inputs = {"input": "T", "block_shape": "Tblock_shape", "crops": "Tcrops"}
    types = {"T": (), "Tblock_shape": INDICES, "Tcrops": INDICES}
    static = (1, 2)
    examples = [
        example(normal(12, 2, 2, 3), array([2, 3]), array([[0, 0], [0, 0]])),
        example(normal(6, 2, 2), array([2, 3]), array([[1, 0], [1, 1]])),
    ]

    def infer(op, input, block_shape, crops):
        return [(_block_shape_rule(input, block_shape, crops, _to_space), input.dtype)]

    def cpu(op, input, block_shape, crops, out):
        return [view_launch(b, a, input, out) for a, b in _pieces(out, input, block_shape, crops)]

    def numpy(op, input, block_shape, crops):
        m, block = len(block_shape), [int(b) for b in block_shape]
        x = input.reshape(*block, -1, *input.shape[1:])
        order = [m, *(axis for d in range(m) for axis in (m + 1 + d, d)), *range(2 * m + 1, x.ndim)]
        x = x.transpose(order)
        x = x.reshape(x.shape[0], *(n * b for n, b in zip(input.shape[1:], block, strict=False)), *input.shape[m + 1 :])
        cuts = [slice(int(a), n - int(b)) for (a, b), n in zip(crops, x.shape[1:], strict=False)]
        return x[(slice(None), *cuts)]

    def gradient(op, dy):
        return [space_to_batch_nd(dy, op.inputs[1], op.inputs[2]), None, None]


def _to_batch(batch, size, block, borders):
    if size is not None and (size + sum(borders)) % block:
        raise ValueError(f"padded size {size + sum(borders)} is not divisible by the block size {block}")
    return None if batch is None else batch * block, None if size is None else (size + sum(borders)) // block


def _to_space(batch, size, block, borders):
    if batch is not None and batch % block:
        raise ValueError(f"batch size {batch} is not divisible by the block size {block}")
    if size is not None and size * block < sum(borders):
        raise ValueError(f"crops {borders} exceed the size {size * block}")
    return None if batch is None else batch // block, None if size is None else size * block - sum(borders)


def _block_shape_rule(input, block_shape, borders, rule):
    m = block_shape.shape.with_rank(1).sizes[0]
    borders.shape.merge_with([m, 2])
    if m is not None:
        input.shape.with_rank_at_least(m + 1)
    if input.shape.ndims is None or block_shape.value is None or borders.value is None:
        return TensorShape(None if input.shape.ndims is None else [None] * input.shape.ndims)
    if (block_shape.value < 1).any() or (borders.value < 0).any():
        raise ValueError(f"block sizes must be positive and borders not negative: {block_shape.value}, {borders.value}")
    sizes = list(input.shape.sizes)
    for d in range(m):
        sizes[0], sizes[d + 1] = rule(sizes[0], sizes[d + 1], int(block_shape.value[d]),
                                      [int(b) for b in borders.value[d]])  # fmt: skip
    return TensorShape(sizes)


def _pieces(space, batch, block_shape, borders):
    """[(part of the space side, the part of the batch side that holds it)], one pair per place in a block."""
    block, n = [int(b) for b in block_shape], space.shape[0]
    pieces = []
    for k, offsets in enumerate(itertools.product(*map(range, block))):
        space_index, batch_index = [slice(None)], [slice(k * n, (k + 1) * n)]
        for size, b, offset, (before, _) in zip(space.shape[1:], block, offsets, borders, strict=False):
            first = -(-(int(before) - offset) // b) if before > offset else 0
            start = first * b + offset - int(before)
            count = max(0, -(-(size - start) // b))
            space_index.append(slice(start, size, b))
            batch_index.append(slice(first, first + count))
        a, b = space[tuple(space_index)], batch[tuple(batch_index)]
        if a.size:
            pieces.append((a, b))
    return pieces


def space_to_batch_nd(input, block_shape, paddings, name=None):
    """tf.space_to_batch_nd: blocks of the (zero-padded) space axes 1, 2, ... moved to the batch axis."""
    return SpaceToBatchND.apply(input, block_shape, paddings, name=name)


def batch_to_space_nd(input, block_shape, crops, name=None):
    """tf.batch_to_space_nd: the reverse of `space_to_batch_nd`; `crops` takes the place of the paddings."""
    return BatchToSpaceND.apply(input, block_shape, crops, name=name)


def space_to_batch(input, paddings, block_size=None, name=None, block_shape=None):
    """tf.space_to_batch: `space_to_batch_nd` of pictures (batch, height, width, channels)."""
    block = np.array([block_size, block_size]) if block_shape is None else block_shape
    result = space_to_batch_nd(input, block, paddings, name=name)
    result.set_shape(result.shape.with_rank(4))
    return result


def batch_to_space(input, crops, block_size=None, name=None, block_shape=None):
    """tf.batch_to_space: the reverse of `space_to_batch`."""
    block = np.array([block_size, block_size]) if block_shape is None else block_shape
    result = batch_to_space_nd(input, block, crops, name=name)
    result.set_shape(result.shape.with_rank(4))
    return result


class SpaceToDepth(Op):
    """Blocks of block_size x block_size pixels become one pixel with that many times the channels."""

    inputs = {"input": "T"}
    types = {"T": ()}
    attrs = {"data_format": "NHWC"}
    examples = [
        example(normal(2, 4, 6, 3), block_size=2),
        example(normal(2, 3, 4, 6), block_size=2, data_format="NCHW"),
    ]

    def infer(op, input):
        b, (n, h, w, c) = op.attrs["block_size"], _nhwc(op, input.shape.with_rank(4).sizes)
        if b < 2:
            raise ValueError(f"block_size must be at least 2, got {b}")
        for size in (h, w):
            if size is not None and size % b:
                raise ValueError(f"Dimension size must be evenly divisible by {b} but is {size}")
        sizes = (n, *(None if s is None else s // b for s in (h, w)), None if c is None else c * b * b)
        return [(TensorShape(_from_nhwc(op, sizes)), input.dtype)]

    def cpu(op, input, out):
        pixels, channels = _depth_views(op, input, out)
        return [view_launch(pixels, channels, input, out)]

    def numpy(op, input):
        b, x = op.attrs["block_size"], np.transpose(input, _TO_NHWC[op.attrs["data_format"]])
        n, h, w, c = x.shape
        x = x.reshape(n, h // b, b, w // b, b, c).transpose(0, 1, 3, 2, 4, 5).reshape(n, h // b, w // b, b * b * c)
        return np.transpose(x, _FROM_NHWC[op.attrs["data_format"]])

    def gradient(op, dy):
        return [depth_to_space(dy, op.attrs["block_size"], data_format=op.attrs["data_format"])]


class DepthToSpace(Op):
    """The reverse of SpaceToDepth: channels become blocks of pixels."""

    inputs = {"input": "T"}
    types = {"T": ()}
    attrs = {"data_format": "NHWC"}
    examples = [
        example(normal(2, 2, 3, 12), block_size=2),
        example(normal(2, 12, 2, 3), block_size=2, data_format="NCHW"),
    ]

    def infer(op, input):
        b, (n, h, w, c) = op.attrs["block_size"], _nhwc(op, input.shape.with_rank(4).sizes)
        if b < 2:
            raise ValueError(f"block_size must be at least 2, got {b}")
        if c is not None and c % (b * b):
            raise ValueError(f"Dimension size must be evenly divisible by {b * b} but is {c}")
        sizes = (n, *(None if s is None else s * b for s in (h, w)), None if c is None else c // (b * b))
        return [(TensorShape(_from_nhwc(op, sizes)), input.dtype)]

    def cpu(op, input, out):
        pixels, channels = _depth_views(op, out, input)
        return [view_launch(channels, pixels, input, out)]

    def numpy(op, input):
        b, x = op.attrs["block_size"], np.transpose(input, _TO_NHWC[op.attrs["data_format"]])
        n, h, w, c = x.shape
        x = x.reshape(n, h, w, b, b, c // (b * b)).transpose(0, 1, 3, 2, 4, 5).reshape(n, h * b, w * b, c // (b * b))
        return np.transpose(x, _FROM_NHWC[op.attrs["data_format"]])

    def gradient(op, dy):
        return [space_to_depth(dy, op.attrs["block_size"], data_format=op.attrs["data_format"])]


_TO_NHWC = {"NHWC": (0, 1, 2, 3), "NCHW": (0, 2, 3, 1)}
_FROM_NHWC = {"NHWC": (0, 1, 2, 3), "NCHW": (0, 3, 1, 2)}


def _nhwc(op, sizes):
    return [sizes[d] for d in _TO_NHWC[op.attrs["data_format"]]]


def _from_nhwc(op, sizes):
    return [sizes[d] for d in _FROM_NHWC[op.attrs["data_format"]]]


def _depth_views(op, space, depth):
    """Views of one shape (batch, height, width, block row, block column, channel) of both sides."""
    b = op.attrs["block_size"]
    n, h, w, c = _nhwc(op, depth.shape)
    sizes = (n, h, b, w, b, c // (b * b))
    if op.attrs["data_format"] == "NHWC":
        return space.reshape(sizes).transpose(0, 1, 3, 2, 4, 5), depth.reshape(n, h, w, b, b, c // (b * b))
    pixels = space.reshape(n, c // (b * b), h, b, w, b).transpose(0, 2, 4, 3, 5, 1)
    return pixels, depth.reshape(n, b, b, c // (b * b), h, w).transpose(0, 4, 5, 1, 2, 3)


def space_to_depth(input, block_size, name=None, data_format="NHWC"):
    """tf.space_to_depth: blocks of pixels become channels."""
    return SpaceToDepth.apply(input, block_size=int(block_size), data_format=data_format, name=name)


def depth_to_space(input, block_size, name=None, data_format="NHWC"):
    """tf.depth_to_space: channels become blocks of pixels."""
    return DepthToSpace.apply(input, block_size=int(block_size), data_format=data_format, name=name)


def required_space_to_batch_paddings(input_shape, block_shape, base_paddings=None, name=None):
    """tf.required_space_to_batch_paddings: (paddings, crops) that make sizes divisible by `block_shape`.

    input_shape, block_shape: (n,); base_paddings, the results: (n, 2).
    """
    from minitf.ops.array import zeros
    from minitf.ops.joining import stack

    with name_scope(name, "required_space_to_batch_paddings", [input_shape, block_shape]):
        sizes = convert_to_tensor(input_shape, dtypes.int32, name="input_shape")
        block = convert_to_tensor(block_shape, dtypes.int32, name="block_shape")
        count = block.shape.with_rank(1).sizes[0]
        base = zeros([count, 2], dtypes.int32) if base_paddings is None else convert_to_tensor(
            base_paddings, dtypes.int32, name="base_paddings")  # fmt: skip
        known = [constant_value(t) for t in (sizes, block, base)]
        if all(v is not None for v in known):
            n, b, p = known
            extra = -(n + p.sum(1)) % b
            paddings = np.stack([p[:, 0], p[:, 1] + extra], 1)
            crops = np.stack([np.zeros_like(extra), extra], 1)
            return constant(paddings, dtypes.int32, name="paddings"), constant(crops, dtypes.int32, name="crops")
        extra = (block - (sizes + base[:, 0] + base[:, 1]) % block) % block
        paddings = stack([base[:, 0], base[:, 1] + extra], axis=1, name="paddings")
        return paddings, stack([extra * 0, extra], axis=1, name="crops")
