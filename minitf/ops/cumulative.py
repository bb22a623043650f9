"""Running sums and products along an axis."""

import numpy as np

from minitf.kernels import reduction
from minitf.ops.examples import array, example, normal, positive
from minitf.ops.numeric import widen
from minitf.ops.op import FLOATS, INDICES, NUMBERS, Op


class Cumulative(Op, abstract=True):
    """y[i] = x[0] o ... o x[i] along `axis`; `exclusive` leaves out x[i], `reverse` runs from the end."""

    inputs = {"x": "T", "axis": "Tidx"}
    types = {"T": NUMBERS, "Tidx": INDICES}
    attrs = {"exclusive": False, "reverse": False}
    static = (1,)
    examples = [
        example(normal(3, 4), array(0)),
        example(positive(2, 3, 2), array(-1), exclusive=True),
        example(positive(2, 3, 2), array(1), reverse=True),
        example(positive(4), array(0), reverse=True, exclusive=True),
    ]

    def infer(op, x, axis):
        return [(x.shape, x.dtype)]

    def cpu(op, x, axis, out):
        definition, attrs = op.definition, op.attrs
        axis = _axis(axis, x.ndim)
        return [reduction.scan_launch(definition.combine, definition.start, x, axis, attrs["exclusive"],
                                      attrs["reverse"], out)]  # fmt: skip

    @classmethod
    def evaluate(cls, op, arrays):
        return super().evaluate(op, [widen(arrays[0]), arrays[1]])

    def numpy(op, x, axis):
        definition, axis = op.definition, _axis(axis, x.ndim)
        x = np.moveaxis(x, axis, 0)
        x = x[::-1] if op.attrs["reverse"] else x
        if op.attrs["exclusive"] and len(x):
            x = np.concatenate([np.full_like(x[:1], definition.start), x[:-1]])
        out = definition.ufunc.accumulate(x, axis=0, dtype=x.dtype)
        return np.moveaxis(out[::-1] if op.attrs["reverse"] else out, 0, axis)


def _axis(value, rank):
    if value.ndim != 0:
        raise ValueError(f"axis must be a scalar, not of shape {list(value.shape)}")
    if not -rank <= int(value) < rank:
        raise ValueError(f"Expected scan axis in the range [{-rank}, {rank}), but got {int(value)}")
    return int(value) % rank


class Cumsum(Cumulative):
    """y[i] = x[0] + ... + x[i] along `axis`."""

    ufunc, start = np.add, 0

    def combine(total, x):
        return total + x

    def gradient(op, dy):
        axis, exclusive, reverse = op.inputs[1], op.attrs["exclusive"], op.attrs["reverse"]
        return [cumsum(dy, axis, exclusive=exclusive, reverse=not reverse), None]


class Cumprod(Cumulative):
    """y[i] = x[0] * ... * x[i] along `axis`."""

    ufunc, start = np.multiply, 1

    def combine(total, x):
        return total * x

    def gradient(op, dy):
        """Each y[j] from x[i] on holds x[i] once: sum y dy from there on, divide by x[i]."""
        from minitf.ops.division import div_no_nan

        x, axis = op.inputs
        exclusive, reverse = op.attrs["exclusive"], op.attrs["reverse"]
        product = cumprod(x, axis, exclusive=exclusive, reverse=reverse)
        total = cumsum(product * dy, axis, exclusive=exclusive, reverse=not reverse)
        return [div_no_nan(total, x), None]


class CumulativeLogsumexp(Cumulative):
    """y[i] = log(exp(x[0]) + ... + exp(x[i])) along `axis`."""

    types = {"T": FLOATS, "Tidx": INDICES}
    ufunc, start, cpu = np.logaddexp, -np.inf, None
    examples = [example(normal(3, 4), array(0)), example(normal(2, 3), array(1), reverse=True)]

    def gradient(op, dy):
        """exp(x[i]) sum of dy[j] / exp(y[j]) over the j whose sums hold x[i], by logarithms of |dy|."""
        from minitf.ops.arithmetic import maximum, negative
        from minitf.ops.exponentials import exp, log

        x, axis = op.inputs
        sides = []
        for part in (maximum(dy, 0), maximum(negative(dy), 0)):
            logs = CumulativeLogsumexp.apply(log(part) - op.outputs[0], axis, exclusive=op.attrs["exclusive"],
                                             reverse=not op.attrs["reverse"])  # fmt: skip
            sides.append(exp(logs + x))
        return [sides[0] - sides[1], None]


def cumsum(x, axis=0, exclusive=False, reverse=False, name=None):
    """tf.cumsum: the running sum along `axis`.

    `exclusive` leaves out the element itself (starts with 0); `reverse` runs from the end.
    """
    return Cumsum.apply(x, axis, exclusive=exclusive, reverse=reverse, name=name)


def cumprod(x, axis=0, exclusive=False, reverse=False, name=None):
    """tf.cumprod: the running product along `axis`; see `cumsum`."""
    return Cumprod.apply(x, axis, exclusive=exclusive, reverse=reverse, name=name)


def cumulative_logsumexp(x, axis=0, exclusive=False, reverse=False, name=None):
    """tf.math.cumulative_logsumexp: log of the running sum of exp(x) along `axis`; see `cumsum`."""
    return CumulativeLogsumexp.apply(x, axis, exclusive=exclusive, reverse=reverse, name=name)
