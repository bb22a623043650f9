"""`tf.custom_gradient`: a function that brings its own gradient."""

import functools

from minitf.autodiff.gradients import gradients
from minitf.graph.operation import Tensor
from minitf.ops.array import IdentityN, identity
from minitf.ops.constant import convert_to_tensor
from minitf.ops.structure import flatten, pack_sequence_as


def custom_gradient(f):
    """tf.custom_gradient: `f(*tensors)` returns (result, grad), and grad(*dresults) the gradients of the tensors.

    Variables that `f` reads get a gradient as well where grad takes an argument `variables`: it then
    returns (gradients of the tensors, gradients of the variables).

        @tf.custom_gradient
        def log1pexp(x):
            e = tf.exp(x)
            return tf.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))
    """

    @functools.wraps(f)
    def decorated(*arguments, **keywords):
        tensors = [identity(convert_to_tensor(a)) for a in arguments]
        result, grad = f(*tensors, **keywords)
        results = [convert_to_tensor(r) for r in flatten(result)]
        op = IdentityN.make([*results, *tensors])
        op.attrs["_gradient_function"] = _rule(grad, len(results), len(tensors))
        return pack_sequence_as(result, list(op.outputs[: len(results)]))

    return decorated


def _rule(grad, results, arguments):
    def rule(op, *dys):
        found = grad(*dys[:results])
        found = [found] if found is None or isinstance(found, Tensor) else flatten(found)
        if len(found) != arguments:
            raise ValueError(
                f"custom_gradient function expected to return {arguments} gradients but returned {len(found)}"
            )
        return [None] * results + found

    return rule


def recompute_grad(f):
    """tf.recompute_grad: `f`, computed a second time when its gradient is asked for: less memory, more time."""

    @custom_gradient
    def decorated(*arguments):
        result = f(*arguments)

        def grad(*dys):
            again = [identity(a) for a in arguments]
            return gradients(flatten(f(*again)), again, list(dys))

        return result, grad

    return functools.wraps(f)(decorated)
