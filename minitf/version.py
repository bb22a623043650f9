"""tf.version: the version of TensorFlow whose interface this is, and of the graphs that it writes."""

VERSION = "1.15.5"
GIT_VERSION = COMPILER_VERSION = "minitf"
GRAPH_DEF_VERSION = 24
GRAPH_DEF_VERSION_MIN_CONSUMER = GRAPH_DEF_VERSION_MIN_PRODUCER = 0
