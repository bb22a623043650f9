"""tf.distributions: samples, densities and moments."""

import pytest

from tests.parity.compare import check, check_error

MAKERS = {
    "Normal": lambda d: d.Normal([0.0, 1.0], [[1.0], [2.5]]),
    "Normal scalar": lambda d: d.Normal(1.0, 2.0),
    "Uniform": lambda d: d.Uniform([0.0, -1.0], 2.0),
    "Bernoulli": lambda d: d.Bernoulli(probs=[0.2, 0.7]),
    "Bernoulli logits": lambda d: d.Bernoulli(logits=[[-1.0], [2.0]]),
    "Categorical": lambda d: d.Categorical(logits=[[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]]),
    "Categorical probs": lambda d: d.Categorical(probs=[0.1, 0.2, 0.7]),
    "Exponential": lambda d: d.Exponential([0.5, 2.0]),
}
POINTS = {"Normal": 0.3, "Uniform": 0.5, "Bernoulli": 1, "Categorical": 1, "Exponential": 0.7}


@pytest.mark.parametrize("label", MAKERS)
def test_densities_and_moments(label):
    kind = label.split()[0]

    def program(tf):
        dist = MAKERS[label](tf.distributions)
        found = [dist.log_prob(POINTS[kind]), dist.prob(POINTS[kind]), dist.entropy()]
        if kind != "Categorical":
            found += [dist.mean(), dist.variance(), dist.stddev()]
        if kind in ("Normal", "Uniform"):
            found += [dist.cdf(POINTS[kind])]
        if kind in ("Bernoulli", "Categorical"):
            found += [dist.mode()]
        assert dist.batch_shape.is_fully_defined()
        return [*found, dist.batch_shape_tensor()], {}

    check(program)


@pytest.mark.parametrize("label", MAKERS)
def test_samples(label):
    def program(tf):
        dist = MAKERS[label](tf.distributions)
        return [dist.sample(seed=3), dist.sample(4, seed=5), dist.sample([2, 3], seed=6)], {}

    check(program, graph_seed=1)


@pytest.mark.parametrize("kind", ["Normal", "Categorical", "Bernoulli"])
def test_divergence(kind):
    def program(tf):
        d = tf.distributions
        a = MAKERS[kind](d)
        b = {
            "Normal": lambda: d.Normal(0.5, 1.5),
            "Categorical": lambda: d.Categorical(logits=[[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]]),
            "Bernoulli": lambda: d.Bernoulli(probs=[0.5, 0.1]),
        }[kind]()
        return [d.kl_divergence(a, b), a.kl_divergence(b), a.cross_entropy(b)], {}

    check(program)


ERRORS = {
    "neither": lambda d: d.Bernoulli(),
    "both": lambda d: d.Categorical(logits=[0.0], probs=[1.0]),
    "no divergence": lambda d: d.kl_divergence(d.Normal(0.0, 1.0), d.Bernoulli(probs=0.5)),
}


@pytest.mark.parametrize("label", ERRORS)
def test_errors(label):
    check_error(lambda tf: (ERRORS[label](tf.distributions), {}))
