"""The workloads that are NumPy programs in one line: no gradients, no graph."""

import numpy as np

from benchmarks import workloads as w


def programs():
    """{workload: a function that builds it and returns `step(i)`}"""
    return {
        "W5": lambda: of_arrays(np.matmul, w.weights(2048, 2048), w.weights(2048, 2048, seed=2)),
        "W5-1024": lambda: of_arrays(np.matmul, w.weights(1024, 1024), w.weights(1024, 1024, seed=2)),
        "W6": lambda: of_arrays(elementwise, w.weights(w.CHAIN, scale=1)),
        "W7-sum": lambda: of_matrix(lambda x: x.sum(1)),
        "W7-max": lambda: of_matrix(lambda x: x.max(1)),
        "W7-columns": lambda: of_matrix(lambda x: x.sum(0)),
        "W7-softmax": lambda: of_matrix(softmax),
    }


def of_arrays(function, *arrays):
    return lambda i: function(*arrays)


def of_matrix(function):
    return of_arrays(function, w.weights(4096, 4096, scale=1))


def elementwise(x):
    found = np.exp(np.tanh(x) * np.float32(0.5) + np.float32(1))
    return np.maximum(np.sqrt(np.abs(found * x - x)) - np.float32(0.1), 0)


def softmax(x):
    found = np.exp(x - x.max(1, keepdims=True))
    return found / found.sum(1, keepdims=True)
