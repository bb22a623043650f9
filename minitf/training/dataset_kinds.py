"""Datasets of files, and what `Dataset.apply` takes (`tf.data.experimental`)."""

from minitf.graph import dtypes
from minitf.ops import dataset_files as files
from minitf.ops.array import identity
from minitf.ops.constant import convert_to_tensor
from minitf.training.dataset_arguments import number
from minitf.training.datasets import Dataset


class TextLineDataset(Dataset):
    """tf.data.TextLineDataset: the lines of files, without their ends."""

    def __init__(self, filenames, compression_type=None, buffer_size=None, num_parallel_reads=None):
        variant = files.TextLineDataset.apply(
            _names(filenames), compression_type or "", number(buffer_size or 0, "buffer")
        )
        super().__init__(variant, dtypes.string, [[]])


class TFRecordDataset(Dataset):
    """tf.data.TFRecordDataset: the records of files, as strings."""

    def __init__(self, filenames, compression_type=None, buffer_size=None, num_parallel_reads=None):
        variant = files.TFRecordDataset.apply(
            _names(filenames), compression_type or "", number(buffer_size or 0, "buffer")
        )
        super().__init__(variant, dtypes.string, [[]])


class FixedLengthRecordDataset(Dataset):
    """tf.data.FixedLengthRecordDataset: strings of `record_bytes` bytes, between a header and a footer."""

    def __init__(self, filenames, record_bytes, header_bytes=None, footer_bytes=None, buffer_size=None,
                 compression_type=None, num_parallel_reads=None):  # fmt: skip
        variant = files.FixedLengthRecordDatasetV2.apply(
            _names(filenames), number(header_bytes or 0, "header_bytes"), number(record_bytes, "record_bytes"),
            number(footer_bytes or 0, "footer_bytes"), number(buffer_size or 0, "buffer_size"),
            compression_type or "",
        )  # fmt: skip
        super().__init__(variant, dtypes.string, [[]])


def _names(filenames):
    if isinstance(filenames, Dataset):
        raise TypeError("A dataset of file names: use names.flat_map(TextLineDataset)")
    return identity(convert_to_tensor(filenames, dtype=dtypes.string, name="filenames"))


# -- tf.data.experimental and tf.contrib.data ---------------------------------------------------------------------


def map_and_batch(
    map_func, batch_size, num_parallel_batches=None, drop_remainder=False, num_parallel_calls=None
):
    """tf.data.experimental.map_and_batch: for `apply`."""
    return lambda dataset: dataset.map(map_func).batch(batch_size, drop_remainder)


def shuffle_and_repeat(buffer_size, count=None, seed=None):
    """tf.data.experimental.shuffle_and_repeat: for `apply`."""
    return lambda dataset: dataset.shuffle(buffer_size, seed).repeat(count)


def unbatch():
    """tf.data.experimental.unbatch: for `Dataset.apply`; elements are taken apart along their first axis."""
    return lambda dataset: dataset.unbatch()


def enumerate_dataset(start=0):
    """tf.data.experimental.enumerate_dataset: for `Dataset.apply`; pairs (number, element)."""
    return lambda dataset: dataset.enumerate(start)


def batch_and_drop_remainder(batch_size):
    """tf.contrib.data.batch_and_drop_remainder: for `Dataset.apply`; whole batches only."""
    return lambda dataset: dataset.batch(batch_size, drop_remainder=True)


def scan(initial_state, scan_func):
    """tf.data.experimental.scan: for `Dataset.apply`; see `Dataset.scan`."""
    return lambda dataset: dataset.scan(initial_state, scan_func)


def prefetch_to_device(device, buffer_size=None):
    """tf.data.experimental.prefetch_to_device: the same elements."""
    return lambda dataset: dataset.prefetch(buffer_size or 1)


def get_output_types(dataset_or_iterator):
    """tf.data.get_output_types."""
    return dataset_or_iterator.output_types


def get_output_shapes(dataset_or_iterator):
    """tf.data.get_output_shapes."""
    return dataset_or_iterator.output_shapes


def get_output_classes(dataset_or_iterator):
    """tf.data.get_output_classes."""
    return dataset_or_iterator.output_classes
