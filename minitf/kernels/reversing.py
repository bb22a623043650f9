"""The kernel that turns the beginnings of sequences around."""

import numpy as np

from minitf.kernels.copying import words
from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch


@kernel(status=True)
def reverse_sequences(lengths, sequence_first, x, out):
    """out[..., b, ..., t, ...] = x[..., b, ..., lengths[b] - 1 - t, ...] where t < lengths[b], else x[..., t, ...]

    x and out are (outer, first, between, second, inner); the sequence is the first or the second axis.
    """
    outer, first, between, second, inner = x.shape
    longest = first if sequence_first else second
    for b in range(lengths.size):
        if lengths[b] < 0 or lengths[b] > longest:
            return 1
    for o in range(outer):
        for i in range(first):
            for m in range(between):
                for k in range(second):
                    n = lengths[k] if sequence_first else lengths[i]
                    t = i if sequence_first else k
                    source = n - 1 - t if t < n else t
                    p, q = (source, k) if sequence_first else (i, source)
                    for j in range(inner):
                        out[o, i, m, k, j] = x[o, p, m, q, j]
    return 0


def reverse_sequences_launch(x, lengths, seq_dim, batch_dim, out):
    first, second = sorted((seq_dim, batch_dim))
    groups = (x.shape[:first], x.shape[first + 1 : second], x.shape[second + 1 :])
    outer, between, inner = (int(np.prod(g, dtype=np.int64)) for g in groups)
    shape = (outer, x.shape[first], between, x.shape[second], inner)
    source, target = words(x).reshape(shape), words(out).reshape(shape)
    return Launch(reverse_sequences, lengths, int(seq_dim < batch_dim), source, target)
