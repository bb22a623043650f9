"""`Elementwise`: an op fully described by one scalar function.

The CPU loops, the shape rule and the launches follow from `scalar`.  A scalar function must keep the
dtype of its arguments: write `type(x)(0)`, not `0.0`, so that float32 stays float32, and order
comparisons so that NaN travels.
"""

from minitf.graph import dtypes, shape
from minitf.kernels import elementwise
from minitf.ops.op import Op, as_array


class Elementwise(Op, abstract=True):
    """y[i] = scalar(x[i], ...) with NumPy's broadcasting."""

    joins = True
    result = "T"  # dtype of the output: a type letter of the inputs, or a dtype's name

    def scalar(*numbers):
        raise NotImplementedError

    def infer(op, *inputs):
        out = inputs[0].shape
        for other in inputs[1:]:
            out = shape.broadcast(out, other.shape)
        letter = op.definition.result
        return [(out, op.attrs[letter] if letter in op.attrs else dtypes.as_dtype(letter))]

    def cpu(op, *arrays):
        *inputs, out = arrays
        return [elementwise.launch(op.definition.scalar, inputs, out)]

    @classmethod
    def evaluate(cls, op, arrays):
        return [as_array(cls.numpy(*arrays), op.outputs[0].dtype)]
