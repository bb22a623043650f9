"""Where numbers belong in sorted rows: binary search."""

from minitf.kernels.functions import kernel
from minitf.kernels.machine import Launch

_GRAIN = 512  # searches


@kernel
def search(begin, end, rows, values, right, out):
    """out[b, i] = how many elements of rows[b] are below values[b, i], or not above it where `right` is 1

    A range is one of the flat values.
    """
    width = values.shape[1]
    for k in range(begin, end):
        b, i = divmod(k, width)
        value, low, high = values[b, i], 0, rows.shape[1]
        while low < high:
            middle = (low + high) // 2
            if rows[b, middle] < value or (right == 1 and rows[b, middle] == value):
                low = middle + 1
            else:
                high = middle
        out[b, i] = low


def search_launch(rows, values, right, out):
    return Launch(search, rows, values, int(right), out, units=out.size, grain=_GRAIN)
