"""Second derivatives: the Hessian matrix, a row at a time."""

from minitf.autodiff.gradients import gradients
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.ops.array import reshape, shape_of, size
from minitf.ops.comparison import less
from minitf.ops.constant import constant
from minitf.ops.joining import concat
from minitf.ops.loops import while_loop
from minitf.ops.tensor_array import TensorArray


def hessians(ys, xs, name="hessians", colocate_gradients_with_ops=False, gate_gradients=False,
             aggregation_method=None):  # fmt: skip
    """tf.hessians: the second derivatives of the sum of `ys`, for each x.

    The Hessian of an x of shape (a, b) has shape (a, b, a, b).  It takes one walk back for each element of x.
    """
    several = isinstance(xs, (list, tuple))
    keywords = {"colocate_gradients_with_ops": colocate_gradients_with_ops, "gate_gradients": gate_gradients,
                "aggregation_method": aggregation_method}  # fmt: skip
    found = []
    with name_scope(name, "hessians"):
        for gradient, x in zip(gradients(ys, xs, **keywords), xs if several else [xs], strict=True):
            found.append(_hessian(reshape(gradient, [-1]), x, keywords))
    return found


def _hessian(gradient, x, keywords):
    count = size(x)
    rows = TensorArray(x.dtype.base_dtype, count)

    def body(i, rows):
        return i + 1, rows.write(i, gradients(gradient[i], x, **keywords)[0])

    _, rows = while_loop(lambda i, _: less(i, count), body, [constant(0, dtypes.int32), rows])
    dims = shape_of(x)
    return reshape(rows.stack(), concat([dims, dims], 0))
