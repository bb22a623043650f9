"""tf.contrib: what was built on TensorFlow 1 and used most.

Reading order:

* `arg_scopes.py`       `arg_scope`: defaults for the arguments of functions
* `framework.py`        variables found by scope, steps, structures
* `regularizing.py`     penalties on weights
* `initializing.py`     initializers
* `dense.py`            fully connected layers, stacks of layers, flattening, one-hot codes
* `convolving.py`       convolutions and pools
* `normalizing.py`      batch normalization, layer normalization, dropout
* `embedding.py`        words as vectors
* `optimizing.py`       `optimize_loss`
* `layers.py`           tf.contrib.layers: all of these
* `slim.py`             tf.contrib.slim: the same under its own names
* `cells.py`            cells with normalization, highways, convolutions; stacks that read both ways
* `rnn.py`              tf.contrib.rnn
* `seq2seq.py`          tf.contrib.seq2seq: losses, decoders
* `attention.py`        attention for decoders
* `legacy_seq2seq.py`   tf.contrib.legacy_seq2seq
* `attention_decoding.py`  decoders with attention of tf.contrib.legacy_seq2seq
* `crf.py`              tf.contrib.crf: chains of tags
* `metrics.py`          tf.contrib.metrics: the predictions come first
* `learn.py`            tf.contrib.learn
* `training.py`         tf.contrib.training: `HParams`
* `distributions.py`    tf.contrib.distributions
* `tensorboard/`        tf.contrib.tensorboard: settings of the projector
"""

from minitf.contrib import crf as crf
from minitf.contrib import distributions as distributions
from minitf.contrib import framework as framework
from minitf.contrib import layers as layers
from minitf.contrib import learn as learn
from minitf.contrib import legacy_seq2seq as legacy_seq2seq
from minitf.contrib import metrics as metrics
from minitf.contrib import rnn as rnn
from minitf.contrib import seq2seq as seq2seq
from minitf.contrib import slim as slim
from minitf.contrib import tensorboard as tensorboard
from minitf.contrib import training as training
