"""Where the largest and smallest elements are."""

from minitf.kernels.compile import kernel


@kernel
def argmax(x, best, out):
    """out[i, k] = the first j with the largest x[i, j, k] (outer, n, inner); `best` holds (inner,)"""
    for i in range(x.shape[0]):
        for k in range(x.shape[2]):
            best[k] = x[i, 0, k]
            out[i, k] = 0
        for j in range(1, x.shape[1]):
            for k in range(x.shape[2]):
                if x[i, j, k] > best[k]:
                    best[k] = x[i, j, k]
                    out[i, k] = j


@kernel
def argmin(x, best, out):
    """out[i, k] = the first j with the smallest x[i, j, k]"""
    for i in range(x.shape[0]):
        for k in range(x.shape[2]):
            best[k] = x[i, 0, k]
            out[i, k] = 0
        for j in range(1, x.shape[1]):
            for k in range(x.shape[2]):
                if x[i, j, k] < best[k]:
                    best[k] = x[i, j, k]
                    out[i, k] = j


@kernel
def top_k(x, values, indices):
    """The k largest elements of each row of x (rows, n), largest first, and their columns.

    Of equal elements the first comes first; NaN counts as the largest.  Each element is inserted into
    the list of the k best so far, which it seldom enters: k log(n / k) times in a row of random order.
    """
    k = values.shape[1]
    for i in range(x.shape[0]):
        held = 0
        for j in range(x.shape[1]):
            v = x[i, j]
            place = held
            while place > 0:
                w = values[i, place - 1]
                if not (v > w or (v != v and w == w)):
                    break
                place -= 1
            if place < k:
                for p in range(min(held, k - 1), place, -1):
                    values[i, p] = values[i, p - 1]
                    indices[i, p] = indices[i, p - 1]
                values[i, place] = v
                indices[i, place] = j
                held = min(held + 1, k)
