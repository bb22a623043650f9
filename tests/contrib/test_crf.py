"""Chains of tags against the sum over all sequences."""

import itertools

import numpy as np

import minitf as tf
from minitf.contrib import crf

TAGS, LENGTHS = 3, [4, 2, 1]
RANDOM = np.random.RandomState(0)
INPUTS = RANDOM.randn(3, 4, TAGS).astype(np.float32)
CHOSEN = RANDOM.randint(0, TAGS, (3, 4)).astype(np.int32)
TRANSITIONS = RANDOM.randn(TAGS, TAGS).astype(np.float32)


def score(i, tags):
    steps = sum(TRANSITIONS[a, b] for a, b in itertools.pairwise(tags))
    return steps + sum(INPUTS[i, t, tag] for t, tag in enumerate(tags))


def test_likelihood_and_decoding():
    """The likelihood is exp(score) of the sum over all sequences, the decoded tags the best of them."""
    with tf.Graph().as_default(), tf.Session() as sess:
        found, _ = crf.crf_log_likelihood(INPUTS, CHOSEN, LENGTHS, tf.constant(TRANSITIONS))
        decoded = crf.crf_decode(INPUTS, tf.constant(TRANSITIONS), LENGTHS)
        likelihoods, (tags, best) = sess.run([found, decoded])
    for i, length in enumerate(LENGTHS):
        sequences = list(itertools.product(range(TAGS), repeat=length))
        scores = [score(i, s) for s in sequences]
        wanted = score(i, CHOSEN[i, :length]) - np.log(np.exp(scores).sum())
        np.testing.assert_allclose(likelihoods[i], wanted, rtol=1e-5, atol=1e-5)
        assert tuple(tags[i, :length]) == sequences[int(np.argmax(scores))]
        assert not tags[i, length:].any()
        np.testing.assert_allclose(best[i], max(scores), rtol=1e-5)
        alone, its_score = crf.viterbi_decode(INPUTS[i, :length], TRANSITIONS)
        assert alone == list(tags[i, :length])
        np.testing.assert_allclose(its_score, best[i], rtol=1e-6)


def test_transitions_are_learned():
    """Without transitions, a variable of them is made, and a gradient reaches it."""
    with tf.Graph().as_default(), tf.Session() as sess:
        found, transitions = crf.crf_log_likelihood(INPUTS, CHOSEN, LENGTHS)
        (slope,) = tf.gradients(found, transitions)
        sess.run(tf.global_variables_initializer())
        assert np.abs(sess.run(slope)).sum() > 0
        assert transitions.op.name == "transitions"
