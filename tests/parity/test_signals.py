"""tf.signal and tf.linalg.expm against TensorFlow."""

import numpy as np
import pytest

from tests.parity.test_shapes import gradient, run

X = np.random.default_rng(5).standard_normal((2, 40)).astype(np.float32)
CASES = {
    "hann": lambda tf, x: [tf.signal.hann_window(n, periodic=p) for n in (7, 8) for p in (True, False)],
    "hamming": lambda tf, x: [tf.signal.hamming_window(9), tf.signal.hamming_window(6, periodic=False)],
    "frame": lambda tf, x: tf.signal.frame(x, 8, 3),
    "frame_padded": lambda tf, x: tf.signal.frame(x, 8, 3, pad_end=True, pad_value=7),
    "overlap": lambda tf, x: tf.signal.overlap_and_add(tf.reshape(x, [2, 5, 8]), 3),
    "stft": lambda tf, x: tf.signal.stft(x, 10, 4),
    "stft_padded": lambda tf, x: tf.signal.stft(x, 8, 4, fft_length=8, pad_end=True, window_fn=None),
    "inverse": lambda tf, x: tf.signal.inverse_stft(
        tf.signal.stft(x, 8, 4), 8, 4, window_fn=tf.signal.inverse_stft_window_fn(4)
    ),
    "dct": lambda tf, x: [tf.signal.dct(x), tf.signal.dct(x, norm="ortho"), tf.signal.dct(x, type=1)],
    "dct_3": lambda tf, x: [tf.signal.dct(x, type=3), tf.signal.dct(x, type=3, norm="ortho"), tf.signal.idct(x)],
    "expm": lambda tf, x: [tf.linalg.expm(x[:, :2]), tf.linalg.expm(x[:, :2] * 9), tf.linalg.expm(x[:, :2] * 0)],
}


@pytest.mark.parametrize("name", CASES)
def test_values(name):
    run(CASES[name], X, names=False, rtol=1e-4)


@pytest.mark.parametrize("name", ["frame", "overlap", "inverse"])
def test_gradients(name):
    gradient(CASES[name], X, names=False, rtol=1e-4)
