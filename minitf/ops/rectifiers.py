"""relu and its kin: linear above 0, each with its gradient op."""

import numpy as np

from minitf.graph.dtypes import float32
from minitf.graph.graph import name_scope
from minitf.kernels import elementwise, scalar_math
from minitf.ops.arithmetic import negative
from minitf.ops.array import zeros_like
from minitf.ops.casting import cast
from minitf.ops.comparison import less
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import distinct, example, normal
from minitf.ops.numeric import Binary, Unary, widen
from minitf.ops.op import FLOATS, REALS, as_array
from minitf.ops.selection import where

_KINKED = [example(distinct(3, 4)), example(normal())]
_KINKED_GRAD = [example(normal(3, 4), distinct(3, 4))]
_SELU_SCALE = 1.0507009873554805  # fixed point of mean 0, variance 1; Klambauer et al., 2017, equation 14
_SELU_SCALE_ALPHA = 1.7580993408473766


class Activation(Unary, abstract=True):
    """An activation of floating point numbers"""

    inputs = {"features": "T"}
    types = {"T": FLOATS}
    examples = _KINKED


class Slope(Binary, abstract=True):
    """The gradient op of an activation: `gradients` times the slope"""

    inputs = {"gradients": "T", "outputs": "T"}
    types = {"T": FLOATS}
    examples = _KINKED_GRAD


class Relu(Activation):
    """max(x, 0)  (Nair and Hinton, 2010)"""

    types = {"T": REALS}

    def scalar(x):
        return type(x)(0) if x < 0 else x

    def numpy(x):
        return np.maximum(x, 0)

    def gradient(op, dy):
        return [ReluGrad.apply(dy, op.outputs[0])]


class ReluGrad(Slope):
    """The gradient where the feature is above 0, else 0"""

    inputs = {"gradients": "T", "features": "T"}
    types = {"T": REALS}

    def scalar(dy, x):
        return dy if x > 0 else type(dy)(0)

    def numpy(dy, x):
        return np.where(x > 0, dy, 0)

    def gradient(op, ddx):
        x = op.inputs[1]
        return [ReluGrad.apply(ddx, x), zeros_like(x)]


class Relu6(Activation):
    """min(max(x, 0), 6)"""

    types = {"T": REALS}

    def scalar(x):
        x = type(x)(0) if x < 0 else x
        return type(x)(6) if x > 6 else x

    def numpy(x):
        return np.minimum(np.maximum(x, 0), 6)

    def gradient(op, dy):
        return [Relu6Grad.apply(dy, op.outputs[0])]


class Relu6Grad(Slope):
    """The gradient where the feature is between 0 and 6, else 0"""

    inputs = {"gradients": "T", "features": "T"}
    types = {"T": REALS}

    def scalar(dy, x):
        return dy if x > 0 and x < 6 else type(dy)(0)

    def numpy(dy, x):
        return np.where((x > 0) & (x < 6), dy, 0)

    def gradient(op, ddx):
        x = op.inputs[1]
        return [Relu6Grad.apply(ddx, x), zeros_like(x)]


def _leaky_relu(x, alpha):
    return x if x > 0 else x * alpha


def _leaky_relu_slope(dy, x, alpha):
    return dy if x > 0 else dy * alpha


def _alpha(op):
    """An attribute is a float32, for inputs of other types, too."""
    return np.float32(op.attrs["alpha"])


class LeakyRelu(Activation):
    """x, or alpha x where x is below 0  (Maas et al., 2013)"""

    attrs = {"alpha": 0.2}
    examples = [example(distinct(3, 4)), example(normal(5), alpha=0.1), example(normal(5), alpha=2.0)]

    def cpu(op, x, out):
        return [elementwise.launch(_leaky_relu, [x, np.array(_alpha(op), x.dtype)], out)]

    @classmethod
    def evaluate(cls, op, arrays):
        (x,) = map(widen, arrays)
        return [as_array(np.where(x > 0, x, x * x.dtype.type(_alpha(op))), op.outputs[0].dtype)]

    def numpy(x):
        return np.where(x > 0, x, np.float32(0.2) * x)

    def gradient(op, dy):
        return [LeakyReluGrad.apply(dy, op.inputs[0], alpha=op.attrs["alpha"])]


class LeakyReluGrad(Slope):
    """The gradient, times alpha where the feature is not above 0"""

    inputs = {"gradients": "T", "features": "T"}
    attrs = {"alpha": 0.2}
    examples = [example(normal(3, 4), distinct(3, 4)), example(normal(5), normal(5), alpha=0.1)]

    def cpu(op, dy, x, out):
        return [elementwise.launch(_leaky_relu_slope, [dy, x, np.array(_alpha(op), x.dtype)], out)]

    @classmethod
    def evaluate(cls, op, arrays):
        dy, x = map(widen, arrays)
        return [as_array(np.where(x > 0, dy, dy * dy.dtype.type(_alpha(op))), op.outputs[0].dtype)]

    def numpy(dy, x):
        return np.where(x > 0, dy, np.float32(0.2) * dy)

    def gradient(op, ddx):
        x = op.inputs[1]
        return [LeakyReluGrad.apply(ddx, x, alpha=op.attrs["alpha"]), zeros_like(x)]


class Elu(Activation):
    """x, or e^x - 1 where x is below 0  (Clevert et al., 2016)"""

    def scalar(x):
        return scalar_math.expm1(x) if x < 0 else x

    def numpy(x):
        return np.where(x < 0, np.expm1(x), x)

    def gradient(op, dy):
        return [EluGrad.apply(dy, op.outputs[0])]


class EluGrad(Slope):
    """The gradient, times y + 1 where the output y is below 0"""

    def scalar(dy, y):
        return dy * (y + type(y)(1)) if y < 0 else dy

    def numpy(dy, y):
        return np.where(y < 0, dy * (y + y.dtype.type(1)), dy)

    def gradient(op, ddx):
        dy, y = op.inputs
        return [EluGrad.apply(ddx, y), where(less(y, 0), ddx * dy, zeros_like(y))]


class Selu(Activation):
    """A scaled elu that keeps mean 0 and variance 1  (Klambauer et al., 2017)"""

    def scalar(x):
        return scalar_math.expm1(x) * type(x)(_SELU_SCALE_ALPHA) if x < 0 else x * type(x)(_SELU_SCALE)

    def numpy(x):
        kind = x.dtype.type
        return np.where(x < 0, np.expm1(x) * kind(_SELU_SCALE_ALPHA), x * kind(_SELU_SCALE))

    def gradient(op, dy):
        return [SeluGrad.apply(dy, op.outputs[0])]


class SeluGrad(Slope):
    """The gradient times the scale, or times y + scale alpha where the output y is below 0"""

    def scalar(dy, y):
        return dy * (y + type(y)(_SELU_SCALE_ALPHA)) if y < 0 else dy * type(y)(_SELU_SCALE)

    def numpy(dy, y):
        kind = y.dtype.type
        return np.where(y < 0, dy * (y + kind(_SELU_SCALE_ALPHA)), dy * kind(_SELU_SCALE))

    def gradient(op, ddx):
        dy, y = op.inputs
        return [SeluGrad.apply(ddx, y), where(less(y, 0), ddx * dy, zeros_like(y))]


def relu(features, name=None):
    """tf.nn.relu: max(features, 0)."""
    return Relu.apply(features, name=name)


def relu6(features, name=None):
    """tf.nn.relu6: min(max(features, 0), 6)."""
    return Relu6.apply(features, name=name)


def leaky_relu(features, alpha=0.2, name=None):
    """tf.nn.leaky_relu: features, times `alpha` where they are below 0.  Integers become float32."""
    with name_scope(name, "LeakyRelu", [features, alpha]) as scope:
        features = convert_to_tensor(features, name="features")
        if features.dtype.is_integer:
            features = cast(features, float32)
        return LeakyRelu.apply(features, alpha=float(alpha), name=scope)


def elu(features, name=None):
    """tf.nn.elu: features, or e^features - 1 where they are below 0."""
    return Elu.apply(features, name=name)


def selu(features, name=None):
    """tf.nn.selu: the scaled exponential linear unit, which keeps mean 0 and variance 1."""
    return Selu.apply(features, name=name)


def crelu(features, name=None, axis=-1):
    """tf.nn.crelu: relu of features and of -features, joined along `axis`, which gets twice as long."""
    from minitf.ops.joining import concat

    with name_scope(name, "CRelu", [features]) as scope:
        features = convert_to_tensor(features, name="features")
        joined = concat([features, negative(features)], axis, name=scope)
        return relu(joined)
