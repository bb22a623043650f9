"""What an operation has to do at least: the bytes that it takes and gives, and its arithmetic.

Operations are counted as in a text book: an addition, a multiplication, a comparison and an exponential are one each,
and a product of matrices m x k and k x n takes 2 m n k, however it is computed.
"""

import ast
import functools
import inspect
import math
import textwrap

# Operations for each element of the largest array, as the formulas in the operations' classes have them.
_EACH = {
    "Softmax": 4, "LogSoftmax": 5, "SoftmaxCrossEntropyWithLogits": 8, "SparseSoftmaxCrossEntropyWithLogits": 6,
    "ApplyGradientDescent": 2, "ApplyMomentum": 4, "ApplyAdam": 12, "ApplyAdagrad": 6, "ApplyRMSProp": 10,
    "Sum": 1, "Mean": 1, "Max": 1, "Min": 1, "Prod": 1, "BiasAdd": 1, "BiasAddGrad": 1, "L2Loss": 2, "AddN": 1,
    "FusedBatchNormV3": 7, "FusedBatchNormGradV3": 10,
}  # fmt: skip
_FUNCTIONS = {
    "exp", "expm1", "log", "log1p", "tanh", "sqrt", "sin", "cos", "tan", "erf", "abs", "min", "max", "floor", "pow",
    "sigmoid", "softplus",
}  # fmt: skip


def bytes_of(specs):
    """Bytes of values that are described by `Spec`s with known shapes."""
    return sum(s.shape.num_elements() * s.dtype.size for s in specs)


def flops_of(op, inputs, outputs):
    """Operations that `op` takes on inputs and outputs of these shapes (tuples); None where no rule counts them."""
    kind, size = op.type, math.prod(outputs[0]) if outputs else 0
    if kind in ("MatMul", "BatchMatMulV2"):
        transposed = op.attrs.get("transpose_a") or op.attrs.get("adj_x")
        return 2 * size * inputs[0][-2 if transposed else -1]
    if kind == "Conv2D":
        return 2 * size * math.prod(inputs[1][:3])
    if kind == "DepthwiseConv2dNative":
        return 2 * size * math.prod(inputs[1][:2])
    if kind == "Conv2DBackpropFilter":
        return 2 * math.prod(inputs[2]) * math.prod(outputs[0][:3])
    if kind == "Conv2DBackpropInput":
        return 2 * math.prod(inputs[2]) * math.prod(inputs[1][:3])
    if kind in ("MaxPool", "AvgPool"):
        return size * math.prod(op.attrs["ksize"])
    scalar = getattr(op.definition, "scalar", None)
    if scalar is not None:
        return size * _arithmetic(scalar)
    return _EACH[kind] * max(map(math.prod, (*inputs, *outputs))) if kind in _EACH else None


@functools.cache
def _arithmetic(function):
    """How many operations the source of a scalar function writes, at least one."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError, TypeError):  # made by another function: its source is not a statement
        return 1
    return max(1, sum(isinstance(node, (ast.BinOp, ast.Compare)) or _computes(node) for node in ast.walk(tree)))


def _computes(node):
    called = node.func if isinstance(node, ast.Call) else None
    return getattr(called, "id", getattr(called, "attr", None)) in _FUNCTIONS
