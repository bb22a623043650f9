"""tf.contrib.tensorboard: `plugins`, of which `projector` is there."""

from minitf.contrib.tensorboard import plugins as plugins
