"""Recurrent networks: cells, and the loops that run a cell along a sequence (`tf.nn.rnn_cell`, `tf.nn.dynamic_rnn`)."""
