"""tf.estimator.inputs: features and labels from arrays."""

import numpy as np

from minitf.training.datasets import Dataset


def numpy_input_fn(x, y=None, batch_size=128, num_epochs=1, shuffle=None, queue_capacity=1000, num_threads=1):
    """A function that gives batches of the rows of arrays: (features, labels), or features where `y` is None.

    `x` is an array or {name: array}, `y` likewise; `num_epochs` None goes on for ever.  Raises ValueError where
    `shuffle` is not True or False, where there are no features, or where the numbers of rows differ.
    """
    if shuffle not in (True, False):
        raise ValueError("shuffle must be provided and explicitly set as boolean (it is recommended to set it as "
                         "True for training)")  # fmt: skip
    arrays = [*_columns(x), *([] if y is None else _columns(y))]
    if not _columns(x):
        raise ValueError("x cannot be an empty dict")
    if len({len(a) for a in arrays}) != 1:
        raise ValueError(f"Length of tensors in x and y is mismatched: {[len(a) for a in arrays]}")

    def input_fn():
        rows = Dataset.from_tensor_slices(x if y is None else (x, y))
        if shuffle:
            rows = rows.shuffle(max(queue_capacity, 1))
        return rows.repeat(num_epochs).batch(batch_size).make_one_shot_iterator().get_next()

    return input_fn


def _columns(data):
    return [np.asarray(a) for a in (data.values() if isinstance(data, dict) else [data])]
