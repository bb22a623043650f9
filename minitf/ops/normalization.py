"""Normalization in ops of their own: batch normalization with its moments, and local response
normalization.

The kernels are in `kernels/normalization.py`.  Read next: `moments.py`.
"""

import numpy as np

from minitf.graph.shape import TensorShape
from minitf.kernels import normalization as kernels
from minitf.kernels.copying import copy_launch
from minitf.kernels.machine import Launch
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import example, normal, positive
from minitf.ops.numeric import widen
from minitf.ops.op import Op
from minitf.ops.windows import channel_axis, first_numpy, from_channels_last, last_numpy, to_channels_last


def _rows(x):
    return x.reshape(-1, x.shape[-1])


def _numbers(dtype, *values):
    return np.array(values, dtype)


class FusedBatchNormV3(Op):
    """y = (x - mean) / sqrt(variance + epsilon) * scale + offset, channel by channel.

    With is_training, mean and variance are those of `x`; batch_mean and batch_variance (unbiased) report
    them, mixed with the given ones where exponential_avg_factor is below 1.  Else the given ones are used.
    """

    inputs = {"x": "T", "scale": "U", "offset": "U", "mean": "U", "variance": "U"}
    types = {"T": ("float16", "bfloat16", "float32"), "U": ("bfloat16", "float32")}
    attrs = {"epsilon": 1e-4, "exponential_avg_factor": 1.0, "data_format": "NHWC", "is_training": True}
    takes_empty = True
    examples = [
        example(normal(2, 3, 4, 5), normal(5), normal(5), normal(5), positive(5), is_training=False),
        example(normal(2, 3, 4, 2), normal(2), normal(2), normal(2), positive(2), exponential_avg_factor=0.9),
        example(normal(2, 3, 4, 2), normal(3), normal(3), normal(3), positive(3), data_format="NCHW"),
    ]

    def infer(op, x, scale, offset, mean, variance):
        shape = x.shape
        if shape.ndims is not None and shape.ndims not in (4, 5):
            raise ValueError(f"Shape must be rank 4 but is rank {shape.ndims}: {shape}")
        channels = scale.shape.merge_with(offset.shape).with_rank(1)
        if shape.ndims is not None:
            channels = channels.merge_with([shape.sizes[channel_axis(op, shape.ndims)]])
        if not op.attrs["is_training"]:
            channels = channels.merge_with(mean.shape).merge_with(variance.shape)
        return [(shape, x.dtype), *[(channels, scale.dtype)] * 4, (TensorShape([0]), scale.dtype)]

    def cpu(op, x, scale, offset, mean, variance, y, new_mean, new_variance, saved_mean, saved_variance, _):
        before, x = to_channels_last(op, x)
        out, after = from_channels_last(op, y)
        x, out, factor = _rows(x), _rows(out), np.empty_like(scale)
        epsilon = _numbers(scale.dtype, op.attrs["epsilon"])
        if not op.attrs["is_training"]:
            copies = [
                (mean, new_mean),
                (mean, saved_mean),
                (variance, new_variance),
                (variance, saved_variance),
            ]
            apply = Launch(kernels.normalize, x, mean, variance, scale, offset, epsilon, factor, out)
            return [*before, apply, *after, *(copy_launch(a, b) for a, b in copies)]
        keep = _numbers(scale.dtype, 1 - op.attrs["exponential_avg_factor"])
        moments = saved_mean, saved_variance
        return [
            *before,
            Launch(kernels.channel_moments, x, np.empty_like(saved_mean), *moments),
            Launch(kernels.running, mean, variance, *moments, len(x), keep, new_mean, new_variance),
            Launch(kernels.normalize, x, *moments, scale, offset, epsilon, factor, out),
            *after,
        ]

    def numpy(op, x, scale, offset, mean, variance):
        wide = last_numpy(op, widen(x))
        rows = tuple(range(wide.ndim - 1))
        epsilon = np.float32(op.attrs["epsilon"])
        none = np.zeros(0, scale.dtype)
        if not op.attrs["is_training"]:
            y = (wide - mean) * (scale / np.sqrt(variance + epsilon)) + offset
            return first_numpy(op, y), mean, variance, mean, variance, none
        batch_mean, batch_variance = wide.mean(rows), wide.var(rows)
        y = (wide - batch_mean) * (scale / np.sqrt(batch_variance + epsilon)) + offset
        count, keep = wide.size // scale.size, np.float32(1 - op.attrs["exponential_avg_factor"])
        unbiased = batch_variance * np.float32(count / max(count - 1, 1))
        if keep:
            reported = keep * mean + (1 - keep) * batch_mean, keep * variance + (1 - keep) * unbiased
        else:
            reported = batch_mean, unbiased
        return first_numpy(op, y), *reported, batch_mean, batch_variance, none

    def gradient(op, dy, *rest):
        x, scale, _, mean, variance = op.inputs
        if op.attrs["is_training"]:
            mean, variance = op.outputs[3:5]
        attrs = {name: op.attrs[name] for name in ("epsilon", "data_format", "is_training")}
        grads = FusedBatchNormGradV3.make(dy, x, scale, mean, variance, op.outputs[5], **attrs).outputs
        return [*grads[:3], None, None]


class FusedBatchNormGradV3(Op):
    """The gradient of `FusedBatchNormV3`: with respect to x, scale and offset."""

    inputs = {
        "y_backprop": "T",
        "x": "T",
        "scale": "float32",
        "reserve_space_1": "U",
        "reserve_space_2": "U",
        "reserve_space_3": "U",
    }
    types = {"T": ("float16", "bfloat16", "float32"), "U": ("float32",)}
    attrs = {"epsilon": 1e-4, "data_format": "NHWC", "is_training": True}
    takes_empty = True
    examples = [
        example(
            normal(2, 3, 4, 2),
            normal(2, 3, 4, 2),
            normal(2),
            normal(2),
            positive(2),
            normal(0),
            is_training=t,
        )
        for t in (False, True)
    ]

    def infer(op, dy, x, scale, *reserved):
        none = (TensorShape([0]), scale.dtype)
        return [(x.shape, dy.dtype), (scale.shape, scale.dtype), (scale.shape, scale.dtype), none, none]

    def cpu(op, dy, x, scale, mean, variance, _, dx, dscale, doffset, none, nothing):
        before_y, dy = to_channels_last(op, dy)
        before_x, x = to_channels_last(op, x)
        out, after = from_channels_last(op, dx)
        arguments = _rows(dy), _rows(x), scale, mean, variance, _numbers(scale.dtype, op.attrs["epsilon"])
        scratch = np.empty((2, scale.size), scale.dtype), np.empty_like(scale)
        results = *scratch, _rows(out), dscale, doffset
        training = int(op.attrs["is_training"])
        return [
            *before_y,
            *before_x,
            Launch(kernels.normalize_gradient, *arguments, training, *results),
            *after,
        ]

    def numpy(op, dy, x, scale, mean, variance, _):
        dy, x = last_numpy(op, widen(dy)), last_numpy(op, widen(x))
        rows, count = tuple(range(x.ndim - 1)), x.size // scale.size
        factor = 1 / np.sqrt(variance + np.float32(op.attrs["epsilon"]))
        z = (x - mean) * factor
        doffset, dscale = dy.sum(rows), (dy * z).sum(rows)
        inner = dy - (doffset + z * dscale) / np.float32(count) if op.attrs["is_training"] else dy
        none = np.zeros(0, scale.dtype)
        return first_numpy(op, scale * factor * inner), dscale, doffset, none, none


def fused_batch_norm(
    x,
    scale,
    offset,
    mean=None,
    variance=None,
    epsilon=0.001,
    data_format="NHWC",
    is_training=True,
    name=None,
    exponential_avg_factor=1.0,
):
    """tf.nn.fused_batch_norm: batch normalization of pictures or volumes, in one op.

    x: four or five axes; scale, offset, mean, variance (channels,).  In training mean and variance are
    computed from `x`.  Returns (y, mean, variance): in training those of the batch, the variance unbiased.
    Raises ValueError where mean and variance are needed and missing.
    """
    if not is_training and (mean is None or variance is None):
        raise ValueError("Both 'mean' and 'variance' must be a 1D tensor when 'is_training' is False.")
    x = convert_to_tensor(x, name="input")
    scale = convert_to_tensor(scale, name="scale")
    offset = convert_to_tensor(offset, name="offset")
    mean = constant([]) if mean is None else mean
    variance = constant([]) if variance is None else variance
    op = FusedBatchNormV3.make(
        x,
        scale,
        offset,
        mean,
        variance,
        epsilon=max(epsilon, 1.001e-5),
        exponential_avg_factor=float(exponential_avg_factor),
        data_format=data_format,
        is_training=bool(is_training),
        name=name,
    )
    return tuple(op.outputs[:3])


class LRN(Op):
    """output = input / (bias + alpha * sum of the squares of the channels near by)**beta"""

    inputs = {"input": "T"}
    types = {"T": ("float16", "bfloat16", "float32")}
    attrs = {"depth_radius": 5, "bias": 1.0, "alpha": 1.0, "beta": 0.5}
    examples = [
        example(normal(2, 2, 2, 7), depth_radius=2),
        example(normal(1, 1, 2, 3), beta=0.75, alpha=0.1),
    ]

    def infer(op, input):
        return [(input.shape.with_rank(4), input.dtype)]

    def cpu(op, input, out):
        return kernels.local_response_launches(_rows(input), op.attrs["depth_radius"], _settings(op), _rows(out))

    def numpy(op, input):
        return kernels.local_response_numpy(widen(input), op.attrs["depth_radius"], *_settings(op))[0]

    def gradient(op, dy):
        attrs = {name: op.attrs[name] for name in LRN.attrs}
        return [LRNGrad.apply(dy, op.inputs[0], op.outputs[0], **attrs)]


def _settings(op):
    return np.array([op.attrs["bias"], op.attrs["alpha"], op.attrs["beta"]], np.float32)


class LRNGrad(Op):
    """The gradient of `LRN`."""

    inputs = {"input_grads": "T", "input_image": "T", "output_image": "T"}
    types = {"T": ("float16", "bfloat16", "float32")}
    attrs = LRN.attrs
    examples = [example(normal(2, 2, 2, 7), normal(2, 2, 2, 7), normal(2, 2, 2, 7), depth_radius=2)]

    def infer(op, input_grads, input_image, output_image):
        return [(input_grads.shape.merge_with(input_image.shape), input_grads.dtype)]

    def cpu(op, input_grads, input_image, output_image, out):
        arguments = _rows(input_grads), _rows(input_image), op.attrs["depth_radius"], _settings(op)
        return kernels.local_response_gradient_launches(*arguments, _rows(out))

    def numpy(op, input_grads, input_image, output_image):
        return kernels.local_response_gradient_numpy(
            widen(input_grads), widen(input_image), op.attrs["depth_radius"], *_settings(op)
        )


def local_response_normalization(input, depth_radius=5, bias=1, alpha=1, beta=0.5, name=None):
    """tf.nn.lrn: each element divided by (bias + alpha * sum of squares)**beta.

    input (batch, height, width, channels); the sum runs over the channels at most `depth_radius` away.
    """
    attrs = {
        "depth_radius": int(depth_radius),
        "bias": float(bias),
        "alpha": float(alpha),
        "beta": float(beta),
    }
    return LRN.apply(input, **attrs, name=name)
