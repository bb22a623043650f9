"""What runs around a model: optimizers, checkpoints, queues of input, loops with hooks.

Reading order:

* `optimizer.py`          from a loss to an operation that makes it smaller
* `slots.py`              variables that are kept beside others
* `gradient_descent.py`   the plainest optimizer
* `momentum.py`           a running sum of gradients
* `adagrad.py`            a rate for each element; also by dual averaging
* `adadelta.py`           steps measured by former steps
* `rmsprop.py`            a running mean of squares
* `adam.py`               both together
* `ftrl.py`               follow the regularized leader
* `proximal.py`           penalties by exact steps
* `learning_rates.py`     rates that change with the step
* `global_step.py`        the count of steps
* `moving_averages.py`    running averages of variables
* `saver.py`              variables to checkpoints and back, and which to keep
* `saveables.py`          what it saves
* `saver_operations.py`   the operations that it adds to the graph
* `positions.py`          iterators and random numbers, to be saved as well
* `initial_values.py`     variables that begin with the values of a checkpoint
* `meta_graph.py`         a graph to a file and back
* `graph_collections.py`  what goes with it: variables and other collections
* `graph_excerpt.py`      a part of it: one scope, no devices
* `saved_model.py`        a graph with its values in a folder
* `event_file.py`         files for TensorBoard
* `coordinator.py`        threads that stop together
* `queue_runner.py`       threads that fill queues
* `input.py`              batches from queues
* `datasets.py`           `tf.data.Dataset`
* `dataset_arguments.py`  what its methods make of what they are given
* `generators.py`         datasets of what Python generators yield
* `dataset_kinds.py`      datasets of files, and what `apply` takes
* `session_manager.py`    a session with its variables initialized or restored
* `hooks.py`              what to do before and after each step
* `writing_hooks.py`      hooks that write logs, checkpoints and summaries
* `monitored_session.py`  a session that restores, saves and stops by itself
* `sync_replicas.py`      an optimizer for several workers, who wait for each other
* `supervisor.py`         the same, before there were hooks
* `server.py`             names of distributed training, in one process
"""
