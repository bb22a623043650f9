"""`bias_add`: one number added to every element of a channel."""

from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import elementwise, reduction
from minitf.ops.array import ones_like, reshape, shape_of
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import example, normal
from minitf.ops.numeric import widen
from minitf.ops.op import NUMBERS, Op


def _plus(x, y):
    return x + y


class BiasAdd(Op):
    """output[..., c] = value[..., c] + bias[c]; with NCHW the channels are axis 1."""

    joins = True
    inputs = {"value": "T", "bias": "T"}
    types = {"T": NUMBERS}
    attrs = {"data_format": "NHWC"}
    examples = [
        example(normal(3, 4), normal(4)),
        example(normal(2, 3, 4), normal(4)),
        example(normal(2, 3, 2, 2), normal(3), data_format="NCHW"),
    ]

    def infer(op, value, bias):
        shape, length = value.shape.with_rank_at_least(2), bias.shape.with_rank(1)
        if shape.ndims is None:
            return [(shape, value.dtype)]
        axis = _channel_axis(op, shape.ndims)
        sizes = list(shape.sizes)
        try:
            sizes[axis] = shape[axis].merge_with(length[0]).value
        except ValueError:
            raise ValueError(
                f"Dimensions must be equal, but are {shape[axis]} and {length[0]}: a bias of shape {length} "
                f"does not fit the channels of a value of shape {shape}"
            ) from None
        return [(TensorShape(sizes), value.dtype)]

    def cpu(op, value, bias, out):
        if _is_channels_first(op):
            rows, bias = (len(value), len(bias), -1), bias.reshape(-1, 1)
        else:
            rows = (-1, len(bias))
        return [elementwise.launch(_plus, [value.reshape(rows), bias], out.reshape(rows))]

    def numpy(op, value, bias):
        axis = _channel_axis(op, value.ndim)
        return widen(value) + widen(bias).reshape([-1 if d == axis else 1 for d in range(value.ndim)])

    def gradient(op, dy):
        return [dy, BiasAddGrad.apply(dy, data_format=op.attrs["data_format"])]


class BiasAddGrad(Op):
    """The sum over everything but the channels."""

    inputs = {"out_backprop": "T"}
    types = {"T": NUMBERS}
    attrs = {"data_format": "NHWC"}
    examples = [example(normal(3, 4)), example(normal(2, 3, 2, 2), data_format="NCHW")]

    def infer(op, dy):
        shape = dy.shape.with_rank_at_least(2)
        if shape.ndims is None:
            return [(TensorShape([None]), dy.dtype)]
        return [(TensorShape([shape[_channel_axis(op, shape.ndims)]]), dy.dtype)]

    def cpu(op, dy, out):
        axes = set(range(dy.ndim)) - {_channel_axis(op, dy.ndim)}
        return reduction.launches(_plus, 0, dy, axes, out)

    def numpy(op, dy):
        axis = _channel_axis(op, dy.ndim)
        return widen(dy).sum(tuple(d for d in range(dy.ndim) if d != axis))

    def gradient(op, ddb):
        from minitf.ops.joining import concat
        from minitf.ops.tiling import tile

        shape, bias_shape = shape_of(op.inputs[0]), shape_of(ddb)
        if _is_channels_first(op):
            placed = concat([ones_like(shape[:1]), bias_shape, ones_like(shape[2:])], 0)
            times = concat([shape[:1], [1], shape[2:]], 0)
        else:
            placed = concat([ones_like(shape[:-1]), bias_shape], 0)
            times = concat([shape[:-1], [1]], 0)
        return [tile(reshape(ddb, placed), times)]


def _is_channels_first(op):
    return op.attrs["data_format"] == "NCHW"


def _channel_axis(op, ndims):
    return 1 if _is_channels_first(op) else ndims - 1


def bias_add(value, bias, data_format=None, name=None):
    """tf.nn.bias_add: `value` plus bias[c] in channel c.

    value: (batch, ..., channels), or with data_format="NCHW" (or "NC...") (batch, channels, ...);
    bias: (channels,) of the same dtype.  Raises ValueError where they do not fit.
    """
    with name_scope(name, "BiasAdd", [value, bias]) as scope:
        value = convert_to_tensor(value, name="input")
        bias = convert_to_tensor(bias, dtype=value.dtype.base_dtype, name="bias")
        return BiasAdd.apply(value, bias, data_format=_plain_format(data_format), name=scope)


def _plain_format(data_format):
    """NHWC or NCHW of any of TensorFlow's names for the two."""
    if data_format is None or (data_format.startswith("N") and data_format.endswith("C")):
        return "NHWC"
    if data_format.startswith("NC"):
        return "NCHW"
    raise ValueError(f"data_format must be of the form `N...C` or `NC...`, received: {data_format!r}")


def xw_plus_b(x, weights, biases, name=None):
    """tf.nn.xw_plus_b: matmul(x, weights) + biases."""
    from minitf.ops.matmul import matmul

    with name_scope(name, "xw_plus_b", [x, weights, biases]) as scope:
        return bias_add(matmul(x, weights), convert_to_tensor(biases, name="biases"), name=scope)


def relu_layer(x, weights, biases, name=None):
    """tf.nn.relu_layer: relu(matmul(x, weights) + biases)."""
    from minitf.ops.matmul import matmul
    from minitf.ops.rectifiers import relu

    with name_scope(name, "relu_layer", [x, weights, biases]) as scope:
        return relu(bias_add(matmul(x, weights), convert_to_tensor(biases, name="biases")), name=scope)
