"""Fourier transforms of the last one, two or three axes.

The discrete transform y[k] = sum over n of x[n] exp(-2 pi i k n / N), and its inverse, by NumPy's FFT
(Cooley and Tukey, 1965).
"""

import numpy as np

from minitf.graph.dtypes import as_dtype, complex64, complex128
from minitf.graph.graph import name_scope
from minitf.ops.array import shape_of, size
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import COMPLEX, Op


class _Transform(Op):
    inputs = {"input": "Tcomplex"}
    types = {"Tcomplex": COMPLEX}
    axes = 1
    examples = [example(normal(2, 3, 4, 4), dtypes=("complex64", "complex128"))]

    def infer(op, input):
        return [(input.shape.with_rank_at_least(op.definition.axes), input.dtype)]


class FFT(_Transform):
    """The discrete Fourier transform of the last axis."""

    def numpy(op, input):
        return np.fft.fft(input)

    def gradient(op, dy):
        return [ifft(dy) * _points(dy, 1)]


class IFFT(_Transform):
    """The inverse discrete Fourier transform of the last axis."""

    def numpy(op, input):
        return np.fft.ifft(input)

    def gradient(op, dy):
        return [fft(dy) / _points(dy, 1)]


class FFT2D(_Transform):
    """The discrete Fourier transform of the last two axes."""

    axes = 2

    def numpy(op, input):
        return np.fft.fft2(input)

    def gradient(op, dy):
        return [ifft2d(dy) * _points(dy, 2)]


class IFFT2D(_Transform):
    """The inverse discrete Fourier transform of the last two axes."""

    axes = 2

    def numpy(op, input):
        return np.fft.ifft2(input)

    def gradient(op, dy):
        return [fft2d(dy) / _points(dy, 2)]


class FFT3D(_Transform):
    """The discrete Fourier transform of the last three axes."""

    axes = 3

    def numpy(op, input):
        return np.fft.fftn(input, axes=(-3, -2, -1))

    def gradient(op, dy):
        return [ifft3d(dy) * _points(dy, 3)]


class IFFT3D(_Transform):
    """The inverse discrete Fourier transform of the last three axes."""

    axes = 3

    def numpy(op, input):
        return np.fft.ifftn(input, axes=(-3, -2, -1))

    def gradient(op, dy):
        return [fft3d(dy) / _points(dy, 3)]


def _points(tensor, axes):
    from minitf.ops.casting import cast

    return cast(size(tensor) if tensor.shape.ndims == axes else _product(shape_of(tensor)[-axes:]), tensor.dtype)


def _product(sizes):
    from minitf.ops.reductions import reduce_prod

    return reduce_prod(sizes)


class _RealTransform(Op):
    inputs = {"input": "Treal", "fft_length": "int32"}
    types = {"Treal": ("float32", "float64"), "Tcomplex": COMPLEX}
    static = (1,)
    axes = 1

    def infer(op, input, fft_length):
        axes = op.definition.axes
        shape = input.shape.with_rank_at_least(axes)
        if shape.ndims is None:
            return [(shape, op.attrs["Tcomplex"])]
        lengths = [None] * axes if fft_length.value is None else [int(n) for n in fft_length.value]
        last = None if lengths[-1] is None else lengths[-1] // 2 + 1
        return [(shape[:-axes].concatenate([*lengths[:-1], last]), op.attrs["Tcomplex"])]

    def numpy(op, input, fft_length):
        lengths, axes = [int(n) for n in fft_length], tuple(range(-op.definition.axes, 0))
        return np.fft.rfftn(input, lengths, axes)

    def gradient(op, dy):
        """dx[n] = Re(sum over the kept k of dy[k] exp(2 pi i k n / N)): an inverse transform of dy padded."""
        from minitf.ops.casting import cast
        from minitf.ops.complex_numbers import real

        axes = op.definition.axes
        lengths, (input, fft_length) = _known_lengths(op), op.inputs
        whole = _fitted(dy, lengths, axes)
        inverse = {1: ifft, 2: ifft2d, 3: ifft3d}[axes](whole)
        dx = real(inverse) * cast(_product(fft_length), input.dtype)
        return [_fitted(dx, input.shape.sizes[-axes:], axes), None]


class RFFT(_RealTransform):
    """The non-negative frequencies of the Fourier transform of real numbers: N/2 + 1 of N."""

    examples = [example(normal(3, 6), array([6]), dtypes=("float32",), gradient=False, Tcomplex=complex64)]


class RFFT2D(_RealTransform):
    """The same in two axes; the last one is halved."""

    axes = 2
    examples = [example(normal(2, 3, 6), array([3, 6]), dtypes=("float32",), gradient=False, Tcomplex=complex64)]


class RFFT3D(_RealTransform):
    """The same in three axes; the last one is halved."""

    axes = 3
    examples = [example(normal(2, 3, 4), array([2, 3, 4]), dtypes=("float32",), gradient=False, Tcomplex=complex64)]


class _RealInverse(Op):
    inputs = {"input": "Tcomplex", "fft_length": "int32"}
    types = {"Treal": ("float32", "float64"), "Tcomplex": COMPLEX}
    static = (1,)
    axes = 1

    def infer(op, input, fft_length):
        axes = op.definition.axes
        shape = input.shape.with_rank_at_least(axes)
        if shape.ndims is None:
            return [(shape, op.attrs["Treal"])]
        lengths = [None] * axes if fft_length.value is None else [int(n) for n in fft_length.value]
        return [(shape[:-axes].concatenate(lengths), op.attrs["Treal"])]

    def numpy(op, input, fft_length):
        lengths, axes = [int(n) for n in fft_length], tuple(range(-op.definition.axes, 0))
        return np.fft.irfftn(input, lengths, axes)

    def gradient(op, dy):
        """dy[k] = c[k] / N times the transform of dx; c is 2 for frequencies that stand for two, else 1."""
        from minitf.ops.casting import cast

        axes = op.definition.axes
        lengths, (input, fft_length) = _known_lengths(op), op.inputs
        spectrum = {1: rfft, 2: rfft2d, 3: rfft3d}[axes](dy, fft_length)
        n = lengths[-1]
        counts = np.full(n // 2 + 1, 2.0)
        counts[0] = 1
        if n % 2 == 0:
            counts[-1] = 1
        scale = constant(counts, spectrum.dtype) / cast(_product(fft_length), spectrum.dtype)
        return [_fitted(spectrum * scale, input.shape.sizes[-axes:], axes), None]


class IRFFT(_RealInverse):
    """The real numbers whose non-negative frequencies are given."""

    examples = [example(normal(3, 4), array([6]), dtypes=("complex64",), gradient=False, Treal=as_dtype("float32"))]


class IRFFT2D(_RealInverse):
    """The same in two axes."""

    axes = 2
    examples = [example(normal(3, 4), array([3, 6]), dtypes=("complex64",), gradient=False, Treal=as_dtype("float32"))]


class IRFFT3D(_RealInverse):
    """The same in three axes."""

    axes = 3
    examples = [
        example(normal(2, 3, 4), array([2, 3, 6]), dtypes=("complex64",), gradient=False, Treal=as_dtype("float32"))
    ]


def _known_lengths(op):
    from minitf.ops.op import constant_value

    lengths = constant_value(op.inputs[1])
    if lengths is None or None in (op.inputs[0].shape.sizes or (None,))[-op.definition.axes :]:
        raise ValueError(f"The gradient of {op.type} needs sizes that are known when the graph is built")
    return [int(n) for n in lengths]


def _fitted(x, wanted, axes):
    """`x` cut or padded with zeros to the sizes `wanted` of its last axes."""
    from minitf.ops.padding import pad

    sizes = x.shape.sizes[-axes:]
    if any(n > w for n, w in zip(sizes, wanted, strict=True)):
        x = x[(..., *(slice(0, w) for w in wanted))]
        sizes = x.shape.sizes[-axes:]
    if list(sizes) == list(wanted):
        return x
    before = x.shape.ndims - axes
    return pad(x, [[0, 0]] * before + [[0, w - n] for n, w in zip(sizes, wanted, strict=True)])


def _complex_function(definition, tf_name):
    def transform(input, name=None):
        return definition.apply(input, name=name)

    transform.__name__ = transform.__qualname__ = tf_name
    transform.__doc__ = f"tf.signal.{tf_name}: {definition.__doc__}"
    return transform


fft = _complex_function(FFT, "fft")
ifft = _complex_function(IFFT, "ifft")
fft2d = _complex_function(FFT2D, "fft2d")
ifft2d = _complex_function(IFFT2D, "ifft2d")
fft3d = _complex_function(FFT3D, "fft3d")
ifft3d = _complex_function(IFFT3D, "ifft3d")


def _real_function(definition, tf_name, inverse):
    axes = definition.axes

    def transform(input_tensor, fft_length=None, name=None):
        with name_scope(name, tf_name, [input_tensor, fft_length]) as scope:
            x = convert_to_tensor(input_tensor, preferred_dtype=complex64 if inverse else as_dtype("float32"))
            x = x if x.shape.ndims is None else _checked_rank(x, axes)
            double = x.dtype.base_dtype in (complex128, as_dtype("float64"))
            given = fft_length is not None
            lengths = convert_to_tensor(fft_length, "int32") if given else _default_lengths(x, axes, inverse)
            x = _padded_input(x, lengths, axes, inverse)
            other = {"Treal": as_dtype("float64" if double else "float32")} if inverse else {
                "Tcomplex": complex128 if double else complex64}  # fmt: skip
            return definition.apply(x, lengths, name=scope, **other)

    transform.__name__ = transform.__qualname__ = tf_name
    transform.__doc__ = (
        f"tf.signal.{tf_name}: {definition.__doc__}\n\n    `fft_length`: the lengths of the last axes, to which "
        "they are cut or padded with zeros.\n    "
    )
    return transform


def _checked_rank(x, axes):
    x.shape.with_rank_at_least(axes)
    return x


def _default_lengths(x, axes, inverse):
    from minitf.ops.arithmetic import maximum
    from minitf.ops.joining import concat

    sizes = (x.shape.sizes or (None,))[-axes:]
    if None not in sizes:
        lengths = [*sizes[:-1], max(0, 2 * (sizes[-1] - 1))] if inverse else sizes
        return constant(np.array(lengths, np.int32))
    lengths = shape_of(x)[-axes:]
    return concat([lengths[:-1], maximum(0, 2 * (lengths[-1:] - 1))], 0) if inverse else lengths


def _padded_input(x, lengths, axes, inverse):
    from minitf.ops.op import constant_value

    wanted, sizes = constant_value(lengths), (x.shape.sizes or (None,))[-axes:]
    if wanted is None or None in sizes:
        return x
    needed = [int(w) for w in wanted]
    needed[-1] = needed[-1] // 2 + 1 if inverse else needed[-1]
    target = [max(n, w) for n, w in zip(sizes, needed, strict=True)]
    return _fitted(x, target, axes)


rfft = _real_function(RFFT, "rfft", inverse=False)
rfft2d = _real_function(RFFT2D, "rfft2d", inverse=False)
rfft3d = _real_function(RFFT3D, "rfft3d", inverse=False)
irfft = _real_function(IRFFT, "irfft", inverse=True)
irfft2d = _real_function(IRFFT2D, "irfft2d", inverse=True)
irfft3d = _real_function(IRFFT3D, "irfft3d", inverse=True)


def fftshift(x, axes=None, name=None):
    """tf.signal.fftshift: the zero frequency moved to the middle of `axes` (default: all)."""
    return _shift(x, axes, name, "fftshift", lambda n: n // 2)


def ifftshift(x, axes=None, name=None):
    """tf.signal.ifftshift: the reverse of `fftshift`."""
    return _shift(x, axes, name, "ifftshift", lambda n: -(n // 2))


def _shift(x, axes, name, default_name, places):
    from minitf.ops.reversing import roll

    with name_scope(name, default_name):
        x = convert_to_tensor(x)
        axes = list(range(x.shape.ndims)) if axes is None else [int(a) for a in np.atleast_1d(axes)]
        sizes = [x.shape.sizes[a] for a in axes]
        shifts = [places(n if n is not None else shape_of(x)[a]) for n, a in zip(sizes, axes, strict=True)]
        return roll(x, shifts, axes)
