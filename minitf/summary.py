"""`tf.summary`: what TensorBoard shows."""

from minitf.graph.messages import Event as Event
from minitf.graph.messages import SessionLog as SessionLog
from minitf.graph.messages import Summary as Summary
from minitf.graph.messages import SummaryDescription as SummaryDescription
from minitf.graph.messages import TaggedRunMetadata as TaggedRunMetadata
from minitf.ops.summaries import audio as audio
from minitf.ops.summaries import histogram as histogram
from minitf.ops.summaries import image as image
from minitf.ops.summaries import merge as merge
from minitf.ops.summaries import merge_all as merge_all
from minitf.ops.summaries import scalar as scalar
from minitf.ops.summaries import tensor_summary as tensor_summary
from minitf.ops.summaries import text as text
from minitf.training.event_file import FileWriter as FileWriter
from minitf.training.event_file import FileWriterCache as FileWriterCache
