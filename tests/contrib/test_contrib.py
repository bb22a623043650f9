"""tf.contrib: layers, scopes of arguments, decoders, text."""

import numpy as np
import pytest

import minitf as tf

contrib = tf.contrib
X = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
IMAGES = np.random.default_rng(1).standard_normal((2, 8, 8, 3)).astype(np.float32)


@pytest.fixture(autouse=True)
def fresh_graph():
    with tf.Graph().as_default():
        yield


def run(fetches, feeds=None):
    session = tf.Session()
    session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    return session.run(fetches, feeds)


def names():
    return [v.op.name for v in tf.global_variables()]


def test_fully_connected():
    y = contrib.layers.fully_connected(tf.constant(X), 5)
    assert names() == ["fully_connected/weights", "fully_connected/biases"]
    assert tf.get_collection("model_variables") == tf.global_variables()
    found, w = run([y, tf.global_variables()[0]])
    np.testing.assert_allclose(found, np.maximum(X @ w, 0), 1e-5, 1e-6)
    assert np.abs(w).max() <= np.sqrt(6 / 8)


def test_layers_share_variables():
    a = contrib.layers.fully_connected(tf.constant(X), 5, None, scope="fc")
    b = contrib.layers.fully_connected(tf.constant(X), 5, None, scope="fc", reuse=True)
    found = run([a, b])
    assert np.array_equal(found[0], found[1])
    assert len(tf.global_variables()) == 2
    with pytest.raises(ValueError, match="exists"):
        contrib.layers.fully_connected(tf.constant(X), 5, scope="fc")


def test_regularizers():
    contrib.layers.fully_connected(
        tf.constant(X),
        2,
        weights_regularizer=contrib.layers.l2_regularizer(0.5),
        weights_initializer=tf.ones_initializer(),
    )
    assert run(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)) == [0.5 * 6 / 2]
    w = tf.constant([1.0, -2.0])
    assert run(contrib.layers.l1_regularizer(0.5)(w)) == 1.5
    assert run(contrib.layers.l1_l2_regularizer(1.0, 2.0)(w)) == 3 + 5
    assert contrib.layers.l2_regularizer(0.0)(w) is None
    assert run(contrib.layers.apply_regularization(contrib.layers.l2_regularizer(1.0), [w, w])) == 5.0
    with pytest.raises(ValueError, match="less than 0"):
        contrib.layers.l1_regularizer(-1.0)


def test_convolutional_net():
    slim = contrib.slim
    with slim.arg_scope([slim.conv2d, slim.fully_connected], weights_initializer=tf.ones_initializer()):
        with slim.arg_scope([slim.conv2d], padding="VALID"):
            h = slim.conv2d(tf.constant(IMAGES), 4, [3, 3], scope="conv1")
        h = slim.max_pool2d(h, [2, 2], scope="pool1")
        h = slim.flatten(h)
        y = slim.fully_connected(h, 10, activation_fn=None, scope="logits")
    assert h.shape.as_list() == [2, 3 * 3 * 4]
    assert names() == ["conv1/weights", "conv1/biases", "logits/weights", "logits/biases"]
    assert run(y).shape == (2, 10)
    assert slim.get_variables("conv1") == tf.global_variables()[:2]
    assert slim.get_variables_to_restore(exclude=["logits"]) == tf.global_variables()[:2]


def test_arg_scopes_nest_and_can_be_opened_again():
    layers, arg_scope = contrib.layers, contrib.framework.arg_scope
    with (
        arg_scope([layers.fully_connected], activation_fn=None, scope="a") as scope,
        arg_scope([layers.fully_connected], scope="b"),
    ):
        layers.fully_connected(tf.constant(X), 2)
        layers.fully_connected(tf.constant(X), 2, scope="c")
    with arg_scope(scope):
        layers.fully_connected(tf.constant(X), 2)
    assert names()[::2] == ["b/weights", "c/weights", "a/weights"]
    with pytest.raises(ValueError, match="add_arg_scope"), arg_scope([run]):
        pass


def test_repeat_and_stack():
    slim = contrib.slim
    h = slim.repeat(tf.constant(IMAGES), 2, slim.conv2d, 4, [3, 3], scope="conv")
    slim.stack(slim.flatten(h), slim.fully_connected, [8, 6], scope="fc")
    assert names()[::2] == [
        "conv/conv_1/weights",
        "conv/conv_2/weights",
        "fc/fc_1/weights",
        "fc/fc_2/weights",
    ]


def test_transposed_and_separable_convolutions():
    slim = contrib.slim
    up = slim.conv2d_transpose(tf.constant(IMAGES), 5, 3, stride=2)
    assert up.shape.as_list() == [2, 16, 16, 5]
    separable = slim.separable_conv2d(tf.constant(IMAGES), 6, 3, depth_multiplier=2)
    assert [a.shape for a in run([up, separable])] == [(2, 16, 16, 5), (2, 8, 8, 6)]


@pytest.mark.parametrize("as_tensor", [False, True], ids=["bool", "tensor"])
@pytest.mark.parametrize("at_once", [False, True], ids=["collected", "at once"])
def test_batch_norm(as_tensor, at_once):
    training = tf.placeholder_with_default(True, []) if as_tensor else True
    collection = None if at_once else tf.GraphKeys.UPDATE_OPS
    y = contrib.layers.batch_norm(
        tf.constant(X), decay=0.9, scale=True, is_training=training, updates_collections=collection
    )
    assert names() == [f"BatchNorm/{n}" for n in ("beta", "gamma", "moving_mean", "moving_variance")]
    assert len(tf.trainable_variables()) == 2
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    found, _ = session.run([y, tf.get_collection(tf.GraphKeys.UPDATE_OPS)])
    np.testing.assert_allclose(found, (X - X.mean(0)) / np.sqrt(X.var(0) + 1e-3), 1e-4, 1e-5)
    mean, variance = session.run(tf.global_variables()[2:])
    np.testing.assert_allclose(mean, 0.1 * X.mean(0), 1e-4, 1e-6)
    np.testing.assert_allclose(variance, 0.9 + 0.1 * X.var(0), 1e-5)
    if as_tensor:
        found = session.run(y, {training: False})
        np.testing.assert_allclose(found, (X - mean) / np.sqrt(variance + 1e-3), 1e-4, 1e-5)


def test_layer_norm_and_dropout():
    y = contrib.layers.layer_norm(tf.constant(X))
    expected = (X - X.mean(1, keepdims=True)) / X.std(1, keepdims=True)
    kept = contrib.layers.dropout(tf.ones([1000]), 0.8)
    same = contrib.layers.dropout(tf.constant(X), 0.5, is_training=False)
    found = run([y, kept, same])
    np.testing.assert_allclose(found[0], expected, 1e-4, 1e-5)
    assert set(np.unique(found[1])) <= {0.0, np.float32(1 / 0.8)} and 700 < (found[1] > 0).sum() < 900
    assert np.array_equal(found[2], X)


def test_embedding_and_codes():
    y = contrib.layers.embed_sequence([[1, 0], [2, 1]], 4, 5)
    codes = contrib.layers.one_hot_encoding([1, 0], 3)
    assert names() == ["EmbedSequence/embeddings"]
    vectors, found = run([y, codes])
    assert vectors.shape == (2, 2, 5) and np.array_equal(vectors[0, 0], vectors[1, 1])
    assert found.tolist() == [[0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize("optimizer", ["SGD", "Adam", lambda rate: tf.train.MomentumOptimizer(rate, 0.9)])
def test_optimize_loss(optimizer):
    x = tf.get_variable("x", [2], initializer=tf.ones_initializer())
    step = contrib.framework.get_or_create_global_step()
    train = contrib.layers.optimize_loss(tf.reduce_sum(x * x), step, 0.1, optimizer, clip_gradients=1.0)
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    losses = [session.run(train) for _ in range(5)]
    assert losses[-1] < losses[0]
    assert session.run(step) == 5


def test_sequence_losses_agree():
    logits = np.random.default_rng(2).standard_normal((2, 3, 4)).astype(np.float32)
    targets, weights = np.array([[1, 2, 0], [3, 3, 1]]), np.array([[1, 1, 0], [1, 1, 1]], np.float32)
    whole = contrib.seq2seq.sequence_loss(tf.constant(logits), tf.constant(targets), tf.constant(weights))
    by_example = contrib.legacy_seq2seq.sequence_loss_by_example(
        *(tf.unstack(tf.constant(v), axis=1) for v in (logits, targets, weights)),
        average_across_timesteps=False,
    )
    log = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    each = -np.take_along_axis(log, targets[..., None], -1)[..., 0] * weights
    found = run([whole, by_example])
    np.testing.assert_allclose(found[0], each.sum() / weights.sum(), 1e-5)
    np.testing.assert_allclose(found[1], each.sum(1), 1e-5)


def test_decoders():
    seq2seq, cell = contrib.seq2seq, tf.nn.rnn_cell.GRUCell(5)
    inputs = tf.constant(np.random.default_rng(3).standard_normal((2, 4, 3)).astype(np.float32))
    helper = seq2seq.TrainingHelper(inputs, [4, 2])
    decoder = seq2seq.BasicDecoder(cell, helper, cell.zero_state(2, tf.float32))
    outputs, state, lengths = seq2seq.dynamic_decode(decoder, impute_finished=True)
    with tf.variable_scope("decoder", reuse=True) as scope:
        expected, last = tf.nn.dynamic_rnn(cell, inputs, [4, 2], dtype=tf.float32, scope=scope)
    found = run([outputs.rnn_output, expected, state, last, lengths])
    np.testing.assert_allclose(found[0], found[1], 1e-5, 1e-6)
    np.testing.assert_allclose(found[2], found[3], 1e-5, 1e-6)
    assert found[4].tolist() == [4, 2]


@pytest.mark.parametrize("kind", ["BahdanauAttention", "LuongAttention"])
def test_attention(kind):
    seq2seq = contrib.seq2seq
    memory = tf.constant(np.random.default_rng(4).standard_normal((2, 6, 5)).astype(np.float32))
    mechanism = getattr(seq2seq, kind)(5, memory, memory_sequence_length=[6, 3])
    cell = seq2seq.AttentionWrapper(
        tf.nn.rnn_cell.GRUCell(5), mechanism, attention_layer_size=7, alignment_history=True
    )
    helper = seq2seq.GreedyEmbeddingHelper(tf.random_normal([7, 4]), [1, 1], 0)
    decoder = seq2seq.BasicDecoder(cell, helper, cell.zero_state(2, tf.float32))
    outputs, state, _ = seq2seq.dynamic_decode(decoder, maximum_iterations=5)
    found, weights = run([outputs.rnn_output, state.alignment_history.stack()])
    assert found.shape[2] == 7 and found.shape[1] <= 5
    np.testing.assert_allclose(weights.sum(-1), 1, 1e-5)
    assert not weights[:, 1, 3:].any()


def test_legacy_sequences():
    legacy = contrib.legacy_seq2seq
    ids = [tf.constant([1, 2]) for _ in range(3)]
    outputs, _ = legacy.embedding_rnn_seq2seq(
        ids, ids, tf.nn.rnn_cell.GRUCell(4), 5, 6, 3, feed_previous=True
    )
    assert [o.shape for o in run(outputs)] == [(2, 6)] * 3


def test_vocabulary():
    made = contrib.learn.preprocessing.VocabularyProcessor(4)
    rows = np.array(list(made.fit_transform(["the cat sat", "the dog sat down here now"])))
    assert rows.tolist() == [[1, 2, 3, 0], [1, 4, 3, 5]]
    assert next(made.reverse(rows)) == "the cat sat <UNK>"
    assert len(made.vocabulary_) == 8


def test_settings():
    made = contrib.training.HParams(rate=0.1, sizes=[1, 2], name="a", fast=False)
    made.parse("rate=0.5,sizes=[3,4,5],fast=true")
    assert (made.rate, made.sizes, made.fast) == (0.5, [3, 4, 5], True)
    assert made.values()["name"] == "a"
    with pytest.raises(ValueError, match="Unknown"):
        made.parse("nothing=1")


def test_projector(tmp_path):
    projector = contrib.tensorboard.plugins.projector
    config = projector.ProjectorConfig()
    made = config.embeddings.add()
    made.tensor_name, made.metadata_path = "embedding:0", "labels.tsv"
    made.sprite.image_path = "sprite.png"
    made.sprite.single_image_dim.extend([28, 28])
    projector.visualize_embeddings(tmp_path, config)
    assert (tmp_path / "projector_config.pbtxt").read_text() == (
        'embeddings {\n  tensor_name: "embedding:0"\n  metadata_path: "labels.tsv"\n  sprite {\n'
        '    image_path: "sprite.png"\n    single_image_dim: 28\n    single_image_dim: 28\n  }\n}\n'
    )
