"""Candidate sampling: a few wrong classes stand for all of them in the loss of a network with very many classes.

`nce_loss` and `sampled_softmax_loss` draw `sampled` classes and correct each score by the number of times the class
was expected among them.  The samplers differ in how a class is drawn and how likely it is:

    log_uniform      p(c) = log((c + 2) / (c + 1)) / log(range_max + 1): Zipf's law, for classes in order of frequency
    uniform          p(c) = 1 / range_max
    learned_unigram  p(c) = how often c was a true class in the runs so far, counting from 1
    fixed_unigram    p(c) = given; drawn in constant time from an alias table

All take `state` (see `philox.py`; a run reserves 512 blocks for each sampled class), tables of their own, then

    unique                    0, or 1 to draw again a class that has been drawn
    true_classes (n,) int64   the classes of the examples, flat
    seen (range_max,) uint8   scratch, read and written only if unique
    sampled (k,) int64        result: the classes drawn
    true_expected (n,) float32, sampled_expected (k,) float32
                              results: how often each class is expected among the sampled

and return 1 if k unique classes cannot be drawn or a true class is out of range, else 0.

Source: Bengio and Senécal (2008); Jean, Cho, Memisevic, Bengio, "On using very large target vocabulary", ACL 2015.
"""

import math

import numpy as np

from minitf.kernels.functions import inline, kernel
from minitf.kernels.philox import RESERVED, advance, word
from minitf.kernels.random import count_not_above, unit32, unit64


@inline
def _draw_log_uniform(state, i, table):
    """The class of draw number i: uniform on a logarithmic scale."""
    range_max = table[0]
    u = unit64(word(state, 2 * i), word(state, 2 * i + 1))
    return (np.int64(math.exp(u * math.log1p(np.float64(range_max)))) - 1) % range_max


@inline
def _chance_log_uniform(c, table):
    return np.float32(math.log((c + 2.0) / (c + 1.0)) / math.log1p(np.float64(table[0])))


@inline
def _draw_uniform(state, i, table):
    bits = word(state, 2 * i) | word(state, 2 * i + 1) << np.uint64(32)
    return np.int64(bits % np.uint64(table[0]))


@inline
def _chance_uniform(c, table):
    return np.float32(1.0 / table[0])


@inline
def _draw_learned(state, i, table):
    cumulated = table[1]
    return count_not_above(cumulated, np.int64(word(state, i) % np.uint64(cumulated[-1])))


@inline
def _chance_learned(c, table):
    weights, cumulated = table
    return np.float32(weights[c]) / np.float32(cumulated[-1])


@inline
def _draw_fixed(state, i, table):
    """Pick a class evenly, then keep it or take the other one of its pair."""
    _, keep, other = table
    c = np.int64(word(state, 2 * i + 1) % np.uint64(keep.size))
    return c if unit32(word(state, 2 * i)) < keep[c] else other[c]


@inline
def _chance_fixed(c, table):
    return table[0][c]


@inline
def _expected(chance, sampled, draws):
    """How often a class of this chance is among `sampled` classes that took `draws` draws."""
    if draws == sampled:
        return chance * np.float32(sampled)
    return -math.expm1(np.float32(draws) * math.log1p(-chance))  # 1 - (1 - chance)**draws, without cancellation


@inline
def _sample(state, draw, table, unique, seen, sampled):
    """Fill `sampled`; the number of draws it took."""
    seen[:] = 0
    found = draws = 0
    while found < sampled.size:
        c = draw(state, draws, table)
        draws += 1
        if unique:
            if seen[c]:
                continue
            seen[c] = 1
        sampled[found] = c
        found += 1
    advance(state, 2 * RESERVED * sampled.size)
    return draws


@inline
def _candidates(
    state, draw, chance, table, range_max, unique, true_classes, seen, sampled, true_expected, sampled_expected
):
    if unique and sampled.size > range_max:
        return 1
    for c in true_classes:
        if c < 0 or c >= range_max:
            return 1
    draws = _sample(state, draw, table, unique, seen, sampled)
    for i in range(sampled.size):
        sampled_expected[i] = _expected(chance(sampled[i], table), sampled.size, draws)
    for i in range(true_classes.size):
        true_expected[i] = _expected(chance(true_classes[i], table), sampled.size, draws)
    return 0


@kernel(status=True)
def log_uniform_sample(
    state, range_max, unique, true_classes, seen, sampled, true_expected, sampled_expected
):
    """Classes by Zipf's law: class 0 the most frequent."""
    return _candidates(
        state, _draw_log_uniform, _chance_log_uniform, (range_max,), range_max,
        unique, true_classes, seen, sampled, true_expected, sampled_expected,
    )  # fmt: skip


@kernel(status=True)
def uniform_sample(state, range_max, unique, true_classes, seen, sampled, true_expected, sampled_expected):
    """Classes that are all equally likely."""
    return _candidates(
        state, _draw_uniform, _chance_uniform, (range_max,), range_max,
        unique, true_classes, seen, sampled, true_expected, sampled_expected,
    )  # fmt: skip


@kernel(status=True)
def learned_unigram_sample(
    state, weights, cumulated, unique, true_classes, seen, sampled, true_expected, sampled_expected
):
    """Classes as likely as their weights (range_max,) int64, to which this run's true classes then add 1 each.

    `weights` starts as ones and is kept from run to run; cumulated (range_max,) int64 is scratch.
    """
    total = 0
    for c in range(weights.size):
        total += weights[c]
        cumulated[c] = total
    status = _candidates(
        state, _draw_learned, _chance_learned, (weights, cumulated), weights.size,
        unique, true_classes, seen, sampled, true_expected, sampled_expected,
    )  # fmt: skip
    if status == 0:
        for c in true_classes:
            weights[c] += 1
    return status


@kernel(status=True)
def fixed_unigram_sample(
    state, chance, keep, other, unique, true_classes, seen, sampled, true_expected, sampled_expected
):
    """Classes of the given chances; the three tables are `alias_table(weights)`."""
    return _candidates(
        state, _draw_fixed, _chance_fixed, (chance, keep, other), chance.size,
        unique, true_classes, seen, sampled, true_expected, sampled_expected,
    )  # fmt: skip


def alias_table(weights):
    """chance (n,) float32, keep (n,) float32, other (n,) int64 of weights (n,): Walker's alias method.

    Stretch the chances to an average of 1.  A class below 1 is topped up from one above 1, until each of the n
    places holds at most two classes: its own, with the chance `keep`, and one `other`.

    Source: Walker (1977); Vose, IEEE Transactions on Software Engineering 17 (1991) 972-975.
    """
    weights = np.asarray(weights, np.float32)
    left = weights.astype(np.float64) * (weights.size / weights.sum(dtype=np.float64))
    other = np.arange(weights.size)
    poor = [c for c, amount in enumerate(left) if amount < 1]
    rich = [c for c, amount in enumerate(left) if amount >= 1]
    while poor and rich:
        taker, giver = poor.pop(), rich.pop()
        other[taker] = giver
        left[giver] -= 1 - left[taker]
        (poor if left[giver] < 1 else rich).append(giver)
    left[poor + rich] = 1  # only rounding is missing
    total = weights.cumsum(dtype=np.float32)[-1]
    return weights / total, left.astype(np.float32), other
