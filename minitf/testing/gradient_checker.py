"""Gradients by the engine against gradients by differences.

Source: J. Dennis, R. Schnabel, "Numerical Methods for Unconstrained Optimization and Nonlinear Equations"
(1983), section 5.6: central differences, (f(x + h) - f(x - h)) / 2h.
"""

import numpy as np

from minitf.autodiff.gradients import gradients
from minitf.graph.sparse import IndexedSlices
from minitf.ops.constant import constant


def compute_gradient(
    x, x_shape, y, y_shape, x_init_value=None, delta=1e-3, init_targets=None, extra_feed_dict=None
):  # fmt: skip
    """The Jacobian of `y` with respect to `x`, by the engine and by central differences.

    Args:
        x: a tensor, or a list of tensors; `x_shape` and `x_init_value` are then lists as well.
        x_shape: the shape of `x`.
        y: a tensor that depends on `x`.
        y_shape: the shape of `y`.
        x_init_value: where to take the derivative; random in [0, 1) unless given.
        delta: how far to step to each side.
        init_targets: operations to run first, such as initializers.
        extra_feed_dict: what else to feed.

    Returns:
        `(by the engine, by differences)`, each `(size of x, size of y)`; a list of such pairs for a list.
        A complex value counts as two numbers, its real and its imaginary part.

    Raises:
        TypeError: `x` or `y` is of no floating or complex type.
        ValueError: `x_init_value` is not of shape `x_shape`.

    A session must be open (`with tf.Session():`).
    """
    for target in _as_list(init_targets):
        target.run()
    if not isinstance(x, list):
        return _one_gradient(
            x, x_shape, y, y_shape, _start(x, x_shape, x_init_value), delta, extra_feed_dict, {}
        )
    values = x_init_value if x_init_value is not None else [None] * len(x)
    starts = [_start(*triple) for triple in zip(x, x_shape, values, strict=True)]
    others = dict(zip(x, starts, strict=True))
    return [
        _one_gradient(xi, shape, y, y_shape, start, delta, extra_feed_dict, others)
        for xi, shape, start in zip(x, x_shape, starts, strict=True)
    ]


def compute_gradient_error(
    x, x_shape, y, y_shape, x_init_value=None, delta=1e-3, init_targets=None, extra_feed_dict=None
):  # fmt: skip
    """The largest difference between the two Jacobians of `compute_gradient`; the same arguments."""
    pairs = compute_gradient(x, x_shape, y, y_shape, x_init_value, delta, init_targets, extra_feed_dict)
    differences = [
        np.abs(exact - differed) for exact, differed in (pairs if isinstance(pairs, list) else [pairs])
    ]
    return max((difference.max() for difference in differences if difference.size), default=0.0)


def _as_list(value):
    if value is None:
        return []
    return value if isinstance(value, list | tuple) else [value]


def _start(x, shape, value):
    """The point at which the derivative is taken."""
    kind = x.dtype.base_dtype.as_numpy_dtype
    if value is None:
        value = np.random.random_sample(tuple(shape))
        if x.dtype.is_complex:
            value = value + 1j * np.random.random_sample(tuple(shape))
    value = np.asarray(value, kind)
    if value.shape != tuple(shape):
        raise ValueError(f"x_init_value has shape {value.shape}, but x_shape is {tuple(shape)}")
    return value


def _one_gradient(x, x_shape, y, y_shape, start, delta, extra_feed_dict, others):
    for tensor in (x, y):
        if not (tensor.dtype.base_dtype.is_floating or tensor.dtype.base_dtype.is_complex):
            raise TypeError(f"no gradient of type {tensor.dtype.name} ({tensor.name})")
    feed = {**others, **(extra_feed_dict or {})}
    dy = constant(1.0, shape=tuple(y_shape), dtype=y.dtype.base_dtype)
    dx = gradients(y, x, grad_ys=dy)[0]
    exact = _exact_jacobian(x, start, y_shape, dx, dy, feed)
    return exact, _numeric_jacobian(x, start, y, y_shape, delta, feed)


def _exact_jacobian(x, start, y_shape, dx, dy, feed):
    """A column an element of y: the gradient when only that element counts."""
    kind = dy.dtype.as_numpy_dtype
    parts = _parts(kind)
    size = int(np.prod(y_shape, dtype=int))
    jacobian = np.zeros((start.size * len(_parts(start.dtype)), size * len(parts)), _real(start.dtype))
    if dx is None:
        return jacobian
    for column in range(size * len(parts)):
        weight = np.zeros(size, kind)
        weight[column // len(parts)] = parts[column % len(parts)]
        fed = {**feed, x: start, dy: weight.reshape(tuple(y_shape))}
        jacobian[:, column] = _real_view(_dense(dx, fed, start.shape))
    return jacobian


def _dense(gradient, feed, shape):
    """The value of a gradient; rows that come one by one are added up."""
    if not isinstance(gradient, IndexedSlices):
        return gradient.eval(feed_dict=feed)
    values, indices = gradient.values.eval(feed_dict=feed), gradient.indices.eval(feed_dict=feed)
    dense = np.zeros(shape, values.dtype)
    np.add.at(dense, indices, values)
    return dense


def _numeric_jacobian(x, start, y, y_shape, delta, feed):
    """A row an element of x: how y changes when that element moves."""
    parts = _parts(start.dtype)
    columns = int(np.prod(y_shape, dtype=int)) * len(_parts(y.dtype.base_dtype.as_numpy_dtype))
    jacobian = np.zeros((start.size * len(parts), columns), _real(start.dtype))
    for row in range(len(jacobian)):
        sides = []
        for sign in (1, -1):
            moved = start.copy()
            moved.reshape(-1)[row // len(parts)] += sign * delta * parts[row % len(parts)]
            sides.append(_real_view(y.eval(feed_dict={**feed, x: moved})))
        jacobian[row] = (sides[0] - sides[1]) / (2 * delta)
    return jacobian


def _parts(kind):
    """The directions in which one element can move."""
    return (1, 1j) if np.issubdtype(kind, np.complexfloating) else (1,)


def _real(kind):
    return np.zeros((), kind).real.dtype


def _real_view(values):
    """All numbers in a row; of a complex one, first the real part."""
    flat = np.ascontiguousarray(values).reshape(-1)
    return flat.view(_real(flat.dtype))
