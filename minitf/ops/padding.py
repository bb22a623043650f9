"""Borders: zeros, a constant, or a mirror image of what lies inside."""

import numpy as np

from minitf.graph.shape import TensorShape
from minitf.kernels import copying, mirroring
from minitf.ops.array import rank, reshape, shape_of
from minitf.ops.examples import array, example, normal
from minitf.ops.op import INDICES, Op, constant_value


class Pad(Op):
    """Zeros before and after the input: `paddings[d]` = (before, after) along axis d."""

    inputs = {"input": "T", "paddings": "Tpaddings"}
    types = {"T": (), "Tpaddings": INDICES}
    static = (1,)
    examples = [example(normal(2, 3), array([[1, 0], [2, 1]])), example(normal(3), array([[0, 2]]))]

    def infer(op, input, paddings, *constant_values):
        for value in constant_values:
            value.shape.with_rank(0)
        return [(_padded_shape(input.shape, paddings), input.dtype)]

    def cpu(op, input, paddings, out):
        return _padded_launches(input, paddings, np.zeros(1, out.dtype), out)

    def numpy(op, input, paddings):
        return _padded(input, paddings, np.zeros((), input.dtype))

    def gradient(op, dy):
        return _inside_of(op, dy)


class PadV2(Pad):
    """`constant_values` before and after the input; as in TensorFlow, no gradient flows to them."""

    inputs = {"input": "T", "paddings": "Tpaddings", "constant_values": "T"}
    examples = [example(normal(2, 3), array([[1, 0], [2, 1]]), normal())]

    def cpu(op, input, paddings, constant_values, out):
        return _padded_launches(input, paddings, constant_values.reshape(1), out)

    def numpy(op, input, paddings, constant_values):
        return _padded(input, paddings, constant_values)

    def gradient(op, dy):
        return [*_inside_of(op, dy), None]


def _padded(input, paddings, value):
    sizes = [int(a) + n + int(b) for (a, b), n in zip(paddings, input.shape, strict=True)]
    out = np.full(sizes, value, input.dtype)
    out[_inside(input, paddings)] = input
    return out


def _padded_shape(shape, paddings):
    """The shape with its borders.  Raises ValueError where `paddings` is not (rank, 2) or negative."""
    rows = paddings.shape.with_rank(2).merge_with([None, 2]).sizes[0]
    if rows is not None:
        shape = shape.with_rank(rows)
    if shape.ndims is not None:
        paddings.shape.merge_with([shape.ndims, 2])
    if shape.ndims is None or paddings.value is None:
        return TensorShape(None if shape.ndims is None else [None] * shape.ndims)
    if (paddings.value < 0).any():
        raise ValueError(f"Paddings must be non-negative, got {paddings.value.tolist()}")
    return TensorShape([None if n is None else n + int(a) + int(b)
                        for n, (a, b) in zip(shape.sizes, paddings.value, strict=True)])  # fmt: skip


def _inside(input, paddings):
    return (*(slice(int(a), int(a) + n) for (a, _), n in zip(paddings, input.shape, strict=True)), ...)


def _padded_launches(input, paddings, value, out):
    """Launches that copy the input to its place, and `value` (1,) to the borders along each axis."""
    inside, launches = _inside(input, paddings)[:-1], []
    for axis, found in enumerate(inside):
        for border in (slice(0, found.start), slice(found.stop, None)):
            part = out[(*inside[:axis], border)]
            if part.size:
                launches.append(copying.view_launch(np.broadcast_to(value, part.shape), part, value, out))
    return [*launches, copying.view_launch(input, out[_inside(input, paddings)], input, out)]


def _inside_of(op, dy):
    """The part of `dy` that the input takes in the output."""
    from minitf.ops.joining import stack
    from minitf.ops.slicing import slice

    input, paddings = op.inputs[:2]
    before = slice(paddings, [0, 0], stack([rank(input), 1]))
    return [slice(dy, reshape(before, [-1]), shape_of(input)), None]


class MirrorPad(Op):
    """The input mirrored at its borders; REFLECT leaves out the border itself, SYMMETRIC repeats it."""

    inputs = {"input": "T", "paddings": "Tpaddings"}
    types = {"T": (), "Tpaddings": INDICES}
    static = (1,)
    examples = [
        example(normal(3, 4), array([[1, 2], [2, 1]]), mode="REFLECT"),
        example(normal(3, 4), array([[1, 3], [0, 2]]), mode="SYMMETRIC"),
    ]

    def infer(op, input, paddings):
        return [(_padded_shape(input.shape, paddings), input.dtype)]

    def cpu(op, input, paddings, out):
        return [copying.view_launch(input, out[_inside(input, paddings)], input, out), *_mirrors(op, paddings, out)]

    def numpy(op, input, paddings):
        _check_mirror(op, input.shape, paddings)
        return np.pad(input, [(int(a), int(b)) for a, b in paddings], op.attrs["mode"].lower())

    def gradient(op, dy):
        return [MirrorPadGrad.apply(dy, op.inputs[1], mode=op.attrs["mode"]), None]


class MirrorPadGrad(Op):
    """The elements of the borders added to the elements that they mirror; the borders are gone."""

    inputs = {"input": "T", "paddings": "Tpaddings"}
    types = {"T": (), "Tpaddings": INDICES}
    static = (1,)
    examples = [
        example(normal(6, 7), array([[1, 2], [2, 1]]), mode="REFLECT"),
        example(normal(9, 3, 8), array([[3, 2], [0, 0], [2, 3]]), mode="SYMMETRIC"),
        example(normal(3, 2), array([[0, 0], [0, 0]]), mode="SYMMETRIC"),
    ]

    def infer(op, input, paddings):
        if paddings.value is None or input.shape.ndims is None:
            return [(TensorShape(None if input.shape.ndims is None else [None] * input.shape.ndims), input.dtype)]
        borders = [int(a) + int(b) for a, b in paddings.value]
        inner = [None if n is None else n - b for n, b in zip(input.shape.sizes, borders, strict=True)]
        return [(TensorShape(inner), input.dtype)]

    def cpu(op, input, paddings, out):
        return mirroring.fold_launches(input, paddings, int(op.attrs["mode"] == "REFLECT"), out)

    def numpy(op, input, paddings):
        skip = op.attrs["mode"] == "REFLECT"
        out = input
        for axis, (before, after) in enumerate(paddings):
            a, b, rows = int(before), int(after), np.moveaxis(out, axis, 0)
            inside = rows[a : len(rows) - b].copy()
            n = len(inside)
            inside[skip : a + skip] += rows[:a][::-1]
            inside[n - b - skip : n - skip] += rows[len(rows) - b :][::-1]
            out = np.moveaxis(inside, 0, axis)
        return out

    def gradient(op, dy):
        return [MirrorPad.apply(dy, op.inputs[1], mode=op.attrs["mode"]), None]


def _check_mirror(op, sizes, paddings):
    skip = op.attrs["mode"] == "REFLECT"
    for d, (n, (a, b)) in enumerate(zip(sizes, paddings, strict=True)):
        if max(a, b) > n - skip:
            raise ValueError(f"paddings of dimension {d} must be no greater than its size {n - skip}, got {a}, {b}")


def _mirrors(op, paddings, out):
    """Copies from inside of `out` to its borders, one axis after the other: corners mirror mirrors."""
    skip = op.attrs["mode"] == "REFLECT"
    sizes = [n - int(a) - int(b) for n, (a, b) in zip(out.shape, paddings, strict=True)]
    _check_mirror(op, sizes, paddings)
    launches = []
    for axis, (before, after) in enumerate(paddings):
        a, b, rows = int(before), int(after), _done(out, paddings, axis)
        n = len(rows)
        if a:
            launches.append(copying.view_launch(rows[a + skip : 2 * a + skip][::-1], rows[:a], out, out))
        if b:
            launches.append(copying.view_launch(rows[n - 2 * b - skip : n - b - skip][::-1], rows[n - b :], out, out))
    return launches


def _done(out, paddings, axis):
    """`out` with `axis` first: whole along the axes before it, without borders along those behind."""
    index = [slice(None)] * (axis + 1)
    index += [slice(int(a), out.shape[d] - int(b)) for d, (a, b) in enumerate(paddings) if d > axis]
    return np.moveaxis(out[tuple(index)], axis, 0)


def pad(tensor, paddings, mode="CONSTANT", name=None, constant_values=0):
    """tf.pad: borders of `paddings[d]` = (before, after) elements along axis d.

    `mode`: CONSTANT (`constant_values`), REFLECT (a mirror without the border) or SYMMETRIC (with it).
    Raises ValueError for another mode, or where `paddings` does not fit.
    """
    mode = mode.upper()
    if mode == "CONSTANT":
        is_zero = not hasattr(constant_values, "op") and np.ndim(constant_values) == 0 and constant_values == 0
        if is_zero:
            result = Pad.apply(tensor, paddings, name=name)
        else:
            result = PadV2.apply(tensor, paddings, constant_values, name=name)
    elif mode in ("REFLECT", "SYMMETRIC"):
        result = MirrorPad.apply(tensor, paddings, mode=mode, name=name)
    else:
        raise ValueError(f'Unknown padding mode: {mode}; expected "CONSTANT", "REFLECT" or "SYMMETRIC"')
    _narrow(result)
    return result


def _narrow(result):
    """Where some paddings are only partly known, sizes of axes without a border still are."""
    input, paddings = result.op.inputs[:2]
    if paddings.op.type == "Pack" and input.shape.ndims is not None and None in (result.shape.sizes or ()):
        rows = [constant_value(row) for row in paddings.op.inputs]
        sizes = [None if r is None or n is None else n + int(r.sum()) for n, r in
                 zip(input.shape.sizes, rows, strict=True)]  # fmt: skip
        result.set_shape(sizes)
