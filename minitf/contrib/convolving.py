"""Convolutions and pools with variables of their own."""

import functools

from minitf.contrib.arg_scopes import add_arg_scope
from minitf.contrib.dense import ZEROS, bias_maker, collect, finish, layer_variable
from minitf.contrib.initializing import xavier_initializer
from minitf.graph.graph import name_scope
from minitf.ops.array import shape_of
from minitf.ops.constant import convert_to_tensor
from minitf.ops.convolution_functions import conv2d_transpose as transposed_convolution
from minitf.ops.convolution_functions import convolution as convolution_of
from minitf.ops.depthwise import depthwise_conv2d
from minitf.ops.pooling_functions import avg_pool, max_pool
from minitf.ops.rectifiers import relu
from minitf.ops.reductions import reduce_mean
from minitf.ops.variable_scope import variable_scope


def _pair(value, rank=2):
    return [int(value)] * rank if isinstance(value, int) else [int(v) for v in value]


def _channels(inputs, data_format):
    axis = 1 if data_format and data_format.startswith("NC") else -1
    count = inputs.shape[axis].value
    if count is None:
        raise ValueError(f"The channel dimension of the inputs should be defined: {inputs.shape}")
    return count


@add_arg_scope
def convolution(inputs, num_outputs, kernel_size, stride=1, padding="SAME", data_format=None, rate=1,
                activation_fn=relu, normalizer_fn=None, normalizer_params=None, weights_initializer=None,
                weights_regularizer=None, biases_initializer=ZEROS, biases_regularizer=None,
                reuse=None, variables_collections=None, outputs_collections=None, trainable=True, scope=None,
                conv_dims=None):  # fmt: skip
    """tf.contrib.layers.convolution: activation_fn(convolution of `inputs` with weights + biases).

    `kernel_size`, `stride` and `rate` are a number or one number per spatial axis; the variables
    `weights` and `biases` stand in the scope "Conv".  Raises ValueError for a wrong rank or format.
    """
    if data_format not in (None, "NWC", "NCW", "NHWC", "NCHW", "NDHWC", "NCDHW"):
        raise ValueError(f"Invalid data_format: {data_format!r}")
    with variable_scope(scope, "Conv", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        if conv_dims is not None and conv_dims + 2 != rank:
            raise ValueError(f"Convolution expects input with rank {conv_dims + 2}, got {rank}")
        if rank not in (3, 4, 5):
            raise ValueError(f"Convolution not supported for input with rank {rank}")
        spatial = rank - 2
        make = functools.partial(layer_variable, inputs.dtype.base_dtype, variables_collections, trainable)
        sizes = [*_pair(kernel_size, spatial), _channels(inputs, data_format), num_outputs]
        weights = make("weights", sizes, weights_initializer or xavier_initializer(), weights_regularizer)
        outputs = convolution_of(
            inputs,
            weights,
            padding.upper(),
            _pair(stride, spatial),
            _pair(rate, spatial),
            data_format=data_format,
        )
        biases = bias_maker(make, biases_initializer, biases_regularizer)
        plain = "NCHW" if data_format and data_format.startswith("NC") else None
        outputs = finish(outputs, num_outputs, normalizer_fn, normalizer_params, biases, activation_fn, plain)
        return collect(outputs_collections, outputs, opened.name)


def _of_rank(dims, name):
    @functools.wraps(convolution.__wrapped__)
    def layer(inputs, num_outputs, kernel_size, *args, **kwargs):
        return convolution.__wrapped__(inputs, num_outputs, kernel_size, *args, conv_dims=dims, **kwargs)

    layer.__name__ = layer.__qualname__ = name
    layer.__doc__ = f"tf.contrib.layers.{name}: `convolution` of inputs with {dims} spatial axes."
    return add_arg_scope(layer)


convolution1d = _of_rank(1, "convolution1d")
convolution2d = _of_rank(2, "convolution2d")
convolution3d = _of_rank(3, "convolution3d")


@add_arg_scope
def convolution2d_transpose(inputs, num_outputs, kernel_size, stride=1, padding="SAME", data_format="NHWC",
                            activation_fn=relu, normalizer_fn=None, normalizer_params=None,
                            weights_initializer=None, weights_regularizer=None,
                            biases_initializer=ZEROS, biases_regularizer=None, reuse=None,
                            variables_collections=None, outputs_collections=None, trainable=True,
                            scope=None):  # fmt: skip
    """tf.contrib.layers.conv2d_transpose: the reverse of a convolution: pictures grow by `stride`."""
    with variable_scope(scope, "Conv2d_transpose", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        kernel, strides = _pair(kernel_size), _pair(stride)
        make = functools.partial(layer_variable, inputs.dtype.base_dtype, variables_collections, trainable)
        sizes = [*kernel, num_outputs, _channels(inputs, data_format)]
        weights = make("weights", sizes, weights_initializer or xavier_initializer(), weights_regularizer)
        first = 2 if data_format == "NCHW" else 1
        grown = [_grown(inputs, first + i, kernel[i], strides[i], padding.upper()) for i in range(2)]
        batch = inputs.shape[0].value
        batch = shape_of(inputs)[0] if batch is None else batch
        shape = [batch, num_outputs, *grown] if first == 2 else [batch, *grown, num_outputs]
        steps = [1, 1, *strides] if first == 2 else [1, *strides, 1]
        outputs = transposed_convolution(
            inputs, weights, shape, steps, padding.upper(), data_format=data_format
        )
        biases = bias_maker(make, biases_initializer, biases_regularizer)
        outputs = finish(
            outputs, num_outputs, normalizer_fn, normalizer_params, biases, activation_fn, data_format
        )
        return collect(outputs_collections, outputs, opened.name)


def _grown(inputs, axis, kernel, stride, padding):
    size = inputs.shape[axis].value
    size = shape_of(inputs)[axis] if size is None else size
    return size * stride + (max(kernel - stride, 0) if padding == "VALID" else 0)


@add_arg_scope
def separable_convolution2d(inputs, num_outputs, kernel_size, depth_multiplier=1, stride=1, padding="SAME",
                            data_format="NHWC", rate=1, activation_fn=relu, normalizer_fn=None,
                            normalizer_params=None, weights_initializer=None, pointwise_initializer=None,
                            weights_regularizer=None, biases_initializer=ZEROS,
                            biases_regularizer=None, reuse=None, variables_collections=None,
                            outputs_collections=None, trainable=True, scope=None):  # fmt: skip
    """tf.contrib.layers.separable_conv2d: a filter for each channel, then a product that mixes the channels.

    `num_outputs=None` leaves the mixing out.
    """
    with variable_scope(scope, "SeparableConv2d", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        channels = _channels(inputs, data_format)
        make = functools.partial(layer_variable, inputs.dtype.base_dtype, variables_collections, trainable)
        initializer = weights_initializer or xavier_initializer()
        depthwise = make("depthwise_weights", [*_pair(kernel_size), channels, depth_multiplier], initializer,
                         weights_regularizer)  # fmt: skip
        strides = [1, 1, *_pair(stride)] if data_format == "NCHW" else [1, *_pair(stride), 1]
        outputs = depthwise_conv2d(
            inputs, depthwise, strides, padding.upper(), _pair(rate), data_format=data_format
        )
        count = channels * depth_multiplier
        if num_outputs is not None:
            pointwise = make("pointwise_weights", [1, 1, count, num_outputs], pointwise_initializer or initializer,
                             weights_regularizer)  # fmt: skip
            outputs, count = convolution_of(outputs, pointwise, "VALID", data_format=data_format), num_outputs
        biases = bias_maker(make, biases_initializer, biases_regularizer)
        outputs = finish(outputs, count, normalizer_fn, normalizer_params, biases, activation_fn, data_format)
        return collect(outputs_collections, outputs, opened.name)


def _pool(pool, default, inputs, kernel_size, stride, padding, data_format, outputs_collections, scope):
    with name_scope(scope, default, [inputs]) as opened:
        kernel, strides = _pair(kernel_size), _pair(stride)
        wrap = (lambda s: [1, 1, *s]) if data_format == "NCHW" else (lambda s: [1, *s, 1])
        outputs = pool(
            convert_to_tensor(inputs), wrap(kernel), wrap(strides), padding.upper(), data_format=data_format
        )
        return collect(outputs_collections, outputs, opened)


@add_arg_scope
def max_pool2d(inputs, kernel_size, stride=2, padding="VALID", data_format="NHWC", outputs_collections=None,
               scope=None):  # fmt: skip
    """tf.contrib.layers.max_pool2d: the maximum of each window."""
    return _pool(
        max_pool, "MaxPool2D", inputs, kernel_size, stride, padding, data_format, outputs_collections, scope
    )


@add_arg_scope
def avg_pool2d(inputs, kernel_size, stride=2, padding="VALID", data_format="NHWC", outputs_collections=None,
               scope=None):  # fmt: skip
    """tf.contrib.layers.avg_pool2d: the mean of each window."""
    return _pool(
        avg_pool, "AvgPool2D", inputs, kernel_size, stride, padding, data_format, outputs_collections, scope
    )


@add_arg_scope
def global_avg_pool(inputs, outputs_collections=None, scope=None, keepdims=True):
    """The mean of each channel over the whole picture."""
    with name_scope(scope, "GlobalAvgPool", [inputs]) as opened:
        return collect(outputs_collections, reduce_mean(inputs, [1, 2], keepdims=keepdims), opened)
