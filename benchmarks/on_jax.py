"""The workloads as JAX programs, each step under `jit`."""

import functools
import itertools

import jax
import jax.numpy as jnp

from benchmarks import workloads as w


def programs():
    """{workload: a function that builds it and returns `step(i)`}"""
    return {
        "W1a": lambda: of_numbers(lambda a, b: a + b),
        "W1b": lambda: of_numbers(chain_of_scalars),
        "W2-sgd": lambda: perceptron(w.WIDE, descent, w.classified(128, 784)),
        "W2-sgd-32": lambda: perceptron(w.WIDE, descent, w.classified(32, 784)),
        "W2-adam": lambda: perceptron(w.WIDE, adam, w.classified(128, 784)),
        "W3": convolutions,
        "W4-sgd": lambda: perceptron(w.SMALL, descent, w.digits()),
        "W4-adam": lambda: perceptron(w.SMALL, adam, w.digits()),
        "W5": lambda: of_arrays(jnp.matmul, w.weights(2048, 2048), w.weights(2048, 2048, seed=2)),
        "W5-1024": lambda: of_arrays(jnp.matmul, w.weights(1024, 1024), w.weights(1024, 1024, seed=2)),
        "W6": lambda: of_arrays(elementwise, w.weights(w.CHAIN, scale=1)),
        "W7-sum": lambda: of_matrix(lambda x: x.sum(1)),
        "W7-max": lambda: of_matrix(lambda x: x.max(1)),
        "W7-columns": lambda: of_matrix(lambda x: x.sum(0)),
        "W7-softmax": lambda: of_matrix(lambda x: jax.nn.softmax(x, axis=1)),
        "W8": recurrent,
        "W9": embeddings,
    }


def of_numbers(function):
    compiled = jax.jit(function)
    return lambda i: float(compiled(1.0, 0.5))


def chain_of_scalars(a, b):
    found = a
    for _ in range(50):
        found = found * b + a
    return found


def of_arrays(function, *arrays):
    compiled, arrays = jax.jit(function), [jnp.array(a) for a in arrays]
    return lambda i: compiled(*arrays).block_until_ready()


def of_matrix(function):
    return of_arrays(function, w.weights(4096, 4096, scale=1))


def elementwise(x):
    found = jnp.exp(jnp.tanh(x) * 0.5 + 1.0)
    return jnp.maximum(jnp.sqrt(jnp.abs(found * x - x)) - 0.1, 0.0)


def descent(parameters, state, gradients):
    return jax.tree.map(lambda p, g: p - 0.05 * g, parameters, gradients), state


def adam(parameters, state, gradients):
    """Kingma and Ba, 2015."""
    m, v, t = state if state else (*[jax.tree.map(jnp.zeros_like, parameters)] * 2, 0.0)
    t = t + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradients)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradients)
    rate = 0.001 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-8), parameters, m, v), (m, v, t)


def training(loss, parameters, optimizer, batches):
    @jax.jit
    def update(parameters, state, *batch):
        value, gradients = jax.value_and_grad(loss)(parameters, *batch)
        return *optimizer(parameters, state, gradients), value

    holder = [jax.tree.map(jnp.array, parameters), ()]

    def step(i):
        *holder[:], value = update(*holder, *batches[i % w.BATCHES])
        return float(value)

    return step


def mean_loss(logits, classes):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), classes[:, None], 1))


def dense_weights(before, after, seed=1):
    return w.weights(before, after, seed=seed), jnp.zeros(after)


def perceptron(sizes, optimizer, batches):
    parameters = [dense_weights(a, b) for a, b in itertools.pairwise(sizes)]

    def loss(parameters, x, classes):
        for kernel, bias in parameters[:-1]:
            x = jax.nn.relu(x @ kernel + bias)
        kernel, bias = parameters[-1]
        return mean_loss(x @ kernel + bias, classes)

    return training(loss, parameters, optimizer, batches)


def convolutions():
    shapes = ((5, 5, 1, 32), (5, 5, 32, 64), (7 * 7 * 64, 1024), (1024, 10))
    parameters = [(w.weights(*shape), jnp.zeros(shape[-1])) for shape in shapes]

    def loss(parameters, x, classes):
        for kernel, bias in parameters[:2]:
            layout = ("NHWC", "HWIO", "NHWC")
            x = jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=layout)
            x = jax.nn.relu(x + bias)
            x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "SAME")
        x = x.reshape(x.shape[0], -1)
        (kernel, bias), (last, last_bias) = parameters[2:]
        return mean_loss(jax.nn.relu(x @ kernel + bias) @ last + last_bias, classes)

    return training(loss, parameters, adam, w.classified(64, 28, 28, 1))


def recurrent():
    parameters = [dense_weights(28 + w.UNITS, 4 * w.UNITS), dense_weights(w.UNITS, 10)]

    def loss(parameters, x, classes):
        (kernel, bias), (last, last_bias) = parameters

        def advance(state, row):
            output, cell = state
            i, new, forget, out = jnp.split(jnp.concatenate([row, output], 1) @ kernel + bias, 4, 1)
            cell = cell * jax.nn.sigmoid(forget + 1) + jax.nn.sigmoid(i) * jnp.tanh(new)
            return (jnp.tanh(cell) * jax.nn.sigmoid(out), cell), None

        start = jnp.zeros((x.shape[0], w.UNITS))
        (output, _), _ = jax.lax.scan(advance, (start, start), x.transpose(1, 0, 2))
        return mean_loss(output @ last + last_bias, classes)

    return training(loss, parameters, adam, w.classified(64, 28, 28))


def embeddings():
    shape = (w.VOCABULARY, w.WIDTH)
    tables = [w.weights(*shape, scale=0.05), w.weights(*shape, seed=2, scale=0.05), jnp.zeros(w.VOCABULARY)]

    def loss(centre, context, context_bias, sample, sample_bias):
        true = (centre * context).sum(1) + context_bias
        false = centre @ sample.T + sample_bias
        return (jax.nn.softplus(-true).sum() + jax.nn.softplus(false).sum()) / w.PAIRS

    @functools.partial(jax.jit, donate_argnums=(0,))
    def update(tables, c, t, n):
        table, output, bias = tables
        rows = table[c], output[t], bias[t], output[n], bias[n]
        value, (dc, dt, dbt, dn, dbn) = jax.value_and_grad(loss, range(5))(*rows)
        output = output.at[t].add(-0.5 * dt).at[n].add(-0.5 * dn)
        bias = bias.at[t].add(-0.5 * dbt).at[n].add(-0.5 * dbn)
        return [table.at[c].add(-0.5 * dc), output, bias], value

    batches, holder = w.word_pairs(), [[jnp.array(t) for t in tables]]

    def step(i):
        holder[0], value = update(holder[0], *batches[i % w.BATCHES])
        return float(value)

    return step
