"""`tf.io`: files, records and what is in them."""

from minitf import gfile as gfile
from minitf.checkpoint.records import TFRecordCompressionType as TFRecordCompressionType
from minitf.checkpoint.records import TFRecordOptions as TFRecordOptions
from minitf.checkpoint.records import TFRecordWriter as TFRecordWriter
from minitf.checkpoint.records import tf_record_iterator as tf_record_iterator
from minitf.ops.parsing import FixedLenFeature as FixedLenFeature
from minitf.ops.parsing import FixedLenSequenceFeature as FixedLenSequenceFeature
from minitf.ops.parsing import VarLenFeature as VarLenFeature
from minitf.ops.parsing import decode_csv as decode_csv
from minitf.ops.parsing import parse_example as parse_example
from minitf.ops.parsing import parse_single_example as parse_single_example
from minitf.ops.parsing import parse_tensor as parse_tensor
from minitf.ops.parsing import serialize_tensor as serialize_tensor
from minitf.ops.queues import FIFOQueue as FIFOQueue
from minitf.ops.queues import PaddingFIFOQueue as PaddingFIFOQueue
from minitf.ops.queues import PriorityQueue as PriorityQueue
from minitf.ops.queues import QueueBase as QueueBase
from minitf.ops.queues import RandomShuffleQueue as RandomShuffleQueue
from minitf.ops.reading import matching_files as matching_files
from minitf.ops.reading import read_file as read_file
from minitf.ops.reading import write_file as write_file
from minitf.ops.sequence_parsing import parse_single_sequence_example as parse_single_sequence_example
from minitf.training.input import match_filenames_once as match_filenames_once
from minitf.training.meta_graph import write_graph as write_graph
