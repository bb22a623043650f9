"""`tf.data`: streams of elements."""

from types import SimpleNamespace

from minitf.ops.iterators import Iterator as Iterator
from minitf.training import datasets as _datasets
from minitf.training.datasets import Dataset as Dataset
from minitf.training.datasets import FixedLengthRecordDataset as FixedLengthRecordDataset
from minitf.training.datasets import TextLineDataset as TextLineDataset
from minitf.training.datasets import TFRecordDataset as TFRecordDataset
from minitf.training.datasets import get_output_classes as get_output_classes
from minitf.training.datasets import get_output_shapes as get_output_shapes
from minitf.training.datasets import get_output_types as get_output_types

AUTOTUNE = _datasets.AUTOTUNE

experimental = SimpleNamespace(
    AUTOTUNE=AUTOTUNE,
    map_and_batch=_datasets.map_and_batch,
    shuffle_and_repeat=_datasets.shuffle_and_repeat,
    unbatch=_datasets.unbatch,
    enumerate_dataset=_datasets.enumerate_dataset,
    scan=_datasets.scan,
    prefetch_to_device=_datasets.prefetch_to_device,
)
