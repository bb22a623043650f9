"""The update rules of optimizers: operations that write a variable and its slots in one pass.

Each rule is written twice: `scalar`, of which the kernels for dense and for sparse gradients are made, and
`numpy`.  Both take the inputs in the order of `inputs` and return the new values of the `reference` inputs.
Read next: `sparse_updates.py`.
"""

import math

import numpy as np

from minitf.kernels import updates as kernels
from minitf.kernels.updates import ftrl, proximal
from minitf.ops.examples import array, example, normal, positive
from minitf.ops.op import FLOATS, Op


def numbers(*values):
    return [array(np.float32(v), np.float32) for v in values]


class Update(Op):
    """The base: `var` and its slots come first and are written; settings are scalars."""

    types = {"T": FLOATS}
    attrs = {"use_locking": False}
    gradient_name = "grad"
    nesterov = None
    gradient = None

    def infer(op, *inputs):
        definition = op.definition
        specs = dict(zip(definition.inputs, inputs, strict=True))
        var = inputs[0]
        shape = var.shape
        for name, spec in specs.items():
            if definition.is_written(name) or name == definition.gradient_name:
                shape = shape.merge_with(spec.shape)
            elif spec.shape.ndims not in (None, 0):
                raise ValueError(f"Shape must be rank 0 but is rank {spec.shape.ndims}: {name} is a scalar")
        return [(shape, var.dtype._as_ref)]

    @classmethod
    def is_written(cls, name):
        return list(cls.inputs).index(name) in cls.reference

    @classmethod
    def rule(cls, op):
        return cls.nesterov if op.attrs.get("use_nesterov") else cls.scalar

    def cpu(op, *arrays):
        definition = op.definition
        named = dict(zip(definition.inputs, arrays, strict=True))
        written = tuple(filter(definition.is_written, named))
        return [kernels.dense_launch(definition.rule(op), named, written, definition.gradient_name)]


class ApplyGradientDescent(Update):
    """var -= alpha * delta"""

    inputs = {"var": "T", "alpha": "T", "delta": "T"}
    reference = (0,)
    gradient_name = "delta"
    examples = [example(normal(3, 4), *numbers(0.5), normal(3, 4), dtypes=("float32",))]

    def scalar(var, alpha, delta):
        return var - alpha * delta

    def numpy(op, var, alpha, delta):
        return var - alpha * delta


class ApplyMomentum(Update):
    """accum = momentum * accum + grad; var -= lr * accum (Nesterov: lr * (grad + momentum * accum)).

    Sources: Polyak, USSR Comp. Math. and Math. Physics 4 (1964); Sutskever et al., ICML 2013.
    """

    inputs = {"var": "T", "accum": "T", "lr": "T", "grad": "T", "momentum": "T"}
    attrs = {"use_locking": False, "use_nesterov": False}
    reference = (0, 1)
    examples = [
        example(normal(3), normal(3), *numbers(0.1), normal(3), *numbers(0.9), dtypes=("float32",)),
        example(normal(3), normal(3), *numbers(0.1), normal(3), *numbers(0.9), dtypes=("float32",),
                use_nesterov=True),
    ]  # fmt: skip

    def scalar(var, accum, lr, grad, momentum):
        accum = accum * momentum + grad
        return var - lr * accum, accum

    @staticmethod
    def nesterov(var, accum, lr, grad, momentum):
        accum = accum * momentum + grad
        return var - (grad * lr + accum * momentum * lr), accum

    def numpy(op, var, accum, lr, grad, momentum):
        accum = accum * momentum + grad
        step = grad * lr + accum * momentum * lr if op.attrs["use_nesterov"] else lr * accum
        return [var - step, accum]


class ApplyAdagrad(Update):
    """accum += grad**2; var -= lr * grad / sqrt(accum).

    Source: Duchi, Hazan and Singer, "Adaptive subgradient methods", JMLR 12 (2011).
    """

    inputs = {"var": "T", "accum": "T", "lr": "T", "grad": "T"}
    reference = (0, 1)
    examples = [example(normal(3), positive(3), *numbers(0.1), normal(3), dtypes=("float32",))]

    def scalar(var, accum, lr, grad):
        accum = accum + grad * grad
        return var - lr * grad / math.sqrt(accum), accum

    def numpy(op, var, accum, lr, grad):
        accum = accum + grad * grad
        return [var - lr * grad / np.sqrt(accum), accum]


class ApplyAdagradDA(Update):
    """Adagrad with dual averaging: var from the sums of all gradients and of their squares, and the step.

    Source: Duchi, Hazan and Singer, JMLR 12 (2011), section 1.3 (regularized dual averaging).
    """

    inputs = {"var": "T", "gradient_accumulator": "T", "gradient_squared_accumulator": "T", "grad": "T", "lr": "T",
              "l1": "T", "l2": "T", "global_step": "int64"}  # fmt: skip
    reference = (0, 1, 2)
    examples = [example(normal(3), normal(3), positive(3), normal(3), *numbers(0.1, 0.05, 0.1), array(3, np.int64),
                        dtypes=("float32",))]  # fmt: skip

    def scalar(var, sums, squares, grad, lr, l1, l2, global_step):
        step = type(var)(global_step)
        sums, squares = sums + grad, squares + grad * grad
        kept = max(abs(sums) - l1 * step, type(var)(0))
        towards = -kept if sums > 0 else kept
        return lr * towards / (l2 * step * lr + math.sqrt(squares)), sums, squares

    def numpy(op, var, sums, squares, grad, lr, l1, l2, global_step):
        step = var.dtype.type(global_step)
        sums, squares = sums + grad, squares + grad * grad
        kept = np.maximum(np.abs(sums) - l1 * step, 0)
        return [-lr * np.sign(sums) * kept / (l2 * step * lr + np.sqrt(squares)), sums, squares]


class ApplyAdadelta(Update):
    """Steps in the ratio of two running averages: of former steps' squares and of gradients' squares.

    Source: Zeiler, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701 (2012).
    """

    inputs = {"var": "T", "accum": "T", "accum_update": "T", "lr": "T", "rho": "T", "epsilon": "T", "grad": "T"}
    reference = (0, 1, 2)
    examples = [
        example(normal(3), positive(3), positive(3), *numbers(0.1, 0.9, 1e-3), normal(3), dtypes=("float32",))
    ]

    def scalar(var, accum, accum_update, lr, rho, epsilon, grad):
        fresh = type(rho)(1) - rho
        accum = accum * rho + grad * grad * fresh
        step = math.sqrt(accum_update + epsilon) / math.sqrt(accum + epsilon) * grad
        return var - step * lr, accum, accum_update * rho + step * step * fresh

    def numpy(op, var, accum, accum_update, lr, rho, epsilon, grad):
        accum = accum * rho + grad * grad * (1 - rho)
        step = np.sqrt(accum_update + epsilon) / np.sqrt(accum + epsilon) * grad
        return [var - step * lr, accum, accum_update * rho + step * step * (1 - rho)]


class ApplyRMSProp(Update):
    """ms = running average of grad**2; mom = momentum * mom + lr * grad / sqrt(ms + epsilon); var -= mom.

    Source: Tieleman and Hinton, "RMSProp", Coursera lecture 6.5 (2012).
    """

    inputs = {"var": "T", "ms": "T", "mom": "T", "lr": "T", "rho": "T", "momentum": "T", "epsilon": "T", "grad": "T"}
    reference = (0, 1, 2)
    examples = [
        example(normal(3), positive(3), normal(3), *numbers(0.1, 0.9, 0.5, 1e-3), normal(3), dtypes=("float32",))
    ]

    def scalar(var, ms, mom, lr, rho, momentum, epsilon, grad):
        ms = ms + (grad * grad - ms) * (type(rho)(1) - rho)
        mom = mom * momentum + grad * lr / math.sqrt(ms + epsilon)
        return var - mom, ms, mom

    def numpy(op, var, ms, mom, lr, rho, momentum, epsilon, grad):
        ms = ms + (grad * grad - ms) * (1 - rho)
        mom = mom * momentum + grad * lr / np.sqrt(ms + epsilon)
        return [var - mom, ms, mom]


class ApplyCenteredRMSProp(Update):
    """RMSProp that divides by the running standard deviation: ms - mg**2 in place of ms.

    Source: Graves, "Generating sequences with recurrent neural networks", arXiv:1308.0850 (2013), section 4.2.
    """

    inputs = {"var": "T", "mg": "T", "ms": "T", "mom": "T", "lr": "T", "rho": "T", "momentum": "T", "epsilon": "T",
              "grad": "T"}  # fmt: skip
    reference = (0, 1, 2, 3)
    examples = [example(normal(3), array([0.1, 0.2, -0.1], np.float32), positive(3), normal(3),
                        *numbers(0.1, 0.9, 0.5, 0.1), normal(3), dtypes=("float32",))]  # fmt: skip

    def scalar(var, mg, ms, mom, lr, rho, momentum, epsilon, grad):
        fresh = type(rho)(1) - rho
        ms = ms + (grad * grad - ms) * fresh
        mg = mg + (grad - mg) * fresh
        mom = mom * momentum + lr * grad / math.sqrt(ms - mg * mg + epsilon)
        return var - mom, mg, ms, mom

    def numpy(op, var, mg, ms, mom, lr, rho, momentum, epsilon, grad):
        ms = ms + (grad * grad - ms) * (1 - rho)
        mg = mg + (grad - mg) * (1 - rho)
        mom = mom * momentum + lr * grad / np.sqrt(ms - mg * mg + epsilon)
        return [var - mom, mg, ms, mom]


class ApplyAdam(Update):
    """Running averages m of grad and v of grad**2, both freed of their start at 0; var -= lr * m / sqrt(v).

    Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015 (the form before section 2.1);
    Nesterov's form: Dozat, "Incorporating Nesterov momentum into Adam", 2016.
    """

    inputs = {"var": "T", "m": "T", "v": "T", "beta1_power": "T", "beta2_power": "T", "lr": "T", "beta1": "T",
              "beta2": "T", "epsilon": "T", "grad": "T"}  # fmt: skip
    attrs = {"use_locking": False, "use_nesterov": False}
    reference = (0, 1, 2)
    examples = [
        example(normal(3), normal(3), positive(3), *numbers(0.81, 0.998, 0.1, 0.9, 0.999, 1e-8), normal(3),
                dtypes=("float32",), use_nesterov=nesterov)
        for nesterov in (False, True)
    ]  # fmt: skip

    def scalar(var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad):
        one = type(beta1)(1)
        rate = lr * math.sqrt(one - beta2_power) / (one - beta1_power)
        m = m + (grad - m) * (one - beta1)
        v = v + (grad * grad - v) * (one - beta2)
        return var - m * rate / (math.sqrt(v) + epsilon), m, v

    @staticmethod
    def nesterov(var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad):
        one = type(beta1)(1)
        rate = lr * math.sqrt(one - beta2_power) / (one - beta1_power)
        m = m + (grad - m) * (one - beta1)
        v = v + (grad * grad - v) * (one - beta2)
        return var - (grad * (one - beta1) + beta1 * m) * rate / (math.sqrt(v) + epsilon), m, v

    def numpy(op, var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad):
        rate = lr * np.sqrt(1 - beta2_power) / (1 - beta1_power)
        m = m + (grad - m) * (1 - beta1)
        v = v + (grad * grad - v) * (1 - beta2)
        towards = grad * (1 - beta1) + beta1 * m if op.attrs["use_nesterov"] else m
        return [var - towards * rate / (np.sqrt(v) + epsilon), m, v]


class ApplyFtrl(Update):
    """Follow the regularized leader: var solves a problem over all former gradients, with exact zeros by l1.

    Source: McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013.
    """

    inputs = {"var": "T", "accum": "T", "linear": "T", "grad": "T", "lr": "T", "l1": "T", "l2": "T",
              "lr_power": "T"}  # fmt: skip
    reference = (0, 1, 2)
    examples = [
        example(normal(4), positive(4), normal(4), normal(4), *numbers(0.1, 0.5, 0.2, power), dtypes=("float32",))
        for power in (-0.5, -0.7)
    ]

    def scalar(var, accum, linear, grad, lr, l1, l2, lr_power):
        return ftrl(var, accum, linear, grad, grad, lr, l1, l2, lr_power)

    def numpy(op, var, accum, linear, grad, lr, l1, l2, lr_power):
        return _ftrl_numpy(var, accum, linear, grad, grad, lr, l1, l2, lr_power)


class ApplyFtrlV2(Update):
    """`ApplyFtrl` with a pull towards zero (l2_shrinkage) that does not enter the sum of squares."""

    inputs = {"var": "T", "accum": "T", "linear": "T", "grad": "T", "lr": "T", "l1": "T", "l2": "T",
              "l2_shrinkage": "T", "lr_power": "T"}  # fmt: skip
    reference = (0, 1, 2)
    examples = [
        example(normal(4), positive(4), normal(4), normal(4), *numbers(0.1, 0.5, 0.2, 0.3, -0.5), dtypes=("float32",))
    ]

    def scalar(var, accum, linear, grad, lr, l1, l2, l2_shrinkage, lr_power):
        shrunk = grad + type(l2)(2) * l2_shrinkage * var
        return ftrl(var, accum, linear, grad, shrunk, lr, l1, l2, lr_power)

    def numpy(op, var, accum, linear, grad, lr, l1, l2, l2_shrinkage, lr_power):
        return _ftrl_numpy(var, accum, linear, grad, grad + 2 * l2_shrinkage * var, lr, l1, l2, lr_power)


class ApplyProximalGradientDescent(Update):
    """A gradient step, then the exact step for the penalty l1 |var| + l2 var**2 / 2.

    Source: Duchi and Singer, "Efficient learning using forward-backward splitting", NIPS 2009.
    """

    inputs = {"var": "T", "alpha": "T", "l1": "T", "l2": "T", "delta": "T"}
    reference = (0,)
    gradient_name = "delta"
    examples = [example(normal(4), *numbers(0.1, 0.5, 0.2), normal(4), dtypes=("float32",))]

    def scalar(var, alpha, l1, l2, delta):
        return proximal(var - alpha * delta, alpha, l1, l2)

    def numpy(op, var, alpha, l1, l2, delta):
        return _proximal_numpy(var - alpha * delta, alpha, l1, l2)


class ApplyProximalAdagrad(Update):
    """Adagrad's step, then the exact step for the penalty l1 |var| + l2 var**2 / 2.

    Source: Duchi and Singer, NIPS 2009; Duchi, Hazan and Singer, JMLR 12 (2011).
    """

    inputs = {"var": "T", "accum": "T", "lr": "T", "l1": "T", "l2": "T", "grad": "T"}
    reference = (0, 1)
    examples = [example(normal(4), positive(4), *numbers(0.1, 0.5, 0.2), normal(4), dtypes=("float32",))]

    def scalar(var, accum, lr, l1, l2, grad):
        accum = accum + grad * grad
        rate = lr / math.sqrt(accum)
        return proximal(var - rate * grad, rate, l1, l2), accum

    def numpy(op, var, accum, lr, l1, l2, grad):
        accum = accum + grad * grad
        rate = lr / np.sqrt(accum)
        return [_proximal_numpy(var - rate * grad, rate, l1, l2), accum]


def _ftrl_numpy(var, accum, linear, grad, shrunk, lr, l1, l2, lr_power):
    new = accum + grad * grad
    linear = linear + shrunk - (new**-lr_power - accum**-lr_power) / lr * var
    quadratic = new**-lr_power / lr + 2 * l2
    return [np.where(np.abs(linear) > l1, (np.sign(linear) * l1 - linear) / quadratic, 0), new, linear]


def _proximal_numpy(var, rate, l1, l2):
    kept = np.maximum(np.abs(var) - rate * l1, 0)
    return np.sign(var) * kept / (1 + rate * l2)
