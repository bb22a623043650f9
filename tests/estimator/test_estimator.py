"""A small model, trained, evaluated and used through an Estimator."""

import numpy as np
import pytest

import minitf as tf

ROWS = np.random.RandomState(0).rand(200, 4).astype(np.float32)
CLASSES = (ROWS.sum(1) > 2).astype(np.int32)
MODES = tf.estimator.ModeKeys


def model(features, labels, mode, params):
    logits = tf.layers.dense(features["x"], 2)
    classes = tf.argmax(logits, 1)
    if mode == MODES.PREDICT:
        return tf.estimator.EstimatorSpec(mode, predictions={"class": classes, "score": tf.nn.softmax(logits)})
    loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    train = tf.train.AdamOptimizer(params["rate"]).minimize(loss, tf.train.get_global_step())
    metrics = {"accuracy": tf.metrics.accuracy(labels, classes)}
    return tf.estimator.EstimatorSpec(mode, classes, loss, train, metrics)


@pytest.fixture
def estimator(tmp_path):
    config = tf.estimator.RunConfig(tf_random_seed=1)
    return tf.estimator.Estimator(model, str(tmp_path), config, params={"rate": 0.1})


def rows(**options):
    return tf.estimator.inputs.numpy_input_fn({"x": ROWS}, CLASSES, shuffle=False, **options)


def test_training_goes_on_where_it_stopped_and_metrics_cover_the_whole_input(estimator):
    estimator.train(rows(num_epochs=None, batch_size=20), steps=30)
    estimator.train(rows(num_epochs=None, batch_size=20), max_steps=80)
    estimator.train(rows(num_epochs=None), max_steps=80)  # reached already
    found = estimator.evaluate(rows(batch_size=64))
    assert found["global_step"] == 80
    assert found["accuracy"] > 0.9
    predicted = list(estimator.predict(rows(batch_size=64)))
    assert np.mean([p["class"] for p in predicted] == CLASSES) == pytest.approx(found["accuracy"])
    (batch, *_) = estimator.predict(rows(batch_size=64), predict_keys="class", yield_single_examples=False)
    assert batch["class"].shape == (64,)
    kernel = estimator.get_variable_value("dense/kernel")
    assert kernel.shape == (4, 2)
    assert "dense/kernel/Adam" in estimator.get_variable_names()


def test_what_can_not_be_is_said(estimator):
    with pytest.raises(ValueError, match="Could not find trained model"):
        estimator.evaluate(rows())
    with pytest.raises(ValueError, match="both steps and max_steps"):
        estimator.train(rows(), steps=1, max_steps=1)
    with pytest.raises(ValueError, match="steps > 0"):
        estimator.train(rows(), steps=0)
    with pytest.raises(ValueError, match="Missing train_op"):
        tf.estimator.EstimatorSpec(MODES.TRAIN, loss=1.0)
    with pytest.raises(ValueError, match="mismatched"):
        tf.estimator.inputs.numpy_input_fn({"x": ROWS}, CLASSES[1:], shuffle=False)
    with pytest.raises(ValueError, match="shuffle must be"):
        tf.estimator.inputs.numpy_input_fn({"x": ROWS})
