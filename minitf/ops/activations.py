"""sigmoid, tanh, softplus and other smooth nonlinearities, each with its gradient op.

Those with a kink are in `rectifiers.py`.
"""

import numpy as np

from minitf.graph.graph import name_scope
from minitf.kernels import scalar_math
from minitf.ops.arithmetic import abs as size
from minitf.ops.arithmetic import negative, sign
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import example, normal
from minitf.ops.numeric import FLOATS_AND_COMPLEX, Binary, Unary, maps_sparse
from minitf.ops.rectifiers import Activation, Slope


class Softplus(Activation):
    """ln(1 + e^x)"""

    def scalar(x):
        return scalar_math.softplus(x)

    def numpy(x):
        return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def gradient(op, dy):
        return [dy * sigmoid(op.inputs[0])]


class SoftplusGrad(Slope):
    """The gradient times sigmoid(x)"""

    inputs = {"gradients": "T", "features": "T"}

    def scalar(dy, x):
        return dy * scalar_math.sigmoid(x)

    def numpy(dy, x):
        return dy / (1 + np.exp(-x))

    def gradient(op, ddx):
        dy, x = op.inputs
        ddy = SoftplusGrad.apply(ddx, x)
        return [ddy, ddx * dy * sigmoid(x) * sigmoid(-x)]


class Softsign(Activation):
    """x / (1 + |x|)"""

    def scalar(x):
        return x / (type(x)(1) + abs(x))

    def numpy(x):
        return x / (1 + np.abs(x))

    def gradient(op, dy):
        return [SoftsignGrad.apply(dy, op.inputs[0])]


class SoftsignGrad(Slope):
    """The gradient / (1 + |x|)^2"""

    inputs = {"gradients": "T", "features": "T"}

    def scalar(dy, x):
        slope = type(x)(1) + abs(x)
        return dy / (slope * slope)

    def numpy(dy, x):
        return dy / (1 + np.abs(x)) ** 2

    def gradient(op, ddx):
        dy, x = op.inputs
        return [SoftsignGrad.apply(ddx, x), -2.0 * ddx * dy * sign(x) / (1.0 + size(x)) ** 3]


class Sigmoid(Unary):
    """1 / (1 + e^-x)"""

    def scalar(x):
        return scalar_math.sigmoid(x)

    def numpy(x):
        return 1 / (1 + np.exp(-x))

    def gradient(op, dy):
        return [SigmoidGrad.apply(op.outputs[0], dy)]


class SigmoidGrad(Binary):
    """dy y (1 - y), the gradient of y = sigmoid(x)"""

    inputs = {"y": "T", "dy": "T"}
    types = {"T": FLOATS_AND_COMPLEX}
    examples = [example(normal(3, 4), normal(3, 4))]

    def scalar(y, dy):
        y = y.conjugate()
        return dy * y * (type(y)(1) - y)

    def numpy(y, dy):
        y = np.conj(y)
        return dy * y * (1 - y)

    def gradient(op, ddx):
        y, dy = op.inputs
        product = ddx * dy
        return [product - 2.0 * product * y, SigmoidGrad.apply(y, ddx)]


class Tanh(Unary):
    """The hyperbolic tangent."""

    def scalar(x):
        return scalar_math.tanh(x)

    def numpy(x):
        return np.tanh(x)

    def gradient(op, dy):
        return [TanhGrad.apply(op.outputs[0], dy)]


class TanhGrad(Binary):
    """dy (1 - y^2), the gradient of y = tanh(x)"""

    inputs = {"y": "T", "dy": "T"}
    types = {"T": FLOATS_AND_COMPLEX}
    examples = [example(normal(3, 4), normal(3, 4))]

    def scalar(y, dy):
        y = y.conjugate()
        return dy * (type(y)(1) - y * y)

    def numpy(y, dy):
        y = np.conj(y)
        return dy * (1 - y * y)

    def gradient(op, ddx):
        y, dy = op.inputs
        return [ddx * -2.0 * dy * y, TanhGrad.apply(y, ddx)]


@maps_sparse
def softplus(features, name=None):
    """tf.nn.softplus: ln(1 + e^features)."""
    return Softplus.apply(features, name=name)


@maps_sparse
def softsign(features, name=None):
    """tf.nn.softsign: features / (1 + |features|)."""
    return Softsign.apply(features, name=name)


@maps_sparse
def sigmoid(x, name=None):
    """tf.sigmoid: 1 / (1 + e^-x)."""
    with name_scope(name, "Sigmoid", [x]) as scope:
        return Sigmoid.apply(convert_to_tensor(x, name="x"), name=scope)


@maps_sparse
def tanh(x, name=None):
    """tf.tanh: the hyperbolic tangent."""
    return Tanh.apply(x, name=name)


@maps_sparse
def log_sigmoid(x, name=None):
    """tf.log_sigmoid: ln(sigmoid(x)), without underflow."""
    with name_scope(name, "LogSigmoid", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return negative(softplus(negative(x)), name=scope)


def swish(features):
    """tf.nn.swish: features * sigmoid(features)  (Ramachandran et al., 2017)."""
    features = convert_to_tensor(features, name="features")
    return features * sigmoid(features)
