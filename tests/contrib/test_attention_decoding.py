"""Decoders with attention: one step by the formula, and words in, words out."""

import numpy as np
import pytest

import minitf as tf
from minitf.contrib import attention_decoding


def test_first_step():
    """The cell reads the input beside nothing; the output, what the heads read with the new state as query."""
    random = np.random.RandomState(0)
    states, given = random.randn(2, 3, 4).astype(np.float32), random.randn(2, 5).astype(np.float32)
    with tf.Graph().as_default(), tf.Session() as sess:
        outputs, state = attention_decoding.attention_decoder(
            [tf.constant(given)], tf.zeros([2, 6]), tf.constant(states), tf.nn.rnn_cell.BasicRNNCell(6), output_size=7
        )
        sess.run(tf.global_variables_initializer())
        found = {v.op.name.removeprefix("attention_decoder/"): v for v in tf.global_variables()}
        output, state, v = sess.run([outputs[0], state, found])
    assert output.shape == (2, 7)
    mixed = np.hstack([given, np.zeros((2, 4))]) @ v["kernel"]
    np.testing.assert_allclose(
        state, np.tanh(np.hstack([mixed, np.zeros((2, 6))]) @ v["basic_rnn_cell/kernel"]), rtol=1e-4, atol=1e-5
    )
    turned = (state @ v["Attention_0/kernel"])[:, None]
    scores = (np.tanh(states @ v["AttnW_0"][0, 0] + turned) * v["AttnV_0"]).sum(2)
    shares = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    read = (shares[..., None] * states).sum(1)
    wanted = np.hstack([state, read]) @ v["AttnOutputProjection/kernel"]
    np.testing.assert_allclose(output, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("feed_previous", [False, True])
def test_words(feed_previous):
    """A gradient reaches every variable; the words given to the decoder count only where they are fed."""
    with tf.Graph().as_default(), tf.Session() as sess:
        encoder = [tf.constant([1, 2]) for _ in range(3)]
        decoder = [tf.placeholder(tf.int32, [2]) for _ in range(3)]
        outputs, _ = attention_decoding.embedding_attention_seq2seq(
            encoder, decoder, tf.nn.rnn_cell.GRUCell(4), 5, 6, 3, num_heads=2, feed_previous=feed_previous,
            initial_state_attention=True,
        )  # fmt: skip
        assert [o.shape.as_list() for o in outputs] == [[2, 6]] * 3
        assert None not in tf.gradients(outputs, tf.trainable_variables())
        sess.run(tf.global_variables_initializer())
        one, two = (
            sess.run(outputs[2], {d: [0, word] for d, word in zip(decoder, words, strict=True)})
            for words in ((0, 1, 2), (0, 3, 4))
        )
        assert np.array_equal(one, two) is feed_previous
