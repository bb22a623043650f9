"""`tf.python_io`: record files outside of a graph."""

from minitf.checkpoint.records import TFRecordCompressionType as TFRecordCompressionType
from minitf.checkpoint.records import TFRecordOptions as TFRecordOptions
from minitf.checkpoint.records import TFRecordWriter as TFRecordWriter
from minitf.checkpoint.records import tf_record_iterator as tf_record_iterator
