"""The workloads as PyTorch programs (eager, as most people run it)."""

import itertools

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks import workloads as w


def programs():
    """{workload: a function that builds it and returns `step(i)`}"""
    return {
        "W1a": lambda: lambda i: (torch.tensor(1.0) + torch.tensor(2.0)).item(),
        "W1b": lambda: chain_of_scalars,
        "W2-sgd": lambda: training(perceptron(w.WIDE), descent, w.classified(128, 784)),
        "W2-sgd-32": lambda: training(perceptron(w.WIDE), descent, w.classified(32, 784)),
        "W2-adam": lambda: training(perceptron(w.WIDE), adam, w.classified(128, 784)),
        "W3": convolutions,
        "W4-sgd": lambda: training(perceptron(w.SMALL), descent, w.digits()),
        "W4-adam": lambda: training(perceptron(w.SMALL), adam, w.digits()),
        "W5": lambda: of_tensors(torch.mm, w.weights(2048, 2048), w.weights(2048, 2048, seed=2)),
        "W5-1024": lambda: of_tensors(torch.mm, w.weights(1024, 1024), w.weights(1024, 1024, seed=2)),
        "W6": lambda: of_tensors(elementwise, w.weights(w.CHAIN, scale=1)),
        "W7-sum": lambda: of_matrix(lambda x: x.sum(1)),
        "W7-max": lambda: of_matrix(lambda x: x.amax(1)),
        "W7-columns": lambda: of_matrix(lambda x: x.sum(0)),
        "W7-softmax": lambda: of_matrix(lambda x: torch.softmax(x, 1)),
        "W8": lambda: training(Recurrent(), adam, w.classified(64, 28, 28)),
        "W9": embeddings,
    }


def descent(parameters):
    return torch.optim.SGD(parameters, 0.05)


def adam(parameters):
    return torch.optim.Adam(parameters, 0.001)


def chain_of_scalars(i):
    a, b = torch.tensor(1.0), torch.tensor(0.5)
    found = a
    for _ in range(50):
        found = found * b + a
    return found.item()


def training(model, optimizer, batches):
    batches = [(torch.from_numpy(x), torch.from_numpy(classes.astype(np.int64))) for x, classes in batches]
    updates = optimizer(model.parameters())

    def step(i):
        x, classes = batches[i % w.BATCHES]
        updates.zero_grad()
        loss = functional.cross_entropy(model(x), classes)
        loss.backward()
        updates.step()
        return loss.item()

    return step


def perceptron(sizes):
    layers = []
    for before, after in itertools.pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def convolutions():
    model = nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(7 * 7 * 64, 1024), nn.ReLU(), nn.Linear(1024, 10),
    )  # fmt: skip
    return training(model, adam, w.classified(64, 1, 28, 28))


def of_tensors(function, *arrays):
    tensors = [torch.from_numpy(a) for a in arrays]

    def step(i):
        with torch.no_grad():
            return function(*tensors)

    return step


def of_matrix(function):
    return of_tensors(function, w.weights(4096, 4096, scale=1))


def elementwise(x):
    found = torch.exp(torch.tanh(x) * 0.5 + 1.0)
    return torch.clamp_min(torch.sqrt(torch.abs(found * x - x)) - 0.1, 0.0)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.cells, self.dense = nn.LSTM(28, w.UNITS, batch_first=True), nn.Linear(w.UNITS, 10)

    def forward(self, x):
        _, (output, _) = self.cells(x)
        return self.dense(output[0])


def embeddings():
    table = nn.Embedding(w.VOCABULARY, w.WIDTH, sparse=True)
    output = nn.Embedding(w.VOCABULARY, w.WIDTH, sparse=True)
    bias = nn.Embedding(w.VOCABULARY, 1, sparse=True)
    parameters = [*table.parameters(), *output.parameters(), *bias.parameters()]
    updates = torch.optim.SGD(parameters, 0.5)
    batches = [tuple(torch.from_numpy(a.astype(np.int64)) for a in batch) for batch in w.word_pairs()]
    entropy = functional.binary_cross_entropy_with_logits

    def step(i):
        centres, contexts, samples = batches[i % w.BATCHES]
        updates.zero_grad()
        centre = table(centres)
        true = (centre * output(contexts)).sum(1) + bias(contexts)[:, 0]
        false = centre @ output(samples).T + bias(samples)[:, 0]
        loss = entropy(true, torch.ones_like(true), reduction="sum")
        loss = (loss + entropy(false, torch.zeros_like(false), reduction="sum")) / w.PAIRS
        loss.backward()
        updates.step()
        return loss.item()

    return step
