"""What runs around a model: optimizers, checkpoints, queues of input, loops with hooks.

Reading order:

* `saver.py`              variables to checkpoints and back
* `meta_graph.py`         a graph to a file and back
* `event_file.py`         files for TensorBoard
* `coordinator.py`        threads that stop together
* `queue_runner.py`       threads that fill queues
* `input.py`              batches from queues
* `datasets.py`           `tf.data.Dataset`
* `session_manager.py`    a session with its variables initialized or restored
* `hooks.py`              what to do before and after each step
* `monitored_session.py`  a session that restores, saves and stops by itself
* `supervisor.py`         the same, before there were hooks
"""
