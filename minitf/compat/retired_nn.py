"""Names that `tf.nn` dropped before 1.0; `tf.nn.seq2seq` became `tf.contrib.legacy_seq2seq`."""

from minitf.ops.convolution_functions import conv2d_transpose as deconv2d
from minitf.rnn.both_ways import static_bidirectional_rnn as bidirectional_rnn
from minitf.rnn.static import static_rnn as rnn

__all__ = ["bidirectional_rnn", "deconv2d", "rnn"]
