"""Every operation that has kernels, on the examples in its class: forwards and, where it has a gradient, backwards."""

import importlib
import pkgutil

import numpy as np

import minitf as tf
import minitf.ops
from minitf.ops.op import Op, registry

TYPES = ("float32", "float64", "int32", "int64")


def programs():
    """[(name, function that runs it)]"""
    for module in pkgutil.iter_modules(minitf.ops.__path__):
        importlib.import_module(f"minitf.ops.{module.name}")
    found = []
    for definition in registry.values():
        if definition.cpu is None or not definition.__module__.startswith("minitf."):
            continue
        for number, example in enumerate(definition.examples):
            found += [
                (f"{definition.type} {number} {dtype}", _Use(definition, example, dtype))
                for dtype in _types(definition, example)
            ]
    return found


def _types(definition, example):
    arguments = [x for a in example.arguments for x in (a if isinstance(a, list) else [a])]
    if not any(a.typed for a in arguments):
        return ["float32"]
    typed = [k for k, a in zip(definition.inputs.values(), example.arguments) if any(x.typed for x in _list(a))]
    allowed = definition.types.get(next((k for k in typed if k in definition.types), None), TYPES)
    return [d for d in example.dtypes or TYPES if d in allowed]


def _list(argument):
    return argument if isinstance(argument, list) else [argument]


class _Use:
    """One use of an operation."""

    def __init__(self, definition, example, dtype):
        self._definition, self._example, self._dtype = definition, example, dtype

    def __call__(self):
        with tf.Graph().as_default(), tf.Session() as session:
            feeds, inputs = {}, []
            for position, argument in enumerate(self._example.arguments):
                made = [self._input(position, a, feeds) for a in _list(argument)]
                inputs.append(made if isinstance(argument, list) else made[0])
            op = self._definition.make(*inputs, **self._example.attrs)
            fetches = [*(list(op.outputs) or [op]), *self._gradients(op)]
            session.run(tf.global_variables_initializer())
            session.run(fetches, feeds)

    def _input(self, position, argument, feeds):
        value = argument.make(np.dtype(self._dtype), np.random.default_rng(0))
        if position in self._definition.reference:
            return tf.Variable(value)
        if position in self._definition.static or value.dtype == object:
            return tf.constant(value)
        fed = tf.placeholder(value.dtype, value.shape)
        feeds[fed] = value
        return fed

    def _gradients(self, op):
        definition = self._definition
        if not self._example.gradient or definition.gradient in (None, Op.gradient) or definition.reference:
            return []
        outputs = [t for t in op.outputs if t.dtype.is_floating]
        inputs = [t for t in op.inputs if t.dtype.is_floating and t.op.type == "Placeholder"]
        if not outputs or not inputs:
            return []
        return [tf.convert_to_tensor(g) for g in tf.gradients(outputs, inputs) if g is not None]
