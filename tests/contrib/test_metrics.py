"""tf.contrib.metrics: predictions before labels."""

import minitf as tf
from minitf.contrib import metrics


def test_predictions_come_first():
    """A label that is missed counts against recall, not against precision."""
    with tf.Graph().as_default(), tf.Session() as sess:
        predictions, labels = tf.constant([1, 1, 0, 0]), tf.constant([1, 1, 1, 0])
        values, updates = metrics.aggregate_metric_map({
            "precision": metrics.streaming_precision(predictions, labels),
            "recall": metrics.streaming_recall(predictions, labels),
            "accuracy": metrics.streaming_accuracy(predictions, labels),
        })
        sess.run(tf.local_variables_initializer())
        sess.run(updates)
        found = sess.run(values)
        assert {name: round(float(value), 3) for name, value in found.items()} == {
            "precision": 1.0, "recall": 0.667, "accuracy": 0.75,
        }  # fmt: skip
        assert sess.run(metrics.accuracy(predictions, labels)) == 0.75
