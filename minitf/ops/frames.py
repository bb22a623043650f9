"""Sound in pieces: windows, frames, the short-time Fourier transform, the cosine transform."""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.gathering import gather
from minitf.ops.op import constant_value
from minitf.ops.padding import pad
from minitf.ops.spectral import irfft, rfft


def hann_window(window_length, periodic=True, dtype=dtypes.float32, name=None):
    """tf.signal.hann_window: (window_length,) values 0.5 - 0.5 cos(2 pi n / N), N one less if not `periodic`."""
    return _raised_cosine(name, "hann_window", window_length, periodic, dtype, 0.5, 0.5)


def hamming_window(window_length, periodic=True, dtype=dtypes.float32, name=None):
    """tf.signal.hamming_window: the same with 0.54 - 0.46 cos(2 pi n / N)."""
    return _raised_cosine(name, "hamming_window", window_length, periodic, dtype, 0.54, 0.46)


def _raised_cosine(name, default_name, window_length, periodic, dtype, a, b):
    with name_scope(name, default_name):
        length = _number(window_length)
        if length == 1:
            return constant(np.ones(1), dtype)
        period = length + bool(periodic) * (1 - length % 2) - 1
        return constant(a - b * np.cos(2 * np.pi * np.arange(length) / period), dtype)


def _number(value):
    found = constant_value(convert_to_tensor(value))
    if found is None:
        raise ValueError(f"{value} must be known when the graph is built")
    return int(found)


def frame(signal, frame_length, frame_step, pad_end=False, pad_value=0, axis=-1, name=None):
    """tf.signal.frame: pieces of `frame_length` every `frame_step`: (..., n, ...) -> (..., frames, frame_length, ...).

    With `pad_end`, pieces begin up to the last element, and are filled up with `pad_value`.
    """
    with name_scope(name, "frame", [signal]):
        signal = convert_to_tensor(signal, name="signal")
        length, step, ndims = _number(frame_length), _number(frame_step), signal.shape.ndims
        axis %= ndims
        size = signal.shape.sizes[axis]
        if size is None:
            raise ValueError(f"frame needs a signal of known length, got {signal.shape}")
        count = -(-size // step) if pad_end else max(0, 1 + (size - length) // step)
        missing = max(0, (count - 1) * step + length - size)
        if pad_end and missing:
            signal = pad(signal, [[0, missing * (d == axis)] for d in range(ndims)], constant_values=pad_value)
        places = np.arange(count)[:, None] * step + np.arange(length)
        return gather(signal, places.astype(np.int32), axis=axis)


def overlap_and_add(signal, frame_step, name=None):
    """tf.signal.overlap_and_add: frames (..., frames, length) put together at every `frame_step`, summed."""
    from minitf.ops.scattering import scatter_nd
    from minitf.ops.transposing import transpose

    with name_scope(name, "overlap_and_add", [signal]):
        signal = convert_to_tensor(signal, name="signal")
        count, length = signal.shape.with_rank_at_least(2).sizes[-2:]
        step, outer = _number(frame_step), signal.shape.ndims - 2
        total = (count - 1) * step + length
        places = (np.arange(count)[:, None] * step + np.arange(length)).astype(np.int32)
        front = transpose(signal, [outer, outer + 1, *range(outer)])
        sizes = np.array([total, *signal.shape.sizes[:-2]], np.int32)
        return transpose(scatter_nd(places[..., None], front, sizes), [*range(1, outer + 1), 0])


def _power_of_two(n):
    return 1 << (n - 1).bit_length()


def stft(signals, frame_length, frame_step, fft_length=None, window_fn=hann_window, pad_end=False, name=None):
    """tf.signal.stft: the Fourier transform of windowed frames: (..., n) -> (..., frames, fft_length / 2 + 1)."""
    with name_scope(name, "stft", [signals]):
        signals = convert_to_tensor(signals, name="signals")
        length = _number(frame_length)
        fft_length = _power_of_two(length) if fft_length is None else _number(fft_length)
        frames = frame(signals, length, frame_step, pad_end=pad_end)
        if window_fn is not None:
            frames = frames * window_fn(length, dtype=signals.dtype)
        return rfft(frames, [fft_length])


def inverse_stft_window_fn(frame_step, forward_window_fn=hann_window, name=None):
    """tf.signal.inverse_stft_window_fn: the window that makes `inverse_stft` undo an `stft` with the given one."""

    def inverse_window(frame_length, dtype):
        with name_scope(name, "inverse_stft_window_fn"):
            step, length = _number(frame_step), _number(frame_length)
            window = constant_value(forward_window_fn(length, dtype=dtype)).astype(np.float64)
            overlaps = -(-length // step)
            squares = np.pad(window**2, (0, overlaps * step - length)).reshape(overlaps, step).sum(0)
            return constant(window / np.tile(squares, overlaps)[:length], dtype)

    return inverse_window


def inverse_stft(stfts, frame_length, frame_step, fft_length=None, window_fn=hann_window, name=None):
    """tf.signal.inverse_stft: the signal of an `stft`, frames overlapped and added."""
    with name_scope(name, "inverse_stft", [stfts]):
        stfts = convert_to_tensor(stfts, name="stfts")
        length = _number(frame_length)
        fft_length = _power_of_two(length) if fft_length is None else _number(fft_length)
        frames = irfft(stfts, [fft_length])
        if fft_length > length:
            frames = frames[..., :length]
        elif fft_length < length:
            frames = pad(frames, [[0, 0]] * (frames.shape.ndims - 1) + [[0, length - fft_length]])
        if window_fn is not None:
            frames = frames * window_fn(length, dtype=stfts.dtype.real_dtype)
        return overlap_and_add(frames, frame_step)


def _cosines(n, kind, norm, dtype):
    """The matrix of the cosine transform of `kind` 1, 2 or 3: result = x matrix."""
    i, k = np.arange(n)[:, None], np.arange(n)[None, :]
    if kind == 1:
        matrix = 2 * np.cos(np.pi * i * k / (n - 1))
        matrix[[0, -1]] /= 2
        return constant(matrix, dtype)
    matrix = 2 * np.cos(np.pi * k * (2 * i + 1) / (2 * n))
    if norm == "ortho":
        matrix *= np.where(k == 0, np.sqrt(0.5), 1) * np.sqrt(0.5 / n)
        return constant(matrix if kind == 2 else matrix.T, dtype)
    if kind == 2:
        return constant(matrix, dtype)
    matrix = matrix.T.copy()
    matrix[0] /= 2
    return constant(matrix, dtype)


def dct(input, type=2, n=None, axis=-1, norm=None, name=None):
    """tf.signal.dct: the discrete cosine transform of the last axis, of type 1, 2 or 3 (Ahmed and others, 1974).

    `norm` is None or "ortho".  Raises ValueError for anything else.
    """
    from minitf.ops.contraction import tensordot

    if type not in (1, 2, 3) or axis != -1 or norm not in (None, "ortho") or (type == 1 and norm):
        raise ValueError(f"dct takes types 1, 2, 3, axis -1, norm None or 'ortho': got {type}, {axis}, {norm}")
    with name_scope(name, "dct", [input]):
        x = convert_to_tensor(input, dtype=dtypes.float32 if not hasattr(input, "dtype") else None)
        size = x.shape.sizes[-1]
        n = size if n is None else n
        if n > size:
            x = pad(x, [[0, 0]] * (x.shape.ndims - 1) + [[0, n - size]])
        elif n < size:
            x = x[..., :n]
        return tensordot(x, _cosines(n, type, norm, x.dtype), 1)


def idct(input, type=2, n=None, axis=-1, norm=None, name=None):
    """tf.signal.idct: the inverse cosine transform; without `norm`, up to the factor 2n that `dct` brings in."""
    return dct(input, {1: 1, 2: 3, 3: 2}[type], n, axis, norm, name or "idct")
