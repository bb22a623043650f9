"""Axes backwards, sequences backwards, and rolls."""

import itertools

import numpy as np

from minitf.kernels.copying import view_launch
from minitf.kernels.reversing import reverse_sequences_launch
from minitf.ops.examples import array, booleans, example, normal
from minitf.ops.op import INDICES, Op


class ReverseV2(Op):
    """The elements in opposite order along every axis in `axis`."""

    inputs = {"tensor": "T", "axis": "Tidx"}
    types = {"T": (), "Tidx": INDICES}
    static = (1,)
    examples = [example(normal(2, 3, 4), array([1])), example(normal(2, 3), array([0, -1]))]

    def infer(op, tensor, axis):
        axis.shape.with_rank(1)
        if axis.value is not None and tensor.shape.ndims is not None:
            _axes(axis.value, tensor.shape.ndims)
        return [(tensor.shape, tensor.dtype)]

    def cpu(op, tensor, axis, out):
        return [view_launch(np.flip(tensor, _axes(axis, tensor.ndim)), out, tensor, out)]

    def numpy(op, tensor, axis):
        return np.flip(tensor, _axes(axis, tensor.ndim)).copy()

    def gradient(op, dy):
        return [reverse(dy, op.inputs[1]), None]


def _axes(axis, ndims):
    axes = [int(a) for a in axis]
    for a in axes:
        if not -ndims <= a < ndims:
            raise ValueError(f"axis {a} is out of valid range [{-ndims}, {ndims - 1}]")
    axes = tuple(a % ndims for a in axes)
    if len(set(axes)) < len(axes):
        raise ValueError(f"axis {axes} is named more than once")
    return axes


class Reverse(Op):
    """The elements in opposite order along every axis d where dims[d] is True."""

    inputs = {"tensor": "T", "dims": "bool"}
    types = {"T": ()}
    static = (1,)
    examples = [example(normal(2, 3), booleans(2))]

    def infer(op, tensor, dims):
        dims.shape.merge_with([tensor.shape.ndims])
        return [(tensor.shape, tensor.dtype)]

    def cpu(op, tensor, dims, out):
        return [view_launch(np.flip(tensor, tuple(np.flatnonzero(dims))), out, tensor, out)]

    def numpy(op, tensor, dims):
        return np.flip(tensor, tuple(np.flatnonzero(dims))).copy()

    def gradient(op, dy):
        return [Reverse.apply(dy, op.inputs[1]), None]


def reverse(tensor, axis, name=None):
    """tf.reverse: backwards along every axis that the vector `axis` names.

    Raises ValueError for an axis out of range or named twice.
    """
    return ReverseV2.apply(tensor, axis, name=name)


class ReverseSequence(Op):
    """The first seq_lengths[i] elements along `seq_dim` backwards, for entry i of `batch_dim`; the rest stays."""

    inputs = {"input": "T", "seq_lengths": "Tlen"}
    types = {"T": (), "Tlen": INDICES}
    attrs = {"batch_dim": 0}
    examples = [
        example(normal(3, 4, 2), array([2, 4, 0]), seq_dim=1),
        example(normal(4, 2, 3), array([1, 3, 2]), seq_dim=0, batch_dim=2),
    ]

    def infer(op, input, seq_lengths):
        batch, seq = op.attrs["batch_dim"], op.attrs["seq_dim"]
        seq_lengths.shape.with_rank(1)
        if input.shape.ndims is not None:
            for name, axis in (("batch_dim", batch), ("seq_dim", seq)):
                if axis >= input.shape.ndims:
                    raise ValueError(f"{name} must be < input rank: {axis} vs. {input.shape.ndims}")
            seq_lengths.shape.merge_with([input.shape.sizes[batch]])
        return [(input.shape, input.dtype)]

    def cpu(op, input, seq_lengths, out):
        _check_different(op)
        return [reverse_sequences_launch(input, seq_lengths, op.attrs["seq_dim"], op.attrs["batch_dim"], out)]

    def numpy(op, input, seq_lengths):
        _check_different(op)
        batch, seq, out = op.attrs["batch_dim"], op.attrs["seq_dim"], input.copy()
        rows, target = (np.moveaxis(a, (batch, seq), (0, 1)) for a in (input, out))
        for i, n in enumerate(seq_lengths):
            if not 0 <= n <= input.shape[seq]:
                raise ValueError(f"seq_lens({i}) = {n} is not in [0, {input.shape[seq]}], the size of dimension {seq}")
            target[i, :n] = rows[i, :n][::-1]
        return out

    def gradient(op, dy):
        attrs = {name: op.attrs[name] for name in ("seq_dim", "batch_dim")}
        return [ReverseSequence.apply(dy, op.inputs[1], **attrs), None]


def _check_different(op):
    if op.attrs["batch_dim"] == op.attrs["seq_dim"]:
        raise ValueError(f"batch_dim == seq_dim == {op.attrs['seq_dim']}")


def reverse_sequence(input, seq_lengths, seq_axis=None, batch_axis=None, name=None, seq_dim=None, batch_dim=None):
    """tf.reverse_sequence: the first seq_lengths[i] elements along `seq_axis` backwards, for entry i of `batch_axis`.

    Raises InvalidArgumentError at run time for a length beyond the axis.
    """
    seq = seq_dim if seq_axis is None else seq_axis
    batch = batch_dim if batch_axis is None else batch_axis
    return ReverseSequence.apply(input, seq_lengths, seq_dim=int(seq), batch_dim=int(batch or 0), name=name)


class Roll(Op):
    """The elements moved `shift` places along `axis`; what leaves at the end comes back at the beginning."""

    inputs = {"input": "T", "shift": "Tshift", "axis": "Taxis"}
    types = {"T": (), "Tshift": INDICES, "Taxis": INDICES}
    static = (1, 2)
    examples = [
        example(normal(2, 5), array(2), array(1)),
        example(normal(4, 5), array([-1, 2]), array([0, 1])),
    ]

    def infer(op, input, shift, axis):
        input.shape.with_rank_at_least(1)
        shift.shape.with_rank_at_most(1).merge_with(axis.shape)
        return [(input.shape, input.dtype)]

    def cpu(op, input, shift, axis, out):
        pieces = [_rolled_pieces(n, s) for n, s in zip(input.shape, _shifts(input, shift, axis), strict=True)]
        launches = []
        for chosen in itertools.product(*pieces):
            source, target = zip(*chosen, strict=True)
            launches.append(view_launch(input[(*source, ...)], out[(*target, ...)], input, out))
        return launches

    def numpy(op, input, shift, axis):
        return np.roll(input, _shifts(input, shift, axis), tuple(range(input.ndim)))

    def gradient(op, dy):
        return [roll(dy, -op.inputs[1], op.inputs[2]), None, None]


def _shifts(input, shift, axis):
    """How far every axis rolls: shifts of an axis that is named twice add up."""
    shifts = [0] * input.ndim
    for s, a in zip(np.atleast_1d(shift), np.atleast_1d(axis), strict=True):
        if not -input.ndim <= a < input.ndim:
            raise ValueError(f"axis {a} is out of range of a tensor of rank {input.ndim}")
        shifts[a] = (shifts[a] + int(s)) % max(input.shape[a], 1)
    return shifts


def _rolled_pieces(size, shift):
    """[(part of the input, where it goes)]: one piece, or two where it is cut."""
    if shift == 0:
        return [(slice(None), slice(None))]
    return [(slice(0, size - shift), slice(shift, size)), (slice(size - shift, size), slice(0, shift))]


def roll(input, shift, axis, name=None):
    """tf.roll: elements moved `shift` places along `axis`, round and round; both may be vectors."""
    return Roll.apply(input, shift, axis, name=name)
