"""The product of a sparse and a dense matrix."""

from minitf.kernels.functions import kernel


@kernel(status=True)
def sparse_times_dense(indices, values, b, transposed, out):
    """out[i] += values[e] b[j] for every entry e at (i, j), or at (j, i) where `transposed`.

    indices (entries, 2), values (entries,), b (inner, columns), out (rows, columns); 1 for an index outside.
    """
    for i in range(out.shape[0]):
        for k in range(out.shape[1]):
            out[i, k] = 0
    for e in range(values.size):
        i = indices[e, 1] if transposed else indices[e, 0]
        j = indices[e, 0] if transposed else indices[e, 1]
        if i < 0 or j < 0 or i >= out.shape[0] or j >= b.shape[0]:
            return 1
        v = values[e]
        for k in range(out.shape[1]):
            out[i, k] += v * b[j, k]
    return 0
