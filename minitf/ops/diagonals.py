"""Diagonals and triangles of matrices: made, taken, replaced.

Diagonal number k runs above the main diagonal for k > 0, below it for k < 0.  Several diagonals (k = (low,
high)) are the rows of a matrix, the highest first; `align` says at which end short ones are padded.
"""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import copying
from minitf.kernels.machine import Launch
from minitf.ops.array import ones, shape_of, zeros
from minitf.ops.constant import constant, convert_to_tensor, make_shape
from minitf.ops.examples import array, example, normal
from minitf.ops.op import INDICES, Op


class Diag(Op):
    """output[i, ..., i, ...] = diagonal[i, ...], zeros elsewhere: a tensor of twice the rank."""

    inputs = {"diagonal": "T"}
    types = {"T": ()}
    examples = [example(normal(3)), example(normal(2, 3))]

    def infer(op, diagonal):
        return [(diagonal.shape.with_rank_at_least(1).concatenate(diagonal.shape), diagonal.dtype)]

    def cpu(op, diagonal, out):
        line = np.diagonal(out.reshape(diagonal.size, diagonal.size))
        return [copying.fill_launch(0, out), copying.view_launch(diagonal.reshape(-1), line, diagonal, out)]

    def numpy(op, diagonal):
        return np.diag(diagonal.reshape(-1)).reshape(diagonal.shape * 2)

    def gradient(op, dy):
        return [tensor_diag_part(dy)]


class DiagPart(Op):
    """diagonal[i, ...] = input[i, ..., i, ...]"""

    inputs = {"input": "T"}
    types = {"T": ()}
    examples = [example(normal(3, 3)), example(normal(2, 3, 2, 3))]

    def infer(op, input):
        n = input.shape.ndims
        if n is None:
            return [(input.shape, input.dtype)]
        if n % 2 or n == 0:
            raise ValueError(f"Input must have even and non-zero rank, input rank is {n}")
        return [(input.shape[: n // 2].merge_with(input.shape[n // 2 :]), input.dtype)]

    def cpu(op, input, out):
        line = np.diagonal(input.reshape(out.size, out.size))
        return [copying.view_launch(line, out.reshape(-1), input, out)]

    def numpy(op, input):
        half = input.shape[: input.ndim // 2]
        size = int(np.prod(half))
        return np.diagonal(input.reshape(size, size)).reshape(half)

    def gradient(op, dy):
        return [tensor_diag(dy)]


def tensor_diag(diagonal, name=None):
    """tf.diag: the tensor of twice the rank with `diagonal` on its diagonal."""
    return Diag.apply(diagonal, name=name)


def tensor_diag_part(input, name=None):
    """tf.diag_part: the diagonal of a tensor of even rank.  Raises ValueError for an odd one."""
    return DiagPart.apply(input, name=name)


# -- diagonals of the last two axes ---------------------------------------------------------------------------


def _band_of(k):
    """(low, high) from a number or a pair."""
    values = [int(v) for v in np.asarray(k).reshape(-1)]
    if len(values) not in (1, 2) or values[0] > values[-1]:
        raise ValueError(f"k must be one number or a pair (low, high), got {values}")
    return values[0], values[-1]


def _length(d, rows, columns):
    return min(rows + min(d, 0), columns - max(d, 0))


def _packed_parts(matrix, packed, k, align):
    """[(diagonal of `matrix`, where it lies in `packed`)]; `packed` has one row per diagonal."""
    low, high = _band_of(k)
    rows, columns = matrix.shape[-2:]
    if not (-rows < low <= high < columns) and matrix.size and (low, high) != (0, 0):
        raise ValueError(f"diagonals {low} to {high} do not lie in a matrix of {rows} x {columns}")
    lines = packed if low != high else packed[..., None, :]
    super_left, sub_left = (word == "LEFT" for word in align.split("_"))
    parts = []
    for d in range(high, low - 1, -1):
        n = _length(d, rows, columns)
        left = (d >= 0 and super_left) or (d <= 0 and sub_left)
        first = 0 if left else lines.shape[-1] - n
        parts.append((np.diagonal(matrix, d, -2, -1), lines[..., high - d, first : first + n]))
    return parts


def _packed_shape(shape, k):
    """The shape of the packed diagonals of matrices of `shape`."""
    if shape.ndims is None or k is None:
        return TensorShape(None)
    low, high = _band_of(k)
    rows, columns = shape.sizes[-2:]
    longest = None if None in (rows, columns) else min(rows + min(high, 0), columns - max(low, 0))
    return shape[:-2].concatenate([high - low + 1] if low != high else []).concatenate([longest])


class MatrixDiagV3(Op):
    """Matrices with `diagonal` as their diagonals k, and `padding_value` elsewhere."""

    inputs = {"diagonal": "T", "k": "int32", "num_rows": "int32", "num_cols": "int32", "padding_value": "T"}
    types = {"T": ()}
    attrs = {"align": "RIGHT_LEFT"}
    static = (1, 2, 3)
    default_name = "diag"
    examples = [
        example(normal(2, 3), array(0), array(-1), array(-1), normal()),
        example(normal(2, 3), array(1), array(-1), array(5), normal()),
        example(normal(2, 3, 3), array([-1, 1]), array(-1), array(-1), normal(), gradient=False),
    ]

    def infer(op, diagonal, k, num_rows, num_cols, padding_value):
        sizes = diagonal.shape.with_rank_at_least(1).sizes
        if sizes is None or any(v.value is None for v in (k, num_rows, num_cols)):
            return [(TensorShape(None), diagonal.dtype)]
        low, high = _band_of(k.value)
        batch, longest = sizes[: -1 if low == high else -2], sizes[-1]
        if longest is None:
            return [(TensorShape([*batch, None, None]), diagonal.dtype)]
        rows, columns = int(num_rows.value), int(num_cols.value)
        least = longest - min(high, 0), longest + max(low, 0)
        if rows == -1 and columns == -1:
            rows = columns = max(least)
        rows, columns = least[0] if rows == -1 else rows, least[1] if columns == -1 else columns
        if rows < least[0] or columns < least[1]:
            raise ValueError(f"{rows} x {columns} is too small for diagonals of length {longest}")
        return [(TensorShape([*batch, rows, columns]), diagonal.dtype)]

    def cpu(op, diagonal, k, num_rows, num_cols, padding_value, out):
        parts = _packed_parts(out, diagonal, k, op.attrs["align"])
        copies = [copying.view_launch(line, place, diagonal, out) for place, line in parts]
        return [copying.fill_launch_from(padding_value, out), *copies]

    def numpy(op, diagonal, k, num_rows, num_cols, padding_value):
        from minitf.ops.op import Spec

        known = [Spec(TensorShape(v.shape), None, v) for v in (diagonal, k, num_rows, num_cols, padding_value)]
        out = np.full(MatrixDiagV3.infer(op, *known)[0][0].sizes, padding_value, diagonal.dtype)
        return _with_diagonals(out, diagonal, k, op.attrs["align"])

    def gradient(op, dy):
        return [matrix_diag_part(dy, k=op.inputs[1], align=op.attrs["align"]), None, None, None, None]


def _with_diagonals(matrix, packed, k, align):
    for place, line in _packed_parts(matrix, packed, k, align):
        place.flags.writeable = True
        place[...] = line
    return matrix


class MatrixDiagPartV3(Op):
    """The diagonals k of the matrices in the last two axes; short ones are padded with `padding_value`."""

    inputs = {"input": "T", "k": "int32", "padding_value": "T"}
    types = {"T": ()}
    attrs = {"align": "RIGHT_LEFT"}
    static = (1,)
    default_name = "diag_part"
    examples = [
        example(normal(2, 3, 3), array(0), normal()),
        example(normal(2, 3, 4), array(-1), normal()),
        example(normal(2, 3, 4), array([-1, 1]), normal()),
    ]

    def infer(op, input, k, padding_value):
        return [(_packed_shape(input.shape.with_rank_at_least(2), k.value), input.dtype)]

    def cpu(op, input, k, padding_value, out):
        parts = _packed_parts(input, out, k, op.attrs["align"])
        copies = [copying.view_launch(line, place, input, out) for line, place in parts]
        return [copying.fill_launch_from(padding_value, out), *copies]

    def numpy(op, input, k, padding_value):
        out = np.full(_packed_shape(TensorShape(input.shape), k).sizes, padding_value, input.dtype)
        for line, place in _packed_parts(input, out, k, op.attrs["align"]):
            place[...] = line
        return out

    def gradient(op, dy):
        input, k, _ = op.inputs
        rows, columns = input.shape.sizes[-2:] if input.shape.ndims is not None else (None, None)
        if rows is None or columns is None:
            sizes = shape_of(input)
            return [matrix_set_diag(zeros(sizes, dy.dtype), dy, k=k, align=op.attrs["align"]), None, None]
        return [matrix_diag(dy, k=k, num_rows=rows, num_cols=columns, align=op.attrs["align"]), None, None]


class MatrixSetDiagV3(Op):
    """`input` with its diagonals k replaced by those in `diagonal`."""

    inputs = {"input": "T", "diagonal": "T", "k": "int32"}
    types = {"T": ()}
    attrs = {"align": "RIGHT_LEFT"}
    static = (2,)
    default_name = "set_diag"
    examples = [
        example(normal(2, 3, 3), normal(2, 3), array(0)),
        example(normal(2, 3, 4), normal(2, 3), array(1)),
    ]

    def infer(op, input, diagonal, k):
        diagonal.shape.with_rank_at_least(1)
        return [(input.shape.with_rank_at_least(2), input.dtype)]

    def cpu(op, input, diagonal, k, out):
        _packed_shape(TensorShape(input.shape), k).assert_is_compatible_with(diagonal.shape)
        parts = _packed_parts(out, diagonal, k, op.attrs["align"])
        copies = [copying.view_launch(line, place, diagonal, out) for place, line in parts]
        return [copying.copy_launch(input, out), *copies]

    def numpy(op, input, diagonal, k):
        _packed_shape(TensorShape(input.shape), k).assert_is_compatible_with(diagonal.shape)
        return _with_diagonals(input.copy(), diagonal, k, op.attrs["align"])

    def gradient(op, dy):
        _, diagonal, k = op.inputs
        blank = zeros(diagonal.shape if diagonal.shape.is_fully_defined() else shape_of(diagonal), dy.dtype)
        rest = matrix_set_diag(dy, blank, k=k, align=op.attrs["align"])
        return [rest, matrix_diag_part(dy, k=k, align=op.attrs["align"]), None]


def matrix_diag(diagonal, name="diag", k=0, num_rows=-1, num_cols=-1, padding_value=0, align="RIGHT_LEFT"):
    """tf.matrix_diag: matrices with `diagonal` as their diagonal k (or diagonals k = (low, high)).

    diagonal: (..., n) -> (..., num_rows, num_cols), by default square and as small as possible.
    """
    return MatrixDiagV3.apply(diagonal, k, num_rows, num_cols, padding_value, align=align, name=name)


def matrix_diag_part(input, name="diag_part", k=0, padding_value=0, align="RIGHT_LEFT"):
    """tf.matrix_diag_part: the diagonal k of every matrix in the last two axes."""
    return MatrixDiagPartV3.apply(input, k, padding_value, align=align, name=name)


def matrix_set_diag(input, diagonal, name="set_diag", k=0, align="RIGHT_LEFT"):
    """tf.matrix_set_diag: `input` with the diagonal k of every matrix replaced."""
    return MatrixSetDiagV3.apply(input, diagonal, k, align=align, name=name)


class MatrixBandPart(Op):
    """The diagonals from `num_lower` below to `num_upper` above the main one; zeros elsewhere; -1 is all."""

    inputs = {"input": "T", "num_lower": "Tindex", "num_upper": "Tindex"}
    types = {"T": (), "Tindex": INDICES}
    static = (1, 2)
    examples = [
        example(normal(2, 3, 4), array(1), array(0)),
        example(normal(3, 3), array(-1), array(1)),
    ]

    def infer(op, input, num_lower, num_upper):
        for scalar in (num_lower, num_upper):
            scalar.shape.with_rank(0)
        return [(input.shape.with_rank_at_least(2), input.dtype)]

    def cpu(op, input, num_lower, num_upper, out):
        shape = (-1, *input.shape[-2:])
        return [Launch(copying.band, int(num_lower), int(num_upper), input.reshape(shape), out.reshape(shape))]

    def numpy(op, input, num_lower, num_upper):
        below = np.subtract.outer(np.arange(input.shape[-2]), np.arange(input.shape[-1]))
        inside = ((num_lower < 0) | (below <= num_lower)) & ((num_upper < 0) | (-below <= num_upper))
        return np.where(inside, input, np.zeros((), input.dtype))

    def gradient(op, dy):
        return [matrix_band_part(dy, op.inputs[1], op.inputs[2]), None, None]


def matrix_band_part(input, num_lower, num_upper, name=None):
    """tf.matrix_band_part: the matrices within a band around the diagonal; (-1, 0) is the lower triangle."""
    return MatrixBandPart.apply(input, num_lower, num_upper, name=name)


def trace(x, name=None):
    """tf.trace: the sum of the main diagonal of every matrix in the last two axes."""
    from minitf.ops.reductions import reduce_sum

    with name_scope(name, "Trace", [x]) as scope:
        return reduce_sum(matrix_diag_part(convert_to_tensor(x, name="x")), [-1], name=scope)


def eye(num_rows, num_columns=None, batch_shape=None, dtype=dtypes.float32, name=None):
    """tf.eye: the identity matrix, or a stack of them of shape (*batch_shape, num_rows, num_columns)."""
    from minitf.ops.arithmetic import minimum
    from minitf.ops.joining import concat

    with name_scope(name, default_name="eye", values=[num_rows, num_columns, batch_shape]):
        square = num_columns is None
        batch_shape = [] if batch_shape is None else batch_shape
        columns = num_rows if square else num_columns
        if _is_size(num_rows) and _is_size(columns) and isinstance(batch_shape, (list, tuple)):
            line, whole = [*batch_shape, min(num_rows, columns)], [*batch_shape, num_rows, columns]
        else:
            batch = constant(np.zeros(0, np.int32), name="shape") if _is_empty(batch_shape) else make_shape(batch_shape)
            line = concat([batch, [minimum(num_rows, columns)]], 0)
            whole = None if square else concat([batch, [num_rows, columns]], 0)
        line = ones(line, dtype)
        return matrix_diag(line) if square else matrix_set_diag(zeros(whole, dtype), line)


def _is_size(value):
    return isinstance(value, (int, np.integer))


def _is_empty(value):
    return isinstance(value, (list, tuple)) and not value
