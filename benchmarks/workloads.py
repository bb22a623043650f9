"""What is measured, and the data that all engines get."""

import numpy as np

WORKLOADS = {
    "W1a": "one scalar addition, fed",
    "W1b": "a chain of 100 scalar operations",
    "W2-sgd": "MLP 784-256-128-10, batch 128, gradient descent",
    "W2-sgd-32": "MLP 784-256-128-10, batch 32, gradient descent",
    "W2-adam": "MLP 784-256-128-10, batch 128, Adam",
    "W3": "two convolutions and two dense layers on 28x28, batch 64, Adam",
    "W4-sgd": "MLP 64-32-10 on digits, batch 32, gradient descent",
    "W4-adam": "MLP 64-32-10 on digits, batch 32, Adam",
    "W5": "matrix product 2048 x 2048 x 2048",
    "W5-1024": "matrix product 1024 x 1024 x 1024",
    "W6": "chain of ten elementwise operations on 10,000,000 numbers",
    "W7-sum": "sums of the rows of 4096 x 4096",
    "W7-max": "maxima of the rows of 4096 x 4096",
    "W7-columns": "sums of the columns of 4096 x 4096",
    "W7-softmax": "softmax of the rows of 4096 x 4096",
    "W8": "LSTM, 28 steps, 128 units, batch 64, Adam",
    "W8-cells": "the same, each step written out",
    "W9": "two embeddings 50,000 x 128, sampled loss, sparse descent",
    "W10": "a fresh process: import, build, first training step of W4-adam",
}

BATCHES = 8  # distinct batches, used in turn
WIDE, SMALL = (784, 256, 128, 10), (64, 32, 10)
CHAIN = 10_000_000
UNITS = 128
VOCABULARY, WIDTH, PAIRS, SAMPLES = 50_000, 128, 128, 64


def weights(*shape, seed=1, scale=None):
    """Normal numbers of He's scale (He et al., 2015), the same for every engine."""
    scale = np.sqrt(2 / np.prod(shape[:-1])) if scale is None else scale
    return (np.random.default_rng(seed).standard_normal(shape) * scale).astype(np.float32)


def classified(size, *shape):
    """Batches of random inputs and classes."""
    random = np.random.default_rng(0)
    return [
        (random.random((size, *shape), np.float32), random.integers(0, 10, size).astype(np.int32))
        for _ in range(BATCHES)
    ]


def digits(size=32):
    """Batches of scikit-learn's handwritten digits."""
    from sklearn.datasets import load_digits

    images, classes = load_digits(return_X_y=True)
    images, classes = (images / 16).astype(np.float32), classes.astype(np.int32)
    parts = [slice(i * size, (i + 1) * size) for i in range(BATCHES)]
    return [(images[part].copy(), classes[part].copy()) for part in parts]


def word_pairs():
    """Batches of (centres, contexts, samples) with Zipf's frequencies."""
    random = np.random.default_rng(0)

    def words(count):
        drawn = np.exp(random.random(count) * np.log(VOCABULARY + 1)) - 1
        return np.minimum(drawn.astype(np.int32), VOCABULARY - 1)

    return [(words(PAIRS), words(PAIRS), words(SAMPLES)) for _ in range(BATCHES)]
