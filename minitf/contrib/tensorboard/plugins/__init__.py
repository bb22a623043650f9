"""tf.contrib.tensorboard.plugins: `projector.py` says how TensorBoard shows embeddings."""

from minitf.contrib.tensorboard.plugins import projector as projector
