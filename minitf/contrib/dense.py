"""Fully connected layers, stacks of layers, flattening, one-hot codes."""

import functools

from minitf.contrib.arg_scopes import add_arg_scope
from minitf.contrib.framework import model_variable
from minitf.contrib.initializing import xavier_initializer
from minitf.graph import dtypes
from minitf.graph.graph import add_to_collections, name_scope
from minitf.ops.array import reshape, shape_of
from minitf.ops.bias import bias_add
from minitf.ops.casting import cast
from minitf.ops.constant import convert_to_tensor
from minitf.ops.encoding import one_hot
from minitf.ops.initializing import Zeros
from minitf.ops.matmul import matmul
from minitf.ops.rectifiers import relu as relu_of
from minitf.ops.softmax import softmax as softmax_of
from minitf.ops.variable_scope import variable_scope

ZEROS = Zeros()


def collect(collections, outputs, alias=None):
    """Add `outputs` to the named collections, and return it."""
    del alias
    if collections:
        add_to_collections(collections, outputs)
    return outputs


def variable_collections(collections, name):
    """The collections for variable `name`: the same list for all, or {name: list}."""
    return collections.get(name) if isinstance(collections, dict) else collections


def finish(outputs, channels, normalizer_fn, normalizer_params, biases, activation_fn, data_format=None):
    """What follows the product in a layer: normalization or a bias (made by `biases(channels)`), then activation."""
    if normalizer_fn is not None:
        outputs = normalizer_fn(outputs, **(normalizer_params or {}))
    elif biases is not None:
        outputs = bias_add(outputs, biases(channels), data_format=data_format)
    return outputs if activation_fn is None else activation_fn(outputs)


@add_arg_scope
def fully_connected(inputs, num_outputs, activation_fn=relu_of, normalizer_fn=None, normalizer_params=None,
                    weights_initializer=None, weights_regularizer=None, biases_initializer=ZEROS,
                    biases_regularizer=None, reuse=None, variables_collections=None, outputs_collections=None,
                    trainable=True, scope=None):  # fmt: skip
    """tf.contrib.layers.fully_connected: activation_fn(inputs W + b) on the last axis of `inputs`.

    Variables `weights` and `biases` stand in the scope "fully_connected".  `normalizer_fn` takes the
    place of the bias; `biases_initializer=None` leaves it out.  Raises ValueError where the size of the
    last axis is not known.
    """
    if not isinstance(num_outputs, int):
        raise ValueError(f"num_outputs should be int, got {num_outputs}.")
    with variable_scope(scope, "fully_connected", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        features = inputs.shape[-1].value
        if features is None:
            raise ValueError("The last dimension of the inputs should be defined. Found `None`.")
        make = functools.partial(layer_variable, inputs.dtype.base_dtype, variables_collections, trainable)
        initializer = weights_initializer or xavier_initializer()
        weights = make("weights", [features, num_outputs], initializer, weights_regularizer)
        outputs = _times(inputs, weights, num_outputs)
        biases = bias_maker(make, biases_initializer, biases_regularizer)
        outputs = finish(outputs, num_outputs, normalizer_fn, normalizer_params, biases, activation_fn)
        return collect(outputs_collections, outputs, opened.name)


def bias_maker(make, initializer, regularizer):
    """A function of the number of channels that makes the biases; None where the layer has none."""
    if initializer is None:
        return None
    return lambda channels: make("biases", [channels], initializer, regularizer)


def layer_variable(dtype, collections, trainable, name, shape, initializer, regularizer):
    return model_variable(
        name, shape, dtype, initializer, regularizer, trainable, variable_collections(collections, name)
    )


def _times(inputs, weights, num_outputs):
    if inputs.shape.ndims == 2:
        return matmul(inputs, weights)
    rows = matmul(reshape(inputs, [-1, inputs.shape[-1].value]), weights)
    known = inputs.shape.as_list()[:-1]
    if known.count(None) > 1:
        from minitf.ops.joining import concat

        return reshape(rows, concat([shape_of(inputs)[:-1], [num_outputs]], 0))
    return reshape(rows, [-1 if d is None else d for d in known] + [num_outputs])


relu = functools.partial(fully_connected, activation_fn=relu_of)
linear = functools.partial(fully_connected, activation_fn=None)


@add_arg_scope
def bias_add_layer(inputs, activation_fn=None, initializer=ZEROS, regularizer=None, reuse=None,
                   variables_collections=None, outputs_collections=None, trainable=True, data_format="NHWC",
                   scope=None):  # fmt: skip
    """tf.contrib.layers.bias_add: a learned number for each channel, added."""
    with variable_scope(scope, "BiasAdd", [inputs], reuse=reuse) as opened:
        inputs = convert_to_tensor(inputs)
        channels = inputs.shape[1 if data_format.startswith("NC") else -1].value
        make = functools.partial(layer_variable, inputs.dtype.base_dtype, variables_collections, trainable)
        outputs = bias_add(
            inputs, make("biases", [channels], initializer, regularizer), data_format=data_format
        )
        outputs = outputs if activation_fn is None else activation_fn(outputs)
        return collect(outputs_collections, outputs, opened.name)


@add_arg_scope
def flatten(inputs, outputs_collections=None, scope=None):
    """tf.contrib.layers.flatten: (batch, ...) as (batch, the product of the rest)."""
    with name_scope(scope, "Flatten", [inputs]) as opened:
        inputs = convert_to_tensor(inputs)
        if inputs.shape.ndims is None or inputs.shape.ndims < 1:
            raise ValueError(f"Inputs must have a known rank of at least 1, got shape {inputs.shape}")
        count = inputs.shape[1:].num_elements()
        batch = inputs.shape[0].value
        if count is not None:
            outputs = reshape(inputs, [-1, count])
        else:
            outputs = reshape(inputs, [shape_of(inputs)[0] if batch is None else batch, -1])
        return collect(outputs_collections, outputs, opened)


@add_arg_scope
def one_hot_encoding(labels, num_classes, on_value=1.0, off_value=0.0, outputs_collections=None, scope=None):
    """tf.contrib.layers.one_hot_encoding: integers as rows of zeros with a one."""
    with name_scope(scope, "OneHotEncoding", [labels, num_classes]) as opened:
        labels = convert_to_tensor(labels)
        if labels.dtype.base_dtype is dtypes.int32:
            labels = cast(labels, dtypes.int64)
        return collect(outputs_collections, one_hot(labels, num_classes, on_value, off_value), opened)


@add_arg_scope
def softmax(logits, scope=None):
    """tf.contrib.layers.softmax: softmax along the last axis of logits of any rank."""
    with variable_scope(scope, "softmax", [logits]):
        return softmax_of(convert_to_tensor(logits))


def repeat(inputs, repetitions, layer, *args, **kwargs):
    """tf.contrib.layers.repeat: `layer` applied again and again, in scopes layer_1, layer_2 ..."""
    scope = kwargs.pop("scope", None)
    with variable_scope(scope, "Repeat", [inputs]):
        name = scope or _name_of(layer)
        for i in range(repetitions):
            inputs = layer(inputs, *args, **{**kwargs, "scope": f"{name}_{i + 1}"})
        return inputs


def stack(inputs, layer, stack_args, **kwargs):
    """tf.contrib.layers.stack: `layer` applied once for each of `stack_args`, its further arguments."""
    scope, reuse = kwargs.pop("scope", None), kwargs.pop("reuse", None)
    if scope is None and reuse:
        raise ValueError("If reuse is True, scope must be given")
    with variable_scope(scope, "Stack", [inputs], reuse=reuse):
        name = scope or _name_of(layer)
        for i, args in enumerate(stack_args):
            args = args if isinstance(args, (list, tuple)) else [args]
            inputs = layer(inputs, *args, **{**kwargs, "scope": f"{name}_{i + 1}"})
        return inputs


def _name_of(layer):
    return getattr(layer, "__name__", None) or getattr(getattr(layer, "func", None), "__name__", "stack")
