"""Grey-scale dilation and erosion: maxima of sums instead of sums of products.

Source: Serra, "Image Analysis and Mathematical Morphology", Academic Press 1982.
"""

import numpy as np

from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels.windows import pad_numpy, window_output, window_views_numpy
from minitf.ops.arithmetic import negative
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import distinct, example, normal
from minitf.ops.numeric import widen
from minitf.ops.op import REALS, Op


def _places(op, sizes, window):
    """(output sizes, flat padding) of the two spatial axes."""
    attrs, output, padding = op.attrs, [], []
    for d in range(2):
        if sizes[d] is None or window[d] is None:
            output.append(None)
            continue
        found, before, after = window_output(
            sizes[d], window[d], attrs["strides"][d + 1], attrs["rates"][d + 1], attrs["padding"]
        )
        output.append(found)
        padding += [before, after]
    return output, padding


def _views(op, input, filter):
    """For each place in the window: (index, what every output pixel sees there)."""
    output, padding = _places(op, input.shape[1:3], filter.shape[:2])
    lowest = -np.inf if input.dtype.kind == "f" else np.iinfo(input.dtype).min // 2
    padded = pad_numpy(input, padding, lowest)
    strides, rates = op.attrs["strides"][1:3], op.attrs["rates"][1:3]
    return window_views_numpy(padded, filter.shape[:2], strides, rates, output)


def _winners(op, input, filter):
    """(maxima, the number of the place in the window that each comes from; the first, where several are
    equal)
    """
    best = which = None
    for number, (index, view) in enumerate(_views(op, input, filter)):
        values = view + filter[index]
        if best is None:
            best, which = values, np.zeros(values.shape, np.int64)
            continue
        better = values > best
        best, which = np.where(better, values, best), np.where(better, number, which)
    return best, which


class Dilation2D(Op):
    """output[n, p, q, c] = max over i, j of input[n, p' + i * rate, q' + j * rate, c] + filter[i, j, c]"""

    inputs = {"input": "T", "filter": "T"}
    types = {"T": REALS}
    examples = [
        example(
            distinct(1, 4, 5, 2), normal(2, 2, 2), strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="SAME"
        ),
        example(
            distinct(2, 5, 5, 1), normal(2, 2, 1), strides=[1, 2, 1, 1], rates=[1, 2, 1, 1], padding="VALID"
        ),
    ]

    def infer(op, input, filter):
        shape, window = input.shape.with_rank(4), filter.shape.with_rank(3)
        sizes = [None] * 4 if shape.ndims is None else shape.sizes
        window = [None] * 3 if window.ndims is None else window.sizes
        depth = TensorShape([sizes[3]]).merge_with([window[2]])
        output, _ = _places(op, sizes[1:3], window[:2])
        return [(TensorShape([sizes[0], *output]).concatenate(depth), input.dtype)]

    def numpy(op, input, filter):
        return _winners(op, widen(input), widen(filter))[0]

    def gradient(op, dy):
        attrs = {name: op.attrs[name] for name in ("strides", "rates", "padding")}
        return [
            Dilation2DBackpropInput.apply(*op.inputs, dy, **attrs),
            Dilation2DBackpropFilter.apply(*op.inputs, dy, **attrs),
        ]


class _Gradient(Op, abstract=True):
    inputs = {"input": "T", "filter": "T", "out_backprop": "T"}
    types = {"T": REALS}
    gradient = None
    examples = [
        example(
            distinct(1, 4, 5, 2),
            normal(2, 2, 2),
            normal(1, 4, 5, 2),
            strides=[1, 1, 1, 1],
            rates=[1, 1, 1, 1],
            padding="SAME",
        )
    ]


class Dilation2DBackpropInput(_Gradient):
    """The gradient of `Dilation2D` with respect to its input: it flows to the winner of each maximum."""

    def infer(op, input, filter, out_backprop):
        return [(input.shape, input.dtype)]

    def numpy(op, input, filter, out_backprop):
        input, filter, dy = widen(input), widen(filter), widen(out_backprop)
        _, which = _winners(op, input, filter)
        _, padding = _places(op, input.shape[1:3], filter.shape[:2])
        padded = pad_numpy(np.zeros_like(input), padding)
        strides, rates = op.attrs["strides"][1:3], op.attrs["rates"][1:3]
        views = window_views_numpy(padded, filter.shape[:2], strides, rates, dy.shape[1:3])
        for number, (_, view) in enumerate(views):
            view += np.where(which == number, dy, 0)
        top, _, left, _ = padding
        return padded[:, top : top + input.shape[1], left : left + input.shape[2]]


class Dilation2DBackpropFilter(_Gradient):
    """The gradient of `Dilation2D` with respect to its filter."""

    def infer(op, input, filter, out_backprop):
        return [(filter.shape, input.dtype)]

    def numpy(op, input, filter, out_backprop):
        filter, dy = widen(filter), widen(out_backprop)
        _, which = _winners(op, widen(input), filter)
        out = np.zeros_like(filter)
        for number, index in enumerate(np.ndindex(*filter.shape[:2])):
            out[index] = np.where(which == number, dy, 0).sum((0, 1, 2))
        return out


def dilation2d(
    input, filter=None, strides=None, rates=None, padding=None, name=None, filters=None, dilations=None
):
    """tf.nn.dilation2d: the largest of input + filter under each window.

    input (batch, height, width, channels), filter (h, w, channels); strides and rates (or `dilations`):
    four numbers; padding: "SAME" or "VALID".  Raises ValueError where these do not fit.
    """
    filter = filters if filter is None else filter
    rates = dilations if rates is None else rates
    attrs = {"strides": [int(s) for s in strides], "rates": [int(r) for r in rates], "padding": padding}
    return Dilation2D.apply(input, filter, **attrs, name=name)


def erosion2d(value, kernel, strides, rates, padding, name=None):
    """tf.nn.erosion2d: the smallest of value - kernel under each window, the kernel turned by half a
    circle.
    """
    from minitf.ops.reversing import reverse

    with name_scope(name, "erosion2d", [value, kernel]) as scope:
        value, kernel = convert_to_tensor(value), convert_to_tensor(kernel)
        return negative(
            dilation2d(negative(value), reverse(kernel, [0, 1]), strides, rates, padding, name=scope)
        )
