"""One or the other, element by element; and where a condition holds."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph import shape as shapes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import elementwise, nonzero
from minitf.ops.array import shape_of, zeros, zeros_like
from minitf.ops.broadcasting import _known_axes, _sum_to, broadcast_gradient_args
from minitf.ops.constant import convert_to_tensor
from minitf.ops.elementwise import Elementwise
from minitf.ops.examples import array, booleans, example, normal
from minitf.ops.op import NUMBERS, Op


def _choose(condition, t, e):
    return t if condition else e


class Select(Op):
    """t where `condition` holds, else e; a scalar chooses all, a vector whole rows"""

    joins = True
    inputs = {"condition": "bool", "t": "T", "e": "T"}
    types = {"T": ()}
    examples = [
        example(booleans(3, 4), normal(3, 4), normal(3, 4)),
        example(booleans(3), normal(3, 4), normal(3, 4)),
        example(booleans(), normal(3, 4), normal(3, 4)),
    ]

    def infer(op, condition, t, e):
        shape = t.shape.merge_with(e.shape)
        rank = condition.shape.ndims
        if rank == 1 and shape.ndims not in (None, 1):
            condition.shape[0].assert_is_compatible_with(shape[0])
        elif rank is not None and rank > 0:
            shape = shape.merge_with(condition.shape)
        return [(shape, t.dtype)]

    def cpu(op, condition, t, e, out):
        return [elementwise.launch(_choose, [_as_column(condition, t), t, e], out)]

    def numpy(op, condition, t, e):
        return np.where(_as_column(condition, t), t, e)

    def gradient(op, dz):
        condition, nothing = op.inputs[0], zeros_like(op.inputs[1])
        return [None, where(condition, dz, nothing), where(condition, nothing, dz)]


def _as_column(condition, t):
    """A vector of choices, one per row of `t`, in a shape that broadcasts against `t`."""
    return condition.reshape(-1, *[1] * (t.ndim - 1)) if condition.ndim == 1 else condition


class SelectV2(Elementwise):
    """t where `condition` holds, else e, with broadcasting"""

    inputs = {"condition": "bool", "t": "T", "e": "T"}
    types = {"T": ()}
    examples = [
        example(booleans(3, 4), normal(3, 4), normal(3, 4)),
        example(booleans(3, 1), normal(4), normal()),
    ]

    def infer(op, condition, t, e):
        return [(shapes.broadcast(shapes.broadcast(condition.shape, t.shape), e.shape), t.dtype)]

    def scalar(condition, t, e):
        return t if condition else e

    def numpy(condition, t, e):
        return np.where(condition, t, e)

    def gradient(op, dz):
        condition, t, e = op.inputs
        nothing = zeros([], dz.dtype.base_dtype)
        return [None, *_sum_each([t, e], op.outputs[0], where_v2(condition, dz, nothing),
                                 where_v2(condition, nothing, dz))]  # fmt: skip


def _sum_each(inputs, output, *gradients):
    """Each gradient summed to the shape of its input; all have the shape of `output`."""
    summed = []
    for x, gradient in zip(inputs, gradients, strict=True):
        sx, sz = shape_of(x), shape_of(output)
        known = _known_axes(x.shape.sizes, output.shape.sizes)
        if known is None:
            summed.append(_sum_to(gradient, broadcast_gradient_args(sx, sz)[0], sx))
        elif known[0] or x.shape.ndims < output.shape.ndims:
            summed.append(_sum_to(gradient, np.array(known[0], np.int32), sx))
        else:
            summed.append(gradient)
    return summed


class Where(Op):
    """The places of all elements that are True (or not 0), row by row: int64 (n, rank)"""

    inputs = {"condition": "T"}
    types = {"T": (*NUMBERS, "bool")}
    foldable = False
    examples = [
        example(array([[True, False], [True, True]])),
        example(array([0.0, 2.0, np.nan], np.float32)),
        example(booleans(3, 4, 5)),
        example(array(True)),
    ]

    def infer(op, condition):
        return [(TensorShape([None, condition.shape.ndims]), dtypes.int64)]

    def measure(op, condition):
        return [(nonzero.count(condition), condition.ndim)]

    def cpu(op, condition, out):
        return [nonzero.places_launch(condition, out)]

    def numpy(op, condition):
        return np.argwhere(condition)

    gradient = None


def where(condition, x=None, y=None, name=None):
    """tf.where: elements of x where `condition` holds, of y elsewhere.

    `condition` has the shape of x and y, or is a scalar, or a vector that chooses rows.  Without x
    and y: the places where `condition` holds, int64 (n, rank).  Raises ValueError where only one of
    x and y is given, or where shapes do not fit.
    """
    if x is None and y is None:
        with name_scope(name, "Where", [condition]) as scope:
            condition = convert_to_tensor(condition, preferred_dtype="bool", name="condition")
            return Where.apply(condition, name=scope)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return Select.apply(condition, x, y, name=name)


def where_v2(condition, x=None, y=None, name=None):
    """tf.where_v2: `where`, with broadcasting of all three."""
    if x is None and y is None:
        return where(condition, name=name)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return SelectV2.apply(condition, x, y, name=name)
