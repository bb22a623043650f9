"""Words as vectors."""

from minitf.contrib.framework import variable
from minitf.graph import dtypes
from minitf.ops.constant import convert_to_tensor
from minitf.ops.gathering import gather
from minitf.ops.variable_scope import variable_scope


def embed_sequence(ids, vocab_size=None, embed_dim=None, unique=False, initializer=None, regularizer=None,
                   trainable=True, scope=None, reuse=None):  # fmt: skip
    """tf.contrib.layers.embed_sequence: a vector of `embed_dim` numbers for each of the integers `ids`.

    The table, variable `embeddings` of shape (vocab_size, embed_dim), stands in the scope "EmbedSequence".
    Raises ValueError where neither sizes are given nor variables reused.
    """
    if not (reuse or (vocab_size and embed_dim)):
        raise ValueError(
            f"Must specify vocab size and embedding dimension when not reusing: {vocab_size}, {embed_dim}"
        )
    with variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        shape = [vocab_size, embed_dim] if vocab_size and embed_dim else None
        table = variable("embeddings", shape, dtypes.float32, initializer, regularizer, trainable)
        return gather(table, convert_to_tensor(ids))
