"""`tf.data`: streams of elements."""

from types import SimpleNamespace

from minitf.ops.iterators import Iterator as Iterator
from minitf.ops.iterators import make_initializable_iterator as make_initializable_iterator
from minitf.ops.iterators import make_one_shot_iterator as make_one_shot_iterator
from minitf.training import dataset_kinds as _kinds
from minitf.training.dataset_kinds import FixedLengthRecordDataset as FixedLengthRecordDataset
from minitf.training.dataset_kinds import TextLineDataset as TextLineDataset
from minitf.training.dataset_kinds import TFRecordDataset as TFRecordDataset
from minitf.training.dataset_kinds import get_output_classes as get_output_classes
from minitf.training.dataset_kinds import get_output_shapes as get_output_shapes
from minitf.training.dataset_kinds import get_output_types as get_output_types
from minitf.training.datasets import AUTOTUNE as AUTOTUNE
from minitf.training.datasets import Dataset as Dataset
from minitf.training.positions import make_saveable_from_iterator as _make_saveable_from_iterator

experimental = SimpleNamespace(
    AUTOTUNE=AUTOTUNE,
    map_and_batch=_kinds.map_and_batch,
    shuffle_and_repeat=_kinds.shuffle_and_repeat,
    unbatch=_kinds.unbatch,
    enumerate_dataset=_kinds.enumerate_dataset,
    scan=_kinds.scan,
    prefetch_to_device=_kinds.prefetch_to_device,
    make_saveable_from_iterator=_make_saveable_from_iterator,
)
