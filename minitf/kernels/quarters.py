"""The largest of 2 x 2 windows that lie side by side, as most networks have them: a quarter of the numbers is left.

Nothing overlaps and nothing is padded, so each number is read once and its gradient written once, and an output line
with its two input lines is a piece of work of its own.  Everything else is done by `pooling.py`.
"""

from minitf.kernels.functions import inline, kernel
from minitf.kernels.machine import Launch

_GRAIN = 16384  # elements of the input that are worth a thread


@inline
def larger(a, b):
    """The larger number, or NaN where one is."""
    return a if (a >= b) | (a != a) else b  # "|", for "or" would be a branch


@kernel
def max_of_quarters(begin, end, x, out):
    """out[l, r, c] = the largest of x[l, i, r, j, c]: x (output lines, 2, output pixels, 2, channels)"""
    for line in range(begin, end):
        for r in range(out.shape[1]):
            a, b, row = x[line, 0, r], x[line, 1, r], out[line, r]
            upper_left, upper_right, lower_left, lower_right = a[0], a[1], b[0], b[1]
            for c in range(row.size):
                upper = larger(upper_left[c], upper_right[c])
                row[c] = larger(larger(upper, lower_left[c]), lower_right[c])


@kernel
def max_of_quarters_gradient(begin, end, x, dy, dx):
    """dx[l, i, r, j, c] = dy[l, r, c] at the first of the largest x[l, i, r, j, c], else 0"""
    zero = dx.dtype.type(0)
    for line in range(begin, end):
        for r in range(dy.shape[1]):
            upper, lower, gradient = x[line, 0, r], x[line, 1, r], dy[line, r]
            x0, x1, x2, x3 = upper[0], upper[1], lower[0], lower[1]
            upper_out, lower_out = dx[line, 0, r], dx[line, 1, r]
            dx0, dx1, dx2, dx3 = upper_out[0], upper_out[1], lower_out[0], lower_out[1]
            for c in range(gradient.size):
                v0, v1, v2, left = x0[c], x1[c], x2[c], gradient[c]
                largest = larger(larger(larger(v0, v1), v2), x3[c])
                first = (v0 == largest) | (v0 != v0)
                dx0[c] = left if first else zero
                left = zero if first else left
                second = (v1 == largest) | (v1 != v1)
                dx1[c] = left if second else zero
                left = zero if second else left
                third = (v2 == largest) | (v2 != v2)
                dx2[c] = left if third else zero
                dx3[c] = zero if third else left


def fits(shape, window, strides, padding):
    """Whether pictures or volumes of this shape are divided into 2 x 2 windows."""
    deep = len(window) == 3
    return (
        tuple(window[deep:]) == tuple(strides[deep:]) == (2, 2)
        and (not deep or window[0] == strides[0] == 1)
        and not any(padding)
        and shape[-3] % 2 == shape[-2] % 2 == 0
    )


def launch(kernel, x, *others):
    """The launch of `max_of_quarters` or `max_of_quarters_gradient`: `others` are (out,) or (dy, dx)."""
    width, channels = x.shape[-2:]
    lines = x.size // (2 * width * channels)
    quarters = (lines, 2, width // 2, 2, channels)
    arrays = [a.reshape(quarters if a.size == x.size else (lines, width // 2, channels)) for a in (x, *others)]
    return Launch(kernel, *arrays, units=lines, grain=_GRAIN // max(1, 2 * width * channels), pieces=lines)
